/** Which gates are about the same rows: numbers that follow from others about the same rows are no reason to refuse a job. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Manifest } from '#contract/manifest.ts';
import { compileOn } from '../../../support/sql/through-gate.ts';
import { openTables, pin, type TestData } from '../../../support/sql/tables.ts';

const TOWN = Manifest.parse({
  id: 'town',
  tables: {
    persons: {
      file: 'p.csv', units: { person: 'id' }, maxRowsPerUnit: { person: 1 },
      columns: { id: { type: 'varchar', role: 'unit' }, area: { type: 'varchar', role: 'quasi', domain: ['north', 'south'], references: 'areas.area', nullable: false }, age: { type: 'integer', role: 'quasi', min: '0', max: '120', nullable: false } },
    },
    visits: {
      file: 'v.csv', units: { person: 'id' },
      columns: { id: { type: 'varchar', role: 'unit', references: 'persons.id' }, kind: { type: 'varchar', role: 'quasi', domain: ['a', 'b'], nullable: false }, cost: { type: 'integer', role: 'sensitive', min: '0', max: '1000' } },
    },
    areas: { file: 'a.csv', columns: { area: { type: 'varchar', role: 'plain' }, region: { type: 'varchar', role: 'plain' } } },
  },
});

let data: TestData;
beforeAll(async () => {
  data = await openTables(TOWN, { persons: [["'p'", "'north'", '1']], visits: [["'p'", "'a'", '1']], areas: [["'north'", "'n'"]] });
});
afterAll(() => data.close());

async function rowsOf(sql: string): Promise<string | undefined> {
  const compiled = await compileOn(data.connection, [pin(TOWN)], sql);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));
  return compiled.value.gates[0]?.spec.relation;
}

const COUNT = 'count(*) AS n, sum(cost) AS s FROM';

describe('the same rows', () => {
  test.each([
    [`SELECT kind, ${COUNT} visits GROUP BY kind`, `SELECT p.area, ${COUNT} visits v JOIN persons p ON v.id = p.id GROUP BY ALL`],
    [`SELECT ${COUNT} visits`, `SELECT p.area, v.kind, ${COUNT} persons p RIGHT JOIN visits v USING (id) GROUP BY ALL`],
    [`SELECT ${COUNT} visits WHERE kind = 'a' AND cost > 3`, `SELECT p.age, ${COUNT} (SELECT id, cost FROM visits WHERE cost > 3 AND kind = 'a') v JOIN persons p ON p.id = v.id GROUP BY ALL`],
    [`SELECT p.age, ${COUNT} visits v JOIN persons p ON v.id = p.id WHERE p.age < 20 GROUP BY ALL`, `SELECT kind, ${COUNT} persons p JOIN visits v ON v.id = p.id WHERE p.age < 20 GROUP BY ALL`],
  ])('%s — %s', async (a, b) => expect(await rowsOf(b)).toBe(await rowsOf(a)));
});

describe('other rows', () => {
  test.each([
    [`SELECT ${COUNT} visits`, `SELECT ${COUNT} visits WHERE kind = 'a'`],
    [`SELECT ${COUNT} visits v JOIN persons p ON v.id = p.id WHERE p.age < 20`, `SELECT ${COUNT} visits v JOIN persons p ON v.id = p.id WHERE p.age < 21`],
    ['SELECT count(*) AS n FROM visits', 'SELECT count(*) AS n FROM persons'],
    ['SELECT count(*) AS n FROM persons', 'SELECT count(*) AS n FROM persons p JOIN visits v ON v.id = p.id'],
    ['SELECT count(*) AS n FROM persons', 'SELECT count(*) AS n FROM persons p WHERE EXISTS (SELECT 1 FROM visits v WHERE v.id = p.id)'],
    ['SELECT count(*) AS n FROM persons', 'SELECT count(*) AS n FROM persons p JOIN areas a ON p.area = a.region'],
  ])('%s — %s', async (a, b) => expect(await rowsOf(b)).not.toBe(await rowsOf(a)));
});
