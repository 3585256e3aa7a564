/** Every code of the gate is raised by some query, at the place where the operator wrote it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PinnedDataset } from '#contract/job.ts';
import { Policy } from '#contract/policy.ts';
import type { Refusal } from '#contract/refusal.ts';
import { REFUSAL_CODES, type RefusalCode } from '#sandbox/sql/codes.ts';
import { compile } from '#sandbox/sql/compile.ts';
import { CAPS } from '#sandbox/sql/limits.ts';
import { CITY, cityData } from '../../support/sql/city.ts';
import { allColumns, openTables, pin, type TestData } from '../../support/sql/tables.ts';
import { emptyEngine } from '../../support/sql/through-gate.ts';

const STRICT = Policy.parse({
  policy: 'city-statistics', version: 7, dataset: 'city',
  statistics: {
    mechanism: { kind: 'suppress' }, units: { person: { min: 10 } },
    dimensions: {
      'residents.district': { categories: 'all' },
      'residents.birth_year': { bands: [1950, 1970, 1990] },
      'residents.moved': { levels: ['year', 'quarter', 'month'] },
      'residents.employed': { categories: 'all' },
      'visits.kind': { categories: ['clinic', 'pool'] },
      'visits.at': { levels: ['month'] },
    },
    measures: { 'residents.income': ['sum', 'avg', 'quantile'], 'visits.cost': ['sum', 'quantile'] },
    joins: [['residents.person_id', 'visits.person_id']],
  },
});
/** Of any dimension, but with a minimum. */
const FREE = Policy.parse({ policy: 'city-free', version: 1, dataset: 'city', statistics: { mechanism: { kind: 'suppress' }, units: { person: { min: 10 } }, dimensions: 'any', measures: 'any', joins: 'any' } });
/** Numbers are rounded. */
const ROUNDED = Policy.parse({ policy: 'city-rounded', version: 2, dataset: 'city', statistics: { mechanism: { kind: 'round', base: 5, method: 'nearest' }, units: { person: { min: 10 } }, dimensions: 'any', measures: 'any', joins: 'any' } });

interface Case {
  readonly code: RefusalCode;
  readonly sql: string;
  /** The text that the position points at; null where the whole query is meant. */
  readonly at?: string | null;
  readonly policy?: Policy;
  readonly caps?: Partial<typeof CAPS>;
  readonly clause?: string;
  readonly suggests?: RegExp;
}

