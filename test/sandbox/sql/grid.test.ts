/** What a policy's grid lets through: filters and keys that are unions of its cells, in every spelling that is proved, and nothing finer. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Manifest } from '#contract/manifest.ts';
import { Policy } from '#contract/policy.ts';
import { openTables, pin, type TestData } from '../../support/sql/tables.ts';
import { compileOn } from '../../support/sql/through-gate.ts';

const TOWN = Manifest.parse({
  id: 'town',
  tables: {
    people: {
      file: 'p.csv', units: { person: 'id' }, maxRowsPerUnit: { person: 1 },
      columns: {
        id: { type: 'varchar', role: 'unit' },
        age: { type: 'smallint', role: 'quasi', min: '0', max: '120' },
        weight: { type: 'double', role: 'quasi' },
        height: { type: 'decimal(5,2)', role: 'quasi' },
        joined: { type: 'date', role: 'quasi' },
        seen: { type: 'timestamp', role: 'quasi' },
        street: { type: 'varchar', role: 'quasi', hierarchy: 'h.csv', levels: ['quarter', 'town'], references: 'streets.street' },
        job: { type: 'varchar', role: 'quasi' },
        sex: { type: 'varchar', role: 'quasi' },
        income: { type: 'bigint', role: 'sensitive' },
      },
    },
    streets: { file: 's.csv', columns: { street: { type: 'varchar', role: 'plain' }, lit: { type: 'boolean', role: 'plain' } } },
  },
});

const GRID = Policy.parse({
  policy: 'town', version: 1, dataset: 'town',
  statistics: {
    mechanism: { kind: 'suppress' }, units: { person: { min: 10 } },
    dimensions: {
      'people.age': { bands: [18, 65] },
      'people.weight': { bands: ['50', '80.5'] },
      'people.height': { bands: ['150.00', '180'] },
      'people.joined': { levels: ['year', 'quarter'] },
      'people.seen': { levels: ['day'] },
      'people.street': { levels: ['quarter'] },
      'people.job': { categories: ['farmer', 'baker'] },
      'people.sex': { categories: 'all' },
    },
    measures: { 'people.income': ['sum', 'avg'] },
  },
});

/** Conditions on rows. Each is allowed as a filter, inside FILTER, inside CASE, and as a key. */
const ALLOWED = [
  'age < 18', 'age >= 65', '18 <= age', 'age > 17', 'age <= 64', 'age BETWEEN 18 AND 64', 'NOT (age < 18)', 'age < 18 OR age >= 65', 'age IS NULL', 'age IS NOT NULL',
  'age < 18.0', 'age < 17.5', "age_band = '[18,65)'", "age_band IN ('[..,18)', '[65,..)')", "age_band > 'x'", "lower(age_band) LIKE '%18%'",
  'weight < 50', 'weight >= 80.5', 'weight >= 80.50', 'weight < 50.0e0', 'NOT weight >= 50',
  'height < 150', 'height >= 180.00',
  "joined >= '2020-01-01'", "joined < DATE '2021-04-01'", "joined <= '2020-03-31'", "joined > '2019-12-31'", "joined BETWEEN '2020-01-01' AND '2020-12-31'", "joined BETWEEN DATE '2020-04-01' AND DATE '2020-06-30'",
  'year(joined) = 2020', "date_part('year', joined) IN (2019, 2020)", 'quarter(joined) = 2', "date_trunc('quarter', joined) = TIMESTAMP '2020-04-01'", 'extract(year FROM joined) % 2 = 0', 'year(joined) * 10 + quarter(joined) > 20203',
  "seen >= '2020-02-29'", "seen < TIMESTAMP '2020-03-01 00:00:00'", 'month(seen) = 2', 'dayofweek(seen) = 1', "date_trunc('day', seen) = TIMESTAMP '2020-02-29'", "date_trunc('week', seen) < TIMESTAMP '2020-01-01'", 'year(seen) = 2020',
  "quarter = 'north'", "quarter LIKE 'n%'", 'quarter IS NULL', "upper(quarter) IN ('A', 'B')",
  "job = 'farmer'", "job IN ('farmer', 'baker')", "job <> 'baker'", "NOT (job = 'farmer')", 'job IS NULL',
  "sex = 'f'", "sex > 'e'", "length(sex) = 1", "sex IN ('f', 'm', 'x')", "CASE WHEN sex = 'f' THEN age < 18 ELSE age >= 65 END", "sex = 'f' AND (age < 18 OR job = 'baker') AND quarter <> 'x'",
  "COALESCE(sex, 'x') = 'x'", "nullif(sex, 'f') IS NULL", 'true', '1 = 1',
];

