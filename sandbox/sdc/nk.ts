/**
 * The (n,k) rule: the n largest contributors may not make up k percent of the total.
 *
 * Unsafe at a share ≥ k, compared exactly in integers: 100·(x1 + … + xn) ≥ k·X. A cell whose contributions are all zero is
 * not dominated (0/0 must not be read as a share). With fewer than n units the share is 100 percent: unsafe.
 *
 * Source: Hundepool et al., Statistical Disclosure Control (Wiley 2012), 4.2.2; ACRO flags top-2 share ≥ 0.90,
 * Bundesbank sdcLog top-2 share ≥ 0.85.
 *
 * @param total X: of |x| over all units, or the magnitude of the net total
 * @param largest unit totals of |x|, largest first; a missing entry counts as zero
 * @param n 1 … 10
 * @param k percent, 1 … 100
 */
export function safeUnderNk(total: bigint, largest: readonly bigint[], n: number, k: number): boolean {
  const top = sumOfFirst(largest, n);
  if (top === 0n) return true;
  return 100n * top < BigInt(k) * total;
}

/** k minus the share of the n largest, in hundredths of a percent (rounded down); null for an all-zero cell or a zero total. */
export function nkMargin(total: bigint, largest: readonly bigint[], n: number, k: number): bigint | null {
  const top = sumOfFirst(largest, n);
  if (top === 0n || total === 0n) return null;
  return 100n * BigInt(k) - (10_000n * top + total - 1n) / total;
}

function sumOfFirst(largest: readonly bigint[], n: number): bigint {
  return largest.slice(0, n).reduce((sum, x) => sum + x, 0n);
}
