/** The settings hold: every escape through SQL is refused, or harmless, even when it is executed directly. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DuckDBInstance } from '@duckdb/node-api';
import { DataEngine } from '#sandbox/engine/data-engine.ts';
import { ScratchEngine } from '#sandbox/engine/scratch-engine.ts';
import { openLocked, type AttachedTable } from '#sandbox/engine/instance.ts';
import { CANARY, writeTable } from './fixture.ts';

let table: AttachedTable;
let secret: string;
let data: DataEngine;
/** Some of its rows are left out. */
let hiding: DataEngine;
const HIDDEN = { state: 'some', units: () => new Map([['person', new Set([3n, 5n, 99_999n])]]) };
let scratch: ScratchEngine;
let locked: DuckDBInstance;

beforeAll(async () => {
  table = await writeTable(`SELECT i AS id, '${CANARY}' AS name, i * 10 AS income FROM range(1000) t(i)`);
  secret = join(dirname(table.file), 'secret.csv');
  writeFileSync(secret, `name\n${CANARY}\n`);
  data = await DataEngine.open({ memoryMb: 256, threads: 2 }, [table]);
  hiding = await DataEngine.open({ memoryMb: 256, threads: 2 }, [await writeTable(`SELECT i AS id, '${CANARY}' AS name, i * 10 AS income, i::BIGINT AS __unit_person, i::HUGEINT AS __pseudonym_person FROM range(1000) t(i)`)]);
  scratch = await ScratchEngine.open(128, []);
  ({ instance: locked } = await openLocked({ memoryMb: 256, threads: 1 }, [table]));
});
afterAll(() => {
  data.close();
  hiding.close();
  scratch.close();
  locked.closeSync();
});

/** Reads that must fail whoever asks. `FILE` is the attached file, `SECRET` a file beside it. */
const READS = [
  "SELECT * FROM read_csv('SECRET')",
  "SELECT * FROM 'SECRET'",
  "SELECT * FROM read_text('SECRET')",
  "SELECT * FROM read_blob('FILE')",
  "SELECT * FROM read_blob('FILE.wal')",
  "SELECT * FROM read_json('SECRET')",
  "SELECT * FROM read_parquet('SECRET')",
  "SELECT * FROM parquet_metadata('SECRET')",
  "SELECT * FROM parquet_schema('SECRET')",
  "SELECT * FROM sniff_csv('SECRET')",
  "SELECT * FROM glob('/etc/*')",
  "SELECT * FROM read_csv('/etc/passwd')",
  "SELECT * FROM read_text('/proc/self/environ')",
  "SELECT * FROM read_csv('https://example.org/x.csv')",
  "SELECT * FROM read_parquet('s3://bucket/x.parquet')",
  "SELECT * FROM query('SELECT * FROM read_text(''SECRET'')')",
  "SELECT getenv('HOME')",
];

/** Statements that write, attach or configure. prepare() would take some; only a single SELECT is ever executed. */
const STATEMENTS = [
  "COPY (SELECT 1) TO 'SECRET'",
  "COPY (SELECT 'pwn') TO 'FILE' (FORMAT csv, USE_TMP_FILE false)",
  "COPY (SELECT 'pwn') TO 'FILE.wal' (FORMAT csv, USE_TMP_FILE false)",
  "EXPORT DATABASE 'SECRET'",
  "ATTACH 'FILE' AS again (READ_ONLY)",
  "ATTACH 'FILE' AS again",
  'INSTALL httpfs',
  'LOAD httpfs',
  'SET enable_external_access=true',
  "SET disabled_filesystems=''",
  'SET lock_configuration=false',
  'RESET lock_configuration',
  "SET allowed_directories=['/']",
  "SET temp_directory='/tmp'",
  "SET memory_limit='100GB'",
  'SET threads=64',
  'PRAGMA enable_profiling',
  'CREATE TABLE t AS SELECT 1',
  'DROP TABLE "city.residents"."rows"',
  'DELETE FROM "city.residents"."rows"',
  'SELECT 1; SELECT 2',
  "PREPARE p AS SELECT 1",
  '',
  '-- only a comment',
];

const fill = (sql: string) => sql.replaceAll('SECRET', secret).replaceAll('FILE', table.file);

