/**
 * Numbers about few classes that follow from known ones: a table of everybody and the same table without a region tell the region's numbers, which are no cell of any
 * table. On a sample of classes that has nobody of the region they are nothing at all, and a number is solved but for them; what differs is then searched for among them and what
 * is left. Otherwise every sample would need some of the region to tell them, so that whoever differs most of it is in all samples.
 */
import { PRIME, inverse, mod, times } from './field.ts';
import type { Numbered, Residue } from './sample.ts';
import { BOUNDS, smallVector } from './small-vector.ts';

/** Classes of all of them together. */
const REGION = 300;

/** What is left of a number: its classes, and the residue of its coefficient in each. */
export interface Rest {
  readonly classes: readonly number[];
  readonly residues: readonly number[];
}

/** How it is made of known numbers. */
interface ImpliedNumber {
  /** By class. */
  readonly residues: ReadonlyMap<number, number>;
  /** A class in which it is 1, and those after it are 0. */
  readonly pivot: number;
  readonly terms: readonly Residue[];
}

export class Implied {
  #numbers: readonly ImpliedNumber[] = [];
  readonly #region = new Set<number>();
  /** Known numbers that no sample needs: they are made of these and others. */
  #told: readonly Numbered[] = [];
  /** Classes of numbers that are together about too many. */
  readonly #others = new Set<number>();
  readonly #unitsOf: (cls: number) => number;
  readonly #most: number;

  /** @param classes of few units */
  constructor(unitsOf: (cls: number) => number, classes: number) {
    this.#unitsOf = unitsOf;
    this.#most = Math.min(REGION, classes / 4);
  }

  /** Whether some of them is about it: no sample needs it. */
  has(cls: number): boolean {
    return this.#region.has(cls);
  }

  /**
   * Takes in what is left of a known number, so that it need not be told by a sample.
   * @param others that it is made of
   * @returns null where it was; else those that were taken in before and are no more, for samples to tell: it shares classes with some of them, and is with these about too many
   */
  take(of: Numbered, others: readonly Residue[], { classes, residues }: Rest): readonly Numbered[] | null {
    const further = classes.filter((cls) => !this.#region.has(cls));
    if (this.#region.size + further.length > this.#most || further.some((cls) => this.#others.has(cls))) return further.length > REGION || further.length === classes.length ? [] : this.#leaveOut(classes);
    this.#told = [...this.#told, of];
    let [left, terms]: [ReadonlyMap<number, number>, readonly Residue[]] = [new Map(classes.map((cls, i) => [cls, residues[i]!])), plus([{ ...of, residue: 1 }], others, PRIME - 1)];
    for (const number of this.#numbers) {
      const factor = left.get(number.pivot);
      if (factor === undefined) continue;
      left = less(left, number.residues, factor);
      terms = plus(terms, number.terms, PRIME - factor);
    }
    const [pivot] = left;
    // It follows from the others.
    if (pivot === undefined) return null;
    const scale = inverse(pivot[1]);
    for (const cls of further) this.#region.add(cls);
    this.#numbers = [...this.#numbers, { residues: new Map([...left].map(([cls, residue]) => [cls, times(residue, scale)])), pivot: pivot[0], terms: plus([], terms, scale) }];
    return null;
  }

  /** Samples tell these classes, and those of all that are tied to them. The rest is taken in again: what was made of one may have been told by another. */
  #leaveOut(classes: readonly number[]): readonly Numbered[] {
    for (const cls of [...classes, ...this.#connected(classes).flatMap(({ residues }) => [...residues.keys()])]) this.#others.add(cls);
    const told = this.#told;
    this.#numbers = [];
    this.#region.clear();
    this.#told = [];
    return told;
  }

  /**
   * What is to be added to a number of which this is left, so that few units differ.
   * @param most units. @returns null where nothing is; `searched`: whether so much was looked at that hardly anything is missed
   */
  nearest({ classes, residues }: Rest, most: number): { readonly terms: readonly Residue[] | null; readonly searched: boolean; readonly multiplications: number } {
    const outside = classes.reduce((sum, cls) => (this.#region.has(cls) ? sum : sum + this.#unitsOf(cls)), 0);
    if (outside > most || !classes.some((cls) => this.#region.has(cls))) return { terms: null, searched: true, multiplications: 0 };
    const left = new Map(classes.map((cls, i) => [cls, residues[i]!]));
    const numbers = this.#connected(classes);
    const rows = [left, ...numbers.map((number) => number.residues)];
    // Heavy classes first: to branch on them cuts most.
    const columns = [...new Set(rows.flatMap((row) => [...row.keys()]))].sort((a, b) => this.#unitsOf(b) - this.#unitsOf(a) || a - b);
    const dense = rows.map((row, i) => {
      const line = new Float64Array(columns.length + rows.length);
      columns.forEach((cls, c) => (line[c] = row.get(cls) ?? 0));
      line[columns.length + i] = 1;
      return line;
    });
    const { hit, exact, searched, multiplications } = smallVector({ rows: dense, weights: columns.map(this.#unitsOf) }, most, BOUNDS);
    if (hit === null) return { terms: null, searched: exact || searched, multiplications };
    const [own = 0, ...factors] = hit.vector.subarray(columns.length);
    const scale = mod(-inverse(own));
    return { terms: factors.reduce<readonly Residue[]>((all, factor, i) => (factor === 0 ? all : plus(all, numbers[i]!.terms, times(factor, scale))), []), searched: true, multiplications };
  }

  /** Those that are about some of the classes, or share classes with others that are. */
  #connected(classes: readonly number[]): readonly ImpliedNumber[] {
    const known = new Set(classes);
    const taken = new Set<ImpliedNumber>();
    for (let before = -1; before < taken.size;) {
      before = taken.size;
      for (const number of this.#numbers) {
        if (taken.has(number) || known.isDisjointFrom(new Set(number.residues.keys()))) continue;
        taken.add(number);
        for (const cls of number.residues.keys()) known.add(cls);
      }
    }
    return [...taken];
  }
}

/** Takes so many times the other away. */
function less(row: ReadonlyMap<number, number>, other: ReadonlyMap<number, number>, factor: number): ReadonlyMap<number, number> {
  const left = new Map(row);
  for (const [cls, residue] of other) {
    const value = mod((left.get(cls) ?? 0) - times(factor, residue));
    if (value === 0) left.delete(cls);
    else left.set(cls, value);
  }
  return left;
}

/** With so many times the others. */
export function plus(terms: readonly Residue[], others: readonly Residue[], factor: number): readonly Residue[] {
  const all = new Map(terms.map((term) => [term.id, term]));
  for (const { id, row, residue } of others) {
    const value = mod((all.get(id)?.residue ?? 0) + times(factor, residue));
    if (value === 0) all.delete(id);
    else all.set(id, { id, row, residue: value });
  }
  return [...all.values()];
}
