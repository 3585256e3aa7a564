/** Values survive the way engine → wire → engine exactly, for every type a result may have. */
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ResultTable, type ResultColumn, type Value } from '#contract/table.ts';
import { DataEngine } from '#sandbox/engine/data-engine.ts';
import { renderParquet } from '#sandbox/engine/parquet.ts';
import { ScratchEngine } from '#sandbox/engine/scratch-engine.ts';
import { DuckDBInstance } from '@duckdb/node-api';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from '../../support/fast-check.ts';
import { CANARY, writeTable } from './fixture.ts';

let scratch: ScratchEngine;
beforeAll(async () => { scratch = await ScratchEngine.open(128, []); });
afterAll(() => scratch.close());

/** expression → type name, wire value */
const CASES: readonly [string, string, Value][] = [
  ['true', 'BOOLEAN', true],
  ['1::TINYINT', 'TINYINT', 1],
  ['4294967295::UINTEGER', 'UINTEGER', 4294967295],
  ['9007199254740993', 'BIGINT', '9007199254740993'],
  ['170141183460469231731687303715884105727::HUGEINT', 'HUGEINT', '170141183460469231731687303715884105727'],
  ['18446744073709551615::UBIGINT', 'UBIGINT', '18446744073709551615'],
  ['0.1::FLOAT', 'FLOAT', 0.10000000149011612],
  ['0.1::DOUBLE', 'DOUBLE', 0.1],
  ["'nan'::DOUBLE", 'DOUBLE', 'NaN'],
  ["'-infinity'::DOUBLE", 'DOUBLE', '-Infinity'],
  ["'-0'::DOUBLE", 'DOUBLE', 0],
  ['-12.50::DECIMAL(18,2)', 'DECIMAL(18,2)', '-12.50'],
  ["'人数 \"x\"'", 'VARCHAR', '人数 "x"'],
  ["'a'::ENUM('a', 'b')", 'VARCHAR', 'a'],
  ["DATE '2026-11-22'", 'DATE', '2026-11-22'],
  ["DATE 'infinity'", 'DATE', 'infinity'],
  ["TIME '05:06:07.25'", 'TIME', '05:06:07.25'],
  ["TIMESTAMP '2026-11-22 05:00:00'", 'TIMESTAMP', '2026-11-22T05:00:00'],
  ["TIMESTAMP '-infinity'", 'TIMESTAMP', '-infinity'],
  ["TIMESTAMP_NS '2026-11-22 05:00:00.123456789'", 'TIMESTAMP_NS', '2026-11-22T05:00:00.123456789'],
  ["TIMESTAMPTZ '2026-11-22 05:00:00+08'", 'TIMESTAMP WITH TIME ZONE', '2026-11-21T21:00:00+00:00'],
  ["INTERVAL '14 months 3 days'", 'INTERVAL', '1 year 2 months 3 days'],
  ['NULL', 'INTEGER', null],
];

test.each(CASES)('%s', async (expression, type, value) => {
  const session = await scratch.session();
  const first = await session.query(`SELECT ${expression} AS v`, 10);
  expect(first).toEqual({ ok: true, value: { columns: [{ name: 'v', type }], rows: [[value]] } });
  if (!first.ok) return;
  await session.loadReleased('again', first.value.columns, first.value.rows);
  expect(await session.query('SELECT v FROM again', 10)).toEqual(first);
  session.close();
});

test('types without a wire form are named by column, not by value', async () => {
  const session = await scratch.session();
  expect(await session.query('SELECT 1, [1, 2]', 10)).toEqual({ ok: false, error: { code: 'engine/result-type', column: 1 } });
  session.close();
});

test('doubles and text round-trip', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.double(), fc.string({ unit: 'grapheme' })), { minLength: 1, maxLength: 20 }), async (pairs) => {
    const rows = pairs.map(([d, s]) => [Number.isFinite(d) ? (Object.is(d, -0) ? 0 : d) : String(d), s]);
    const columns: ResultColumn[] = [{ name: 'd', type: 'DOUBLE' }, { name: 's', type: 'VARCHAR' }];
    const session = await scratch.session();
    await session.loadReleased('t', columns, rows);
    expect(await session.query('SELECT d, s FROM t', 1000)).toEqual({ ok: true, value: { columns, rows } });
    session.close();
  }), { numRuns: 40 });
});

