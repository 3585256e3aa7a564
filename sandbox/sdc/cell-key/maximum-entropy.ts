/**
 * Builds a perturbation table: for each count the distribution of largest entropy with mean 0, variance V and deviations up to D,
 * that never gives a count of 1 … js or a negative one. Counts from D + js on have variance V; where a smaller one cannot have it
 * (few deviations are allowed to it), it has the nearest variance that it can have.
 *
 * Source: Giessing, "Computational issues in the design of transition probabilities and disclosure risk estimation for
 * additive noise", Privacy in Statistical Databases 2016; R package ptable (Destatis).
 */
import { hasTable } from '#contract/noise-parameters.ts';
import { largestEntropy } from './largest-entropy.ts';
import type { NoiseSize } from '#contract/noise-size.ts';
import type { PerturbationTable } from './table.ts';

/** Cell keys that a row shares out. */
const KEYS = 2 ** 32;

export interface Row {
  /** Ascending. */
  readonly deviations: readonly number[];
  /** Sum 1; a share below half a key is never drawn. */
  readonly probabilities: readonly number[];
}

/**
 * Null where no such table exists (`contract/noise-parameters.ts`).
 * @param variance V
 * @param maxDeviation D, integer ≥ 1
 * @param js counts 1 … js are never given, integer ≥ 0
 */
export function buildTable(variance: number, maxDeviation: number, js: number): PerturbationTable | null {
  if (!hasTable(variance, maxDeviation, js)) return null;
  const rows = Array.from({ length: maxDeviation + js + 2 }, (_, n) => rowOf(n, variance, maxDeviation, js)).map((row): SharedOut => ({ deviations: row.deviations, ends: keyEnds(row) }));
  return {
    size: sizeOf(rows, maxDeviation + js),
    noise(n, cellKey) {
      if (n === 0n) return 0n;
      const row = rows[n < BigInt(rows.length) ? Number(n) : rows.length - 1];
      return BigInt(row?.deviations[row.ends.findIndex((end) => cellKey < end)] ?? 0);
    },
  };
}

/** @param n count, integer ≥ 0; the other parameters have a table */
export function rowOf(n: number, variance: number, maxDeviation: number, js: number): Row {
  if (n === 0) return { deviations: [0], probabilities: [1] };
  const deviations = Array.from({ length: 2 * maxDeviation + 1 }, (_, i) => i - maxDeviation).filter((v) => n + v === 0 || n + v > js);
  return { deviations, probabilities: largestEntropy(deviations, variance) };
}

interface SharedOut {
  readonly deviations: readonly number[];
  /** Where each deviation's share of the keys ends. */
  readonly ends: readonly number[];
}

function keyEnds({ probabilities }: Row): readonly number[] {
  let sum = 0;
  return probabilities.map((p, i) => {
    sum += p;
    return i === probabilities.length - 1 ? KEYS : Math.round(sum * KEYS);
  });
}

/** Of the noise as it is drawn: of a large D and a small V the outer deviations have no key. The mean of each row is 0 but for what sharing out keys leaves of it. */
function sizeOf(rows: readonly SharedOut[], from: number): NoiseSize {
  const largest = (some: readonly SharedOut[]) => {
    const drawn = some.map(({ deviations, ends }) => deviations.map((deviation, i) => ({ deviation, share: ((ends[i] ?? 0) - (ends[i - 1] ?? 0)) / KEYS })).filter(({ share }) => share > 0));
    return {
      variance: Math.max(...drawn.map((row) => row.reduce((sum, { deviation, share }) => sum + share * deviation ** 2, 0))),
      maxDeviation: Math.max(...drawn.flatMap((row) => row.map(({ deviation }) => Math.abs(deviation)))),
      bias: Math.max(...drawn.map((row) => Math.abs(row.reduce((sum, { deviation, share }) => sum + share * deviation, 0)))),
    };
  };
  return { from, ...largest(rows.slice(from)), below: from === 1 ? null : largest(rows.slice(1, from)) };
}
