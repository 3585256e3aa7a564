/** Opens a DuckDB instance in memory, attaches snapshot tables read-only, and locks it. */
import { DuckDBInstance } from '@duckdb/node-api';
import { hideUnits, type HiddenFrom, type Units } from './hidden.ts';
import { quoteIdentifier, quoteText } from './identifier.ts';
import { LOCK_STATEMENTS, MEANING_STATEMENTS, openOptions, type InstanceLimits } from './settings.ts';

/** One table of a snapshot: a DuckDB file that holds a single table `rows`. */
export interface AttachedTable {
  /** `dataset.table`, the catalogue name under which queries find it. */
  readonly catalog: string;
  readonly dataset: string;
  /** Absolute path of the DuckDB file. */
  readonly file: string;
}

/**
 * An instance that can read exactly `tables` and nothing else: no file, no network, no extension, no setting.
 * Attaching takes milliseconds whatever the size. Throws where a file cannot be attached.
 * @param units whose rows are left out
 */
export async function openLocked(limits: InstanceLimits, tables: readonly AttachedTable[], units: Units = new Map()): Promise<{ readonly instance: DuckDBInstance; readonly hidden: HiddenFrom }> {
  const instance = await DuckDBInstance.create(':memory:', openOptions(limits));
  const connection = await instance.connect();
  try {
    for (const table of tables) {
      await connection.run(`ATTACH ${quoteText(table.file)} AS ${quoteIdentifier(table.catalog)} (READ_ONLY)`);
    }
    const hidden = await hideUnits(connection, tables, units);
    for (const statement of [...MEANING_STATEMENTS, ...LOCK_STATEMENTS]) await connection.run(statement);
    return { instance, hidden };
  } finally {
    connection.closeSync();
  }
}
