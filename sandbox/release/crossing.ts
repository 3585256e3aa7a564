/** Whether two tables have rows in common, found without comparing every cell of one with every cell of the other. */
import type { Box, Grid } from './grid.ts';

/** Steps for each cell; beyond them two tables are taken to have rows in common, which links more than there may be and never less. */
const STEPS_FOR_EACH = 64;

/** The cells of a table by the set of the first dimension, then of the second, … */
interface Node {
  readonly children: Map<number, Node>;
}

interface Dimension {
  /** Of the table's cells, each once. */
  readonly sets: readonly number[];
  /** Of these, those that list the atom. */
  readonly byAtom: ReadonlyMap<number, readonly number[]>;
  /** Those that list what is not in them: one or two, as the sets of a table seldom overlap. */
  readonly negated: readonly number[];
}

export class CellIndex {
  readonly #grid: Grid;
  readonly #boxes: readonly Box[];
  readonly #dimensions: readonly Dimension[];
  readonly #first: Node = { children: new Map() };

  constructor(grid: Grid, boxes: readonly Box[]) {
    this.#grid = grid;
    this.#boxes = boxes;
    this.#dimensions = Array.from({ length: grid.width }, (_, root) => dimensionOf(grid, root, new Set(boxes.map((box) => box[root] ?? 0))));
    for (const box of boxes) {
      let node = this.#first;
      for (const set of box) {
        let next = node.children.get(set);
        if (next === undefined) node.children.set(set, (next = { children: new Map() }));
        node = next;
      }
    }
  }

  /** Whether some cell of one and some cell of the other have an atom in common in every dimension. */
  crosses(other: CellIndex): boolean {
    if (this.#boxes.length === 0) return false;
    const meeting = this.#dimensions.map((own, root) => new Map(other.#dimensions[root]?.sets.map((set) => [set, this.#meeting(root, own, set)])));
    if (meeting.some((bySet) => bySet.values().every((sets) => sets.size === 0))) return false;
    let steps = STEPS_FOR_EACH * (this.#boxes.length + other.#boxes.length);
    const visit = (box: Box, root: number, { children }: Node): boolean => {
      if (root === box.length) return true;
      const sets = meeting[root]?.get(box[root] ?? 0) ?? NONE;
      const [fewer, more] = sets.size <= children.size ? [sets, children] : [children, sets];
      return fewer.keys().some((set) => {
        if (steps-- < 0) return true;
        const next = more.has(set) ? children.get(set) : undefined;
        return next !== undefined && visit(box, root + 1, next);
      });
    };
    return other.#boxes.some((box) => visit(box, 0, this.#first));
  }

  /** Of the own sets those that have an atom in common with one of another table. */
  #meeting(root: number, { sets, byAtom, negated }: Dimension, set: number): ReadonlySet<number> {
    const grid = this.#grid;
    const meets = (own: number): boolean => grid.sizeOf(root, grid.intersection(root, own, set)) > 0;
    const listed = grid.listed(root, set);
    return new Set(listed === null ? sets.filter(meets) : [...listed.flatMap((atom) => byAtom.get(atom) ?? []), ...negated.filter(meets)]);
  }
}

const NONE: ReadonlySet<number> = new Set();

function dimensionOf(grid: Grid, root: number, sets: ReadonlySet<number>): Dimension {
  const byAtom = new Map<number, number[]>();
  const negated: number[] = [];
  for (const set of sets) {
    const listed = grid.listed(root, set);
    if (listed === null) negated.push(set);
    for (const atom of listed ?? []) {
      const known = byAtom.get(atom);
      if (known === undefined) byAtom.set(atom, [set]);
      else known.push(set);
    }
  }
  return { sets: [...sets], byAtom, negated };
}
