/** The engine below the gate: it holds the raw rows of the snapshots that were attached, and nothing else. */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Digest } from '#contract/canonical.ts';
import { ok, type Result } from '#contract/result.ts';
import type { ResultColumn, Value } from '#contract/table.ts';
import { executeNumbers, executeSelect, type EngineFailure } from './execute.ts';
import type { HiddenFrom, Units } from './hidden.ts';
import { quoteIdentifier } from './identifier.ts';
import { openLocked, type AttachedTable } from './instance.ts';
import { loadReleased } from './load-released.ts';
import type { RawColumns } from './raw-columns.ts';
import { RawTable } from './raw-table.ts';
import type { InstanceLimits } from './settings.ts';
import type { EngineValue } from './value.ts';

/** Which units are left out, and what that state is called. */
export interface Hidden {
  readonly state: string | null;
  readonly units: () => Units;
}

const NOTHING_HIDDEN: Hidden = { state: null, units: () => new Map() };

export class DataEngine {
  readonly #limits: InstanceLimits;
  readonly #tables: readonly AttachedTable[];
  #open: Awaited<ReturnType<typeof openLocked>>;
  #state: string | null = null;

  private constructor(limits: InstanceLimits, tables: readonly AttachedTable[], open: Awaited<ReturnType<typeof openLocked>>) {
    this.#limits = limits;
    this.#tables = tables;
    this.#open = open;
  }

  /** Throws where a table cannot be attached. */
  static async open(limits: InstanceLimits, tables: readonly AttachedTable[]): Promise<DataEngine> {
    return new DataEngine(limits, tables, await openLocked(limits, tables));
  }

  /**
   * A connection of its own for one job: temporary tables and session settings end with it. Where other units are to be left out than before, the
   * tables are opened anew, for a locked instance cannot be changed; then no other session may be open.
   */
  async session({ state, units }: Hidden = NOTHING_HIDDEN): Promise<DataSession> {
    if (state !== this.#state) {
      this.#open.instance.closeSync();
      this.#open = await openLocked(this.#limits, this.#tables, units());
      this.#state = state;
    }
    const { instance, hidden } = this.#open;
    return new DataSession(await instance.connect(), () => instance.connect(), hidden);
  }

  close(): void {
    this.#open.instance.closeSync();
  }
}

export class DataSession {
  readonly #connection: DuckDBConnection;
  readonly #connect: () => Promise<DuckDBConnection>;
  /** For what runs beside a query: made when it is needed. */
  #other: DuckDBConnection | null = null;
  readonly #hidden: HiddenFrom;

  constructor(connection: DuckDBConnection, connect: () => Promise<DuckDBConnection>, hidden: HiddenFrom) {
    this.#connection = connection;
    this.#connect = connect;
    this.#hidden = hidden;
  }

  /** Names which units of a dataset are left out; null where none are. The same name: the same units. */
  hiddenFrom(dataset: string): Digest | null {
    return this.#hidden.get(dataset) ?? null;
  }

  /**
   * Executes the printed SQL of a gate.
   * @param maxRows groups that may be read, integer ≥ 1
   */
  async cells(sql: string, maxRows: number): Promise<Result<RawTable, EngineFailure>> {
    return cellsOn(this.#connection, sql, maxRows);
  }

  /** As `cells`, while these run; sees no temporary table. One at a time. */
  async cellsAside(sql: string, maxRows: number): Promise<Result<RawTable, EngineFailure>> {
    return cellsOn(this.#other ??= await this.#connect(), sql, maxRows);
  }

  /**
   * Numbers of all rows, for the ledger: they are counted in memory and never leave it.
   * @param maxRows integer ≥ 1
   */
  async numbers(sql: string, maxRows: number): Promise<Result<RawColumns, EngineFailure>> {
    return executeNumbers(this.#connection, sql, maxRows);
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
    this.#other?.closeSync();
  }
}

async function cellsOn(connection: DuckDBConnection, sql: string, maxRows: number): Promise<Result<RawTable, EngineFailure>> {
  const read = await executeSelect(connection, sql, { rows: maxRows });
  return read.ok ? ok(new RawTable(read.value.columns, read.value.rows)) : read;
}
