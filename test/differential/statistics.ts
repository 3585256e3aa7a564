/** Aggregates below the gate, aggregates above it, and windows: for each function that the gate knows, calls that have one answer. */
import { expression, predicate, type Scope } from './expressions.ts';
import type { Source } from './relations.ts';
import type { T } from './scalars.ts';
import type { Tape } from './tape.ts';

export interface Statistic {
  readonly name: string;
  readonly type: T;
  readonly make: (tape: Tape, scope: Scope, source: Source) => string;
}

const filter = (tape: Tape, scope: Scope): string => (tape.once(4) ? ` FILTER (WHERE ${predicate(tape, scope, 1)})` : '');

/** A sum of columns, perhaps under a condition. */
function measure(tape: Tape, scope: Scope, type: T): string {
  const plain = columnOf(tape, scope, type);
  const factor = tape.pick(type === 'dbl' ? ['2', '0.5', '-3'] : ['2', '10', '-3']);
  switch (tape.below(7)) {
    case 1: return `${plain} * ${factor}`;
    case 2: return `${plain} + ${columnOf(tape, scope, type)}`;
    case 3: return `CASE WHEN ${predicate(tape, scope, 1)} THEN ${plain} ELSE 0 END`;
    case 4: return `CASE WHEN ${predicate(tape, scope, 1)} THEN ${plain} WHEN ${predicate(tape, scope, 0)} THEN ${columnOf(tape, scope, type)} * ${factor} END`;
    case 5: return `coalesce(${plain}, 0)`;
    case 6: return `${factor} - ${plain}`;
    default: return plain;
  }
}

/** Only columns whose sums and multiples no raw query overflows on. */
function columnOf(tape: Tape, scope: Scope, type: T): string {
  const columns = scope.columns.filter((column) => column.type === type && !/\.(huge|wage|rate|n\d)$/.test(column.sql));
  return columns.length === 0 ? (type === 'dbl' ? 'CAST(2 AS DOUBLE)' : type === 'dec' ? '2.50' : type === 'date' ? `DATE '2020-01-01'` : '3') : tape.pick(columns).sql;
}

/** Columns of small numbers: plain DuckDB loses digits in moments of large ones, the gate does not. */
function smallColumn(tape: Tape, scope: Scope): string {
  const columns = scope.columns.filter(({ sql }) => /\.(born|minutes|visit_id)$/.test(sql));
  return columns.length === 0 ? '3' : tape.pick(columns).sql;
}

/** Floating numbers computed from a row. */
const computed = (tape: Tape, scope: Scope): string => tape.pick(['# / 3', 'sqrt(abs(#))', 'pow(# % 1000, 3)', '# * 0.5e0', 'exp(# % 10)', 'ln(abs(#) + 1)', 'floor(#)', 'CAST(# AS DOUBLE)']).replace('#', columnOf(tape, scope, 'int'));

const one = (name: string, type: T, make: Statistic['make']): Statistic => ({ name, type, make });
const of = (name: string, wanted: T, type: T): Statistic => one(name, type, (tape, scope) => `${name}(${measure(tape, scope, wanted)})${filter(tape, scope)}`);
const pair = (name: string, type: T): Statistic => one(name, type, (tape, scope) => `${name}(${smallColumn(tape, scope)}, ${smallColumn(tape, scope)})${filter(tape, scope)}`);
const column = (name: string, wanted: T, type: T, more = ''): Statistic => one(name, type, (tape, scope) => `${name}(${columnOf(tape, scope, wanted)}${more})${filter(tape, scope)}`);