const CASES: readonly Case[] = [
  { code: 'text/too-long', sql: `SELECT 1 ${' '.repeat(33_000)}` },
  { code: 'text/not-unicode', sql: 'SELECT \u{d800}', at: '\u{d800}' },
  { code: 'text/control-character', sql: 'SELECT 1\u0000', at: '\u0000' },
  { code: 'text/control-character', sql: 'SELECT\u000b1', at: '\u000b' },
  { code: 'parse/syntax', sql: 'SELECT 数, FROM WHERE', at: 'WHERE' },
  { code: 'parse/unreadable', sql: 'SELECT 1e400' },
  { code: 'parse/not-a-query', sql: 'DROP TABLE residents' },
  { code: 'parse/not-a-query', sql: 'COPY residents TO \'x\'' },
  { code: 'parse/not-a-query', sql: 'SET threads = 1' },
  { code: 'parse/nothing', sql: ' -- nothing\n ;' },
  { code: 'parse/several', sql: 'SELECT 1; SELECT 2' },
  { code: 'cap/comments', sql: `SELECT 1 ${'/**/'.repeat(8000)}` },
  { code: 'cap/comments', sql: '/*'.repeat(16_000) },
  { code: 'cap/signs', sql: `SELECT 1 ${'+'.repeat(30_000)}1` },
  { code: 'cap/signs', sql: `SELECT 1 ${'-+'.repeat(15_000)}1` },
  { code: 'cap/nodes', sql: 'SELECT 1, 2, 3', caps: { nodes: 5 } },
  { code: 'cap/depth', sql: `SELECT ${'-(1+'.repeat(70)}1${')'.repeat(70)}` },
  { code: 'cap/nesting', sql: `SELECT * FROM ${'(SELECT * FROM '.repeat(25)} districts ${') AS a'.repeat(25)}` },
  { code: 'cap/joins', sql: `SELECT count(*) FROM ${Array.from({ length: 97 }, (_, i) => `districts d${i}`).join(', ')}` },
  { code: 'cap/joined', sql: `SELECT count(*) FROM ${Array.from({ length: 33 }, (_, i) => `districts d${i}`).join(', ')}` },
  { code: 'cap/joined', sql: `SELECT count(*) FROM districts d WHERE ${Array.from({ length: 40 }, (_, i) => `EXISTS (SELECT 1 FROM districts e WHERE e.code = d.code AND e.area > ${i})`).join(' AND ')}` },
  { code: 'cap/joined', sql: `WITH a AS (SELECT * FROM districts), b AS (SELECT x.code FROM a x, a y), c AS (SELECT x.code FROM b x, b y), d AS (SELECT x.code FROM c x, c y), e AS (SELECT x.code FROM d x, d y), f AS (SELECT x.code FROM e x, e y), g AS (SELECT x.code FROM f x, f y) SELECT count(*) FROM g` },
  { code: 'cap/joins', sql: `WITH c0 AS (SELECT 1 AS x)${Array.from({ length: 30 }, (_, i) => `, c${i + 1} AS (SELECT a.x FROM c${i} a, c${i} b)`).join('')} SELECT count(*) FROM c30` },
  { code: 'bind/subquery-here', sql: 'VALUES ((SELECT count(*) FROM districts))' },
  { code: 'bind/subquery-here', sql: 'SELECT count(*) FROM districts a JOIN districts b ON a.code = (SELECT max(code) FROM districts)' },
  { code: 'cap/ctes', sql: `WITH ${Array.from({ length: 40 }, (_, i) => `a${i} AS (SELECT 1)`).join(', ')} SELECT 1` },
  { code: 'cap/set-operations', sql: Array.from({ length: 40 }, () => 'SELECT 1').join(' UNION ALL ') },
  { code: 'cap/subqueries', sql: `SELECT ${Array.from({ length: 70 }, () => '(SELECT 1)').join(', ')}` },
  { code: 'cap/comments', sql: 'SELECT /* a */ 1 /* b */', caps: { comments: 1 } },
  { code: 'cap/signs', sql: 'SELECT +++1', caps: { signs: 3 } },
  { code: 'cap/columns', sql: 'SELECT 1, 2, 3', caps: { columns: 2 } },
  { code: 'cap/grouping-sets', sql: 'SELECT count(*) FROM districts GROUP BY CUBE(code, region)', caps: { groupingSets: 3 } },
  { code: 'cap/values', sql: 'VALUES (1, 2), (3, 4)', caps: { values: 3 } },
  { code: 'cap/gates', sql: Array.from({ length: 9 }, (_, i) => `SELECT count(*) FROM residents WHERE birth_year > ${1950 + i}`).join(' UNION ALL ') },

  { code: 'sql/unsupported', sql: 'SELECT TRY(1)', at: null },
  { code: 'sql/unsupported', sql: 'SELECT district[1] FROM residents' },
  { code: 'sql/unsupported', sql: 'SELECT district COLLATE nocase, count(*) FROM residents GROUP BY 1' },
  { code: 'sql/operator', sql: 'SELECT 1 & 2', at: '&' },
  { code: 'sql/operator', sql: 'SELECT 2 ** 3' },
  { code: 'sql/type', sql: "SELECT CAST('a' AS BLOB)", at: "CAST('a' AS BLOB)" },
  { code: 'sql/type', sql: 'SELECT CAST(1 AS INTEGER[])' },
  { code: 'sql/parameter', sql: 'SELECT ?' },
  { code: 'sql/parameter', sql: 'SELECT $1 + 1' },
  { code: 'sql/positional-reference', sql: 'SELECT #1 FROM districts', at: '#1' },
  { code: 'sql/star', sql: "SELECT COLUMNS('a.*') FROM districts" },
  { code: 'sql/lambda', sql: 'SELECT sum(x -> x) FROM districts' },
  { code: 'sql/table-function', sql: "SELECT * FROM read_csv('x.csv')", at: "read_csv('x.csv')" },
  { code: 'sql/table-function', sql: 'SELECT * FROM enable_peg_parser()' },
  { code: 'sql/table-function', sql: "SELECT * FROM query('SELECT 1')" },
  { code: 'sql/show', sql: 'SELECT * FROM (DESCRIBE residents)' },
  { code: 'sql/show', sql: 'SUMMARIZE residents' },
  { code: 'sql/pivot', sql: 'FROM districts PIVOT (sum(area) FOR region IN (\'coast\'))' },
  { code: 'sql/sample', sql: 'SELECT count(*) FROM residents USING SAMPLE 10 ROWS' },
  { code: 'sql/sample', sql: 'SELECT count(*) FROM residents TABLESAMPLE 10%' },
  { code: 'sql/at', sql: 'SELECT count(*) FROM residents AT (VERSION => 1)', at: 'residents AT (VERSION => 1)' },
  { code: 'sql/join', sql: 'SELECT * FROM districts POSITIONAL JOIN districts d' },
  { code: 'sql/join', sql: 'SELECT * FROM districts ASOF JOIN districts d ON d.area >= districts.area' },
  { code: 'sql/recursive', sql: 'WITH RECURSIVE r AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM r) SELECT * FROM r' },
  { code: 'sql/limit', sql: 'SELECT * FROM districts LIMIT 10%' },
  { code: 'sql/set-operation', sql: 'SELECT 1 AS a UNION BY NAME SELECT 2 AS a' },
  { code: 'sql/identifier', sql: 'SELECT 1 AS "a""; --"' },
  { code: 'sql/identifier', sql: 'SELECT count(*) FROM districts AS "d d"' },

  { code: 'bind/unknown-table', sql: 'SELECT * FROM districs', at: 'districs', suggests: /districts/ },
  { code: 'bind/unknown-table', sql: "SELECT * FROM '/etc/passwd'" },
  { code: 'bind/unknown-table', sql: 'SELECT * FROM duckdb_settings' },
  { code: 'bind/duplicate-alias', sql: 'SELECT 1 FROM districts, districts' },
  { code: 'bind/unknown-column', sql: 'SELECT 1 AS 人, incom FROM residents', at: 'incom', suggests: /income/ },
  { code: 'bind/unknown-column', sql: 'SELECT rowid FROM districts' },
  { code: 'bind/unknown-column', sql: 'SELECT __unit_person FROM residents' },
  { code: 'bind/unknown-column', sql: 'SELECT name FROM residents' },
  { code: 'bind/ambiguous-column', sql: 'SELECT code FROM districts a, districts b', at: 'code' },
  { code: 'bind/whole-row', sql: 'SELECT districts FROM districts', at: 'districts FROM' },
  { code: 'bind/star-without-from', sql: 'SELECT *' },
  { code: 'bind/column-aliases', sql: 'SELECT * FROM districts d(a, b, c, d)' },
  { code: 'bind/natural', sql: 'SELECT 1 FROM (SELECT 1 AS a) x NATURAL JOIN (SELECT 1 AS b) y' },
  { code: 'bind/unknown-function', sql: 'SELECT stats(income) FROM residents', at: 'stats' },
  { code: 'bind/unknown-function', sql: "SELECT regexp_matches('a', 'b')" },
  { code: 'bind/unknown-function', sql: 'SELECT current_query()' },
  { code: 'bind/unknown-function', sql: 'SELECT random()' },
  { code: 'bind/unknown-function', sql: 'SELECT now()' },
  { code: 'bind/arguments', sql: 'SELECT lower(5)', at: 'lower' },
  { code: 'bind/arguments', sql: "SELECT date_trunc(region, DATE '2020-01-01') FROM districts" },
  { code: 'bind/not-an-aggregate', sql: "SELECT lower(DISTINCT 'a')" },
  { code: 'bind/aggregate-here', sql: 'SELECT 1 FROM districts WHERE count(*) > 1', at: 'count(*)' },
  { code: 'bind/window-here', sql: 'SELECT 1 FROM districts WHERE row_number() OVER () = 1' },
  { code: 'bind/over-missing', sql: 'SELECT row_number() FROM districts' },
  { code: 'bind/types', sql: 'SELECT CASE WHEN area > 1 THEN area ELSE region END FROM districts' },
  { code: 'bind/not-grouped', sql: 'SELECT region, code, count(*) FROM districts GROUP BY region', at: 'code' },
  { code: 'bind/grouping', sql: 'SELECT GROUPING(area), count(*) FROM districts GROUP BY region' },
  { code: 'bind/position', sql: 'SELECT area FROM districts ORDER BY 2', at: '2' },
  { code: 'bind/limit', sql: 'SELECT area FROM districts LIMIT (SELECT 1)' },
  { code: 'bind/order-distinct', sql: 'SELECT DISTINCT region FROM districts ORDER BY area' },
  { code: 'bind/set-operation-width', sql: 'SELECT 1 UNION SELECT 1, 2' },
  { code: 'bind/subquery-columns', sql: 'SELECT (SELECT 1, 2)' },
  { code: 'bind/correlated', sql: 'SELECT (SELECT count(*) FROM districts b WHERE b.area > a.area) FROM districts a' },

  { code: 'unit/opaque', sql: "SELECT count(*) FROM residents WHERE person_id = 'P1'", at: "person_id = 'P1'" },
  { code: 'unit/opaque', sql: 'SELECT max(person_id) FROM residents', at: 'person_id' },
  { code: 'unit/opaque', sql: 'SELECT count(*) FROM residents WHERE person_id > 5' },
  { code: 'unit/opaque', sql: 'SELECT count(*) FROM residents WHERE person_id IN (1, 2)' },
  { code: 'unit/opaque', sql: 'SELECT count(*) FROM residents WHERE person_id % 2 = 0' },
  { code: 'unit/opaque', sql: 'SELECT person_id + 1, count(*) FROM residents GROUP BY 1' },
  { code: 'unit/opaque', sql: 'SELECT count(*) FROM residents WHERE COALESCE(person_id, 1) = 1' },
  { code: 'unit/opaque', sql: 'SELECT sum(x) FROM (SELECT CASE WHEN employed THEN person_id END AS x FROM residents)' },
  { code: 'unit/opaque', sql: 'SELECT v.person_id, count(*) FROM residents r LEFT JOIN visits v ON r.person_id = v.person_id GROUP BY 1' },
  { code: 'unit/opaque', sql: 'SELECT (SELECT person_id FROM residents)' },
  { code: 'unit/opaque', sql: 'SELECT count(*) FROM (SELECT person_id FROM residents UNION ALL SELECT 5)' },
  { code: 'unit/opaque', sql: 'SELECT count(*) FROM residents JOIN districts ON person_id = area' },
  { code: 'unit/no-rule', sql: 'SELECT count(*) FROM enterprises', policy: STRICT, clause: 'city-statistics@7 statistics.units.enterprise' },
  { code: 'gate/unit-rows', sql: 'SELECT district FROM residents' },
  { code: 'gate/unit-rows', sql: 'SELECT district FROM residents ORDER BY income LIMIT 1' },
  { code: 'gate/unit-rows', sql: 'SELECT person_id, count(*) FROM visits GROUP BY person_id' },
  { code: 'gate/unit-rows', sql: 'SELECT visit_id, sum(price) FROM items GROUP BY visit_id' },
  { code: 'gate/unit-rows', sql: 'SELECT income, row_number() OVER (ORDER BY income) FROM residents' },
  { code: 'gate/unit-rows', sql: 'SELECT * FROM residents WHERE income > (SELECT avg(income) FROM residents)' },
  { code: 'gate/some-units', sql: 'SELECT code, count(*) FROM jobs GROUP BY code' },
  { code: 'gate/below', sql: 'SELECT avg(x) FROM (SELECT income AS x FROM residents ORDER BY income LIMIT 1)' },
  { code: 'gate/below', sql: 'SELECT avg(x) FROM (SELECT lag(income) OVER (ORDER BY income) AS x FROM residents)' },
  { code: 'gate/union', sql: 'SELECT sum(x) FROM (SELECT income AS x FROM residents UNION ALL SELECT capital FROM enterprises)' },
  { code: 'gate/union', sql: 'SELECT sum(x) FROM (SELECT income AS x FROM residents UNION ALL SELECT area FROM districts)' },
  { code: 'gate/repeats', sql: "SELECT count(*) FROM (SELECT district FROM residents UNION ALL SELECT district FROM residents WHERE district = 'west') u", policy: STRICT },
  { code: 'gate/not-linear', sql: "SELECT sum(v.w) FROM residents r JOIN (VALUES ('east', 1), ('west', 1000)) v(d, w) ON r.district = v.d", policy: STRICT },
  { code: 'gate/not-linear', sql: "SELECT sum((SELECT w FROM (VALUES ('east', 1), ('west', 1000)) v(d, w) WHERE v.d = r.district)) FROM residents r", policy: STRICT },
  { code: 'gate/no-statistic', sql: 'SELECT sum(d.area) FROM residents r JOIN districts d ON r.district = d.code', policy: STRICT },
  { code: 'gate/statistic', sql: 'SELECT string_agg(district, \',\') FROM residents', at: 'string_agg' },
  { code: 'gate/statistic', sql: 'SELECT any_value(income) FROM residents' },
  { code: 'gate/statistic', sql: 'SELECT arg_max(income, score) FROM residents' },
  { code: 'gate/no-statistic', sql: 'SELECT sum(savings) FROM residents', policy: STRICT, clause: 'city-statistics@7 statistics.measures.residents.savings' },
  { code: 'gate/no-statistic', sql: 'SELECT stddev(income) FROM residents', policy: STRICT, suggests: /sum, avg/ },
  { code: 'gate/no-statistic', sql: 'SELECT median(savings) FROM residents', policy: STRICT, at: 'savings' },
  { code: 'gate/quantile-level', sql: 'SELECT quantile_cont(income, 0.501) FROM residents', policy: STRICT, at: 'quantile_cont', suggests: /0\.1, 0\.25, 0\.5, 0\.75, 0\.9/ },
  { code: 'gate/quantile-level', sql: 'SELECT max(income) FROM residents', policy: STRICT, at: 'max' },
  { code: 'gate/several-values', sql: 'SELECT median(cost) FROM visits', policy: STRICT, at: 'cost' },
  { code: 'gate/no-statistic', sql: 'SELECT count(score) FROM residents', policy: STRICT },
  { code: 'join/mixed', sql: 'SELECT count(*) FROM residents r LEFT JOIN visits v ON r.person_id = v.person_id', policy: STRICT, at: 'count(*)' },
  { code: 'join/mixed', sql: 'SELECT sum(r.income) FROM visits v RIGHT JOIN residents r ON r.person_id = v.person_id', policy: STRICT, at: 'r.income' },
  { code: 'join/mixed', sql: 'SELECT sum(n) FROM (SELECT r.person_id, count(*) AS n FROM residents r LEFT JOIN visits v ON r.person_id = v.person_id GROUP BY 1)', policy: STRICT, at: 'count(*)' },
  { code: 'gate/unbounded', sql: 'SELECT stddev(pow(score, 3)) FROM residents', at: 'pow' },
  { code: 'gate/not-linear', sql: 'SELECT sum(income * income) FROM residents', policy: STRICT, at: '* income' },
  { code: 'gate/branch', sql: `SELECT sum(${Array.from({ length: 7 }, () => 'CASE WHEN employed THEN income ELSE 1 END').join(' + ')}) FROM residents` },
  { code: 'gate/window-noise', sql: 'SELECT median(income) FROM residents', policy: ROUNDED, at: 'income', clause: 'city-rounded@2 statistics.mechanism' },
  { code: 'gate/class-link', sql: "SELECT count(*) FROM residents r JOIN (VALUES (10::BIGINT, 'a')) v(i, d) ON r.income = v.i AND r.district = v.d", policy: FREE, at: '= v.d' },
  { code: 'gate/constant', sql: "SELECT count(*) FROM residents WHERE birth_year > 1900 AND 'a'::INTEGER = 1", at: '::INTEGER = 1' },
  { code: 'gate/constant', sql: "SELECT sum(CASE WHEN birth_year > 1900 THEN year(make_date(2024, 13, 1)) END) FROM residents", at: 'make_date(2024' },
  { code: 'gate/partial', sql: "SELECT replace(district, 'a', 'bb'), count(*) FROM residents GROUP BY 1" },
  { code: 'gate/partial', sql: 'SELECT count(*) FROM residents WHERE substring(district, birth_year) = \'a\'' },
  { code: 'join/not-on-unit', sql: 'SELECT count(*) FROM residents r, visits v', policy: STRICT },
  { code: 'join/not-on-unit', sql: 'SELECT count(*) FROM residents a JOIN residents b ON a.district = b.district' },
  { code: 'join/not-on-unit', sql: 'SELECT count(*) FROM districts d WHERE EXISTS (SELECT 1 FROM residents r WHERE r.district = d.code)' },
  { code: 'join/not-on-unit', sql: 'SELECT count(*) FROM residents r WHERE EXISTS (SELECT 1 FROM visits v WHERE v.cost > r.income)' },
  { code: 'join/not-listed', sql: 'SELECT count(*) FROM visits WHERE visit_id IN (SELECT visit_id FROM items)', policy: STRICT },
  { code: 'join/repeats', sql: "SELECT count(*) FROM residents r JOIN (VALUES ('east'), ('west'), ('west')) v(d) ON r.district = v.d", policy: STRICT },
  { code: 'join/repeats', sql: "SELECT count(*) FROM residents r, districts d WHERE d.region >= r.district", policy: STRICT },
  { code: 'join/repeats', sql: "SELECT count(*) FROM residents r LEFT JOIN districts d ON d.region = r.district", policy: STRICT },
  { code: 'join/not-listed', sql: 'SELECT count(*) FROM visits v JOIN items i ON v.visit_id = i.visit_id', policy: STRICT, clause: 'city-statistics@7 statistics.joins', suggests: /residents\.person_id = visits\.person_id/ },
  { code: 'grid/filter', sql: 'SELECT count(*) FROM residents WHERE birth_year = 1951', policy: STRICT, at: 'birth_year', clause: 'city-statistics@7 statistics.dimensions.residents.birth_year', suggests: /1950, 1970, 1990/ },
  { code: 'grid/group', sql: 'SELECT birth_year, count(*) FROM residents GROUP BY 1', policy: STRICT, suggests: /birth_year_band/ },
  { code: 'grid/join', sql: 'SELECT count(*) FROM residents WHERE income = income', policy: STRICT },
  { code: 'grid/join', sql: "SELECT count(*) FROM residents WHERE birth_year IN (SELECT * FROM (VALUES (1951)) v)", policy: STRICT },
  { code: 'grid/join', sql: 'SELECT count(*) FROM residents r JOIN districts d ON d.area = r.birth_year', policy: STRICT },
];

