/**
 * Which parameters of cell-key noise have a perturbation table: noise of mean 0 and variance V, at most D to either side, that never gives
 * a count of 1 … js. A count n ≤ js has to reach both 0 and js + 1, so js is at most D. A count n ≥ D + js has all of −D … D, but for
 * −D where js > 0 and n = D + js; with mean 0 the largest variance is that of mass on both ends, D² and (D − 1)·D. Below the smallest
 * variance named here noise is as good as none, and a table of 2^32 keys no longer tells it apart.
 */

/** Largest D, also of a table that an agency loads. */
export const MOST_DEVIATION = 50;

/** Smallest V: about one count in 1,000 is changed. */
export const LEAST_VARIANCE = 0.001;

/** Largest js for D, integer ≥ 1: with D = 1 and js = 1 the count 2 could only stay as it is. */
export function mostForbidden(maxDeviation: number): number {
  return maxDeviation === 1 ? 0 : maxDeviation;
}

/** Largest V that every count from D + js on can have. */
export function mostVariance(maxDeviation: number, js: number): number {
  return js === 0 ? maxDeviation ** 2 : maxDeviation * (maxDeviation - 1);
}

export function hasTable(variance: number, maxDeviation: number, js: number): boolean {
  return js <= mostForbidden(maxDeviation) && variance >= LEAST_VARIANCE && variance <= mostVariance(maxDeviation, js);
}
