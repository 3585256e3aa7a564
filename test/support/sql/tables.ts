/**
 * Tables for tests of the SQL gate, in memory: once as workers see them (catalogue `"dataset.table"` with unit keys, fixed
 * companions and levels) and once plain (`raw.<dataset>.<table>`), so that the same question can be asked of both.
 */
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import type { Manifest } from '#contract/manifest.ts';
import type { PinnedDataset } from '#contract/job.ts';
import type { Policy } from '#contract/policy.ts';
import { openPolicy } from '#contract/policy-open.ts';
import { digestOf } from '#contract/canonical.ts';
import { unitsOf } from '#sandbox/sql/catalog.ts';
import { storedType } from '#sandbox/sql/types.ts';

/** SQL text of each value, by table and row. */
export type Data = Readonly<Record<string, readonly (readonly string[])[]>>;

export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

export interface TestData {
  readonly connection: DuckDBConnection;
  close(): void;
}

/** @param data rows of each table, values in the order of the manifest's columns */
export async function openTables(manifest: Manifest, data: Data): Promise<TestData> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  await loadFiles(connection, manifest, data);
  return { connection, close: () => { connection.closeSync(); instance.closeSync(); } };
}

export async function loadFiles(connection: DuckDBConnection, manifest: Manifest, data: Data): Promise<void> {
  const run = (sql: string): Promise<unknown> => connection.run(sql);
  await run(`CREATE SCHEMA IF NOT EXISTS ${quote(manifest.id)}`);
  for (const [name, table] of Object.entries(manifest.tables)) {
    const columns = Object.entries(table.columns);
    const raw = `${quote(manifest.id)}.${quote(name)}`;
    await run(`CREATE TABLE ${raw} (${columns.map(([column, { type }]) => `${quote(column)} ${storedType(type)}`).join(', ')})`);
    const rows = data[name] ?? [];
    for (let i = 0; i < rows.length; i += 500) await run(`INSERT INTO ${raw} VALUES ${rows.slice(i, i + 500).map((row) => `(${row.join(', ')})`).join(', ')}`);
  }
  await attachForGate(connection, manifest, manifest.id);
}

/** The worker's form of tables that are there already. */
export async function attachForGate(connection: DuckDBConnection, manifest: Manifest, schema: string): Promise<void> {
  for (const [name, table] of Object.entries(manifest.tables)) {
    const stored = Object.entries(table.columns).filter(([column, { role }]) => role !== 'identifier' && role !== 'unit' && !isIdentity(manifest, name, column));
    const items = stored.flatMap(([column, { type, scale }]) => [`r.${quote(column)}`, ...(type === 'double' ? [`CAST(round(r.${quote(column)} * 1e${scale ?? 6}) AS BIGINT) AS ${quote(`__fixed_${column}`)}`] : [])]);
    for (const [kind, column] of Object.entries(unitsOf(table))) {
      const identity = column === 'row' ? 'r.rowid' : identityOf(manifest, schema, name, kind, column);
      // About half of the units are in the slice of witnesses.
      items.push(`CAST(hash(${identity}) % 1000000007 AS BIGINT) * (CAST(hash(${identity}) % 2 AS BIGINT) * 2 - 1) AS ${quote(`__unit_${kind}`)}`, `CAST(hash(${identity}) AS HUGEINT) AS ${quote(`__pseudonym_${kind}`)}`, `CAST(hash(${identity}) % 4294967296 AS UINTEGER) AS ${quote(`__record_key_${kind}`)}`);
    }
    const catalog = quote(`${manifest.id}.${name}`);
    await connection.run(`ATTACH ':memory:' AS ${catalog}`);
    await connection.run(`CREATE TABLE ${catalog}.rows AS SELECT ${items.join(', ')} FROM ${quote(schema)}.${quote(name)} r`);
  }
}

const isIdentity = (manifest: Manifest, table: string, column: string): boolean =>
  Object.entries(unitsOf(manifest.tables[table]!)).some(([kind, path]) => path === column && parent(manifest, table, kind, column) === null);

function parent(manifest: Manifest, table: string, kind: string, column: string): { table: string; key: string; next: string } | null {
  const references = manifest.tables[table]?.columns[column]?.references;
  if (references === undefined) return null;
  const [to = '', key = ''] = references.split('.').slice(-2);
  const next = manifest.tables[to] === undefined ? undefined : unitsOf(manifest.tables[to])[kind];
  return next === undefined || next === key ? null : { table: to, key, next };
}

/** SQL for the text of a row's identity, through foreign keys. */
function identityOf(manifest: Manifest, schema: string, table: string, kind: string, column: string, alias = 'r'): string {
  const up = parent(manifest, table, kind, column);
  if (up === null) return `${alias}.${quote(column)}::varchar`;
  const inner = `${alias}p`;
  return `(SELECT ${identityOf(manifest, schema, up.table, kind, up.next, inner)} FROM ${quote(schema)}.${quote(up.table)} ${inner} WHERE ${inner}.${quote(up.key)} = ${alias}.${quote(column)})`;
}

export function pin(manifest: Manifest, policy: Policy = openPolicy(manifest.id, [manifest])): PinnedDataset {
  return { manifest, snapshot: null, policy, policyDigest: digestOf(policy) };
}

export const allColumns = (manifests: readonly Manifest[]): string[] =>
  manifests.flatMap(({ id, tables }) => Object.entries(tables).flatMap(([table, { columns }]) => Object.keys(columns).map((column) => `${id}.${table}.${column}`)));
