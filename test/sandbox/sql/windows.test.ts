/** Quantiles and extremes under a grid, through the whole gate, against a slow reading of the same values. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Manifest } from '#contract/manifest.ts';
import { Policy } from '#contract/policy.ts';
import fc from '../../support/fast-check.ts';
import { openTables, pin, type TestData } from '../../support/sql/tables.ts';
import { compileOn, throughGate } from '../../support/sql/through-gate.ts';
import { windowMeans, type WindowRules } from '../../support/windows-reference.ts';

const MANIFEST = Manifest.parse({
  id: 'firms',
  tables: {
    firms: {
      file: 'f.csv', units: { firm: 'id' }, maxRowsPerUnit: { firm: 1 },
      columns: { id: { type: 'varchar', role: 'unit' }, branch: { type: 'varchar', role: 'quasi', domain: ['a', 'b', 'c'] }, size: { type: 'varchar', role: 'quasi' }, capital: { type: 'bigint', role: 'sensitive', min: '0', max: '100000000', nullable: true } },
    },
    sales: { file: 's.csv', units: { firm: 'id' }, columns: { id: { type: 'varchar', role: 'unit', references: 'firms.id' }, amount: { type: 'integer', role: 'sensitive', min: '0', max: '1000000' } } },
  },
});
const LEVELS = ['0.25', '0.5', '0.9'];

const policy = ({ min, p, nk }: WindowRules, over: object = {}): Policy => Policy.parse({
  policy: 'firms', version: 1, dataset: 'firms',
  statistics: {
    mechanism: { kind: 'suppress' }, units: { firm: { min } }, quantileLevels: LEVELS,
    dominance: [...(p === undefined ? [] : [{ rule: 'p-percent', p }]), ...(nk === undefined ? [] : [{ rule: 'nk', n: nk[0], k: nk[1] }])],
    dimensions: { 'firms.branch': { categories: 'all' }, 'firms.size': { categories: 'all' } },
    measures: { 'firms.capital': ['sum', 'quantile', 'min', 'max'], 'sales.amount': ['sum', 'avg', 'quantile'] },
    joins: [['firms.id', 'sales.id']],
    ...over,
  },
});

interface Firm {
  readonly branch: string;
  readonly size: string;
  readonly capital: number | null;
}

async function withFirms<T>(firms: readonly Firm[], sales: readonly (readonly [number, number])[], use: (data: TestData) => Promise<T>): Promise<T> {
  const data = await openTables(MANIFEST, {
    firms: firms.map(({ branch, size, capital }, i) => [`'F${i}'`, `'${branch}'`, `'${size}'`, capital === null ? 'NULL' : String(capital)]),
    sales: sales.map(([firm, amount]) => [`'F${firm}'`, String(amount)]),
  });
  try {
    return await use(data);
  } finally {
    data.close();
  }
}

/** Skewed, with ties and missing values. */
const firm: fc.Arbitrary<Firm> = fc.record({
  branch: fc.constantFrom('a', 'a', 'b'), size: fc.constantFrom('s', 'l'),
  capital: fc.option(fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 90_000_000 })), { freq: 9 }),
});
const rules: fc.Arbitrary<WindowRules> = fc.oneof(
  fc.record({ min: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ min: fc.integer({ min: 2, max: 8 }), p: fc.constantFrom(5, 10, 50) }),
  fc.record({ min: fc.integer({ min: 2, max: 8 }), nk: fc.constantFrom([2, 85] as const, [1, 50] as const) }),
);

describe('as the slow reference has them', () => {
  test.each(['branch', 'size'] as const)('by %s, a public key or not', async (key) => {
    await fc.assert(fc.asyncProperty(fc.array(firm, { maxLength: 140 }), rules, async (firms, rule) => withFirms(firms, [], async ({ connection }) => {
      const answer = await throughGate(connection, [pin(MANIFEST, policy(rule))], `SELECT ${key}, min(capital), quantile_cont(capital, 0.25), median(capital), quantile_disc(capital, 0.9), max(capital) FROM firms GROUP BY ${key}`);
      if (!answer.ok) throw new Error(JSON.stringify(answer.error));
      const { rows, withheld } = answer.value;
      for (const [r, [group, ...values]] of rows.entries()) {
        const own = firms.filter((each) => each[key] === group).flatMap(({ capital }) => (capital === null ? [] : [capital]));
        const expected = windowMeans(own, LEVELS.map(Number), true, true, rule);
        // Columns are whole numbers; quantile_cont and median of them are doubles.
        const shown = expected.map((mean, i) => (mean === null ? null : i === 0 || i === 3 || i === 4 ? Math.round(mean) : mean));
        values.forEach((value, c) => {
          if (shown[c] === null || shown[c] === undefined) expect(value).toBeNull();
          else expect(Math.abs(Number(value) - shown[c])).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(shown[c])) + (c === 0 || c >= 3 ? 1 : 0));
          // What is missing for a group that exists is marked.
          if (value === null) expect(withheld).toContainEqual([r, c + 1]);
        });
      }
    })), { numRuns: 60 });
  });
});

