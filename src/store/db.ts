/** A connection with its prepared statements kept: the only way the program speaks SQL to its store. */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';

/** Integers come back as numbers (beyond 2^53 the read throws), BLOBs as Uint8Array, NULL as null. There is no boolean: use 0 and 1. */
export type Parameter = SQLInputValue;

/** More distinct SQL texts than this means that values are being pasted into SQL. */
const MAX_STATEMENTS = 1000;

export interface Reader {
  /** First row, or undefined. `Row` is a claim about the SELECT list, checked by nobody. */
  get<Row>(sql: string, ...parameters: Parameter[]): Row | undefined;
  all<Row>(sql: string, ...parameters: Parameter[]): Row[];
  /** Rows one at a time, for results that do not fit in memory. Use up or abandon before the next write. */
  iterate<Row>(sql: string, ...parameters: Parameter[]): IterableIterator<Row>;
}

export interface Writer extends Reader {
  /** @returns how many rows were changed, for conditional updates. */
  run(sql: string, ...parameters: Parameter[]): number;
}

export class Db implements Writer {
  readonly raw: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(raw: DatabaseSync) {
    this.raw = raw;
  }

  get<Row>(sql: string, ...parameters: Parameter[]): Row | undefined {
    return this.#prepare(sql).get(...parameters) as Row | undefined;
  }

  all<Row>(sql: string, ...parameters: Parameter[]): Row[] {
    return this.#prepare(sql).all(...parameters) as Row[];
  }

  /** Has a statement of its own, because a kept one cannot be walked twice at once. */
  iterate<Row>(sql: string, ...parameters: Parameter[]): IterableIterator<Row> {
    return this.raw.prepare(sql).iterate(...parameters) as IterableIterator<Row>;
  }

  run(sql: string, ...parameters: Parameter[]): number {
    return Number(this.#prepare(sql).run(...parameters).changes);
  }

  #prepare(sql: string): StatementSync {
    const kept = this.#statements.get(sql);
    if (kept !== undefined) return kept;
    if (this.#statements.size >= MAX_STATEMENTS) this.#statements.clear();
    const statement = this.raw.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}
