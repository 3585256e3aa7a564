/**
 * A whole beside a part of it that leaves out one person, or a group that one person dominates: the rest of the two is what the rules
 * would withhold if it were asked for. The part is not shown as a sum or a count but in what they follow from: an average over
 * everybody, an average alone (S/n of whole numbers has one fraction with so small a denominator), a share, moments.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Manifest } from '#contract/manifest.ts';
import { openPolicy } from '#contract/policy-open.ts';
import { Policy } from '#contract/policy.ts';
import { openTables, pin, type TestData } from '../../support/sql/tables.ts';
import { throughGate } from '../../support/sql/through-gate.ts';

const MANIFEST = Manifest.parse({
  id: 'town',
  tables: {
    people: {
      file: 'p.csv', units: { person: 'id' }, maxRowsPerUnit: { person: 1 },
      columns: {
        id: { type: 'varchar', role: 'unit' }, district: { type: 'varchar', role: 'quasi', domain: ['东', '西', '南', '北'], nullable: false },
        income: { type: 'integer', role: 'sensitive', min: '0', max: '10000000', nullable: false }, rent: { type: 'integer', role: 'sensitive', min: '0', max: '100000', nullable: false },
      },
    },
  },
});
const EVERYTHING = ['count', 'sum', 'avg', 'stddev', 'var', 'covar', 'corr', 'regr'];
const POLICY = Policy.parse({
  policy: 'town', version: 1, dataset: 'town',
  statistics: {
    mechanism: { kind: 'suppress' }, units: { person: { min: 10 } }, secondary: 'required', dominance: [{ rule: 'nk', n: 2, k: 85 }],
    dimensions: { 'people.district': { categories: 'all' } }, measures: { 'people.income': EVERYTHING, 'people.rent': EVERYTHING },
  },
});
const OPEN = openPolicy(MANIFEST.id, [MANIFEST]);

/** 南 has one person; 北 twelve, of whom one has nearly everything. */
const ALONE = 7_431;
const RICH = 55_555;
const PEOPLE = [
  ...Array.from({ length: 70 }, (_, i) => [i % 2 === 0 ? '东' : '西', 1000 + ((i * 7919) % 4000), 500 + ((i * 31) % 600)] as const),
  ['南', ALONE, 431] as const,
  ...Array.from({ length: 12 }, (_, i) => ['北', i === 11 ? RICH : 10 + i, 5 + i] as const),
];

let data: TestData;
beforeAll(async () => {
  data = await openTables(MANIFEST, { people: PEOPLE.map(([district, income, rent], i) => [`'P${i}'`, `'${district}'`, String(income), String(rent)]) });
});
afterAll(() => data.close());

async function numbers(policy: Policy, sql: string): Promise<readonly number[] | null> {
  const answer = await throughGate(data.connection, [pin(MANIFEST, policy)], sql);
  const row = answer.ok ? answer.value.rows[0] : undefined;
  return row === undefined || row.some((value) => value === null) ? null : row.map(Number);
}

/** The numerator of the fraction that a mean of whole numbers is, over a known number of values. */
const totalOf = (mean: number, n: number): number => Math.round(mean * n);

const HERE = "FROM people WHERE district <> '北'";
/** Everything but the only person of 南, of 71. */
const PART = "district <> '南'";
const ATTACKS: readonly (readonly [string, (seen: readonly number[]) => number])[] = [
  [`SELECT sum(income), sum(income) FILTER (WHERE ${PART}) ${HERE}`, ([all = 0, part = 0]) => all - part],
  [`SELECT sum(income), count(*), avg(CASE WHEN ${PART} THEN income ELSE 0 END) ${HERE}`, ([all = 0, n = 0, mean = 0]) => all - totalOf(mean, n)],
  [`SELECT sum(income), count(*), avg(CASE WHEN ${PART} THEN income END) ${HERE}`, ([all = 0, n = 0, mean = 0]) => all - totalOf(mean, n - 1)],
  [`SELECT sum(income), count(*), avg(income) FILTER (WHERE ${PART}) ${HERE}`, ([all = 0, n = 0, mean = 0]) => all - totalOf(mean, n - 1)],
  [`SELECT sum(income), count(*), regr_avgy(income, rent) FILTER (WHERE ${PART}), regr_syy(income, rent) FILTER (WHERE ${PART}), var_pop(income) FILTER (WHERE ${PART}) ${HERE}`,
    ([all = 0, , mean = 0, squares = 0, variance = 1]) => all - totalOf(mean, Math.round(squares / variance))],
  ["SELECT sum(income) FILTER (WHERE district <> '北'), sum(income) FILTER (WHERE district <> '北' AND district <> '南') FROM people", ([all = 0, part = 0]) => all - part],
  ["SELECT sum(CASE WHEN district <> '北' THEN income END), sum(CASE WHEN district <> '北' THEN CASE WHEN district <> '南' THEN income END END) FROM people", ([all = 0, part = 0]) => all - part],
  [`SELECT regr_avgy(income, rent), count(*), regr_avgy(income, rent) FILTER (WHERE ${PART}) ${HERE}`, ([all = 0, n = 0, mean = 0]) => totalOf(all, n) - totalOf(mean, n - 1)],
];

describe.each(ATTACKS)('%s', (sql, attack) => {
  const told = async (policy: Policy): Promise<number | null> => {
    const seen = await numbers(policy, sql);
    return seen === null ? null : attack(seen);
  };
  test('tells the income of one without protection', async () => expect(await told(OPEN)).toBe(ALONE));
  test('and not with it', async () => expect(await told(POLICY)).not.toBe(ALONE));
});

test('a share tells how many are outside', async () => {
  const outside = async (policy: Policy): Promise<number | null> => {
    const seen = await numbers(policy, `SELECT count(*), avg(CASE WHEN ${PART} THEN 1 ELSE 0 END) ${HERE}`);
    return seen === null ? null : Math.round((seen[0] ?? 0) * (1 - (seen[1] ?? 0)));
  };
  expect(await outside(OPEN)).toBe(1);
  expect(await outside(POLICY)).not.toBe(1);
});

describe('a rest of twelve that one of them dominates', () => {
  const within = async (policy: Policy, sql: string): Promise<boolean> => {
    const seen = await numbers(policy, sql);
    return seen !== null && Math.abs((seen[0] ?? 0) - (seen[1] ?? 0) - RICH) < 0.1 * RICH;
  };
  const MANY = "FROM people WHERE district <> '南'";
  test('is withheld where it is asked for', async () => expect(await numbers(POLICY, "SELECT sum(income) FROM people WHERE district = '北'")).toBeNull());
  test.each([
    `SELECT sum(income), sum(income) FILTER (WHERE district <> '北') ${MANY}`,
    `SELECT sum(income), sum(CASE WHEN district <> '北' THEN income END) ${MANY}`,
  ])('%s', async (sql) => {
    expect(await within(OPEN, sql)).toBe(true);
    expect(await within(POLICY, sql)).toBe(false);
  });
});
