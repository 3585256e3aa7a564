/**
 * The pq rule: the p% rule for an attacker who already knew every other contribution to within q percent.
 *
 * Unsafe when (q/100)·(X − x1 − x2) < (p/100)·x1, compared exactly in integers: q·(X − x1 − x2) < p·x1. With q = 100 it is
 * the p% rule. Needs p < q to say anything a prior guess of q percent does not. An all-zero cell is not dominated.
 *
 * Source: Hundepool et al., Statistical Disclosure Control (Wiley 2012), 4.2.2 (prior-posterior rule).
 *
 * @param total X: of |x| over all units, or the magnitude of the net total
 * @param largest unit totals of |x|, largest first; a missing entry counts as zero
 */
export function safeUnderPq(total: bigint, largest: readonly bigint[], p: number, q: number): boolean {
  const x1 = largest[0] ?? 0n;
  const x2 = largest[1] ?? 0n;
  if (x1 === 0n) return true;
  return BigInt(q) * (total - x1 - x2) >= BigInt(p) * x1;
}
