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
  const all = tables.map(({ span, numbers }): Split => ({ span, numbers, sets: span.map((_, root) => new Set(numbers.map((number) => boxes[number]?.[root] ?? 0))) }));
  // A single number that is all its filters leave covers nothing but itself.
  const split = all.map((table, f) => ({ table, f })).filter(({ table: { span, numbers: [first = -1, ...others] } }) => others.length > 0 || boxes[first]?.join() !== span.join());
  all.forEach((coarse) => {
    split.forEach(({ table: fine, f }) => {
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

interface Split extends Table {
  /** By dimension, the sets of its cells. */
  readonly sets: readonly ReadonlySet<number>[];
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

const WHOLE = 0;

/** For each number of `coarse` that `fine` covers, the numbers of `fine` in it. */
function partsIn(coarse: Split, fine: Split, grid: Grid, boxes: Numbers['boxes']): ReadonlyMap<number, readonly number[]> {
  const roots = fine.span.map((_, root) => root);
  const broken = roots.map((root) => {
    const span = fine.span[root] ?? WHOLE;
    return new Set(span === WHOLE ? [] : coarse.sets[root]?.values().filter((set) => !grid.isWithin(root, set, span)));
  });
  // Most pairs of tables have nothing to do with each other, and that is seen in one dimension.
  if (broken.some(({ size }, root) => size === coarse.sets[root]?.size)) return new Map();
  const upwards = roots.map((root) => {
    const [own, inside] = [coarse.sets[root] ?? NONE, fine.sets[root] ?? NONE];
    if (own.size === 1 && own.has(WHOLE)) return new Map([...inside].map((set) => [set, WHOLE]));
    const home = new Map<number, number>();
    for (const set of own) for (const atom of grid.members(root, set)) home.set(atom, set);
    const up = new Map<number, number>();
    for (const set of inside) {
      const homes = new Set(grid.members(root, set).map((atom) => home.get(atom) ?? OUTSIDE));
      const [only = OUTSIDE] = homes;
      up.set(set, homes.size === 1 ? only : SPLIT);
      if (homes.size > 1) for (const each of homes) broken[root]?.add(each);
    }
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

const NONE: ReadonlySet<number> = new Set();
