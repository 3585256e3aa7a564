/** Counting fewer units changes nothing: what bounds prove comes out exactly as if all units had been counted. */
import { expect, test } from 'vitest';
import { Manifest } from '#contract/manifest.ts';
import { Policy } from '#contract/policy.ts';
import type { Cell } from '#sandbox/release/cells.ts';
import type { CompiledQuery } from '#sandbox/sql/compile.ts';
import fc from '../../../support/fast-check.ts';
import { compileOn, runCompiled } from '../../../support/sql/through-gate.ts';
import { openTables, pin, type Data } from '../../../support/sql/tables.ts';

const MOST_VISITS = 3;

/** `declared`: how many visits one person can have is known. `sensitive`: of what kind a visit was must not be learnt. */
const town = (declared: boolean, sensitive: boolean): Manifest => Manifest.parse({
  id: 'town',
  tables: {
    persons: {
      file: 'p.csv', units: { person: 'id' }, maxRowsPerUnit: { person: 1 },
      columns: {
        id: { type: 'varchar', role: 'unit' },
        area: { type: 'varchar', role: sensitive ? 'sensitive' : 'quasi', nullable: true },
        income: { type: 'decimal(9,2)', role: 'sensitive', min: '0', max: '100000', nullable: true },
        balance: { type: 'integer', role: 'sensitive', nullable: true },
      },
    },
    visits: {
      file: 'v.csv', units: { person: 'id' }, ...(declared ? { maxRowsPerUnit: { person: MOST_VISITS } } : {}),
      columns: {
        id: { type: 'varchar', role: 'unit', references: 'persons.id' },
        kind: { type: 'varchar', role: sensitive ? 'sensitive' : 'quasi', domain: ['a', 'b', 'c'] },
        cost: { type: 'integer', role: 'sensitive', min: '0', max: '100000', nullable: true },
        score: { type: 'double', role: 'sensitive', nullable: true },
        fee: { type: 'decimal(7,2)', role: 'sensitive', min: '0', max: '1000', nullable: false },
      },
    },
  },
});

const QUERIES = [
  'SELECT kind, count(*) AS n FROM visits GROUP BY kind',
  'SELECT kind, count(fee) AS n, avg(fee) AS a, sum(fee) FILTER (WHERE cost > 10) AS s FROM visits GROUP BY kind',
  'SELECT count(*) AS n, sum(cost) AS s, avg(score) AS a FROM visits',
  'SELECT kind, count(*) AS n, var_pop(fee) AS v FROM visits GROUP BY kind',
  'SELECT count(*) AS n, corr(fee, cost) AS r FROM visits',
  'SELECT kind, count(cost) AS n, sum(cost) AS s, avg(score) AS a FROM visits GROUP BY kind',
  "SELECT kind, sum(cost) FILTER (WHERE score > 0) AS s, sum(CASE WHEN cost > 10 THEN cost ELSE 1 END) AS t FROM visits GROUP BY kind",
  'SELECT p.area, v.kind, count(*) AS n, sum(v.cost) AS s, sum(p.balance) AS b FROM persons p JOIN visits v ON p.id = v.id GROUP BY ALL',
  'SELECT area, count(*) AS n, sum(income) AS s, avg(balance) AS b FROM persons GROUP BY area',
  "SELECT p.area, count(*) AS n, count(*) FILTER (WHERE kind = 'a') AS a FROM persons p JOIN visits v ON p.id = v.id WHERE v.cost > 5 GROUP BY ALL",
  "SELECT balance > 0 AS rich, area, count(*) AS n, count(income) FILTER (WHERE balance < 10) AS m FROM persons GROUP BY ALL",
  "SELECT kind, count(DISTINCT id) AS n, avg(fee) AS f FROM visits GROUP BY kind",
  "SELECT count(*) AS n, sum(income) AS s FROM persons WHERE area = 'north'",
  "SELECT area, n, s FROM (SELECT area, count(*) AS n, sum(income) AS s FROM persons GROUP BY area) WHERE s > 100 ORDER BY area",
  'SELECT kind, sum(fee) AS s, sum(fee) FILTER (WHERE cost > 10) AS t FROM visits GROUP BY kind',
  'SELECT count(*) AS n, avg(cost) AS a, avg(cost) FILTER (WHERE score > 0) AS b, sum(cost) FILTER (WHERE score > 0 AND fee < 50) AS c FROM visits',
  'SELECT area, sum(income) AS s, sum(income) FILTER (WHERE balance < 10) AS t, count(*) AS n FROM persons GROUP BY area',
  'SELECT kind, sum(t) AS s, count(*) AS n FROM (SELECT id, kind, sum(cost) AS t FROM visits GROUP BY id, kind) GROUP BY kind',
  'SELECT kind, count(*) AS n FROM (SELECT id, kind FROM visits UNION ALL SELECT id, kind FROM visits WHERE cost > 5) u GROUP BY kind',
];

