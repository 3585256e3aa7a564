/**
 * Numbers about few classes: known ones, and what follows from known ones, such as what two tables differ in, which is a cell of neither. On a sample of classes that has
 * none of theirs they are nothing at all, and a number is solved but for them; what differs is then searched for among them and what is left. Otherwise every sample would
 * need some of their classes to tell them, so that whoever differs in most of these is in all samples.
 *
 * They fall into parts that share no classes; each is searched by itself.
 */
import { PRIME, inverse, mod, times } from './field.ts';
import type { Numbered, Residue } from './sample.ts';
import { BOUNDS, smallVector, type Hit } from './small-vector.ts';

/** Classes of one part. */
const PART = 300;

/** What is left of a number: its classes, and the residue of its coefficient in each. */
export interface Rest {
  readonly classes: readonly number[];
  readonly residues: readonly number[];
}

/** How it is made of known numbers. */
interface ImpliedNumber {
  /** How many were taken in before it. */
  readonly at: number;
  /** By class. */
  readonly residues: ReadonlyMap<number, number>;
  /** A class in which it is 1, and those after it are 0. */
  readonly pivot: number;
  readonly terms: readonly Residue[];
}

export class Implied {
  /** By class, those that are about it. */
  readonly #numbers = new Map<number, ImpliedNumber[]>();
  /** Known numbers that no sample needs: they are made of these and others. */
  #told: readonly Numbered[] = [];
  /** Classes of numbers that are together about too many. */
  readonly #others = new Set<number>();
  readonly #unitsOf: (cls: number) => number;
  readonly #most: (told: number) => number;

  /** @param most classes of all of them together, where so many known numbers are told by them */
  constructor(unitsOf: (cls: number) => number, most: (told: number) => number) {
    this.#unitsOf = unitsOf;
    this.#most = most;
  }

  /** Classes that they are about. */
  get size(): number {
    return this.#numbers.size;
  }

  /** Whether some of them is about it: no sample needs it. */
  has(cls: number): boolean {
    return this.#numbers.has(cls);
  }

  /**
   * Takes in what is left of a known number, so that it need not be told by a sample.
   * @param others that it is made of
   * @returns null where it was; else those that were taken in before and are no more, for samples to tell: it shares classes with some of them, and is with these about too many
   */
  take(of: Numbered, others: readonly Residue[], { classes, residues }: Rest): readonly Numbered[] | null {
    const further: number[] = [];
    for (const cls of classes) {
      if (!this.has(cls)) further.push(cls);
      if (further.length > PART) return [];
    }
    const part = this.#connected(classes);
    const together = new Set([...classes, ...part.flatMap(({ residues: own }) => [...own.keys()])]);
    const isTooMuch = together.size > PART || this.#numbers.size + further.length > this.#most(this.#told.length + 1) || further.some((cls) => this.#others.has(cls));
    if (isTooMuch) return part.length === 0 ? [] : this.#leaveOut(together);
    this.#told = [...this.#told, of];
    let [left, terms]: [ReadonlyMap<number, number>, readonly Residue[]] = [new Map(classes.map((cls, i) => [cls, residues[i]!])), plus([{ ...of, residue: 1 }], others, PRIME - 1)];
    for (const number of part) {
      const factor = left.get(number.pivot);
      if (factor === undefined) continue;
      left = less(left, number.residues, factor);
      terms = plus(terms, number.terms, PRIME - factor);
    }
    const [pivot] = left;
    // It follows from the others.
    if (pivot === undefined) return null;
    const scale = inverse(pivot[1]);
    const number: ImpliedNumber = { at: this.#told.length, residues: new Map([...left].map(([cls, residue]) => [cls, times(residue, scale)])), pivot: pivot[0], terms: plus([], terms, scale) };
    for (const cls of left.keys()) this.#numbers.set(cls, [...this.#numbers.get(cls) ?? [], number]);
    return null;
  }

  /** Samples tell these classes. The rest is taken in again: what was made of one may have been told by another. */
  #leaveOut(classes: Iterable<number>): readonly Numbered[] {
    for (const cls of classes) this.#others.add(cls);
    const told = this.#told;
    this.#numbers.clear();
    this.#told = [];
    return told;
  }

