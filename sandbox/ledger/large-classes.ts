/**
 * Numbers over classes of at least as many units as the minimum. None of these can differ: what follows from others but for few units follows from them there without any
 * error. So most numbers are seen to follow from nothing at once, and no sample of the others is needed to be sure.
 */
import type { Coefficients } from './combinations.ts';
import type { RowsWith } from './rows-with.ts';
import { MORE, Sample, type Numbered } from './sample.ts';

export class LargeClasses {
  readonly #sample: Sample;

  /** @param isLarge of a class. @param rowsWith of all numbers that will be added or asked about. @param all classes, numbered below */
  constructor(isLarge: (cls: number) => boolean, rowsWith: RowsWith, all: number) {
    const columns = new Set<number>();
    for (const { classes } of rowsWith.rows) {
      const cls = classes.find(isLarge);
      if (cls !== undefined) columns.add(cls);
    }
    for (let cls = 1; cls < all && columns.size < rowsWith.rows.length + MORE; cls++) if (isLarge(cls)) columns.add(cls);
    this.#sample = new Sample([...columns], 0, all, rowsWith);
  }

  get multiplications(): number {
    return this.#sample.multiplications;
  }

  /** @param most multiplications; false where it takes more */
  add(number: Numbered, most: number): boolean {
    return this.#sample.add(number, most, () => null);
  }

  /** Whether the number is a combination of those that were added. @param most multiplications; true where it takes more */
  mayFollow(row: Coefficients, most: number): boolean {
    const before = this.#sample.multiplications;
    return this.#sample.solve(row, most) !== null || this.#sample.multiplications - before > most;
  }
}
