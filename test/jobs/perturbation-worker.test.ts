/** An agency's own perturbation table with real workers, by the command line: loaded, named, drawn from, stated, replayed. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TableLoaded } from '#contract/api/perturbation-tables.ts';
import { initKeys } from '#src/workers/init-keys.ts';
import { DEFAULT_POOL_OPTIONS, WorkerPool } from '#src/workers/pool.ts';
import type { Person } from '../support/app.ts';
import { sluice, type CliRun } from '../support/cli.ts';
import { COLUMNS, domainApp, manifest, policy, type DomainApp } from '../support/domain.ts';
import { tableCsv } from '../support/perturbation.ts';

/** Always 4 more or 4 less, which no other mechanism does; of counts below 4 nothing or twice as many. */
const FOUR = tableCsv((pcv, key) => Math.min(pcv, 4) * (key % 2 === 0 ? -1 : 1));
const GROUPS = 40;
const SIZE = 30;

let app: DomainApp;
let pool: WorkerPool;
let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-perturbation-'));
  const [keys, snapshotStore] = [join(directory, 'keys'), join(directory, 'snapshots')];
  for (const path of [keys, snapshotStore]) mkdirSync(path, { mode: 0o700 });
  await initKeys(keys);
  pool = new WorkerPool({ ...DEFAULT_POOL_OPTIONS, isolation: 'process', keys, snapshotStore, spares: 0 });
  app = await domainApp({ directory: join(directory, 'store'), parts: { pool, snapshotStore, staging: join(directory, 'staging'), wallMs: 20_000, checkWallMs: 20_000, ingestWallMs: 30_000 } });
  const described = manifest();
  described.tables.residents.columns.district.domain = Array.from({ length: GROUPS }, (_, i) => `d${i}`);
  Object.assign(described.tables.residents, { maxRowsPerUnit: { person: 1 } });
  const rows = Array.from({ length: GROUPS * SIZE }, (_, i) => `p${i},id${i},d${i % GROUPS},${100 + i}.50`);
  expect((await app.upload('/api/v1/datasets', app.people.agency.token, described, { 'residents.csv': `person,id_number,district,income\n${rows.join('\n')}\n` })).text).toContain('"version":1');
}, 60_000);
afterAll(async () => {
  await app.dispose();
  await pool.close();
  rmSync(directory, { recursive: true, force: true });
});

const run = (args: readonly string[], { token }: Person = app.people.agency): Promise<CliRun> =>
  sluice(args, { env: { SLUICE_URL: 'http://sluice.test', SLUICE_TOKEN: token }, fetch: async (input, init) => app.api.app.request(String(input).replace('http://sluice.test', ''), init) });
const file = (name: string, content: string | Uint8Array) => {
  writeFileSync(join(directory, name), content);
  return join(directory, name);
};
const replay = async (job: string) => (await app.call('POST', '/api/v1/audit/replays', { token: app.people.auditor.token, body: { job } })).json;