export const STATISTICS: readonly Statistic[] = [
  one('count_star', 'int', (tape, scope) => `count(*)${filter(tape, scope)}`),
  one('count', 'int', (tape, scope) => `count(${expression(tape, scope, tape.pick<T>(['int', 'txt', 'dec', 'date', 'bool']), 1)})${filter(tape, scope)}`),
  one('count', 'int', (tape, scope, { units }) => `count(DISTINCT ${tape.pick(units)})${filter(tape, scope)}`),
  one('count', 'int', (tape, scope, { units }) => `count(DISTINCT CASE WHEN ${predicate(tape, scope, 1)} THEN ${tape.pick(units)} END)`),
  one('count_if', 'int', (tape, scope) => `count_if(${predicate(tape, scope, 2)})`),
  one('countif', 'int', (tape, scope) => `countif(${predicate(tape, scope, 1)})`),
  of('sum', 'int', 'int'), 
  // Decimals of 38 digits and different scales meet otherwise in plain DuckDB: it drops digits after the point, the gate keeps them.
  of('sum', 'dec', 'near'), of('sum', 'dbl', 'near'),
  one('sum', 'int', (tape, scope) => `sum(CAST(${predicate(tape, scope, 1)} AS INTEGER))`),
  one('sum', 'near', (tape, scope) => `sum(${computed(tape, scope)})${filter(tape, scope)}`), one('avg', 'near', (tape, scope) => `avg(${computed(tape, scope)})`),
  one('sum', 'int', (tape) => `sum(${tape.pick(['1', '2', '0'])})`),
  of('avg', 'int', 'near'), of('avg', 'dec', 'near'), of('avg', 'dbl', 'near'), of('mean', 'int', 'near'),
  one('avg', 'near', (tape, scope) => `sum(${columnOf(tape, scope, 'dec')}) / nullif(count(*), 0)`),
  column('min', 'int', 'int'), column('max', 'dec', 'dec'), column('min', 'date', 'date'), column('max', 'date', 'date'),
  one('count', 'int', (tape, scope) => `count(DISTINCT ${expression(tape, scope, tape.pick<T>(['txt', 'int', 'date', 'bool']), 1)})${filter(tape, scope)}`),
  one('sum', 'int', (tape, scope) => `sum(DISTINCT ${smallColumn(tape, scope)})`), one('avg', 'near', (tape, scope) => `avg(DISTINCT ${smallColumn(tape, scope)})`),
  ...['stddev', 'stddev_samp', 'stddev_pop', 'variance', 'var_samp', 'var_pop', 'sem'].map((name) => one(name, 'near', (tape, scope) => `${name}(${smallColumn(tape, scope)})${filter(tape, scope)}`)),
  ...['covar_pop', 'covar_samp', 'corr', 'regr_avgx', 'regr_avgy', 'regr_intercept', 'regr_r2', 'regr_slope', 'regr_sxx', 'regr_sxy', 'regr_syy'].map((name) => pair(name, 'near')),
  pair('regr_count', 'int'),
  column('median', 'int', 'near'), column('quantile_cont', 'int', 'near', ', 0.25'), column('quantile_disc', 'int', 'int', ', 0.75'), column('quantile', 'int', 'int', ', 0.5'),
  one('bool_and', 'bool', (tape, scope) => `bool_and(${predicate(tape, scope, 1)})`), one('bool_or', 'bool', (tape, scope) => `bool_or(${predicate(tape, scope, 1)})`),
];

export interface AboveCall {
  readonly name: string;
  readonly type: T;
  /** `order`: expressions that tell the rows apart; empty where there is one row. */
  readonly make: (tape: Tape, scope: Scope, order: string) => string;
}

const sorted = (order: string): string => (order === '' ? '' : ` ORDER BY ${order}`);
const plain = (name: string, wanted: T, type: T, more = ''): AboveCall => ({ name, type, make: (tape, scope) => `${name}(${expression(tape, scope, wanted, 1)}${more})${tape.once(4) ? ` FILTER (WHERE ${predicate(tape, scope, 1)})` : ''}` });
const inOrder = (name: string, wanted: T, type: T, more = ''): AboveCall => ({ name, type, make: (tape, scope, order) => `${name}(${expression(tape, scope, wanted, 1)}${more}${sorted(order)})` });
const tame = '% 1000';
const two = (name: string, type: T): AboveCall => ({ name, type, make: (tape, scope) => `${name}((${expression(tape, scope, 'int', 0)}) ${tame}, (${expression(tape, scope, 'int', 0)}) ${tame})` });
const tamed = (name: string, type: T): AboveCall => ({ name, type, make: (tape, scope) => `${name}((${expression(tape, scope, 'int', 1)}) ${tame})` });

