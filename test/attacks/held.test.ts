/**
 * A control plane that is taken over, and keeps whatever it gets: every answer of a worker, its database, its log, its own keys. Of a held
 * result it has nothing before a reviewer asks for it.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openResult } from '#src/releases/sealed-result.ts';
import { initKeys } from '#src/workers/init-keys.ts';
import { DEFAULT_POOL_OPTIONS, WorkerPool } from '#src/workers/pool.ts';
import { COLUMNS, domainApp, manifest, policy, type DomainApp } from '../support/domain.ts';
import { amountNeedles, found, textNeedles, type Needle } from './support/canary.ts';

const CONTROL_KEY = new Uint8Array(32).fill(9);
/** Totals of the two districts: what only the held table says. */
const TOTALS = ['4321987.50', '3456789.25'];
const SQL = 'SELECT district, count(*) AS n, sum(income) AS total FROM residents GROUP BY district';
const statistics = (review: 'manual' | 'automatic') => ({ ...policy().statistics, dominance: [], review });

let app: DomainApp;
let pool: WorkerPool;
let directory: string;
let grant: string;
/** Every answer that came out of a worker, as text. */
const answers: string[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-held-'));
  const [keys, snapshotStore] = [join(directory, 'keys'), join(directory, 'snapshots')];
  for (const path of [keys, snapshotStore]) mkdirSync(path, { mode: 0o700 });
  await initKeys(keys);
  pool = new WorkerPool({ ...DEFAULT_POOL_OPTIONS, isolation: 'process', keys, snapshotStore, spares: 0 });
  const overheard = {
    run: async (...asked: Parameters<WorkerPool['run']>) => {
      const answer = await pool.run(...asked);
      answers.push(JSON.stringify(answer));
      return answer;
    },
    killGrant: (of: string) => pool.killGrant(of), prepare: (of: Parameters<WorkerPool['prepare']>[0]) => pool.prepare(of),
  };
  app = await domainApp({ parts: { pool: overheard, snapshotStore, sealingKey: CONTROL_KEY, staging: join(directory, 'staging'), wallMs: 20_000, checkWallMs: 20_000, ingestWallMs: 30_000 } });
  const rows = TOTALS.flatMap((total, d) => Array.from({ length: 60 }, (_, i) => {
    const share = Math.floor(Number(total) / 60);
    return `p${d}-${i},id${d}-${i},${['市南区', '市北区'][d]},${(i === 0 ? Number(total) - 59 * share : share).toFixed(2)}`;
  }));
  expect((await app.upload('/api/v1/datasets', app.people.agency.token, manifest(), { 'residents.csv': `person,id_number,district,income\n${rows.join('\n')}\n` })).text).toContain('"version":1');
  await app.approvePolicy({ ...policy(), statistics: statistics('manual') });
  grant = await app.grantFor(undefined, { columns: COLUMNS });
}, 60_000);
afterAll(async () => {
  await app.dispose();
  await pool.close();
  rmSync(directory, { recursive: true, force: true });
});

const secrets: readonly Needle[] = [...TOTALS.flatMap(amountNeedles), ...textNeedles('市南区'), ...textNeedles('"withheld":')];

/** Whatever the control plane has that could hold a secret, by name. */
function holdings(): ReadonlyMap<string, Buffer> {
  const all = new Map<string, Buffer>();
  for (const file of readdirSync(app.directory, { recursive: true, withFileTypes: true })) if (file.isFile()) all.set(file.name, readFileSync(join(file.parentPath, file.name)));
  answers.forEach((answer, i) => all.set(`answer ${i}`, Buffer.from(answer)));
  all.set('log', Buffer.from(JSON.stringify(app.lines)));
  all.set('events', Buffer.from(JSON.stringify(app.events('job.accepted', 'job.started', 'job.held'))));
  for (const { id } of app.store.read.all<{ id: string }>('SELECT id FROM blobs')) {
    // With the key that it seals released results under.
    for (const job of app.store.read.all<{ id: string }>('SELECT id FROM jobs')) all.set(`blob ${id} as of ${job.id}`, Buffer.from(JSON.stringify(openResult(CONTROL_KEY, job.id as never, app.store.blob(id)!)) ?? ''));
  }
  return all;
}
const leaks = (all: ReadonlyMap<string, Buffer>, needles: readonly Needle[] = secrets) => [...all].flatMap(([name, bytes]) => found(bytes, needles).map((what) => `${name} holds ${what}`));

