/**
 * Quantiles and extremes as means of disjoint windows of units: a single order statistic is one unit's value, and a quantile that
 * may stand at any level slides over all of them. The values of a group, in order, are cut into one region for each position that the
 * policy fixes (the lowest, the levels, the highest), halfway between neighbours. Within its region a window begins with the
 * policy's minimum of units around the position and is doubled until it is safe; each window is a cell under every rule.
 *
 * All arithmetic is on whole numbers: a position is P of D, ranks are counted from 0.
 * Source: Handbook on Statistical Disclosure Control for Outputs (SDAP, 2nd ed. 2024), percentiles and extremes; Hundepool et al. 2012, 3.7 (micro-aggregation).
 */

/** Positions in order, each P of D: 0 is the lowest values, D the highest. */
export interface Positions {
  readonly of: bigint;
  readonly at: readonly bigint[];
}

/** Windows of so many sizes are tried, each twice as large as the one before; the last is the whole region. */
export const WINDOW_SIZES = 7;

/** @param levels decimal text between 0 and 1, ascending */
export function positionsOf(levels: readonly string[], lowest: boolean, highest: boolean): Positions {
  const digits = Math.max(1, ...levels.map((level) => (level.split('.')[1] ?? '').length));
  const of = 10n ** BigInt(digits);
  const at = levels.map((level) => BigInt((level.split('.')[1] ?? '').padEnd(digits, '0')));
  return { of, at: [...(lowest ? [0n] : []), ...at, ...(highest ? [of] : [])] };
}

/** Rank r of n lies in region i or a later one where 2·D·r ≥ boundary(i)·n; for i ≥ 1. */
export const boundaryOf = ({ at }: Positions, i: number): bigint => (at[i - 1] ?? 0n) + (at[i] ?? 0n);

/**
 * Rank r is within the window of size j of position i where |2·D·r − 2·P·(n − 1)| ≤ reach, for j below `WINDOW_SIZES` − 1. The window
 * of an inner position holds at least its size, that of the lowest and highest exactly.
 * @param smallest units of the smallest window, ≥ 1
 */
export function reachOf({ of, at }: Positions, i: number, j: number, smallest: number): bigint {
  const size = BigInt(smallest) << BigInt(j);
  const atEnd = at[i] === 0n || at[i] === of;
  return of * (atEnd ? 2n * (size - 1n) : size);
}

/** Where the centre of the window is: 2·P, to be multiplied by n − 1. */
export const centreOf = ({ at }: Positions, i: number): bigint => 2n * (at[i] ?? 0n);
