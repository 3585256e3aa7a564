/**
 * The tables of a job as numbers with boxes: one number for each set of rows that some cell counts or adds up, whichever gate,
 * key, filter or condition asked for it.
 */
import type { Value } from '#contract/table.ts';
import { atomOf, atomsOfKey, slicesOf, type AtomSet, type GatePlace, type MeasurePlace, type Parts, type Slice } from './place.ts';
import { keyOf } from './complete.ts';
import { Grid, type Box } from './grid.ts';

/** One measure of one gate. */
export interface Source {
  readonly place: GatePlace;
  readonly measure: MeasurePlace;
  readonly rows: readonly { readonly keys: readonly Value[] }[];
}

export interface Cell {
  readonly source: number;
  readonly row: number;
}

export interface Table {
  /** Everything that its filters and conditions leave; a key that is not among its rows has nobody. */
  readonly span: Box;
  /** Numbers, each once. */
  readonly numbers: readonly number[];
}

export interface Numbers {
  readonly grid: Grid;
  readonly boxes: readonly Box[];
  /** Every cell that shows the number; none of a part of a cell, or of what several boxes hold together, that nobody asked for. */
  readonly cells: readonly (readonly Cell[])[];
  /** First one for each source, then those of the parts of cells that lie in several boxes. */
  readonly tables: readonly Table[];
  /** Numbers of several boxes, with those of each: they have no box of their own, and are in no table. */
  readonly sums: readonly (readonly [number, readonly number[]])[];
}

export function numbersOf(sources: readonly Source[]): Numbers {
  const grid = gridOf(sources);
  const boxes: Box[] = [];
  const cells: Cell[][] = [];
  const byBox = new Map<string, number>();
  const sums: (readonly [number, readonly number[]])[] = [];
  const numberAt = (text: string, box: Box): number => {
    const known = byBox.get(text);
    if (known !== undefined) return known;
    cells.push([]);
    byBox.set(text, boxes.push(box) - 1);
    return boxes.length - 1;
  };
  const parts: Table[] = [];
  const tables = sources.map(({ place, measure, rows }, source): Table => {
    const span = restricted(grid, Array.from({ length: grid.width }, () => 0), [...place.slices, ...measure.slices]);
    const keys = place.keys.map((key) => ({ key, root: grid.indexOf(key.root), sets: new Map<Value, number>() }));
    const boxOf = (row: Source['rows'][number]): Box => {
      const box = [...span];
      keys.forEach(({ key, root, sets }, k) => {
        if (key.parts !== undefined) return;
        const value = row.keys[k] ?? null;
        let set = sets.get(value);
        if (set === undefined) sets.set(value, (set = grid.setOf(root, atomsOfKey(key, value))));
        box[root] = grid.intersection(root, box[root] ?? 0, set);
      });
      return box;
    };
    const lists = [...place.parts ?? [], ...measure.parts ?? []];
    if (lists.length === 0 && keys.every(({ key }) => key.parts === undefined)) {
      const numbers = new Set<number>();
      rows.forEach((row, r) => {
        const box = boxOf(row);
        // By public facts nobody can be in it.
        if (grid.isEmpty(box)) return;
        const number = numberAt(box.join(), box);
        cells[number]?.push({ source, row: r });
        numbers.add(number);
      });
      return { span, numbers: [...numbers] };
    }
    const wholes = within(grid, [span], lists).map((whole) => ({ span: whole, numbers: new Set<number>() }));
    rows.forEach((row, r) => {
      const box = boxOf(row);
      const own = keys.flatMap(({ key: { parts: of } }, k) => (of === undefined ? [] : [of.get(keyOf([row.keys[k] ?? null])) ?? []]));
      const found = wholes.flatMap(({ span: whole, numbers }) => within(grid, [common(grid, box, whole)].filter((each) => !grid.isEmpty(each)), own).map((each) => {
        const number = numberAt(each.join(), each);
        numbers.add(number);
        return number;
      })).sort((a, b) => a - b);
      const [first, ...others] = found;
      if (first === undefined) return;
      const number = others.length === 0 ? first : numberAt(found.map((each) => boxes[each]?.join()).join(' or '), []);
      if (others.length > 0 && cells[number]?.length === 0) sums.push([number, found]);
      cells[number]?.push({ source, row: r });
    });
    parts.push(...wholes.map(({ span: whole, numbers }) => ({ span: whole, numbers: [...numbers] })));
    return { span, numbers: [] };
  });
  return { grid, boxes, cells, tables: [...tables, ...parts], sums };
}

/** What of the boxes lies in one part of each list. */
function within(grid: Grid, boxes: readonly Box[], lists: readonly Parts[]): readonly Box[] {
  return lists.reduce((found, parts) => found.flatMap((box) => parts.map((slices) => restricted(grid, box, slices)).filter((each) => !grid.isEmpty(each))), boxes);
}

const common = (grid: Grid, a: Box, b: Box): Box => a.map((set, root) => grid.intersection(root, set, b[root] ?? 0));

function restricted(grid: Grid, box: Box, slices: readonly Slice[]): Box {
  const result = [...box];
  for (const { root, inside } of slices) {
    const index = grid.indexOf(root);
    result[index] = grid.intersection(index, result[index] ?? 0, grid.setOf(index, inside));
  }
  return result;
}

function gridOf(sources: readonly Source[]): Grid {
  const named = new Map<string, Set<string>>();
  const closed = new Set<string>();
  const name = (root: string, atoms: readonly string[]): void => {
    const known = named.get(root) ?? new Set<string>();
    atoms.forEach((atom) => known.add(atom));
    named.set(root, known);
  };
  for (const { place, measure, rows } of sources) {
    for (const [root, atoms] of place.closed) {
      name(root, atoms);
      closed.add(root);
    }
    const sets: [string, AtomSet][] = slicesOf({ ...place, measures: [measure] }).map(({ root, inside }) => [root, inside]);
    for (const [root, { atoms }] of sets) name(root, atoms);
    place.keys.forEach((key, k) => {
      for (const { atoms } of key.known.values()) name(key.root, atoms);
      name(key.root, key.bare ? [...new Set(rows.map((row) => row.keys[k] ?? null))].map(atomOf) : []);
    });
  }
  return new Grid(named, closed);
}
