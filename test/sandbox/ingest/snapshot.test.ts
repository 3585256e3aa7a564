/** What a snapshot holds: units replaced, identifiers gone, keys stable, the same bytes for the same input. */
import { createHash, createHmac } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import { openSnapshot } from '#sandbox/ingest/snapshot.ts';
import { hmacSql, uint127Sql, uint32Sql } from '#sandbox/deidentify/keyed-hash.ts';
import { readKey } from '#sandbox/keys.ts';
import fc from '../../support/fast-check.ts';
import { Domain, loaded, type Tables } from '../../support/dataset.ts';

const TOWN: Tables = {
  people: {
    file: 'people.csv', units: { person: 'id' }, maxRowsPerUnit: { person: 1 },
    columns: {
      id: { type: 'varchar', role: 'unit' },
      name: { type: 'varchar', role: 'identifier' },
      street: { type: 'varchar', role: 'quasi', hierarchy: 'streets.csv' },
      income: { type: 'decimal(10,2)', role: 'sensitive' },
      weight: { type: 'double', role: 'sensitive', scale: 2 },
      score: { type: 'double', role: 'plain' },
    },
  },
  visits: {
    file: 'visits.csv', units: { person: 'who', clinic: 'clinic' },
    columns: {
      who: { type: 'varchar', role: 'unit', references: 'people.id' },
      clinic: { type: 'integer', role: 'quasi' },
      day: { type: 'date', role: 'quasi' },
      number: { type: 'integer', role: 'plain' },
    },
  },
  items: {
    file: 'items.csv', units: { person: 'visit' },
    columns: { visit: { type: 'integer', role: 'plain', references: 'visits.number' }, price: { type: 'integer', role: 'sensitive' } },
  },
  streets: { file: 'streets.csv', columns: { street: { type: 'varchar', role: 'plain' }, ward: { type: 'varchar', role: 'plain' } } },
};
const FILES = {
  'people.csv': 'id,name,street,income,weight,score\nP1,王伟,东街,100.50,70.125,0.1\nP2,李娜,西街,,80,1e-7\nP3,张敏,东街,300.00,,\n',
  'visits.csv': 'who,clinic,day,number\nP1,7,2024-01-02,1\nP1,7,2024-01-02,2\nP2,8,2024-03-04,3\nP1,007,2024-01-05,4\n',
  'items.csv': 'visit,price\n1,5\n3,6\n3,6\n3,7\n',
  'streets.csv': 'street,ward,city\n东街,甲区,城\n西街,乙区,城\n',
};
const domain = new Domain();
const reversed = (csv: string) => { const [head, ...rows] = csv.trimEnd().split('\n'); return `${[head, ...rows.reverse()].join('\n')}\n`; };

