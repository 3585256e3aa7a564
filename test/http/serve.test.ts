/** The whole service on a socket: init, serve, stop, start again; and everything that keeps it from starting. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig, type Config } from '#src/config.ts';
import { initialise } from '#src/init.ts';
import { serve, type Running, type ServeParts } from '#src/main.ts';

let directory: string;
let running: Running | null;
let lines: string[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-serve-'));
  running = null;
  lines = [];
});
afterEach(async () => {
  await running?.stop();
  rmSync(directory, { recursive: true, force: true });
});

function parts(more: Record<string, string> = {}): ServeParts {
  const config = loadConfig({ SLUICE_HOME: join(directory, 'home'), SLUICE_PORT: '0', SLUICE_WORKERS_SPARES: '0', ...more });
  if (!config.ok) throw new Error(config.error.message.en);
  return { config: config.value, clock: () => new Date(), random: randomBytes, elapsed: () => performance.now(), log: (_, message, fields) => { lines.push(`${message} ${JSON.stringify(fields)}`); } };
}

const tokenFile = () => join(directory, 'admin.token');
const init = (config: Partial<Config> = {}) => {
  const all = parts();
  return initialise({ ...all, config: { ...all.config, ...config } }, tokenFile());
};

async function start(more: Record<string, string> = {}): Promise<Running> {
  const started = await serve(parts(more));
  if (!started.ok) throw new Error(started.error.message.en);
  running = started.value;
  return running;
}

const get = (url: string, path: string, token?: string) => fetch(url + path, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });

test('init, serve, stop, serve again: the same accounts, one log', async () => {
  expect(await init()).toMatchObject({ ok: true, value: { login: 'admin' } });
  expect(statSync(tokenFile()).mode & 0o777).toBe(0o600);
  expect(statSync(join(directory, 'home')).mode & 0o777).toBe(0o700);
  for (const keys of ['keys', 'control']) {
    expect(statSync(join(directory, 'home', keys)).mode & 0o777).toBe(0o700);
    for (const file of readdirSync(join(directory, 'home', keys)).filter((name) => name.endsWith('.key'))) expect(statSync(join(directory, 'home', keys, file)).mode & 0o777, file).toBe(0o600);
  }
  const token = readFileSync(tokenFile(), 'utf8').trim();

  const first = await start();
  expect((await get(first.url, '/readyz')).status).toBe(200);
  expect(await (await get(first.url, '/healthz')).json()).toMatchObject({ status: 'alive', isolation: first.isolation });
  expect(await (await get(first.url, '/api/v1/me', token)).json()).toMatchObject({ login: 'admin', role: 'administrator' });
  expect(await (await get(first.url, '/metrics')).text()).toMatch(/^sluice_log_entries \d+$/m);
  const created = await fetch(`${first.url}/api/v1/organisations`, {
    method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'idempotency-key': 'k' }, body: '{"name":"A"}',
  });
  expect(created.status).toBe(201);
  await first.stop();
  running = null;
  await expect(get(first.url, '/healthz')).rejects.toThrow();

  const second = await start();
  const listed = await (await get(second.url, '/api/v1/organisations', token)).json() as { items: { name: string }[] };
  expect(listed.items.map(({ name }) => name)).toEqual(['A', 'Sluice']);
  expect(lines.join('\n')).not.toContain(token);
});

test('a body is not read beyond its limit, declared or not', async () => {
  await init();
  const { url } = await start({ SLUICE_BODY_LIMIT: '2048' });
  const token = readFileSync(tokenFile(), 'utf8').trim();
  const status = await new Promise<number>((resolve, reject) => {
    const sending = request(`${url}/api/v1/organisations`, { method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'transfer-encoding': 'chunked' } }, (reply) => resolve(reply.statusCode ?? 0));
    sending.on('error', reject);
    for (let i = 0; i < 10; i++) sending.write(' '.repeat(1000));
    sending.end();
  });
  expect(status).toBe(413);
});

describe('does not start', () => {
  const refused = async (more: Record<string, string> = {}) => {
    const started = await serve(parts(more));
    if (started.ok) {
      await started.value.stop();
      throw new Error('it started');
    }
    return started.error;
  };

  test('before init, twice on one home, or on a port in use', async () => {
    expect(await refused()).toMatchObject({ code: 'serve/not-initialised' });
    await init();
    const { url } = await start();
    expect(await refused()).toMatchObject({ code: 'store/locked' });
    const port = new URL(url).port;
    await init().then((again) => expect(again).toMatchObject({ ok: false, error: { code: 'store/locked' } }));
    const other = join(directory, 'other');
    const all = parts({ SLUICE_HOME: other });
    await initialise(all, join(directory, 'other.token'));
    expect(await refused({ SLUICE_HOME: other, SLUICE_PORT: port })).toMatchObject({ code: 'serve/listen' });
  });

  test('with another key than the log names', async () => {
    await init();
    writeFileSync(join(directory, 'home/control/release.key'), randomBytes(32));
    expect(await refused()).toMatchObject({ code: 'home/key-changed' });
    writeFileSync(join(directory, 'home/control/release.key'), 'short');
    expect(await refused()).toMatchObject({ code: 'home/keys-unusable' });
  });
});

describe('init', () => {
  test('refuses an initialised home and an existing file, and changes neither', async () => {
    writeFileSync(tokenFile(), 'mine');
    expect(await init()).toMatchObject({ ok: false, error: { code: 'init/file-exists' } });
    expect(readFileSync(tokenFile(), 'utf8')).toBe('mine');
    rmSync(tokenFile());
    expect((await init()).ok).toBe(true);
    const token = readFileSync(tokenFile(), 'utf8');
    rmSync(tokenFile());
    expect(await init()).toMatchObject({ ok: false, error: { code: 'init/done-before' } });
    expect(() => readFileSync(tokenFile())).toThrow();
    expect(token).toMatch(/^sluice_t_/);
  });

  test('says when the file cannot be written, and makes no account', async () => {
    const all = parts();
    expect(await initialise(all, join(directory, 'no/such/directory'))).toMatchObject({ ok: false, error: { code: 'init/file-unwritable' } });
    expect(await serve(all)).toMatchObject({ ok: false, error: { code: 'serve/not-initialised' } });
  });
});
