/**
 * Tables that left before, for secondary suppression of later ones: packed until a job over the same rows of the same
 * snapshots needs them. Of very many only some enter a job's equations, those that share most dimensions with it first, then the
 * newest.
 */
import { createHash } from 'node:crypto';
import type { LinkedTable } from '../release/linked-table.ts';
import type { DataState } from './data-state.ts';
import { Lru } from '../lru.ts';
import { unpackTable, type PastTable } from './past-table.ts';

/** Of one base relation, in one job. */
const TABLES = 64;
const CELLS = 250_000;
/** Cells of tables that are kept unpacked, so that the next job does not unpack them again. */
const UNPACKED = 250_000;

export interface Selection {
  /** The oldest first. */
  readonly tables: readonly LinkedTable[];
  /** Whether none was left out. */
  readonly exact: boolean;
}

export class PastTables {
  readonly #byBase = new Map<string, PastTable[]>();
  readonly #known = new Set<string>();
  readonly #unpacked = new Lru<{ readonly table: LinkedTable; readonly cells: number }>(UNPACKED, ({ cells }) => cells);

  add(table: PastTable): void {
    this.#known.add(nameOf(table));
    const all = this.#byBase.get(table.base);
    if (all === undefined) this.#byBase.set(table.base, [table]);
    else all.push(table);
  }

  /** Whether the very same has left before: then it says nothing new. */
  has(table: PastTable): boolean {
    return this.#known.has(nameOf(table));
  }

  /**
   * What left over the same rows of the same data; none where no cell needs protection, in the job or before.
   * @param roots dimensions of the job's tables
   * @param isOpen whether these data are the ones at hand; tables of other data are tied to nothing by equations
   */
  select(base: string, roots: ReadonlySet<string>, isOpen: (state: DataState) => boolean): Selection {
    const related = (this.#byBase.get(base) ?? []).filter(({ datasets }) => isOpen(datasets));
    const shared = (table: PastTable): number => table.roots.filter((root) => roots.has(root)).length;
    const ranked = related.map((table, age) => ({ table, age, shared: shared(table) })).sort((a, b) => b.shared - a.shared || b.age - a.age);
    const chosen: typeof ranked = [];
    let cells = 0;
    for (const each of ranked) {
      if (chosen.length >= TABLES || cells + each.table.cells > CELLS) break;
      chosen.push(each);
      cells += each.table.cells;
    }
    return { tables: chosen.sort((a, b) => a.age - b.age).map(({ table }) => this.#unpack(table)), exact: chosen.length === related.length };
  }

  #unpack(table: PastTable): LinkedTable {
    const name = nameOf(table);
    const known = this.#unpacked.get(name)?.table ?? unpackTable(table);
    this.#unpacked.set(name, { table: known, cells: table.cells });
    return known;
  }
}

const nameOf = ({ base, datasets, packed }: PastTable): string => createHash('sha256').update(JSON.stringify([base, datasets])).update(packed).digest('base64');
