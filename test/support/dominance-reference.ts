/**
 * Slow, plain reading of the dominance rules: from the contributions themselves, in exact fractions, straight from their
 * definitions as an attacker's error. Shares no code with `sandbox/sdc`.
 */
interface Fraction { readonly n: bigint; readonly d: bigint }

const fraction = (n: bigint, d: bigint): Fraction => (d < 0n ? { n: -n, d: -d } : { n, d });
const less = (a: Fraction, b: Fraction) => a.n * b.d < b.n * a.d;

const magnitudes = (contributions: readonly bigint[]) => contributions.map((x) => (x < 0n ? -x : x)).sort((a, b) => (a < b ? 1 : a > b ? -1 : 0));
const total = (xs: readonly bigint[]) => { let sum = 0n; for (const x of xs) sum += x; return sum; };

/** The second largest contributor's error about the largest, as a share of it, is less than p percent. */
export function unsafePPercent(contributions: readonly bigint[], X: bigint, p: number): boolean {
  const [x1 = 0n, x2 = 0n] = magnitudes(contributions);
  return x1 !== 0n && less(fraction(X - x1 - x2, x1), fraction(BigInt(p), 100n));
}

/** As above, for an attacker who knows the remainder to within q percent. */
export function unsafePq(contributions: readonly bigint[], X: bigint, p: number, q: number): boolean {
  const [x1 = 0n, x2 = 0n] = magnitudes(contributions);
  return x1 !== 0n && less(fraction((X - x1 - x2) * BigInt(q), 100n * x1), fraction(BigInt(p), 100n));
}

/** The n largest together hold at least k percent. */
export function unsafeNk(contributions: readonly bigint[], X: bigint, n: number, k: number): boolean {
  const top = total(magnitudes(contributions).slice(0, n));
  if (top === 0n) return false;
  if (X === 0n) return true;
  return !less(fraction(top, X), fraction(BigInt(k), 100n));
}

export const absoluteTotal = (contributions: readonly bigint[]) => total(magnitudes(contributions));
export const netMagnitude = (contributions: readonly bigint[]) => magnitudes([total(contributions)])[0] ?? 0n;
