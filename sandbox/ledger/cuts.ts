/**
 * Whether a number of a table follows from nothing, said at once of most.
 *
 * Say t = Σ f·r + Σ g·s, but for fewer than `min` units, where r are known numbers of other tables and s known cells of t's own. The first sum is F times the unit's factor
 * in each part of the units that no known number of another table tells apart (`parts.ts`). A unit that counts in no known cell of t's table, nor in t, differs unless F = 0; one that
 * counts in s alone, by its factor, unless F = −g; one that counts in t alone, unless F = 1. So each of them is an edge between two things that have the same number unless the unit
 * differs: its part, and the cell, or t with the number 1, or nothing with 0. From 1 to 0 some edge is cut on every way: as many units differ at least as can flow from t to nothing
 * (Ford and Fulkerson 1956). Other units may differ as well.
 */
import type { Coefficients } from './combinations.ts';

/** Where a number may follow: the parts in which F would be 1, and the known cells of the table that would be taken away. */
export interface Side {
  readonly parts: ReadonlySet<number>;
  readonly cells: readonly number[];
}

/** Edges that are looked at for a table; beyond, anything may follow. */
const LOOKED = 50_000_000;

export class Cuts {
  readonly #parts: Int32Array;
  readonly #factors: Int32Array;
  readonly #cells: readonly Coefficients[];
  readonly #units: Float64Array;
  /** By class, in how many known cells it is; and in which it is, if only in one and by its factor, from 1 on. */
  readonly #known: Uint16Array;
  readonly #only: Int32Array;
  /** By part, units in no known cell. */
  readonly #open: Float64Array;
  /** Units that are in one known cell only, by part and then by cell; and the parts of each cell. */
  readonly #shared = new Edges();
  readonly #partsOf = new Map<number, Set<number>>();
  /** By part, units in t alone; and in t and no known cell, which are not open then. Zero between two cells. */
  readonly #source: Float64Array;
  readonly #closed: Float64Array;
  #left = LOOKED;

  /**
   * @param parts by class; 0: in no known number of another table
   * @param factors by class
   * @param cells of the table
   * @param units by class
   */
  constructor(parts: Int32Array, factors: Int32Array, cells: readonly Coefficients[], units: Float64Array) {
    this.#parts = parts;
    this.#factors = factors;
    this.#cells = cells;
    this.#units = units;
    this.#known = new Uint16Array(parts.length);
    this.#only = new Int32Array(parts.length);
    this.#open = new Float64Array(parts.reduce((most, part) => Math.max(most, part), 0) + 1);
    this.#source = new Float64Array(this.#open.length);
    this.#closed = new Float64Array(this.#open.length);
    for (let cls = 1; cls < parts.length; cls++) this.#open[parts[cls]!]! += units[cls]!;
  }