const CANNOT_BE_RAISED: Readonly<Partial<Record<RefusalCode, string>>> = {
  'bind/ambiguous-table': 'needs two datasets: catalog.test.ts',
  'print/mismatch': 'is there for what nobody has thought of; print.test.ts shows that it catches a difference',
};

let data: TestData;
beforeAll(async () => {
  data = await openTables(CITY, cityData(10));
});
afterAll(() => data.close());

async function refusalsOf(sql: string, datasets: readonly PinnedDataset[], caps: Partial<typeof CAPS> = {}): Promise<readonly Refusal[]> {
  const compiled = await compile({ text: sql, datasets, columns: allColumns([CITY]), limits: { gates: 8, resultCells: 1000 }, engine: emptyEngine(data.connection), caps: { ...CAPS, ...caps } });
  return compiled.ok ? [] : compiled.error.refusals;
}

describe('refused', () => {
  test.each(CASES)('$code: $sql', async ({ code, sql, at, policy, caps, clause, suggests }) => {
    const refusals = await refusalsOf(sql, [pin(CITY, policy)], caps);
    const refusal = refusals.find((each) => each.code === code);
    expect(refusal, JSON.stringify(refusals.map((each) => `${each.code} ${each.message.en}`))).toBeDefined();
    if (refusal === undefined) return;
    if (at === null) expect(refusal.position).toBeNull();
    else if (at !== undefined) expect([...sql].slice(refusal.position ?? -1).join('')).toMatch(new RegExp(`^${at.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`));
    if (clause !== undefined) expect(refusal.clause).toBe(clause);
    if (suggests !== undefined) expect(refusal.suggestion?.en).toMatch(suggests);
    expect(refusal.message.zh).not.toBe('');
  });
});

