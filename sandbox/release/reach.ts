/**
 * What of the tables that left can matter for those that are about to leave: rows that lie, by some chain of rows that overlap, where these
 * do. Everything else shares no unknown with them. Found dimension by dimension: what is taken in may be more than that, and is never less.
 */
import type { Value } from '#contract/table.ts';
import { atomsOfKey, EVERYTHING, slicesOf, type AtomSet, type GatePlace, type MeasurePlace, type Slice } from './place.ts';

export interface Reaching {
  readonly place: GatePlace;
  readonly measure: MeasurePlace;
  readonly rows: readonly { readonly keys: readonly Value[] }[];
  /** Of a table that is about to leave: everything starts from its rows. */
  readonly isOpen: boolean;
}

/** Of chains that are longer than this, everything is taken in. */
const ROUNDS = 16;

/** By table, its rows by number, ascending. */
export function withinReach(tables: readonly Reaching[]): readonly (readonly number[])[] {
  const roots = new Set(tables.flatMap(({ place, measure }) => [...place.keys, ...slicesOf({ ...place, measures: [measure] })].map(({ root }) => root)));
  const region = new Map([...roots].map((root) => [root, new Extent()]));
  const parts = tables.map((table) => new Part(table, region));
  parts.forEach((part, t) => {
    if (tables[t]?.isOpen === true) part.takeAll();
  });
  for (let round = 0; round < ROUNDS; round++) if (!parts.reduce((grew, part) => part.takeMeeting() || grew, false)) return parts.map((part) => part.rows());
  return tables.map(({ rows }) => [...rows.keys()]);
}

/** What of one dimension is within reach. It only grows. */
class Extent {
  /** Everything but these where `negated`. */
  #atoms = new Set<string>();
  #negated = false;
  /** How often it has grown. */
  version = 0;

  take({ negated, atoms }: AtomSet): void {
    const [size, was] = [this.#atoms.size, this.#negated];
    if (negated && !was) {
      this.#atoms = new Set(atoms.filter((atom) => !this.#atoms.has(atom)));
      this.#negated = true;
    } else if (negated) this.#atoms = this.#atoms.intersection(new Set(atoms));
    else for (const atom of atoms) if (was) this.#atoms.delete(atom); else this.#atoms.add(atom);
    if (this.#atoms.size !== size || this.#negated !== was) this.version++;
  }

  meets({ negated, atoms }: AtomSet): boolean {
    if (!negated) return atoms.some((atom) => this.#atoms.has(atom) !== this.#negated);
    // Of a dimension whose values are declared, two such sets may have none in common after all.
    return this.#negated || this.#atoms.difference(new Set(atoms)).size > 0;
  }
}

/** One key of a table: the sets of its values, each once. */
interface Column {
  readonly extent: Extent;
  readonly sets: readonly AtomSet[];
  /** By row. */
  readonly of: Uint32Array;
  readonly meets: Uint8Array;
  readonly taken: Uint8Array;
  version: number;
}

class Part {
  readonly #slices: readonly (Slice & { readonly extent: Extent })[];
  readonly #columns: readonly Column[];
  /** Dimensions that no key cuts, with what all rows have of them. */
  readonly #common: readonly (readonly [Extent, AtomSet])[];
  readonly #taken: Uint8Array;
  #isIn = false;

  constructor({ place, measure, rows }: Reaching, region: ReadonlyMap<string, Extent>) {
    this.#slices = [...place.slices, ...measure.slices].flatMap((slice) => {
      const extent = region.get(slice.root);
      return extent === undefined ? [] : [{ ...slice, extent }];
    });
    this.#columns = place.keys.flatMap((key, k): Column[] => {
      const extent = region.get(key.root);
      // Of a key of several dimensions each value is taken to be everywhere.
      if (extent === undefined || key.parts !== undefined) return [];
      const numbers = new Map<Value, number>();
      const sets: AtomSet[] = [];
      const of = Uint32Array.from(rows, ({ keys }) => {
        const value = keys[k] ?? null;
        let number = numbers.get(value);
        if (number === undefined) numbers.set(value, (number = sets.push(atomsOfKey(key, value)) - 1));
        return number;
      });
      return [{ extent, sets, of, meets: new Uint8Array(sets.length), taken: new Uint8Array(sets.length), version: -1 }];
    });
    const cut = new Set(this.#columns.map(({ extent }) => extent));
    this.#common = [...region.values()].flatMap((extent) => (cut.has(extent) ? [] : [[extent, this.#slices.find((slice) => slice.extent === extent)?.inside ?? EVERYTHING] as const]));
    this.#taken = new Uint8Array(rows.length);
  }

  takeAll(): void {
    for (let row = 0; row < this.#taken.length; row++) this.#take(row);
  }

  /** Takes rows in that lie within reach; whether that reaches further. */
  takeMeeting(): boolean {
    if (!this.#slices.every(({ extent, inside }) => extent.meets(inside))) return false;
    for (const column of this.#columns) {
      if (column.version === column.extent.version) continue;
      column.version = column.extent.version;
      column.sets.forEach((set, i) => {
        if (column.meets[i] === 0 && column.extent.meets(set)) column.meets[i] = 1;
      });
    }
    const before = this.#versions();
    for (let row = 0; row < this.#taken.length; row++) {
      if (this.#taken[row] === 0 && this.#columns.every(({ meets, of }) => meets[of[row] ?? 0] === 1)) this.#take(row);
    }
    return this.#versions() !== before;
  }

  rows(): readonly number[] {
    return [...this.#taken.keys()].filter((row) => this.#taken[row] === 1);
  }

  #take(row: number): void {
    this.#taken[row] = 1;
    if (!this.#isIn) for (const [extent, set] of this.#common) extent.take(set);
    this.#isIn = true;
    for (const { extent, sets, of, taken } of this.#columns) {
      const set = of[row] ?? 0;
      if (taken[set] === 1) continue;
      taken[set] = 1;
      extent.take(sets[set] ?? EVERYTHING);
    }
  }

  #versions(): number {
    return [...this.#columns.map(({ extent }) => extent), ...this.#common.map(([extent]) => extent)].reduce((sum, { version }) => sum + version, 0);
  }
}
