import { describe, expect, test } from 'vitest';
import type { Measure, Output } from '#sandbox/release/cells.ts';
import { release } from '#sandbox/release/release.ts';
import { AVG, COUNT, gate, INCOME, policy, ROWS, SUM, units } from '../../support/gate.ts';

const rules = (statistics: Record<string, unknown> = {}) => policy({ secondary: 'required', ...statistics });
const bound = { bound: { person: { rows: 1n, total: 100n } } };
const rows: Measure = { ...ROWS, ...bound };
const income: Measure = { ...INCOME, ...bound, missing: 'as-stored' };
const branch: Measure = { ...income, id: 2, conditions: ['birth_year <> 1901'] };
const countX: Output = { name: 'nx', type: 'BIGINT', statistic: 'count', measure: 1 };
const branchSum: Output = { name: 'part', type: 'HUGEINT', statistic: 'sum', terms: [{ coefficient: '1', measure: 2 }], count: 2 };
const flags = (outputs: readonly Output[], measures: readonly Measure[], sizes: readonly number[], by = rules()) => {
  const result = release([gate({ measures, outputs }, [{ keys: ['A'], evidence: sizes.map((n) => units(n)) }], [['A']])], [by]);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value.tables[0]?.load.rows[0]?.slice(1 + outputs.length);
};

describe('count(*) beside count(x)', () => {
  test.each([[20, 20, false], [20, 19, true], [20, 11, true], [20, 10, false]])('%s rows, %s with a value → withheld %s', (whole, part, withheld) => {
    expect(flags([COUNT, countX], [rows, income], [whole, part])).toEqual([false, withheld]);
  });

  test('a sum with its average shows the count: both go, and the average alone stays', () => {
    expect(flags([COUNT, SUM, AVG], [rows, income], [20, 19])).toEqual([false, true, true]);
    expect(flags([COUNT, AVG], [rows, income], [20, 19])).toEqual([false, false]);
  });

  test('an average goes where whoever asks chooses which values are missing', () => {
    expect(flags([COUNT, AVG], [rows, { ...INCOME, ...bound }], [20, 19])).toEqual([false, true]);
    expect(flags([COUNT, AVG], [rows, { ...INCOME, ...bound }], [20, 20])).toEqual([false, false]);
  });

  test('only where the policy asks for it', () => {
    expect(flags([COUNT, countX], [rows, income], [20, 19], rules({ secondary: 'none' }))).toEqual([false, false]);
  });
});

test('sum(x) less sum over everybody but one returns nobody', () => {
  expect(flags([SUM, branchSum], [rows, income, branch], [20, 20, 19])).toEqual([false, true]);
  expect(flags([SUM, branchSum], [rows, income, branch], [40, 40, 20])).toEqual([false, false]);
});
