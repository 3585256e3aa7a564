/**
 * Perturbation tables in the integer form of the Office for National Statistics: a line for each pcv and cell key (0 … 255). pcv is
 * the count up to 750; beyond that the last 250 lines repeat: (n − 1) mod 250 + 501.
 *
 * Source: ONSdigital/cell-key-perturbation (MIT), `ptable_10_5_rule.csv`.
 */
import { err, ok } from '#contract/result.ts';
import type { Result } from '#contract/result.ts';
import type { NoiseSize, PerturbationTable } from './table.ts';

const KEYS = 256;
const LARGEST_PCV = 750;
/** The first line of those that repeat. */
const FIRST_REPEATING = 501;

/** @param csv header `pcv,ckey,pvalue`, every combination once, whole numbers. The error says what is wrong and in which line. */
export function readOnsTable(csv: string): Result<PerturbationTable, string> {
  const [header, ...lines] = csv.trim().split(/\r?\n/);
  if (header?.trim() !== 'pcv,ckey,pvalue') return err('line 1: the header must be pcv,ckey,pvalue');
  const noise = new Int16Array((LARGEST_PCV + 1) * KEYS);
  const seen = new Uint8Array(noise.length);
  for (const [i, line] of lines.entries()) {
    const match = /^(\d+),(\d+),(-?\d+)$/.exec(line.trim());
    const [pcv, key, value] = [Number(match?.[1]), Number(match?.[2]), Number(match?.[3])];
    if (match === null || pcv < 1 || pcv > LARGEST_PCV || key >= KEYS) return err(`line ${i + 2}: not a pcv of 1 to ${LARGEST_PCV}, a key of 0 to ${KEYS - 1} and a whole number`);
    const index = pcv * KEYS + key;
    if (seen[index] === 1) return err(`line ${i + 2}: this pcv and key were given already`);
    if (value < -pcv) return err(`line ${i + 2}: would make the count negative`);
    seen[index] = 1;
    noise[index] = value;
  }
  if (seen.subarray(KEYS).includes(0)) return err('some pcv and key is missing');
  return ok({
    key: 'sum',
    size: sizeOf(Array.from({ length: LARGEST_PCV + 1 }, (_, pcv) => noise.subarray(pcv * KEYS, (pcv + 1) * KEYS))),
    noise: (n, cellKey) => (n === 0n ? 0n : BigInt(noise[pcvOf(n) * KEYS + (cellKey % KEYS)] ?? 0)),
  });
}

function pcvOf(n: bigint): number {
  return n <= BigInt(LARGEST_PCV) ? Number(n) : Number((n - 1n) % BigInt(LARGEST_PCV + 1 - FIRST_REPEATING)) + FIRST_REPEATING;
}

/**
 * Of counts whose noise is no larger than that of the lines that repeat. Their variance is over counts and keys together: a single line
 * may have a mean other than 0, as where the table rounds.
 */
function sizeOf(rows: readonly Int16Array[]): NoiseSize {
  const meanSquare = (row: Int16Array) => row.reduce((sum, v) => sum + v * v, 0) / row.length;
  const largest = (row: Int16Array) => row.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  const repeating = rows.slice(FIRST_REPEATING);
  const maxDeviation = Math.max(...repeating.map(largest));
  const from = Math.max(1, rows.findLastIndex((row, pcv) => pcv > 0 && largest(row) > maxDeviation) + 1);
  const below = rows.slice(1, from);
  return {
    from,
    variance: repeating.reduce((sum, row) => sum + meanSquare(row), 0) / repeating.length,
    maxDeviation,
    below: below.length === 0 ? null : { variance: Math.max(...below.map(meanSquare)), maxDeviation: Math.max(...below.map(largest)) },
  };
}
