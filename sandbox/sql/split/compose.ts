/**
 * Statistics that a gate does not compute as one cell, put together above it from what it does: truth values from counts,
 * distinct values, extremes and quantiles from the released table of the values themselves.
 */
import type { Statistic } from '#contract/policy.ts';
import { text } from '#contract/text.ts';
import type { BindContext } from '../bind/context.ts';
import { boundLiteral, columnRef, conjunction, keyOf, type Bound } from '../expression.ts';
import { AGGREGATES } from '../functions/aggregates.ts';
import { cast } from '../functions/parameter.ts';
import { SCALARS } from '../functions/scalars.ts';
import type { AggregateCall, Column, Item, Relation, WindowCall } from '../relation.ts';
import { decimal, isNumber } from '../types.ts';
import { positionOf, trimmedStatistic, type Trimming } from './trimmed.ts';

export interface AggregateColumn {
  readonly column: Column;
  readonly call: AggregateCall;
}

export interface Composed {
  /** Computed by the gate itself. */
  readonly direct: readonly AggregateColumn[];
  readonly values: ValueNeed | null;
  /** The statistic from those. */
  readonly expr: Bound;
}

/** A statistic of the values that occur, or of windows of them. */
export interface ValueNeed {
  /** Needs with the same key read the same released table. */
  readonly key: string;
  readonly value: Bound;
  readonly filter: Bound | null;
  readonly of: ValueStatistic;
  /** What the policy calls it. */
  readonly statistic: Statistic;
  readonly column: Column;
}

export type ValueStatistic =
  /** An aggregate over the distinct values. */
  | { readonly kind: 'distinct'; readonly fn: string }
  | { readonly kind: 'quantile'; readonly at: Bound; readonly interpolated: boolean }
  /** The mean of one window: its index among the positions. */
  | { readonly kind: 'window'; readonly trimming: Trimming; readonly position: number };

/** @param trimming the windows that the policy offers of the argument, where it is ranked */
export function compose(context: BindContext, column: Column, call: AggregateCall, trimming: Trimming | null): Composed {
  const { fn, args: [arg], distinct } = call;
  const asItIs: Composed = { direct: [{ column, call }], values: null, expr: columnRef(column) };
  if (arg === undefined || call.order.length > 0) return asItIs;
  const isUnit = arg.kind === 'column' && arg.column.from.kind === 'unit';
  if ((fn.name === 'bool_or' || fn.name === 'bool_and') && !isUnit) return truthValue(context, call, arg);
  if (fn.name === 'regr_count' && !distinct && !isUnit) return pairs(context, column, call, arg);
  if (fn.gate === 'count-if' && !distinct) return countIf(context, column, call, arg);
  const of = trimming === null ? valueStatistic(call, arg) : windowStatistic(context, call, trimming);
  if (of === null || isUnit || (fn.gate !== null && !distinct)) return asItIs;
  const counts = fn.name === 'count';
  const value = context.column(fn.name, (of.kind === 'quantile' && of.interpolated) || of.kind === 'window' ? 'DOUBLE' : column.type, { kind: 'computed', expr: arg });
  const need: ValueNeed = { statistic: policyStatistic(call), key: `${of.kind === 'window' ? 'windows of ' : ''}${keyOf(arg)} if ${call.filter === null ? '' : keyOf(call.filter)}`, value: arg, filter: call.filter, of, column: value };
  const read = cast(columnRef(value), column.type);
  // No value that may be told: none is counted.
  return { direct: [], values: need, expr: counts ? { kind: 'coalesce', args: [read, cast(boundLiteral('INTEGER', '0'), column.type)], type: column.type, at: call.at } : read };
}

