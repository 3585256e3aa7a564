/**
 * Tables that left before, for secondary suppression of later ones: packed until a job over the same rows needs them. One that does not count or add up what the job does is nothing to it, however many there are; of those that do,
 * all are looked at, or it is said what was not.
 */
import { createHash } from 'node:crypto';
import type { LinkedTable } from '../release/linked-table.ts';
import { Lru } from '../lru.ts';
import type { Population } from './memory.ts';
import { isEntry } from './entry.ts';
import { unpackTable, type PastTable } from './past-table.ts';

/** Cells of tables that are kept unpacked, so that the next job does not unpack them again. */
const UNPACKED = 250_000;
/** Groups of which it is kept who is behind them. */
const TODAY = 50_000;

export interface Selection {
  /** The oldest first. */
  readonly tables: readonly PastTable[];
  /** What was left out counts or adds up these (`faceOf`). */
  readonly unseen: ReadonlySet<string>;
}

export class PastTables {
  readonly #byBase = new Map<string, PastTable[]>();
  readonly #known = new Set<string>();
  /** By entry. */
  readonly #entered = new Map<string, readonly PastTable[]>();
  /** Who is behind the groups of earlier questions today, by question and data: key, then population. Null where nobody can tell. */
  readonly today = new Lru<ReadonlyMap<string, Population | null> | null>(TODAY, (groups) => 1 + (groups?.size ?? 0));
  readonly #unpacked = new Lru<{ readonly table: LinkedTable; readonly cells: number }>(UNPACKED, ({ cells }) => cells);

  /** @param of what it was sealed for */
  add(table: PastTable, of: string): void {
    // What an agency entered may be withdrawn: it says nothing for a job.
    if (isEntry(of)) this.#entered.set(of, [...(this.#entered.get(of) ?? []), table]);
    else this.#known.add(nameOf(table));
    const all = this.#byBase.get(table.base);
    if (all === undefined) this.#byBase.set(table.base, [table]);
    else all.push(table);
  }

  /** Tables of an entry: they count no more. */
  forget(entry: string): void {
    const gone = new Set(this.#entered.get(entry));
    for (const base of new Set([...gone].map((table) => table.base))) this.#byBase.set(base, (this.#byBase.get(base) ?? []).filter((table) => !gone.has(table)));
    this.#entered.delete(entry);
  }

  /** Whether a job has released the very same before: then it says nothing new. */
  has(table: PastTable): boolean {
    return this.#known.has(nameOf(table));
  }

  /**
   * What left over the same rows, the newest first as far as it fits.
   * @param faces what the job counts and adds up (`faceOf`); null where it could be anything
   * @param most numbers in all
   */
  select(base: string, faces: ReadonlySet<string> | null, most: number): Selection {
    const chosen: PastTable[] = [];
    const unseen = new Set<string>();
    let cells = 0;
    for (const table of this.#byBase.get(base)?.toReversed() ?? []) {
      const shared = faces === null ? table.faces : table.faces.filter(({ of }) => faces.has(of));
      if (shared.length === 0) continue;
      const size = shared.reduce((sum, each) => sum + each.cells, 0);
      if (cells + size > most) shared.forEach(({ of }) => unseen.add(of));
      else {
        chosen.push(table);
        cells += size;
      }
    }
    return { tables: chosen.reverse(), unseen };
  }

  unpack(table: PastTable): LinkedTable {
    const name = nameOf(table);
    const known = this.#unpacked.get(name)?.table ?? unpackTable(table);
    this.#unpacked.set(name, { table: known, cells: table.faces.reduce((sum, { cells }) => sum + cells, 0) });
    return known;
  }
}

const nameOf = ({ base, datasets, packed, same = createHash('sha256').update(packed).digest('hex') }: PastTable): string => `${JSON.stringify([base, datasets])} ${same}`;
