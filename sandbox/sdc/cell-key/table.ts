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
  readonly size: NoiseSize;
}

/** How large the noise is: what a user needs for intervals around the numbers, and no key. */
export interface NoiseSize {
  /** Counts of this many units and more have noise of this size, integer ≥ 1; their mean noise is 0. */
  readonly from: number;
  readonly variance: number;
  /** The largest that any key gives. */
  readonly maxDeviation: number;
  /** Of counts from 1 on and below `from`, the largest of any count: some of them cannot have the noise of the others. `variance`: mean square. Null where there are none. */
  readonly below: { readonly variance: number; readonly maxDeviation: number } | null;
}
