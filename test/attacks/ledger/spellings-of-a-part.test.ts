/**
 * A withheld total, worked out from the total of its band and those of the other districts in it: two of them are asked for together,
 * in words that hide which they are. By joins that change nothing, columns of public tables, conditions over several columns, other
 * queries' groups, and keys made of several columns; in one query, in four, and in the other order.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DISTRICTS, LedgerDomain, ledgerPolicy, type Loaded, type Person } from '../../support/ledger-domain.ts';

const BANDS = ['[..,30)', '[30,60)', '[60,..)'];
const OLD = BANDS[2] ?? '';
const POLICY = (secondary: 'required' | 'none', differencing: 'warn' | 'none' | 'refuse' | 'hold') => ledgerPolicy(differencing, {
  secondary, dominance: [{ rule: 'p-percent', p: 20 }],
  dimensions: { 'people.district': { categories: 'all' }, 'people.sex': { categories: 'all' }, 'people.age': { bands: [30, 60] } },
});
/** One old person of 李沧 has most of the money there. */
const RICH = 90_000;
const CITY = DISTRICTS.flatMap((district, d) => BANDS.flatMap((_, b) => Array.from({ length: d === 3 && b === 2 ? 15 : 20 + 3 * d + 5 * b }, (__, i): Person =>
  ({ id: `${d} ${b} ${i}`, district, age: [20, 40, 70][b]! + (i % 9), sex: i % 2 === 0 ? 'F' : 'M', income: d === 3 && b === 2 && i === 0 ? RICH : 1000 + i }))));
const TRUTH = CITY.filter(({ district, age }) => district === '李沧' && age >= 60).reduce((sum, { income }) => sum + income, 0);

const GROUPS = [
  'SELECT district, NULL AS band, sum(income) AS n FROM people GROUP BY district',
  'SELECT NULL AS district, age_band AS band, sum(income) AS n FROM people GROUP BY age_band',
  'SELECT district, age_band AS band, sum(income) AS n FROM people GROUP BY district, age_band',
];
const where = (condition: string, from = 'people'): string => `SELECT NULL AS district, 'part' AS band, sum(income) AS n FROM ${from} WHERE age_band = '${OLD}' AND ${condition}`;
const JOINED = 'people JOIN districts ON people.district = districts.district';
const WEST = `SELECT district FROM districts WHERE region = 'west'`;
/** 市南 and 市北, and no other. */
const COUNTED = 'SELECT district FROM people GROUP BY district HAVING count(*) < 77 OR count(*) BETWEEN 80 AND 90';

const SPELLINGS: Readonly<Record<string, string>> = {
  'as it is': where(`district IN ('市南', '市北')`),
  'with a join': where(`people.district IN ('市南', '市北')`, JOINED),
  'with a join and a condition twice': where(`people.district IN ('市南', '市北') AND districts.district <> '崂山'`, JOINED),
  'with an outer join': where(`people.district IN ('市南', '市北')`, 'people LEFT JOIN districts ON people.district = districts.district'),
  'with an outer join the other way round': where(`people.district IN ('市南', '市北')`, 'districts RIGHT JOIN people ON people.district = districts.district'),
  'with a join in WHERE': where(`people.district = districts.district AND people.district IN ('市南', '市北')`, 'people, districts'),
  'by a column of a public table': where(`region = 'west'`, JOINED),
  'by a public table that is joined in part': where('TRUE', `people JOIN (${WEST}) w ON people.district = w.district`),
  'by a public subquery': where(`district IN (${WEST})`),
  'by a correlated public subquery': where(`EXISTS (SELECT 1 FROM districts d WHERE d.district = people.district AND d.region = 'west')`),
  'by a value looked up': where(`(SELECT region FROM districts d WHERE d.district = people.district) = 'west'`),
  'by OR over one column': where(`(district = '市南' OR district = '市北')`),
  'by OR over two columns': where(`(district = '市南' OR (district = '市北' AND sex IN ('F', 'M')))`),
  'by OR of parts': where(`((district = '市南' AND sex = 'F') OR (sex = 'M' AND district IN ('市南', '市北')) OR (district = '市北' AND sex = 'F'))`),
  'by NOT': where(`NOT (district = '崂山' OR (district = '李沧' AND sex <> 'x'))`),
  'by CASE': where(`CASE WHEN sex = 'F' THEN district IN ('市南', '市北') ELSE district LIKE '市%' END`),
  'by a text of two columns': where(`concat(district, sex) IN ('市南F', '市南M', '市北F', '市北M')`),
  'with a condition that always holds': where(`1 = 1 AND district IN ('市南', '市北')`),
  'by another query’s groups': where(`district IN (${COUNTED})`),
  'by another query’s groups, joined': where('TRUE', `people JOIN (${COUNTED}) g ON people.district = g.district`),
  'by another query’s numbers': `WITH g AS (SELECT district, count(*) AS n FROM people GROUP BY district) ${where('(g.n < 77 OR g.n BETWEEN 80 AND 90)', 'people JOIN g ON people.district = g.district')}`,
  'by a condition inside the aggregate': `SELECT NULL AS district, 'part' AS band, sum(income) FILTER (WHERE district = '市南' OR (district = '市北' AND sex IN ('F', 'M'))) AS n FROM people WHERE age_band = '${OLD}'`,
  'as a group': `SELECT NULL AS district, CASE WHEN region = 'west' THEN 'part' ELSE 'rest' END AS band, sum(income) AS n FROM ${JOINED} WHERE age_band = '${OLD}' GROUP BY 2`,
  'as a group of two columns': `SELECT NULL AS district, CASE WHEN district LIKE '市%' OR (district = '崂山' AND sex = 'x') THEN 'part' ELSE 'rest' END AS band, sum(income) AS n FROM people WHERE age_band = '${OLD}' GROUP BY 2`,
};

