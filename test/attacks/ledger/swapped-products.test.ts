/**
 * Σxy of everybody in one order of the columns, and of each district in the other: the only one of a district is the difference, and whoever knows
 * one of that person's values has the other. A product is the same in either order, and so are the numbers that are compared.
 */
import { describe, expect, test } from 'vitest';
import { ledgerPolicy, people } from '../../support/ledger-domain.ts';
import { ledgerTown } from '../../support/ledger-town.ts';

const TARGET = { id: 'target', district: '李沧', age: 55, sex: 'F', income: 4_321 };
const town = ledgerTown([...people(320).filter(({ district }) => district !== '李沧'), TARGET]);

const statistics = (y: string, x: string): string => `covar_pop(${y}, ${x}), regr_avgy(${y}, ${x}), regr_avgx(${y}, ${x}), regr_sxy(${y}, ${x})`;
/** Σxy: n is Sxy over the covariance. */
const products = ([covariance = Number.NaN, y = Number.NaN, x = Number.NaN, sxy = Number.NaN]: readonly number[]): number => (sxy / covariance) * (covariance + y * x);

/** Of the target, as the two answers tell it. */
function told(differencing: 'none' | 'warn' | 'refuse', [y, x]: readonly [string, string], wholeFirst: boolean): Promise<number> {
  const policy = ledgerPolicy(differencing, { measures: { 'people.income': ['count', 'sum', 'avg', 'var', 'covar', 'regr'], 'people.age': ['count', 'sum', 'avg', 'var', 'covar', 'regr'] } });
  const whole = `SELECT ${statistics('income', 'age')} FROM people`;
  const parts = `SELECT district, ${statistics(y, x)} FROM people GROUP BY district`;
  return town.asking(policy, async (operator, other) => {
    const rows = new Map<string, readonly (readonly unknown[])[]>();
    for (const sql of wholeFirst ? [whole, parts] : [parts, whole]) rows.set(sql, (await (sql === whole ? operator : other).ask(sql)).result?.table.rows ?? []);
    const known = (rows.get(parts) ?? []).filter(([district]) => district !== TARGET.district).map((row) => products(row.slice(1).map(Number)));
    return products((rows.get(whole)?.[0] ?? []).map(Number)) - known.reduce((sum, each) => sum + each, 0);
  });
}

const TRUTH = TARGET.income * TARGET.age;

describe.each([['income', 'age'], ['age', 'income']] as const)('by district %s and %s', (...columns) => {
  test.each([true, false])('is told without the ledger (the whole first: %s)', async (wholeFirst) => expect(await told('none', columns, wholeFirst)).toBeCloseTo(TRUTH, 0));
  test.each([['warn', true], ['warn', false], ['refuse', true], ['refuse', false]] as const)('is not with it (%s, the whole first: %s)', async (differencing, wholeFirst) => {
    expect(Math.abs(await told(differencing, columns, wholeFirst) - TRUTH)).not.toBeLessThan(TRUTH / 10);
  });
});
