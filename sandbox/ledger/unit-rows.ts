/**
 * Rows of a stored table, each of a unit of its own, as numbers in memory: which value each key has, who meets which condition, what
 * each adds. Who is behind the cells of a table is then counted here, in a fraction of the time that the engine takes to hash
 * and group all rows. A worker's snapshots never change, so what was read once serves all its jobs; it is kept by the text of
 * the questions, and tells nothing about data.
 *
 * Larger tables, joins and units of several rows are left to the engine (`population-sql.ts`), which comes to the same.
 */
import type { Value } from '#contract/table.ts';
import type { DataSession } from '../engine/data-engine.ts';
import { toWire } from '../engine/value.ts';
import type { SelectParts } from '../sql/print.ts';
import type { Face } from './face.ts';
import { Lru } from '../lru.ts';
import type { Population } from './memory.ts';
import { asNumber, beyondOne, mixed, ONE_ROW } from './population-sql.ts';
import { SKETCH_WORDS } from './sketch.ts';
import { putSmallest, smallestOf } from './smallest.ts';

/** A table with more rows is not read. */
const ROWS = 1_500_000;
/** Different values of one key, and of cells by their place in all combinations. */
const VALUES = 200_000;
const COMBINATIONS = 1 << 22;
/** Bytes that a worker keeps, and that one job may need. */
const KEPT = 96 * 2 ** 20;
/** Values that one read may give. */
const READ = 6_000_000;

/** One key: its values, and which of them each row has. */
interface Key {
  readonly values: readonly Value[];
  /** As JSON. */
  readonly texts: readonly string[];
  readonly codes: Int32Array;
}

/** The cells of a table: which one each row is in, −1 where in none. */
export interface Cells {
  readonly of: Int32Array;
  /** By cell. */
  readonly keys: readonly (readonly Value[])[];
  readonly texts: readonly string[];
}

/** The units of a population by cell. `counts`: which of the rows contribute; all where null. */
export interface CountedRows {
  readonly cells: Cells;
  readonly counts: Uint8Array | null;
}

type Numbers = Int32Array | Uint32Array | Uint8Array | Float64Array;
type Kept = { readonly kind: 'rows'; readonly count: number } | { readonly kind: 'numbers'; readonly numbers: Numbers } | { readonly kind: 'key'; readonly key: Key } | { readonly kind: 'cells'; readonly cells: Cells } | { readonly kind: 'classes'; readonly classes: RowClasses };

/** Classes of rows, and how many there are. */
export interface RowClasses {
  /** From 0 on. */
  readonly of: Int32Array;
  readonly count: number;
}

function bytesOf(kept: Kept): number {
  switch (kept.kind) {
    case 'rows': return 100;
    case 'numbers': return kept.numbers.byteLength;
    case 'key': return kept.key.codes.byteLength + 100 * kept.key.values.length;
    case 'cells': return kept.cells.of.byteLength + 200 * kept.cells.keys.length;
    case 'classes': return kept.classes.of.byteLength;
  }
}

/** What a worker has read. */
export class KeptRows {
  readonly #kept = new Lru<Kept>(KEPT, bytesOf);

  get<K extends Kept['kind']>(kind: K, name: string): Extract<Kept, { kind: K }> | undefined {
    const known = this.#kept.get(`${kind} ${name}`);
    return known?.kind === kind ? known as Extract<Kept, { kind: K }> : undefined;
  }

  put(name: string, kept: Kept): void {
    this.#kept.set(`${kept.kind} ${name}`, kept);
  }
}

/** What a question reads of the rows: expressions as text, over the same table. */
export interface Asked {
  readonly from: string;
  /** Record key of the unit. */
  readonly record: string;
  readonly where: string | null;
  readonly keys: readonly string[];
}

export function askedOf({ from, where, columns }: SelectParts, keys: number): Asked {
  return { from, where, record: columns['r'] ?? 'NULL', keys: Array.from({ length: keys }, (_, i) => columns[`k${i}`] ?? 'NULL') };
}

/** The condition under which a row counts for a measure; null where each does. */
export function conditionOf({ columns }: SelectParts, { measure }: Face): string | null {
  const rows = columns[`n${measure}`];
  return rows === undefined || rows === ONE_ROW ? null : `(${rows}) > 0`;
}

/** What a unit's only row adds to a sum. */
export const sumOf = ({ columns }: SelectParts, { measure }: Face): string => columns[`s${measure}`] ?? 'NULL';