describe('rows', async () => {
  const town = loaded(await domain.load(TOWN, FILES));

  test('the manifest comes back with the levels of its hierarchies', () => {
    expect(town.manifest.tables['people']!.columns['street']).toMatchObject({ levels: ['ward', 'city'], levelDomains: { ward: ['乙区', '甲区'], city: ['城'] } });
    expect(town.tables.map(({ table, rows, units }) => [table, rows, units])).toEqual([
      ['items', 4, { person: 2 }], ['people', 3, { person: 3 }], ['streets', 2, {}], ['visits', 4, { clinic: 2, person: 2 }],
    ]);
  });

  test('columns: identifiers and unit columns are gone, companions and keys are there', async () => {
    const columns = async (table: string) => (await domain.rows(town, table, 'DESCRIBE ROWS')).map(([name, type]) => `${name} ${type}`);
    expect(await columns('people')).toEqual([
      'income DECIMAL(18,2)', 'score DOUBLE', '__fixed_score BIGINT', 'street VARCHAR', 'weight DOUBLE', '__fixed_weight BIGINT', 'ward VARCHAR', 'city VARCHAR',
      '__unit_person BIGINT', '__pseudonym_person HUGEINT', '__record_key_person UINTEGER', '__row_key UBIGINT',
    ]);
    expect(await columns('visits')).toEqual([
      'day DATE', 'number INTEGER',
      '__unit_clinic BIGINT', '__pseudonym_clinic HUGEINT', '__record_key_clinic UINTEGER', '__unit_person BIGINT', '__pseudonym_person HUGEINT', '__record_key_person UINTEGER', '__row_key UBIGINT',
    ]);
    expect(await columns('items')).toContain('visit INTEGER');
    expect(await columns('streets')).toEqual(['street VARCHAR', 'ward VARCHAR', '__row_key UBIGINT']);
  });

  test('values, levels and the grid of doubles', async () => {
    expect(await domain.rows(town, 'people', 'SELECT income, street, ward, city, weight, __fixed_weight, score, __fixed_score FROM ROWS ORDER BY income NULLS FIRST')).toEqual([
      [null, '西街', '乙区', '城', 80, '8000', 1e-7, '0'],
      ['100.50', '东街', '甲区', '城', 70.125, '7013', 0.1, '100000'],
      ['300.00', '东街', '甲区', '城', null, null, null, null],
    ]);
  });

  test('a unit has one key in every table, also through foreign keys', async () => {
    const keys = async (table: string, by: string) => new Map((await domain.rows(town, table, `SELECT ${by}, __unit_person, __pseudonym_person, __record_key_person FROM ROWS`)).map(([k, ...rest]) => [String(k), rest.join()]));
    const people = await keys('people', 'coalesce(income, 0)');
    const visits = await keys('visits', 'number');
    const items = await keys('items', 'price');
    expect(visits.get('1')).toBe(people.get('100.50'));
    expect(visits.get('4')).toBe(people.get('100.50'));
    expect(visits.get('3')).toBe(people.get('0.00'));
    expect(items.get('5')).toBe(people.get('100.50'));
    expect(items.get('7')).toBe(people.get('0.00'));
    expect(new Set(people.values()).size).toBe(3);
    expect((await domain.rows(town, 'people', 'SELECT __unit_person FROM ROWS')).map(String)).toEqual(['0', '1', '2']);
  });

  test('pseudonyms and record keys are HMAC-SHA-256, as node:crypto computes it', async () => {
    const rows = await domain.rows(town, 'visits', 'SELECT DISTINCT __pseudonym_clinic, __record_key_clinic FROM ROWS');
    const hmac = (name: 'pseudonym' | 'record', message: string) => createHmac('sha256', readKey(domain.keys, name)).update(message).digest('hex');
    const expected = ['7', '8'].map((clinic) => [String(BigInt(`0x${hmac('pseudonym', `clinic\n${clinic}`).slice(0, 32)}`) >> 1n), parseInt(hmac('record', `clinic\n${clinic}`).slice(0, 8), 16)]);
    expect(rows.sort()).toEqual(expected.sort());
  });

  test('rows are clustered by the first unit, and row keys differ for equal rows', async () => {
    for (const [table, unit] of [['visits', '__unit_clinic'], ['people', '__unit_person']] as const) {
      const order = await domain.rows(town, table, `SELECT ${unit}, __row_key FROM ROWS`);
      expect(order).toEqual(await domain.rows(town, table, `SELECT ${unit}, __row_key FROM ROWS ORDER BY ALL`));
    }
    expect(await domain.rows(town, 'items', 'SELECT count(DISTINCT __row_key) FROM ROWS')).toEqual([['4']]);
  });

  test('nothing in the snapshot’s files names anybody', () => {
    for (const name of readdirSync(domain.directory(town))) {
      const bytes = readFileSync(join(domain.directory(town), name));
      for (const secret of ['王伟', '李娜', 'P1', 'P2']) if (!name.endsWith('.duckdb') || secret.length > 2) expect(bytes.includes(secret), `${secret} in ${name}`).toBe(false);
    }
  });
});