function valueStatistic({ fn, distinct, args: [, level] }: AggregateCall, arg: Bound): ValueStatistic | null {
  switch (fn.name) {
    case 'count': case 'sum': case 'avg': case 'mean': return distinct ? { kind: 'distinct', fn: fn.name } : null;
    case 'min': case 'max': return { kind: 'distinct', fn: fn.name };
    case 'median': return isNumber(arg.type) && !distinct ? { kind: 'quantile', at: boundLiteral('DOUBLE', '0.5'), interpolated: true } : null;
    case 'quantile_cont': return isNumber(arg.type) && !distinct && level !== undefined && isConstant(level) ? { kind: 'quantile', at: level, interpolated: true } : null;
    case 'quantile_disc': case 'quantile': return !distinct && level !== undefined && isConstant(level) ? { kind: 'quantile', at: level, interpolated: false } : null;
    default: return null;
  }
}

/** Null, with a refusal, where the policy has no window at that position. */
function windowStatistic(context: BindContext, call: AggregateCall, trimming: Trimming): ValueStatistic {
  const position = positionOf(call, trimming);
  const offered = [...(trimming.lowest ? ['min'] : []), ...trimming.levels, ...(trimming.highest ? ['max'] : [])];
  if (position === null) context.refusals.add('gate/quantile-level', call.at, { name: call.fn.name }, { suggestion: text(`Offered: ${offered.join(', ')}.`, `可用:${offered.join('、')}。`) });
  return { kind: 'window', trimming, position: position ?? 0 };
}

function policyStatistic(call: AggregateCall): Statistic {
  return trimmedStatistic(call) ?? (call.fn.name === 'count' ? 'count-distinct' : call.fn.name === 'sum' ? 'sum' : 'avg');
}

const isConstant = (expr: Bound): boolean => (expr.kind === 'cast' ? isConstant(expr.arg) : expr.kind === 'literal' && expr.value !== null);

/** bool_or is whether any row is true; bool_and whether none is false; NULL where no row says. */
function truthValue(context: BindContext, call: AggregateCall, arg: Bound): Composed {
  const isOr = call.fn.name === 'bool_or';
  const present = aggregate(context, 'count', arg, call);
  const decisive = aggregate(context, 'count_if', isOr ? arg : { kind: 'not', arg, type: 'BOOLEAN', at: arg.at }, call);
  const zero = boundLiteral('INTEGER', '0');
  const compare = (column: Column, op: '=' | '>'): Bound => ({ kind: 'compare', op, left: columnRef(column), right: zero, type: 'BOOLEAN', at: call.at });
  const expr: Bound = {
    kind: 'case', type: 'BOOLEAN', at: call.at,
    branches: [{ when: compare(present.column, '>'), then: compare(decisive.column, isOr ? '>' : '=') }],
    otherwise: boundLiteral('BOOLEAN', null),
  };
  return { direct: [present, decisive], values: null, expr };
}

/** How many rows have both values. */
function pairs(context: BindContext, column: Column, call: AggregateCall, arg: Bound): Composed {
  const other = call.args[1];
  const both = conjunction([...(call.filter === null ? [] : [call.filter]), ...(other === undefined ? [] : [{ kind: 'is-not-null', arg: other, type: 'BOOLEAN', at: call.at } as const])]);
  const count = aggregate(context, 'count', arg, { filter: both, at: call.at });
  return { direct: [count], values: null, expr: cast(columnRef(count.column), column.type) };
}

/** How many rows are true; NULL, and not zero, where no row says. */
function countIf(context: BindContext, column: Column, call: AggregateCall, arg: Bound): Composed {
  const present = aggregate(context, 'count', arg, call);
  const said: Bound = { kind: 'compare', op: '>', left: columnRef(present.column), right: boundLiteral('INTEGER', '0'), type: 'BOOLEAN', at: call.at };
  // The column that is asked for is the composed one; the count has one of its own.
  const counted = aggregate(context, 'count_if', arg, call);
  return { direct: [present, counted], values: null, expr: { kind: 'case', branches: [{ when: said, then: cast(columnRef(counted.column), column.type) }], otherwise: cast(boundLiteral('NULL', null), column.type), type: column.type, at: call.at } };
}

