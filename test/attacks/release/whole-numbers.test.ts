/**
 * One of four contributors knows their own values, the sum and the spread: three unknown values, two equations, and values that are whole
 * numbers. On the circle that is left lie a handful of points; with a second column and the covariance, one. The attacker
 * lists all solutions and is right where there is a single one.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Manifest } from '#contract/manifest.ts';
import { openPolicy } from '#contract/policy-open.ts';
import { Policy } from '#contract/policy.ts';
import { openTables, pin, type TestData } from '../../support/sql/tables.ts';
import { throughGate } from '../../support/sql/through-gate.ts';

const BRANCHES = 60;
const MANIFEST = Manifest.parse({
  id: 'firms',
  tables: {
    firms: {
      file: 'f.csv', units: { firm: 'id' }, maxRowsPerUnit: { firm: 1 },
      columns: {
        id: { type: 'varchar', role: 'unit' }, branch: { type: 'smallint', role: 'quasi', min: '0', max: String(BRANCHES - 1), nullable: false },
        turnover: { type: 'integer', role: 'sensitive', min: '0', max: '1000000', nullable: false }, staff: { type: 'integer', role: 'sensitive', min: '0', max: '10000', nullable: false },
      },
    },
  },
});
const EVERYTHING = ['count', 'sum', 'avg', 'stddev', 'var', 'covar', 'corr', 'regr'];
const POLICY = Policy.parse({
  policy: 'firms', version: 1, dataset: 'firms',
  statistics: {
    mechanism: { kind: 'suppress' }, units: { firm: { min: 3 } }, dominance: [{ rule: 'p-percent', p: 10 }, { rule: 'nk', n: 2, k: 85 }], secondary: 'required',
    dimensions: { 'firms.branch': { levels: ['branch'] } }, measures: { 'firms.turnover': EVERYTHING, 'firms.staff': EVERYTHING },
  },
});

/** By branch four firms, [turnover in hundreds of yuan, staff]; the first is the attacker. */
const FIRMS = Array.from({ length: BRANCHES }, (_, b) => Array.from({ length: 4 }, (_, i): readonly [number, number] => [2_000 + ((b * 7919 + i * 104_729 + b * i * 1_299_709) % 8_000), 20 + ((b * 31 + i * 7_907 + b * i * 613) % 180)]));

let data: TestData;
beforeAll(async () => {
  data = await openTables(MANIFEST, { firms: FIRMS.flatMap((firms, b) => firms.map(([turnover, staff], i) => [`'F${b}-${i}'`, String(b), String(turnover), String(staff)])) });
});
afterAll(() => data.close());

type Three = readonly [number, number, number];

/** x ≥ y ≥ z ≥ 0 with this sum and these squares. */
function solutions(sum: number, squares: number): readonly Three[] {
  const found: Three[] = [];
  for (let x = Math.ceil(sum / 3); x <= sum; x++) {
    const [rest, difference] = [sum - x, 2 * (squares - x * x) - (sum - x) ** 2];
    const root = Math.round(Math.sqrt(Math.max(0, difference)));
    if (difference < 0 || root * root !== difference || (rest + root) % 2 !== 0) continue;
    const [y, z] = [(rest + root) / 2, (rest - root) / 2];
    if (z >= 0 && x >= y) found.push([x, y, z]);
  }
  return found;
}

const ORDERS: readonly Three[] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
const pairsOf = (xs: Three, ys: Three): readonly (readonly [readonly (readonly [number, number])[], number])[] => ORDERS.map((order) => {
  const pairs = order.map((o, i): readonly [number, number] => [xs[i] ?? 0, ys[o] ?? 0]).toSorted(([a, b], [c, d]) => c - a || d - b);
  return [pairs, pairs.reduce((sum, [x, y]) => sum + x * y, 0)];
});

/** In how many branches the three others are known to the last digit, and in how many more their number of solutions is below five. */
async function solved(policy: Policy): Promise<{ readonly known: number; readonly released: number }> {
  const answer = await throughGate(data.connection, [pin(MANIFEST, policy)],
    'SELECT branch, count(*), sum(turnover), var_pop(turnover), sum(staff), var_pop(staff), covar_pop(turnover, staff) FROM firms GROUP BY branch');
  if (!answer.ok) throw new Error(JSON.stringify(answer.error));
  let [known, released] = [0, 0];
  for (const row of answer.value.rows) {
    if (row.some((value) => value === null)) continue;
    released++;
    const [branch = 0, n = 0, sx = 0, vx = 0, sy = 0, vy = 0, cxy = 0] = row.map(Number);
    const [[x0, y0] = [0, 0], ...others] = FIRMS[branch] ?? [];
    const squares = (sum: number, variance: number, own: number): number => Math.round(n * variance + sum ** 2 / n) - own ** 2;
    const products = Math.round(n * cxy + (sx * sy) / n) - x0 * y0;
    const [ofX, ofY] = [solutions(sx - x0, squares(sx, vx, x0)), solutions(sy - y0, squares(sy, vy, y0))];
    const fits = new Set(ofX.flatMap((xs) => ofY.flatMap((ys) => pairsOf(xs, ys).filter(([, sum]) => sum === products).map(([pairs]) => JSON.stringify(pairs)))));
    const truth = JSON.stringify(others.toSorted(([a, b], [c, d]) => c - a || d - b));
    if (fits.size === 1 && fits.has(truth)) known++;
  }
  return { known, released };
}

describe('one of four solves for the other three', () => {
  test('without rules, nearly everywhere', async () => {
    const { known, released } = await solved(openPolicy(MANIFEST.id, [MANIFEST]));
    expect(released).toBe(BRANCHES);
    expect(known).toBeGreaterThan(0.8 * BRANCHES);
  });

  test('with them, nowhere', async () => expect((await solved(POLICY)).known).toBe(0));
});
