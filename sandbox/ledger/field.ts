/**
 * Arithmetic modulo a prime below 2^26, so that a product is exact in a double.
 *
 * Why elimination modulo a prime and not over the rationals: a rational combination of rows, scaled to integers without a common
 * divisor, stays a nonzero combination modulo the prime and is zero wherever it was zero. So whatever can be computed from
 * released numbers is found here too. The other direction can fail only where the prime happens to divide a determinant,
 * which makes the check stricter, never weaker.
 */

/** The largest prime below 2^26. */
export const PRIME = 67_108_859;

export const mod = (a: number): number => ((a % PRIME) + PRIME) % PRIME;
export const times = (a: number, b: number): number => (a * b) % PRIME;

/** a ≠ 0 modulo the prime. */
export function inverse(a: number): number {
  let [r, next] = [PRIME, mod(a)];
  let [t, nextT] = [0, 1];
  while (next !== 0) {
    const q = Math.floor(r / next);
    [r, next] = [next, r - q * next];
    [t, nextT] = [nextT, t - q * nextT];
  }
  return mod(t);
}
