/** Bound expressions: typed, over columns of a relation, every implicit cast written out. */
import type { ScalarFunction } from './functions/scalars.ts';
import type { AggregateCall, Column, Relation, WindowCall } from './relation.ts';
import type { Comparison } from './query.ts';
import type { Position } from './source-text.ts';
import type { Type } from './types.ts';

export type Bound = { readonly type: Type; readonly at: Position } & (
  | { readonly kind: 'column'; readonly column: Column }
  /** Text of the value, as in the syntactic form; dates and timestamps as the text that is cast. */
  | { readonly kind: 'literal'; readonly value: string | null }
  | { readonly kind: 'call'; readonly fn: ScalarFunction; readonly args: readonly Bound[] }
  | { readonly kind: 'compare'; readonly op: Comparison; readonly left: Bound; readonly right: Bound }
  | { readonly kind: 'and' | 'or'; readonly args: readonly Bound[] }
  | { readonly kind: 'not' | 'is-null' | 'is-not-null'; readonly arg: Bound }
  | { readonly kind: 'in'; readonly arg: Bound; readonly list: readonly Bound[]; readonly negated: boolean }
  | { readonly kind: 'between'; readonly arg: Bound; readonly low: Bound; readonly high: Bound }
  | { readonly kind: 'case'; readonly branches: readonly { readonly when: Bound; readonly then: Bound }[]; readonly otherwise: Bound }
  | { readonly kind: 'coalesce'; readonly args: readonly Bound[] }
  | { readonly kind: 'cast'; readonly arg: Bound; readonly try: boolean }
  // Only inside `bind`, until they are given a relation of their own:
  | { readonly kind: 'aggregate'; readonly call: AggregateCall }
  | { readonly kind: 'window'; readonly call: WindowCall }
  | { readonly kind: 'grouping'; readonly args: readonly Bound[] }
  | { readonly kind: 'subquery'; readonly sub: Subquery }
);

/** A subquery in an expression; `on` is what it has in common with the query around it. */
export type Subquery =
  | { readonly kind: 'exists'; readonly relation: Relation; readonly on: Bound | null }
  | { readonly kind: 'any'; readonly op: '=' | '<>' | '<' | '<=' | '>' | '>='; readonly left: Bound; readonly right: Column; readonly relation: Relation; readonly on: Bound | null }
  | { readonly kind: 'scalar'; readonly relation: Relation; readonly value: Column; readonly on: Bound | null };

/** Direct parts of an expression. What a subquery has in common with this query counts as a part of it. */
export function partsOf(expr: Bound): readonly Bound[] {
  switch (expr.kind) {
    case 'column': case 'literal': return [];
    case 'call': case 'and': case 'or': case 'coalesce': case 'grouping': return expr.args;
    case 'compare': return [expr.left, expr.right];
    case 'not': case 'is-null': case 'is-not-null': case 'cast': return [expr.arg];
    case 'in': return [expr.arg, ...expr.list];
    case 'between': return [expr.arg, expr.low, expr.high];
    case 'case': return [...expr.branches.flatMap(({ when, then }) => [when, then]), expr.otherwise];
    case 'aggregate': return callParts(expr.call);
    case 'window': return windowParts(expr.call);
    case 'subquery': return [...(expr.sub.kind === 'any' ? [expr.sub.left] : []), ...(expr.sub.on === null ? [] : [expr.sub.on])];
  }
}

export function callParts(call: AggregateCall): readonly Bound[] {
  return [...call.args, ...(call.filter === null ? [] : [call.filter]), ...call.order.map(({ expr }) => expr)];
}

export function windowParts(call: WindowCall): readonly Bound[] {
  const ends = [call.frame.start, call.frame.end].flatMap((end) => ('expr' in end ? [end.expr] : []));
  return [...call.args, ...(call.filter === null ? [] : [call.filter]), ...call.order.map(({ expr }) => expr), ...call.partition, ...call.orderBy.map(({ expr }) => expr), ...ends];
}

/** The same expression over other parts. */
export function withParts(expr: Bound, map: (part: Bound) => Bound): Bound {
  switch (expr.kind) {
    case 'column': case 'literal': return expr;
    case 'call': case 'and': case 'or': case 'coalesce': case 'grouping': return { ...expr, args: expr.args.map(map) };
    case 'compare': return { ...expr, left: map(expr.left), right: map(expr.right) };
    case 'not': case 'is-null': case 'is-not-null': case 'cast': return { ...expr, arg: map(expr.arg) };
    case 'in': return { ...expr, arg: map(expr.arg), list: expr.list.map(map) };
    case 'between': return { ...expr, arg: map(expr.arg), low: map(expr.low), high: map(expr.high) };
    case 'case': return { ...expr, branches: expr.branches.map(({ when, then }) => ({ when: map(when), then: map(then) })), otherwise: map(expr.otherwise) };
    case 'aggregate': return { ...expr, call: mapCall(expr.call, map) };
    case 'window': return { ...expr, call: mapWindow(expr.call, map) };
    case 'subquery': {
      const on = expr.sub.on === null ? null : map(expr.sub.on);
      return { ...expr, sub: expr.sub.kind === 'any' ? { ...expr.sub, left: map(expr.sub.left), on } : { ...expr.sub, on } };
    }
  }
}

export function mapCall(call: AggregateCall, map: (part: Bound) => Bound): AggregateCall {
  return { ...call, args: call.args.map(map), filter: call.filter === null ? null : map(call.filter), order: call.order.map((key) => ({ ...key, expr: map(key.expr) })) };
}

