/**
 * Ways to write a condition on a private column, or two groups into one total, that do not look like one. Under a policy with
 * a grid each is refused, or answered as if the small group were asked for by itself.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Policy } from '#contract/policy.ts';
import { CITY, cityData } from '../../../support/sql/city.ts';
import { openTables, pin, type TestData } from '../../../support/sql/tables.ts';
import { throughGate } from '../../../support/sql/through-gate.ts';

const STRICT = Policy.parse({
  policy: 'city-statistics', version: 1, dataset: 'city',
  statistics: {
    mechanism: { kind: 'suppress' }, units: { person: { min: 10 } },
    dimensions: { 'residents.district': { categories: 'all' }, 'residents.birth_year': { bands: [1950, 1970, 1990] }, 'residents.employed': { categories: 'all' }, 'visits.kind': { categories: 'all' } },
    measures: { 'residents.income': ['sum', 'avg', 'count'], 'visits.cost': ['sum', 'avg'] },
    joins: [['residents.person_id', 'visits.person_id']],
  },
});

let data: TestData;
beforeAll(async () => { data = await openTables(CITY, cityData(60)); });
afterAll(() => data.close());

const ask = (sql: string) => throughGate(data.connection, [pin(CITY, STRICT)], sql);

describe('refused', () => {
  test.each([
    // A value that is missing where a condition fails.
    ['grid/filter', 'SELECT count(1 // (income - 7919)) FROM residents'],
    ['grid/filter', 'SELECT count(1 % (income - 7919)) FROM residents'],
    ['grid/filter', 'SELECT count(CAST(income - 8000 AS TINYINT)) FROM residents'],
    ['grid/filter', 'SELECT count(sqrt(income - 8000)) FROM residents'],
    ['grid/filter', 'SELECT count(x) FROM (SELECT CAST(income - 8000 AS TINYINT) AS x FROM residents)'],
    ['gate/not-linear', 'SELECT sum(CAST(income AS TINYINT)) FROM residents'],
    ['gate/not-linear', "SELECT avg(CASE WHEN district = 'east' THEN CAST(income - 8000 AS SMALLINT) ELSE 0 END) FROM residents"],
    // A cast that loses what lies beyond an edge.
    ['grid/filter', 'SELECT count(*) FROM residents WHERE CAST(birth_year AS UTINYINT) IS NULL'],
    ['grid/filter', 'SELECT count(*) FROM residents WHERE CAST(birth_year AS DECIMAL(3,0)) < 1950'],
    // A subquery's value compared with a constant, or missing where it has several rows.
    ['grid/join', 'SELECT count(*) FROM residents r WHERE 100 < ANY (SELECT cost FROM visits v WHERE v.person_id = r.person_id)'],
    ['join/repeats', 'SELECT count((SELECT kind FROM visits v WHERE v.person_id = r.person_id)) FROM residents r'],
    // Equality of computed columns.
    ['grid/join', 'SELECT count(*) FROM (SELECT income + 0 AS x, 7919 AS y FROM residents) WHERE x = y'],
    // Inside what is first added up for each unit.
    ['grid/filter', 'SELECT count(m) FROM (SELECT person_id, sum(CASE WHEN income = 7919 THEN 1 END) AS m FROM residents GROUP BY person_id)'],
    ['grid/filter', 'SELECT count(m) FROM (SELECT person_id, max(sqrt(income - 8000)) AS m FROM residents GROUP BY person_id)'],
    ['gate/not-linear', 'SELECT sum(m) FROM (SELECT person_id, sum(CASE WHEN income = 7919 THEN 1 ELSE 1000 END) AS m FROM residents GROUP BY person_id)'],
    ['gate/not-linear', 'SELECT sum(m) FROM (SELECT person_id, count_if(employed) AS m FROM residents GROUP BY person_id)'],
    ['gate/not-linear', 'SELECT sum(m) FROM (SELECT person_id, count(income) AS m FROM residents GROUP BY person_id)'],
    ['grid/filter', 'SELECT count(*) FROM (SELECT person_id FROM visits GROUP BY person_id HAVING count(*) > 2)'],
    // Two groups in one total.
    ['gate/repeats', "SELECT count(*) FROM (SELECT person_id FROM visits WHERE kind = 'clinic' UNION ALL SELECT person_id FROM residents)"],
    ['gate/repeats', "SELECT count(*) FROM (SELECT person_id, 1 FROM visits WHERE kind = 'clinic' UNION SELECT person_id, 2 FROM residents)"],
    ['join/repeats', "SELECT count(*) FROM residents a FULL JOIN residents b ON a.person_id = b.person_id AND NOT (a.district = 'north' AND a.birth_year < 1950)"],
  ])('%s: %s', async (code, sql) => {
    const answer = await ask(sql);
    expect(answer.ok ? answer.value.rows : answer.error.map((problem) => problem.code)).toContain(code);
  });
});

describe('answered', () => {
  test.each([
    ['SELECT count(income * 2 + 1) FROM residents', [['52']]],
    ['SELECT count(CAST(income AS INTEGER)) FROM residents', [['52']]],
    ['SELECT sum(n) FROM (SELECT person_id, count(*) AS n FROM visits GROUP BY person_id)', [['90']]],
    ["SELECT count(*) FROM (SELECT person_id FROM visits WHERE kind = 'clinic' UNION SELECT person_id FROM residents WHERE district = 'east')", [['42']]],
    ["SELECT count(*) FROM (SELECT person_id FROM residents WHERE district = 'north') a FULL JOIN (SELECT person_id FROM residents WHERE district = 'east') b USING (person_id)", [['34']]],
  ])('%s', async (sql, rows) => {
    const answer = await ask(sql);
    expect(answer.ok ? answer.value.rows : answer.error).toEqual(rows);
  });
});

describe('rows of public tables and of outer joins are no further people', () => {
  test('an equality within a public table pairs every row with every row', async () => {
    const answer = await ask('SELECT r.district, count(*) FROM residents r JOIN districts d ON d.code = d.code GROUP BY 1');
    // Three residents have no district: not even four times three is ten people.
    expect(answer.ok ? answer.value.rows.map(([district]) => district) : answer.error).not.toContain(null);
  });

  test('an unpaired FULL JOIN has a row of each side for the same person', async () => {
    const answer = await ask("SELECT count(*) FROM (SELECT person_id FROM residents WHERE district = 'north' AND birth_year < 1950) a FULL JOIN (SELECT person_id FROM residents WHERE district = 'north' AND birth_year < 1950) b ON a.person_id = b.person_id");
    expect(answer.ok ? answer.value.rows : answer.error).toEqual([[null]]);
  });
});

test('a subquery with several rows for a person is no error: errors would tell that there is one', async () => {
  const answer = await throughGate(data.connection, [pin(CITY)], 'SELECT count((SELECT cost FROM visits v WHERE v.person_id = r.person_id)) FROM residents r');
  expect(answer.ok ? answer.value.rows : answer.error).toEqual([['15']]);
});