type Numbers = ReadonlyMap<string, number | null>;

/** The band less the two districts together and the third. */
function workedOut(numbers: Numbers): number | null {
  const [all, two, third] = [` ${OLD}`, ' part', `崂山 ${OLD}`].map((name) => numbers.get(name) ?? null);
  const direct = numbers.get(`李沧 ${OLD}`) ?? null;
  return direct ?? (all === null || two === null || third === null ? null : all! - two! - third!);
}

const domain = new LedgerDomain();
let city: Loaded;
beforeAll(async () => { city = await domain.load(CITY); }, 60_000);
afterAll(() => domain.close());

async function attacked(jobs: readonly string[], secondary: 'required' | 'none', differencing: 'warn' | 'none', factor = 1): Promise<number | null> {
  const branch = domain.branch();
  try {
    const operator = await branch.operator(city, POLICY(secondary, differencing));
    const numbers = new Map<string, number | null>();
    for (const sql of jobs) {
      const { result, ...answer } = await operator.ask(sql);
      if (result === null) throw new Error(JSON.stringify(answer));
      for (const [district, band, n] of result.table.rows) numbers.set(`${district === null ? '' : String(district)} ${band === null ? '' : String(band)}`.replace(/^ $/, ' all'), n === null || n === undefined ? null : Number(n));
    }
    const part = numbers.get(' part') ?? null;
    return workedOut(numbers.set(' part', part === null ? null : part / factor));
  } finally {
    branch.close();
  }
}

/** The cells around are shown where nothing is withheld but the one: what covers it is what the attack is about. */
const together = (sql: string): string => (sql.startsWith('WITH') ? sql.replace(/\) SELECT/, `) ${GROUPS.join(' UNION ALL ')} UNION ALL SELECT`) : [...GROUPS, sql].join(' UNION ALL '));

describe.each(Object.entries(SPELLINGS))('%s', (_, sql) => {
  test('in one query', async () => {
    expect(await attacked([together(sql)], 'none', 'none')).toBe(TRUTH);
    expect(await attacked([together(sql)], 'required', 'none')).toBeNull();
  }, 60_000);

  test('in four', async () => {
    expect(await attacked([...GROUPS, sql], 'required', 'warn')).toBeNull();
  }, 60_000);

  test('in four, before the cells', async () => {
    expect(await attacked([sql, ...GROUPS], 'required', 'warn')).toBeNull();
  }, 60_000);
});

const PART = `age_band = '${OLD}' AND district IN ('市南', '市北')`;
const only = (sum: string, from: string, factor = 1): { readonly sql: string; readonly factor: number } => ({ sql: `SELECT NULL AS district, 'part' AS band, ${sum} AS n FROM ${from}`, factor });

/** What nobody can follow: the numbers are the same, and no text says so. */
const VAGUE = {
  'rows that meet themselves': only('sum(p.income)', `(SELECT * FROM people WHERE ${PART}) p JOIN people q ON p.id = q.id`),
  'totals of each unit': only('sum(s)', `(SELECT id, sum(income) AS s FROM people WHERE ${PART} GROUP BY id)`),
  'units that are there': only('sum(income)', `people WHERE ${PART} AND id IN (SELECT id FROM people)`),
  'units that are there, and no others': only('sum(income)', `people p WHERE ${PART} AND NOT EXISTS (SELECT 1 FROM people q WHERE q.id = p.id AND q.sex = 'x')`),
  'every row twice': only('sum(income)', `people, (VALUES (1), (2)) twice(n) WHERE ${PART}`, 2),
};

describe.each(Object.entries(VAGUE))('%s', (_, { sql, factor }) => {
  const found = async (jobs: readonly string[], secondary: 'required' | 'none', differencing: 'warn' | 'none'): Promise<number | null> => attacked(jobs, secondary, differencing, factor);

  test('in one query', async () => {
    expect(await found([together(sql)], 'none', 'none')).toBe(TRUTH);
    expect(await found([together(sql)], 'required', 'none')).toBeNull();
  }, 60_000);

  test('in four', async () => {
    expect(await found([...GROUPS, sql], 'required', 'warn')).toBeNull();
  }, 60_000);

  test('before the cells it is refused, or waits for a reviewer', async () => {
    for (const [differencing, outcome] of [['refuse', 'refused'], ['hold', 'held']] as const) {
      const branch = domain.branch();
      expect((await (await branch.operator(city, POLICY('required', differencing))).ask(sql)).kind).toBe(outcome);
      branch.close();
    }
  }, 60_000);
});

test('what is placed is neither refused nor held, whatever it is written like', async () => {
  for (const differencing of ['refuse', 'hold'] as const) {
    const branch = domain.branch();
    const operator = await branch.operator(city, POLICY('required', differencing));
    for (const sql of Object.values(SPELLINGS)) expect((await operator.ask(sql)).kind).toBe('released');
    branch.close();
  }
}, 60_000);
