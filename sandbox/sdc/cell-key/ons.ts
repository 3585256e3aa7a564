/**
 * A table in the form of the ONS, which has 256 keys to each count (`contract/ons-table.ts`). The form says that they are the cell key itself,
 * a sum of record keys; here they are cut from a key that is derived from it (`noise.ts`): sums of eight bits add up where cells do.
 */
import { FIRST_REPEATING, ONS_COUNTS, ONS_KEYS, onsSize, type OnsNoise } from '#contract/ons-table.ts';
import type { PerturbationTable } from './table.ts';

export function onsTable(noise: OnsNoise): PerturbationTable {
  return {
    size: onsSize(noise),
    noise: (n, key) => (n === 0n ? 0n : BigInt(noise[(pcvOf(n) - 1) * ONS_KEYS + (key % ONS_KEYS)] ?? 0)),
  };
}

function pcvOf(n: bigint): number {
  return n <= BigInt(ONS_COUNTS) ? Number(n) : Number((n - 1n) % BigInt(ONS_COUNTS + 1 - FIRST_REPEATING)) + FIRST_REPEATING;
}