describe('caps', () => {
  test('rows × columns', async () => {
    const session = await scratch.session();
    expect((await session.query('SELECT i, i FROM range(500) t(i)', 1000)).ok).toBe(true);
    expect(await session.query('SELECT i, i FROM range(501) t(i)', 1000)).toEqual({ ok: false, error: { code: 'engine/too-much' } });
    // The cap stops a result that would never fit, at once; and the session still works.
    expect(await session.query('SELECT i FROM range(10000000000) t(i)', 1000)).toEqual({ ok: false, error: { code: 'engine/too-much' } });
    expect((await session.query('SELECT 1', 1000)).ok).toBe(true);
    session.close();
  });
  test('a large result of several parts ends, though each waits for a reader where results are streamed', async () => {
    const session = await scratch.session();
    await session.loadReleased('many', [{ name: 'i', type: 'BIGINT' }], Array.from({ length: 1_000_000 }, (_, i) => [String(i)]));
    const joined = 'SELECT a.i FROM many a JOIN many b USING (i)';
    const read = await session.query(`${joined} UNION ALL ${joined}`, 2_000_000);
    expect(read.ok && read.value.rows.length).toBe(2_000_000);
    session.close();
  });
  test('more rows than one chunk keep their order', async () => {
    const session = await scratch.session();
    const rows = Array.from({ length: 5000 }, (_, i) => [i]);
    await session.loadReleased('many', [{ name: 'i', type: 'INTEGER' }], rows);
    const read = await session.query('SELECT i FROM many', 10_000);
    expect(read.ok && read.value.rows).toEqual(rows);
    session.close();
  });
});

test('a raw table cannot be printed or serialised', async () => {
  const table = await writeTable(`SELECT '${CANARY}' AS name`);
  const engine = await DataEngine.open({ memoryMb: 128, threads: 1 }, [table]);
  const session = await engine.session();
  const read = await session.cells('SELECT name FROM "city.residents"."rows"', 10);
  if (!read.ok) throw new Error('expected rows');
  expect(read.value.rows()).toEqual([[CANARY]]);
  expect(inspect(read.value, { showHidden: true, depth: 9 })).toBe('RawTable(redacted)');
  expect(`${read.value}`).toBe('RawTable(redacted)');
  expect(() => JSON.stringify({ read })).toThrow('never serialised');
  session.close();
  engine.close();
});

test('public tables are visible in both worlds', async () => {
  const table = await writeTable('SELECT 7 AS code', 'city.divisions');
  const engine = await DataEngine.open({ memoryMb: 128, threads: 1 }, [table]);
  const rest = await ScratchEngine.open(128, [table]);
  const below = await engine.session();
  const above = await rest.session();
  expect((await below.cells('SELECT code FROM "city.divisions"."rows"', 10)).ok).toBe(true);
  expect(await above.query('SELECT code FROM "city.divisions"."rows"', 10)).toMatchObject({ ok: true, value: { rows: [[7]] } });
  below.close(); above.close(); engine.close(); rest.close();
});

test('parse gives the tree, or the error object, and runs nothing', async () => {
  expect(JSON.parse((await scratch.parse('SELECT 1'))!)).toMatchObject({ error: false, statements: [{}] });
  expect(JSON.parse((await scratch.parse('SELEC 1'))!)).toMatchObject({ error: true });
  expect(JSON.parse((await scratch.parse("SELECT '); DROP TABLE x; --'"))!)).toMatchObject({ error: false });
});

test('Parquet holds every value, wide integers as decimals, withheld places in its metadata', async () => {
  const table = ResultTable.parse({
    columns: [{ name: '区', type: 'VARCHAR' }, { name: 'n', type: 'HUGEINT' }, { name: 'n', type: 'DOUBLE' }, { name: 'd', type: 'DATE' }],
    rows: [['东', '123456789012345678901234567890', 0.1, '2026-01-02'], ['西', null, null, null]],
    withheld: [[1, 1], [1, 2]],
  });
  const file = join(mkdtempSync(join(tmpdir(), 'sluice-test-')), 'x.parquet');
  writeFileSync(file, await renderParquet(table, 128));
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const rows = await connection.runAndReadAll(`SELECT 区, n::VARCHAR, n_1, d::VARCHAR, typeof(n) FROM '${file}'`);
  expect(rows.getRows()).toEqual([['东', '123456789012345678901234567890', 0.1, '2026-01-02', 'DECIMAL(38,0)'], ['西', null, null, null, 'DECIMAL(38,0)']]);
  const metadata = await connection.runAndReadAll(`SELECT decode(value) FROM parquet_kv_metadata('${file}') WHERE decode(key) = 'sluice_withheld'`);
  expect(metadata.getRows()).toEqual([['[[1,1],[1,2]]']]);
});
