/** Replay with real workers: registered, asked and computed again by processes of their own. */
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { initKeys } from '#src/workers/init-keys.ts';
import { DEFAULT_POOL_OPTIONS, WorkerPool } from '#src/workers/pool.ts';
import { COLUMNS, domainApp, manifest, policy, type DomainApp } from '../support/domain.ts';

let app: DomainApp;
let pool: WorkerPool;
let directory: string;
let grant: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-replay-'));
  const [keys, snapshotStore] = [join(directory, 'keys'), join(directory, 'snapshots')];
  for (const path of [keys, snapshotStore]) mkdirSync(path, { mode: 0o700 });
  await initKeys(keys);
  pool = new WorkerPool({ ...DEFAULT_POOL_OPTIONS, isolation: 'process', keys, snapshotStore, spares: 0 });
  app = await domainApp({ parts: { pool, snapshotStore, staging: join(directory, 'staging'), wallMs: 20_000, checkWallMs: 20_000, ingestWallMs: 30_000 } });
  // 40 residents in one district, 12 in the other.
  const rows = Array.from({ length: 52 }, (_, i) => `p${i},id${i},${i < 40 ? '市南区' : '市北区'},${100 + i}.50`);
  const reply = await app.upload('/api/v1/datasets', app.people.agency.token, manifest(), { 'residents.csv': `person,id_number,district,income\n${rows.join('\n')}\n` });
  expect(reply.text).toContain('"version":1');
  await app.approvePolicy(policy());
  grant = await app.grantFor(undefined, { columns: COLUMNS });
}, 60_000);
afterAll(async () => {
  await app.dispose();
  await pool.close();
  rmSync(directory, { recursive: true, force: true });
});

const replay = async (job: string) => (await app.call('POST', '/api/v1/audit/replays', { token: app.people.auditor.token, body: { job } })).json;

test('a released job gives the same digest again, then a changed snapshot is found', async () => {
  const job = await app.finish(grant, 'SELECT district, count(*) AS n, sum(income) AS income FROM residents GROUP BY district ORDER BY n DESC');
  expect(job).toMatchObject({ state: 'released', refusals: [] });
  const result = await app.call('GET', `/api/v1/jobs/${job.id}/result`, { token: app.people.operator.token });
  expect(result.json.table.rows[0].slice(0, 2)).toEqual(['市南区', '40']);
  expect(await replay(job.id)).toMatchObject({ outcome: 'matched', expected: job.digest, actual: job.digest });

  const [snapshot = ''] = readdirSync(join(directory, 'snapshots'));
  appendFileSync(join(directory, 'snapshots', snapshot, 'residents.parquet'), 'x');
  expect(await replay(job.id)).toMatchObject({ outcome: 'differed', difference: 'snapshot' });
}, 60_000);

test('a refused query says where and why', async () => {
  const job = await app.finish(grant, 'SELECT id_number FROM residents');
  expect(job.state).toBe('refused');
  expect(job.refusals[0]).toMatchObject({ position: 7 });
}, 60_000);

test('a result comes as Parquet from a worker', async () => {
  const { id } = await app.finish(grant, 'SELECT count(*) AS n FROM residents');
  const reply = await app.call('GET', `/api/v1/jobs/${id}/result`, { token: app.people.operator.token, headers: { accept: 'application/vnd.apache.parquet' } });
  expect([reply.status, reply.text.slice(0, 4)]).toEqual([200, 'PAR1']);
}, 60_000);