/** Expressions that a job needs of one table, by what is made of them. */
export interface Wanted {
  readonly keys: ReadonlySet<string>;
  readonly conditions: ReadonlySet<string>;
  readonly sums: ReadonlySet<string>;
  /** Sums of which it is also needed what each row adds. */
  readonly amounts: ReadonlySet<string>;
}

export class UnitRows {
  readonly length: number;
  readonly #from: string;
  readonly #kept: KeptRows;
  /** What this job needs stays at hand whatever else is kept. */
  readonly #own = new Map<string, Numbers>();
  readonly #keys = new Map<string, Key>();
  readonly #record: { readonly low: Uint32Array; readonly high: Uint32Array };

  private constructor(from: string, length: number, kept: KeptRows, record: { readonly low: Uint32Array; readonly high: Uint32Array }) {
    this.#from = from;
    this.length = length;
    this.#kept = kept;
    this.#record = record;
  }

  /** Null where the table is too large, a job needs too much of it, a key has too many values, or the engine cannot answer. */
  static async open(from: string, record: string, wanted: Wanted, kept: KeptRows, data: DataSession): Promise<UnitRows | null> {
    const count = await countOf(from, kept, data);
    if (count === null || count > ROWS) return null;
    const { keys, conditions, sums, amounts } = wanted;
    if (count * (8 + 4 * keys.size + conditions.size + 4 * sums.size + 8 * amounts.size) > KEPT) return null;
    const name = (expr: string): string => `${from} ${expr}`;
    const known = kept.get('numbers', name(record))?.numbers;
    const records = known instanceof Uint32Array ? known : await recordsOf(from, record, count, data);
    if (records === null) return null;
    const rows = new UnitRows(from, count, kept, hashed(records, name(record), kept));
    // What is known is held before anything is read: to keep that may take its place.
    const missing: Wish[] = [];
    for (const expr of keys) {
      const own = kept.get('key', name(expr))?.key;
      if (own !== undefined) {
        rows.#keys.set(expr, own);
        continue;
      }
      const values = await valuesOf(from, expr, data);
      if (values === null) return null;
      missing.push({ sql: numberOf(expr), value: (c) => c, take: (column) => {
        const key = coded(column, values);
        rows.#keys.set(expr, key);
        kept.put(name(expr), { kind: 'key', key });
      } });
    }
    const wish = (of: string, sql: string, value: Wish['value'], made: (column: Float64Array) => Numbers): void => {
      const own = kept.get('numbers', name(of))?.numbers;
      if (own !== undefined) rows.#own.set(of, own);
      else missing.push({ sql, value, take: (column) => {
        const numbers = made(column);
        rows.#own.set(of, numbers);
        kept.put(name(of), { kind: 'numbers', numbers });
      } });
    };
    for (const expr of conditions) wish(expr, `CASE WHEN ${expr} THEN 1 ELSE 0 END`, (c) => c, (column) => Uint8Array.from(column));
    for (const expr of sums) wish(`sum ${expr}`, beyondOne(asNumber(expr)), mixed, (column) => Uint32Array.from(column));
    for (const expr of amounts) wish(`amount ${expr}`, `coalesce(${expr}, 0)`, (c) => c, (column) => column.slice());
    for (const part of inParts(missing, Math.max(1, Math.floor(READ / count) - 1))) {
      const read = await data.numbers(`SELECT ${['c', ...part.map(({ value }, i) => value(`c${i}`))].map((expr) => `CAST(${expr} AS DOUBLE)`).join(', ')} FROM (SELECT ${record} AS c${part.map(({ sql }, i) => `, ${sql} AS c${i}`).join('')} FROM ${from}) p`, ROWS);
      // Rows come in the order in which they are stored; were it another this time, nothing read before could be used with it.
      if (!read.ok || read.value.length !== count || !read.value.column(0).every((value, i) => value === records[i])) return null;
      part.forEach(({ take }, i) => take(read.value.column(i + 1)));
    }
    kept.put(name(record), { kind: 'numbers', numbers: records });
    return rows;
  }