test('every code has a case', () => {
  const raised = new Set(CASES.map(({ code }) => code));
  expect(REFUSAL_CODES.filter((code) => !raised.has(code) && CANNOT_BE_RAISED[code] === undefined)).toEqual([]);
});

test('all problems of a query are reported together, in the order of the text', async () => {
  const refusals = await refusalsOf('SELECT nosuch, lower(5), stats(income), wrong FROM residents WHERE person_id = 3 GROUP BY 9', [pin(CITY)]);
  expect(refusals.map(({ code }) => code)).toEqual(['bind/unknown-column', 'bind/arguments', 'bind/unknown-function', 'bind/unknown-column', 'unit/opaque', 'bind/position']);
});

test('measures of a strict policy: sums of listed columns times constants, in any spelling', async () => {
  for (const measure of ['sum(income)', 'sum(income * 2)', 'sum(-income + 3)', 'avg(income / 12)', 'sum(income / 10000)', 'sum((income - 1) * 0.5)', "sum(CASE WHEN employed THEN income / 2 ELSE 0 END)", 'sum(income) FILTER (WHERE birth_year < 1950)', 'count(income)', 'count(*)', 'count(DISTINCT person_id)', 'count_if(employed)', 'bool_or(employed)']) {
    expect((await refusalsOf(`SELECT ${measure} FROM residents`, [pin(CITY, STRICT)])).map(({ code }) => code), measure).toEqual([]);
  }
  for (const measure of ['sum(income / 0)', 'sum(1 / income)', 'sum(income // 2)', 'sum(income % 7)', 'sum(abs(income))', 'sum(round(income, -3))', 'sum(income * birth_year)', 'sum(birth_year)', 'avg(income / (income - 7919))', 'sum(coalesce(income, 0))', 'count(1 // income)', 'max(income)', 'sum(DISTINCT income)', 'stddev(income)']) {
    expect((await refusalsOf(`SELECT ${measure} FROM residents`, [pin(CITY, STRICT)])).length, measure).toBeGreaterThan(0);
  }
});