test('from a file to a result whose noise is that of the table, and to its replay', async () => {
  const packed = file('four.csv.gz', gzipSync(FOUR));
  const checked = await run(['perturbation-table', 'check', packed, '--json']);
  const loaded = JSON.parse((await run(['perturbation-table', 'add', packed, '--json'])).out) as TableLoaded;
  expect(loaded).toMatchObject({ name: 'four', fixed: 0, noise: { from: 1, variance: '16', maxDeviation: 4, below: null } });
  expect(JSON.parse(checked.out)).toMatchObject({ reference: loaded.reference, noise: loaded.noise });
  expect((await run(['perturbation-table', 'list'])).out).toMatch(new RegExp(`four +${loaded.reference} .*V 16, D 4 from 1`));
  const out = join(directory, 'again.csv');
  expect((await run(['perturbation-table', 'show', 'four', '--out', out], app.people.auditor)).status).toBe(0);
  expect(readFileSync(out, 'utf8')).toBe(FOUR);

  const document = { ...policy(), statistics: { ...policy().statistics, dominance: [], mechanism: { kind: 'cell-key', table: 'four' } } };
  const proposed = await run(['policy', 'propose', file('policy.json', JSON.stringify(document)), '--json']);
  const { proposal } = JSON.parse(proposed.out) as { proposal: string };
  expect((await run(['policy', 'approve', proposal], await app.colleague(app.people.agency, 'agency'))).status).toBe(0);

  const grant = await app.grantFor(undefined, { columns: COLUMNS });
  const asked = await run(['job', 'submit', '--grant', grant, '-e', 'SELECT district, count(*) AS n FROM residents GROUP BY district', '--wait', '--json'], app.people.operator);
  expect(asked.status, asked.out + asked.err).toBe(0);
  const { table, statement } = JSON.parse(asked.out) as { table: { rows: [string, string][] }; statement: { noise: object[] } };
  const deviations = table.rows.map(([, n]) => Number(n) - SIZE);
  expect(table.rows).toHaveLength(GROUPS);
  for (const deviation of deviations) expect(Math.abs(deviation)).toBe(4);
  // Of forty fair draws all the same way: once in 5·10^11 runs.
  expect(new Set(deviations).size).toBe(2);
  expect(statement.noise).toEqual([{ clause: 'city-statistics@1 statistics.mechanism', from: 1, variance: '16', maxDeviation: 4, below: null }]);

  const [job] = app.events('job.released');
  expect(await replay(job.job)).toMatchObject({ outcome: 'matched' });

  // Somebody with the database exchanges the table for one that adds nothing to speak of.
  const db = new DatabaseSync(join(directory, 'store', 'sluice.db'));
  const kept = db.prepare('SELECT body FROM documents WHERE digest = ?').get(loaded.table) as { body: string };
  db.prepare('UPDATE documents SET body = ? WHERE digest = ?').run(kept.body.replace(/"noise":"..../, '"noise":"AAAA'), loaded.table);
  expect(await replay(job.job)).toMatchObject({ outcome: 'differed', difference: 'perturbation-table' });
  db.prepare('UPDATE documents SET body = ? WHERE digest = ?').run(kept.body, loaded.table);
  db.close();
}, 60_000);

test('what is wrong with a file is told before and after it is sent, and an unknown name with those that there are', async () => {
  const wrong = file('wrong.csv', FOUR.replace('\n2,0,-2\n', '\n2,0,-3\n'));
  const offline = await run(['perturbation-table', 'check', wrong]);
  expect([offline.status, offline.err]).toEqual([1, `sluice: ${wrong} is no table that can be used:\n  line 258: pvalue -3 would make a count of 2 negative; at least -2.\n`]);
  const sent = await run(['perturbation-table', 'add', wrong, '--lang', 'zh']);
  expect([sent.status, sent.err]).toEqual([1, expect.stringContaining('该表无法使用，第 258 行：pvalue 为 -3')]);
  const bomb = await run(['perturbation-table', 'check', file('bomb.csv.gz', gzipSync(Buffer.alloc(50_000_000, 'x')))]);
  expect([bomb.status, bomb.err]).toEqual([2, expect.stringContaining('at most 4000000 characters')]);

  const document = { ...policy({ version: 2 }), statistics: { ...policy().statistics, mechanism: { kind: 'cell-key', table: 'five' } } };
  const proposed = await run(['policy', 'propose', file('five.json', JSON.stringify(document))]);
  expect([proposed.status, proposed.err]).toEqual([1, expect.stringContaining('There is no perturbation table “five”; there are ons-10-5, four.')]);
  const shown = await run(['perturbation-table', 'show', 'five']);
  expect([shown.status, shown.err]).toEqual([1, expect.stringContaining('There is no perturbation table “five”')]);
  const twice = await run(['perturbation-table', 'add', file('other.csv', tableCsv((_, key) => (key % 2 === 0 ? -1 : 1))), '--name', 'four']);
  expect([twice.status, twice.err]).toEqual([1, expect.stringContaining('a name is given once')]);
}, 60_000);