describe('one value for each unit', () => {
  const firms = Array.from({ length: 60 }, (_, i): Firm => ({ branch: 'a', size: 's', capital: i * 100 }));
  const sales = Array.from({ length: 300 }, (_, i) => [(i * 7) % 60, i % 50] as const);
  const ask = (sql: string) => withFirms(firms, sales, ({ connection }) => throughGate(connection, [pin(MANIFEST, policy({ min: 5 }))], sql));

  test('rows of a unit are added up first', async () => {
    const refused = await ask('SELECT median(amount) FROM sales');
    expect(refused.ok ? [] : refused.error.map(({ code }) => code)).toEqual(['gate/several-values']);
    const answer = await ask('SELECT median(t) FROM (SELECT id, sum(amount) AS t FROM sales GROUP BY id)');
    const totals = firms.map((_, f) => sales.filter(([firm]) => firm === f).reduce((sum, [, amount]) => sum + amount, 0));
    const [, median] = windowMeans(totals, LEVELS.map(Number), false, false, { min: 5 });
    expect(answer.ok && Number(answer.value.rows[0]?.[0])).toBe(median);
  });

  test.each([
    ['a level that the policy does not fix', 'SELECT quantile_cont(capital, 0.51) FROM firms', 'gate/quantile-level'],
    ['an extreme that it does not list', 'SELECT max(t) FROM (SELECT id, sum(amount) AS t FROM sales GROUP BY id)', 'gate/quantile-level'],
    ['what is ranked by a part of it', 'SELECT median(x) FROM (SELECT capital % 100 AS x FROM firms)', 'gate/not-linear'],
    ['what is ranked by a sum with a dimension', "SELECT median(x) FROM (SELECT capital + CASE WHEN size = 's' THEN 1000000000 ELSE 0 END AS x FROM firms)", 'gate/no-statistic'],
    ['an expression in place', 'SELECT median(capital * 2) FROM firms', 'grid/group'],
  ])('%s is refused', async (_, sql, code) => {
    const answer = await ask(sql);
    expect(answer.ok ? [] : answer.error.map((refusal) => refusal.code)).toContain(code);
  });
});

describe('counted values', () => {
  let data: TestData;
  beforeAll(async () => {
    data = await openTables(MANIFEST, { firms: Array.from({ length: 90 }, (_, i) => [`'F${i}'`, "'a'", `'${['s', 'm', 'l', 'x'][i < 84 ? i % 3 : 3]}'`, String(i)]), sales: [] });
  });
  afterAll(() => data.close());
  const over = { dimensions: { 'firms.branch': { categories: 'all' } }, measures: { 'firms.size': ['count-distinct'] }, quantileLevels: undefined };

  test('values below the minimum do not count, and the column need be no dimension', async () => {
    const answer = await throughGate(data.connection, [pin(MANIFEST, policy({ min: 10 }, over))], 'SELECT branch, count(DISTINCT size) FROM firms GROUP BY branch');
    expect(answer.ok && answer.value.rows.map(([branch, n]) => [branch, Number(n)])).toEqual([['a', 3], ['b', 0], ['c', 0]]);
  });

  test('what a policy lists is counted and not told', async () => {
    for (const sql of ['SELECT size, count(*) FROM firms GROUP BY size', 'SELECT max(size) FROM firms', 'SELECT count(*) FROM firms WHERE size = \'x\'', 'SELECT count(DISTINCT size || branch) FROM firms']) {
      const compiled = await compileOn(data.connection, [pin(MANIFEST, policy({ min: 10 }, over))], sql);
      expect(compiled.ok, sql).toBe(false);
    }
  });
});
