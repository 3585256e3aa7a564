/**
 * One person with values at the edge of what a file may hold: numbers that overflow when anything is done with them, days at the ends of
 * the calendar, texts that are long or look like patterns, nothing at all. Whatever is computed of them, the outcome of the job is that of
 * a job without the person.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Manifest } from '#contract/manifest.ts';
import { Policy } from '#contract/policy.ts';
import { openTables, pin, type TestData } from '../../support/sql/tables.ts';
import { throughGate } from '../../support/sql/through-gate.ts';

const MANIFEST = Manifest.parse({
  id: 'town',
  tables: {
    t: {
      file: 't.csv', units: { person: 'id' }, maxRowsPerUnit: { person: 1 },
      columns: {
        id: { type: 'varchar', role: 'unit' }, g: { type: 'varchar', role: 'quasi', domain: ['a', 'b'], nullable: false },
        b: { type: 'bigint', role: 'sensitive' }, f: { type: 'double', role: 'sensitive' }, d: { type: 'decimal(18,4)', role: 'sensitive' },
        dt: { type: 'date', role: 'quasi' }, ts: { type: 'timestamp', role: 'quasi' }, s: { type: 'varchar', role: 'quasi' }, k: { type: 'bigint', role: 'quasi' }, q: { type: 'double', role: 'quasi' },
      },
    },
  },
});
const EVERYTHING = ['count', 'sum', 'avg', 'stddev', 'var', 'covar', 'corr', 'regr', 'quantile', 'min', 'max', 'count-distinct'];
const POLICY = Policy.parse({
  policy: 'town', version: 1, dataset: 'town',
  statistics: {
    mechanism: { kind: 'suppress' }, units: { person: { min: 10 } }, dominance: [{ rule: 'p-percent', p: 10 }],
    dimensions: { 't.g': { categories: 'all' }, 't.dt': { levels: ['dt', 'day', 'week', 'month', 'year'] }, 't.ts': { levels: ['ts', 'hour', 'month'] }, 't.s': { categories: 'all' }, 't.k': { levels: ['k'] }, 't.q': { levels: ['q'] } },
    measures: { 't.b': EVERYTHING, 't.f': EVERYTHING, 't.d': EVERYTHING },
  },
});

const EXTREMES: readonly (readonly string[])[] = [
  ['9223372036854775807', '9199999999999', '99999999999999.9999', "'9999-12-31'", "'9999-12-31 23:59:59'", `'${'x'.repeat(5000)}'`, '9223372036854775807', '9.1e12'],
  ['-9223372036854775808', '-9199999999999', '-99999999999999.9999', "'0001-01-01'", "'0001-01-01 00:00:00'", "'%_\\'", '-9223372036854775808', '5e-324'],
  ['0', '5e-324', '0', 'NULL', 'NULL', "''", '0', '0'],
  ['NULL', 'NULL', 'NULL', 'NULL', 'NULL', 'NULL', 'NULL', 'NULL'],
];

let worlds: readonly TestData[];
beforeAll(async () => {
  const base = Array.from({ length: 60 }, (_, i) => [`'P${i}'`, i % 2 === 0 ? "'a'" : "'b'", String(100 + ((i * 37) % 50)), `${10 + ((i * 17) % 40)}.5`, `${5 + ((i * 13) % 20)}.25`, `'2020-0${1 + (i % 4)}-11'`, `'2020-0${1 + (i % 4)}-11 10:00:00'`, `'s${i % 3}'`, String(i % 4), `${i % 3}.5`]);
  worlds = await Promise.all([null, ...EXTREMES].map((extreme) => openTables(MANIFEST, { t: extreme === null ? base : [...base, ["'T'", "'a'", ...extreme]] })));
});
afterAll(() => worlds.forEach((world) => world.close()));

/** What a job tells by its outcome and by how many rows it has. */
async function outcome(data: TestData, sql: string): Promise<string> {
  try {
    const answer = await throughGate(data.connection, [pin(MANIFEST, POLICY)], sql);
    return answer.ok ? `${answer.value.rows.length} rows` : answer.error.map(({ code }) => code).join();
  } catch {
    return 'failed';
  }
}

const keyed = (...keys: readonly string[]): string => `SELECT ${keys.join(', ')}, count(*) FROM t GROUP BY ${keys.map((_, i) => i + 1).join(', ')}`;
test.each([
  'SELECT g, sum(b), avg(b), sum(f), avg(f), sum(d) FROM t GROUP BY g', 'SELECT sum(b * 1000000000000), sum(b + d * 1e10), sum(-b), sum(b / 3), sum(f + b + d) FROM t',
  'SELECT median(b), median(f), median(d), min(b), max(f) FROM t', 'SELECT sum(CASE WHEN k > 5 THEN b ELSE -b END) FROM t', 'SELECT sum(s) FROM (SELECT id, sum(b) AS s FROM t GROUP BY id)',
  'SELECT sum(x.b) FROM t x JOIN t y USING (id) CROSS JOIN (VALUES (1), (2)) v(z)',
  'SELECT count(DISTINCT k), max(k), min(k), median(k), quantile_disc(k, 0.9), max(q), median(q), max(s), max(dt), min(ts) FROM t',
  keyed('k * k'), keyed('k + 1'), keyed('abs(k)'), keyed('-k'), keyed('k % 0'), keyed('k // (k - 1)'), keyed('k::INTEGER'), keyed('k::VARCHAR'), keyed('pow(k, k)'), keyed('exp(k)'),
  keyed('greatest(k, 5) * 4611686018427387904'), keyed('k * 4611686018427387904::HUGEINT * 4611686018427387904::HUGEINT * 4611686018427387904::HUGEINT'), keyed('nullif(k, 7) * 2'), keyed('CASE WHEN k > 100 THEN 1 // 0 ELSE k END'),
  keyed('q * q'), keyed('q::INTEGER'), keyed('round(q, 2)', 'floor(q)'), keyed('sqrt(q - 1)', 'ln(q)'), keyed('1 / q'), keyed('q::DECIMAL(10, 2)'), keyed('sin(q * 1e308 * 10)'), keyed('(q * 1e308 * 10)::VARCHAR', 'round(q * 1e308 * 10)'),
  keyed('dt + INTERVAL 1 YEAR'), keyed('dt + 1', 'dt - 1'), keyed("date_trunc('week', dt)"), keyed("date_diff('day', dt, DATE '2020-01-01')"), keyed('epoch(ts)'), keyed('last_day(dt)'), keyed('dt::TIMESTAMP', 'ts::DATE'), keyed('ts::TIME'), keyed('to_days(k::INTEGER)'),
  keyed('upper(s)', 'length(s)'), keyed('s || s', 'concat(s, s, s)'), keyed("s LIKE '%x'"), keyed('s::INTEGER', 's::DATE', 's::TIME'), keyed('left(s, 3)'),
])('%s', async (sql) => {
  const seen = await Promise.all(worlds.map((world) => outcome(world, sql)));
  expect(new Set(seen)).toEqual(new Set([seen[0]]));
  expect(seen[0]).not.toBe('failed');
});
