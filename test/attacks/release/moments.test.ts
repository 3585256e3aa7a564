/**
 * What spreads and regressions tell beside sums, really computed: by one of three contributors, where all are alike, where one
 * column follows from the other. Under a policy without these rules (minimum only, no grid for sums) the attacker is right.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Manifest } from '#contract/manifest.ts';
import { openPolicy } from '#contract/policy-open.ts';
import { Policy } from '#contract/policy.ts';
import { openTables, pin, type TestData } from '../../support/sql/tables.ts';
import { throughGate } from '../../support/sql/through-gate.ts';

const MANIFEST = Manifest.parse({
  id: 'firms',
  tables: {
    firms: {
      file: 'f.csv', units: { firm: 'id' }, maxRowsPerUnit: { firm: 1 },
      columns: {
        id: { type: 'varchar', role: 'unit' }, branch: { type: 'varchar', role: 'quasi', domain: ['three', 'alike', 'line', 'plain'] },
        turnover: { type: 'integer', role: 'sensitive', min: '0', max: '1000000' }, staff: { type: 'integer', role: 'sensitive', min: '0', max: '10000' },
      },
    },
  },
});
const EVERYTHING = ['count', 'sum', 'avg', 'stddev', 'var', 'covar', 'corr', 'regr'];
const POLICY = Policy.parse({
  policy: 'firms', version: 1, dataset: 'firms',
  statistics: {
    mechanism: { kind: 'suppress' }, units: { firm: { min: 3 } }, dominance: [{ rule: 'p-percent', p: 10 }],
    dimensions: { 'firms.branch': { categories: 'all' } }, measures: { 'firms.turnover': EVERYTHING, 'firms.staff': EVERYTHING },
  },
});

/** By branch: [turnover, staff]. */
const FIRMS: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  three: [[5_000, 50], [4_200, 44], [3_900, 47]],
  alike: Array.from({ length: 12 }, (_, i) => [7_000 + (i % 2), 20 + i] as const),
  line: Array.from({ length: 12 }, (_, i) => [1_000 + 137 * i, 10 + i] as const),
  plain: Array.from({ length: 15 }, (_, i) => [900 + ((i * 7919) % 4_000), 5 + ((i * 31) % 60)] as const),
};

let data: TestData;
beforeAll(async () => {
  const firms = Object.entries(FIRMS).flatMap(([branch, of]) => of.map(([turnover, staff]) => ({ branch, turnover, staff })));
  data = await openTables(MANIFEST, { firms: firms.map(({ branch, turnover, staff }, i) => [`'F${i}'`, `'${branch}'`, String(turnover), String(staff)]) });
});
afterAll(() => data.close());

async function numbers(policy: Policy, branch: string, ...statistics: readonly string[]): Promise<readonly (number | null)[]> {
  const answer = await throughGate(data.connection, [pin(MANIFEST, policy)], `SELECT ${statistics.join(', ')} FROM firms WHERE branch = '${branch}'`);
  if (!answer.ok) throw new Error(JSON.stringify(answer.error));
  return (answer.value.rows[0] ?? []).map((value) => (value === null ? null : Number(value)));
}
const OPEN = openPolicy(MANIFEST.id, [MANIFEST]);

describe('one of three contributors solves for the other two', () => {
  const own = 3_900;
  const solve = async (policy: Policy): Promise<readonly number[] | null> => {
    const [n, sum, variance] = await numbers(policy, 'three', 'count(*)', 'sum(turnover)', 'var_pop(turnover)');
    if (n == null || sum == null || variance == null) return null;
    const [rest, squares] = [sum - own, n * variance + sum ** 2 / n - own ** 2];
    // x + y = rest, x² + y² = squares.
    const root = Math.sqrt(Math.max(0, 2 * squares - rest ** 2));
    return [(rest + root) / 2, (rest - root) / 2].map(Math.round);
  };
  test('without the rule', async () => expect(await solve(OPEN)).toEqual([5_000, 4_200]));
  test('with it', async () => expect(await solve(POLICY)).toBeNull());
  test('sum and count are released as before', async () => expect(await numbers(POLICY, 'three', 'count(*)', 'sum(turnover)')).toEqual([3, 13_100]));
});

describe('where all are alike, everybody’s value is known', () => {
  const within = async (policy: Policy): Promise<number | null> => {
    const [n, mean, spread] = await numbers(policy, 'alike', 'count(*)', 'avg(turnover)', 'stddev_pop(turnover)');
    return n == null || mean == null || spread == null ? null : (Math.sqrt(n - 1) * spread) / mean;
  };
  test('without the rule: to within a promille', async () => expect(await within(OPEN)).toBeLessThan(0.001));
  test('with it', async () => expect(await within(POLICY)).toBeNull());
});

describe('where turnover follows from staff, who knows the staff of one firm knows its turnover', () => {
  const predict = async (policy: Policy): Promise<number | null> => {
    const [slope, intercept] = await numbers(policy, 'line', 'regr_slope(turnover, staff)', 'regr_intercept(turnover, staff)');
    return slope == null || intercept == null ? null : Math.round(intercept + slope * 17);
  };
  test('without the rule', async () => expect(await predict(OPEN)).toBe(1_000 + 137 * 7));
  test('with it', async () => expect(await predict(POLICY)).toBeNull());
});

test('where nothing of this is so, all of them are released', async () => {
  const asked = ['var_samp(turnover)', 'stddev(turnover)', 'corr(turnover, staff)', 'covar_pop(turnover, staff)', 'regr_slope(turnover, staff)', 'regr_r2(turnover, staff)'];
  const [exact, released] = [await numbers(OPEN, 'plain', ...asked), await numbers(POLICY, 'plain', ...asked)];
  expect(released).toEqual(exact);
  expect(released.every((value) => value !== null)).toBe(true);
});

test('a policy lists what may be asked of each column', async () => {
  const counts = Policy.parse({ ...POLICY, statistics: { ...POLICY.statistics, measures: { 'firms.turnover': ['sum', 'stddev'], 'firms.staff': ['sum'] } } });
  const answer = await throughGate(data.connection, [pin(MANIFEST, counts)], 'SELECT stddev(turnover), corr(turnover, staff), stddev(staff) FROM firms');
  expect(answer.ok ? [] : answer.error.map(({ code, message }) => `${code} ${message.en}`)).toEqual([
    'gate/no-statistic The policy does not list corr for turnover.', 'gate/no-statistic The policy does not list corr for staff.', 'gate/no-statistic The policy does not list stddev for staff.',
  ]);
});