  /** Null where there are too many combinations of keys. */
  cells({ where, keys }: Asked): Cells | null {
    const name = JSON.stringify([this.#from, where, keys]);
    const known = this.#kept.get('cells', name);
    if (known !== undefined) return known.cells;
    const columns = keys.map((expr) => this.#keys.get(expr) ?? lost());
    const combinations = columns.reduce((product, { values }) => product * values.length, 1);
    if (combinations > COMBINATIONS) return null;
    const inside = where === null ? null : this.counts(where);
    const number = new Int32Array(combinations).fill(-1);
    const of = new Int32Array(this.length);
    const found: number[] = [];
    const [first = null, ...others] = columns;
    for (let i = 0; i < of.length; i++) {
      if (inside !== null && inside[i] === 0) {
        of[i] = -1;
        continue;
      }
      let at = first === null ? 0 : first.codes[i]!;
      for (const { codes, values } of others) at = at * values.length + codes[i]!;
      let cell = number[at]!;
      if (cell === -1) {
        cell = found.push(at) - 1;
        number[at] = cell;
      }
      of[i] = cell;
    }
    const places = found.map((at) => {
      let rest = at;
      return columns.toReversed().map(({ values }) => {
        const place = rest % values.length;
        rest = (rest - place) / values.length;
        return place;
      }).toReversed();
    });
    const cells: Cells = {
      of,
      keys: places.map((place) => place.map((code, k) => columns[k]?.values[code] ?? null)),
      texts: places.map((place) => `[${place.map((code, k) => columns[k]?.texts[code] ?? '').join(',')}]`),
    };
    this.#kept.put(name, { kind: 'cells', cells });
    return cells;
  }

  counts(condition: string): Uint8Array {
    const numbers = this.#own.get(condition);
    return numbers instanceof Uint8Array ? numbers : lost();
  }

  /** What each row adds to a sum. */
  amounts(sum: string): Float64Array {
    const numbers = this.#own.get(`amount ${sum}`);
    return numbers instanceof Float64Array ? numbers : lost();
  }

  /** By cell; as `population-sql.ts` has it. @param sum the sum whose parts go into the hashes; null where units count one each */
  populations({ cells, counts }: CountedRows, sum: string | null): readonly Population[] {
    const { low, high } = this.#record;
    const size = cells.keys.length;
    const [units, prints, sketches] = [new Uint32Array(size), new Uint32Array(2 * size), new Uint32Array(SKETCH_WORDS * size)];
    const sums = sum === null ? null : this.#own.get(`sum ${sum}`) ?? lost();
    for (let i = 0; i < this.length; i++) {
      const cell = cells.of[i]!;
      if (cell < 0 || (counts !== null && counts[i] === 0)) continue;
      let lo = low[i]!;
      let hi = high[i]!;
      const at = cell * SKETCH_WORDS + ((hi >>> 13) & 7) * 2 + ((hi >>> 12) & 1);
      const bucket = (hi >>> 8) & 15;
      if (sums !== null) {
        // x · ((a >> 33) | 1), of 64 bits in two halves.
        const x = sums[i]!;
        const odd = (hi >>> 1) | 1;
        hi = (hi ^ upperHalf(x, odd)) >>> 0;
        lo = (lo ^ Math.imul(x, odd)) >>> 0;
      }
      units[cell]! += 1;
      prints[2 * cell]! ^= lo;
      prints[2 * cell + 1]! ^= hi;
      sketches[at]! ^= ((hi >>> 1) & 3) << (2 * bucket);
    }
    const smallest = this.#smallest({ cells, counts }, units);
    return Array.from(units, (count, cell): Population => ({
      units: count, fingerprint: (BigInt(prints[2 * cell + 1]!) << 32n) | BigInt(prints[2 * cell]!), sketch: sketches.slice(cell * SKETCH_WORDS, (cell + 1) * SKETCH_WORDS), smallest: smallest[cell] ?? new Uint32Array(),
    }));
  }

  /** By cell, of so many units each. */
  #smallest({ cells, counts }: CountedRows, units: Uint32Array): readonly Uint32Array[] {
    const { low } = this.#record;
    const lists = Array.from(units, (count) => new Uint32Array(smallestOf(count)));
    if (lists.every(({ length }) => length === 0)) return lists;
    const lengths = new Uint8Array(units.length);
    for (let i = 0; i < this.length; i++) {
      const cell = cells.of[i]!;
      if (cell < 0 || (counts !== null && counts[i] === 0) || lists[cell]!.length === 0) continue;
      lengths[cell] = putSmallest(lists[cell]!, lengths[cell]!, low[i]!);
    }
    return lists;
  }

  /** Rows that are in the same cells of all tables are a class. `lasting`: of tables that later jobs will ask about again. */
  classes(lasting: readonly { readonly name: string; readonly rows: CountedRows }[], own: readonly CountedRows[]): RowClasses {
    let classes: RowClasses = { of: new Int32Array(this.length), count: 1 };
    // What the job before made of the same tables is gone on with.
    let done = lasting.length;
    for (; done > 0; done--) {
      const known = this.#kept.get('classes', namesOf(this.#from, lasting.slice(0, done)));
      if (known === undefined) continue;
      classes = known.classes;
      break;
    }
    for (const { rows } of lasting.slice(done)) classes = refined(classes, rows);
    if (lasting.length > 0) this.#kept.put(namesOf(this.#from, lasting), { kind: 'classes', classes });
    return own.reduce(refined, classes);
  }
}

/** Something to be read of each row: as a number of the engine, and how that becomes a double. */
interface Wish {
  readonly sql: string;
  readonly value: (c: string) => string;
  readonly take: (column: Float64Array) => void;
}

const inParts = <T>(all: readonly T[], size: number): readonly (readonly T[])[] => Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));

