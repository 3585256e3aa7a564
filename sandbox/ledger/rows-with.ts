/** Which numbers a class counts in: of many numbers most have little to do with it. Made when it is first asked for. */
import type { Coefficients } from './combinations.ts';

export class RowsWith {
  readonly rows: readonly Coefficients[];
  readonly #places: ReadonlyMap<Coefficients, number>;
  readonly #classes: number;
  /** By class, where its rows begin; and the rows, class by class. */
  #made: { readonly starts: Int32Array; readonly places: Int32Array } | null = null;

  /** @param classes all of them, numbered below */
  constructor(rows: readonly Coefficients[], classes: number) {
    this.rows = [...new Set(rows)];
    this.#places = new Map(this.rows.map((row, i) => [row, i]));
    this.#classes = classes;
  }

  /** Its place in `rows`. */
  placeOf(row: Coefficients): number {
    return this.#places.get(row) ?? lost();
  }

  /** Places of rows in which the class counts. */
  of(cls: number): Int32Array {
    const { starts, places } = this.#made ??= this.#make();
    return places.subarray(starts[cls]!, starts[cls + 1]!);
  }

  #make(): { readonly starts: Int32Array; readonly places: Int32Array } {
    const starts = new Int32Array(this.#classes + 1);
    for (const { classes } of this.rows) for (const cls of classes) starts[cls + 1]! += 1;
    for (let cls = 0; cls < this.#classes; cls++) starts[cls + 1]! += starts[cls]!;
    const places = new Int32Array(starts[this.#classes]!);
    const next = starts.slice();
    this.rows.forEach(({ classes }, place) => {
      for (const cls of classes) places[next[cls]!++] = place;
    });
    return { starts, places };
  }
}

function lost(): never {
  throw new Error('a number that nobody said would be asked about');
}
