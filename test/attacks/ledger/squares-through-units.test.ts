/**
 * Σx² of everybody spelled through a sum of each person's own rows, and of each district by the column itself: the only one of a district is the
 * difference. Where each has one row both are squares of the same values, so they are numbers of one series; and not of the series of the sums.
 */
import { describe, expect, test } from 'vitest';
import type { Policy } from '#contract/policy.ts';
import { ledgerPolicy, people, type Operator } from '../../support/ledger-domain.ts';
import { ledgerTown } from '../../support/ledger-town.ts';

const TARGET = { id: 'target', district: '李沧', age: 55, sex: 'F', income: 4_321 };
const REST = people(320).filter(({ district }) => district !== TARGET.district);
const town = ledgerTown([...REST, TARGET]);

const ALL = ['count', 'sum', 'avg', 'stddev', 'var', 'covar', 'corr', 'regr'];
const RULES = { threshold: {}, 'p% and secondary': { dominance: [{ rule: 'p-percent', p: 10 }], secondary: 'required' } };
const POLICIES = (['warn', 'refuse'] as const).flatMap((differencing) => Object.keys(RULES).map((rules) => [differencing, rules as keyof typeof RULES] as const));
const policy = (differencing: 'none' | 'warn' | 'refuse', rules: keyof typeof RULES): Policy => ledgerPolicy(differencing, { measures: { 'people.income': ALL, 'people.age': ALL }, ...RULES[rules] });

const ask = async (operator: Operator, sql: string): Promise<readonly (readonly unknown[])[]> => (await operator.ask(sql)).result?.table.rows ?? [];
const number = (value: unknown): number => (value === null || value === undefined ? Number.NaN : Number(value));
const first = async (operator: Operator, sql: string): Promise<number> => number((await ask(operator, sql))[0]?.[0]);

const UNITS = 'people p JOIN (SELECT id, sum(income) AS s FROM people GROUP BY id) a ON p.id = a.id';
/** Twice, four times or by a product what the column is; each with the factor of its values. */
const SPELLINGS: readonly (readonly [name: string, value: string, from: string, factor: number])[] = [
  ['sums', 's', UNITS, 1],
  ['sums of rows that are read twice', 's', 'people p JOIN (SELECT id, sum(income) AS s FROM people CROSS JOIN (VALUES (1), (2)) v(k) GROUP BY id) a ON p.id = a.id', 2],
  ['sums of sums', 's', 'people p JOIN (SELECT id, sum(s) AS s FROM (SELECT id, age, sum(income) AS s FROM people GROUP BY id, age) GROUP BY id) a ON p.id = a.id', 1],
];

const square = ([mean, variance]: readonly unknown[]): number => number(variance) + number(mean) ** 2;

/** What the target may have, as the two answers tell it: of which district the average is over one more has to be tried. */
function told(own: Policy, value: string, from: string, factor: number): Promise<readonly number[]> {
  return town.asking(own, async (operator, other) => {
    const whole = (await ask(operator, `SELECT avg(${value}), var_pop(${value}) FROM ${from}`))[0] ?? [];
    const parts = (await ask(other, `SELECT district, avg(income), var_pop(income) FROM people GROUP BY district`)).filter(([district]) => district !== TARGET.district);
    return [-1, 0, 1, 2].map((more) => Math.sqrt((REST.length + 1) * square(whole) / factor ** 2 - parts.reduce((sum, [, ...moments], i) => sum + (REST.length / 3 + (i === more ? 1 : 0)) * square(moments), 0)));
  });
}
const isTold = (values: readonly number[]): boolean => values.some((each) => Math.abs(each - TARGET.income) < TARGET.income / 1e6);

describe.each(SPELLINGS)('%s', (_, value, from, factor) => {
  test('tell the person without the ledger', async () => expect(isTold(await told(policy('none', 'threshold'), value, from, factor))).toBe(true));
  test.each(POLICIES)('and not with it (%s, %s)', async (differencing, rules) => expect(isTold(await told(policy(differencing, rules), value, from, factor))).toBe(false));
});

describe('what is told is right', () => {
  const right = async (before: readonly string[], statistic: string): Promise<void> => {
    const asked = (differencing: 'none' | 'warn'): Promise<number> => town.asking(policy(differencing, 'threshold'), async (operator) => {
      for (const sql of before) await ask(operator, sql);
      return first(operator, statistic);
    });
    const truth = await asked('none');
    expect(truth).not.toBeNaN();
    expect(await asked('warn')).toBe(truth);
  };
  const UNIT_SUMS = '(SELECT id, sum(income) AS s, sum(age) AS g FROM people GROUP BY id)';
  test('a variance after the sum of the column', () => right(['SELECT sum(income) FROM people'], `SELECT var_pop(s) FROM ${UNIT_SUMS}`));
  test('a variance after the variance of the column', () => right(['SELECT var_pop(income) FROM people'], `SELECT var_pop(s) FROM ${UNIT_SUMS}`));
  test('a covariance, of an empty ledger', () => right([], `SELECT covar_pop(s, g) FROM ${UNIT_SUMS}`));
  test('a covariance after both sums', () => right(['SELECT sum(income), sum(age) FROM people'], `SELECT covar_pop(s, g) FROM ${UNIT_SUMS}`));
});
