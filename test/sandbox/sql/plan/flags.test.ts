/** Above the gate, what was computed from a withheld value is withheld too, and nothing else is. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Policy } from '#contract/policy.ts';
import { CITY, cityData } from '../../../support/sql/city.ts';
import { openTables, pin, type TestData } from '../../../support/sql/tables.ts';
import { throughGate } from '../../../support/sql/through-gate.ts';

/** South is empty, so its cell is withheld; the three residents without a district are no row at all. */
const POLICY = Policy.parse({ policy: 'p', version: 1, dataset: 'city', statistics: { mechanism: { kind: 'suppress' }, units: { person: { min: 10 }, enterprise: { min: 2 } }, dimensions: 'any', measures: 'any', joins: 'any' } });

const Q = 'SELECT district, count(*) AS n, sum(birth_year) AS s FROM residents GROUP BY district';

/** `X` stands for a withheld value. */
const CASES: readonly (readonly [sql: string, rows: readonly (readonly unknown[])[]])[] = [
  ['SELECT district, count(*) FROM residents GROUP BY 1 ORDER BY 1', [['east', '22'], ['north', '12'], ['south', 'X'], ['west', '23']]],
  ["SELECT district, coalesce(count(*), 0), count(*) + 1, CASE WHEN count(*) > 20 THEN 'many' ELSE 'few' END, 'x' FROM residents GROUP BY 1 ORDER BY 1", [['east', '22', '23', 'many', 'x'], ['north', '12', '13', 'few', 'x'], ['south', 'X', 'X', 'X', 'x'], ['west', '23', '24', 'many', 'x']]],
  ['SELECT district FROM residents GROUP BY 1 HAVING count(*) > 0 ORDER BY 1', [['east'], ['north'], ['west']]],
  ['SELECT district FROM residents GROUP BY 1 HAVING count(*) IS NULL', [['south']]],
  ['SELECT district, count(*) FROM residents GROUP BY 1 ORDER BY 2 DESC NULLS LAST', [['west', '23'], ['east', '22'], ['north', '12'], ['south', 'X']]],
  ['SELECT district FROM residents GROUP BY 1 ORDER BY count(*) DESC LIMIT 2', [['west'], ['east']]],
  [`SELECT count(*), sum(n), max(n), count(n), min(district) FROM (${Q})`, [['4', 'X', 'X', 'X', 'east']]],
  [`SELECT sum(n) FILTER (WHERE district <> 'south'), sum(n) FILTER (WHERE n > 1), count(*) FILTER (WHERE s > 0) FROM (${Q})`, [['57', 'X', 'X']]],
  [`SELECT district IN ('south', 'east') AS a, sum(n) FROM (${Q}) GROUP BY 1 ORDER BY 1`, [[false, '35'], [true, 'X']]],
  [`SELECT district, sum(n) OVER (), rank() OVER (ORDER BY n), lag(n) OVER (ORDER BY district), sum(n) OVER (ORDER BY district) FROM (${Q}) ORDER BY 1`, [['east', 'X', '2', null, '22'], ['north', 'X', '1', '22', '34'], ['south', 'X', '4', '12', 'X'], ['west', 'X', '3', 'X', 'X']]],
  [`SELECT district, n * 100.0 / sum(n) OVER () FROM (${Q}) WHERE district = 'east'`, [['east', 100]]],
  [`SELECT DISTINCT n > 20 FROM (${Q}) ORDER BY 1`, [[false], [true], ['X']]],
  [`SELECT a.district, a.n, b.n FROM (${Q}) a JOIN (${Q}) b ON b.district = 'south' WHERE a.district = 'east'`, [['east', '22', 'X']]],
  [`SELECT a.district FROM (${Q}) a JOIN (${Q}) b ON a.n = b.n ORDER BY 1`, [['east'], ['north'], ['west']]],
  [`SELECT d.code, q.n, q.n IS NULL FROM districts d LEFT JOIN (${Q} HAVING count(*) > 20) q ON q.district = d.code ORDER BY 1`, [['east', '22', false], ['north', null, true], ['south', null, true], ['west', '23', false]]],
  [`SELECT n FROM (${Q}) WHERE district IN ('south', 'north') UNION ALL SELECT area FROM districts WHERE code = 'west' ORDER BY 1`, [['12'], ['40'], ['X']]],
  [`SELECT n FROM (${Q}) UNION SELECT 22 ORDER BY 1`, [['12'], ['22'], ['23'], ['X']]],
  [`SELECT district, n FROM (${Q}) EXCEPT SELECT 'east', 22 ORDER BY 1`, [['north', '12'], ['south', 'X'], ['west', '23']]],
  ["SELECT (SELECT count(*) FROM residents WHERE district = 'south') AS a, (SELECT count(*) FROM residents WHERE district = 'east') AS b", [['X', '22']]],
  ["SELECT count(*) FROM residents WHERE birth_year > (SELECT avg(birth_year) FROM residents WHERE district = 'south')", [['X']]],
  ["SELECT count(*), sum(income), avg(income) FROM residents WHERE district = 'south'", [['X', 'X', 'X']]],
  ["SELECT count(*) FROM residents WHERE false", [['X']]],
  ["SELECT employed, count(*) FILTER (WHERE district = 'north') FROM residents GROUP BY 1 ORDER BY 1", [[false, 'X'], [true, 'X']]],
  ["SELECT sum(CASE WHEN district = 'south' THEN 1 ELSE 0 END), sum(CASE WHEN district = 'east' THEN 1 ELSE 0 END) FROM residents", [['X', '22']]],
  ['SELECT d.code, (SELECT count(*) FROM residents r WHERE r.district = d.code) FROM districts d ORDER BY 1', [['east', '22'], ['north', '12'], ['south', 'X'], ['west', '23']]],
  ['SELECT d.code FROM districts d WHERE (SELECT count(*) FROM residents r WHERE r.district = d.code) < 20 ORDER BY 1', [['north']]],
  ['SELECT count(DISTINCT birth_year) FROM residents', [['0']]],
  ["SELECT district, count(*), grouping(district) FROM residents GROUP BY ROLLUP (district) ORDER BY 3, 1", [['east', '22', '0'], ['north', '12', '0'], ['south', 'X', '0'], ['west', '23', '0'], [null, '60', '1']]],
];

let data: TestData;
beforeAll(async () => {
  data = await openTables(CITY, cityData(60));
});
afterAll(() => data.close());

describe('withheld', () => {
  test.each(CASES)('%s', async (sql, rows) => {
    const result = await throughGate(data.connection, [pin(CITY, POLICY)], sql);
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    const withheld = new Set(result.value.withheld.map(([row, column]) => `${row},${column}`));
    for (const [row, column] of result.value.withheld) expect(result.value.rows[row]?.[column]).toBeNull();
    expect(result.value.rows.map((row, r) => row.map((value, c) => (withheld.has(`${r},${c}`) ? 'X' : value)))).toEqual(rows);
  });
});