async function recordsOf(from: string, record: string, count: number, data: DataSession): Promise<Uint32Array | null> {
  const read = await data.numbers(`SELECT CAST(${record} AS DOUBLE) FROM ${from}`, ROWS);
  return !read.ok || read.value.length !== count ? null : Uint32Array.from(read.value.column(0));
}

const namesOf = (from: string, tables: readonly { readonly name: string }[]): string => JSON.stringify([from, ...tables.map(({ name }) => name)]);

function refined({ of, count }: RowClasses, { cells, counts }: CountedRows): RowClasses {
  const width = cells.keys.length + 1;
  const result = new Int32Array(of.length);
  let classes = 0;
  const number = count * width <= COMBINATIONS ? new Int32Array(count * width).fill(-1) : null;
  const numbers = new Map<number, number>();
  for (let i = 0; i < of.length; i++) {
    const at = of[i]! * width + (counts !== null && counts[i] === 0 ? 0 : cells.of[i]! + 1);
    let cls = number === null ? numbers.get(at) ?? -1 : number[at]!;
    if (cls === -1) {
      cls = classes++;
      if (number === null) numbers.set(at, cls);
      else number[at] = cls;
    }
    result[i] = cls;
  }
  return { of: result, count: classes };
}

/** Of the product of two numbers of 32 bits. */
function upperHalf(a: number, b: number): number {
  const al = a & 0xffff;
  const ah = a >>> 16;
  const bl = b & 0xffff;
  const bh = b >>> 16;
  const middle = ah * bl + ((al * bl) >>> 16);
  const other = al * bh + (middle & 0xffff);
  return ah * bh + (middle >>> 16) + (other >>> 16);
}

async function countOf(from: string, kept: KeptRows, data: DataSession): Promise<number | null> {
  const known = kept.get('rows', from);
  if (known !== undefined) return known.count;
  const read = await data.cells(`SELECT count(*) FROM ${from}`, 1);
  const count = read.ok ? Number(read.value.rows()[0]?.[0]) : null;
  if (count !== null) kept.put(from, { kind: 'rows', count });
  return count;
}

/** 52 bits: whole numbers of a double. The engine's hashes are the same as long as the worker lives. */
const numberOf = (expr: string): string => `hash(${expr}) >> 12`;

async function valuesOf(from: string, expr: string, data: DataSession): Promise<readonly { readonly number: number; readonly value: Value; readonly text: string }[] | null> {
  const read = await data.cells(`SELECT CAST(${numberOf('k')} AS DOUBLE), any_value(k), CAST(to_json(CAST(any_value(k) AS VARCHAR)) AS VARCHAR) FROM (SELECT ${expr} AS k FROM ${from}) p GROUP BY 1`, VALUES);
  return read.ok ? read.value.rows().map(([number, value = null, text]) => ({ number: Number(number), value: toWire(value), text: text === null ? 'null' : String(text) })) : null;
}

function coded(numbers: Float64Array, values: readonly { readonly number: number; readonly value: Value; readonly text: string }[]): Key {
  const code = new Map(values.map(({ number }, i) => [number, i]));
  return { values: values.map(({ value }) => value), texts: values.map(({ text }) => text), codes: Int32Array.from(numbers, (number) => code.get(number) ?? lost()) };
}

/** Record key · 2654435761, of 64 bits in two halves. */
function hashed(record: Uint32Array, name: string, kept: KeptRows): { readonly low: Uint32Array; readonly high: Uint32Array } {
  const [low, high] = [kept.get('numbers', `low ${name}`)?.numbers, kept.get('numbers', `high ${name}`)?.numbers];
  if (low instanceof Uint32Array && high instanceof Uint32Array) return { low, high };
  const made = { low: record.map((r) => Math.imul(r, 2_654_435_761)), high: record.map((r) => upperHalf(r, 2_654_435_761)) };
  kept.put(`low ${name}`, { kind: 'numbers', numbers: made.low });
  kept.put(`high ${name}`, { kind: 'numbers', numbers: made.high });
  return made;
}

function lost(): never {
  throw new Error('numbers of rows that were not read');
}
