/** Queries through the real worker: what is released, refused and held, what the digest covers, and what never comes out. */
import { createHmac, randomBytes } from 'node:crypto';
import { chmodSync, cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { z } from 'zod';
import { canonical, digestOf } from '#contract/canonical.ts';
import { ReviewEvidence } from '#contract/evidence.ts';
import { JobId, newId } from '#contract/id.ts';
import type { Answer, Ingested, SqlJob } from '#contract/job.ts';
import { Policy } from '#contract/policy.ts';
import { evidenceContext, unseal } from '#sandbox/seal.ts';
import { readKey } from '#sandbox/keys.ts';
import { decideIsolation } from '#src/workers/cage.ts';
import { DEFAULT_POOL_OPTIONS, WorkerPool, type SnapshotReference, type WorkerKey } from '#src/workers/pool.ts';
import { Domain, loaded, type Tables } from '../support/dataset.ts';

const CANARY = 'CANARY-31007';
const TABLES: Tables = {
  people: {
    file: 'people.csv', units: { person: 'id' }, maxRowsPerUnit: { person: 1 },
    columns: {
      id: { type: 'varchar', role: 'unit' },
      street: { type: 'varchar', role: 'quasi', hierarchy: 'streets.csv' },
      income: { type: 'decimal(10,2)', role: 'sensitive', min: '0', max: '1000000' },
      note: { type: 'varchar', role: 'sensitive' },
    },
  },
  visits: { file: 'visits.csv', units: { person: 'who' }, columns: { who: { type: 'varchar', role: 'unit', references: 'people.id' }, cost: { type: 'integer', role: 'sensitive', min: '0', max: '100' } } },
  wards: { file: 'wards.csv', columns: { ward: { type: 'varchar', role: 'plain' }, area: { type: 'integer', role: 'plain' } } },
};
const people = Array.from({ length: 60 }, (_, i) => `P${i},${i < 40 ? '东街' : i < 57 ? '西街' : '北街'},${100 + i}.25,${CANARY}`);
const FILES = {
  'people.csv': `id,street,income,note\n${people.join('\n')}\n`,
  'visits.csv': `who,cost\n${Array.from({ length: 200 }, (_, i) => `P${i % 50},${i % 7}`).join('\n')}\n`,
  'streets.csv': 'street,ward\n东街,甲区\n西街,乙区\n北街,丙区\n',
  'wards.csv': 'ward,area\n甲区,10\n乙区,20\n丙区,30\n',
};
const policy = (over: Partial<z.input<typeof Policy>['statistics']> = {}): Policy => Policy.parse({
  policy: 'town', version: 1, dataset: 'town',
  statistics: { mechanism: { kind: 'suppress' }, units: { person: { min: 10 } }, dimensions: 'any', measures: 'any', joins: 'any', ...over },
});

const domain = new Domain();
let town: Ingested;
let pool: WorkerPool;
let references: SnapshotReference[];

beforeAll(async () => {
  town = loaded(await domain.load(TABLES, FILES));
  const isolation = decideIsolation('auto');
  pool = new WorkerPool({ ...DEFAULT_POOL_OPTIONS, isolation: isolation.ok ? isolation.value : 'process', keys: domain.keys, snapshotStore: domain.store, spares: 0, memoryMb: 256 });
  references = [{ dataset: town.manifest.id, snapshot: town.snapshot, directory: domain.directory(town) }];
});
afterAll(() => pool.close());

function job(sql: string, over: Partial<SqlJob> = {}, statistics: Parameters<typeof policy>[0] = {}): SqlJob {
  const pinned = policy(statistics);
  return {
    kind: 'sql', job: JobId.parse(newId('job', randomBytes)), sql,
    datasets: [{ manifest: town.manifest, snapshot: town.snapshot, policy: pinned, policyDigest: digestOf(pinned) }],
    columns: Object.entries(town.manifest.tables).flatMap(([table, { columns }]) => Object.keys(columns).map((column) => `town.${table}.${column}`)),
    limits: { resultCells: 1000, gates: 10 }, ledgerHead: null, withdrawals: null, evidence: false, ...over,
  };
}
const run = (spec: SqlJob, over: Partial<Extract<WorkerKey, { kind: 'grant' }>> = {}): Promise<Answer> =>
  pool.run({ kind: 'grant', grant: 'g', snapshots: references, verify: false, ...over }, spec, { wallMs: 60_000 });

async function released(sql: string, statistics: Parameters<typeof policy>[0] = {}) {
  const answer = await run(job(sql, {}, statistics));
  if (answer.kind !== 'released') throw new Error(JSON.stringify(answer));
  return answer.envelope;
}

test('groups below the minimum are withheld or do not exist; the rest of the query sees released cells only', async () => {
  const { table, statement, cost } = await released('SELECT street, count(*) AS n, avg(income) AS mean FROM people GROUP BY street ORDER BY n DESC');
  expect(table).toEqual({
    columns: [{ name: 'street', type: 'VARCHAR' }, { name: 'n', type: 'BIGINT' }, { name: 'mean', type: 'DOUBLE' }],
    rows: [['东街', '40', 119.75], ['西街', '17', 148.25]], withheld: [],
  });
  expect(statement).toMatchObject({ mayOmitRows: true });
  expect(cost).toMatchObject({ gates: 1, rows: 2 });
});

test('tables joined on the unit, public tables above and below, one gate inside another', async () => {
  expect((await released('SELECT count(DISTINCT p.id) AS persons, sum(v.cost) AS cost FROM people p JOIN visits v ON v.who = p.id')).table.rows).toEqual([['50', '594']]);
  expect((await released('SELECT ward, area FROM wards ORDER BY area DESC LIMIT 1')).table.rows).toEqual([['丙区', 30]]);
  expect((await released('SELECT count(*) AS n FROM people WHERE income > (SELECT avg(income) FROM people)')).table.rows).toEqual([['30']]);
});

test('rows come in canonical order where the query gives none', async () => {
  const { table } = await released('SELECT ward, area FROM wards');
  expect(table.rows).toEqual([...table.rows].sort());
});

test('the digest is a commitment under the domain key and the job', async () => {
  const spec = job('SELECT count(*) AS n FROM people');
  const [first, again, other] = [await run(spec), await run(spec, { grant: 'another', verify: true }), await run(job(spec.sql))];
  if (first.kind !== 'released' || again.kind !== 'released' || other.kind !== 'released') throw new Error('expected releases');
  expect(again.envelope.digest).toBe(first.envelope.digest);
  expect(other.envelope.digest).not.toBe(first.envelope.digest);
  expect(other.envelope.executed).toBe(first.envelope.executed);
  const key = createHmac('sha256', readKey(domain.keys, 'domain')).update(spec.job).digest();
  expect(first.envelope.digest).toBe(createHmac('sha256', key).update(canonical(first.envelope.table)).digest('hex'));
});

test('evidence is sealed to the data plane, and only made when asked for', async () => {
  const spec = job('SELECT street, count(*) AS n FROM people GROUP BY street', { evidence: true });
  const answer = await run(spec);
  if (answer.kind !== 'released') throw new Error(answer.kind);
  const plain = unseal(readKey(domain.keys, 'sealing'), evidenceContext(spec.job), answer.envelope.sealed.evidence!);
  const evidence = ReviewEvidence.parse(JSON.parse(Buffer.from(plain!).toString('utf8')));
  expect(evidence.gates[0]!.cells.find(({ keys }) => keys[0] === '北街')).toMatchObject({ absent: true });
  expect((await run(job(spec.sql)) as { envelope: { sealed: unknown } }).envelope.sealed).toEqual({ evidence: null, ledger: null });
});

test('evidence tells whether less could have been withheld', async () => {
  const spec = job('SELECT street, count(*) AS n FROM people GROUP BY ROLLUP (street)', { evidence: true }, { secondary: 'required' });
  const answer = await run(spec);
  if (answer.kind !== 'released') throw new Error(answer.kind);
  const plain = unseal(readKey(domain.keys, 'sealing'), evidenceContext(spec.job), answer.envelope.sealed.evidence!);
  // 60 in all and 40 in one street would tell that 3 live in the one that has no row; of the two streets the smaller covers it.
  expect(answer.envelope.table.rows).toEqual(expect.arrayContaining([['东街', '40'], [null, '60']]));
  expect(ReviewEvidence.parse(JSON.parse(Buffer.from(plain!).toString('utf8'))).pattern).toEqual({ numbers: 1, whole: 0, gap: 0 });
  expect(JSON.stringify({ ...answer.envelope, sealed: null })).not.toMatch(/"(pattern|gap)"/);
});

test('refusals come with position and clause', async () => {
  const answer = await run(job('SELECT nothing, street FROM people'));
  expect(answer).toMatchObject({ kind: 'refused', refusals: [{ code: expect.stringMatching(/^bind\//), position: 7 }] });
});

test('held: always, or when something was withheld', async () => {
  const sql = 'SELECT street, count(*) AS n FROM people GROUP BY street';
  expect((await run(job(sql, {}, { review: 'manual' }))).kind).toBe('held');
  expect((await run(job(sql, {}, { review: 'on-doubt' }))).kind).toBe('held');
  expect((await run(job('SELECT count(*) AS n FROM people', {}, { review: 'on-doubt' }))).kind).toBe('released');
});

test('a result over its cap is refused by name; groups that nobody sees do not count', async () => {
  const big = await run(job('SELECT a.area, b.area, c.area, d.area, e.area FROM wards a, wards b, wards c, wards d, wards e, wards f', { limits: { resultCells: 100, gates: 10 } }));
  expect(big).toMatchObject({ kind: 'refused', refusals: [{ code: 'cap/result-cells' }] });
  expect(await run(job('SELECT street, count(*) FROM people CROSS JOIN (VALUES (1), (2), (3), (4), (5)) v(k) GROUP BY street, k', { limits: { resultCells: 20, gates: 10 } }))).toMatchObject({ kind: 'refused', refusals: [{ code: 'cap/result-cells' }] });
  expect(await run(job('SELECT income, count(*) FROM people GROUP BY income', { limits: { resultCells: 20, gates: 10 } }))).toMatchObject({ kind: 'released', envelope: { table: { rows: [] } } });
});

test('a job runs on exactly the snapshot and manifest it pins', async () => {
  const spec = job('SELECT count(*) AS n FROM people');
  const changed = structuredClone(spec);
  changed.datasets[0]!.manifest.tables['people']!.maxRowsPerUnit = { person: 2 };
  expect(await run(changed)).toEqual({ kind: 'failed' });
  expect(await run({ ...spec, datasets: [{ ...spec.datasets[0]!, snapshot: digestOf('other') }] })).toEqual({ kind: 'failed' });
  expect(await run({ ...spec, datasets: [{ ...spec.datasets[0]!, snapshot: null }] })).toEqual({ kind: 'failed' });
});

test('a snapshot that was changed is not opened', async () => {
  const copy = mkdtempSync(join(tmpdir(), 'sluice-copy-'));
  cpSync(domain.directory(town), copy, { recursive: true });
  const file = join(copy, 'people.duckdb');
  chmodSync(file, 0o600);
  const bytes = readFileSync(file);
  bytes[9000]! ^= 1;
  writeFileSync(file, bytes);
  const snapshots = [{ ...references[0]!, directory: copy }];
  expect(await run(job('SELECT count(*) AS n FROM people'), { snapshots })).toEqual({ kind: 'failed' });
});

test('no protected value comes out, whatever is asked', async () => {
  for (const sql of [
    'SELECT note FROM people', 'SELECT note, count(*) FROM people GROUP BY note', 'SELECT max(note) FROM people', 'SELECT string_agg(note) FROM people',
    'SELECT count(*) FROM people WHERE CAST(note AS INTEGER) = 1', 'SELECT sum(CAST(note AS INTEGER)) FROM people', 'SELECT stats(note) FROM people', 'SUMMARIZE people',
    'SELECT count(*) FROM people HAVING error(max(note))', 'SELECT * FROM people', "SELECT * FROM query('SELECT note FROM people')", 'DESCRIBE people', 'PRAGMA table_info(people)',
  ]) {
    const answer = await run(job(sql, { columns: job('').columns.filter((column) => !column.endsWith('.note')) }));
    expect(JSON.stringify(answer), sql).not.toContain(CANARY);
    expect(['refused', 'failed'], `${sql}: ${JSON.stringify(answer)}`).toContain(answer.kind);
  }
});

test('a check explains, without data and without keys', async () => {
  const { sql, columns, limits, datasets } = job('SELECT street, count(*) AS n FROM people GROUP BY street');
  const answer = await pool.run({ kind: 'check' }, { kind: 'check', sql, columns, limits, datasets }, { wallMs: 30_000 });
  expect(answer).toMatchObject({ kind: 'checked', refusals: [], explanation: { gates: [{ units: ['person'], path: 'one-row-per-unit' }], columns: [{ name: 'street' }, { name: 'n' }] } });
});