const skewed = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constant(0), fc.integer({ min: 0, max: 90_000 }));
const nullable = <T>(of: fc.Arbitrary<T>) => fc.option(of, { freq: 8 });
const person = fc.record({
  area: nullable(fc.constantFrom('north', 'south', 'far')),
  income: nullable(skewed),
  balance: nullable(fc.integer({ min: -50, max: 50 })),
  visits: fc.array(fc.record({ kind: fc.constantFrom('a', 'a', 'a', 'b', 'c'), cost: nullable(skewed), score: nullable(fc.integer({ min: -9, max: 99 })) }), { maxLength: MOST_VISITS }),
});
const statistics = fc.record({
  units: fc.constantFrom(1, 2, 3, 10).map((min) => ({ person: { min } })),
  dominance: fc.constantFrom([], [{ rule: 'p-percent', p: 10 }], [{ rule: 'nk', n: 2, k: 85 }, { rule: 'p-percent', p: 20 }], [{ rule: 'pq', p: 10, q: 50 }]),
  zeros: fc.constantFrom('disclosive', 'publishable'),
  secondary: fc.constantFrom('none', 'required'),
  withhold: fc.constantFrom('cell', 'cell', 'table'),
});

const literal = (value: string | number | null): string => (value === null ? 'NULL' : typeof value === 'string' ? `'${value}'` : String(value));

function dataOf(persons: readonly (typeof person extends fc.Arbitrary<infer T> ? T : never)[]): Data {
  return {
    persons: persons.map(({ area, income, balance }, i) => [`'p${i}'`, literal(area), literal(income), literal(balance)]),
    visits: persons.flatMap(({ visits }, i) => visits.map(({ kind, cost, score }) => [`'p${i}'`, literal(kind), literal(cost), literal(score === null ? null : score / 4), String(((cost ?? 7) % 999) + 0.5)])),
  };
}

test('the released table is the one of counting all units, whatever data and policy', async () => {
  const seen = { proved: 0, counted: 0, witnessed: 0 };
  await fc.assert(fc.asyncProperty(fc.array(person, { minLength: 1, maxLength: 90, size: 'max' }), statistics, fc.constantFrom(...QUERIES), fc.boolean(), async (persons, rules, sql, sensitive) => {
    const policy = Policy.parse({ policy: 'town', version: 1, dataset: 'town', statistics: { mechanism: { kind: 'suppress' }, dimensions: 'any', measures: 'any', joins: 'any', ...rules } });
    const data = await openTables(town(true, sensitive), dataOf(persons));
    try {
      const [certified, counted] = [[pin(town(true, sensitive), policy)], [pin(town(false, sensitive), policy)]];
      const [fast, slow] = [await compileOn(data.connection, certified, sql), await compileOn(data.connection, counted, sql)];
      if (!fast.ok || !slow.ok) throw new Error(JSON.stringify([fast, slow]));
      const released = await runCompiled(data.connection, certified, watch(fast.value, seen));
      expect(released).toEqual(await runCompiled(data.connection, certified, countingAll(fast.value)));
      const witnessed = await runCompiled(data.connection, counted, watch(slow.value, seen));
      expect(witnessed).toEqual(await runCompiled(data.connection, counted, countingAll(slow.value)));
      // Linked tables also use declared bounds to show that what is left of a whole is enough: more is withheld without them.
      if (rules.secondary === 'none') expect(released).toEqual(witnessed);
    } finally {
      data.close();
    }
  }), { numRuns: Number(process.env['CERTIFIED_RUNS'] ?? 120) });
  // Otherwise nothing was shown.
  expect(seen.proved).toBeGreaterThan(5);
  expect(seen.counted).toBeGreaterThan(5);
  expect(seen.witnessed).toBeGreaterThan(2);
}, 120_000);

/** Remembers how often bounds and witnesses sufficed. */
function watch(compiled: CompiledQuery, seen: { proved: number; counted: number; witnessed: number }): CompiledQuery {
  return {
    ...compiled,
    gates: compiled.gates.map((gate) => {
      const { counting } = gate;
      if (counting === null) return gate;
      const proved = (cell: Cell): boolean => {
        const isProved = counting.proved(cell);
        seen[!isProved ? 'counted' : path(compiled, gate.spec.id) === 'certified-by-witnesses' ? 'witnessed' : 'proved'] += 1;
        return isProved;
      };
      return { ...gate, counting: { ...counting, proved } };
    }),
  };
}

const path = ({ explanation }: CompiledQuery, gate: number): string | undefined => explanation.gates.find((each) => each.gate === gate)?.path;

/** Nothing is proved by less. */
const countingAll = (compiled: CompiledQuery): CompiledQuery => ({
  ...compiled,
  gates: compiled.gates.map((gate) => ({ ...gate, witnesses: [], counting: gate.counting === null ? null : { ...gate.counting, proved: () => false } })),
});
