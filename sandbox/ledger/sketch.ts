/**
 * A sketch of a population: its units are dealt into 256 buckets by their keyed pseudonym, and of each bucket two bits are
 * kept of the XOR of its units' hashes. Bucket b is bits 2·(b mod 16) and above of word ⌊b / 16⌋.
 *
 * A unit that is in one of two populations and not in the other, or contributes differently to them, changes its own bucket
 * and no other. So the number of buckets that differ is a lower bound of the number of units that differ: two populations
 * that differ by at most d units never differ in more than d buckets, and a difference of many units is never taken for
 * a small one when the bound says otherwise. A differing bucket is missed where the two bits agree by chance (1 in 4).
 * The bound holds across snapshots, joins and spellings, because pseudonyms are the same in all of them.
 */

export const SKETCH_WORDS = 16;
export const SKETCH_BUCKETS = 256;

/** Buckets of two words that differ, counted side by side. @param x, y what each word has of its own against another: their XOR */
export function differingInPair(x: number, y: number): number {
  // Either bit of a bucket: one mark for each.
  let marks = ((x | (x >>> 1)) & 0x5555_5555) + ((y | (y >>> 1)) & 0x5555_5555);
  marks = (marks & 0x3333_3333) + ((marks >>> 2) & 0x3333_3333);
  marks = (marks & 0x0f0f_0f0f) + ((marks >>> 4) & 0x0f0f_0f0f);
  return Math.imul(marks, 0x0101_0101) >>> 24;
}

/**
 * How many buckets of two sketches differ; counting stops above `enough`, so that a larger result only means "more".
 * @param a, b arrays that hold a sketch of 16 words from `atA`, `atB` on
 */
export function differingBuckets(a: Uint32Array, atA: number, b: Uint32Array, atB: number, enough = SKETCH_BUCKETS): number {
  let differing = 0;
  for (let w = 0; w < SKETCH_WORDS; w += 2) {
    differing += differingInPair(a[atA + w]! ^ b[atB + w]!, a[atA + w + 1]! ^ b[atB + w + 1]!);
    if (differing > enough) return differing;
  }
  return differing;
}

/** Which buckets of two sketches differ, in ascending order. A unit is in the same bucket of every sketch. */
export function bucketsThatDiffer(a: Uint32Array, b: Uint32Array): readonly number[] {
  const buckets: number[] = [];
  for (let bucket = 0; bucket < SKETCH_BUCKETS; bucket++) {
    const word = bucket >>> 4;
    if ((((a[word] ?? 0) ^ (b[word] ?? 0)) >>> (2 * (bucket & 15)) & 3) !== 0) buckets.push(bucket);
  }
  return buckets;
}

/**
 * The sketch with its buckets laid on one another eight by eight, so that 32 are left: the even words, and the odd ones. A unit still changes
 * one bucket only, and those of small populations, most of whose buckets are empty, are told apart by far fewer words.
 * @param sketch 16 words
 */
export function folded(sketch: Uint32Array): readonly [even: number, odd: number] {
  let [even, odd] = [0, 0];
  for (let w = 0; w < SKETCH_WORDS; w += 2) {
    even ^= sketch[w] ?? 0;
    odd ^= sketch[w + 1] ?? 0;
  }
  return [even >>> 0, odd >>> 0];
}
