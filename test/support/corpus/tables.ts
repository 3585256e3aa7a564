/** A corpus is a schema of our own, data made from a seed, and queries in the spirit of a well-known benchmark. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Column, Manifest, Table } from '#contract/manifest.ts';

/** `name: type` with what the gate wants to know; everything else is plain. */
export type ColumnLine = string | ({ readonly type: string } & Partial<Column>);

export function tableOf(name: string, columns: Readonly<Record<string, ColumnLine>>, rest: Partial<Table> = {}): Table {
  const full = Object.entries(columns).map(([key, line]): [string, Column] => {
    const column = typeof line === 'string' ? { type: line } : line;
    return [key, { role: 'plain', nullable: false, ...column } as Column];
  });
  return { file: `${name}.csv`, ...rest, columns: Object.fromEntries(full) };
}

export type Cell = string | number | null;

/** Writes a table; NULL is the empty field, so texts are never empty. */
export function writeTable(directory: string, name: string, table: Table, rows: readonly (readonly Cell[])[]): void {
  const field = (value: Cell): string => (value === null ? '' : /[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value));
  const lines = rows.map((row) => row.map(field).join(','));
  writeFileSync(join(directory, `${name}.csv`), `${[Object.keys(table.columns).join(','), ...lines].join('\n')}\n`);
}

/** The statements that make plain tables of a corpus, to ask the engine itself the same questions. */
export function createTables(manifest: Manifest, directory: string): readonly string[] {
  return Object.entries(manifest.tables).map(([name, table]) => {
    const types = Object.entries(table.columns).map(([column, { type }]) => `'${column}': '${type.toUpperCase()}'`).join(', ');
    return `CREATE TABLE "${name}" AS FROM read_csv('${join(directory, table.file)}', header = true, columns = {${types}}, nullstr = '')`;
  });
}
