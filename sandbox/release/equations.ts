/**
 * Everything that ties the numbers of a job together, as equations. Where tables overlap without one being finer than the
 * other, what they have in common is a number that nobody asked for: either their margins agree (tables that share dimensions like
 * the branches of a tree; no more can be said of them), or the common parts are unknowns of their own.
 */
import type { Equation } from '#sandbox/sdc/secondary/problem.ts';
import { CellIndex } from './crossing.ts';
import { agreeing } from './agreeing.ts';
import { coversOf, withoutImplied, type Covers } from './covers.ts';
import type { Box, Grid } from './grid.ts';
import type { Numbers } from './tables.ts';

export interface Tied {
  readonly equations: readonly Equation[];
  /** Unknowns beyond the numbers: they are numbered on from there. */
  readonly unknowns: number;
  /** Numbers that are sums of others. */
  readonly margins: ReadonlySet<number>;
}

/** Leaves times the common parts of each: more are not listed. */
const MOST_STEPS = 400_000;
/** Tables of which each is compared with each; of more, all common parts are listed. */
const MOST_PAIRED = 64;
/** Each with each, for what is a sum of what. */
const MOST_TABLES = 600;

/** Null where tables are too many, or overlap in too many parts: then nobody knows what they tell together. */
export function tied(numbers: Numbers): Tied | null {
  if (numbers.tables.filter(({ numbers: { length } }) => length > 1).length > MOST_TABLES) return null;
  const covers = coversOf(numbers);
  const found = overlaps(numbers, covers);
  if (found === null) return null;
  const sums = withoutImplied(covers).map(([whole, parts]): Equation => [[whole, 1], ...parts.map((part) => [part, -1] as const)]);
  return { equations: [...sums, ...found.equations], unknowns: found.unknowns, margins: new Set(covers.keys()) };
}

/** What tables of which none is finer than the other have in common. */
function overlaps(numbers: Numbers, covers: Covers): Pick<Tied, 'equations' | 'unknowns'> | null {
  const taken = new Set<number>();
  const own = numbers.tables.map(({ numbers: all }, table) => {
    const mine = all.filter((number) => !covers.has(number) && !taken.has(number));
    mine.forEach((number) => taken.add(number));
    return { table, leaves: mine };
  });
  const crossing = own.length > MOST_PAIRED ? null : overlapping(numbers, own);
  if (crossing?.length === 0) return { equations: [], unknowns: 0 };
  const tree = crossing === null ? null : agreeing(numbers, covers, crossing.map(({ table }) => table));
  if (tree === null) return commonParts(numbers, [...taken].sort((a, b) => a - b), numbers.boxes.length);
  const core = commonParts(numbers, leavesOf(numbers, covers, new Set(tree.core)), numbers.boxes.length + tree.unknowns);
  return core === null ? null : { equations: [...tree.equations, ...core.equations], unknowns: tree.unknowns + core.unknowns };
}

/** Numbers of some tables that are no sums of numbers of these, each once. */
function leavesOf({ tables }: Numbers, covers: Covers, among: ReadonlySet<number>): readonly number[] {
  return [...new Set([...among].flatMap((table) => tables[table]?.numbers ?? []))].filter((number) => !covers.get(number)?.keys().some((table) => among.has(table))).sort((a, b) => a - b);
}

interface Leaves {
  readonly table: number;
  /** Numbers that are no sums, each with the first table that shows it. */
  readonly leaves: readonly number[];
}

/** Tables of which some leaf overlaps a leaf of another. */
function overlapping({ grid, boxes }: Numbers, own: readonly Leaves[]): readonly Leaves[] {
  const indexes = own.map(({ leaves }) => new CellIndex(grid, leaves.map((leaf) => boxes[leaf] ?? [])));
  const found = new Set<number>();
  indexes.forEach((a, i) => indexes.forEach((b, j) => {
    if (j > i && !(found.has(i) && found.has(j)) && a.crosses(b)) [i, j].forEach((table) => found.add(table));
  }));
  return own.filter((_, i) => found.has(i));
}

