/**
 * Numbers over classes of at least as many units as the minimum. None of these can differ: what follows from others but for few units follows from them there without any
 * error. So that is solved once, and what is left of a number is over classes of few units alone.
 */
import type { Coefficients } from './combinations.ts';
import type { Code } from './decoding.ts';
import { byWanted, columnsFor } from './columns.ts';
import type { Differing } from './differing.ts';
import { PRIME } from './field.ts';
import { Sample, type Numbered, type Residue } from './sample.ts';

/** A number less others: what is left of it, over classes of few units. */
export interface Rest {
  readonly number: Coefficients;
  /** In residues. */
  readonly row: Coefficients;
  readonly terms: readonly Residue[];
}

/** Columns that there are more of than numbers, so that hardly any number seems to follow. */
export const MORE = 48;

export class LargeClasses {
  readonly #code: Code;
  readonly #differing: Differing;
  readonly #sample: Sample;
  /** Of the number that was last asked about. */
  #last: Rest | null = null;

  /** @param known numbers that will be added, and those of the code */
  constructor(known: readonly Coefficients[], code: Code, differing: Differing) {
    const { units, min, wanted } = code;
    const rows = [...known, ...wanted];
    const columns = columnsFor(rows, rows.length + MORE, { all: units.length, round: 0, accepts: (cls) => units[cls]! >= min });
    this.#code = code;
    this.#differing = differing;
    this.#sample = new Sample(byWanted(columns, wanted, units.length), units.length);
  }

  get multiplications(): number {
    return this.#sample.multiplications;
  }

  /** What is left of a number that is known from now on; null where it does not follow in these classes, or takes too much. @param most multiplications */
  add(number: Numbered, most: number): Rest | null | typeof TOO_MUCH {
    if (this.#last?.number === number.row) return this.#last;
    let rest: Rest | null = null;
    const isIn = this.#sample.add(number, most, (terms) => {
      const left = this.#left(number.row, terms);
      const telling = left === null ? null : this.#largeIn(left);
      if (left !== null && telling === null) rest = { number: number.row, row: left, terms };
      return telling;
    });
    return isIn ? rest : TOO_MUCH;
  }

  /** What is left of a number; null where it follows from none in these classes, or takes too much. @param most multiplications */
  rest(row: Coefficients, most: number): Rest | null {
    const terms = this.#sample.solve(row, most);
    const left = terms === null ? null : this.#left(row, terms);
    if (terms === null || left === null || this.#largeIn(left) !== null) return null;
    return this.#last = { number: row, row: left, terms };
  }

  /** Null where it takes too much. */
  #left(row: Coefficients, terms: readonly Residue[]): Coefficients | null {
    if (terms.length === 0) return row;
    if (!this.#code.work.adds(terms.reduce((sum, term) => sum + term.row.classes.length, row.classes.length))) return null;
    return this.#differing.residues([{ row, times: 1 }, ...terms.map((term) => ({ row: term.row, times: PRIME - term.residue }))]);
  }

  #largeIn({ classes }: Coefficients): number | null {
    return classes.find((cls) => this.#code.units[cls]! >= this.#code.min) ?? null;
  }
}

export const TOO_MUCH = Symbol('takes too much');
