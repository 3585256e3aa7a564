/** The catalogue as one operator sees it, and queries that read several datasets. */
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Manifest } from '#contract/manifest.ts';
import { Policy } from '#contract/policy.ts';
import { buildCatalog } from '#sandbox/sql/catalog.ts';
import { allColumns, loadFiles, pin } from '../../support/sql/tables.ts';
import { compileOn, throughGate } from '../../support/sql/through-gate.ts';

const people = (id: string, more: Record<string, object> = {}): Manifest => Manifest.parse({
  id,
  tables: {
    people: {
      file: 'p.csv', units: { person: 'person_id' }, maxRowsPerUnit: { person: 1 },
      columns: { person_id: { type: 'varchar', role: 'unit' }, name: { type: 'varchar', role: 'identifier' }, sex: { type: 'varchar', role: 'quasi' }, age: { type: 'integer', role: 'quasi' }, pay: { type: 'integer', role: 'sensitive' }, ...more },
    },
  },
});

const NORTH = people('north');
const SOUTH = people('south');
const row = (id: number, sex: string, age: number, pay: number): string[] => [`'P${id}'`, "'n'", `'${sex}'`, String(age), String(pay)];

let connection: DuckDBConnection;
beforeAll(async () => {
  connection = await (await DuckDBInstance.create(':memory:')).connect();
  await loadFiles(connection, NORTH, { people: Array.from({ length: 20 }, (_, i) => row(i, i % 2 === 0 ? 'f' : 'm', 20 + i, 100 * i)) });
  await loadFiles(connection, SOUTH, { people: Array.from({ length: 20 }, (_, i) => row(i + 10, i % 2 === 0 ? 'f' : 'm', 30 + i, 7 * i)) });
});
afterAll(() => connection.closeSync());

const both = [pin(NORTH), pin(SOUTH)];

test('a table name of two datasets needs its dataset', async () => {
  const compiled = await compileOn(connection, both, 'SELECT count(*) FROM people');
  expect(compiled.ok ? [] : compiled.error.map(({ code, message }) => [code, message.en])).toEqual([['bind/ambiguous-table', 'people may be north.people or south.people.']]);
  const named = await throughGate(connection, both, 'SELECT count(*), sum(north.people.pay) FROM north.people');
  expect(named.ok ? named.value.rows : named.error).toEqual([['20', '19000']]);
});

test('datasets meet on pseudonyms, never on the numbers that a snapshot gives its units', async () => {
  const sql = 'SELECT a.sex, count(DISTINCT a.person_id), sum(b.pay) FROM north.people a JOIN south.people b ON a.person_id = b.person_id GROUP BY 1 ORDER BY 1';
  const compiled = await compileOn(connection, both, sql);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));
  expect(compiled.value.gates[0]?.sql).toContain('__pseudonym_person');
  expect(compiled.value.gates[0]?.sql).not.toContain('__unit_person');
  const result = await throughGate(connection, both, sql);
  expect(result.ok ? result.value.rows : result.error).toEqual([['f', '5', '140'], ['m', '5', '175']]);
});

test('every dataset that a gate reads has a say', async () => {
  const strict = Policy.parse({ policy: 'south', version: 2, dataset: 'south', statistics: { mechanism: { kind: 'suppress' }, units: { person: { min: 6 } }, dimensions: 'any', measures: 'any', joins: 'any' } });
  const result = await throughGate(connection, [pin(NORTH), pin(SOUTH, strict)], 'SELECT a.sex, count(*) FROM north.people a JOIN south.people b USING (person_id) GROUP BY 1');
  expect(result.ok ? result.value.rows : result.error).toEqual([]);
  const apart = Policy.parse({ ...strict, statistics: { ...strict.statistics, joins: [] } });
  const refused = await compileOn(connection, [pin(NORTH), pin(SOUTH, apart)], 'SELECT count(*) FROM north.people a JOIN south.people b USING (person_id)');
  expect(refused.ok ? [] : refused.error.map(({ code, clause }) => [code, clause])).toEqual([['join/not-listed', 'south@2 statistics.joins']]);
});

test('only granted columns exist, with their levels and bands', () => {
  const manifest = people('town', { street: { type: 'varchar', role: 'quasi', hierarchy: 'h.csv', levels: ['sex', 'city'], levelDomains: { sex: ['a'], city: ['x', 'y'] } } });
  const policy = Policy.parse({
    policy: 'town', version: 1, dataset: 'town',
    statistics: { mechanism: { kind: 'suppress' }, units: { person: { min: 3 } }, dimensions: { 'people.age': { bands: [18, 65] }, 'people.street': { levels: ['sex', 'city'] } }, measures: 'any', joins: 'any' },
  });
  const names = (columns: readonly string[], of = policy): readonly string[] => buildCatalog([pin(manifest, of)], columns).tables.flatMap((table) => table.columns.map(({ name }) => name));
  // A level that has the name of a column is called after its own column as well.
  expect(names(allColumns([manifest]))).toEqual(['person_id', 'sex', 'age', 'age_band', 'pay', 'street', 'street_sex', 'city']);
  expect(names(['town.people.age'])).toEqual(['age', 'age_band']);
  expect(names(['town.people.name'])).toEqual([]);
  expect(names([])).toEqual([]);
  const table = buildCatalog([pin(manifest, policy)], allColumns([manifest])).tables[0];
  expect(table?.columns.find(({ name }) => name === 'age_band')?.domain).toEqual(['[..,18)', '[18,65)', '[65,..)']);
  expect(table?.columns.find(({ name }) => name === 'city')?.domain).toEqual(['x', 'y']);
  expect(table?.columns.find(({ name }) => name === 'street')?.grid).toEqual({ kind: 'levels', levels: ['sex', 'city'] });
});

test('without a grid every level of a hierarchy can be named', () => {
  const manifest = people('town', { street: { type: 'varchar', role: 'quasi', hierarchy: 'h.csv', levels: ['quarter'] } });
  expect(buildCatalog([pin(manifest)], allColumns([manifest])).tables[0]?.columns.map(({ name }) => name)).toEqual(['person_id', 'sex', 'age', 'pay', 'street', 'quarter']);
});