/** Parts that lie in the same leaves are one unknown; a leaf that is one such part is no sum. @param first number of the first unknown */
function commonParts({ grid, boxes }: Numbers, leaves: readonly number[], first: number): { readonly equations: readonly Equation[]; readonly unknowns: number } | null {
  const blocks = blocksOf(grid, leaves.map((leaf) => boxes[leaf] ?? []));
  const within = new Map<number, number[]>();
  let steps = 0;
  const blocksIn = blocks.map(({ of }, root) => {
    const bySet = new Map<number, readonly number[]>();
    return (set: number): readonly number[] => {
      const found = bySet.get(set) ?? [...new Set(grid.members(root, set).map((atom) => of.get(atom) ?? 0))];
      bySet.set(set, found);
      return found;
    };
  });
  const numbered = new PartNumbers(blocks.map(({ count }) => count));
  for (const leaf of leaves) {
    const lists = (boxes[leaf] ?? []).map((set, root) => blocksIn[root]?.(set) ?? []);
    steps += lists.reduce((product, list) => product * list.length, 1);
    if (steps > MOST_STEPS) return null;
    for (const part of numbered.of(lists)) {
      const known = within.get(part);
      if (known === undefined) within.set(part, [leaf]);
      else known.push(leaf);
    }
  }
  const kinds = [...new Map([...within.values()].map((of) => [of.join(), of])).values()];
  const ofLeaf = new Map<number, number[]>();
  let unknowns = 0;
  kinds.forEach((of, kind) => of.forEach((leaf) => {
    const known = ofLeaf.get(leaf);
    if (known === undefined) ofLeaf.set(leaf, [kind]);
    else known.push(kind);
  }));
  const numberOf = kinds.map((of) => (of.length === 1 && ofLeaf.get(of[0] ?? 0)?.length === 1 ? null : first + unknowns++));
  const equations = [...ofLeaf].flatMap(([leaf, of]): Equation[] => {
    const parts = of.flatMap((kind) => numberOf[kind] ?? []);
    return parts.length === 0 ? [] : [[[leaf, 1], ...parts.map((part) => [part, -1] as const)]];
  });
  return { equations, unknowns };
}

interface Blocks {
  /** By atom. */
  readonly of: ReadonlyMap<number, number>;
  readonly count: number;
}

/** By dimension: atoms that the leaves never tell apart share a number. */
function blocksOf(grid: Grid, boxes: readonly Box[]): readonly Blocks[] {
  return Array.from({ length: grid.width }, (_, root) => {
    const marks = new Map<number, string>();
    for (const set of new Set(boxes.map((box) => box[root] ?? 0))) for (const atom of grid.members(root, set)) marks.set(atom, `${marks.get(atom) ?? ''} ${set}`);
    const numbers = new Map([...new Set(marks.values())].map((mark, i) => [mark, i]));
    return { of: new Map([...marks].map(([atom, mark]) => [atom, numbers.get(mark) ?? 0])), count: Math.max(1, numbers.size) };
  });
}

/** Parts as numbers: which block of the first dimension, which of the second, … */
class PartNumbers {
  readonly #counts: readonly number[];
  /** By dimension: what comes before it in numbers without gaps, where the numbers would become too large. */
  readonly #dense: readonly (Map<number, number> | null)[];

  constructor(counts: readonly number[]) {
    this.#counts = counts;
    let most = 1;
    this.#dense = counts.map((count) => {
      const isLarge = most * count > Number.MAX_SAFE_INTEGER;
      most = (isLarge ? MOST_STEPS : most) * count;
      return isLarge ? new Map() : null;
    });
  }

  of(lists: readonly (readonly number[])[]): readonly number[] {
    return lists.reduce<readonly number[]>((starts, list, root) => {
      const [count, dense] = [this.#counts[root] ?? 1, this.#dense[root] ?? null];
      if (count === 1) return list.length === 0 ? [] : starts;
      return starts.flatMap((start) => {
        let first = start;
        if (dense !== null) {
          first = dense.get(start) ?? dense.size;
          dense.set(start, first);
        }
        return list.map((next) => first * count + next);
      });
    }, [0]);
  }
}
