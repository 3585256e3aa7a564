/**
 * Known numbers over some of the classes, in echelon form: what of a number follows from them there, and by which factors. A number that follows here and not
 * everywhere gets a class in which it does not.
 */
import type { Coefficients } from './combinations.ts';
import { INVERSE, PRIME, inverse, mod, residueOf, times } from './field.ts';
import type { RowsWith } from './rows-with.ts';

export interface Numbered {
  readonly id: number;
  readonly row: Coefficients;
}

export interface Residue extends Numbered {
  /** Of the factor. */
  readonly residue: number;
}

/** A number of the sample with its coefficients in each column, less what those before it have of it. */
interface Reduced {
  readonly number: Numbered;
  /** Which of the pivots before it were taken away, and how often. */
  readonly pivots: readonly number[];
  readonly factors: readonly number[];
}

interface Pivot extends Reduced {
  /** What makes its coefficient there 1. */
  readonly scale: number;
  /** Its coefficients, and those of the columns that were added: the first `length` of each. */
  columns: Int32Array;
  values: Float64Array;
  length: number;
}

/** Numbers over some classes, in echelon form. */
export class Sample {
  readonly #classes: number[];
  /** By class, its column and one more. */
  readonly #columnOf: Int32Array;
  readonly #pivots: Pivot[] = [];
  /** By pivot, those after it that it was taken away from. */
  readonly #users: number[][] = [];
  /** Of the numbers that were added and do not follow from others. */
  readonly #ids = new Set<number>();
  readonly #rowsWith: RowsWith;
  /** By place in `#rowsWith`, its pivot and one more. */
  readonly #pivotOf: Int32Array;
  /** By pivot, its column. */
  readonly #columns: number[] = [];
  #work: Float64Array;
  /** What `#work` holds, as long as nothing has changed: a number that does not follow is added next. */
  #last: Reduced | null = null;
  multiplications = 0;
  /** Coefficients that it holds. */
  entries = 0;
  /** Classes of few units that it has. */
  few: number;

