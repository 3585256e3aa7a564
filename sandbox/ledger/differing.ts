/** In which classes numbers so many times do not add up to zero. */
import { countsOf, type Coefficients } from './combinations.ts';
import { residueOf } from './field.ts';

export interface Multiple {
  readonly row: Coefficients;
  readonly times: number;
}

/** Of so many classes one is sorted in the time that all are gone through. */
const MANY = 16;
/** Sums beyond are brought below the prime, so that they stay exact. */
const LARGE = 2 ** 51;

export class Differing {
  /** By class, what is left; and the classes where something was. */
  readonly #rest: Float64Array;
  readonly #touched: Int32Array;
  readonly #isTouched: Uint8Array;

  /** @param classes one more than the largest */
  constructor(classes: number) {
    this.#rest = new Float64Array(classes);
    this.#touched = new Int32Array(classes);
    this.#isTouched = new Uint8Array(classes);
  }

  /** Modulo the prime. @param numbers so many times as a residue says */
  residues(numbers: readonly Multiple[]): Coefficients {
    const length = this.#add(numbers, ({ rows }) => rows, (sum) => (sum > LARGE ? residueOf(sum) : sum));
    const rest = this.#rest;
    let left = 0;
    for (let i = 0; i < length; i++) if ((rest[this.#touched[i]!] = residueOf(rest[this.#touched[i]!]!)) !== 0) left++;
    const classes = this.#left(length, left);
    const rows = new Int32Array(left);
    for (let i = 0; i < left; i++) rows[i] = rest[classes[i]!]!;
    this.#clear(length);
    return { classes, rows };
  }

  /** Over the integers. @param numbers so many times as a bigint says */
  classes(numbers: readonly { readonly row: Coefficients; readonly times: bigint }[]): Int32Array {
    const largest = numbers.reduce((sum, { row, times }) => sum + Math.abs(Number(times)) * largestIn(countsOf(row)), 0);
    if (largest >= Number.MAX_SAFE_INTEGER) return largeOnes(numbers);
    const length = this.#add(numbers.map(({ row, times }) => ({ row, times: Number(times) })), countsOf, (sum) => sum);
    let left = 0;
    for (let i = 0; i < length; i++) if (this.#rest[this.#touched[i]!] !== 0) left++;
    const classes = this.#left(length, left);
    this.#clear(length);
    return classes;
  }

  /** Classes of which something is left, in ascending order. @param length of those touched. @param left how many they are */
  #left(length: number, left: number): Int32Array {
    const classes = new Int32Array(left);
    const isMany = left * MANY > this.#rest.length;
    const end = isMany ? this.#rest.length : length;
    let to = 0;
    for (let i = 0; i < end; i++) {
      const cls = isMany ? i : this.#touched[i]!;
      if (this.#rest[cls] !== 0) classes[to++] = cls;
    }
    return isMany ? classes : classes.sort();
  }

  #add(numbers: readonly Multiple[], countsIn: (row: Coefficients) => Int32Array | Float64Array, kept: (sum: number) => number): number {
    const [rest, touched, isTouched] = [this.#rest, this.#touched, this.#isTouched];
    let length = 0;
    for (const { row, times } of numbers) {
      const { classes } = row;
      const counts = countsIn(row);
      for (let i = 0; i < classes.length; i++) {
        const cls = classes[i]!;
        if (isTouched[cls] === 0) {
          isTouched[cls] = 1;
          touched[length++] = cls;
        }
        rest[cls] = kept(rest[cls]! + counts[i]! * times);
      }
    }
    return length;
  }

  #clear(length: number): void {
    for (let i = 0; i < length; i++) this.#rest[this.#touched[i]!] = this.#isTouched[this.#touched[i]!] = 0;
  }
}

function largeOnes(numbers: readonly { readonly row: Coefficients; readonly times: bigint }[]): Int32Array {
  const rest = new Map<number, bigint>();
  for (const { row, times } of numbers) {
    const counts = countsOf(row);
    row.classes.forEach((cls, at) => rest.set(cls, (rest.get(cls) ?? 0n) + BigInt(counts[at]!) * times));
  }
  return Int32Array.from([...rest].flatMap(([cls, sum]) => (sum === 0n ? [] : [cls]))).sort();
}

function largestIn(counts: Int32Array | Float64Array): number {
  let most = 0;
  for (const count of counts) most = Math.max(most, Math.abs(count));
  return most;
}