function aggregate(context: BindContext, name: string, arg: Bound | null, like: Pick<AggregateCall, 'filter' | 'at'>): AggregateColumn {
  const fn = AGGREGATES.get(name);
  const bound = fn?.bind(arg === null ? [] : [arg]) ?? null;
  if (fn === undefined || bound === null) throw new Error(`${name} is an aggregate`);
  const call: AggregateCall = { fn, args: bound.args, distinct: false, filter: like.filter, order: [], type: bound.type, at: like.at };
  return { column: context.column(name, bound.type, { kind: 'aggregate', call }), call };
}

/** The mean of a column. */
export const meanOf = (context: BindContext, value: Bound): AggregateColumn => aggregate(context, 'avg', value, { filter: null, at: value.at });

/** How many rows have a value: zero or withheld where it may not be told. */
export const countRows = (context: BindContext): AggregateColumn => aggregate(context, 'count_star', null, { filter: null, at: null });

export interface Summary {
  readonly relation: Relation;
  readonly keys: readonly Column[];
}

/** By keys, the statistics of the values that the released table tells of. */
export function summarize(context: BindContext, gate: Relation, keys: readonly Column[], value: Column, count: Column, needs: readonly ValueNeed[]): Summary {
  const occurs: Bound = {
    kind: 'and', type: 'BOOLEAN', at: null,
    args: [{ kind: 'compare', op: '>', left: columnRef(count), right: boundLiteral('INTEGER', '0'), type: 'BOOLEAN', at: null }, { kind: 'is-not-null', arg: columnRef(value), type: 'BOOLEAN', at: null }],
  };
  const values: Relation = { kind: 'filter', input: gate, predicate: occurs };
  const ranked = needs.some(({ of }) => of.kind === 'quantile') ? withRanks(context, values, keys, value, count) : null;
  const aggregates = needs.map((need): { readonly need: ValueNeed; readonly parts: readonly AggregateColumn[]; readonly expr: Bound } => {
    if (need.of.kind === 'window') throw new Error('windows have a table of their own');
    if (need.of.kind === 'distinct') {
      const part = aggregate(context, need.of.fn, columnRef(value), { filter: null, at: null });
      return { need, parts: [part], expr: columnRef(part.column) };
    }
    return { need, ...quantile(context, value, ranked ?? missing(), need.of) };
  });
  const renamed = anew(context, keys);
  const grouped: Relation = { kind: 'aggregate', input: ranked?.relation ?? values, keys: renamed, aggregates: aggregates.flatMap(({ parts }) => parts), sets: null, groupings: [], at: null };
  const items = [...renamed.map(({ column }) => ({ column, expr: columnRef(column) })), ...aggregates.map(({ need, expr }) => ({ column: need.column, expr: cast(expr, need.column.type) }))];
  return { relation: { kind: 'project', input: grouped, items }, keys: renamed.map(({ column }) => column) };
}

/** By keys, the mean of the window at each position that is asked for. */
export function pickWindows(context: BindContext, gate: Relation, keys: readonly Column[], position: Column, mean: Column, needs: readonly ValueNeed[]): Summary {
  const picked = needs.map((need) => {
    const at = need.of.kind === 'window' ? need.of.position : 0;
    const filter: Bound = { kind: 'compare', op: '=', left: columnRef(position), right: boundLiteral('INTEGER', String(at)), type: 'BOOLEAN', at: null };
    return { need, part: aggregate(context, 'max', columnRef(mean), { filter, at: null }) };
  });
  const renamed = anew(context, keys);
  const grouped: Relation = { kind: 'aggregate', input: gate, keys: renamed, aggregates: picked.map(({ part }) => part), sets: null, groupings: [], at: null };
  const items = [...renamed.map(({ column }) => ({ column, expr: columnRef(column) })), ...picked.map(({ need, part }) => ({ column: need.column, expr: columnRef(part.column) }))];
  return { relation: { kind: 'project', input: grouped, items }, keys: renamed.map(({ column }) => column) };
}