/** Aggregates of released values. */
export const ABOVE: readonly AboveCall[] = [
  { name: 'count_star', type: 'int', make: () => 'count(*)' },
  plain('count', 'txt', 'int'),
  { name: 'count', type: 'int', make: (tape, scope) => `count(DISTINCT ${expression(tape, scope, tape.pick<T>(['int', 'txt']), 1)})` },
  { name: 'sum', type: 'int', make: (tape, scope) => `sum((${expression(tape, scope, 'int', 1)}) ${tame})` },
  { name: 'sum', type: 'near', make: (tape, scope) => `sum(${expression(tape, scope, 'near', 1)})` },
  plain('avg', 'int', 'near'), plain('mean', 'dec', 'near'),
  plain('min', 'int', 'int'), plain('max', 'txt', 'txt'), plain('min', 'near', 'near'), plain('max', 'date', 'date'),
  ...['any_value', 'arbitrary', 'first', 'last'].map((name) => inOrder(name, 'int', 'int')),
  { name: 'mode', type: 'int', make: () => 'mode(7)' },
  ...['arg_min', 'arg_max', 'min_by', 'max_by', 'argmin', 'argmax'].map((name): AboveCall => ({ name, type: 'int', make: (tape, scope) => `${name}((${expression(tape, scope, 'int', 0)}) * 0, ${expression(tape, scope, 'int', 0)})` })),
  plain('median', 'int', 'near'), plain('quantile_cont', 'int', 'near', ', 0.25'), plain('quantile_disc', 'int', 'int', ', 0.75'), plain('quantile', 'int', 'int', ', 0.5'),
  ...['stddev', 'stddev_samp', 'stddev_pop', 'variance', 'var_samp', 'var_pop', 'sem', 'skewness', 'kurtosis', 'kurtosis_pop'].map((name) => tamed(name, 'near')),
  ...['covar_pop', 'covar_samp', 'corr', 'regr_avgx', 'regr_avgy', 'regr_intercept', 'regr_r2', 'regr_slope', 'regr_sxx', 'regr_sxy', 'regr_syy'].map((name) => two(name, 'near')),
  two('regr_count', 'int'),
  plain('bool_and', 'bool', 'bool'), plain('bool_or', 'bool', 'bool'),
  plain('count_if', 'bool', 'int'), plain('countif', 'bool', 'int'),
  ...['string_agg', 'group_concat', 'listagg'].map((name) => inOrder(name, 'txt', 'txt', `, '|'`)),
  { name: 'product', type: 'near', make: (tape, scope) => `product((${expression(tape, scope, 'int', 0)}) % 3)` },
  ...['fsum', 'sumkahan', 'kahan_sum', 'favg'].map((name) => tamed(name, 'near')),
];

const FRAMES = ['', '', ' ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW', ' ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING', ' RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING', ' ROWS BETWEEN 2 PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW', ' GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES', ' ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING EXCLUDE GROUP'];

function over(tape: Tape, scope: Scope, order: string, framed: boolean): string {
  const partition = tape.once(3) ? `PARTITION BY ${expression(tape, scope, 'txt', 0)}` : '';
  const frame = framed && order !== '' ? tape.pick(FRAMES) : '';
  return `OVER (${[partition, sorted(order).trim()].filter((part) => part !== '').join(' ')}${frame})`;
}

const ranked = (name: string, type: T, argument = ''): AboveCall => ({ name, type, make: (tape, scope, order) => `${name}(${argument}) ${over(tape, scope, order, false)}` });
const valued = (name: string, type: T, more = '', framed = true): AboveCall => ({ name, type, make: (tape, scope, order) => `${name}(${expression(tape, scope, type, 0)}${more}${tape.once(5) ? ' IGNORE NULLS' : ''}) ${over(tape, scope, order, framed)}` });
const summed = (name: string, type: T): AboveCall => ({ name, type, make: (tape, scope, order) => `${name}((${expression(tape, scope, 'int', 0)}) ${tame})${tape.once(4) ? ` FILTER (WHERE ${predicate(tape, scope, 1)})` : ''} ${over(tape, scope, order, true)}` });

/** Window functions, and some aggregates as such. */
export const WINDOW_CALLS: readonly AboveCall[] = [
  ...['row_number', 'rank', 'dense_rank', 'rank_dense'].map((name) => ranked(name, 'int')),
  ranked('ntile', 'int', '3'), ranked('percent_rank', 'near'), ranked('cume_dist', 'near'),
  valued('lag', 'int', '', false), valued('lead', 'txt', ', 2', false), valued('lag', 'dec', ', 1, 0', false),
  valued('first_value', 'int'), valued('last_value', 'txt'), valued('nth_value', 'int', ', 2'),
  summed('sum', 'int'), summed('avg', 'near'), summed('min', 'int'), summed('count', 'int'),
];
