/**
 * Spread, covariance, correlation and regression from sums, exactly until the last division: with n values,
 * A = n·Σx² − (Σx)², B likewise of y, C = n·Σxy − Σx·Σy. NULL and NaN where DuckDB has them. In the two-column forms y is
 * the first argument and x the second, as in SQL.
 */
import { multiply, quotientToDouble, toDouble } from './exact.ts';
import type { Exact } from './exact.ts';
import type { Value } from '#contract/table.ts';

export const MOMENTS = [
  'var_pop', 'var_samp', 'stddev_pop', 'stddev_samp', 'sem',
  'covar_pop', 'covar_samp', 'corr', 'regr_slope', 'regr_intercept', 'regr_r2', 'regr_sxx', 'regr_syy', 'regr_sxy', 'regr_avgx', 'regr_avgy',
] as const;
export type Moment = (typeof MOMENTS)[number];

/** Sums over the n rows that have a value (of both columns). Of one column: `y` and `yy` only. */
export interface Sums {
  readonly n: bigint;
  readonly y: Exact;
  readonly yy: Exact;
  readonly x: Exact | null;
  readonly xx: Exact | null;
  readonly xy: Exact | null;
}

/** A DOUBLE in wire form. Sums that noise has moved out of what sums can be are taken at the nearest possible: no negative spread. */
export function moment(of: Moment, sums: Sums): Value {
  const { n, y } = sums;
  if (n <= 0n) return null;
  const b = spread(n, sums.yy, y);
  switch (of) {
    case 'var_pop': return quotientToDouble(b, n * n);
    case 'var_samp': return n < 2n ? null : quotientToDouble(b, n * (n - 1n));
    case 'stddev_pop': return Math.sqrt(quotientToDouble(b, n * n));
    case 'stddev_samp': return n < 2n ? null : Math.sqrt(quotientToDouble(b, n * (n - 1n)));
    case 'sem': return Math.sqrt(quotientToDouble(b, n * n * n));
    case 'regr_avgy': return quotientToDouble(y, n);
    case 'regr_syy': return quotientToDouble(b, n);
    default: return pairMoment(of, n, y, b, sums);
  }
}

function pairMoment(of: Moment, n: bigint, y: Exact, b: Exact, { x, xx, xy }: Sums): Value {
  if (x === null || xx === null || xy === null) throw new Error('a statistic of two columns needs the sums of both');
  const a = spread(n, xx, x);
  const c = minus(times(xy, n), multiply(x, y));
  switch (of) {
    case 'covar_pop': return quotientToDouble(c, n * n);
    case 'covar_samp': return n < 2n ? null : quotientToDouble(c, n * (n - 1n));
    case 'regr_sxx': return quotientToDouble(a, n);
    case 'regr_sxy': return quotientToDouble(c, n);
    case 'regr_avgx': return quotientToDouble(x, n);
    case 'corr': return a.units === 0n || b.units === 0n ? 'NaN' : Math.max(-1, Math.min(1, Math.sign(toDouble(c)) * Math.sqrt(ratio(multiply(c, c), multiply(a, b)))));
    case 'regr_slope': return a.units === 0n ? 'NaN' : ratio(c, a);
    case 'regr_intercept': return a.units === 0n ? null : ratio(minus(multiply(y, a), multiply(c, x)), times(a, n));
    case 'regr_r2': return a.units === 0n ? null : b.units === 0n ? 1 : Math.min(1, ratio(multiply(c, c), multiply(a, b)));
    default: throw new Error('a statistic of one column is computed from it alone');
  }
}

/** n·Σx² − (Σx)², never negative. */
function spread(n: bigint, squares: Exact, sum: Exact): Exact {
  const result = minus(times(squares, n), multiply(sum, sum));
  return result.units < 0n ? { ...result, units: 0n } : result;
}

const times = ({ units, scale }: Exact, factor: bigint): Exact => ({ units: units * factor, scale });

function minus(a: Exact, b: Exact): Exact {
  const scale = Math.max(a.scale, b.scale);
  return { units: a.units * 10n ** BigInt(scale - a.scale) - b.units * 10n ** BigInt(scale - b.scale), scale };
}

/** a / b as the nearest double; b is not zero. */
function ratio(a: Exact, b: Exact): number {
  const sign = b.units < 0n ? -1n : 1n;
  return quotientToDouble({ units: a.units * sign * 10n ** BigInt(b.scale), scale: a.scale }, b.units * sign);
}
