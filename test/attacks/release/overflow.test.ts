/**
 * A key that no column of its type can hold: if the job failed where some row has one, the failure would tell of a single person. Each
 * query is asked with and without the only person of age 100.
 */
import { expect, test } from 'vitest';
import { Policy } from '#contract/policy.ts';
import { Manifest } from '#contract/manifest.ts';
import { openTables, pin } from '../../support/sql/tables.ts';
import { throughGate } from '../../support/sql/through-gate.ts';

const MANIFEST = Manifest.parse({
  id: 'town', tables: { people: { file: 'p.csv', units: { person: 'id' }, maxRowsPerUnit: { person: 1 }, columns: { id: { type: 'varchar', role: 'unit' }, age: { type: 'smallint', role: 'quasi', min: '0', max: '120' }, rent: { type: 'decimal(18,2)', role: 'quasi' } } } },
});
const POLICY = Policy.parse({
  policy: 'town', version: 1, dataset: 'town',
  statistics: { mechanism: { kind: 'suppress' }, units: { person: { min: 5 } }, dimensions: { 'people.age': { levels: ['age'] }, 'people.rent': { categories: ['10.00', '9999999999999999.00'] } }, measures: { 'people.rent': ['sum'] } },
});

const QUERIES = [
  'SELECT age * 330::SMALLINT AS k, count(*) FROM people GROUP BY 1',
  'SELECT age * 330::SMALLINT + age * 1::SMALLINT AS k, count(*) FROM people GROUP BY 1',
  'SELECT CASE WHEN age = 100 THEN age * 32767::SMALLINT ELSE 1::SMALLINT END AS k, count(*) FROM people GROUP BY 1',
  'SELECT coalesce(nullif(age, 7) * 32767::SMALLINT, 0::SMALLINT) AS k, count(*) FROM people WHERE age >= 100 OR age < 10 GROUP BY 1',
  'SELECT greatest(age * 330::SMALLINT, 0::SMALLINT) AS k, count(*) FROM people GROUP BY 1',
  'SELECT (age * 5)::TINYINT AS k, count(*) FROM people GROUP BY 1',
  'SELECT k + 1::SMALLINT, count(*) FROM (SELECT age * 327::SMALLINT AS k FROM people) GROUP BY 1',
  'SELECT DISTINCT age * 330::SMALLINT FROM people',
  'SELECT count(DISTINCT age * 330::SMALLINT), max(age * 330::SMALLINT) FROM people',
  'SELECT age * 330::SMALLINT AS k, count(*) FROM people GROUP BY ROLLUP (1)',
];

const ask = async (sql: string, target: boolean): Promise<string> => {
  const people = [...Array.from({ length: 400 }, (_, i) => [`'P${i}'`, String(i % 99), '10.00']), ...(target ? [["'T'", '100', '9999999999999999.00']] : [])];
  const data = await openTables(MANIFEST, { people });
  try {
    const answer = await throughGate(data.connection, [pin(MANIFEST, POLICY)], sql);
    // How many there are of a large group may differ by one; which groups there are may not.
    return answer.ok ? JSON.stringify(answer.value.rows.map((row) => row.map((value, c) => (c > 0 && Number(value) > 50 ? 'many' : value)))) : answer.error.map(({ code }) => code).join();
  } catch {
    return 'failed';
  } finally {
    data.close();
  }
};

test.each(QUERIES)('%s', async (sql) => {
  const seen = await ask(sql, true);
  expect(seen).toMatch(/^\[/);
  expect(seen).toBe(await ask(sql, false));
});
