/**
 * What p% and pq have in common: of a total less its two largest contributions, the remainder must be at least a fraction of the largest.
 * The second largest contributor takes its own from the total, and the remainder is its error about the largest.
 */
import type { DominanceRule } from '#contract/policy.ts';
import { pPercentShare } from './p-percent.ts';
import { pqShare } from './pq.ts';

/** num / den, den > 0. */
export interface Fraction {
  readonly num: bigint;
  readonly den: bigint;
}

/** Of what values are added up: themselves (1), or their squares and products (2). */
export type Degree = 1 | 2;

/**
 * The fraction of the largest contribution that the remainder must reach; null for a rule of another kind.
 *
 * Squares: who knows x² to within a share knows x to within about half of it. So that the largest value itself cannot be estimated
 * to within f, the remainder of the squares must reach (1 + f)² − 1 of the largest square. Products take the same.
 */
export function remainderShare(rule: DominanceRule, degree: Degree): Fraction | null {
  if (rule.rule === 'nk') return null;
  const { num, den } = rule.rule === 'p-percent' ? pPercentShare(rule.p) : pqShare(rule.p, rule.q);
  return degree === 1 ? { num, den } : { num: 2n * num * den + num * num, den: den * den };
}

/**
 * Boundary: safe when X − x1 − x2 ≥ share·x1, exactly. A cell whose contributions are all zero is not dominated.
 * @param total X: of |x| over all units, or the magnitude of the net total
 * @param largest unit totals of |x|, largest first; a missing entry counts as zero
 */
export function remainderIsSafe(total: bigint, largest: readonly bigint[], share: Fraction): boolean {
  const [x1 = 0n, x2 = 0n] = largest;
  return x1 === 0n || share.den * (total - x1 - x2) >= share.num * x1;
}

/** By how much the remainder exceeds the share, in hundredths of a percent of x1, rounded down; null for an all-zero cell. */
export function remainderMargin(total: bigint, largest: readonly bigint[], { num, den }: Fraction): bigint | null {
  const [x1 = 0n, x2 = 0n] = largest;
  return x1 === 0n ? null : floorDivide(10_000n * (den * (total - x1 - x2) - num * x1), den * x1);
}

/** How far up a withheld total must be able to go so that the rule would hold. Source: Hundepool et al. 2012, table 4.3. */
export function remainderProtection(total: bigint, largest: readonly bigint[], { num, den }: Fraction): bigint {
  const [x1 = 0n, x2 = 0n] = largest;
  return (num * x1 + den - 1n) / den - (total - x1 - x2);
}

/** @param denominator > 0 */
export function floorDivide(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  return numerator % denominator < 0n ? quotient - 1n : quotient;
}
