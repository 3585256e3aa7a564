/** Puts released values into a temporary table of one connection. */
import { DuckDBDataChunk, VARCHAR, type DuckDBConnection } from '@duckdb/node-api';
import type { ResultColumn, Value } from '#contract/table.ts';
import { quoteIdentifier, quoteText } from './identifier.ts';

const CHUNK_ROWS = 2048;
const STAGING = '__staging';

/** Values that one statement holds: it takes half the time of an appender up to about here, and more above it. */
const INLINE_VALUES = 100;

/**
 * Creates TEMP TABLE `name`. Every value goes in as text and is cast once by the engine: decimal text of integers and
 * decimals is exact, and a number's shortest decimal form casts back to the same double. The order of rows is kept.
 * Throws where a value does not fit its column's type: released tables are built by this program.
 */
export async function loadReleased(connection: DuckDBConnection, name: string, columns: readonly ResultColumn[], rows: readonly (readonly Value[])[]): Promise<void> {
  if (columns.length === 0) throw new RangeError('a table needs a column');
  const casts = columns.map((column, c) => `CAST(c${c} AS ${column.type}) AS ${quoteIdentifier(column.name)}`);
  const create = `CREATE TEMP TABLE ${quoteIdentifier(name)} AS SELECT ${casts.join(', ')} FROM`;
  if (rows.length > 0 && rows.length * columns.length <= INLINE_VALUES && rows.every((row) => row.every((value) => !String(value).includes('\0')))) {
    const written = rows.map((row) => `(${columns.map((_, c) => literal(row[c] ?? null)).join(', ')})`);
    await connection.run(`${create} (VALUES ${written.join(', ')}) t(${columns.map((_, c) => `c${c}`).join(', ')})`);
    return;
  }
  const types = columns.map(() => VARCHAR);
  await connection.run(`CREATE TEMP TABLE ${STAGING} (${columns.map((_, c) => `c${c} VARCHAR`).join(', ')})`);
  const appender = await connection.createAppender(STAGING, 'main', 'temp');
  for (let start = 0; start < rows.length; start += CHUNK_ROWS) {
    const part = rows.slice(start, start + CHUNK_ROWS);
    const chunk = DuckDBDataChunk.create(types, part.length);
    chunk.setColumns(columns.map((_, c) => part.map((row) => stagingText(row[c] ?? null))));
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
  // One call: each is a turn of a thread, which costs more than the work where the machine is busy.
  await connection.run(`${create} temp.main.${STAGING}; DROP TABLE temp.main.${STAGING}`);
}

/** Typed, because a column without any value would have no type. */
const literal = (value: Value): string => (value === null ? 'NULL::VARCHAR' : quoteText(String(value)));

const stagingText = (value: Value): string | null => (value === null ? null : String(value));
