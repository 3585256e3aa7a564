/**
 * Known numbers over some of the classes, in echelon form: what of a number follows from them there, and by which factors. A number that follows here and not
 * everywhere gets a class in which it does not.
 */
import type { Coefficients } from './combinations.ts';
import { INVERSE, PRIME, inverse, mod, residueOf, times } from './field.ts';

/** So many times a number. */
export interface Residue {
  readonly row: Coefficients;
  readonly residue: number;
}

/** A number of the sample with its coefficients in each column, less what those before it have of it. */
interface Reduced {
  readonly row: Coefficients;
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
  /** By pivot, its column; and by column, its pivot and one more. */
  readonly #columns: number[] = [];
  #pivotOf: Int32Array;
  /** By column, what is left of a number; and the columns where something was. */
  #work: Float64Array;
  #isTouched: Uint8Array;
  #touched: Int32Array;
  #length = 0;
  /** Of these, pivots that have to be taken away: a bit each. */
  #pending = new Uint32Array(64);
  /** What `#work` holds, as long as nothing has changed: a number that does not follow is added next. */
  #last: Reduced | null = null;
  multiplications = 0;
  /** By number that was not added yet, the column that it will have its pivot in. What is left in these does not count. */
  readonly #reserved: Map<Coefficients, number>;
  readonly #isReserved: Uint8Array;
  /** Coefficients and factors that it holds. */
  entries = 0;

