/**
 * Numbers over classes of at least as many units as the minimum. None of these can differ: what follows from others but for few units follows from them there without any
 * error. So that is solved once, and what is left of a number is over classes of few units alone.
 */
import type { Coefficients } from './combinations.ts';
import { byWanted, columnsFor } from './columns.ts';
import type { Code } from './decoding.ts';
import type { Differing } from './differing.ts';
import { PRIME } from './field.ts';
import { Sample, type Residue } from './sample.ts';

/** A number less others: what is left of it, over classes of few units. */
export interface Rest {
  readonly number: Coefficients;
  /** In residues; that of the number itself where there are no terms. */
  readonly row: Coefficients;
  readonly terms: readonly Residue[];
}

/** Columns that there are more of than numbers, so that hardly any number seems to follow. */
export const MORE = 48;
/** Classes of all that is left: 8 bytes each. */
const LEFT = 12_000_000;

export interface Rests {
  /** By number, where anything or nothing is left of it; one that has something of its own in these classes has none. */
  readonly of: ReadonlyMap<Coefficients, Rest>;
  /** Whether all were looked at. */
  readonly exact: boolean;
}

/**
 * What those before it leave of each number: all that are known, and then those that will be asked about, in their order. Whether one of these is known once it was asked about makes no
 * difference in these classes: if it is not, it follows from the others.
 */
export function restsOf(known: readonly Coefficients[], { units, min, wanted, work }: Code, differing: Differing): Rests {
  const numbers = new Set([...known, ...wanted]);
  const isLarge = (cls: number): boolean => units[cls]! >= min;
  const { others: columns } = columnsFor([...numbers], numbers.size + MORE, { among: Int32Array.from(units.keys().filter(isLarge)), all: units.length, order: 0, accepts: isLarge });
  const sample = new Sample(byWanted(columns, wanted, units.length), units.length);
  const rests = new Map<Coefficients, Rest>();
  let [left, isTooMuch] = [LEFT, false];
  for (const number of numbers) {
    const before = sample.multiplications;
    const isIn = sample.add(number, work.toPrepare, (terms) => {
      const row = lessOf(number, terms, differing);
      if (row !== number) isTooMuch ||= !work.adds(terms.reduce((sum, term) => sum + term.row.classes.length, number.classes.length));
      const large = row.classes.find(isLarge) ?? null;
      if (large !== null) return large;
      rests.set(number, { number, row, terms });
      if (row !== number) left -= row.classes.length;
      return null;
    });
    work.prepares(sample.multiplications - before);
    if (!isIn || left < 0 || isTooMuch) return { of: rests, exact: false };
  }
  return { of: rests, exact: true };
}

/** Modulo the prime, without classes of which nothing is left; the number itself where there are none of these, and no terms. */
export function lessOf(number: Coefficients, terms: readonly Residue[], differing: Differing): Coefficients {
  // What a unit adds may be a multiple of the prime.
  if (terms.length === 0 && !number.rows.includes(0)) return number;
  return differing.residues([{ row: number, times: 1 }, ...terms.map(({ row, residue }) => ({ row, times: PRIME - residue }))]);
}
