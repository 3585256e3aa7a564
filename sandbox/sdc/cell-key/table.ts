/**
 * A perturbation table: what is added to a count, by the count and its cell key. The same contributors have the same cell key, so
 * they get the same noise however the question is put; asking again or differently averages nothing out.
 *
 * Source: Fraser and Wooton, "A proposed method for confidentialising tabular output to protect against differencing", UNECE 2005;
 * Meindl and Enderle, "cellKey – consistent perturbation of statistical tables", UNECE 2019.
 */
import type { NoiseSize } from '#contract/noise-size.ts';

export interface PerturbationTable {
  /**
   * Noise for a count of `n` ≥ 0 units; 0 for an empty cell, never below −n.
   * @param key 0 … 2^32−1, spread evenly: derived from the cell key under the domain's key (`noise.ts`)
   */
  noise(n: bigint, key: number): bigint;
  readonly size: NoiseSize;
}
