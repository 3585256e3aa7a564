/**
 * As `who-has-a-value.test.ts`, where the second question is written in another way: its sum comes back as it was, and how many values that is divided by
 * must come back too, whatever expression has them.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Manifest } from '#contract/manifest.ts';
import type { Policy } from '#contract/policy.ts';
import { DISTRICTS, LedgerDomain, ledgerPolicy, people, single, type Loaded, type Operator } from '../../support/ledger-domain.ts';

const ALL = ['count', 'sum', 'avg', 'stddev', 'var', 'covar', 'corr', 'regr'];
const RULES = { threshold: {}, 'p% and secondary': { dominance: [{ rule: 'p-percent', p: 10 }], secondary: 'required' } };
const POLICIES = (['warn', 'refuse'] as const).flatMap((differencing) => (['threshold', 'p% and secondary'] as const).map((rules) => [differencing, rules] as const));
const policy = (differencing: 'none' | 'warn' | 'refuse', rules: keyof typeof RULES): Policy =>
  ledgerPolicy(differencing, { measures: { 'people.income': ALL, 'people.wealth': ALL, 'people.bonus': ALL, 'people.age': ALL }, joins: [], ...RULES[rules] });

/** Of `wealth` everybody has some, which nobody declared; a `bonus` few have none of. */
const MANIFEST = Manifest.parse({ id: 'town', tables: { people: {
  file: 'people.csv', units: { person: 'id' }, maxRowsPerUnit: { person: 1 },
  columns: {
    id: { type: 'varchar', role: 'unit' }, district: { type: 'varchar', role: 'quasi', domain: DISTRICTS, nullable: false },
    age: { type: 'integer', role: 'quasi', min: '0', max: '120', nullable: false }, sex: { type: 'varchar', role: 'quasi', domain: ['F', 'M'], nullable: false },
    ...Object.fromEntries(['income', 'wealth', 'bonus'].map((name) => [name, { type: 'bigint', role: 'sensitive', min: '0', max: '10000000' }])),
  },
} } });
const TARGET = { id: 'target', district: '市南', age: 110, sex: 'F', income: 9_876 };
const CROWD = [...people(400), TARGET];
const LACKING_BONUS = new Set([5, 50, 95, 140]);
const bonusOf = (i: number): number | null => (LACKING_BONUS.has(i) ? null : 100 + (i * 31) % 700);
const ROWS = CROWD.map((p, i) => ({ ...p, income: i % 7 === 0 && p !== TARGET ? null : p.income, wealth: p === TARGET ? 77_777 : 500 + (i * 97) % 3000, bonus: bonusOf(i) }));
const csv = (has: boolean): string => `id,district,age,sex,income,wealth,bonus\n${ROWS.map((p) => `${p.id},${p.district},${p.age},${p.sex},${(p.age === 110 && !has ? null : p.income) ?? ''},${p.wealth},${p.bonus ?? ''}\n`).join('')}`;

const domain = new LedgerDomain();
let having: Loaded;
let lacking: Loaded;
beforeAll(async () => {
  having = await domain.loadFiles({ 'people.csv': csv(true) }, MANIFEST);
  lacking = await domain.loadFiles({ 'people.csv': csv(false) }, MANIFEST);
});
afterAll(() => domain.close());

async function asking<T>(loaded: Loaded, own: Policy, ask: (operator: Operator, other: Operator, branch: LedgerDomain) => Promise<T>): Promise<T> {
  const branch = domain.branch();
  try {
    return await ask(await branch.operator(loaded, own), await branch.operator(loaded, own), branch);
  } finally {
    branch.close();
  }
}
/** NaN where nothing was released. */
const first = async (operator: Operator, sql: string): Promise<number> => {
  const answer = await operator.ask(sql);
  return answer.result === null ? Number.NaN : single(answer) ?? Number.NaN;
};

const PLAIN = 'avg(income)';
const FORMS: Readonly<Record<string, readonly [all: string, rest: string]>> = {
  'a CASE whose branches are the same column': [PLAIN, "avg(CASE WHEN sex = 'F' THEN income ELSE income END)"],
  'a CASE with a branch for each group': [PLAIN, "avg(CASE WHEN district = '市南' THEN income WHEN district <> '市南' THEN income END)"],
  'a CASE of moved values': ['avg(2 * income)', "avg(CASE WHEN sex = 'F' THEN income + income ELSE 2 * income END)"],
  'a CASE first': ["avg(CASE WHEN sex = 'F' THEN income ELSE income END)", PLAIN],
  'a sum of two columns': [PLAIN, 'avg(income + 0 * wealth)'],
  'a column times nothing first': ['avg(income + 0 * wealth)', PLAIN],
  'a regression': [PLAIN, 'regr_avgy(income, wealth)'],
  'a regression the other way round': [PLAIN, 'regr_avgx(wealth, income)'],
  'a regression first': ['regr_avgy(income, wealth)', PLAIN],
};

