/** The disclosure ledger through the whole service with real workers: across grants and operators, in order, and replayed. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JobView } from '#contract/api/jobs.ts';
import { initKeys } from '#src/workers/init-keys.ts';
import { DEFAULT_POOL_OPTIONS, WorkerPool } from '#src/workers/pool.ts';
import { COLUMNS, domainApp, manifest, policy, type DomainApp } from '../support/domain.ts';

let app: DomainApp;
let pool: WorkerPool;
let directory: string;
let grants: readonly [string, string];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-ledger-service-'));
  const [keys, snapshotStore] = [join(directory, 'keys'), join(directory, 'snapshots')];
  for (const path of [keys, snapshotStore]) mkdirSync(path, { mode: 0o700 });
  await initKeys(keys);
  pool = new WorkerPool({ ...DEFAULT_POOL_OPTIONS, isolation: 'process', keys, snapshotStore, spares: 0 });
  app = await domainApp({ parts: { pool, snapshotStore, staging: join(directory, 'staging'), wallMs: 20_000, checkWallMs: 20_000, ingestWallMs: 30_000 } });
  // 49 residents in one district, 3 in the other.
  const rows = Array.from({ length: 52 }, (_, i) => `p${i},id${i},${i < 49 ? '市南区' : '市北区'},${100 + i}.50`);
  expect((await app.upload('/api/v1/datasets', app.people.agency.token, manifest(), { 'residents.csv': `person,id_number,district,income\n${rows.join('\n')}\n` })).text).toContain('"version":1');
  const document = policy();
  await app.approvePolicy({ ...document, statistics: { ...document.statistics, differencing: 'warn' } });
  grants = [await app.grantFor(undefined, { columns: COLUMNS }), await app.grantFor(undefined, { columns: COLUMNS })];
}, 60_000);
afterAll(async () => {
  await app.dispose();
  await pool.close();
  rmSync(directory, { recursive: true, force: true });
});

const ALL = 'SELECT count(*) AS n FROM residents';
const ONE_DISTRICT = "SELECT count(*) AS n FROM residents WHERE district = '市南区'";

async function valueOf(job: JobView): Promise<string> {
  expect(job.state, JSON.stringify(job)).toBe('released');
  return (await app.call('GET', `/api/v1/jobs/${job.id}/result`, { token: app.people.operator.token })).json.table.rows[0][0];
}

test('two jobs at once on two grants: one of the near twins sees the other', async () => {
  const [whole, part] = await Promise.all([app.submit(grants[0], ALL), app.submit(grants[1], ONE_DISTRICT)]);
  await app.domain.runner.settled();
  const values = [await valueOf(await app.job(whole.id)), await valueOf(await app.job(part.id))];
  expect(new Set(values).size).toBe(1);
  expect(['49', '52']).toContain(values[0]);
  // Only one of them added anything; the chain has one entry.
  expect(app.events('job.released').filter(({ ledger }) => ledger !== null)).toHaveLength(1);
}, 60_000);

test('later workers know it too, and what is replayed is what was released', async () => {
  const before = app.events('job.released').length;
  pool.killGrant(grants[1]);
  const again = await app.finish(grants[1], ONE_DISTRICT);
  const known = app.events('job.released').find(({ ledger }) => ledger !== null);
  expect(again.state).toBe('released');
  // A second entry, so that the replays below have something that they must not know.
  await valueOf(await app.finish(grants[0], 'SELECT district, sum(income) AS total FROM residents GROUP BY district'));
  expect(app.events('job.released').filter(({ ledger }) => ledger !== null)).toHaveLength(2);
  expect(app.events('job.released')).toHaveLength(before + 2);
  for (const job of [known.job, again.id]) {
    const reply = await app.call('POST', '/api/v1/audit/replays', { token: app.people.auditor.token, body: { job } });
    expect(reply.json, job).toMatchObject({ outcome: 'matched' });
  }
}, 60_000);
