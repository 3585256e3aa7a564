/**
 * The p% rule: no unit may be able to estimate another's contribution to within p percent.
 *
 * The second largest contributor subtracts its own value from the total and takes what is left for the largest; its error
 * is the remainder. Unsafe when X − x1 − x2 < (p/100)·x1, compared exactly in integers: 100·(X − x1 − x2) < p·x1.
 * A remainder of exactly p percent is safe. A cell whose contributions are all zero is not dominated.
 *
 * Source: Hundepool et al., Statistical Disclosure Control (Wiley 2012), 4.2.2; Cox 1981. ACRO flags a ratio < 0.10.
 *
 * @param total X: of |x| over all units, or the magnitude of the net total
 * @param largest unit totals of |x|, largest first; a missing entry counts as zero
 * @param p percent, 1 … 100
 */
export function safeUnderPPercent(total: bigint, largest: readonly bigint[], p: number): boolean {
  const x1 = largest[0] ?? 0n;
  const x2 = largest[1] ?? 0n;
  if (x1 === 0n) return true;
  return 100n * (total - x1 - x2) >= BigInt(p) * x1;
}

/** By how much the remainder exceeds the rule, in hundredths of a percent of x1; null for an all-zero cell. */
export function pPercentMargin(total: bigint, largest: readonly bigint[], p: number): bigint | null {
  const x1 = largest[0] ?? 0n;
  const x2 = largest[1] ?? 0n;
  return x1 === 0n ? null : floorDivide(10_000n * (total - x1 - x2) - 100n * BigInt(p) * x1, x1);
}

function floorDivide(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  return numerator % denominator < 0n ? quotient - 1n : quotient;
}