  /** @param rowsWith of the numbers that will be added. @param all classes, numbered below */
  constructor(classes: readonly number[], few: number, all: number, rowsWith: RowsWith) {
    this.few = few;
    this.#rowsWith = rowsWith;
    this.#pivotOf = new Int32Array(rowsWith.rows.length);
    this.#classes = [...classes];
    this.#columnOf = new Int32Array(all);
    classes.forEach((cls, column) => (this.#columnOf[cls] = column + 1));
    this.#work = new Float64Array(2 * classes.length + 64);
  }

  has(id: number): boolean {
    return this.#ids.has(id);
  }

  /**
   * @param most multiplications; false where it takes more
   * @param telling of terms that make the number here, a class in which they do not, which is added; null where they do everywhere
   */
  add(number: Numbered, most: number, telling: (terms: readonly Residue[]) => number | null): boolean {
    const reduced = this.#reduce(number, most);
    if (reduced === null) return false;
    const column = this.#firstLeft();
    if (column !== -1) {
      this.#pivot(reduced, column);
      return true;
    }
    const cls = telling(this.#terms(reduced));
    if (cls !== null) this.#widen(reduced, cls);
    return true;
  }

  /** The number as a combination of those that were added, in all columns; null where it is none, or it takes too much. @param most multiplications */
  solve(row: Coefficients, most: number): readonly Residue[] | null {
    const reduced = this.#reduce({ id: -1, row }, most);
    return reduced !== null && this.#firstLeft() === -1 ? this.#terms(reduced) : null;
  }

  #terms({ pivots, factors }: Reduced): readonly Residue[] {
    const left = new Float64Array(this.#pivots.length);
    pivots.forEach((pivot, i) => (left[pivot] = factors[i]!));
    const terms: Residue[] = [];
    for (let k = left.length - 1; k >= 0; k--) {
      if (left[k] === 0) continue;
      const { number, scale, pivots: before, factors: taken } = this.#pivots[k]!;
      const residue = times(left[k]!, scale);
      terms.push({ ...number, residue });
      for (let i = 0; i < before.length; i++) left[before[i]!] = mod(left[before[i]!]! - times(residue, taken[i]!));
    }
    return terms;
  }

  /** A further column, in which the number is the only one that is left. */
  #widen(reduced: Reduced, cls: number): void {
    this.#last = null;
    const column = this.#classes.push(cls) - 1;
    this.#columnOf[cls] = column + 1;
    if (column >= this.#work.length) this.#work = new Float64Array(2 * this.#work.length);
    const values = new Float64Array(this.#pivots.length);
    const valueOf = ({ number, pivots, factors }: Reduced): number => {
      let value = coefficientOf(number.row, cls);
      this.multiplications += pivots.length;
      for (let i = 0; i < pivots.length; i++) if (values[pivots[i]!] !== 0) value -= times(factors[i]!, values[pivots[i]!]!);
      return mod(value);
    };
    // Of all others nothing is in it.
    const isAsked = new Uint8Array(this.#pivots.length);
    for (const place of this.#rowsWith.of(cls)) if (this.#pivotOf[place]! > 0) isAsked[this.#pivotOf[place]! - 1] = 1;
    for (let k = isAsked.indexOf(1); k !== -1; k = isAsked.indexOf(1, k + 1)) {
      const pivot = this.#pivots[k]!;
      const value = values[k] = times(pivot.scale, valueOf(pivot));
      if (value === 0) continue;
      for (const user of this.#users[k]!) isAsked[user] = 1;
      if (pivot.length === pivot.columns.length) {
        const [columns, all] = [new Int32Array(2 * pivot.length), new Float64Array(2 * pivot.length)];
        columns.set(pivot.columns);
        all.set(pivot.values);
        [pivot.columns, pivot.values] = [columns, all];
      }
      pivot.columns[pivot.length] = column;
      pivot.values[pivot.length++] = value;
    }
    this.#takeIn({ ...reduced, scale: inverse(valueOf(reduced)), columns: Int32Array.of(column), values: Float64Array.of(1), length: 1 }, column);
  }

  #takeIn(pivot: Pivot, column: number): void {
    const k = this.#pivots.push(pivot) - 1;
    this.#columns.push(column);
    this.#users.push([]);
    for (const before of pivot.pivots) this.#users[before]!.push(k);
    this.#ids.add(pivot.number.id);
    this.#pivotOf[this.#rowsWith.placeOf(pivot.number.row)] = k + 1;
  }

  /** Leaves in `#work` what is left of the number; null where it takes too much. */
  #reduce(number: Numbered, most: number): Reduced | null {
    if (this.#last?.number.row === number.row) return this.#last = { ...this.#last, number };
    const work = this.#work;
    work.fill(0, 0, this.#classes.length);
    this.#gather(number.row);
    this.#last = null;
    const end = this.multiplications + most;
    this.multiplications += this.#classes.length / COLUMNS;
    const [pivots, factors]: [number[], number[]] = [[], []];
    const [known, columnsOf] = [this.#pivots, this.#columns];
    for (let k = 0; k < known.length; k++) {
      const own = work[columnsOf[k]!]!;
      if (own === 0) continue;
      const factor = residueOf(own);
      if (factor === 0) continue;
      const { columns, values, length } = known[k]!;
      this.multiplications += length;
      if (this.multiplications > end) return null;
      pivots.push(k);
      factors.push(factor);
      subtract(work, columns, values, length, PRIME - factor);
    }
    const width = this.#classes.length;
    for (let column = 0; column < width; column++) if (work[column] !== 0) work[column] = residueOf(work[column]!);
    return this.#last = { number, pivots, factors };
  }

  #gather({ classes, rows }: Coefficients): void {
    if (classes.length > SEARCHED * this.#classes.length) {
      this.#classes.forEach((cls, column) => (this.#work[column] = coefficientOf({ classes, rows }, cls)));
      return;
    }
    for (let i = 0; i < classes.length; i++) {
      const column = this.#columnOf[classes[i]!]!;
      if (column > 0) this.#work[column - 1] = rows[i]! % PRIME;
    }
  }

  #firstLeft(): number {
    for (let column = 0; column < this.#classes.length; column++) if (this.#work[column] !== 0) return column;
    return -1;
  }

  #pivot(reduced: Reduced, column: number): void {
    this.#last = null;
    const work = this.#work;
    const scale = inverse(work[column]!);
    const width = this.#classes.length;
    let count = 0;
    for (let at = 0; at < width; at++) if (work[at] !== 0) count++;
    const [columns, values] = [new Int32Array(count), new Float64Array(count)];
    for (let at = 0, next = 0; next < count; at++) {
      if (work[at] === 0) continue;
      columns[next] = at;
      values[next++] = times(work[at]!, scale);
    }
    this.entries += count;
    this.#takeIn({ ...reduced, scale, columns, values, length: count }, column);
  }
}

/** Columns of a sample that there are more of than numbers, so that hardly any number seems to follow. */
export const MORE = 48;

/** Adds so many times the values. What is left is less than two too small or too large for a residue: to see to that here takes three times as long. */
function subtract(work: Float64Array, columns: Int32Array, values: Float64Array, length: number, negated: number): void {
  for (let i = 0; i < length; i++) {
    const at = columns[i]!;
    const sum = work[at]! + negated * values[i]!;
    work[at] = sum - Math.floor(sum * INVERSE) * PRIME;
  }
}

/** Columns that are gone through in the time of a multiplication. */
const COLUMNS = 8;

/** Of a number with more classes than so many times those of a sample, these are looked up one by one. */
const SEARCHED = 16;

/** Classes are in ascending order. */
function coefficientOf({ classes, rows }: Coefficients, cls: number): number {
  let low = 0;
  let high = classes.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    if (classes[middle]! < cls) low = middle + 1;
    else if (classes[middle]! > cls) high = middle - 1;
    else return rows[middle]!;
  }
  return 0;
}
