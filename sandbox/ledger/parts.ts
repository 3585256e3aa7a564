/**
 * Units that known numbers do not tell apart: in all of them they count alike, but for a factor. Whatever is made of known numbers is the same for all units of a part,
 * times that factor.
 */
import type { Coefficients } from './combinations.ts';
import { inverse, times } from './field.ts';
import { mixed } from './mix.ts';

export class Parts {
  /** By class, 64 bits of where it counts how much, in terms of the first. */
  readonly #low: Int32Array;
  readonly #high: Int32Array;
  /** By class, how much it counts in the first number that it is in; 0: in none. */
  readonly #first: Int32Array;
  /** What makes that 1. */
  readonly #scale: Int32Array;
  #numbers = 0;
  #seed = 1;

  /** @param classes one more than the largest */
  constructor(classes: number) {
    this.#low = new Int32Array(classes);
    this.#high = new Int32Array(classes);
    this.#first = new Int32Array(classes);
    this.#scale = new Int32Array(classes);
  }

  add(known: readonly Coefficients[]): void {
    // Nobody who chooses numbers knows in which order units are classes: none so that two parts would have the same bits.
    for (const { classes } of known) for (let i = 0; i < classes.length; i += SEEDED) this.#seed = mixed(this.#seed ^ classes[i]!);
    for (const { classes, rows } of known) {
      const number = mixed(++this.#numbers ^ this.#seed);
      for (let i = 0; i < classes.length; i++) {
        const [cls, counts] = [classes[i]!, rows[i]!];
        if (counts === 0) continue;
        if (this.#first[cls] === 0) {
          this.#first[cls] = counts;
          this.#scale[cls] = counts === 1 ? 1 : inverse(counts);
        }
        const one = mixed(number ^ Math.imul(times(counts, this.#scale[cls]!), 0x85eb_ca6b));
        this.#low[cls]! += one;
        this.#high[cls]! += mixed(one ^ Math.imul(number, 0x27d4_eb2f));
      }
    }
  }

  /** By class; 0: in no number. */
  get of(): Int32Array {
    const of = new Int32Array(this.#low.length);
    const first: number[] = [];
    const slots = new Int32Array(2 ** (33 - Math.clz32(of.length)));
    for (let cls = 0; cls < of.length; cls++) {
      if (this.#first[cls] === 0) continue;
      const [low, high] = [this.#low[cls]!, this.#high[cls]!];
      let at = (low ^ Math.imul(high, 0x85eb_ca6b)) & (slots.length - 1);
      for (; slots[at] !== 0; at = (at + 1) & (slots.length - 1)) {
        const same = first[slots[at]! - 1]!;
        if (this.#low[same] === low && this.#high[same] === high) break;
      }
      if (slots[at] === 0) slots[at] = first.push(cls);
      of[cls] = slots[at]!;
    }
    return of;
  }

  /** By class, the factor by which what is made of known numbers is what it is for its part. */
  get factors(): Int32Array {
    return this.#first;
  }
}

/** Every so many classes of a number go into the seed. */
const SEEDED = 7;
