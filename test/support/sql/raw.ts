/** The same question to plain DuckDB: the reference that the gate is compared with. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { resultType, toWire } from '#sandbox/engine/value.ts';
import type { ResultTable } from '#contract/table.ts';
import type { PlainResult } from '../same-result.ts';

/** Throws what the engine says: the data are the test's own. `path`: schemas whose tables need no prefix. */
export async function rawResult(connection: DuckDBConnection, sql: string): Promise<PlainResult> {
  const answer = await connection.runAndReadAll(sql);
  const columns = answer.columnTypes().map((type) => resultType(type) ?? { type: type.toString(), convert: (value: unknown) => String(value) });
  return { types: columns.map(({ type }) => type), rows: answer.getRows().map((row) => row.map((value, c) => toWire((columns[c]!.convert as (value: unknown) => never)(value)))) };
}

export const plain = ({ columns, rows }: ResultTable): PlainResult => ({ types: columns.map(({ type }) => type), rows });
