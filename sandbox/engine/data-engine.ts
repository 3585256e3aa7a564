/** The engine below the gate: it holds the raw rows of the snapshots that were attached, and nothing else. */
import { type DuckDBConnection, type DuckDBInstance } from '@duckdb/node-api';
import { ok, type Result } from '#contract/result.ts';
import type { ResultColumn, Value } from '#contract/table.ts';
import { executeSelect, type EngineFailure } from './execute.ts';
import { quoteIdentifier } from './identifier.ts';
import { openLocked, type AttachedTable } from './instance.ts';
import { loadReleased } from './load-released.ts';
import { RawTable } from './raw-table.ts';
import type { InstanceLimits } from './settings.ts';

export class DataEngine {
  readonly #instance: DuckDBInstance;

  private constructor(instance: DuckDBInstance) {
    this.#instance = instance;
  }

  /** Throws where a table cannot be attached. */
  static async open(limits: InstanceLimits, tables: readonly AttachedTable[]): Promise<DataEngine> {
    return new DataEngine(await openLocked(limits, tables));
  }

  /** A connection of its own for one job: temporary tables and session settings end with it. */
  async session(): Promise<DataSession> {
    return new DataSession(await this.#instance.connect());
  }

  close(): void {
    this.#instance.closeSync();
  }
}

export class DataSession {
  readonly #connection: DuckDBConnection;

  constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  /**
   * Executes the printed SQL of a gate.
   * @param maxRows groups that may be read, integer ≥ 1
   */
  async cells(sql: string, maxRows: number): Promise<Result<RawTable, EngineFailure>> {
    const read = await executeSelect(this.#connection, sql, { rows: maxRows });
    return read.ok ? ok(new RawTable(read.value.columns, read.value.rows)) : read;
  }

  /** Makes an earlier gate's released table available to later gates of the same job, as TEMP TABLE `name`. */
  async loadReleased(name: string, columns: readonly ResultColumn[], rows: readonly (readonly Value[])[]): Promise<void> {
    await loadReleased(this.#connection, name, columns, rows);
  }

  /** Keys of groups that a second query of the same gate is about, as TEMP TABLE `name`. */
  async loadGroups(name: string, columns: readonly ResultColumn[], rows: readonly (readonly Value[])[]): Promise<void> {
    await loadReleased(this.#connection, name, columns, rows);
  }

  /** Drops a temporary table. */
  async drop(name: string): Promise<void> {
    await this.#connection.run(`DROP TABLE temp.main.${quoteIdentifier(name)}`);
  }

  close(): void {
    this.#connection.closeSync();
  }
}
