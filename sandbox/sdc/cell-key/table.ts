/**
 * A perturbation table: what is added to a count, by the count and its cell key. The same contributors have the same cell key, so
 * they get the same noise however the question is put; asking again or differently averages nothing out.
 *
 * Source: Fraser and Wooton, "A proposed method for confidentialising tabular output to protect against differencing", UNECE 2005;
 * Meindl and Enderle, "cellKey – consistent perturbation of statistical tables", UNECE 2019.
 */
export interface PerturbationTable {
  /**
   * Noise for a count of `n` ≥ 0 units; 0 for an empty cell, never below −n.
   * @param cellKey Σ of the contributors' record keys modulo 2^32, 0 … 2^32−1
   */
  noise(n: bigint, cellKey: number): bigint;
  /** No noise is larger than this. */
  readonly maxDeviation: number;
  /** Largest variance of a row, where the table states it. */
  readonly variance: number;
}

/** Spreads the bits of a cell key, so that other statistics of the same contributors get noise of their own (murmur3 finaliser). */
export function derivedKey(cellKey: number, purpose: string): number {
  let h = cellKey ^ 0x9e3779b9;
  for (const character of purpose) h = Math.imul(h ^ (character.codePointAt(0) ?? 0), 0x01000193);
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  h ^= h >>> 16;
  return h >>> 0;
}