  /**
   * Null where a cell certainly follows from nothing, but for `enough` units.
   * @param cell from 0 on
   */
  side(cell: number, enough: number): Side | null {
    if (this.#left < 0) return NOWHERE;
    const { classes, rows } = this.#cells[cell] ?? lost();
    const [source, closed, gone] = [this.#source, this.#closed, new Edges()];
    const touched: number[] = [];
    let flow = 0;
    for (let i = 0; i < classes.length; i++) {
      const cls = classes[i]!;
      const [part, units] = [this.#parts[cls]!, this.#units[cls]!];
      // No known number of another table is about it.
      if (part === 0) flow += this.#known[cls] === 0 ? units : 0;
      else if (this.#known[cls] === 0) {
        if (closed[part] === 0) touched.push(part);
        closed[part]! += units;
        if (rows[i] === this.#factors[cls]) source[part]! += units;
      // In two cells now.
      } else if (this.#only[cls]! > 0) gone.add(part, this.#only[cls]!, units);
    }
    for (const part of touched) {
      const straight = Math.min(source[part]!, this.#open[part]! - closed[part]!);
      flow += straight;
      source[part]! -= straight;
      closed[part]! += straight;
    }
    const side = flow >= enough ? null : this.#cut(touched, enough - flow, gone);
    for (const part of touched) [source[part], closed[part]] = [0, 0];
    return side;
  }

  /** @param sources parts from which more may flow */
  #cut(sources: number[], enough: number, gone: Edges): Side | null {
    const [source, closed, flows] = [this.#source, this.#closed, new Edges()];
    for (let flow = 0; flow < enough;) {
      const found = this.#reach(sources, (part, cell) => this.#shared.get(part, cell) - gone.get(part, cell), flows);
      if ('cells' in found) return found;
      const { way, width } = found;
      const [first, last] = [way[0] ?? 0, way.at(-1) ?? 0];
      source[first]! -= width;
      if (closed[last] === 0) sources.push(last);
      closed[last]! += width;
      for (let i = 0; i + 2 < way.length; i += 2) {
        flows.add(way[i]!, way[i + 1]!, width);
        flows.add(way[i + 2]!, way[i + 1]!, -width);
      }
      flow += width;
    }
    return null;
  }

  /** A way from t to nothing (a part, a cell, a part …) on which more can flow, and how much; or what is reached without. */
  #reach(sources: readonly number[], shared: (part: number, cell: number) => number, flows: Edges): { readonly way: readonly number[]; readonly width: number } | Side {
    /** By part and by cell, where one came from. */
    const [parts, cells] = [new Map<number, number>(), new Map<number, number>()];
    for (const part of sources) if (this.#source[part]! > 0) parts.set(part, 0);
    for (const part of parts.keys()) {
      const open = this.#open[part]! - this.#closed[part]!;
      if (open > 0) {
        const way = [part];
        let width = open;
        for (let at = part; ;) {
          const cell = parts.get(at) ?? 0;
          if (cell === 0) return { way, width: Math.min(width, this.#source[at]!) };
          const before = cells.get(cell) ?? 0;
          width = Math.min(width, shared(at, cell) + flows.get(at, cell), shared(before, cell) - flows.get(before, cell));
          way.unshift(before, cell);
          at = before;
        }
      }
      for (const cell of this.#shared.of(part)) {
        this.#left--;
        if (cells.has(cell) || shared(part, cell) - flows.get(part, cell) <= 0) continue;
        cells.set(cell, part);
        for (const other of this.#partsOf.get(cell) ?? []) {
          this.#left--;
          if (!parts.has(other) && shared(other, cell) + flows.get(other, cell) > 0) parts.set(other, cell);
        }
      }
    }
    return { parts: new Set(parts.keys()), cells: [...cells.keys()].map((cell) => cell - 1) };
  }

  /** From now on a cell is known. */
  add(cell: number): void {
    const { classes, rows } = this.#cells[cell] ?? lost();
    const number = cell + 1;
    for (let i = 0; i < classes.length; i++) {
      const cls = classes[i]!;
      const [part, units] = [this.#parts[cls]!, this.#units[cls]!];
      if (this.#known[cls] === 0) this.#open[part]! -= units;
      this.#known[cls]! += 1;
      const only = this.#only[cls]!;
      if (only > 0) {
        this.#share(part, only, -units);
        this.#only[cls] = 0;
      } else if (this.#known[cls] === 1 && part > 0 && rows[i] === this.#factors[cls]) {
        this.#only[cls] = number;
        this.#share(part, number, units);
      }
    }
  }

  #share(part: number, cell: number, units: number): void {
    this.#shared.add(part, cell, units);
    const parts = this.#partsOf.get(cell) ?? new Set<number>();
    this.#partsOf.set(cell, parts);
    parts.add(part);
  }
}

/** Units between a part and a cell. */
class Edges {
  readonly #units = new Map<number, Map<number, number>>();

  get(part: number, cell: number): number {
    return this.#units.get(part)?.get(cell) ?? 0;
  }

  of(part: number): Iterable<number> {
    return this.#units.get(part)?.keys() ?? [];
  }

  add(part: number, cell: number, units: number): void {
    const cells = this.#units.get(part) ?? new Map<number, number>();
    this.#units.set(part, cells);
    cells.set(cell, (cells.get(cell) ?? 0) + units);
  }
}

const NOWHERE: Side = { parts: new Set(), cells: [] };

function lost(): never {
  throw new Error('a cell that is none of the table');
}