describe('address', () => {
  test('the same input gives the same address; row order does not matter; the bytes of Parquet are the same', async () => {
    const one = new Domain('same');
    const two = new Domain('same');
    const first = loaded(await one.load(TOWN, FILES));
    expect(loaded(await one.load(TOWN, FILES)).snapshot).toBe(first.snapshot);
    const second = loaded(await two.load(TOWN, { ...FILES, 'visits.csv': reversed(FILES['visits.csv']), 'items.csv': reversed(FILES['items.csv']) }));
    expect(second.snapshot).toBe(first.snapshot);
    for (const table of ['people', 'visits', 'items', 'streets']) {
      expect(readFileSync(join(two.directory(second), `${table}.parquet`)).equals(readFileSync(join(one.directory(first), `${table}.parquet`)))).toBe(true);
    }
    expect(readdirSync(one.store)).toEqual([first.snapshot]);
  });

  test('another value or another key gives another', async () => {
    const base = loaded(await new Domain('a').load(TOWN, FILES)).snapshot;
    expect(loaded(await new Domain('b').load(TOWN, FILES)).snapshot).not.toBe(base);
    expect(loaded(await new Domain('a').load(TOWN, { ...FILES, 'items.csv': FILES['items.csv'].replace('7', '8') })).snapshot).not.toBe(base);
  });

  test('files are private', async () => {
    const one = new Domain();
    const town = loaded(await one.load(TOWN, FILES));
    expect(statSync(one.directory(town)).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(one.directory(town))) expect(statSync(join(one.directory(town), name)).mode & 0o777).toBe(0o600);
  });

  test('a refused or interrupted load leaves nothing; the next one clears what a killed one left', async () => {
    const one = new Domain();
    expect((await one.load(TOWN, { ...FILES, 'items.csv': 'visit,price\n1,x\n' })).ok).toBe(false);
    expect(readdirSync(one.store)).toEqual([]);
    mkdirSync(join(one.store, '.unfinished-0123', 'snapshot'), { recursive: true });
    const town = loaded(await one.load(TOWN, FILES));
    expect(readdirSync(one.store)).toEqual([town.snapshot]);
  });
});

describe('opening', () => {
  const tampered = async (change: (directory: string) => void, full = false) => {
    const one = new Domain();
    const town = loaded(await one.load(TOWN, FILES));
    const copy = mkdtempSync(join(tmpdir(), 'sluice-copy-'));
    cpSync(one.directory(town), copy, { recursive: true });
    change(copy);
    return openSnapshot(copy, town.snapshot, one.keys, full);
  };
  const flip = (file: string, at: number) => { chmodSync(file, 0o600); const bytes = readFileSync(file); bytes[at]! ^= 1; writeFileSync(file, bytes); };

  test('an untouched one opens', async () => expect((await tampered(() => {}, true)).tables.map(({ name, public: open }) => [name, open])).toEqual([['items', false], ['people', false], ['streets', true], ['visits', false]]));
  test('a changed DuckDB file', () => expect(tampered((d) => flip(join(d, 'people.duckdb'), 9000))).rejects.toThrow('has changed'));
  test('a changed Parquet file, in a full check', () => expect(tampered((d) => flip(join(d, 'people.parquet'), 100), true)).rejects.toThrow('has changed'));
  test('a shorter file', () => expect(tampered((d) => writeFileSync(join(d, 'visits.parquet'), ''))).rejects.toThrow('another size'));
  test('a changed record', () => expect(tampered((d) => {
    const file = join(d, 'snapshot.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"rows":4', '"rows":5'));
  })).rejects.toThrow('not authentic'));
  test('files replaced together with the record, by somebody without the key', () => expect(tampered((d) => {
    flip(join(d, 'people.duckdb'), 9000);
    const file = join(d, 'snapshot.json');
    const parsed = JSON.parse(readFileSync(file, 'utf8'));
    parsed.record.tables.find((t: { name: string }) => t.name === 'people').duckdb.sha256 = createHash('sha256').update(readFileSync(join(d, 'people.duckdb'))).digest('hex');
    writeFileSync(file, JSON.stringify(parsed));
  })).rejects.toThrow('not authentic'));
});

test('each row its own unit', async () => {
  const tables: Tables = { t: { file: 't.csv', units: 'row', columns: { a: { type: 'integer', role: 'plain' } } }, u: { file: 't.csv', units: 'row', columns: { a: { type: 'integer', role: 'plain' } } } };
  const ingested = loaded(await domain.load(tables, { 't.csv': 'a\n1\n1\n2\n' }));
  expect(ingested.tables).toMatchObject([{ rows: 3, units: { row: 3 } }, { rows: 3, units: { row: 3 } }]);
  const read = async (table: string) => domain.rows(ingested, table, 'SELECT __unit_row, __pseudonym_row, __record_key_row FROM ROWS');
  const [t, u] = [await read('t'), await read('u')];
  expect([...t, ...u].map(([unit]) => unit)).toEqual(['0', '1', '2', '3', '4', '5']);
  expect(new Set([...t, ...u].map(([, pseudonym]) => pseudonym)).size).toBe(6);
});