test('a held table is nowhere in the control plane; its length tells nothing of its numbers', async () => {
  answers.length = 0;
  const job = await app.finish(grant, SQL);
  expect(job.state).toBe('held');
  // The manifest, which is public, names the districts too.
  const numbers = secrets.filter(({ what }) => !what.startsWith('市南区'));
  expect(leaks(new Map([...holdings()].filter(([name]) => !name.startsWith('answer'))), numbers)).toEqual([]);
  expect(leaks(new Map(answers.map((answer, i) => [`answer ${i}`, Buffer.from(answer)])))).toEqual([]);

  const sizes = new Set<number>();
  for (const sql of ['SELECT count(*) AS n FROM residents', 'SELECT sum(income) AS n FROM residents', "SELECT sum(income) AS n FROM residents WHERE district = '市南区'"]) {
    const { id } = await app.finish(grant, sql);
    sizes.add(app.store.blob(app.store.read.get<{ held: string }>('SELECT held FROM jobs WHERE id = ?', id)!.held)!.length);
  }
  expect(sizes.size).toBe(1);
}, 60_000);

test('the reviewer sees it and nothing of it stays; approved, it is released with the digest that was committed to, and replayed', async () => {
  const { id: job } = await app.finish(grant, SQL);
  const [held] = app.events('job.held').slice(-1);
  answers.length = 0;
  const review = (await app.call('GET', `/api/v1/releases/${job}`, { token: app.people.agency.token })).json;
  expect(review.table.rows.map(([, , total]: string[]) => total).toSorted()).toEqual(TOTALS.toSorted());
  expect(review.evidence.gates).toHaveLength(1);
  // The search finds what is there.
  expect(leaks(holdings(), TOTALS.flatMap(amountNeedles)).length).toBeGreaterThan(0);
  answers.length = 0;
  expect(leaks(holdings(), TOTALS.flatMap(amountNeedles))).toEqual([]);

  expect((await app.call('POST', `/api/v1/releases/${job}/approve`, { token: app.people.agency.token, body: { reason: 'x' } })).json.state).toBe('released');
  const result = (await app.call('GET', `/api/v1/jobs/${job}/result`, { token: app.people.operator.token })).json;
  expect(result).toMatchObject({ digest: held.digest, table: review.table, statement: review.statement });
  expect(leaks(holdings(), amountNeedles(TOTALS[0]!)).some((leak) => leak.startsWith('blob'))).toBe(true);
  expect((await app.call('POST', '/api/v1/audit/replays', { token: app.people.auditor.token, body: { job } })).json).toMatchObject({ outcome: 'matched', expected: held.digest });
}, 60_000);

test('a held table in the place of another job’s, or another table that the data plane sealed, is not released', async () => {
  const [one, other] = [await app.finish(grant, SQL), await app.finish(grant, 'SELECT sum(income) AS n FROM residents')];
  const blob = (job: string) => app.store.read.get<{ held: string; digest: string }>('SELECT held, digest FROM jobs WHERE id = ?', job)!;
  const reveal = (job: string, of: string, digest: string) => pool.run({ kind: 'reveal' }, {
    kind: 'reveal', job: job as never, evidence: null, result: { sealed: Buffer.from(app.store.blob(blob(of).held)!).toString('base64'), digest: digest as never },
  }, { wallMs: 20_000 });
  expect(await reveal(one.id, one.id, blob(one.id).digest)).toMatchObject({ kind: 'revealed', result: { table: { rows: expect.anything() }, cost: { gates: 1 } } });
  expect(await reveal(one.id, other.id, blob(other.id).digest)).toEqual({ kind: 'revealed', evidence: null, result: null });
  expect(await reveal(one.id, one.id, blob(other.id).digest)).toEqual({ kind: 'revealed', evidence: null, result: null });
}, 60_000);
