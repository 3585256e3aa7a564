/**
 * Tables whose dimensions hang together like a tree (Graham's reduction ends with nothing left): then the margins that neighbours have in common are all there
 * is to know. Whatever tables agree in these, there are rows that give them all (the marginals of a decomposable model; Lauritzen 1996, § 4.4; zeros do no harm). What the
 * filters of a table leave out are unknown cells of it, so that all tables are about the same rows.
 */
import type { Equation } from '#sandbox/sdc/secondary/problem.ts';
import type { Covers } from './covers.ts';
import type { Box, Grid } from './grid.ts';
import type { Numbers } from './tables.ts';

/** Cells that filters leave out, of all tables: more are not listed. */
const MOST_UNKNOWN = 20_000;

/** The whole of a dimension, and what of one no table names. */
const WHOLE = 0;
const OTHERS = -1;

interface Cell {
  /** Also of cells that nobody asked for: those beyond the numbers. */
  readonly number: number;
  /** Per dimension which part of it: a set of atoms, or `OTHERS`. */
  readonly parts: readonly number[];
  readonly isUnknown: boolean;
}

interface Part {
  readonly cells: readonly Cell[];
  /** Per dimension. */
  readonly used: readonly boolean[];
}

/** Null where the tables split some dimension differently, or hang together otherwise. @param crossing which of the tables */
export function agreeing(numbers: Numbers, covers: Covers, crossing: readonly number[]): { readonly equations: readonly Equation[]; readonly unknowns: number } | null {
  const base = baseOf(numbers, crossing);
  const parts = completed(numbers, crossing, base);
  if (parts === null) return null;
  const equations: Equation[] = [];
  const known = new Set([...covers.keys()].map((number) => numbers.boxes[number]?.join()));
  const left = [...parts];
  while (left.length > 1) {
    const isEarOf = (part: Part, other: Part): boolean => other !== part && part.used.every((uses, root) => !uses || other.used[root] || !left.some((third) => third !== part && third.used[root]));
    const ear = left.findIndex((part) => left.some((other) => isEarOf(part, other)));
    const part = left[ear];
    const other = part === undefined ? undefined : left.find((each) => isEarOf(part, each));
    if (part === undefined || other === undefined) return null;
    equations.push(...marginsOf(part, other, base, known));
    left.splice(ear, 1);
  }
  return { equations, unknowns: parts.reduce((sum, { cells }) => sum + cells.filter(({ isUnknown }) => isUnknown).length, 0) };
}

/** Rows that all tables are about, with what their filters leave out of them. */
function baseOf({ grid, tables }: Numbers, crossing: readonly number[]): Box {
  return Array.from({ length: grid.width }, (_, root) => {
    const spans = new Set(crossing.map((table) => tables[table]?.span[root] ?? WHOLE));
    const [only = WHOLE] = spans;
    return spans.size === 1 ? only : WHOLE;
  });
}

/** With the cells that the filters leave out. Null where the tables do not split each dimension alike, or these are too many. */
function completed({ grid, boxes, tables }: Numbers, crossing: readonly number[], base: Box): readonly Part[] | null {
  const all = crossing.map((table) => {
    const { span = [], numbers = [] } = tables[table] ?? {};
    return { span, numbers, used: base.map((whole, root) => span[root] !== whole || numbers.some((number) => boxes[number]?.[root] !== whole)) };
  });
  const splits = base.map((whole, root) => splitOf(grid, root, whole, all.filter(({ used }) => used[root]).flatMap(({ numbers }) => numbers.map((number) => boxes[number]?.[root] ?? WHOLE))));
  let next = boxes.length;
  const parts: Part[] = [];
  for (const { span, numbers, used } of all) {
    const cells = numbers.map((number): Cell => ({ number, parts: boxes[number] ?? [], isUnknown: false }));
    let outside: readonly { readonly parts: readonly number[]; readonly isIn: boolean }[] = [{ parts: [], isIn: true }];
    for (const [root, whole] of base.entries()) {
      const split = splits[root];
      if (split === undefined || split === null) return null;
      const [places, filter] = [used[root] ? split : [{ part: whole, atoms: [] }], span[root] ?? WHOLE];
      const inside = filter === whole ? null : new Set(grid.members(root, filter));
      const where: { readonly part: number; readonly isIn: boolean }[] = [];
      for (const { part, atoms } of places) {
        const within = inside === null ? atoms.length : atoms.filter((atom) => inside.has(atom)).length;
        if (within !== 0 && within !== atoms.length) return null;
        where.push({ part, isIn: inside === null || within > 0 });
      }
      if (outside.length * where.length > MOST_UNKNOWN) return null;
      outside = outside.flatMap((so) => where.map(({ part, isIn }) => ({ parts: [...so.parts, part], isIn: so.isIn && isIn })));
    }
    for (const { parts: own, isIn } of outside) if (!isIn) cells.push({ number: next++, parts: own, isUnknown: true });
    parts.push({ cells, used });
    if (next - boxes.length > MOST_UNKNOWN) return null;
  }
  return parts;
}

/** The sets that tables split a dimension by, and what none of them has; null where some overlap. */
function splitOf(grid: Grid, root: number, whole: number, sets: readonly number[]): readonly { readonly part: number; readonly atoms: readonly number[] }[] | null {
  const seen = new Set<number>();
  const split = [...new Set(sets)].map((part) => ({ part, atoms: grid.members(root, part) }));
  if (!split.every(({ atoms }) => atoms.every((atom) => !seen.has(atom) && seen.add(atom)))) return null;
  const others = grid.members(root, whole).filter((atom) => !seen.has(atom));
  return others.length === 0 ? split : [...split, { part: OTHERS, atoms: others }];
}

/** @param known boxes of margins that were asked for, as text */
function marginsOf(a: Part, b: Part, base: Box, known: ReadonlySet<string | undefined>): readonly Equation[] {
  const groupOf = ({ parts }: Cell): string => base.map((whole, root) => (a.used[root] && b.used[root] ? parts[root] ?? whole : whole)).join();
  const groups = new Map<string, { readonly terms: [number, 1 | -1][]; isUnknown: boolean }>();
  for (const [part, sign] of [[a, 1], [b, -1]] as const) {
    for (const cell of part.cells) {
      const text = groupOf(cell);
      const group = groups.get(text) ?? { terms: [], isUnknown: false };
      groups.set(text, group);
      group.terms.push([cell.number, sign]);
      group.isUnknown ||= cell.isUnknown;
    }
  }
  // Where the margin was asked for, both are sums of its parts already.
  return [...groups].filter(([text, { isUnknown }]) => isUnknown || !known.has(text)).map(([, { terms }]) => terms);
}
