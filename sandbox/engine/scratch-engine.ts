/** The engine above the gate: it only ever sees released tables and public tables. It also parses. */
import type { DuckDBConnection, DuckDBInstance, DuckDBPreparedStatement } from '@duckdb/node-api';
import { ok, type Result } from '#contract/result.ts';
import type { ResultColumn, Value } from '#contract/table.ts';
import { Lru } from '../lru.ts';
import { executeSelect, type EngineFailure } from './execute.ts';
import { openLocked, type AttachedTable } from './instance.ts';
import { loadReleased } from './load-released.ts';
import { toWire } from './value.ts';

export interface ScratchResult {
  readonly columns: readonly ResultColumn[];
  readonly rows: readonly (readonly Value[])[];
}

/** A statement that is prepared once; it holds nothing of the texts it is given. */
interface Parser {
  readonly connection: DuckDBConnection;
  readonly prepared: DuckDBPreparedStatement;
}

async function newParser(instance: DuckDBInstance): Promise<Parser> {
  const connection = await instance.connect();
  return { connection, prepared: await connection.prepare('SELECT json_serialize_sql($1::varchar)') };
}

/** Facts that are kept, and rows of the largest. */
const [FACTS, FACT_ROWS] = [64, 5_000];

/** Constants that are computed at once. */
const MOST_CONSTANTS = 100_000;

export class ScratchEngine {
  readonly #instance: DuckDBInstance;
  /** Answers to questions about public facts alone. */
  readonly #facts = new Lru<ScratchResult>(FACTS);
  /** Those that are not in use. */
  readonly #parsers: Parser[] = [];

  private constructor(instance: DuckDBInstance) {
    this.#instance = instance;
  }

  /**
   * One thread: sums of floating numbers then have one order, so that replay gives the same bits.
   * @param memoryMb MiB
   * @param publicTables tables without a privacy unit, under the same names as in the data engine
   */
  static async open(memoryMb: number, publicTables: readonly AttachedTable[]): Promise<ScratchEngine> {
    return new ScratchEngine((await openLocked({ memoryMb, threads: 1 }, publicTables)).instance);
  }

  /** What compiling a query needs of an engine. */
  readonly empty = { parse: (text: string): Promise<string | null> => this.parse(text), computes: (sql: string): Promise<boolean> => this.#computes(sql) };

  async #computes(sql: string): Promise<boolean> {
    const session = await this.session();
    const read = await session.query(sql, MOST_CONSTANTS);
    session.close();
    return read.ok;
  }

  async session(): Promise<ScratchSession> {
    return new ScratchSession(await this.#instance.connect(), this.#facts);
  }

  /**
   * The syntax tree of `text` as JSON, or DuckDB's error object: `json_serialize_sql` parses with default options and
   * runs nothing. The caller caps the length of the text. Null where the engine itself fails.
   */
  async parse(text: string): Promise<string | null> {
    let parser: Parser | null = null;
    try {
      parser = this.#parsers.pop() ?? await newParser(this.#instance);
      parser.prepared.bindVarchar(1, text);
      const tree = (await parser.prepared.runAndReadAll()).getRows()[0]?.[0];
      this.#parsers.push(parser);
      return typeof tree === 'string' ? tree : null;
    } catch {
      parser?.prepared.destroySync();
      parser?.connection.closeSync();
      return null;
    }
  }

  close(): void {
    this.#instance.closeSync();
  }
}

export class ScratchSession {
  readonly #connection: DuckDBConnection;
  readonly #facts: Lru<ScratchResult>;

  constructor(connection: DuckDBConnection, facts: Lru<ScratchResult>) {
    this.#connection = connection;
    this.#facts = facts;
  }

  async loadReleased(name: string, columns: readonly ResultColumn[], rows: readonly (readonly Value[])[]): Promise<void> {
    await loadReleased(this.#connection, name, columns, rows);
  }

  /**
   * Executes the rest of a query; values come back in their wire form.
   * @param maxCells rows × columns, integer ≥ 1
   */
  async query(sql: string, maxCells: number): Promise<Result<ScratchResult, EngineFailure>> {
    // One row more than may be read, however many columns: a cross join is stopped before it fills the memory.
    const read = await executeSelect(this.#connection, `SELECT * FROM (${sql}) AS result LIMIT ${maxCells + 1}`, { cells: maxCells });
    if (!read.ok) return read;
    return ok({ columns: read.value.columns, rows: read.value.rows.map((row) => row.map(toWire)) });
  }

  /** A question about declared values and public tables, which have the same answer as long as the worker lives. */
  async fact(sql: string, maxCells: number): Promise<Result<ScratchResult, EngineFailure>> {
    const key = `${maxCells} ${sql}`;
    const known = this.#facts.get(key);
    if (known !== undefined) return ok(known);
    const read = await this.query(sql, maxCells);
    if (read.ok && read.value.rows.length <= FACT_ROWS) this.#facts.set(key, read.value);
    return read;
  }

  close(): void {
    this.#connection.closeSync();
  }
}
