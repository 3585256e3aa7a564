/**
 * An average of whole numbers tells how many values it is taken over: its fraction has a small denominator. Whoever asks how many are in a group,
 * and then for the average of the group without one person, and knows how many of the group have no value, reads from it whether that person is in the
 * group. Numbers of rows and of values are not compared where the values are not shown: the honest have averages of columns in which a few values are
 * missing, which are over fewer values than rows and must not be taken for such a question.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LedgerDomain, ledgerPolicy, people, single, type Asked, type Loaded, type LoadedPerson } from '../../support/ledger-domain.ts';

const MISSING = new Set([3, 40, 81, 122]);
const TOWN: readonly LoadedPerson[] = people(400).map((person, i) => (MISSING.has(i) ? { ...person, income: null } : person));
/** The only one of that age. */
const TARGET: LoadedPerson = { id: 'target', district: '崂山', age: 117, sex: 'F', income: 3_333 };

const domain = new LedgerDomain();
let without: Loaded;
let having: Loaded;
beforeAll(async () => {
  without = await domain.load(TOWN);
  having = await domain.load([...TOWN, TARGET]);
});
afterAll(() => domain.close());

async function ask(loaded: Loaded, differencing: 'none' | 'refuse', questions: readonly string[]): Promise<readonly Asked[]> {
  const branch = domain.branch();
  try {
    const operator = await branch.operator(loaded, ledgerPolicy(differencing, { measures: { 'people.income': ['count', 'sum', 'avg', 'var', 'stddev'], 'people.age': ['count', 'sum', 'avg'] } }));
    const answers: Asked[] = [];
    for (const sql of questions) answers.push(await operator.ask(sql));
    return answers;
  } finally {
    branch.close();
  }
}

describe('who is in the group', () => {
  const GROUP = "district = '崂山'";
  const QUESTIONS = [`SELECT count(*) FROM people WHERE ${GROUP}`, `SELECT avg(income) FROM people WHERE ${GROUP} AND age <> 117`];
  /** Values that the group has more than the average is taken over. */
  const read = async (loaded: Loaded, differencing: 'none' | 'refuse'): Promise<number> => {
    const [all = Number.NaN, mean = Number.NaN] = (await ask(loaded, differencing, QUESTIONS)).map((answer) => single(answer) ?? Number.NaN);
    const fits = (n: number): boolean => Math.abs(mean * n - Math.round(mean * n)) < 1e-6;
    return [...Array(20).keys()].find((fewer) => fits(all - fewer)) ?? Number.NaN;
  };

  test.each(['none', 'refuse'] as const)('is read from the denominator by whoever knows how many have no value, with the ledger as without (%s)', async (differencing) => {
    expect([await read(without, differencing), await read(having, differencing)]).toEqual([missingIn('崂山'), missingIn('崂山') + 1]);
  });
});

describe('who is in the group, by a column in which nothing is missing', () => {
  const QUESTIONS = ["SELECT count(*) FROM people WHERE district = '崂山' AND age <> 117", "SELECT avg(age) FROM people WHERE district = '崂山'"];
  /** Whether the average is one of so many whole numbers as were counted, or of one more. */
  const read = async (loaded: Loaded, differencing: 'none' | 'refuse'): Promise<readonly boolean[]> => {
    const [n = Number.NaN, mean = Number.NaN] = (await ask(loaded, differencing, QUESTIONS)).map((answer) => single(answer) ?? Number.NaN);
    return [n, n + 1].map((count) => Math.abs(mean * count - Math.round(mean * count)) < 1e-6);
  };

  test('is read from the denominator without the ledger', async () => {
    expect(await read(having, 'none')).toEqual([false, true]);
  });
  test('and not with it', async () => {
    expect(await read(having, 'refuse')).toEqual([true, false]);
  });
});

const missingIn = (district: string): number => TOWN.filter((person) => person.district === district && person.income === null).length;

describe('averages and spreads over values of which a few are missing are what they are', () => {
  const byDistrict = (statistic: (values: readonly number[]) => number): readonly (readonly [string, number])[] =>
    [...Map.groupBy(TOWN, ({ district }) => district)].map(([district, group]) => [district, statistic(group.flatMap(({ income }) => (income === null ? [] : [income])))] as const).sort();
  const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;
  const variance = (values: readonly number[]): number => values.reduce((sum, x) => sum + (x - mean(values)) ** 2, 0) / values.length;

  test.each([
    ['avg(income)', mean],
    ["avg(income) FILTER (WHERE sex = 'M' OR sex = 'F')", mean],
    ['avg(2 * income + 1)', (values: readonly number[]) => 2 * mean(values) + 1],
    ['var_pop(income)', variance],
  ] as const)('%s', async (expression, truth) => {
    const [, answer] = await ask(without, 'refuse', ['SELECT district, count(*) FROM people GROUP BY district', `SELECT district, count(*), ${expression} FROM people GROUP BY district`]);
    const rows = (answer?.result?.table.rows ?? []).map(([district, , value]) => [String(district), Number(value)] as const).sort();
    expect(rows.map(([district]) => district)).toEqual(byDistrict(truth).map(([district]) => district));
    byDistrict(truth).forEach(([, value], i) => expect(rows[i]?.[1]).toBeCloseTo(value, 6));
  });

  test('how many have a value is compared where it is asked for', async () => {
    const [all, some] = await ask(without, 'refuse', ['SELECT count(*) FROM people', 'SELECT count(income) FROM people']);
    expect([all, some].map((answer) => (answer === undefined ? null : single(answer)))).toEqual([400, 400]);
  });
});
