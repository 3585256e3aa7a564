/**
 * Spread and fit: what a variance, a correlation or a regression tells beside sums. Each is published from power sums (n, Σx,
 * Σx², and of two columns Σy, Σy², Σxy), so these are equations that one contributor can solve for the others.
 *
 * - Contributors: who is one of n has n − 1 unknown values against two equations of one column (five of two columns, for twice as
 *   many unknowns). With n = 3 they are solved, and where values are whole numbers with n = 4 or 5, since few lattice points lie on
 *   what is left. So residual degrees of freedom as for models: at least `RESIDUAL_DEGREES`.
 * - Alike: every value lies within √((n − 1)·V) of the mean (Samuelson 1968), so a small spread tells everybody's value. Unsafe when
 *   there is none at all, or when (n − 1)·V < f²·mean² with the f of the strictest p% or pq rule.
 * - Perfect fit: every residual is at most √SSR, so a good fit tells y of whoever's x is known. Unsafe when SSR = 0, or SSR < f²·mean(y)².
 *
 * Boundaries: equality with the bound is safe, but nothing at all (V = 0, SSR = 0) is always unsafe. All compared exactly in integers.
 * Source: Handbook on Statistical Disclosure Control for Outputs (SDAP, 2nd ed. 2024), "group disclosure" and regressions; ACRO `safe_dof_threshold`.
 */
import { meetsDegreesOfFreedom } from './degrees-of-freedom.ts';
import { floorDivide, type Fraction } from './remainder.ts';

const RESIDUAL_DEGREES = 10;

/** A spread estimates a mean; a fit of two columns a slope as well. */
export const estimatesEnough = (units: bigint, columns: 1 | 2): boolean => meetsDegreesOfFreedom(units, columns, RESIDUAL_DEGREES);

/** Units above as many as are needed. */
export const estimatesMargin = (units: bigint, columns: 1 | 2): bigint => units - BigInt(columns + RESIDUAL_DEGREES);

/** Σ over the n rows with a value; x and x² on the same grid. */
export interface PowerSums {
  readonly n: bigint;
  readonly sum: bigint;
  readonly squares: bigint;
}

/** n²·V = n·Σx² − (Σx)². */
export const spreadOf = ({ n, sum, squares }: PowerSums): bigint => n * squares - sum * sum;

/** @param share f; 0 where no p% or pq rule is in force */
export function spreadIsSafe(x: PowerSums, { num, den }: Fraction): boolean {
  const spread = spreadOf(x);
  return spread > 0n && (x.n - 1n) * spread * den * den >= num * num * x.sum * x.sum;
}

/** @param products Σxy over the same rows; without a spread of x there is no fit */
export function fitIsSafe(y: PowerSums, x: PowerSums, products: bigint, { num, den }: Fraction): boolean {
  const [a, b, c] = [spreadOf(x), spreadOf(y), y.n * products - x.sum * y.sum];
  if (a <= 0n) return false;
  // n·a·SSR = a·b − c².
  const residual = a * b - c * c;
  return residual > 0n && residual * y.n * den * den >= num * num * y.sum * y.sum * a;
}

/** √((n − 1)·V) beyond f times the mean, in hundredths of a percent of the mean, rounded down; null where all values are alike or the mean is 0. */
export function spreadMargin(x: PowerSums, share: Fraction): bigint | null {
  const spread = spreadOf(x);
  return spread <= 0n || x.sum === 0n ? null : rootMargin((x.n - 1n) * spread, 1n, x.sum, share);
}

/** √SSR beyond f times the mean of y, likewise; null where nothing is left, where the mean is 0, and without a spread of x. */
export function fitMargin(y: PowerSums, x: PowerSums, products: bigint, share: Fraction): bigint | null {
  const [a, b, c] = [spreadOf(x), spreadOf(y), y.n * products - x.sum * y.sum];
  const residual = a * b - c * c;
  return a <= 0n || residual <= 0n || y.sum === 0n ? null : rootMargin(residual * y.n, a, y.sum, share);
}

/** √(numerator / denominator) / |sum| − share, × 10,000. */
function rootMargin(numerator: bigint, denominator: bigint, sum: bigint, { num, den }: Fraction): bigint {
  const of = sum < 0n ? -sum : sum;
  return floorDivide(squareRoot(100_000_000n * den * den * numerator / denominator) - 10_000n * num * of, den * of);
}

/** Rounded down (Newton). @param square ≥ 0 */
function squareRoot(square: bigint): bigint {
  if (square < 2n) return square;
  let root = 1n << BigInt((square.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + square / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