/** The keys stand for groups of the main table: they need names of their own there. */
const anew = (context: BindContext, keys: readonly Column[]): readonly Item[] => keys.map((column) => ({ column: context.column(column.name, column.type, { kind: 'computed', expr: columnRef(column) }), expr: columnRef(column) }));

function missing(): never {
  throw new Error('quantiles need ranks');
}

interface Ranked {
  readonly relation: Relation;
  /** Rows up to and with this value, and rows of the group. */
  readonly upTo: Column;
  readonly total: Column;
}

function withRanks(context: BindContext, values: Relation, keys: readonly Column[], value: Column, count: Column): Ranked {
  const window = (ordered: boolean): WindowCall => ({
    name: 'sum', args: [columnRef(count)], distinct: false, filter: null, ignoreNulls: false, order: [], partition: keys.map((key) => columnRef(key)),
    orderBy: ordered ? [{ expr: columnRef(value), descending: false, nulls: null }] : [],
    frame: { unit: 'range', start: { kind: 'unbounded-preceding' }, end: { kind: 'current' }, exclude: 'none' }, type: 'HUGEINT', at: null,
  });
  const [upToCall, totalCall] = [window(true), window(false)];
  const upTo = context.column('up to', 'HUGEINT', { kind: 'window', call: upToCall });
  const total = context.column('total', 'HUGEINT', { kind: 'window', call: totalCall });
  return { relation: { kind: 'window', input: values, items: [{ column: upTo, call: upToCall }, { column: total, call: totalCall }], at: null }, upTo, total };
}

/**
 * As DuckDB ranks: with n values in order from 0, `quantile_cont` interpolates at q·(n − 1), `quantile_disc` takes number
 * max(1, n − ⌊n − n·q⌋) counted from 1.
 */
function quantile(context: BindContext, value: Column, { upTo, total }: Ranked, { at, interpolated }: Extract<ValueStatistic, { kind: 'quantile' }>): { readonly parts: readonly AggregateColumn[]; readonly expr: Bound } {
  const n = cast(columnRef(total), 'DOUBLE');
  const q = cast(at, 'DOUBLE');
  const reached = cast(columnRef(upTo), 'DOUBLE');
  const firstWhere = (op: '>' | '>=', rank: Bound): AggregateColumn => aggregate(context, 'min', columnRef(value), { filter: { kind: 'compare', op, left: reached, right: rank, type: 'BOOLEAN', at: null }, at: null });
  if (!interpolated) {
    const part = firstWhere('>=', call('greatest', boundLiteral('DOUBLE', '1.0'), call('-', n, call('floor', call('-', n, call('*', n, q))))));
    return { parts: [part], expr: columnRef(part.column) };
  }
  const position = call('*', q, call('-', n, boundLiteral('DOUBLE', '1.0')));
  const [low, high] = [firstWhere('>', call('floor', position)), firstWhere('>', call('ceil', position))];
  const fraction = aggregate(context, 'min', call('-', position, call('floor', position)), { filter: null, at: null });
  const [l, h] = [cast(columnRef(low.column), 'DOUBLE'), cast(columnRef(high.column), 'DOUBLE')];
  const between = call('+', l, call('*', call('-', h, l), columnRef(fraction.column)));
  const exact = decimal(value.type);
  if (exact === null) return { parts: [low, high, fraction], expr: between };
  // A decimal is interpolated in its own units, and what is left over is cut off.
  const units = boundLiteral('DOUBLE', `1e${exact.scale}`);
  return { parts: [low, high, fraction], expr: call('/', call('trunc', call('*', between, units)), units) };
}

function call(name: string, ...args: readonly Bound[]): Bound {
  const fn = SCALARS.get(name);
  const bound = fn?.bind(args) ?? null;
  if (fn === undefined || bound === null) throw new Error(`${name} takes these arguments`);
  return { kind: 'call', fn, args: bound.args, type: bound.type, at: null };
}