  /** @param reserved of these, by number the one that it alone is solved by. @param all one more than the largest class */
  constructor(classes: readonly number[], all: number, reserved: ReadonlyMap<Coefficients, number> = new Map()) {
    this.#classes = [...classes];
    this.#columnOf = new Int32Array(all);
    classes.forEach((cls, column) => (this.#columnOf[cls] = column + 1));
    const room = 2 * classes.length + 64;
    this.#pivotOf = new Int32Array(room);
    this.#work = new Float64Array(room);
    this.#isTouched = new Uint8Array(room);
    this.#touched = new Int32Array(room);
    this.#isReserved = new Uint8Array(classes.length);
    this.#reserved = new Map([...reserved].map(([row, cls]) => [row, this.#columnOf[cls]! - 1]));
    for (const column of this.#reserved.values()) this.#isReserved[column] = 1;
  }

  #grow(): void {
    const [pivotOf, work] = [new Int32Array(2 * this.#work.length), new Float64Array(2 * this.#work.length)];
    const [isTouched, touched] = [new Uint8Array(work.length), new Int32Array(work.length)];
    pivotOf.set(this.#pivotOf);
    work.set(this.#work);
    isTouched.set(this.#isTouched);
    touched.set(this.#touched);
    [this.#pivotOf, this.#work, this.#isTouched, this.#touched] = [pivotOf, work, isTouched, touched];
  }

  /**
   * @param most multiplications; false where it takes more
   * @param telling of terms that make the number here, a class in which they do not, which is added; null where they do everywhere
   */
  add(row: Coefficients, most: number, telling: (terms: readonly Residue[]) => number | null): boolean {
    const reduced = this.#reduce(row, most);
    if (reduced === null) return false;
    const column = this.#ownLeft(row) ?? this.#firstLeft();
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
    const reduced = this.#reduce(row, most);
    return reduced !== null && this.#firstLeft() === -1 ? this.#terms(reduced) : null;
  }

  #terms({ pivots, factors }: Reduced): readonly Residue[] {
    const left = new Float64Array(this.#pivots.length);
    pivots.forEach((pivot, i) => (left[pivot] = factors[i]!));
    const terms: Residue[] = [];
    for (let k = left.length - 1; k >= 0; k--) {
      if (left[k] === 0) continue;
      const { row, scale, pivots: before, factors: taken } = this.#pivots[k]!;
      const residue = times(left[k]!, scale);
      terms.push({ row, residue });
      this.multiplications += before.length;
      for (let i = 0; i < before.length; i++) left[before[i]!] = mod(left[before[i]!]! - times(residue, taken[i]!));
    }
    return terms;
  }

  /** A further column, in which the number is the only one that is left. */
  #widen(reduced: Reduced, cls: number): void {
    this.#last = null;
    const column = this.#classes.push(cls) - 1;
    this.#columnOf[cls] = column + 1;
    if (column >= this.#work.length) this.#grow();
    const values = new Float64Array(this.#pivots.length);
    const valueOf = ({ row, pivots, factors }: Reduced): number => {
      let value = coefficientOf(row, cls);
      this.multiplications += pivots.length;
      for (let i = 0; i < pivots.length; i++) if (values[pivots[i]!] !== 0) value -= times(factors[i]!, values[pivots[i]!]!);
      return mod(value);
    };
    for (const [k, pivot] of this.#pivots.entries()) {
      const value = values[k] = times(pivot.scale, valueOf(pivot));
      if (value === 0) continue;
      if (pivot.length === pivot.columns.length) {
        const [columns, all] = [new Int32Array(2 * pivot.length), new Float64Array(2 * pivot.length)];
        columns.set(pivot.columns);
        all.set(pivot.values);
        [pivot.columns, pivot.values] = [columns, all];
      }
      pivot.columns[pivot.length] = column;
      pivot.values[pivot.length++] = value;
      this.entries++;
    }
    this.#put(column, { ...reduced, scale: inverse(valueOf(reduced)), columns: Int32Array.of(column), values: Float64Array.of(1), length: 1 });
  }

  #put(column: number, pivot: Pivot): void {
    this.#columns.push(column);
    this.#pivotOf[column] = this.#pivots.push(pivot);
    if (this.#pivots.length <= 32 * this.#pending.length) return;
    this.#pending = new Uint32Array(2 * this.#pending.length);
  }

  /** Leaves in `#work` what is left of the number; null where it takes too much. @param most multiplications */
  #reduce(row: Coefficients, most: number): Reduced | null {
    if (this.#last?.row === row) return this.#last;
    const work = this.#work;
    this.#clear();
    this.#gather(row);
    this.#last = null;
    const end = this.multiplications + most;
    const [pivots, factors]: [number[], number[]] = [[], []];
    const words = Math.ceil(this.#pivots.length / 32);
    for (let word = 0; word < words; word++) {
      // What one is taken away leaves more of is at the pivots after it only.
      while (this.#pending[word] !== 0) {
        const bit = 31 - Math.clz32(this.#pending[word]! & -this.#pending[word]!);
        this.#pending[word]! &= ~(1 << bit);
        const k = 32 * word + bit;
        const factor = residueOf(work[this.#columns[k]!]!);
        if (factor === 0) continue;
        const { columns, values, length } = this.#pivots[k]!;
        this.multiplications += length;
        if (this.multiplications > end) return null;
        pivots.push(k);
        factors.push(factor);
        this.#subtract(columns, values, length, PRIME - factor);
      }
    }
    this.multiplications += (words + this.#length) / COLUMNS;
    for (let i = 0; i < this.#length; i++) work[this.#touched[i]!] = residueOf(work[this.#touched[i]!]!);
    return this.#last = { row, pivots, factors };
  }

  #clear(): void {
    for (let i = 0; i < this.#length; i++) this.#work[this.#touched[i]!] = this.#isTouched[this.#touched[i]!] = 0;
    this.#length = 0;
    this.#pending.fill(0);
  }

  #touch(column: number): void {
    this.#isTouched[column] = 1;
    this.#touched[this.#length++] = column;
    const pivot = this.#pivotOf[column]!;
    if (pivot > 0) this.#pending[(pivot - 1) >>> 5]! |= 1 << ((pivot - 1) & 31);
  }

  #gather({ classes, rows }: Coefficients): void {
    const take = (column: number, count: number): void => {
      if (count === 0) return;
      this.#touch(column);
      this.#work[column] = count;
    };
    if (classes.length > SEARCHED * this.#classes.length) {
      this.#classes.forEach((cls, column) => take(column, coefficientOf({ classes, rows }, cls) % PRIME));
      return;
    }
    for (let i = 0; i < classes.length; i++) {
      const column = this.#columnOf[classes[i]!]!;
      if (column > 0) take(column - 1, rows[i]! % PRIME);
    }
  }

  /** Adds so many times the values. What is left is less than two too small or too large for a residue: to see to that here takes three times as long. */
  #subtract(columns: Int32Array, values: Float64Array, length: number, negated: number): void {
    const [work, isTouched] = [this.#work, this.#isTouched];
    for (let i = 0; i < length; i++) {
      const at = columns[i]!;
      if (isTouched[at] === 0) this.#touch(at);
      const sum = work[at]! + negated * values[i]!;
      work[at] = sum - Math.floor(sum * INVERSE) * PRIME;
    }
  }

  /** The column that is reserved for a number, which is no longer. */
  #ownLeft(row: Coefficients): number | null {
    const column = this.#reserved.get(row);
    if (column === undefined || this.#work[column] === 0 || this.#isTouched[column] === 0) return null;
    this.#isReserved[column] = 0;
    return column;
  }

  #firstLeft(): number {
    let first = Infinity;
    for (let i = 0; i < this.#length; i++) {
      const column = this.#touched[i]!;
      if (this.#work[column] !== 0 && column < first && this.#isReserved[column] !== 1) first = column;
    }
    return first === Infinity ? -1 : first;
  }

  #pivot(reduced: Reduced, column: number): void {
    this.#last = null;
    const scale = inverse(this.#work[column]!);
    const columns = this.#touched.subarray(0, this.#length).filter((at) => this.#work[at] !== 0).sort();
    const values = Float64Array.from(columns, (at) => times(this.#work[at]!, scale));
    this.entries += columns.length + reduced.pivots.length;
    this.#put(column, { ...reduced, scale, columns, values, length: columns.length });
  }
}

/** Columns that are gone through in the time of a multiplication. */
const COLUMNS = 8;

/** Of a number with more classes than so many times those of a sample, these are looked up one by one. */
const SEARCHED = 16;

/** Classes are in ascending order. */
export function coefficientOf({ classes, rows }: Coefficients, cls: number): number {
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
