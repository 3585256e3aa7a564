/**
 * The space of everything that can be computed from released numbers: sparse elimination that removes the large classes of
 * units first, so that what is left are the combinations in which only small ones occur. Every row carries along of which
 * released numbers it is made.
 */
import { PRIME, inverse, times } from './field.ts';

/** Nonzero coefficients by class (≥ 0); by −1−i of the i-th released number that the row is made of. */
export type Row = Map<number, number>;

export const sourceColumn = (source: number): number => -1 - source;

interface Pivot {
  readonly column: number;
  readonly row: Row;
}

/** Additions that all eliminations together may take; about two seconds. */
const OPERATIONS = 40_000_000;

export class Elimination {
  readonly #pivots: Pivot[] = [];
  readonly #pivotOf = new Map<number, number>();
  readonly #isLarge: (cls: number) => boolean;
  /** Rows in which no large class occurs, and which of them hold a class. */
  readonly small: Row[] = [];
  readonly smallWith = new Map<number, number[]>();
  #left: number;

  constructor(isLarge: (cls: number) => boolean, operations = OPERATIONS) {
    this.#isLarge = isLarge;
    this.#left = operations;
  }

  /** Whether the bound of work was met: from then on nothing is reduced any more. */
  get exhausted(): boolean {
    return this.#left < 0;
  }

  /** The row less whatever the space has of it: no class of a pivot is left in it. Changes the row. */
  reduce(row: Row): Row {
    // A pivot row holds no class of an earlier pivot, so those that it brings in come later: one pass in order is enough.
    const due = new Heap();
    for (const cls of row.keys()) due.push(this.#pivotOf.get(cls));
    for (let next = due.pop(); next !== undefined && this.#left >= 0; next = due.pop()) {
      const pivot = this.#pivots[next];
      const factor = pivot === undefined ? 0 : row.get(pivot.column) ?? 0;
      if (pivot === undefined || factor === 0) continue;
      this.#left -= pivot.row.size;
      for (const [cls, value] of pivot.row) {
        const before = row.get(cls) ?? 0;
        const sum = (before + times(PRIME - factor, value)) % PRIME;
        if (sum === 0) row.delete(cls);
        else row.set(cls, sum);
        if (before === 0) due.push(this.#pivotOf.get(cls));
      }
    }
    return row;
  }

  /** Adds a reduced row. One without classes says nothing new. */
  add(reduced: Row): void {
    let column = -1;
    for (const cls of reduced.keys()) {
      if (cls < 0) continue;
      if (column === -1 || (this.#isLarge(cls) && !this.#isLarge(column))) column = cls;
    }
    if (column === -1) return;
    const scale = inverse(reduced.get(column) ?? 0);
    const row: Row = new Map([...reduced].map(([cls, value]) => [cls, times(value, scale)]));
    this.#pivotOf.set(column, this.#pivots.length);
    this.#pivots.push({ column, row });
    if (this.#isLarge(column)) return;
    const at = this.small.push(row) - 1;
    for (const cls of row.keys()) if (cls >= 0) this.smallWith.set(cls, [...(this.smallWith.get(cls) ?? []), at]);
  }
}

/** The smallest number first; numbers may be in it more than once. */
class Heap {
  readonly #items: number[] = [];

  push(item: number | undefined): void {
    if (item === undefined) return;
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const up = (at - 1) >> 1;
      if ((items[up] ?? 0) <= item) break;
      items[at] = items[up] ?? 0;
      at = up;
    }
    items[at] = item;
  }

  pop(): number | undefined {
    const items = this.#items;
    const [first] = items;
    const last = items.pop();
    if (items.length === 0 || last === undefined) return first;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= items.length) break;
      if (down + 1 < items.length && (items[down + 1] ?? 0) < (items[down] ?? 0)) down++;
      if ((items[down] ?? 0) >= last) break;
      items[at] = items[down] ?? 0;
      at = down;
    }
    items[at] = last;
    return first;
  }
}
