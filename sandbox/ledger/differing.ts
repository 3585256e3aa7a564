/** In which classes numbers so many times do not add up to zero: modulo the prime, or over the integers. */
import { commonDenominator, countsOf, type Coefficients, type Following } from './combinations.ts';
import { PRIME, residueOf } from './field.ts';
import type { Residue } from './sample.ts';
import type { Rest } from './implied.ts';

/** Sums beyond are brought below the prime, so that they stay exact. */
const LARGE = 2 ** 51;
/** Classes and terms of what is left of numbers, of which all are kept: 16 bytes each. */
const KEPT = 2_000_000;

/** What is left of a number by some terms. */
export interface Left extends Rest {
  readonly terms: readonly Residue[];
  readonly units: number;
}

interface Times {
  readonly row: Coefficients;
  readonly times: number;
}

export class Differing {
  readonly #units: Float64Array;
  /** By number, as long as there is room. */
  readonly #kept = new Map<Coefficients, readonly Left[]>();
  #size = 0;
  /** By class, what is left of a number; and the classes where something was. */
  readonly #rest: Float64Array;
  readonly #touched: Int32Array;
  readonly #isTouched: Uint8Array;

  /** @param units by class */
  constructor(units: Float64Array) {
    this.#units = units;
    this.#rest = new Float64Array(units.length);
    this.#touched = new Int32Array(units.length);
    this.#isTouched = new Uint8Array(units.length);
  }

  /**
   * Where a number is not what terms make of it: modulo the prime, of which what is found is no multiple but by chance. What was asked before is not worked out again: most samples show the same terms.
   * @param mayTake so many additions. Null where not
   */
  left(row: Coefficients, terms: readonly Residue[], mayTake: (additions: number) => boolean): Left | null {
    const known = this.#kept.get(row) ?? [];
    const same = known.find(({ terms: of }) => of.length === terms.length && of.every(({ id, residue }, i) => id === terms[i]!.id && residue === terms[i]!.residue));
    if (same !== undefined) return same;
    if (!mayTake(terms.reduce((sum, term) => sum + term.row.classes.length, row.classes.length))) return null;
    const rest = this.#of([{ row, times: 1 }, ...terms.map((term) => ({ row: term.row, times: PRIME - term.residue }))], true);
    const left: Left = { ...rest, terms, units: rest.classes.reduce((sum, cls) => sum + this.#units[cls]!, 0) };
    this.#size += rest.classes.length + terms.length;
    if (this.#size <= KEPT) this.#kept.set(row, [...known, left]);
    return left;
  }

  /** Over the integers. */
  exactly(row: Coefficients, terms: Following['terms'], residues: readonly Residue[]): readonly number[] {
    const denominator = commonDenominator(terms);
    const numbers = [{ row, times: denominator }, ...terms.map(({ factor }, i) => ({ row: residues[i]!.row, times: -BigInt(factor.numerator) * (denominator / BigInt(factor.denominator)) }))];
    const largest = numbers.reduce((sum, { row: of, times }) => sum + Math.abs(Number(times)) * largestIn(countsOf(of)), 0);
    if (largest < Number.MAX_SAFE_INTEGER) return this.#of(numbers.map((number) => ({ row: number.row, times: Number(number.times) })), false).classes;
    const rest = new Map<number, bigint>();
    for (const { row: of, times } of numbers) {
      const counts = countsOf(of);
      of.classes.forEach((cls, at) => rest.set(cls, (rest.get(cls) ?? 0n) + BigInt(counts[at]!) * times));
    }
    return [...rest].flatMap(([cls, sum]) => (sum === 0n ? [] : [cls]));
  }

  /** @param modulo the prime, of residues; else over the integers, exactly as long as a double is */
  #of(numbers: readonly Times[], modulo: boolean): Rest {
    const [rest, touched, isTouched] = [this.#rest, this.#touched, this.#isTouched];
    let length = 0;
    for (const { row, times } of numbers) {
      const { classes } = row;
      const rows = modulo ? row.rows : countsOf(row);
      for (let i = 0; i < classes.length; i++) {
        const cls = classes[i]!;
        if (isTouched[cls] === 0) {
          isTouched[cls] = 1;
          touched[length++] = cls;
        }
        const sum = rest[cls]! + rows[i]! * times;
        rest[cls] = modulo && sum > LARGE ? residueOf(sum) : sum;
      }
    }
    const [differing, residues]: [number[], number[]] = [[], []];
    for (let i = 0; i < length; i++) {
      const cls = touched[i]!;
      const sum = modulo ? residueOf(rest[cls]!) : rest[cls]!;
      if (sum !== 0) {
        differing.push(cls);
        residues.push(sum);
      }
      rest[cls] = 0;
      isTouched[cls] = 0;
    }
    return { classes: differing, residues };
  }
}

function largestIn(counts: Int32Array | Float64Array): number {
  let most = 0;
  for (const count of counts) most = Math.max(most, Math.abs(count));
  return most;
}