test('what depends on a refused part is not refused again', async () => {
  const refusals = await refusalsOf('SELECT lower(nosuch + 1) || 2, CASE WHEN stats(1) > 2 THEN nosuch ELSE 1 END FROM districts', [pin(CITY)]);
  expect(refusals.map(({ code }) => code)).toEqual(['bind/unknown-column', 'bind/unknown-function', 'bind/unknown-column']);
});

test('of a table that does not exist only the table is refused, with the nearest name', async () => {
  const refusals = await refusalsOf('SELECT r.district, count(*), avg(income + 1) FROM resident r JOIN visits v ON r.person_id = v.person_id WHERE birth_year > 1950 AND v.nosuch = 1 GROUP BY 1', [pin(CITY)]);
  expect(refusals.map(({ code, message, suggestion }) => [code, message.en, suggestion?.en])).toEqual([
    ['bind/unknown-table', 'There is no table “resident”.', 'Did you mean residents?'],
    ['bind/unknown-column', 'There is no column “v.nosuch” here.', undefined],
  ]);
});

test('a column outside the grant and one that does not exist are refused in the same words', async () => {
  const columns = allColumns([CITY]).filter((column) => column !== 'city.residents.income');
  const messages = await Promise.all(['income', 'incomf'].map(async (name) => {
    const compiled = await compile({ text: `SELECT sum(${name}) FROM residents`, datasets: [pin(CITY)], columns, limits: { gates: 8, resultCells: 1000 }, engine: emptyEngine(data.connection) });
    return compiled.ok ? null : JSON.stringify(compiled.error.refusals).replaceAll(name, 'X');
  }));
  expect(messages[0]).not.toBeNull();
  expect(messages[0]).toBe(messages[1]);
});

test('nonsense of full size is refused', async () => {
  const nonsense = ['SELECT '.repeat(4600), `SELECT ${Array.from({ length: 5000 }, (_, i) => `a${i % 1000}`).join('+')}`, '('.repeat(32_000), `SELECT ${'1+'.repeat(16_000)}1`, `SELECT ${'a AND '.repeat(5000)} b`, `SELECT ${'/*'.repeat(2000)}`];
  for (const sql of nonsense) expect((await refusalsOf(sql, [pin(CITY)])).length, sql.slice(0, 30)).toBeGreaterThan(0);
});
