/** The ledger's questions answered the slow and plain way: sets of units, and ranks over the rationals for every subset. */
import type { Population } from '#sandbox/ledger/memory.ts';
import { SKETCH_WORDS } from '#sandbox/ledger/sketch.ts';
import { FEW, SMALLEST } from '#sandbox/ledger/smallest.ts';

/** A unit of a test: bucket and hash as the domain would derive them from its pseudonym and contribution. */
export interface Unit {
  readonly bucket: number;
  readonly hash: bigint;
}

/** Units from a small generator: the same seed, the same units. */
export function testUnits(count: number, seed = 7): readonly Unit[] {
  let state = BigInt(seed);
  const next = (): bigint => {
    state = BigInt.asUintN(64, state * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n);
    return BigInt.asUintN(64, (state ^ (state >> 31n)) * 0x9e37_79b9_7f4a_7c15n);
  };
  return Array.from({ length: count }, () => ({ bucket: Number(next() >> 56n), hash: next() }));
}

export function populationOf(units: Iterable<Unit>): Population {
  const sketch = new Uint32Array(SKETCH_WORDS);
  let fingerprint = 0n;
  let count = 0;
  for (const { bucket, hash } of units) {
    count++;
    fingerprint ^= hash;
    sketch[bucket >> 4] = (sketch[bucket >> 4] ?? 0) ^ (Number((hash >> 8n) & 3n) << (2 * (bucket & 15)));
  }
  const hashes = Array.from(units, ({ hash }) => Number(hash & 0xffff_ffffn)).sort((a, b) => a - b);
  return { units: count, fingerprint, sketch, smallest: Uint32Array.from(hashes.slice(0, count > FEW ? 0 : SMALLEST)) };
}

export const symmetricDifference = <T>(a: ReadonlySet<T>, b: ReadonlySet<T>): number => a.symmetricDifference(b).size;

/** A prime that large numbers are brought below: the rank is less than over the rationals in one of about as many cases. */
export const LARGE_PRIME = 2n ** 61n - 1n;

/** Rank over the rationals, by elimination without fractions; or modulo a prime. */
export function rank(matrix: readonly (readonly number[])[], modulo: bigint | null = null): number {
  const below = (value: bigint): bigint => (modulo === null ? value : value % modulo);
  const rows = matrix.map((row) => row.map(BigInt));
  const columns = rows[0]?.length ?? 0;
  let done = 0;
  for (let c = 0; c < columns && done < rows.length; c++) {
    const at = rows.findIndex((row, r) => r >= done && row[c] !== 0n);
    if (at === -1) continue;
    [rows[done], rows[at]] = [rows[at]!, rows[done]!];
    const pivot = rows[done]!;
    for (let r = done + 1; r < rows.length; r++) {
      const factor = rows[r]![c]!;
      if (factor !== 0n) rows[r] = rows[r]!.map((value, i) => below(value * pivot[c]! - pivot[i]! * factor));
    }
    done++;
  }
  return done;
}

/**
 * Whether some set of classes with 1 … min−1 units carries a combination of the numbers that the past ones alone do not give:
 * tries every set, and compares ranks with and without its columns.
 */
export function tellsFewApart(past: readonly (readonly number[])[], fresh: readonly (readonly number[])[], units: readonly number[], min: number): boolean {
  const inside = (rows: readonly (readonly number[])[], set: number): number =>
    rank(rows) - rank(rows.map((row) => row.filter((_, c) => (set & (1 << c)) === 0)));
  for (let set = 1; set < 1 << units.length; set++) {
    const total = units.reduce((sum, n, c) => ((set & (1 << c)) === 0 ? sum : sum + n), 0);
    if (total < min && inside([...past, ...fresh], set) > inside(past, set)) return true;
  }
  return false;
}
