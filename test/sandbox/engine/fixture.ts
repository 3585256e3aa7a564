/** A DuckDB file with one table `rows`, as ingest leaves it. */
import { DuckDBInstance } from '@duckdb/node-api';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AttachedTable } from '#sandbox/engine/instance.ts';

/** A recognisable value that must never leave. */
export const CANARY = 'CANARY-77193';

export async function writeTable(select: string, catalog = 'city.residents'): Promise<AttachedTable> {
  const file = join(mkdtempSync(join(tmpdir(), 'sluice-test-')), `${catalog}.duckdb`);
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  await connection.run(`CREATE TABLE rows AS ${select}`);
  await connection.run('CHECKPOINT');
  connection.closeSync();
  instance.closeSync();
  return { catalog, dataset: catalog.split('.')[0] ?? '', file };
}
