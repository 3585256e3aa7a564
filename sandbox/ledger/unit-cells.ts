/**
 * Who is in which cells of a table, and how often, where units may have several rows: read from the engine once and kept as long as the worker
 * lives, by the text of the question.
 */
import type { DataSession } from '../engine/data-engine.ts';
import { Lru } from '../lru.ts';
import type { Face } from './face.ts';
import { pairsSql, pairKeysSql, type PopulationSql } from './population-sql.ts';

/** Bytes that a worker keeps. */
const KEPT = 192 * 2 ** 20;
/** Pairs of a unit and a group that one table may have. */
export const PAIRS = 4_000_000;
/** Values that one read may give. */
const READ = 6_000_000;
const GROUPS = 400_000;
/** How often a unit counts at most. */
const MOST_ROWS = 2 ** 31 - 1;

/** Cells of one table, and the units in each. */
export interface UnitCells {
  /** Number of a cell, by key text. */
  readonly numbers: ReadonlyMap<string, number>;
  /** By number, where its units begin; and where all end. */
  readonly starts: Int32Array;
  /** Codes of the units (`UnitCodes`), cell by cell, in the order of their record keys, each once. */
  readonly units: Int32Array;
  /** How often each is in the cell: rows, or values that are added up. */
  readonly rows: Int32Array;
}

/** And what each unit adds there; null of numbers of rows. */
export interface UnitAmounts {
  readonly of: UnitCells;
  readonly amounts: Float64Array | null;
}


