/**
 * A constant that cannot be computed, behind a condition: the engine computes it where some row meets the condition, and fails. That the
 * job failed tells that there is such a person, however few there are. Each query is asked with and without the only person of 南街.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Manifest } from '#contract/manifest.ts';
import { Policy } from '#contract/policy.ts';
import { openTables, pin, type TestData } from '../../support/sql/tables.ts';
import { throughGate } from '../../support/sql/through-gate.ts';

const MANIFEST = Manifest.parse({
  id: 'town',
  tables: {
    people: {
      file: 'p.csv', units: { person: 'id' }, maxRowsPerUnit: { person: 1 },
      columns: { id: { type: 'varchar', role: 'unit' }, street: { type: 'varchar', role: 'quasi', domain: ['东街', '西街', '南街'], nullable: false }, year: { type: 'smallint', role: 'quasi', min: '1900', max: '2030' }, income: { type: 'integer', role: 'sensitive', min: '0', max: '100000' } },
    },
  },
});
const POLICY = Policy.parse({
  policy: 'town', version: 1, dataset: 'town',
  statistics: { mechanism: { kind: 'suppress' }, units: { person: { min: 10 } }, secondary: 'required', dimensions: { 'people.street': { categories: 'all' }, 'people.year': { levels: ['year'] } }, measures: { 'people.income': ['count', 'sum', 'avg'] } },
});

let worlds: readonly TestData[];
beforeAll(async () => {
  const people = Array.from({ length: 60 }, (_, i) => [`'P${i}'`, i % 2 === 0 ? "'东街'" : "'西街'", String(1950 + (i % 5)), String(1000 + i)]);
  worlds = [await openTables(MANIFEST, { people }), await openTables(MANIFEST, { people: [...people, ["'T'", "'南街'", '1930', '4321']] })];
});
afterAll(() => worlds.forEach((world) => world.close()));

/** A row of none or few, or a refusal, which depends on no data; not the numbers, of which one person may change one. */
async function outcome(data: TestData, sql: string): Promise<string> {
  try {
    const answer = await throughGate(data.connection, [pin(MANIFEST, POLICY)], sql);
    return answer.ok ? 'answered' : answer.error.map(({ code }) => code).join();
  } catch {
    return 'failed';
  }
}

const IMPOSSIBLE = [
  "'a'::INTEGER", '300::TINYINT', "'a'::DATE::VARCHAR::INTEGER", "'maybe'::BOOLEAN::INTEGER", 'year(make_date(2024, 13, 45))', "year(DATE '2024-01-01' + 2147483647)", "length(format('{', 'x'))", "length(printf('%d', 'x'))",
  "coalesce(NULL, 'a'::INTEGER)", "greatest('a'::INTEGER, 1)", '1 // 0', '9223372036854775807 + 1', 'sqrt(-1)::INTEGER', "'nan'::DOUBLE::INTEGER", 'pow(10, 1000)::BIGINT', '-(-9223372036854775808)',
];
test.each(IMPOSSIBLE)("WHERE street = '南街' AND %s = 1", async (impossible) => {
  const sql = `SELECT count(*) FROM people WHERE street = '南街' AND ${impossible} = 1`;
  expect(await outcome(worlds[1]!, sql)).toBe(await outcome(worlds[0]!, sql));
});

test.each([
  "SELECT CASE WHEN year < 1940 THEN 'a'::INTEGER ELSE 1 END AS k, count(*) FROM people GROUP BY 1",
  "SELECT sum(CASE WHEN year < 1940 THEN 'a'::INTEGER ELSE 1 END) FROM people",
  "SELECT sum(income) FILTER (WHERE year < 1940 AND 'a'::INTEGER = 1) FROM people",
  "SELECT count(*) FROM (SELECT id, street, 'a'::INTEGER AS z FROM people) WHERE street = '南街' AND z = 1",
  "SELECT count(*) FROM people WHERE EXISTS (SELECT 1 FROM people p WHERE p.id = people.id AND p.street = '南街' AND 'a'::INTEGER = 1)",
])('%s', async (sql) => expect(await outcome(worlds[1]!, sql)).toBe(await outcome(worlds[0]!, sql)));
