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
   * @param cellKey 0 … 2^32−1
   */
  noise(n: bigint, cellKey: number): bigint;
  /** By which key of a cell counts look up: the sum of its record keys itself, where the form of the table says so, or one derived from it (`noise.ts`). */
  readonly key: 'sum' | 'derived';
  /** No noise is larger than this. */
  readonly maxDeviation: number;
  /** Largest variance of a row, where the table states it. */
  readonly variance: number;
}
