/**
 * Runs one SELECT and reads its rows up to a cap. The engine computes the whole result before the first row is read: a result that it streams
 * waits for a reader as soon as its buffer is full, and where several pipelines fill it (UNION ALL, outer joins) it waits for ever
 * (github.com/duckdb/duckdb/issues/22215). So the memory of the instance bounds a result, and what may be endless carries a LIMIT.
 */
import { StatementType, type DuckDBConnection, type DuckDBPreparedStatement } from '@duckdb/node-api';
import { err, ok, type Result } from '#contract/result.ts';
import { resultType, type Convert, type EngineValue } from './value.ts';
import { RawColumns } from './raw-columns.ts';
import type { EngineColumn } from './raw-table.ts';

/**
 * Every way in which the engine can fail, as constants: DuckDB's messages quote data and go nowhere.
 * `failed`: any error. `too-much`: the result passed its cap. `result-type`: a column has a type that no result
 * may have (depends on the text of the query only, not on data).
 */
export type EngineFailure =
  | { readonly code: 'engine/failed' }
  | { readonly code: 'engine/too-much' }
  | { readonly code: 'engine/result-type'; readonly column: number };

export interface EngineRows {
  readonly columns: readonly EngineColumn[];
  readonly rows: readonly (readonly EngineValue[])[];
}

/** Where reading stops: at so many rows, or at so many rows × columns. Integers ≥ 1. */
export type ReadCap = { readonly rows: number } | { readonly cells: number };

/**
 * Fails `engine/failed`, `engine/too-much`, `engine/result-type`. Never throws on what the engine reports.
 */
export async function executeSelect(connection: DuckDBConnection, sql: string, cap: ReadCap): Promise<Result<EngineRows, EngineFailure>> {
  return execute(connection, sql, (prepared) => readRows(prepared, cap));
}

/** The same for columns of numbers. @param rows as many as there are at most, integer ≥ 1 */
export async function executeNumbers(connection: DuckDBConnection, sql: string, rows: number): Promise<Result<RawColumns, EngineFailure>> {
  return execute(connection, sql, (prepared) => readNumbers(prepared, rows));
}

async function execute<T>(connection: DuckDBConnection, sql: string, readAll: (prepared: DuckDBPreparedStatement) => Promise<Result<T, EngineFailure>>): Promise<Result<T, EngineFailure>> {
  let prepared: DuckDBPreparedStatement | null = null;
  try {
    // prepare() refuses more than one statement; run() would execute them all.
    prepared = await connection.prepare(sql);
    if (prepared.statementType !== StatementType.SELECT || prepared.parameterCount !== 0) return err({ code: 'engine/failed' });
    return await readAll(prepared);
  } catch {
    return err({ code: 'engine/failed' });
  } finally {
    prepared?.destroySync();
  }
}

async function readRows(prepared: DuckDBPreparedStatement, cap: ReadCap): Promise<Result<EngineRows, EngineFailure>> {
  const result = await prepared.run();
  const columns: EngineColumn[] = [];
  const converts: Convert[] = [];
  for (let c = 0; c < result.columnCount; c++) {
    const known = resultType(result.columnType(c));
    if (known === null) return err({ code: 'engine/result-type', column: c });
    columns.push({ name: result.columnName(c), type: known.type });
    converts.push(known.convert);
  }
  const maxRows = 'rows' in cap ? cap.rows : Math.floor(cap.cells / Math.max(1, columns.length));
  if (result.rowCount > maxRows) return err({ code: 'engine/too-much' });
  const rows: EngineValue[][] = [];
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return ok({ columns, rows });
    const first = rows.length;
    for (let r = 0; r < chunk.rowCount; r++) rows.push(new Array<EngineValue>(columns.length));
    converts.forEach((convert, c) => chunk.visitColumnValues(c, (value, r) => { rows[first + r]![c] = convert(value); }));
  }
}

async function readNumbers(prepared: DuckDBPreparedStatement, rows: number): Promise<Result<RawColumns, EngineFailure>> {
  const result = await prepared.run();
  if (result.rowCount > rows) return err({ code: 'engine/too-much' });
  const columns = Array.from({ length: result.columnCount }, () => new Float64Array(result.rowCount));
  let length = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return ok(new RawColumns(length, columns));
    const start = length;
    columns.forEach((column, c) => chunk.visitColumnValues(c, (value, r) => { column[start + r] = value === null ? Number.NaN : Number(value); }));
    length += chunk.rowCount;
  }
}
