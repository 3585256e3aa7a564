/** The dimensions of a job's gates as numbered atoms, and sets of them that are compared by number: the same set has the same number. */
import type { AtomSet } from './place.ts';

/** Per dimension the number of a set of atoms; a cell holds every row that lies in all of them. */
export type Box = readonly number[];

/** Stands for every atom that no gate names. */
const REST = '\u0000rest';

/**
 * A set of atoms by the fewer of those that are in it and those that are not: one value of a dimension and all but one are as
 * short as each other, and the same set is always written the same way.
 */
interface Atoms {
  /** Ascending. */
  readonly listed: readonly number[];
  /** All but the listed ones. */
  readonly negated: boolean;
}

interface Root {
  readonly name: string;
  readonly atoms: ReadonlyMap<string, number>;
  readonly sets: Atoms[];
  readonly bySet: Map<string, number>;
  readonly byText: Map<AtomSet, number>;
  /** Intersections by both numbers. */
  readonly common: Map<number, number>;
  /** Of long lists, by set: what is listed. */
  readonly listed: Map<number, ReadonlySet<number>>;
}

/** More sets than a dimension has. */
const SETS = 2 ** 24;
/** Lists up to this length are searched from the start. */
const SHORT = 8;

export class Grid {
  readonly #roots: readonly Root[];
  readonly #indexes: ReadonlyMap<string, number>;

  /** @param named atoms of each dimension that some gate names; `closed` dimensions have no others */
  constructor(named: ReadonlyMap<string, ReadonlySet<string>>, closed: ReadonlySet<string>) {
    this.#roots = [...named].map(([name, atoms]): Root => {
      const all = [...atoms, ...(closed.has(name) ? [] : [REST])];
      const root: Root = { name, atoms: new Map(all.map((atom, i) => [atom, i])), sets: [], bySet: new Map(), byText: new Map(), common: new Map(), listed: new Map() };
      numberOf(root, [], true);
      return root;
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
    const [only, ...others] = atoms.atoms;
    if (only !== undefined && others.length === 0) return numberOf(of, [of.atoms.get(only) ?? missing()], atoms.negated);
    const known = of.byText.get(atoms);
    if (known !== undefined) return known;
    const set = numberOf(of, ascending(new Set(atoms.atoms.map((atom) => of.atoms.get(atom) ?? missing()))), atoms.negated);
    of.byText.set(atoms, set);
    return set;
  }

  intersection(root: number, a: number, b: number): number {
    if (a === 0 || a === b) return b;
    if (b === 0) return a;
    const of = this.#at(root);
    // Of one atom nothing needs to be remembered.
    if (this.#isAtom(of, a) || this.#isAtom(of, b)) return this.#common(of, a, b);
    const pair = a * SETS + b;
    const known = of.common.get(pair);
    if (known !== undefined) return known;
    const common = this.#common(of, a, b);
    of.common.set(pair, common);
    return common;
  }

  /** Ascending. */
  members(root: number, set: number): readonly number[] {
    const of = this.#at(root);
    const { listed, negated } = of.sets[set] ?? missing();
    return negated ? [...of.atoms.values()].filter((atom) => !this.#lists(of, set, atom)) : listed;
  }

  /** As `members`, of a set that is written by what is in it; null of one that is written by what is not. */
  listed(root: number, set: number): readonly number[] | null {
    const { listed, negated } = this.#at(root).sets[set] ?? missing();
    return negated ? null : listed;
  }

  /** How many atoms it has. */
  sizeOf(root: number, set: number): number {
    const of = this.#at(root);
    const { listed, negated } = of.sets[set] ?? missing();
    return negated ? of.atoms.size - listed.length : listed.length;
  }

  isEmpty(box: Box): boolean {
    return box.some((set, root) => this.sizeOf(root, set) === 0);
  }

  isWithin(root: number, a: number, b: number): boolean {
    return b === 0 || a === b || this.intersection(root, a, b) === a;
  }

  #common(of: Root, a: number, b: number): number {
    const [one, other] = [of.sets[a] ?? missing(), of.sets[b] ?? missing()];
    if (one.negated && other.negated) return numberOf(of, ascending(new Set([...one.listed, ...other.listed])), true);
    // Through the list, the shorter one of two.
    const [through, rest] = other.negated || (!one.negated && one.listed.length <= other.listed.length) ? [one, b] : [other, a];
    const isNegated = of.sets[rest]?.negated ?? false;
    return numberOf(of, through.listed.filter((atom) => this.#lists(of, rest, atom) !== isNegated), false);
  }

  #isAtom({ sets }: Root, set: number): boolean {
    const { listed, negated } = sets[set] ?? missing();
    return !negated && listed.length === 1;
  }

  #lists(of: Root, set: number, atom: number): boolean {
    const { listed } = of.sets[set] ?? missing();
    if (listed.length <= SHORT) return listed.includes(atom);
    let known = of.listed.get(set);
    if (known === undefined) of.listed.set(set, (known = new Set(listed)));
    return known.has(atom);
  }

  #at(root: number): Root {
    return this.#roots[root] ?? missing();
  }
}

const ascending = (atoms: ReadonlySet<number>): readonly number[] => [...atoms].sort((a, b) => a - b);

/** The number of a set, which is the next one where it is new. @param listed ascending */
function numberOf(root: Root, listed: readonly number[], negated: boolean): number {
  const all = root.atoms.size;
  const size = negated ? all - listed.length : listed.length;
  const isLong = size * 2 > all;
  const set: Atoms = { listed: isLong === negated ? listed : allBut(root, listed), negated: isLong };
  const text = `${isLong ? 'not ' : ''}${set.listed.join()}`;
  const known = root.bySet.get(text);
  if (known !== undefined) return known;
  root.bySet.set(text, root.sets.length);
  return root.sets.push(set) - 1;
}

function allBut({ atoms }: Root, listed: readonly number[]): readonly number[] {
  const left = new Set(listed);
  return [...atoms.values()].filter((atom) => !left.has(atom));
}

function missing(): never {
  throw new Error('a dimension or an atom that no gate of the job names');
}
