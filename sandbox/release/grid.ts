/** The dimensions of a job's gates as numbered atoms, and sets of them that are compared by number: the same set has the same number. */
import type { AtomSet } from './place.ts';

/** Per dimension the number of a set of atoms; a cell holds every row that lies in all of them. */
export type Box = readonly number[];

/** Stands for every atom that no gate names. */
const REST = '\u0000rest';

interface Root {
  readonly name: string;
  readonly atoms: Map<string, number>;
  readonly sets: (readonly number[])[];
  readonly bySet: Map<string, number>;
  readonly byText: Map<AtomSet, number>;
  /** Intersections by both numbers. */
  readonly common: Map<number, number>;
}

/** More sets than a dimension has. */
const SETS = 2 ** 24;

export class Grid {
  readonly #roots: readonly Root[];
  readonly #indexes: ReadonlyMap<string, number>;

  /** @param named atoms of each dimension that some gate names; `closed` dimensions have no others */
  constructor(named: ReadonlyMap<string, ReadonlySet<string>>, closed: ReadonlySet<string>) {
    this.#roots = [...named].map(([name, atoms]): Root => {
      const all = [...atoms, ...(closed.has(name) ? [] : [REST])];
      const full = all.map((_, i) => i);
      return { name, atoms: new Map(all.map((atom, i) => [atom, i])), sets: [full], bySet: new Map([[full.join(), 0]]), byText: new Map(), common: new Map() };
    });
    this.#indexes = new Map(this.#roots.map(({ name }, i) => [name, i]));
  }

  get width(): number {
    return this.#roots.length;
  }

  indexOf(root: string): number {
    return this.#indexes.get(root) ?? missing();
  }

  /** Number 0 is the whole dimension. */
  setOf(root: number, atoms: AtomSet): number {
    const of = this.#at(root);
    const known = of.byText.get(atoms);
    if (known !== undefined) return known;
    const listed = new Set(atoms.atoms.map((atom) => of.atoms.get(atom) ?? missing()));
    const set = this.#number(of, [...of.atoms.values()].filter((atom) => listed.has(atom) !== atoms.negated));
    of.byText.set(atoms, set);
    return set;
  }

  intersection(root: number, a: number, b: number): number {
    if (a === 0 || a === b) return b;
    if (b === 0) return a;
    const of = this.#at(root);
    const pair = a * SETS + b;
    const known = of.common.get(pair);
    if (known !== undefined) return known;
    const other = new Set(this.members(root, b));
    const common = this.#number(of, this.members(root, a).filter((atom) => other.has(atom)));
    of.common.set(pair, common);
    return common;
  }

  members(root: number, set: number): readonly number[] {
    return this.#at(root).sets[set] ?? missing();
  }

  isEmpty(box: Box): boolean {
    return box.some((set, root) => this.members(root, set).length === 0);
  }

  isWithin(root: number, a: number, b: number): boolean {
    return b === 0 || a === b || this.intersection(root, a, b) === a;
  }

  overlap(a: Box, b: Box): boolean {
    return a.every((set, root) => this.members(root, this.intersection(root, set, b[root] ?? 0)).length > 0);
  }

  #number(root: Root, atoms: readonly number[]): number {
    const text = atoms.join();
    const known = root.bySet.get(text);
    if (known !== undefined) return known;
    root.bySet.set(text, root.sets.length);
    return root.sets.push(atoms) - 1;
  }

  #at(root: number): Root {
    return this.#roots[root] ?? missing();
  }
}

function missing(): never {
  throw new Error('a dimension or an atom that no gate of the job names');
}
