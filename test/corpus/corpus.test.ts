/** The corpora themselves: data keep the declared types, and every query means something to the engine and finds something. */
import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CORPORA, readQueries } from '../support/corpus/queries.ts';
import { createTables } from '../support/corpus/tables.ts';
import { MADE } from './made.ts';

describe.each(CORPORA)('%s', (corpus) => {
  const { manifest, generate } = MADE[corpus];
  const directory = mkdtempSync(join(tmpdir(), `sluice-${corpus}-`));
  let connection: DuckDBConnection;

  beforeAll(async () => {
    generate(directory);
    connection = await (await DuckDBInstance.create(':memory:')).connect();
    for (const statement of createTables(manifest, directory)) await connection.run(statement);
  });
  afterAll(() => {
    connection.closeSync();
    rmSync(directory, { recursive: true });
  });

  test.each(readQueries(corpus))('$id: $about', async ({ sql }) => {
    const answer = await connection.runAndReadAll(sql);
    expect(answer.currentRowCount).toBeGreaterThan(0);
    // A sum over nothing is one row of NULLs: the query found nothing.
    expect(answer.getRowsJson().some((row) => row.some((value) => value !== null && value !== '0'))).toBe(true);
  });

  test('declared bounds, domains and rows per unit hold', async () => {
    for (const [name, table] of Object.entries(manifest.tables)) {
      for (const [column, { min, max, domain, nullable }] of Object.entries(table.columns)) {
        const broken = [
          nullable === false ? `"${column}" IS NULL` : 'false',
          min === undefined ? 'false' : `"${column}" < '${min}'`,
          max === undefined ? 'false' : `"${column}" > '${max}'`,
          domain === undefined ? 'false' : `"${column}"::VARCHAR NOT IN (${domain.map((value) => `'${value}'`).join(', ')})`,
        ].join(' OR ');
        const [[count]] = (await connection.runAndReadAll(`SELECT count(*)::INTEGER FROM "${name}" WHERE ${broken}`)).getRowsJson() as [[number]];
        expect(count, `${name}.${column}`).toBe(0);
      }
    }
  });
});
