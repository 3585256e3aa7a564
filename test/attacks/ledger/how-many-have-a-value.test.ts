/**
 * How many have a value, by numbers that tell it only together: n is var_samp / (var_samp − var_pop). Beside a count of all it says how many have none, and if
 * that is one person, what everybody else has: a count of values that is asked for comes back as the number of all, and so has to what follows from others.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Policy } from '#contract/policy.ts';
import { LedgerDomain, ledgerPolicy, people, type Loaded } from '../../support/ledger-domain.ts';

const ALL = ['count', 'sum', 'avg', 'stddev', 'var', 'covar', 'corr', 'regr'];
const RULES = { threshold: {}, 'p% and secondary': { dominance: [{ rule: 'p-percent', p: 10 }], secondary: 'required' } };
const POLICIES = (['warn', 'refuse'] as const).flatMap((differencing) => (['threshold', 'p% and secondary'] as const).map((rules) => [differencing, rules] as const));
const policy = (differencing: 'none' | 'warn' | 'refuse', rules: keyof typeof RULES): Policy => ledgerPolicy(differencing, { measures: { 'people.income': ALL, 'people.age': ALL }, ...RULES[rules] });

const domain = new LedgerDomain();
let town: Loaded;
beforeAll(async () => { town = await domain.load([...people(400), { id: 'target', district: '市南', age: 110, sex: 'F', income: null }]); });
afterAll(() => domain.close());

type Row = readonly number[];
/** What is asked for, and n from it. */
const FORMS: Readonly<Record<string, readonly [asked: string, n: (row: Row) => number]>> = {
  'a count of values': ['count(income)', ([n = Number.NaN]) => n],
  'a sum and its average': ['sum(income), avg(income)', ([sum = 0, mean = 0]) => sum / mean],
  'a sum of moved values and an average': ['sum(2 * income + 1), avg(income)', ([sum = 0, mean = 0]) => sum / (2 * mean + 1)],
  'two variances': ['var_pop(income), var_samp(income)', ([population = 0, sample = 0]) => sample / (sample - population)],
  'a deviation and a variance': ['stddev_samp(income), var_pop(income)', ([sample = 0, population = 0]) => sample ** 2 / (sample ** 2 - population)],
  'a deviation and its standard error': ['stddev_pop(income), sem(income)', ([deviation = 0, error = 0]) => (deviation / error) ** 2],
  'a variance and a sum of squares': ['var_pop(income), regr_syy(income, age)', ([variance = 0, squares = 0]) => squares / variance],
  'two covariances': ['covar_pop(income, age), covar_samp(income, age)', ([population = 0, sample = 0]) => sample / (sample - population)],
  'a covariance, a slope and a sum of squares': ['covar_pop(income, age), regr_slope(income, age), regr_sxx(income, age)', ([covariance = 0, slope = 0, squares = 0]) => squares * slope / covariance],
  'a sum and a mean of a regression': ['sum(income), regr_avgy(income, age)', ([sum = 0, mean = 0]) => sum / mean],
  'a sum, and the line through the means': ['sum(income), regr_intercept(income, age) + regr_slope(income, age) * regr_avgx(income, age)', ([sum = 0, mean = 0]) => sum / mean],
};

/** Persons without a value, after the number of all. @param questions one after the other */
async function missing(own: Policy, questions: readonly string[], n: (row: Row) => number): Promise<number> {
  const branch = domain.branch();
  try {
    const [operator, other] = [await branch.operator(town, own), await branch.operator(town, own)];
    const row = async (by: typeof operator, sql: string): Promise<Row> => ((await by.ask(`SELECT ${sql} FROM people`)).result?.table.rows[0] ?? []).map((value) => (value === null ? Number.NaN : Number(value)));
    const [all = Number.NaN] = await row(operator, 'count(*)');
    const told: number[] = [];
    for (const question of questions) told.push(...await row(other, question));
    return Math.round(all - n(told));
  } finally {
    branch.close();
  }
}

describe.each(Object.entries(FORMS))('%s', (_, [asked, n]) => {
  test('without the ledger tells that one has none', async () => expect(await missing(policy('none', 'threshold'), [asked], n)).toBe(1));
  test.each(POLICIES)('says nothing with it (%s, %s)', async (differencing, rules) => expect(await missing(policy(differencing, rules), [asked], n)).not.toBe(1));
});

describe('not covered: numbers that tell it together and do not stand in one row about the same conditions', () => {
  const [, n] = FORMS['two variances']!;
  test.each([
    ['two questions', ['var_pop(income)', 'var_samp(income)']],
    ['a condition that all meet', ["var_pop(income), var_samp(income) FILTER (WHERE sex IN ('F', 'M'))"]],
  ])('%s', async (_, questions) => {
    for (const differencing of ['none', 'warn', 'refuse'] as const) expect(await missing(policy(differencing, 'threshold'), questions, n), differencing).toBe(1);
  });
});