export function mapWindow(call: WindowCall, map: (part: Bound) => Bound): WindowCall {
  const end = <E extends WindowCall['frame']['start']>(bound: E): E => ('expr' in bound ? { ...bound, expr: map(bound.expr) } : bound);
  return {
    ...call,
    args: call.args.map(map),
    filter: call.filter === null ? null : map(call.filter),
    order: call.order.map((key) => ({ ...key, expr: map(key.expr) })),
    partition: call.partition.map(map),
    orderBy: call.orderBy.map((key) => ({ ...key, expr: map(key.expr) })),
    frame: { ...call.frame, start: end(call.frame.start), end: end(call.frame.end) },
  };
}

/** Columns that an expression reads, each once. */
export function columnsIn(expr: Bound): ReadonlySet<Column> {
  const found = new Set<Column>();
  const visit = (part: Bound): void => {
    if (part.kind === 'column') found.add(part.column);
    else partsOf(part).forEach(visit);
  };
  visit(expr);
  return found;
}

export const columnRef = (column: Column, at: Position = null): Bound => ({ kind: 'column', column, type: column.type, at });
export const boundLiteral = (type: Type, value: string | null, at: Position = null): Bound => ({ kind: 'literal', type, value, at });
export const isColumn = (expr: Bound, column: Column): boolean => expr.kind === 'column' && expr.column === column;

/** Conjuncts of a predicate. */
export function conjuncts(predicate: Bound | null): readonly Bound[] {
  if (predicate === null) return [];
  return predicate.kind === 'and' ? predicate.args.flatMap(conjuncts) : [predicate];
}

export function conjunction(predicates: readonly Bound[]): Bound | null {
  const [first, ...others] = predicates;
  if (first === undefined) return null;
  return others.length === 0 ? first : { kind: 'and', args: predicates, type: 'BOOLEAN', at: first.at };
}

/**
 * `(x AND a) OR (x AND b)` as `x AND (a OR b)`, which is the same in three-valued logic: what joins and correlated conditions are looked for in are
 * conjuncts.
 */
export function factored(predicate: Bound): Bound {
  if (predicate.kind === 'and') return { ...predicate, args: predicate.args.map(factored) };
  if (predicate.kind !== 'or') return predicate;
  const branches = predicate.args.map((arg) => conjuncts(factored(arg)));
  const keys = branches.map((parts) => new Set(parts.map(keyOf)));
  const common = (branches[0] ?? []).filter((part) => keys.every((own) => own.has(keyOf(part))));
  if (common.length === 0) return predicate;
  const shared = new Set(common.map(keyOf));
  const rest = branches.map((parts) => conjunction(parts.filter((part) => !shared.has(keyOf(part)))));
  // A branch that is nothing but what all have in common makes the others follow.
  const other: Bound | null = rest.some((part) => part === null) ? null : { ...predicate, args: rest.filter((part) => part !== null) };
  return conjunction([...common, ...(other === null ? [] : [other])]) ?? predicate;
}

/** A text that two expressions share exactly when they compute the same from the same columns. */
export function keyOf(expr: Bound): string {
  switch (expr.kind) {
    case 'column': return `#${expr.column.id}`;
    case 'literal': return `${expr.type} ${JSON.stringify(expr.value)}`;
    case 'call': return `${expr.fn.name}:${expr.type}(${expr.args.map(keyOf).join()})`;
    case 'compare': return `(${keyOf(expr.left)}${expr.op}${keyOf(expr.right)})`;
    case 'in': return `(${keyOf(expr.arg)}${expr.negated ? ' not in ' : ' in '}${expr.list.map(keyOf).join()})`;
    case 'cast': return `${expr.try ? 'try ' : ''}cast(${keyOf(expr.arg)} as ${expr.type})`;
    case 'case': return `case(${partsOf(expr).map(keyOf).join()})`;
    case 'aggregate': return `agg ${expr.call.fn.name}${expr.call.distinct ? ' distinct' : ''}(${expr.call.args.map(keyOf).join()}|${expr.call.filter === null ? '' : keyOf(expr.call.filter)}|${expr.call.order.map((key) => `${keyOf(key.expr)}${key.descending}${key.nulls}`).join()})`;
    case 'window': return windowKey(expr.call);
    case 'subquery': return `${expr.sub.kind} subquery ${relationNumber(expr.sub.relation)}.${expr.sub.kind === 'scalar' ? expr.sub.value.id : expr.sub.kind === 'any' ? `${expr.sub.op}${expr.sub.right.id}` : ''}(${partsOf(expr).map(keyOf).join()})`;
    default: return `${expr.kind}(${partsOf(expr).map(keyOf).join()})`;
  }
}

/** A window function computes the same over the same rows in the same order. */
function windowKey(call: WindowCall): string {
  const orders = (keys: readonly { readonly expr: Bound; readonly descending: boolean; readonly nulls: string | null }[]): string => keys.map((key) => `${keyOf(key.expr)} ${key.descending} ${key.nulls}`).join();
  const end = (bound: WindowCall['frame']['start']): string => ('expr' in bound ? `${bound.kind} ${keyOf(bound.expr)}` : bound.kind);
  const { frame } = call;
  return [
    'window', call.name, call.distinct, call.ignoreNulls, call.args.map(keyOf).join(), call.filter === null ? '' : keyOf(call.filter), orders(call.order),
    call.partition.map(keyOf).join(), orders(call.orderBy), frame.unit, end(frame.start), end(frame.end), frame.exclude,
  ].join('|');
}

const numbers = new WeakMap<Relation, number>();
let next = 0;

/** Two relations are never taken for one, even if they are written alike. */
function relationNumber(relation: Relation): number {
  const known = numbers.get(relation);
  if (known !== undefined) return known;
  numbers.set(relation, next);
  return next++;
}
