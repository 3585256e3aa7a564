/**
 * Builds a perturbation table: for each count the distribution of largest entropy with mean 0, variance V and deviations up to D,
 * that never gives a count of 1 … js or a negative one. Its form is p(v) ∝ exp(a·v + b·v²) on the deviations that are
 * allowed; a and b are found by Newton's method. Counts beyond D + js all have the distribution of an unrestricted row.
 *
 * Where a small count cannot have variance V (few deviations are allowed to it), the nearest variance that it can have is taken.
 *
 * Source: Giessing, "Computational issues in the design of transition probabilities and disclosure risk estimation for
 * additive noise", Privacy in Statistical Databases 2016; R package ptable (Destatis).
 */
import type { PerturbationTable } from './table.ts';

export interface Row {
  readonly deviations: readonly number[];
  readonly probabilities: readonly number[];
}

/**
 * @param variance V, above 0, at most D²
 * @param maxDeviation D, 1 … 50
 * @param js counts 1 … js are never given, 0 … 50
 */
export function buildTable(variance: number, maxDeviation: number, js: number): PerturbationTable {
  const rows = Array.from({ length: maxDeviation + js + 2 }, (_, n) => rowOf(n, variance, maxDeviation, js));
  const thresholds = rows.map(cumulative);
  return {
    key: 'derived',
    maxDeviation: Math.max(...rows.flatMap(({ deviations }) => deviations.map(Math.abs))),
    variance,
    noise(n, cellKey) {
      if (n === 0n) return 0n;
      const index = n < BigInt(rows.length) ? Number(n) : rows.length - 1;
      const steps = thresholds[index] ?? [];
      const at = steps.findIndex((step) => cellKey < step);
      return BigInt(rows[index]?.deviations[at] ?? 0);
    },
  };
}

export function rowOf(n: number, variance: number, maxDeviation: number, js: number): Row {
  if (n === 0) return { deviations: [0], probabilities: [1] };
  // A forbidden count has to reach 0 or js + 1, and as far to the other side, or its mean could not stay what it is.
  const reach = Math.max(maxDeviation, n <= js ? Math.max(n, js + 1 - n) : 0);
  const deviations = Array.from({ length: 2 * reach + 1 }, (_, i) => i - reach)
    .filter((v) => n + v === 0 || n + v > js);
  const range = varianceRange(deviations);
  // Just inside: at its ends only two deviations are left, and no table of largest entropy exists.
  const margin = (range.high - range.low) * 1e-3;
  const wanted = Math.min(Math.max(variance, range.low + margin), range.high - margin);
  return { deviations, probabilities: range.low === range.high ? extreme(deviations) : entropic(deviations, wanted) };
}

/** Smallest and largest variance at mean 0: mass on the nearest, or on the outermost, deviations to both sides. */
function varianceRange(deviations: readonly number[]): { readonly low: number; readonly high: number } {
  const below = deviations.filter((v) => v < 0);
  const above = deviations.filter((v) => v > 0);
  const nearest = deviations.includes(0) ? 0 : -Math.max(...below) * Math.min(...above);
  return { low: nearest, high: -Math.min(...below) * Math.max(...above) };
}

/** Two deviations, at mean 0. */
function extreme(deviations: readonly number[]): readonly number[] {
  const [low = 0, high = 0] = [Math.min(...deviations), Math.max(...deviations)];
  return deviations.map((v) => (v === low ? high / (high - low) : v === high ? -low / (high - low) : 0));
}

function entropic(deviations: readonly number[], variance: number): readonly number[] {
  let a = 0;
  let b = 0;
  for (let round = 0; round < 200; round++) {
    const p = weights(deviations, a, b);
    const moment = (k: number) => deviations.reduce((sum, v, i) => sum + (p[i] ?? 0) * v ** k, 0);
    const [m1, m2, m3, m4] = [moment(1), moment(2), moment(3), moment(4)];
    const [f, g] = [m1, m2 - variance];
    if (Math.abs(f) < 1e-12 && Math.abs(g) < 1e-12) return p;
    // The Jacobian of the moments is their covariance.
    const [c11, c12, c22] = [m2 - m1 * m1, m3 - m1 * m2, m4 - m2 * m2];
    const determinant = c11 * c22 - c12 * c12;
    const da = (c22 * f - c12 * g) / determinant;
    const db = (c11 * g - c12 * f) / determinant;
    const damping = Math.min(1, 1 / Math.max(Math.abs(da), Math.abs(db)));
    a -= damping * da;
    b -= damping * db;
  }
  throw new Error('no perturbation table with these parameters');
}

function weights(deviations: readonly number[], a: number, b: number): readonly number[] {
  const exponents = deviations.map((v) => a * v + b * v * v);
  const largest = Math.max(...exponents);
  const raw = exponents.map((x) => Math.exp(x - largest));
  const total = raw.reduce((sum, x) => sum + x, 0);
  return raw.map((x) => x / total);
}

/** Upper ends of each deviation's share of the 2^32 cell keys. */
function cumulative({ probabilities }: Row): readonly number[] {
  let sum = 0;
  return probabilities.map((p, i) => {
    sum += p;
    return i === probabilities.length - 1 ? 2 ** 32 : Math.round(sum * 2 ** 32);
  });
}
