import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sluice } from '../support/cli.ts';

let directory: string;
let home: string;
let token: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-cli-service-'));
  home = join(directory, 'home');
  token = join(directory, 'admin.token');
  const made = await sluice(['init', '--home', home, '--admin-token-file', token, '--json']);
  expect(made.status, made.err).toBe(0);
  expect(JSON.parse(made.out)).toMatchObject({ home, login: 'admin', tokenFile: token });
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test('init hands the token over in a file only its owner can read, once', async () => {
  expect(statSync(token).mode & 0o777).toBe(0o600);
  const secret = readFileSync(token, 'utf8').trim();
  const again = await sluice(['init', '--home', home, '--admin-token-file', join(directory, 'second.token')]);
  expect(again).toMatchObject({ status: 1, err: expect.stringContaining('initialised already') as string });
  const other = await sluice(['init', '--home', join(directory, 'other'), '--admin-token-file', token]);
  expect(other).toMatchObject({ status: 1, err: expect.stringContaining('is not overwritten') as string });
  expect(readFileSync(token, 'utf8').trim()).toBe(secret);
});

test('config shows what is in force and masks secrets', async () => {
  const env = { SLUICE_METRICS_TOKEN: 'a-secret-of-sixteen', SLUICE_WORKERS_SPARES: '3' };
  const shown = await sluice(['config', '--home', home], { env });
  expect(shown.status, shown.err).toBe(0);
  expect(shown.out).toMatch(/workers\.spares +3 +SLUICE_WORKERS_SPARES/);
  expect(shown.out).not.toContain('a-secret-of-sixteen');
  expect(JSON.parse((await sluice(['config', '--home', home, '--json'], { env })).out)).toMatchObject({ home, workers: { spares: 3 }, metricsToken: '********' });
});

test.each<[string, string[], Record<string, string>, RegExp]>([
  ['an unknown variable', ['config'], { SLUICE_COLOUR: 'red' }, /SLUICE_COLOUR/],
  ['a value of the wrong kind', ['config'], { SLUICE_PORT: 'many' }, /port/],
  ['a file that is not there', ['config', '--config', '/nonexistent/config.json'], {}, /cannot be read/],
])('config refuses %s', async (_name, args, env, said) => {
  const ran = await sluice(args, { env });
  expect(ran.status).toBe(2);
  expect(ran.err).toMatch(said);
});

test('serve says why it cannot start', async () => {
  expect(await sluice(['serve', '--home', join(directory, 'empty'), '--port', '0'])).toMatchObject({ status: 3, err: expect.stringContaining('has no accounts yet') as string });
});

test('serve answers until it is interrupted', async () => {
  const interrupted = new AbortController();
  let answered = 0;
  const ask = async (shown: string) => {
    answered = (await fetch(new URL('/healthz', (JSON.parse(shown) as { url: string }).url))).status;
    interrupted.abort();
  };
  const ran = await sluice(['serve', '--home', home, '--port', '0', '--json'], { interrupted: interrupted.signal, onOut: (shown) => void ask(shown) });
  expect(ran.status, ran.err).toBe(0);
  expect(answered).toBe(200);
});

test('audit rebuild finds a table that was changed beside the log', async () => {
  const clean = await sluice(['audit', 'rebuild', '--home', home]);
  expect(clean).toMatchObject({ status: 0, out: expect.stringContaining('The tables are exactly what') as string });
  const db = new DatabaseSync(join(home, 'sluice.db'));
  db.exec("UPDATE accounts SET role = 'auditor'");
  db.close();
  const changed = await sluice(['audit', 'rebuild', '--home', home, '--json']);
  expect(changed.status).toBe(1);
  expect((JSON.parse(changed.out) as { tables: { table: string; missing: number; surplus: number }[] }).tables).toContainEqual(expect.objectContaining({ table: 'accounts', missing: 1, surplus: 1 }));
  const none = await sluice(['audit', 'rebuild', '--home', join(directory, 'nowhere')]);
  expect(none.status).toBe(2);
});

test('audit verify takes a copy that is none for what it is', async () => {
  const ran = await sluice(['audit', 'verify', directory]);
  expect(ran.status).toBe(2);
  expect(ran.out).toContain('Cannot verify');
  writeFileSync(join(directory, 'log.vkey'), 'nonsense');
  expect((await sluice(['audit', 'verify', directory])).status).toBe(2);
});
