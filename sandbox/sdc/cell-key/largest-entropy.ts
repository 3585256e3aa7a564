/**
 * The distribution of largest entropy on some whole numbers, with mean 0 and a variance. It is p(v) ∝ exp(a·v + b·v²); a and b minimise
 * the convex function log Σ exp(a·v + b·(v² − V)), whose gradient is what mean and variance lack. Newton's method with steps
 * that are halved until the function falls finds them from anywhere. At the ends of what the variance can be, mass is on two numbers only.
 *
 * Source: Boyd and Vandenberghe, "Convex Optimization", 2004, sections 7.2 (the dual of largest entropy) and 9.5.2 (damped Newton).
 */

/** Nearer to an end than this part of the range is at the end. */
const AT_END = 1e-10;
/** Of the wanted variance, and of its root. */
const PRECISION = 1e-12;
/** A few dozen are needed next to an end, fewer than ten elsewhere. */
const ROUNDS = 1000;

/**
 * Probabilities, in the order of `values`.
 * @param values ascending whole numbers, with 0 or one on either side of it
 * @param variance wanted, > 0; the nearest that the values can have is taken
 */
export function largestEntropy(values: readonly number[], variance: number): readonly number[] {
  const below = values.filter((v) => v < 0);
  const above = values.filter((v) => v > 0);
  const outermost = [Math.min(...below, 0), Math.max(...above, 0)] as const;
  const nearest = values.includes(0) ? [0, 0] as const : [Math.max(...below), Math.min(...above)] as const;
  const [least, most] = [-nearest[0] * nearest[1], -outermost[0] * outermost[1]];
  if (variance <= least + AT_END * (most - least)) return onTwo(values, nearest);
  if (variance >= most - AT_END * (most - least)) return onTwo(values, outermost);
  return inside(values, variance);
}

/** Mass on two values, or one, at mean 0. */
function onTwo(values: readonly number[], [low, high]: readonly [number, number]): readonly number[] {
  if (low === 0 || high === 0) return values.map((v) => (v === 0 ? 1 : 0));
  return values.map((v) => (v === low ? high / (high - low) : v === high ? -low / (high - low) : 0));
}

function inside(values: readonly number[], variance: number): readonly number[] {
  // In units of the largest value, so that all powers are of one size.
  const unit = Math.max(...values.map(Math.abs));
  const wanted = variance / unit ** 2;
  const points = values.map((v) => ({ x: v / unit, y: (v / unit) ** 2 - wanted }));
  let [a, b] = [0, 0];
  let here = at(points, a, b);
  for (let round = 0; round < ROUNDS; round++) {
    const { p, mean, excess } = here;
    if (Math.abs(mean) <= PRECISION * Math.sqrt(wanted) && Math.abs(excess) <= PRECISION * wanted) return p;
    // The Hessian is the covariance of x and y.
    const [xx, xy, yy] = [0, 0, 0].map((_, k) => points.reduce((sum, { x, y }, i) => sum + (p[i] ?? 0) * (k < 2 ? x - mean : y - excess) * (k < 1 ? x - mean : y - excess), 0)) as [number, number, number];
    const determinant = xx * yy - xy * xy;
    const [da, db] = [-(yy * mean - xy * excess) / determinant, -(xx * excess - xy * mean) / determinant];
    const slope = mean * da + excess * db;
    let step = 1;
    let next = at(points, a + da, b + db);
    // As near as this the function falls by less than its last digit: there Newton's own step is right.
    while (-slope > 1e-9 && !(next.value <= here.value + 1e-4 * step * slope)) {
      step /= 2;
      next = at(points, a + step * da, b + step * db);
    }
    [a, b, here] = [a + step * da, b + step * db, next];
  }
  throw new Error('a distribution of largest entropy was not found');
}

/** Function and gradient. */
function at(points: readonly { readonly x: number; readonly y: number }[], a: number, b: number) {
  const exponents = points.map(({ x, y }) => a * x + b * y);
  const largest = Math.max(...exponents);
  const raw = exponents.map((exponent) => Math.exp(exponent - largest));
  const total = raw.reduce((sum, weight) => sum + weight, 0);
  const p = raw.map((weight) => weight / total);
  const expected = (of: 'x' | 'y') => points.reduce((sum, point, i) => sum + (p[i] ?? 0) * point[of], 0);
  return { p, value: largest + Math.log(total), mean: expected('x'), excess: expected('y') };
}
