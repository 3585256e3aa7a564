/**
 * Noise by a perturbation table and the domain's key. What all noise of a cell follows from is its cell key, a sum of 32 bits: whoever could
 * compute one from the other would try all of them, and find the one that fits a few noisy sums; and keys of cells that make up another add up
 * to its own. So the key only goes into HMAC-SHA-256 under a key of the domain (RFC 2104), together with what is asked for.
 */
import { createHmac } from 'node:crypto';
import type { NoiseSize } from '#contract/noise-size.ts';
import type { PerturbationTable } from './table.ts';

/** Bits of a fraction: a multiple of any bound that can be declared has no step that would show. */
const FRACTION = 192n;

export class CellKeyNoise {
  readonly #table: PerturbationTable;
  readonly #secret: () => Uint8Array;
  /** Read once: a release has many numbers. */
  #key: Uint8Array | null = null;

  /** @param secret the domain's key for noise, 32 bytes */
  constructor(table: PerturbationTable, secret: () => Uint8Array) {
    this.#table = table;
    this.#secret = secret;
  }

  /** Of counts of units; of a magnitude a multiple of the bound, and a part of it. */
  get size(): NoiseSize {
    return this.#table.size;
  }

  /**
   * For the number of units of a kind.
   * @param cellKey Σ of the units' record keys modulo 2^32
   */
  count(units: bigint, cellKey: number, kind: string): bigint {
    if (units === 0n) return 0n;
    return this.#table.noise(units, this.#derived(['units', kind, cellKey]).key);
  }

  /**
   * (v + f)·bound: v from the table, f spread evenly over −1/2 … 1/2. Another for each bound: of two multiples of the same noise it
   * could be taken off. And another for each number: the same units may have other rows, and the difference of two sums of theirs would be exact.
   * @param bound largest contribution of a unit, ≥ 0
   * @param cellKeys of all kinds of unit, by kind
   * @param of what is added up
   * @param exact what it comes to
   */
  magnitude(units: bigint, bound: bigint, cellKeys: Readonly<Record<string, number>>, of: string, exact: bigint): bigint {
    if (units === 0n) return 0n;
    const keys = Object.entries(cellKeys).sort(([a], [b]) => (a < b ? -1 : 1));
    const { key, fraction } = this.#derived(['magnitude', of, bound.toString(), exact.toString(), keys]);
    const scaled = (fraction - 2n ** (FRACTION - 1n)) * bound;
    return this.#table.noise(units, key) * bound + scaled / 2n ** FRACTION;
  }

  #derived(purpose: readonly unknown[]): { readonly key: number; readonly fraction: bigint } {
    const bytes = createHmac('sha256', this.#key ??= this.#secret()).update(`sluice cell-key noise\n${JSON.stringify(purpose)}`).digest();
    return { key: bytes.readUInt32BE(0), fraction: BigInt(`0x${bytes.subarray(4, 4 + Number(FRACTION) / 8).toString('hex')}`) };
  }
}
