/**
 * Whether a number that is to be released follows from numbers released before, up to the units of classes that together are
 * fewer than the minimum: whole minus parts, complements, trackers, chains of any length. If so, releasing it as it is would
 * tell those few units apart; giving it as it follows tells nothing new.
 */
import { Elimination, sourceColumn, type Row } from './elimination.ts';
import { mod, times, inverse, toFraction, type Fraction } from './field.ts';
import { BOUNDS, smallVector, type Bounds, type Space } from './small-vector.ts';

/** How often each unit of a class counts in a number; classes that do not count are left out. */
export interface Coefficients {
  readonly classes: Int32Array;
  /** As many as classes; integers ≥ 1, or where there are exact ones the residues of these. */
  readonly rows: Int32Array;
  /** In sums, what each unit adds where that is not in proportion to its rows: integers of less than 2^51, ≠ 0. */
  readonly exact?: Float64Array;
}

/** Over the integers. */
export const countsOf = ({ rows, exact }: Coefficients): Int32Array | Float64Array => exact ?? rows;

export interface Following {
  /** The number is Σ factor · (released number of that id), but for the classes that differ. */
  readonly terms: readonly { readonly id: number; readonly factor: Fraction }[];
  readonly classes: readonly number[];
  /** Units of these classes: 0 … min − 1. */
  readonly units: number;
}

/** A part of the space with more multiplications than this in one elimination is not searched. */
const LARGEST = 40_000_000;

export class Combinations {
  readonly #released = new Map<number, Coefficients>();
  readonly #elimination: Elimination;
  readonly #unitsOf: (cls: number) => number;
  readonly #min: number;
  readonly #bounds: Bounds;
  /** An id that no released number has. */
  #target = 0;
  /** Whether every answer so far was certain: within the bounds of work nothing was left unlooked at. */
  exact = true;
  /** Whether some number follows by factors that are not known. */
  isUnsolved = false;

  /**
   * @param unitsOf units of a class, ≥ 1
   * @param min fewer units than this must not be told apart, ≥ 1
   */
  constructor(unitsOf: (cls: number) => number, min: number, bounds: Bounds = BOUNDS, elimination = new Elimination((cls) => unitsOf(cls) >= min)) {
    this.#unitsOf = unitsOf;
    this.#min = min;
    this.#bounds = bounds;
    this.#elimination = elimination;
  }

