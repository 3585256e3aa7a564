/** Review and dry run with real workers: the evidence of every cell is opened by the data plane, for the reviewer alone. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ReleaseReview } from '#contract/api/releases.ts';
import { initKeys } from '#src/workers/init-keys.ts';
import { DEFAULT_POOL_OPTIONS, WorkerPool } from '#src/workers/pool.ts';
import { sluice } from '../support/cli.ts';
import { COLUMNS, domainApp, manifest, policy, type DomainApp } from '../support/domain.ts';

let app: DomainApp;
let pool: WorkerPool;
let directory: string;
let job: string;
const TOTALS = 'SELECT district, count(*) AS n, sum(income) AS income FROM residents GROUP BY district ORDER BY district';
const held = (version = 1, min = 10) => ({ ...policy({ version, min }), statistics: { ...policy({ min }).statistics, review: 'on-doubt' } });

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-review-'));
  const [keys, snapshotStore] = [join(directory, 'keys'), join(directory, 'snapshots')];
  for (const path of [keys, snapshotStore]) mkdirSync(path, { mode: 0o700 });
  await initKeys(keys);
  pool = new WorkerPool({ ...DEFAULT_POOL_OPTIONS, isolation: 'process', keys, snapshotStore, spares: 0 });
  app = await domainApp({ parts: { pool, snapshotStore, staging: join(directory, 'staging'), wallMs: 20_000, checkWallMs: 20_000, ingestWallMs: 30_000 } });
  // 40 residents in one district, 7 in the other.
  const rows = Array.from({ length: 47 }, (_, i) => `p${i},id${i},${i < 40 ? '市南区' : '市北区'},${100 + i}.50`);
  await app.upload('/api/v1/datasets', app.people.agency.token, manifest(), { 'residents.csv': `person,id_number,district,income\n${rows.join('\n')}\n` });
  await app.approvePolicy({ ...held(), tests: [{ name: 'the small district waits for a person', sql: TOTALS, expect: { outcome: 'held', rows: 2, withheld: 2, flags: [{ row: 0, column: 'n' }] } }] });
  job = (await app.finish(await app.grantFor(undefined, { columns: COLUMNS }), TOTALS)).id;
}, 60_000);
afterAll(async () => {
  await app.dispose();
  await pool.close();
  rmSync(directory, { recursive: true, force: true });
});

test('the reviewer sees which rule decided each cell and by how much; nothing of it is in the store in clear', async () => {
  const review: ReleaseReview = (await app.call('GET', `/api/v1/releases/${job}`, { token: app.people.agency.token })).json;
  expect(review).toMatchObject({ state: 'held', explanation: { gates: [{ keys: [{ name: 'district' }] }] }, table: { withheld: [[0, 1], [0, 2]] } });
  const [gate] = review.evidence?.gates ?? [];
  const cell = (key: string) => gate?.cells.find(({ keys }) => keys[0] === key)?.measures[0];
  expect(cell('市南区')).toMatchObject({ outcome: 'released', checks: expect.arrayContaining([expect.objectContaining({ rule: 'minimum-units', passes: true, margin: '30' })]) });
  expect(cell('市北区')).toMatchObject({ outcome: 'withheld', decidedBy: ['city-statistics@1 statistics.units.person.min'], checks: expect.arrayContaining([expect.objectContaining({ rule: 'minimum-units', passes: false, margin: '-3' })]) });
  expect(gate?.cells[gate.weakest ?? -1]?.keys).toEqual(['市南区']);
  expect(app.events('release.viewed')).toHaveLength(1);
  const { evidence } = app.events('job.held')[0];
  expect(Buffer.from(app.store.blob(evidence) ?? []).toString('utf8')).not.toMatch(/minimum-units|市北区/);
});

test('evidence that was exchanged is not shown as the job’s own', async () => {
  const sealed = Buffer.from(app.store.blob(app.events('job.held')[0].evidence) ?? []).toString('base64');
  const reveal = (of: string) => pool.run({ kind: 'reveal' }, { kind: 'reveal', job: of as never, evidence: sealed, result: null }, { wallMs: 20_000 });
  expect(await reveal(job)).toMatchObject({ kind: 'revealed', evidence: { v: 1 } });
  expect(await reveal(`job_${'0'.repeat(26)}`)).toEqual({ kind: 'revealed', evidence: null, result: null });
});

test('a dry run counts what a looser draft would let out, and releases nothing', async () => {
  const report = await app.call('POST', '/api/v1/policies:dry-run', { token: app.people.agency.token, body: { document: held(2, 5) } });
  expect(report.json).toMatchObject({ changed: 1, jobs: [{ job, before: { outcome: 'held', marked: 2, rows: 2 }, after: { outcome: 'released', marked: 0, rows: 2 }, rules: [] }] });
  const stricter = await app.call('POST', '/api/v1/policies:dry-run', { token: app.people.agency.token, body: { document: held(2, 50) } });
  expect(stricter.json.jobs[0]).toMatchObject({ after: { outcome: 'held', marked: 4 }, rules: [{ clause: 'city-statistics@2 statistics.units.person.min', cells: 2 }] });
  expect((await app.job(job)).state).toBe('held');
  expect(app.events('job.released')).toEqual([]);
}, 30_000);

test('the whole review by the command line: seen, approved with a reason, fetched with its marks, taken back', async () => {
  const as = (who: 'agency' | 'operator') => ({ env: { SLUICE_TOKEN: app.people[who].token, SLUICE_URL: 'http://sluice.test' }, fetch: ((url: URL, init: RequestInit) => app.app.request(url.pathname + url.search, init)) as typeof fetch });
  expect((await sluice(['review', 'list'], as('agency'))).out).toContain(job);
  const shown = await sluice(['review', 'show', job], as('agency'));
  expect(shown.status, shown.err).toBe(0);
  for (const part of [/purpose +research/, /scenario +城市规划/, /SELECT district/, /gate 1/, /市北区 +· +·/, /✗ minimum-units person -3/, /✓ minimum-units person 30/, /Weakest released cell: 市南区/]) expect(shown.out).toMatch(part);
  expect((await sluice(['review', 'approve', job], as('agency'))).err).toContain('--reason');
  expect((await sluice(['review', 'approve', job, '--reason', 'wide margins'], as('agency'))).out).toMatch(/state +released/);
  for (const format of ['csv', 'arrow', 'parquet']) {
    const { out } = await sluice(['job', 'result', job, '--format', format], as('operator'));
    expect(out, format).toContain('__withheld');
    expect(out.replaceAll('""', '"'), format).toContain('["n","income"]');
  }
  expect((await sluice(['review', 'withdraw', job, '--reason', 'wrong files'], as('agency'))).out).toMatch(/state +withdrawn/);
  expect(await sluice(['job', 'result', job], as('operator'))).toMatchObject({ status: 1, err: expect.stringContaining('must not be used any more') });
}, 60_000);

test('the tests of the policy ran on the same snapshot before it came into force', () => {
  expect(app.events('policy.tested')).toMatchObject([{ passed: 1, failed: 0 }]);
});
