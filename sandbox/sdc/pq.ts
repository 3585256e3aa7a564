import type { Fraction } from './remainder.ts';

/**
 * The pq rule: the p% rule for an attacker who already knew every other contribution to within q percent.
 *
 * Unsafe when (q/100)·(X − x1 − x2) < (p/100)·x1, compared exactly in integers: q·(X − x1 − x2) < p·x1. With q = 100 it is
 * the p% rule. Needs p < q to say anything a prior guess of q percent does not. An all-zero cell is not dominated.
 *
 * Source: Hundepool et al., Statistical Disclosure Control (Wiley 2012), 4.2.2 (prior-posterior rule).
 *
 * @param p percent, 1 … 100
 * @param q percent, 1 … 100
 */
export const pqShare = (p: number, q: number): Fraction => ({ num: BigInt(p), den: BigInt(q) });
