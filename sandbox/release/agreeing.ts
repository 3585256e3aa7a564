/**
 * Tables whose dimensions hang together like a tree (Graham's reduction ends with nothing left): then the margins that neighbours have in common are all there
 * is to know. Whatever tables agree in these, there are rows that give them all (the marginals of a decomposable model; Lauritzen 1996, § 4.4; zeros do no harm). What the
 * filters of a table leave out are unknown cells of it, so that all tables are about the same rows.
 *
 * Tables may split a dimension more and less finely, as districts and their streets, or a filter and what it takes out of a dimension: what two of them have in common is
 * then the coarser of both, and the finer one has more of its own.
 */
import type { Equation } from '#sandbox/sdc/secondary/problem.ts';
import type { Covers } from './covers.ts';
import type { Box, Grid } from './grid.ts';
import type { Numbers } from './tables.ts';

/** Cells that filters leave out, of all tables: more are not listed. */
const MOST_UNKNOWN = 20_000;

/** The whole of a dimension, and what of one a table does not name. */
const WHOLE = 0;
const OTHERS = -1;

/** How a table splits a dimension. */
interface Split {
  /** In an order of its own: the set, or `OTHERS`; whether the filters leave it. */
  readonly parts: readonly { readonly set: number; readonly isIn: boolean }[];
  /** By atom its part. */
  readonly of: ReadonlyMap<number, number>;
}

interface Cell {
  /** Also of cells that nobody asked for: those beyond the numbers. */
  readonly number: number;
  /** Per dimension which part of it. */
  readonly parts: readonly number[];
  readonly isUnknown: boolean;
}

interface Part {
  readonly cells: readonly Cell[];
  /** Per dimension; null where the table does not split it. */
  readonly splits: readonly (Split | null)[];
}

export interface Agreeing {
  readonly equations: readonly Equation[];
  readonly unknowns: number;
  /** Tables that hang together otherwise: what these have in common is not in the equations. */
  readonly core: readonly number[];
}

/** Null where the tables split some dimension in ways of which none is finer, or all hang together otherwise. @param crossing which of the tables */
export function agreeing(numbers: Numbers, covers: Covers, crossing: readonly number[]): Agreeing | null {
  const base = baseOf(numbers, crossing);
  const parts = completed(numbers, crossing, base);
  const levels = parts === null ? null : levelsOf(parts);
  if (parts === null || levels === null) return null;
  const known = new Set([...covers.keys()].map((number) => numbers.boxes[number]?.join()));
  const unknowns = parts.reduce((sum, { cells }) => sum + cells.filter(({ isUnknown }) => isUnknown).length, 0);
  const levelOf = (part: Part, root: number): number => levels.get(part)?.[root] ?? 0;
  const all = reduced(parts, levelOf, () => true);
  // What a filter leaves out of a table of the core is in no equation of the core: no margin is made of it.
  const { ears, core } = all.core.length === 1 ? all : reduced(parts, levelOf, ({ cells }) => !cells.some(({ isUnknown }) => isUnknown));
  if (core.length === parts.length) return null;
  const equations = ears.flatMap(({ part, other }) => marginsOf(part, other, base.map((_, root) => (levelOf(part, root) <= levelOf(other, root) ? part : other).splits[root] ?? null), base, known));
  return { equations, unknowns, core: core.length === 1 ? [] : core.map((part) => crossing[parts.indexOf(part)] ?? -1) };
}

/** One table after the other of which another has whatever it has in common with any third; and those that are left. @param agrees of which tables it may be */
function reduced(parts: readonly Part[], levelOf: (part: Part, root: number) => number, agrees: (other: Part) => boolean): { readonly ears: readonly { readonly part: Part; readonly other: Part }[]; readonly core: readonly Part[] } {
  const ears: { readonly part: Part; readonly other: Part }[] = [];
  const core = [...parts];
  const isEarOf = (part: Part, other: Part): boolean =>
    other !== part && part.splits.every((_, root) => core.every((third) => third === part || Math.min(levelOf(part, root), levelOf(third, root)) <= levelOf(other, root)));
  while (core.length > 1) {
    const ear = core.flatMap((part) => {
      const other = core.find((each) => agrees(each) && isEarOf(part, each));
      return other === undefined ? [] : [{ part, other }];
    })[0];
    if (ear === undefined) break;
    ears.push(ear);
    core.splice(core.indexOf(ear.part), 1);
  }
  return { ears, core };
}

/** Rows that all tables are about, with what their filters leave out of them. */
function baseOf({ grid, tables }: Numbers, crossing: readonly number[]): Box {
  return Array.from({ length: grid.width }, (_, root) => {
    const spans = new Set(crossing.map((table) => tables[table]?.span[root] ?? WHOLE));
    const [only = WHOLE] = spans;
    return spans.size === 1 ? only : WHOLE;
  });
}

