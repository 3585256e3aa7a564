/**
 * Which numbers are sums of others: a number is covered by a table when each cell of the table lies inside it or outside it, and
 * the table leaves none of it out. A margin and its cells, a filtered total and the cells of its groups, a district and its streets
 * are all covers.
 */
import type { Grid } from './grid.ts';
import type { Numbers, Table } from './tables.ts';

/** By number, then by table: the numbers that it is the sum of, at least one, never just itself. */
export type Covers = ReadonlyMap<number, ReadonlyMap<number, readonly number[]>>;

export function coversOf({ grid, boxes, tables }: Numbers): Covers {
  const covers = new Map<number, Map<number, readonly number[]>>();
  tables.forEach((coarse) => {
    tables.forEach((fine, f) => {
      if (coarse === fine) return;
      for (const [number, parts] of partsIn(coarse, fine, grid, boxes)) {
        const known = covers.get(number) ?? new Map<number, readonly number[]>();
        covers.set(number, known);
        if (!known.has(f)) known.set(f, parts);
      }
    });
  });
  return covers;
}

/** Covers from which the others follow, through tables in between; each once. */
export function withoutImplied(covers: Covers): readonly (readonly [number, readonly number[]])[] {
  const kept: [number, readonly number[]][] = [];
  for (const [number, byTable] of covers) {
    const seen = new Set<string>();
    for (const [table, parts] of byTable) {
      const text = parts.join();
      const inner = new Set(parts);
      const follows = byTable.values().some((between) => between.length < parts.length && between.every((one) => inner.has(one) || covers.get(one)?.has(table) === true));
      if (!follows && !seen.has(text)) kept.push([number, parts]);
      seen.add(text);
    }
  }
  return kept;
}

const OUTSIDE = -1;
const SPLIT = -2;

/** For each number of `coarse` that `fine` covers, the numbers of `fine` in it. */
function partsIn(coarse: Table, fine: Table, grid: Grid, boxes: Numbers['boxes']): ReadonlyMap<number, readonly number[]> {
  const roots = fine.span.map((_, root) => root);
  const setsOf = (table: Table, root: number): Set<number> => new Set(table.numbers.map((number) => boxes[number]?.[root] ?? 0));
  const broken = roots.map(() => new Set<number>());
  const upwards = roots.map((root) => {
    const own = setsOf(coarse, root);
    const home = new Map<number, number>();
    for (const set of own) for (const atom of grid.members(root, set)) home.set(atom, set);
    const up = new Map<number, number>();
    for (const set of setsOf(fine, root)) {
      const homes = new Set(grid.members(root, set).map((atom) => home.get(atom) ?? OUTSIDE));
      const [only = OUTSIDE] = homes;
      up.set(set, homes.size === 1 ? only : SPLIT);
      if (homes.size > 1) for (const each of homes) broken[root]?.add(each);
    }
    for (const set of own) if (!grid.isWithin(root, set, fine.span[root] ?? 0)) broken[root]?.add(set);
    return up;
  });
  const byBox = new Map<string, number>();
  for (const number of coarse.numbers) {
    const box = boxes[number] ?? [];
    if (!box.some((set, root) => broken[root]?.has(set))) byBox.set(box.join(), number);
  }
  const parts = new Map<number, number[]>();
  if (byBox.size === 0) return parts;
  for (const number of fine.numbers) {
    const home = roots.map((root) => upwards[root]?.get(boxes[number]?.[root] ?? 0) ?? OUTSIDE);
    if (home.some((set) => set < 0)) continue;
    const whole = byBox.get(home.join());
    if (whole === undefined) continue;
    const known = parts.get(whole) ?? [];
    parts.set(whole, known);
    known.push(number);
  }
  for (const [whole, [first, ...others]] of parts) if (first === whole && others.length === 0) parts.delete(whole);
  return parts;
}