test('a row that is a unit can be reached from another table', async () => {
  const ingested = loaded(await domain.load({
    deeds: { file: 'd.csv', units: { deed: 'row' }, columns: { number: { type: 'integer', role: 'plain' } } },
    notes: { file: 'n.csv', units: { deed: 'of' }, columns: { of: { type: 'integer', role: 'plain', references: 'deeds.number' } } },
  }, { 'd.csv': 'number\n1\n2\n', 'n.csv': 'of\n2\n2\n1\n' }));
  const deeds = new Map((await domain.rows(ingested, 'deeds', 'SELECT number, __unit_deed FROM ROWS')) as [number, string][]);
  for (const [of, unit] of await domain.rows(ingested, 'notes', 'SELECT "of", __unit_deed FROM ROWS') as [number, string][]) expect(unit).toBe(deeds.get(of));
});

test('columns that the manifest does not describe do not enter', async () => {
  const ingested = loaded(await domain.load({ t: { file: 't.csv', columns: { a: { type: 'integer', role: 'plain', source: 'A ' } } } }, { 't.csv': ',A ,secret,secret\n1,2,CANARY,CANARY\n' }));
  expect(await domain.rows(ingested, 't', 'SELECT * EXCLUDE (__row_key) FROM ROWS')).toEqual([[2]]);
  expect(readFileSync(join(domain.directory(ingested), 't.parquet')).includes('CANARY')).toBe(false);
});

test('a supplied record key takes the place of the computed one', async () => {
  const ingested = loaded(await domain.load({ t: { file: 't.csv', units: 'row', recordKey: 'rkey', columns: { rkey: { type: 'bigint', role: 'plain' } } } }, { 't.csv': 'rkey\n5\n4294967295\n' }));
  expect(await domain.rows(ingested, 't', 'SELECT __record_key_row FROM ROWS ORDER BY 1')).toEqual([[5], [4294967295]]);
});

test('Parquet gives the same snapshot as CSV', async () => {
  const one = new Domain();
  const directory = mkdtempSync(join(tmpdir(), 'sluice-parquet-'));
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(`COPY (SELECT 'P' || i AS id, i::BIGINT AS n, i / 4 AS x, DATE '2024-01-01' + i::INTEGER AS d, i % 2 = 0 AS b FROM range(100) t(i)) TO '${join(directory, 't.parquet')}'`);
  await connection.run(`COPY (FROM '${join(directory, 't.parquet')}') TO '${join(directory, 't.csv')}' (HEADER)`);
  const tables = (file: string): Tables => ({ t: { file, units: { person: 'id' }, columns: {
    id: { type: 'varchar', role: 'unit' }, n: { type: 'integer', role: 'plain' }, x: { type: 'double', role: 'plain' }, d: { type: 'date', role: 'plain' }, b: { type: 'boolean', role: 'plain' },
  } } });
  const [parquet, csv] = [loaded(await one.load(tables('t.parquet'), { 't.parquet': readFileSync(join(directory, 't.parquet')) })), loaded(await one.load(tables('t.csv'), { 't.csv': readFileSync(join(directory, 't.csv')) }))];
  const all = 'SELECT * FROM ROWS';
  expect(await one.rows(parquet, 't', all)).toEqual(await one.rows(csv, 't', all));
  expect((await one.rows(csv, 't', all)).length).toBe(100);
});

test('SQL and node:crypto agree on HMAC-SHA-256 for any text', async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await fc.assert(fc.asyncProperty(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.string({ unit: 'grapheme', maxLength: 200 }), async (key, message) => {
    const hex = createHmac('sha256', key).update(message).digest('hex');
    const prepared = await connection.prepare(`SELECT h, ${uint127Sql('h', 0)}, ${uint32Sql('h', 24)} FROM (SELECT ${hmacSql(key, '$1::VARCHAR')} AS h)`);
    prepared.bindVarchar(1, message);
    expect((await prepared.runAndReadAll()).getRows()).toEqual([[hex, BigInt(`0x${hex.slice(0, 32)}`) >> 1n, parseInt(hex.slice(48, 56), 16)]]);
  }), { numRuns: 50 });
});
