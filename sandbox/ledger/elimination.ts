/**
 * The space of everything that can be computed from released numbers: sparse elimination that removes the large classes of
 * units first, so that what is left are the combinations in which only small ones occur. Every row carries along of which
 * released numbers it is made.
 */
import { PRIME, inverse, residueOf, times } from './field.ts';
import { Joined } from './joined.ts';

/** Nonzero coefficients of classes (column ≥ 0), and of the released numbers that the row is made of (−1−i of the i-th). */
export interface Row {
  readonly columns: Int32Array;
  readonly values: Float64Array;
}

export const sourceColumn = (source: number): number => -1 - source;

interface Pivot {
  /** Place (`placeOf`) of its column, and those of its nonzero coefficients. */
  readonly place: number;
  readonly places: Int32Array;
  readonly values: Float64Array;
}

/** Additions that all eliminations together may take; about two seconds. */
const OPERATIONS = 40_000_000;

/** Classes and sources side by side. */
const placeOf = (column: number): number => (column >= 0 ? 2 * column : -2 * column - 1);
const columnAt = (place: number): number => (place % 2 === 0 ? place / 2 : -(place + 1) / 2);

export class Elimination {
  #pivots: Pivot[] = [];
  /** By place, the number of its pivot. */
  #pivotOf = new Map<number, number>();
  readonly #isLarge: (cls: number) => boolean;
  /** Rows in which no large class occurs, and which of them hold a class. */
  small: Row[] = [];
  smallWith = new Map<number, number[]>();
  /** Classes that these rows join, and how many rows do. */
  joined = new Joined();
  #left: number;
  /** The row at hand, by place, and the places that are or were not zero. */
  #work = new Float64Array(1024);
  #marked = new Uint8Array(1024);
  #touched = new Int32Array(1024);
  #count = 0;
  readonly #waiting = new Ascending();

  constructor(isLarge: (cls: number) => boolean, operations = OPERATIONS) {
    this.#isLarge = isLarge;
    this.#left = operations;
  }

  /** Rows are never changed once they are in. */
  copy(): Elimination {
    const copy = new Elimination(this.#isLarge, this.#left);
    copy.#pivots = this.#pivots.slice();
    copy.#pivotOf = new Map(this.#pivotOf);
    copy.small = this.small.slice();
    copy.smallWith = new Map(Array.from(this.smallWith, ([cls, rows]) => [cls, rows.slice()]));
    copy.joined = new Joined(this.joined);
    return copy;
  }

  /** Whether the bound of work was met: from then on nothing is reduced any more. */
  get exhausted(): boolean {
    return this.#left < 0;
  }

  /** The row less whatever the space has of it: no class of a pivot is left in it. */
  reduce(row: Row): Row {
    this.#reduce(row);
    return this.#taken();
  }

  /** The same, but null where a large class is left: nothing small follows then. */
  reduceToSmall(row: Row): Row | null {
    this.#reduce(row);
    for (let i = 0; i < this.#count; i++) {
      const place = this.#touched[i] ?? 0;
      if (place % 2 !== 0 || this.#work[place] === 0 || !this.#isLarge(place / 2)) continue;
      this.#clear();
      return null;
    }
    return this.#taken();
  }

  #reduce(row: Row): void {
    const { columns, values: own } = row;
    for (let i = 0; i < columns.length; i++) this.#touch(placeOf(columns[i] ?? 0), own[i] ?? 0);
    // A pivot row holds no class of an earlier pivot, so those that it brings in come later: one pass in order is enough.
    for (let number = this.#waiting.take(); number !== null; number = this.#waiting.take()) {
      const { place: at, places, values } = this.#pivots[number] ?? lost();
      const factor = this.#work[at] ?? 0;
      if (factor === 0) continue;
      if (this.#left < 0) break;
      this.#left -= places.length;
      const negated = PRIME - factor;
      for (let i = 0; i < places.length; i++) {
        const place = places[i] ?? 0;
        const product = negated * (values[i] ?? 0);
        if ((this.#marked[place] ?? 0) === 0) this.#touch(place, residueOf(product));
        else this.#work[place] = residueOf((this.#work[place] ?? 0) + product);
      }
    }
    this.#waiting.clear();
  }

  #touch(place: number, value: number): void {
    if (place >= this.#work.length) {
      const size = Math.max(place + 1, 2 * this.#work.length);
      const [work, marked, touched] = [new Float64Array(size), new Uint8Array(size), new Int32Array(size)];
      work.set(this.#work);
      marked.set(this.#marked);
      touched.set(this.#touched);
      [this.#work, this.#marked, this.#touched] = [work, marked, touched];
    }
    this.#work[place] = value;
    this.#marked[place] = 1;
    this.#touched[this.#count++] = place;
    const pivot = this.#pivotOf.get(place);
    if (pivot !== undefined) this.#waiting.put(pivot);
  }

  /** What is left, and all zero again. */
  #taken(): Row {
    const [columns, values] = [new Int32Array(this.#count), new Float64Array(this.#count)];
    let length = 0;
    for (let i = 0; i < this.#count; i++) {
      const place = this.#touched[i] ?? 0;
      const value = this.#work[place] ?? 0;
      if (value === 0) continue;
      columns[length] = columnAt(place);
      values[length++] = value;
    }
    this.#clear();
    return { columns: columns.slice(0, length), values: values.slice(0, length) };
  }

  #clear(): void {
    for (let i = 0; i < this.#count; i++) {
      const place = this.#touched[i] ?? 0;
      this.#work[place] = 0;
      this.#marked[place] = 0;
    }
    this.#count = 0;
  }

  /** Adds a reduced row. One without classes says nothing new. */
  add({ columns, values: own }: Row): void {
    let at = columns.findIndex((column) => column >= 0 && this.#isLarge(column));
    const isLarge = at !== -1;
    if (!isLarge) at = columns.findIndex((column) => column >= 0);
    const column = columns[at];
    if (column === undefined) return;
    const scale = inverse(own[at] ?? 0);
    const values = own.map((value) => times(value, scale));
    const place = placeOf(column);
    const pivot = this.#pivots.push({ place, places: columns.map(placeOf), values }) - 1;
    // Once nothing is reduced any more there may be another one.
    if (!this.#pivotOf.has(place)) this.#pivotOf.set(place, pivot);
    if (isLarge) return;
    const number = this.small.push({ columns, values }) - 1;
    this.joined.add(column, 1);
    for (const cls of columns) {
      if (cls < 0) continue;
      const rows = this.smallWith.get(cls);
      if (rows === undefined) this.smallWith.set(cls, [number]);
      else rows.push(number);
      this.joined.join(column, cls);
    }
  }
}

/** Numbers, of which the smallest is taken next: a heap. */
class Ascending {
  readonly #heap: number[] = [];

  put(number: number): void {
    const heap = this.#heap;
    let at = heap.push(number) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (heap[above]! <= number) break;
      heap[at] = heap[above]!;
      at = above;
    }
    heap[at] = number;
  }

  take(): number | null {
    const heap = this.#heap;
    const [first, last] = [heap[0], heap.pop()];
    if (first === undefined || last === undefined) return null;
    if (heap.length === 0) return first;
    let at = 0;
    for (let below = 1; below < heap.length; below = 2 * at + 1) {
      if (below + 1 < heap.length && heap[below + 1]! < heap[below]!) below++;
      if (heap[below]! >= last) break;
      heap[at] = heap[below]!;
      at = below;
    }
    heap[at] = last;
    return first;
  }

  clear(): void {
    this.#heap.length = 0;
  }
}

function lost(): never {
  throw new Error('a pivot that was not kept');
}
