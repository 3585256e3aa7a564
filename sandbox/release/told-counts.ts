/**
 * Which counts can be worked out from all that a row of a gate shows: where var_samp stands beside var_pop, their ratio is n / (n − 1). A row is a system of equations in
 * the totals and counts that its numbers are made of. A count is told where it has finitely many solutions: where its unit vector is among the
 * combinations of the gradients at a point in general position. Modulo a prime, with a point that the names of the unknowns give.
 */
import { assertNever } from '#contract/result.ts';
import { PRIME, inverse, mod, times } from '../ledger/field.ts';
import type { GateSpec, Measure, Output, Term } from './cells.ts';
import { parseExact } from './exact.ts';

type Asked = Pick<GateSpec, 'measures' | 'outputs'>;

/** What a row has to meet to count: the conditions, and to have a value. Measures that ask the same count the same. */
export const asked = (measure: Measure): readonly string[] => (measure.of.kind === 'rows' || measure.missing === 'none' ? measure.conditions : [...measure.conditions, presence(measure)]);
export const presence = ({ of }: Measure): string => (of.kind === 'rows' ? '' : `is-not-null(${of.column})`);

/** Whether how many values a measure has follows from the outputs together. Numbers of different populations are not taken to add up. */
export function isCountTold(spec: Asked, measure: Measure): boolean {
  const told = TOLD.get(spec) ?? toldIn(spec);
  TOLD.set(spec, told);
  return told.has(countName(measure));
}

const TOLD = new WeakMap<Asked, ReadonlySet<string>>();

const countName = (measure: Measure): string => `count ${JSON.stringify([...new Set(asked(measure))].sort())}`;

/** By unknown. */
type Gradient = ReadonlyMap<string, number>;

/** A function of the unknowns at the point. */
interface Dual {
  readonly at: number;
  readonly gradient: Gradient;
}

function toldIn(spec: Asked): ReadonlySet<string> {
  const points = new Map<string, Dual>();
  const unknown = (name: string): Dual => {
    const known = points.get(name) ?? { at: mod(times(MULTIPLIER, times(MULTIPLIER, points.size + 2) + 1) + 1), gradient: new Map([[name, 1]]) };
    points.set(name, known);
    return known;
  };
  const measureOf = (id: number): Measure => spec.measures.find((measure) => measure.id === id) ?? missing();
  const count = (id: number): Dual => unknown(countName(measureOf(id)));
  const total = (id: number): Dual => (measureOf(id).of.kind === 'rows' ? count(id) : unknown(`total ${id}`));
  const numbers = spec.outputs.map((output): Dual => {
    switch (output.statistic) {
      case 'count': case 'count-units': return count(output.measure);
      case 'sum': return linear(output.terms, total);
      case 'avg': return over(linear(output.terms, total), count(output.count));
      case 'moment': return moment(output, count, total);
      default: return assertNever(output);
    }
  });
  return new Set(alone(numbers.map(({ gradient }) => gradient)).filter((name) => name.startsWith('count ')));
}

const MULTIPLIER = 48_271;

function linear(terms: readonly Term[], total: (id: number) => Dual): Dual {
  return terms.reduce((sum, { coefficient, measure }) => {
    const { units, scale } = parseExact(coefficient);
    let factor = mod(Number(units % BigInt(PRIME)));
    for (let digit = 0; digit < scale; digit++) factor = times(factor, TENTH);
    return plus(sum, product(constant(factor), total(measure)));
  }, constant(0));
}

const TENTH = inverse(10);

/** Up to sign and root, as `moments.ts` has them. */
function moment({ of, n: counted, y: ofY, yy, x: ofX, xx, xy }: Extract<Output, { statistic: 'moment' }>, count: (id: number) => Dual, total: (id: number) => Dual): Dual {
  const n = count(counted ?? ofY);
  const fewer = plus(n, constant(-1));
  const [y, x] = [total(ofY), ofX === null ? constant(0) : total(ofX)];
  const spread = (squares: number | null, a: Dual, b: Dual): Dual => (squares === null ? missing() : plus(product(n, total(squares)), product(constant(-1), product(a, b))));
  const [b, a, c] = [() => spread(yy, y, y), () => spread(xx, x, x), () => spread(xy, x, y)];
  switch (of) {
    case 'var_pop': case 'stddev_pop': return over(b(), product(n, n));
    case 'var_samp': case 'stddev_samp': return over(b(), product(n, fewer));
    case 'sem': return over(b(), product(n, product(n, n)));
    case 'covar_pop': return over(c(), product(n, n));
    case 'covar_samp': return over(c(), product(n, fewer));
    case 'corr': case 'regr_r2': return over(product(c(), c()), product(a(), b()));
    case 'regr_slope': return over(c(), a());
    case 'regr_intercept': return over(plus(product(y, a()), product(constant(-1), product(c(), x))), product(a(), n));
    case 'regr_sxx': return over(a(), n);
    case 'regr_syy': return over(b(), n);
    case 'regr_sxy': return over(c(), n);
    case 'regr_avgx': return over(x, n);
    case 'regr_avgy': return over(y, n);
    default: return assertNever(of);
  }
}

const constant = (value: number): Dual => ({ at: mod(value), gradient: new Map() });
const plus = (a: Dual, b: Dual): Dual => ({ at: mod(a.at + b.at), gradient: combined(a.gradient, 1, b.gradient, 1) });
const product = (a: Dual, b: Dual): Dual => ({ at: times(a.at, b.at), gradient: combined(a.gradient, b.at, b.gradient, a.at) });

function over(a: Dual, b: Dual): Dual {
  const one = inverse(b.at);
  const at = times(a.at, one);
  return { at, gradient: combined(a.gradient, one, b.gradient, mod(-times(at, one))) };
}

/** s·a + t·b, without zeros. */
function combined(a: Gradient, s: number, b: Gradient, t: number): Gradient {
  const sum = new Map<string, number>();
  for (const [of, factor] of [[a, s], [b, t]] as const) for (const [name, value] of of) {
    const now = mod((sum.get(name) ?? 0) + times(value, factor));
    if (now === 0) sum.delete(name);
    else sum.set(name, now);
  }
  return sum;
}

/** Unknowns whose unit vectors are combinations of the rows: those that stand alone in their reduced echelon form. */
function alone(rows: readonly Gradient[]): readonly string[] {
  const pivots = new Map<string, Gradient>();
  for (const row of rows) {
    const left = [...row.keys()].reduce((rest, name) => cleared(rest, name, pivots.get(name)), row);
    const [pivot] = left;
    if (pivot === undefined) continue;
    const [name, value] = pivot;
    const unit = combined(left, inverse(value), new Map(), 0);
    for (const [other, own] of pivots) pivots.set(other, cleared(own, name, unit));
    pivots.set(name, unit);
  }
  return [...pivots].flatMap(([name, row]) => (row.size === 1 ? [name] : []));
}

function cleared(row: Gradient, name: string, pivot: Gradient | undefined): Gradient {
  const value = row.get(name);
  return value === undefined || pivot === undefined ? row : combined(row, 1, pivot, mod(-value));
}

function missing(): never {
  throw new Error('an output is made of what its gate does not have');
}
