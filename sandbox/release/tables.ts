/**
 * The tables of a job as numbers with boxes: one number for each set of rows that some cell counts or adds up, whichever gate,
 * key, filter or condition asked for it.
 */
import type { Value } from '#contract/table.ts';
import { atomOf, atomsOfKey, type AtomSet, type GatePlace, type MeasurePlace, type Slice } from './place.ts';
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
  /** Every cell that shows the number. */
  readonly cells: readonly (readonly Cell[])[];
  /** By source. */
  readonly tables: readonly Table[];
}

export function numbersOf(sources: readonly Source[]): Numbers {
  const grid = gridOf(sources);
  const boxes: Box[] = [];
  const cells: Cell[][] = [];
  const byBox = new Map<string, number>();
  const tables = sources.map(({ place, measure, rows }, source): Table => {
    const span = restricted(grid, Array.from({ length: grid.width }, () => 0), [...place.slices, ...measure.slices]);
    const keys = place.keys.map((key) => ({ key, root: grid.indexOf(key.root), sets: new Map<Value, number>() }));
    const numbers = new Set<number>();
    rows.forEach((row, r) => {
      const box = [...span];
      keys.forEach(({ key, root, sets }, k) => {
        const value = row.keys[k] ?? null;
        let set = sets.get(value);
        if (set === undefined) sets.set(value, (set = grid.setOf(root, atomsOfKey(key, value))));
        box[root] = grid.intersection(root, box[root] ?? 0, set);
      });
      // By public facts nobody can be in it.
      if (grid.isEmpty(box)) return;
      const text = box.join();
      let number = byBox.get(text);
      if (number === undefined) {
        byBox.set(text, (number = boxes.push(box) - 1));
        cells.push([]);
      }
      cells[number]?.push({ source, row: r });
      numbers.add(number);
    });
    return { span, numbers: [...numbers] };
  });
  return { grid, boxes, cells, tables };
}

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
    const sets: [string, AtomSet][] = [...place.slices, ...measure.slices].map(({ root, inside }) => [root, inside]);
    for (const [root, { atoms }] of sets) name(root, atoms);
    place.keys.forEach((key, k) => {
      for (const { atoms } of key.known.values()) name(key.root, atoms);
      name(key.root, key.bare ? [...new Set(rows.map((row) => row.keys[k] ?? null))].map(atomOf) : []);
    });
  }
  return new Grid(named, closed);
}
