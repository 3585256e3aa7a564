/**
 * Perturbation tables in the integer form of the Office for National Statistics: a line for each pcv and cell key (0 … 255). pcv is
 * the count up to 750; beyond that the last 250 lines repeat: (n − 1) mod 250 + 501.
 *
 * Source: ONSdigital/cell-key-perturbation (MIT), `ptable_10_5_rule.csv`.
 */
import { err, ok } from '#contract/result.ts';
import type { Result } from '#contract/result.ts';
import type { PerturbationTable } from './table.ts';

const KEYS = 256;
const LARGEST_PCV = 750;

/** @param csv header `pcv,ckey,pvalue`, every combination once, whole numbers. The error says what is wrong and in which line. */
export function readOnsTable(csv: string): Result<PerturbationTable, string> {
  const [header, ...lines] = csv.trim().split(/\r?\n/);
  if (header?.trim() !== 'pcv,ckey,pvalue') return err('line 1: the header must be pcv,ckey,pvalue');
  const noise = new Int16Array((LARGEST_PCV + 1) * KEYS);
  const seen = new Uint8Array(noise.length);
  let largest = 0;
  for (const [i, line] of lines.entries()) {
    const match = /^(\d+),(\d+),(-?\d+)$/.exec(line.trim());
    const [pcv, key, value] = [Number(match?.[1]), Number(match?.[2]), Number(match?.[3])];
    if (match === null || pcv < 1 || pcv > LARGEST_PCV || key >= KEYS) return err(`line ${i + 2}: not a pcv of 1 to ${LARGEST_PCV}, a key of 0 to ${KEYS - 1} and a whole number`);
    const index = pcv * KEYS + key;
    if (seen[index] === 1) return err(`line ${i + 2}: this pcv and key were given already`);
    if (value < -pcv) return err(`line ${i + 2}: would make the count negative`);
    seen[index] = 1;
    noise[index] = value;
    largest = Math.max(largest, Math.abs(value));
  }
  if (seen.subarray(KEYS).includes(0)) return err('some pcv and key is missing');
  const lastRow = noise.subarray(LARGEST_PCV * KEYS);
  return ok({
    key: 'sum',
    maxDeviation: largest,
    variance: lastRow.reduce((sum, v) => sum + v * v, 0) / KEYS,
    noise: (n, cellKey) => (n === 0n ? 0n : BigInt(noise[pcvOf(n) * KEYS + (cellKey % KEYS)] ?? 0)),
  });
}

function pcvOf(n: bigint): number {
  return n <= BigInt(LARGEST_PCV) ? Number(n) : Number((n - 1n) % 250n) + 501;
}
