/** Renders a released table as Parquet. Uses an instance of its own, which never held a raw row. */
import { DuckDBInstance } from '@duckdb/node-api';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ResultColumn, ResultTable, ResultType } from '#contract/table.ts';
import { quoteText } from './identifier.ts';
import { loadReleased } from './load-released.ts';
import { MEANING_STATEMENTS, openOptions } from './settings.ts';

/**
 * DuckDB writes Parquet to a path only, so the bytes pass through a directory of mode 0700 that lives as long as this
 * call; they are released already. `sluice_withheld` in the file's metadata lists [row, column] of withheld values. In the cage the directory is in the worker's private memory file system.
 * Throws on failure: the table was checked by its schema.
 */
export async function renderParquet(table: ResultTable, memoryMb: number): Promise<Uint8Array> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-parquet-'));
  try {
    const file = join(directory, 'table.parquet');
    const instance = await DuckDBInstance.create(':memory:', openOptions({ memoryMb, threads: 1 }));
    try {
      const connection = await instance.connect();
      for (const statement of MEANING_STATEMENTS) await connection.run(statement);
      await connection.run(`SET allowed_directories=[${quoteText(directory)}]`);
      await connection.run('SET enable_external_access=false');
      await connection.run('SET lock_configuration=true');
      const columns = parquetColumns(table);
      await loadReleased(connection, 'released', columns, table.rows);
      const withheld = quoteText(JSON.stringify(table.withheld));
      await connection.run(`COPY temp.main.released TO ${quoteText(file)} (FORMAT parquet, COMPRESSION zstd, KV_METADATA {sluice_withheld: ${withheld}})`);
      connection.closeSync();
    } finally {
      instance.closeSync();
    }
    return await readFile(file);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * Parquet has no 128-bit integer: DuckDB would write DOUBLE and lose digits, so such a column is DECIMAL(38,0), or text
 * where a value is longer. Names that occur twice get a number, since Parquet readers find columns by name.
 */
function parquetColumns(table: ResultTable): ResultColumn[] {
  const taken = new Set<string>();
  return table.columns.map((column, c) => {
    let name = column.name;
    for (let n = 1; taken.has(name.toLowerCase()); n++) name = `${column.name}_${n}`;
    taken.add(name.toLowerCase());
    return { name, type: column.type.endsWith('HUGEINT') ? wideType(table, c) : column.type };
  });
}

const wideType = (table: ResultTable, column: number): ResultType =>
  table.rows.every((row) => String(row[column] ?? '').replace('-', '').length <= 38) ? 'DECIMAL(38,0)' : 'VARCHAR';
