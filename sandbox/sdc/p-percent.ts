import type { Fraction } from './remainder.ts';

/**
 * The p% rule: no unit may be able to estimate another's contribution to within p percent.
 *
 * The second largest contributor subtracts its own value from the total and takes what is left for the largest; its error
 * is the remainder. Unsafe when X − x1 − x2 < (p/100)·x1, compared exactly in integers: 100·(X − x1 − x2) < p·x1.
 * A remainder of exactly p percent is safe. A cell whose contributions are all zero is not dominated.
 *
 * Source: Hundepool et al., Statistical Disclosure Control (Wiley 2012), 4.2.2; Cox 1981. ACRO flags a ratio < 0.10.
 *
 * @param p percent, 1 … 100
 */
export const pPercentShare = (p: number): Fraction => ({ num: BigInt(p), den: 100n });
