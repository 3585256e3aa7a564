/**
 * One question: a regression on a column of two values, one of which only one person has. The line goes through that person's y; the covariance and the
 * means say the same. Whoever is under age (a dimension) or has two rows (a count of each person's) is that way known without any difference of sums.
 */
import { describe, expect, test } from 'vitest';
import { openPolicy } from '#contract/policy-open.ts';
import type { Policy } from '#contract/policy.ts';
import { LEDGER_MANIFEST, ledgerPolicy, people } from '../../support/ledger-domain.ts';
import { ledgerTown, type LedgerTown } from '../../support/ledger-town.ts';

const ALL = ['count', 'sum', 'avg', 'stddev', 'var', 'covar', 'corr', 'regr'];
const MEASURES = { measures: { 'people.income': ALL, 'people.age': ALL } };
const RULES = { threshold: {}, 'p%': { dominance: [{ rule: 'p-percent', p: 10 }] } };
const policy = (rules: object, differencing: 'none' | 'warn' = 'none'): Policy => ledgerPolicy(differencing, { ...MEASURES, ...rules });
/** Nothing is withheld. */
const OPEN = openPolicy(LEDGER_MANIFEST.id, [LEDGER_MANIFEST]);

const SECRET = 4_321;
const TARGET = { id: 'target', district: '市南', age: 110, sex: 'F', income: SECRET };
/** So many of 110 years, of whom only the target has an income. */
const aged = (others: number): LedgerTown => ledgerTown([...people(400, (p, i) => ({ ...p, age: i < others ? 110 : i % 2 === 0 ? 50 : 30 })).map((p, i) => (i < others ? { ...p, income: SECRET } : p)), TARGET]);

const value = (answer: unknown): number => (answer === null || answer === undefined ? Number.NaN : Number(answer));
const row = (town: LedgerTown, own: Policy, sql: string): Promise<readonly number[]> => town.asking(own, async (operator) => ((await operator.ask(sql)).result?.table.rows[0] ?? []).map(value));

const near = (x: number): boolean => Math.abs(x - SECRET) < SECRET / 1e6;

/** What those of x = `odd` have on average, as n people of x = `even` or `odd` tell it. */
const FORMS: Readonly<Record<string, { readonly select: (y: string, x: string) => string; readonly told: (row: readonly number[], even: number, odd: number) => number }>> = {
  'a line': { select: (y, x) => `regr_intercept(${y}, ${x}), regr_slope(${y}, ${x})`, told: ([a = Number.NaN, b = Number.NaN], _, odd) => a + odd * b },
  'a line in the other direction': { select: (y, x) => `regr_slope(${x}, ${y}), regr_syy(${x}, ${y}), regr_r2(${x}, ${y}), regr_avgx(${x}, ${y}), regr_avgy(${x}, ${y})`,
    // Its slope, r² and the spread of x give the slope of y on x.
    told: ([slope = Number.NaN, , r2 = Number.NaN, my = Number.NaN, mx = Number.NaN], _, odd) => my + (r2 / slope) * (odd - mx) },
  'a covariance with means': { select: (y, x) => `covar_pop(${y}, ${x}), regr_avgy(${y}, ${x}), regr_avgx(${y}, ${x})`,
    // cov + (mean x − even)·mean y = share·(odd − even)·y, with share = (mean x − even) / (odd − even).
    told: ([cov = Number.NaN, my = Number.NaN, mx = Number.NaN], even) => (cov + (mx - even) * my) / (mx - even) },
  'a correlation with spreads': { select: (y, x) => `corr(${y}, ${x}), var_pop(${y}), var_pop(${x}), avg(${y}), avg(${x})`,
    told: ([corr = Number.NaN, vy = Number.NaN, vx = Number.NaN, my = Number.NaN, mx = Number.NaN], _, odd) => my + corr * Math.sqrt(vy / vx) * (odd - mx) },
};

describe('on a dimension', () => {
  const [one, nine, ten] = [aged(0), aged(8), aged(9)];
  const told = async (town: LedgerTown, own: Policy, form: keyof typeof FORMS): Promise<number> => {
    const { select, told: solve } = FORMS[form] ?? lost();
    return solve(await row(town, own, `SELECT ${select('income', 'age')} FROM people WHERE age IN (50, 110)`), 50, 110);
  };
  describe.each(Object.keys(FORMS))('%s', (form) => {
    test('tells the person where nothing is withheld', async () => expect(near(await told(one, OPEN, form))).toBe(true));
    test.each(Object.entries(RULES))('and not under %s', async (_, rules) => expect(near(await told(one, policy(rules), form))).toBe(false));
    test('nor with a ledger', async () => expect(near(await told(one, policy({}, 'warn'), form))).toBe(false));
    test('nor what nine have', async () => expect(near(await told(nine, policy({}), form))).toBe(false));
    test('of ten it may leave', async () => expect(near(await told(ten, policy({}), form))).toBe(true));
  });
  test('on all ages it may leave', async () => expect((await row(one, policy(RULES['p%']), 'SELECT corr(income, age), covar_pop(income, age) FROM people')).some(Number.isNaN)).toBe(false));
});

describe('on the number of rows of each', () => {
  const town = ledgerTown([...people(400), TARGET, { ...TARGET, income: 0 }], 5);
  const told = async (own: Policy): Promise<number> => {
    const [a = Number.NaN, b = Number.NaN] = await row(town, own, 'SELECT regr_intercept(s, c), regr_slope(s, c) FROM (SELECT id, sum(income) AS s, count(*) AS c FROM people GROUP BY id)');
    return a + 2 * b;
  };
  test('tells the person where nothing is withheld', async () => expect(near(await told(OPEN))).toBe(true));
  test.each(Object.entries(RULES))('and not under %s', async (_, rules) => expect(near(await told(policy(rules)))).toBe(false));
  test('nor with a ledger', async () => expect(near(await told(policy({}, 'warn')))).toBe(false));
});

describe('of rows of several each', () => {
  const three = ['a', 'b', 'c'];
  const town = ledgerTown(three.flatMap((suffix, k) => [...people(100, (p) => ({ ...p, age: 50, income: p.income + k })), { ...TARGET, age: suffix === 'a' ? 50 : 110 }]), 5);
  const told = async (own: Policy): Promise<number> => {
    const [a = Number.NaN, b = Number.NaN] = await row(town, own, 'SELECT regr_intercept(income, age), regr_slope(income, age) FROM people');
    return a + 110 * b;
  };
  test('tells the person where nothing is withheld', async () => expect(near(await told(OPEN))).toBe(true));
  test.each(Object.entries(RULES))('and not under %s', async (_, rules) => expect(near(await told(policy(rules)))).toBe(false));
});

describe('one point far from all others', () => {
  const town = ledgerTown([...people(400, (p, i) => ({ ...p, age: i % 15 === 0 ? 51 : 50 })), { ...TARGET, age: 120 }]);
  const told = async (own: Policy): Promise<number> => {
    const [a = Number.NaN, b = Number.NaN] = await row(town, own, 'SELECT regr_intercept(income, age), regr_slope(income, age) FROM people');
    return a + 120 * b;
  };
  const isWithin = (x: number): boolean => Math.abs(x - SECRET) < SECRET / 10;
  test('is told to within 10% where only numbers of units count', async () => expect(isWithin(await told(policy({})))).toBe(true));
  test('and not under p% with p = 10', async () => expect(isWithin(await told(policy(RULES['p%'])))).toBe(false));
});

function lost(): never {
  throw new Error('a form that is not there');
}
