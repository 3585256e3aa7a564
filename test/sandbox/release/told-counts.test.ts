import { describe, expect, test } from 'vitest';
import type { GateSpec, Measure, Output } from '#sandbox/release/cells.ts';
import { MOMENTS, type Moment } from '#sandbox/release/moments.ts';
import { isCountTold } from '#sandbox/release/told-counts.ts';

/** Of values of y where x has one: sums, squares and products as a plan has them. */
const column = (id: number, of: string, conditions: readonly string[]): Measure => ({ id, of: { kind: 'column', column: of, scale: 0 }, conditions, magnitude: true });
const BOTH = ['is-not-null(x)', 'is-not-null(y)'];
const MEASURES: readonly Measure[] = [
  { id: 0, of: { kind: 'rows' }, conditions: [], magnitude: false },
  column(1, 'y', ['is-not-null(x)']), column(2, 'y · y', ['is-not-null(x)']), column(3, 'x', ['is-not-null(y)']), column(4, 'x · x', ['is-not-null(y)']), column(5, 'x · y', BOTH),
  { id: 6, of: { kind: 'rows' }, conditions: BOTH, magnitude: false },
];
const moment = (of: Moment): Output => ({ name: of, type: 'DOUBLE', statistic: 'moment', of, mayMiss: true, y: 1, yy: 2, x: 3, xx: 4, xy: 5 });
const sum = (coefficient: string, constant = '0'): Output => ({ name: 's', type: 'DOUBLE', statistic: 'sum', count: 6, terms: [{ coefficient, measure: 1 }, ...(constant === '0' ? [] : [{ coefficient: constant, measure: 6 }])] });
const avg = (coefficient: string, constant = '0'): Output => ({ ...sum(coefficient, constant), statistic: 'avg', mayMiss: true } as Output);
const ROWS: Output = { name: 'n', type: 'BIGINT', statistic: 'count', measure: 0 };
const told = (...outputs: readonly Output[]): boolean => {
  const spec: Pick<GateSpec, 'measures' | 'outputs'> = { measures: MEASURES, outputs };
  return isCountTold(spec, MEASURES[1]!);
};

test.each(MOMENTS)('%s alone does not tell n, nor beside the number of all', (of) => expect([told(moment(of)), told(moment(of), ROWS)]).toEqual([false, false]));
test.each(['var_pop', 'var_samp', 'stddev_pop', 'stddev_samp', 'sem'] as const)('nor does an average beside %s', (of) => expect(told(avg('1'), moment(of), ROWS)).toBe(false));

describe('together', () => {
  test.each([
    ['a count', [{ ...ROWS, measure: 6 }]],
    ['a sum and its average', [sum('1'), avg('1')]],
    ['two sums', [sum('1'), sum('0.25', '3')]],
    ['a moved sum and an average', [sum('2.5', '1'), avg('-1')]],
    ['a sum and a mean', [sum('1'), moment('regr_avgy')]],
    ['two variances', [moment('var_pop'), moment('var_samp')]],
    ['two deviations', [moment('stddev_pop'), moment('stddev_samp')]],
    ['a deviation and its error', [moment('stddev_samp'), moment('sem')]],
    ['covariance, slope and sum of squares', [moment('covar_pop'), moment('regr_slope'), moment('regr_sxx')]],
    ['covariance, correlation and sums of squares', [moment('covar_samp'), moment('corr'), moment('regr_sxx'), moment('regr_syy')]],
  ] as const)('%s tell n', (_, outputs) => expect(told(...outputs)).toBe(true));

  test.each([
    ['averages of one column', [avg('1'), avg('2', '1'), moment('regr_avgy')]],
    ['a deviation and a variance of one kind', [moment('stddev_samp'), moment('var_samp')]],
    ['sums of squares and products, slope and correlation', [moment('regr_sxx'), moment('regr_syy'), moment('regr_sxy'), moment('regr_slope'), moment('regr_r2')]],
    ['means, slope and intercept', [moment('regr_avgx'), moment('regr_avgy'), moment('regr_slope'), moment('regr_intercept')]],
    ['a sum and a slope', [sum('1'), moment('regr_slope'), moment('var_pop')]],
  ] as const)('%s do not', (_, outputs) => expect(told(...outputs)).toBe(false));
});