describe('reads outside the attached tables', () => {
  test.each(READS)('data engine refuses %s', async (sql) => {
    const session = await data.session();
    expect(await session.cells(fill(sql), 1000)).toEqual({ ok: false, error: { code: 'engine/failed' } });
    session.close();
  });
  test.each(READS)('data engine that leaves rows out refuses %s', async (sql) => {
    const session = await hiding.session(HIDDEN);
    expect(await session.cells(fill(sql), 1000)).toEqual({ ok: false, error: { code: 'engine/failed' } });
    session.close();
  });
  test.each(READS)('scratch engine refuses %s', async (sql) => {
    const session = await scratch.session();
    expect(await session.query(fill(sql), 1000)).toEqual({ ok: false, error: { code: 'engine/failed' } });
    session.close();
  });
  test('the scratch engine does not see the raw table', async () => {
    const session = await scratch.session();
    expect((await session.query('SELECT * FROM "city.residents"."rows"', 10_000)).ok).toBe(false);
    session.close();
  });
});

describe('statements other than one SELECT', () => {
  test.each(STATEMENTS)('data engine refuses %s', async (sql) => {
    const session = await data.session();
    expect(await session.cells(fill(sql), 1000)).toEqual({ ok: false, error: { code: 'engine/failed' } });
    session.close();
  });
  test.each(STATEMENTS)('data engine that leaves rows out refuses %s', async (sql) => {
    const session = await hiding.session(HIDDEN);
    expect(await session.cells(fill(sql), 1000)).toEqual({ ok: false, error: { code: 'engine/failed' } });
    session.close();
  });
  test('nothing on disk changed', () => {
    expect(readFileSync(secret, 'utf8')).toBe(`name\n${CANARY}\n`);
    expect(statSync(table.file).size).toBeGreaterThan(100_000);
  });
});

test('the lock holds against statements that are run without the SELECT check', async () => {
  const connection = await locked.connect();
  const harmless = new Set(['PRAGMA enable_profiling', 'CREATE TABLE t AS SELECT 1', 'SELECT 1; SELECT 2', 'PREPARE p AS SELECT 1', '', '-- only a comment']);
  for (const sql of STATEMENTS.filter((s) => !harmless.has(s))) {
    await expect(connection.run(fill(sql)), sql).rejects.toThrow();
  }
  connection.closeSync();
});

test('settings that decide the meaning of a query', async () => {
  const session = await scratch.session();
  const read = await session.query(`SELECT current_setting('TimeZone'), current_setting('default_null_order'), 7 / 2,
    current_setting('lock_configuration'), current_setting('enable_external_access'), current_setting('disabled_filesystems') IS NOT NULL,
    current_setting('temp_directory'), 1 / 0, current_setting('allow_parser_override_extension')`, 100);
  expect(read.ok && read.value.rows[0]).toEqual(['UTC', 'NULLS_LAST', 3.5, true, false, true, '', 'Infinity', 'default']);
  session.close();
});

test('an error says nothing, whatever value it quotes', async () => {
  const session = await data.session();
  for (const sql of [
    'SELECT CAST(name AS INTEGER) FROM "city.residents"."rows"',
    'SELECT error(name) FROM "city.residents"."rows"',
    'SELECT count(*) FROM "city.residents"."rows" WHERE name = 5',
  ]) {
    const read = await session.cells(sql, 10_000);
    expect(JSON.stringify(read)).toBe('{"ok":false,"error":{"code":"engine/failed"}}');
  }
  session.close();
});

test('a session leaves nothing for the next', async () => {
  const first = await data.session();
  await first.loadReleased('gate_0', [{ name: 'n', type: 'BIGINT' }], [['5']]);
  expect((await first.cells('SELECT n FROM gate_0', 10)).ok).toBe(true);
  first.close();
  const second = await data.session();
  expect((await second.cells('SELECT n FROM gate_0', 10)).ok).toBe(false);
  second.close();
});

test('rows that are left out come back when they no longer are, and other tables are what they were', async () => {
  const count = async (hidden?: typeof HIDDEN) => {
    const session = await hiding.session(hidden);
    const read = await session.cells('SELECT count(*), count_if(__unit_person IN (3, 5)) FROM "city.residents"."rows"', 1);
    const state = session.hiddenFrom('city');
    session.close();
    return [...(read.ok ? read.value.rows()[0] ?? [] : []).map(Number), state];
  };
  const nobody = { state: 'nobody of here', units: () => new Map([['person', new Set([99_999n])], ['enterprise', new Set([3n])]]) };
  expect(await count()).toEqual([1000, 2, null]);
  expect(await count(HIDDEN)).toEqual([998, 0, expect.stringMatching(/^[0-9a-f]{64}$/)]);
  expect(await count(nobody)).toEqual([1000, 2, null]);
  // The state is named by who is left out here, not by the list: the same units, the same name.
  const [, , one] = await count(HIDDEN);
  const [, , other] = await count({ state: 'another list', units: () => new Map([['person', new Set([5n, 3n, 77_777n])]]) });
  expect(other).toBe(one);
});