const REFUSED = [
  'age = 18', 'age < 19', 'age > 18', 'age <= 18', 'age >= 17', 'age BETWEEN 18 AND 65', 'age IN (18, 19)', 'age <> 30', 'age % 2 = 0', 'age + 1 < 19', '-age > -18', 'age * 1 < 18', 'age < 18 OR age = 70', 'abs(age) < 18',
  'age IS NOT DISTINCT FROM 18', 'CAST(age AS VARCHAR) < \'18\'', 'age < income', 'age < (SELECT avg(age) FROM people)', 'CAST(age AS BOOLEAN)', 'NOT (age < 19)', 'age < 18.5', 'age >= 17.5 AND age < 18.5',
  'weight <= 50', 'weight > 80.5', 'weight < 50.1', 'weight = 50', 'CAST(weight AS INTEGER) < 50', 'round(weight) < 50',
  'height <= 150', 'height < 150.01',
  "joined >= '2020-02-01'", "joined <= '2020-01-01'", "joined = '2020-01-01'", 'month(joined) = 1', "date_trunc('month', joined) = TIMESTAMP '2020-01-01'", "joined + 1 < '2020-01-01'", "joined - INTERVAL 1 DAY < '2020-01-01'", 'week(joined) = 1', 'dayofweek(joined) = 1', "joined BETWEEN '2020-01-01' AND '2020-12-30'", "joined <= '2020-12-31 12:00:00'", "monthname(joined) = 'May'",
  "seen >= '2020-02-29 01:00:00'", "seen <= '2020-02-29'", 'hour(seen) = 1', "date_trunc('hour', seen) > TIMESTAMP '2020-01-01'", "seen = '2020-01-01'", 'epoch(seen) < 5',
  "street = 'A'", 'street IS NULL', "street LIKE 'A%'", "town = 'x'",
  "job = 'thief'", "job IN ('farmer', 'thief')", "job > 'a'", "job LIKE 'f%'", "length(job) = 6", "lower(job) = 'farmer'", 'job = sex',
  'income > 5', 'income IS NULL', 'income = income', "sex = 'f' AND income < 10", "CASE WHEN sex = 'f' THEN income > 5 ELSE true END", 'income % 2 = 0 OR true',
];

let data: TestData;
beforeAll(async () => {
  const bare = Manifest.parse({ ...TOWN, tables: { ...TOWN.tables, people: { ...TOWN.tables['people'], columns: Object.fromEntries(Object.entries(TOWN.tables['people']?.columns ?? {}).filter(([name]) => name !== 'street')) } } });
  data = await openTables(bare, {});
});
afterAll(() => data.close());

async function codes(sql: string): Promise<readonly string[]> {
  const compiled = await compileOn(data.connection, [pin(TOWN, GRID)], sql);
  return compiled.ok ? [] : compiled.error.map(({ code }) => code);
}

const PLACES: Readonly<Record<string, (condition: string) => string>> = {
  where: (condition) => `SELECT count(*) FROM people WHERE ${condition}`,
  filter: (condition) => `SELECT sum(income) FILTER (WHERE ${condition}) FROM people`,
  branch: (condition) => `SELECT sum(CASE WHEN ${condition} THEN income ELSE 0 END) FROM people`,
  key: (condition) => `SELECT (${condition}) AS k, count(*) FROM people GROUP BY k`,
  derived: (condition) => `WITH p AS (SELECT *, (${condition}) AS flag FROM people) SELECT count(*) FROM p WHERE flag`,
};

describe.each(Object.entries(PLACES))('%s', (_, place) => {
  test.each(ALLOWED)('allowed: %s', async (condition) => {
    expect(await codes(place(condition))).toEqual([]);
  });
  test.each(REFUSED)('refused: %s', async (condition) => {
    expect((await codes(place(condition))).some((code) => code.startsWith('grid/') || code === 'bind/unknown-column')).toBe(true);
  });
});

test('keys', async () => {
  for (const key of ['age_band', 'sex', 'quarter', 'year(joined)', "date_trunc('quarter', joined)", "date_trunc('day', seen)", "CASE WHEN age < 18 THEN 'child' WHEN age >= 65 THEN 'old' END", 'sex || quarter', "CASE WHEN job IN ('farmer', 'baker') THEN job END"]) {
    expect(await codes(`SELECT ${key} AS k, count(*) FROM people GROUP BY k`), key).toEqual([]);
  }
  for (const key of ['age', 'joined', 'seen', 'street', 'job', 'income', 'weight', 'age // 10', 'age_band || age', 'round(income, -6)', 'hash(sex)', 'CASE WHEN age < 19 THEN 1 END']) {
    expect((await codes(`SELECT ${key} AS k, count(*) FROM people GROUP BY k`)).length, key).toBeGreaterThan(0);
  }
});

test('a public table is as fine as the column that it is joined on', async () => {
  expect(await codes('SELECT lit, count(*) FROM people JOIN streets USING (street) GROUP BY lit')).toEqual(['grid/join']);
  expect(await codes('SELECT lit, count(*) FROM people JOIN streets ON streets.street = quarter GROUP BY lit')).toEqual([]);
});

test('a value made of several rows of a unit is no key and no condition', async () => {
  expect(await codes('SELECT n, count(*) FROM (SELECT id, count(*) AS n FROM people GROUP BY id) GROUP BY n')).toEqual(['grid/group']);
  expect(await codes('SELECT count(*) FROM (SELECT id, sum(income) AS n FROM people GROUP BY id HAVING sum(income) > 5)')).toEqual(['grid/filter']);
});