/** With the cells that the filters leave out. Null where cells of a table overlap in a dimension, or these are too many. */
function completed({ grid, boxes, tables }: Numbers, crossing: readonly number[], base: Box): readonly Part[] | null {
  let next = boxes.length;
  const parts: Part[] = [];
  const all = crossing.map((table) => {
    const { span = [], numbers = [] } = tables[table] ?? {};
    return { span, numbers, sets: base.map((_, root) => new Set(numbers.map((number) => boxes[number]?.[root] ?? WHOLE))) };
  });
  // By dimension and atom, in which sets of any table it is.
  const marks = base.map((_, root) => {
    const found = new Map<number, string>();
    for (const set of new Set(all.flatMap(({ span, sets }) => [span[root] ?? WHOLE, ...sets[root] ?? []]))) for (const atom of grid.members(root, set)) found.set(atom, `${found.get(atom) ?? ''} ${set}`);
    return found;
  });
  for (const { span, numbers, sets } of all) {
    const splits: (Split | null)[] = [];
    for (const [root, whole] of base.entries()) {
      const filter = span[root] ?? WHOLE;
      const split = filter === whole && numbers.every((number) => boxes[number]?.[root] === whole) ? null : splitOf(grid, root, whole, filter, sets[root] ?? new Set(), marks[root] ?? new Map());
      if (split === undefined) return null;
      splits.push(split);
    }
    const placeOf = splits.map((split) => new Map(split?.parts.map(({ set }, place) => [set, place])));
    const cells = numbers.map((number): Cell => ({ number, parts: splits.map((_, root) => placeOf[root]?.get(boxes[number]?.[root] ?? WHOLE) ?? 0), isUnknown: false }));
    let outside: readonly { readonly parts: readonly number[]; readonly isIn: boolean }[] = [{ parts: [], isIn: true }];
    for (const split of splits) {
      const places = split?.parts ?? [{ isIn: true }];
      if (outside.length * places.length > MOST_UNKNOWN) return null;
      outside = outside.flatMap((so) => places.map(({ isIn }, part) => ({ parts: [...so.parts, part], isIn: so.isIn && isIn })));
    }
    for (const { parts: own, isIn } of outside) if (!isIn) cells.push({ number: next++, parts: own, isUnknown: true });
    parts.push({ cells, splits });
    if (next - boxes.length > MOST_UNKNOWN) return null;
  }
  return parts;
}

/**
 * By the sets of a table's cells; and what these leave of the filter, which has nobody, and what the filter leaves out: as finely as any table has it, for nobody asked this one. Undefined where
 * some overlap.
 */
function splitOf(grid: Grid, root: number, whole: number, filter: number, sets: ReadonlySet<number>, marks: ReadonlyMap<number, string>): Split | undefined {
  const of = new Map<number, number>();
  const parts: { readonly set: number; readonly isIn: boolean }[] = [];
  for (const set of sets) {
    for (const atom of grid.members(root, set)) {
      if (of.has(atom)) return undefined;
      of.set(atom, parts.length);
    }
    parts.push({ set, isIn: true });
  }
  const inside = new Set(grid.members(root, filter));
  const others = grid.members(root, whole).filter((atom) => !of.has(atom));
  for (const own of Map.groupBy(others, (atom) => marks.get(atom) ?? '').values()) {
    for (const atom of own) of.set(atom, parts.length);
    parts.push({ set: OTHERS, isIn: own.every((atom) => inside.has(atom)) });
  }
  return { parts, of };
}

/** Per part and dimension how finely it is split, 0 where it is not; null where of two ways neither is finer. */
function levelsOf(parts: readonly Part[]): ReadonlyMap<Part, readonly number[]> | null {
  const levels = new Map(parts.map((part) => [part, part.splits.map(() => 0)]));
  for (const root of parts[0]?.splits.keys() ?? []) {
    const finer = parts.flatMap((part) => {
      const split = part.splits[root] ?? null;
      return split === null ? [] : [{ part, split }];
    }).sort((a, b) => a.split.parts.length - b.split.parts.length);
    let level = 1;
    for (const [i, { part, split }] of finer.entries()) {
      const coarser = finer[i - 1]?.split;
      if (coarser !== undefined) {
        if (!refines(split, coarser)) return null;
        if (split.parts.length > coarser.parts.length) level++;
      }
      levels.get(part)![root] = level;
    }
  }
  return levels;
}

/** Whether each part of the one lies in one part of the other. */
function refines({ of }: Split, coarser: Split): boolean {
  const within = new Map<number, number | undefined>();
  for (const [atom, part] of of) {
    const whole = coarser.of.get(atom);
    if (within.has(part) && within.get(part) !== whole) return false;
    within.set(part, whole);
  }
  return true;
}

/** @param common per dimension how both are split; null where one is not. @param known boxes of margins that were asked for, as text */
function marginsOf(a: Part, b: Part, common: readonly (Split | null)[], base: Box, known: ReadonlySet<string | undefined>): readonly Equation[] {
  const groups = new Map<string, { readonly terms: [number, 1 | -1][]; readonly box: string; isUnknown: boolean }>();
  for (const [part, sign] of [[a, 1], [b, -1]] as const) {
    const upwards = part.splits.map((split, root) => {
      const to = common[root] ?? null;
      if (split === null || to === null) return null;
      const up: number[] = [];
      for (const [atom, own] of split.of) up[own] ??= to.of.get(atom) ?? 0;
      return up;
    });
    for (const cell of part.cells) {
      const places = upwards.map((up, root) => up?.[cell.parts[root] ?? 0] ?? 0);
      const text = places.join();
      const group = groups.get(text) ?? { terms: [], box: places.map((place, root) => common[root]?.parts[place]?.set ?? base[root]).join(), isUnknown: false };
      groups.set(text, group);
      group.terms.push([cell.number, sign]);
      group.isUnknown ||= cell.isUnknown;
    }
  }
  // Where the margin was asked for, both are sums of its parts already.
  return [...groups.values()].filter(({ isUnknown, box }) => isUnknown || !known.has(box)).map(({ terms }) => terms);
}