  /**
   * What is to be added to a number of which this is left, so that few units differ.
   * @param most units. @returns null where nothing is; `searched`: whether so much was looked at that hardly anything is missed
   */
  nearest({ classes, residues }: Rest, most: number): { readonly terms: readonly Residue[] | null; readonly searched: boolean; readonly multiplications: number } {
    const inside = new Map<number, number>();
    let left = most;
    classes.forEach((cls, i) => (this.has(cls) ? inside.set(cls, residues[i]!) : (left -= this.#unitsOf(cls))));
    let [all, isSearched, multiplications]: [readonly Residue[], boolean, number] = [[], true, 0];
    if (left < 0 || inside.size === 0) return { terms: null, searched: true, multiplications };
    for (const [first] of inside) {
      if (!inside.has(first)) continue;
      const numbers = this.#connected([first]);
      const own = new Map<number, number>();
      for (const { residues: of } of numbers) {
        for (const cls of of.keys()) {
          const residue = inside.get(cls);
          if (residue !== undefined) own.set(cls, residue);
          inside.delete(cls);
        }
      }
      const found = this.#searched(own, numbers, left);
      multiplications += found.multiplications;
      isSearched &&= found.searched;
      if (found.terms === null) return { terms: null, searched: isSearched, multiplications };
      all = plus(all, found.terms, 1);
      left -= found.units;
    }
    return { terms: all, searched: isSearched, multiplications };
  }

  /** Of one part what differs in fewest units. */
  #searched(left: ReadonlyMap<number, number>, numbers: readonly ImpliedNumber[], most: number): { readonly terms: readonly Residue[] | null; readonly units: number; readonly searched: boolean; readonly multiplications: number } {
    const rows = [left, ...numbers.map((number) => number.residues)];
    // Heavy classes first: to branch on them cuts most.
    const columns = [...new Set(rows.flatMap((row) => [...row.keys()]))].sort((a, b) => this.#unitsOf(b) - this.#unitsOf(a) || a - b);
    const dense = rows.map((row, i) => {
      const line = new Float64Array(columns.length + rows.length);
      columns.forEach((cls, c) => (line[c] = row.get(cls) ?? 0));
      line[columns.length + i] = 1;
      return line;
    });
    let [isSearched, multiplications] = [true, 0];
    const within = (units: number): Hit | null => {
      const found = smallVector({ rows: dense, weights: columns.map(this.#unitsOf) }, units, BOUNDS);
      multiplications += found.multiplications;
      isSearched &&= found.hit !== null || found.exact || found.searched;
      return found.hit;
    };
    // In most parts nobody differs.
    let hit = within(0) ?? (most > 0 ? within(most) : null);
    for (let fewer = hit; fewer !== null && fewer.units > 1;) {
      fewer = within(fewer.units - 1);
      hit = fewer ?? hit;
    }
    if (hit === null) return { terms: null, units: 0, searched: isSearched, multiplications };
    const [own = 0, ...factors] = hit.vector.subarray(columns.length);
    const scale = mod(-inverse(own));
    return { terms: factors.reduce<readonly Residue[]>((all, factor, i) => (factor === 0 ? all : plus(all, numbers[i]!.terms, times(factor, scale))), []), units: hit.units, searched: isSearched, multiplications };
  }

  /** Those that are about some of the classes, or share classes with others that are, in the order in which they were taken in. */
  #connected(classes: Iterable<number>): readonly ImpliedNumber[] {
    const known = new Set(classes);
    const taken = new Set<ImpliedNumber>();
    for (const cls of known) {
      for (const number of this.#numbers.get(cls) ?? []) {
        if (taken.has(number)) continue;
        taken.add(number);
        for (const other of number.residues.keys()) known.add(other);
      }
    }
    return [...taken].sort((a, b) => a.at - b.at);
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