  /** To go on from here without changing this one. */
  copy(): Combinations {
    const copy = new Combinations(this.#unitsOf, this.#min, this.#bounds, this.#elimination.copy());
    this.#released.forEach((row, id) => copy.#released.set(id, row));
    copy.#target = this.#target;
    copy.exact = this.exact;
    return copy;
  }

  /** @param id a number of its own, ≥ 0 */
  add(id: number, released: Coefficients): void {
    this.#released.set(id, released);
    this.#target = Math.max(this.#target, id + 1);
    this.#elimination.add(this.#elimination.reduce(rowOf(id, released)));
    this.exact &&= !this.#elimination.exhausted;
  }

  /** How `wanted` follows from what was added; null where it does not. */
  follows(wanted: Coefficients): Following | null {
    const id = this.#target;
    const reduced = this.#elimination.reduceToSmall(rowOf(id, wanted));
    if (this.#elimination.exhausted) {
      this.exact = false;
      this.isUnsolved = true;
      return null;
    }
    if (reduced === null) return null;
    const left = reduced.columns.filter((column) => column >= 0);
    if (left.length === 0) return this.#verified(wanted, new Map(Array.from(reduced.columns, (column, at) => [column, reduced.values[at] ?? 0])), []);
    const part = this.#connected(reduced, left);
    const hit = part === null ? null : smallVector(part.space, this.#min - 1, this.#bounds);
    this.exact &&= hit !== null && hit.exact;
    // A bounded search finds nearly everything; where there was none, nothing is known.
    this.isUnsolved ||= hit === null || (hit.hit === null && !hit.exact && !hit.searched);
    if (part === null || hit?.hit == null) return null;
    const { vector } = hit.hit;
    const width = part.classes.length;
    const sources = new Map<number, number>();
    part.rows.forEach((row, i) => {
      const factor = vector[width + i] ?? 0;
      if (factor === 0) return;
      row.columns.forEach((column, at) => {
        if (column < 0) sources.set(column, mod((sources.get(column) ?? 0) + times(factor, row.values[at] ?? 0)));
      });
    });
    return this.#verified(wanted, sources, part.classes.filter((_, c) => vector[c] !== 0));
  }

  /** The reduced row and whatever small combination hangs together with it. Null where that is too much. */
  #connected(reduced: Row, classes: Iterable<number>): { readonly rows: readonly Row[]; readonly classes: readonly number[]; readonly space: Space } | null {
    if (this.#isTooMuch(classes)) return null;
    const { small, smallWith } = this.#elimination;
    const rows: Row[] = [reduced];
    const known = new Set(classes);
    const taken = new Set<number>();
    for (const cls of known) {
      for (const at of smallWith.get(cls) ?? []) {
        const row = small[at];
        if (taken.has(at) || row === undefined) continue;
        taken.add(at);
        rows.push(row);
        for (const other of row.columns) if (other >= 0) known.add(other);
      }
    }
    // Heavy classes first: to branch on them cuts most.
    const ordered = [...known].sort((a, b) => this.#unitsOf(b) - this.#unitsOf(a) || a - b);
    const columnOf = new Map(ordered.map((cls, c) => [cls, c]));
    const dense = rows.map((row, i) => {
      const line = new Float64Array(ordered.length + rows.length);
      for (let at = 0; at < row.columns.length; at++) {
        const cls = row.columns[at]!;
        if (cls >= 0) line[columnOf.get(cls) ?? 0] = row.values[at]!;
      }
      line[ordered.length + i] = 1;
      return line;
    });
    return { rows, classes: ordered, space: { rows: dense, weights: ordered.map(this.#unitsOf) } };
  }

  #isTooMuch(own: Iterable<number>): boolean {
    const { joined } = this.#elimination;
    let [rows, classes] = [1, 0];
    for (const root of new Set(Array.from(own, (cls) => joined.rootOf(cls)))) {
      const { size, sum } = joined.groupOf(root);
      rows += sum;
      classes += size;
    }
    return rows ** 2 * classes > LARGEST || rows * (rows + classes) > this.#bounds.work;
  }

  /** Over the integers, because the prime may have divided something. */
  #verified(wanted: Coefficients, sources: ReadonlyMap<number, number>, classes: readonly number[]): Following | null {
    const own = sources.get(sourceColumn(this.#target)) ?? 0;
    if (own === 0) return null;
    const scale = mod(-inverse(own));
    const terms: { id: number; factor: Fraction }[] = [];
    for (const [column, value] of sources) {
      const id = -1 - column;
      if (column >= 0 || id === this.#target || value === 0) continue;
      const factor = toFraction(times(value, scale));
      if (factor === null) {
        this.isUnsolved = true;
        return null;
      }
      terms.push({ id, factor });
    }
    terms.sort((a, b) => a.id - b.id);
    const denominator = commonDenominator(terms);
    const difference = new Map<number, bigint>();
    const count = (coefficients: Coefficients, times_: bigint): void => {
      const counts = countsOf(coefficients);
      coefficients.classes.forEach((cls, i) => difference.set(cls, (difference.get(cls) ?? 0n) + BigInt(counts[i] ?? 0) * times_));
    };
    count(wanted, denominator);
    for (const { id, factor } of terms) count(this.#released.get(id) ?? missing(), -BigInt(factor.numerator) * (denominator / BigInt(factor.denominator)));
    const allowed = new Set(classes);
    const differing = [...difference].filter(([, value]) => value !== 0n).map(([cls]) => cls);
    if (differing.some((cls) => !allowed.has(cls))) {
      // Most residues of other fractions are those of simple ones as well.
      this.isUnsolved = true;
      return null;
    }
    return { terms, classes: differing.sort((a, b) => a - b), units: differing.reduce((sum, cls) => sum + this.#unitsOf(cls), 0) };
  }
}

function rowOf(id: number, { classes, rows }: Coefficients): Row {
  const [columns, values] = [new Int32Array(classes.length + 1), new Float64Array(classes.length + 1)];
  columns.set(classes);
  values.set(rows);
  columns[classes.length] = sourceColumn(id);
  values[classes.length] = 1;
  return { columns, values };
}

function missing(): never {
  throw new Error('a number is made of one that was not released');
}

export function commonDenominator(terms: Following['terms']): bigint {
  return terms.reduce((all, { factor }) => leastCommonMultiple(all, BigInt(factor.denominator)), 1n);
}

function leastCommonMultiple(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return (a / x) * b;
}

/** Σ factor · value, to the nearest whole unit, halves away from zero. */
export function valueOf(terms: Following['terms'], released: (id: number) => bigint): bigint {
  const denominator = commonDenominator(terms);
  const sum = terms.reduce((total, { id, factor }) => total + released(id) * BigInt(factor.numerator) * (denominator / BigInt(factor.denominator)), 0n);
  const magnitude = (2n * (sum < 0n ? -sum : sum) + denominator) / (2n * denominator);
  return sum < 0n ? -magnitude : magnitude;
}