describe.each(Object.entries(FORMS))('%s', (_, [all, rest]) => {
  /** The attacker's verdict: the person has a value if the average moved. */
  const moved = async (town: Loaded, own: Policy): Promise<boolean> => asking(town, own, async (operator, other) =>
    Math.abs(await first(operator, `SELECT ${all} FROM people`) - await first(other, `SELECT ${rest} FILTER (WHERE age <> 110) FROM people`)) > 1e-6);

  test('without the ledger it tells who has a value', async () => {
    expect([await moved(having, policy('none', 'threshold')), await moved(lacking, policy('none', 'threshold'))]).toEqual([true, false]);
  });
  test.each(POLICIES)('and not with it (%s, %s)', async (differencing, rules) => {
    expect(await moved(having, policy(differencing, rules))).toBe(await moved(lacking, policy(differencing, rules)));
  });
});

describe('that one person withdrew, by an average before and another one after', () => {
  const AFTER = ["avg(CASE WHEN sex = 'F' THEN income ELSE income END)", 'avg(income + 0 * wealth)', 'regr_avgy(income, wealth)'];
  const moved = async (own: Policy, form: string, withdraws: boolean): Promise<boolean> => asking(having, own, async (operator, _, branch) => {
    const before = await first(operator, 'SELECT avg(income) FROM people');
    if (withdraws) await branch.withdraw(having, [TARGET]);
    return Math.abs(before - await first(operator, `SELECT ${form} FROM people`)) > 1e-6;
  });
  describe.each(AFTER)('%s', (form) => {
    test('is told without the ledger', async () => expect(await moved(policy('none', 'threshold'), form, true)).toBe(true));
    test.each(POLICIES)('and not with it (%s, %s)', async (differencing, rules) => expect(await moved(policy(differencing, rules), form, true)).toBe(await moved(policy(differencing, rules), form, false)));
  });
});

describe('averages of several branches or columns over values of which a few are missing are what they are', () => {
  const mean = (values: readonly (number | null)[]): number => {
    const known = values.filter((value) => value !== null);
    return known.reduce((sum, value) => sum + value, 0) / known.length;
  };
  const bonuses = ROWS.map(({ bonus }) => bonus);
  test.each([
    ["avg(CASE WHEN sex = 'F' THEN bonus ELSE bonus END)", mean(bonuses)],
    ["avg(CASE WHEN sex = 'F' THEN 2 * bonus ELSE bonus END)", mean(ROWS.map(({ sex, bonus }) => (bonus === null ? null : (sex === 'F' ? 2 : 1) * bonus)))],
    ["avg(CASE WHEN sex = 'F' THEN bonus END)", mean(ROWS.map(({ sex, bonus }) => (sex === 'F' ? bonus : null)))],
    ["avg(CASE WHEN sex = 'F' THEN age ELSE 2 * age END)", mean(ROWS.map(({ sex, age }) => (sex === 'F' ? 1 : 2) * age))],
    ['avg(wealth + bonus)', mean(ROWS.map(({ wealth, bonus }) => (bonus === null ? null : wealth + bonus)))],
    ['regr_avgy(wealth, bonus)', mean(ROWS.map(({ wealth, bonus }) => (bonus === null ? null : wealth)))],
    ['avg(age)', mean(ROWS.map(({ age }) => age))],
    ['avg(wealth)', mean(ROWS.map(({ wealth }) => wealth))],
  ])('%s, after numbers of rows and of values', async (form, truth) => {
    for (const differencing of ['warn', 'refuse'] as const) {
      const answer = await asking(having, policy(differencing, 'threshold'), async (operator) => {
        for (const before of ['count(*)', 'avg(bonus)', 'avg(income)']) await operator.ask(`SELECT ${before} FROM people`);
        return first(operator, `SELECT ${form} FROM people`);
      });
      expect(answer).toBeCloseTo(truth, 6);
    }
  });
});

test('a covariance after the average of one column, of which a few have no value in the other, is nearly what it is', async () => {
  const both = ROWS.flatMap(({ wealth, bonus }) => (bonus === null ? [] : [[wealth, bonus] as const]));
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const truth = mean(both.map(([wealth, bonus]) => wealth * bonus)) - mean(both.map(([wealth]) => wealth)) * mean(both.map(([, bonus]) => bonus));
  const asked = async (before: readonly string[]): Promise<number> => asking(having, policy('warn', 'threshold'), async (operator) => {
    for (const each of before) await operator.ask(`SELECT ${each} FROM people`);
    return first(operator, 'SELECT covar_pop(wealth, bonus) FROM people');
  });
  expect(await asked([])).toBeCloseTo(truth, 3);
  const off = Math.abs(await asked(['avg(wealth)']) / truth - 1);
  expect(off).toBeGreaterThan(0.01);
  expect(off).toBeLessThan(0.15);
});