/** Units by their record keys: those with the same one are taken for one. */
export class UnitCodes {
  #slots = new Int32Array(1 << 12);
  #records = new Uint32Array(1 << 11);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  recordOf(code: number): number {
    return this.#records[code]!;
  }

  /** From 0 on, in the order in which they were first seen. */
  codeOf(record: number): number {
    const mask = this.#slots.length - 1;
    let at = slotOf(record) & mask;
    for (; this.#slots[at] !== 0; at = (at + 1) & mask) if (this.#records[this.#slots[at]! - 1] === record) return this.#slots[at]! - 1;
    if (this.#length === this.#records.length) {
      this.#grow();
      return this.codeOf(record);
    }
    this.#records[this.#length++] = record;
    this.#slots[at] = this.#length;
    return this.#length - 1;
  }

  #grow(): void {
    const records = new Uint32Array(2 * this.#records.length);
    records.set(this.#records);
    this.#records = records;
    this.#slots = new Int32Array(2 * this.#slots.length);
    const mask = this.#slots.length - 1;
    for (let code = 0; code < this.#length; code++) {
      let at = slotOf(records[code]!) & mask;
      while (this.#slots[at] !== 0) at = (at + 1) & mask;
      this.#slots[at] = code + 1;
    }
  }
}

const slotOf = (record: number): number => Math.imul(record ^ (record >>> 16), 0x9e37_79b1);

const bytesOf = ({ of, amounts }: UnitAmounts): number => 8 * of.units.length + 4 * of.starts.length + 100 * of.numbers.size + (amounts?.byteLength ?? 0);

/** What a worker has read. */
export class KeptUnitCells {
  readonly codes = new UnitCodes();
  readonly #kept = new Lru<UnitAmounts>(KEPT, bytesOf);

  /** Numbers of one population; null where there are too many pairs, or the engine cannot answer. */
  async read(population: PopulationSql, wanted: readonly Face[], data: DataSession): Promise<readonly UnitAmounts[] | null> {
    const name = (face: Face): string => JSON.stringify([population.sql, rowsColumn(face), amountsColumn(face)]);
    const found = new Map(wanted.flatMap((face): [string, UnitAmounts][] => {
      const known = this.#kept.get(name(face));
      return known === undefined ? [] : [[name(face), known]];
    }));
    const missing = [...new Map(wanted.map((face) => [name(face), face])).values()].filter((face) => !found.has(name(face)));
    if (missing.length > 0) {
      const groups = await data.cells(pairKeysSql(population), 3 * GROUPS);
      if (!groups.ok) return null;
      const keys = groups.value.rows().map(([hash, key, pairs]) => ({ hash: Number(hash), key: String(key), pairs: Number(pairs) })).sort((a, b) => (a.key < b.key ? -1 : 1));
      const cells = new Map(keys.map(({ hash }, number) => [hash, number]));
      const pairs = keys.reduce((sum, group) => sum + group.pairs, 0);
      // Two groups with the same hash could not be told apart.
      if (cells.size < keys.length || pairs > PAIRS) return null;
      const numbers = new Map(keys.map(({ key }, number) => [key, number]));
      const made: UnitAmounts[] = [];
      // Beside groups and record keys, of each two at most.
      const atOnce = Math.max(1, Math.floor((READ / Math.max(1, pairs) - 2) / 2));
      for (let at = 0; at < missing.length; at += atOnce) {
        const part = missing.slice(at, at + atOnce);
        const columns = [...new Set(part.flatMap((face) => [rowsColumn(face), amountsColumn(face) ?? []].flat()))];
        const read = await data.numbers(pairsSql(population, columns), PAIRS);
        if (!read.ok) return null;
        const column = (of: string): Float64Array => read.value.column(2 + columns.indexOf(of));
        const cellOf = Int32Array.from(read.value.column(0), (hash) => cells.get(hash) ?? lost());
        const codes = Int32Array.from(read.value.column(1), (record) => this.codes.codeOf(record));
        for (const face of part) {
          const amounts = amountsColumn(face);
          const own = inCells(numbers, cellOf, codes, column(rowsColumn(face)), amounts === null ? null : column(amounts));
          // Most numbers of a table are about the same rows.
          const same = made.find(({ of }) => isSame(of, own.of));
          const kept = same === undefined ? own : { ...own, of: same.of };
          made.push(kept);
          found.set(name(face), kept);
          this.#kept.set(name(face), kept);
        }
      }
    }
    return wanted.flatMap((face) => found.get(name(face)) ?? []);
  }
}

/** Column of a population that tells how often a unit is in a group; of units none, and each once. */
function rowsColumn({ measure, face }: Face): string {
  return `${{ units: 'g', count: 'n', total: 'm' }[face]}${measure}`;
}

const amountsColumn = ({ measure, face }: Face): string | null => (face === 'total' ? `s${measure}` : null);

/** @param rows, amounts by pair, in the order of record keys; pairs without rows are in no cell */
function inCells(numbers: ReadonlyMap<string, number>, cellOf: Int32Array, codes: Int32Array, rows: Float64Array, amounts: Float64Array | null): UnitAmounts {
  const starts = new Int32Array(numbers.size + 1);
  for (let i = 0; i < cellOf.length; i++) if (rows[i]! > 0) starts[cellOf[i]! + 1]! += 1;
  for (let cell = 0; cell < numbers.size; cell++) starts[cell + 1]! += starts[cell]!;
  const pairs = starts[numbers.size]!;
  const [units, counts, added] = [new Int32Array(pairs), new Int32Array(pairs), amounts === null ? null : new Float64Array(pairs)];
  const next = starts.slice();
  let repeated = 0;
  for (let i = 0; i < cellOf.length; i++) {
    if (!(rows[i]! > 0)) continue;
    const cell = cellOf[i]!;
    let at = next[cell]!;
    if (at > starts[cell]! && units[at - 1] === codes[i]) {
      at--;
      repeated++;
    } else next[cell] = at + 1;
    units[at] = codes[i]!;
    // Larger ones have not left, or are told apart from nothing.
    counts[at] = Math.min(MOST_ROWS, counts[at]! + rows[i]!);
    if (added !== null) added[at]! += Number.isNaN(amounts![i]!) ? 0 : amounts![i]!;
  }
  const whole: UnitAmounts = { of: { numbers, starts, units, rows: counts }, amounts: added };
  return repeated === 0 ? whole : closed(whole, next);
}

/** Without the room that units seen twice have left. @param ends by cell */
function closed({ of: { numbers, starts, units, rows }, amounts }: UnitAmounts, ends: Int32Array): UnitAmounts {
  const first = new Int32Array(starts.length);
  for (let cell = 0; cell + 1 < starts.length; cell++) {
    first[cell + 1] = first[cell]! + ends[cell]! - starts[cell]!;
    // To the left, so that nothing is written over before it is read.
    for (const column of [units, rows, ...(amounts === null ? [] : [amounts])]) column.copyWithin(first[cell]!, starts[cell]!, ends[cell]!);
  }
  const length = first.at(-1) ?? 0;
  return { of: { numbers, starts: first, units: units.slice(0, length), rows: rows.slice(0, length) }, amounts: amounts?.slice(0, length) ?? null };
}

function lost(): never {
  throw new Error('a group without its key');
}

const isSame = (a: UnitCells, b: UnitCells): boolean => a.units.length === b.units.length && same(a.starts, b.starts) && same(a.units, b.units) && same(a.rows, b.rows);

function same(a: Int32Array, b: Int32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return a.length === b.length;
}
