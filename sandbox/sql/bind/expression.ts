/** Binds expressions: names become columns, functions become rows of the tables, implicit casts are written out. */
import { assertNever } from '#contract/result.ts';
import { boundLiteral, columnRef, conjunction, partsOf, type Bound } from '../expression.ts';
import { AGGREGATES } from '../functions/aggregates.ts';
import { cast, isTextLiteral } from '../functions/parameter.ts';
import { SCALARS } from '../functions/scalars.ts';
import { WINDOWS } from '../functions/windows.ts';
import type { Expr, OrderTerm } from '../query.ts';
import type { AggregateCall, BoundFrameEnd, SortKey, WindowCall } from '../relation.ts';
import { decimal, isInteger, isNumber, unify, type Type } from '../types.ts';
import { nearest, type BindContext } from './context.ts';
import type { Scope } from './scope.ts';
import { bindSubquery } from './subquery.ts';
import type { Environment } from './query.ts';

/** What an expression may contain at its place, and what names mean there. */
export interface Place {
  readonly context: BindContext;
  readonly environment: Environment;
  readonly scope: Scope;
  /** For people: `WHERE`. */
  readonly clause: string;
  readonly aggregates: boolean;
  readonly windows: boolean;
  /** Refusals before the expression: if a part of it is refused, what it makes impossible is not refused as well. */
  readonly refused?: number;
  /** The argument of COUNT(DISTINCT …) that is being bound: it may be a unit under a condition. */
  readonly counted?: Expr;
  /** Select-list aliases: asked before columns, after them, or not at all. */
  readonly alias: { readonly first: boolean; readonly get: (name: string) => Bound | undefined } | null;
}

/** What stands for an expression that was refused: nothing more is said about it. */
const nothing = (expr: Expr): Bound => boundLiteral('NULL', null, expr.at);

export function bindExpression(place: Place, expr: Expr): Bound {
  const { context } = place;
  const bind = (part: Expr): Bound => bindExpression(place, part);
  const refused = context.refusals.count;
  const bound = bindKind({ ...place, refused }, expr, bind);
  if (bound === null) return nothing(expr);
  if (context.refusals.count !== refused) return bound;
  // COUNT takes the condition out of its argument at once (`countsUnitsUnderCondition`).
  if (place.counted !== expr || conditionalUnit(bound) === null) checkUnits(context, bound);
  return bound;
}

function bindKind(place: Place, expr: Expr, bind: (part: Expr) => Bound): Bound | null {
  const { at } = expr;
  switch (expr.kind) {
    case 'refused': return null;
    case 'column': return bindColumn(place, expr.path, at);
    case 'literal': return boundLiteral(expr.type, expr.value, at);
    case 'call': return bindCall(place, expr);
    case 'window': return bindWindow(place, expr);
    case 'compare': {
      const left = bind(expr.left);
      const right = bind(expr.right);
      const pair = comparable(left, right);
      if (pair === null) return mismatch(place, at, left.type, right.type);
      return { kind: 'compare', op: expr.op, left: pair[0], right: pair[1], type: 'BOOLEAN', at };
    }
    case 'and': case 'or': return { kind: expr.kind, args: expr.args.map((arg) => truth(bind(arg))), type: 'BOOLEAN', at };
    case 'not': return { kind: 'not', arg: truth(bind(expr.arg)), type: 'BOOLEAN', at };
    case 'is-null': case 'is-not-null': return { kind: expr.kind, arg: bind(expr.arg), type: 'BOOLEAN', at };
    case 'in': return bindIn(place, expr, bind(expr.arg), expr.list.map(bind));
    case 'between': {
      const [arg, low, high] = [bind(expr.arg), bind(expr.low), bind(expr.high)];
      const all = unifyAll([arg, low, high], true);
      if (all === null) return mismatch(place, at, arg.type, low.type);
      const [a = arg, l = low, h = high] = all;
      return { kind: 'between', arg: a, low: l, high: h, type: 'BOOLEAN', at };
    }
    case 'case': {
      const whens = expr.branches.map(({ when }) => truth(bind(when)));
      const values = unifyAll([...expr.branches.map(({ then }) => bind(then)), bind(expr.otherwise)], false);
      const otherwise = values?.at(-1);
      if (values === null || otherwise === undefined) return mismatch(place, at, 'CASE', 'CASE');
      return { kind: 'case', branches: whens.map((when, i) => ({ when, then: values[i] ?? otherwise })), otherwise, type: otherwise.type, at };
    }
    case 'coalesce': {
      const args = unifyAll(expr.args.map(bind), false);
      const [first] = args ?? [];
      return args === null || first === undefined ? mismatch(place, at, 'COALESCE', 'COALESCE') : { kind: 'coalesce', args, type: first.type, at };
    }
    case 'cast': {
      const arg = bind(expr.arg);
      return arg.type === expr.type && !expr.try ? { ...arg, at } : { kind: 'cast', arg, try: expr.try, type: expr.type, at };
    }
    case 'grouping': {
      if (!place.aggregates) {
        place.context.refusals.add('bind/aggregate-here', at, { name: 'GROUPING', clause: place.clause });
        return null;
      }
      return { kind: 'grouping', args: expr.args.map(bind), type: 'BIGINT', at };
    }
    case 'scalar-query': case 'exists': case 'any': return bindSubquery(place, expr);
    default: return assertNever(expr);
  }
}

function bindColumn({ context, scope, alias }: Place, path: readonly string[], at: number | null): Bound | null {
  const [only] = path;
  const named = path.length === 1 && only !== undefined && alias !== null ? alias : null;
  if (named?.first === true) {
    const aliased = named.get(only ?? '');
    if (aliased !== undefined) return { ...aliased, at };
  }
  const found = scope.find(context, path, at);
  if (found !== null) return columnRef(found.column, at);
  const aliased = named?.get(only ?? '');
  if (aliased !== undefined) return { ...aliased, at };
  scope.refuseUnknown(context, path, at);
  return null;
}

function bindCall(place: Place, expr: Extract<Expr, { kind: 'call' }>): Bound | null {
  const { context } = place;
  const name = expr.name.toLowerCase();
  const aggregate = AGGREGATES.get(name);
  if (aggregate !== undefined && !expr.operator) return bindAggregate(place, expr, aggregate.name);
  const scalar = SCALARS.get(name);
  if (scalar === undefined || scalar.operator !== expr.operator) {
    if (WINDOWS.has(name)) context.refusals.add('bind/over-missing', expr.at, { name });
    else context.refusals.add('bind/unknown-function', expr.at, { name: expr.name }, { suggestion: nearest(name, [...SCALARS.keys(), ...AGGREGATES.keys()]) });
    return null;
  }
  if (expr.distinct || expr.filter !== null || expr.order.length > 0) {
    context.refusals.add('bind/not-an-aggregate', expr.at, { name });
    return null;
  }
  const args = expr.args.map((arg) => bindExpression(place, arg));
  const bound = scalar.bind(args);
  if (bound === null) {
    if (isFirst(place)) context.refusals.add('bind/arguments', expr.at, { name: scalar.form, types: args.map(({ type }) => type).join(', ') });
    return null;
  }
  return { kind: 'call', fn: scalar, args: bound.args, type: bound.type, at: expr.at };
}

function bindAggregate(place: Place, expr: Extract<Expr, { kind: 'call' }>, name: string): Bound | null {
  const { context } = place;
  const fn = AGGREGATES.get(name);
  if (fn === undefined) return null;
  if (!place.aggregates) {
    context.refusals.add('bind/aggregate-here', expr.at, { name, clause: place.clause });
    return null;
  }
  // An aggregate of an aggregate, or of a window, has no meaning.
  const inside: Place = { ...place, aggregates: false, windows: false, clause: name };
  const args = expr.args.map((arg) => bindExpression(name === 'count' && expr.distinct ? { ...inside, counted: arg } : inside, arg));
  const filter = expr.filter === null ? null : truth(bindExpression(inside, expr.filter));
  const order = expr.order.map((term) => bindOrderTerm(inside, term));
  const bound = fn.bind(args);
  if (bound === null) {
    if (isFirst(place)) context.refusals.add('bind/arguments', expr.at, { name: fn.form, types: args.map(({ type }) => type).join(', ') });
    return null;
  }
  const call: AggregateCall = { fn, args: bound.args, distinct: expr.distinct, filter, order, type: bound.type, at: expr.at };
  return { kind: 'aggregate', call: countsUnitsUnderCondition(call), type: bound.type, at: expr.at };
}

/** `COUNT(DISTINCT CASE WHEN c THEN unit END)` counts the units of the rows where c holds. */
function countsUnitsUnderCondition(call: AggregateCall): AggregateCall {
  const [arg] = call.args;
  const chosen = arg === undefined ? null : conditionalUnit(arg);
  if (chosen === null || call.fn.name !== 'count') return call;
  const conditions = call.filter === null ? [chosen.condition] : [call.filter, chosen.condition];
  return { ...call, args: [chosen.unit], filter: conjunction(conditions) };
}

/** The form that is about a unit only where a condition holds, and NULL elsewhere. */
function conditionalUnit(expr: Bound): { readonly unit: Bound; readonly condition: Bound } | null {
  if (expr.kind !== 'case') return null;
  const [branch, ...others] = expr.branches;
  const unit = branch?.then;
  const isNull = expr.otherwise.kind === 'literal' && expr.otherwise.value === null || (expr.otherwise.kind === 'cast' && expr.otherwise.arg.kind === 'literal' && expr.otherwise.arg.value === null);
  if (branch === undefined || others.length > 0 || !isNull || unit?.kind !== 'column' || unit.column.from.kind !== 'unit') return null;
  return { unit, condition: branch.when };
}

export function bindOrderTerm(place: Place, term: OrderTerm): SortKey {
  return { expr: bindExpression(place, term.expr), descending: term.descending, nulls: term.nulls };
}

function bindWindow(place: Place, expr: Extract<Expr, { kind: 'window' }>): Bound | null {
  const { context } = place;
  const name = expr.name.toLowerCase();
  if (!place.windows) {
    context.refusals.add('bind/window-here', expr.at, { name, clause: place.clause });
    return null;
  }
  const inside: Place = { ...place, windows: false, clause: 'OVER' };
  const args = expr.args.map((arg) => bindExpression(inside, arg));
  const own = WINDOWS.get(name);
  const aggregate = AGGREGATES.get(name);
  const bound = own === undefined ? (aggregate?.bind(args) ?? null) : args.length < own.least || args.length > own.most ? null : { args, type: own.type(args) };
  if (own === undefined && aggregate === undefined) context.refusals.add('bind/unknown-function', expr.at, { name: expr.name }, { suggestion: nearest(name, [...WINDOWS.keys(), ...AGGREGATES.keys()]) });
  else if (bound === null && isFirst(place)) context.refusals.add('bind/arguments', expr.at, { name, types: args.map(({ type }) => type).join(', ') });
  if (bound === null) return null;
  const end = (bound: typeof expr.over.frame.start): BoundFrameEnd => ('expr' in bound ? { ...bound, expr: bindExpression(inside, bound.expr) } : bound);
  const call: WindowCall = {
    name,
    args: bound.args,
    distinct: expr.distinct,
    filter: expr.filter === null ? null : truth(bindExpression(inside, expr.filter)),
    ignoreNulls: expr.ignoreNulls,
    order: expr.order.map((term) => bindOrderTerm(inside, term)),
    partition: expr.over.partition.map((part) => bindExpression(inside, part)),
    orderBy: expr.over.order.map((term) => bindOrderTerm(inside, term)),
    frame: { ...expr.over.frame, start: end(expr.over.frame.start), end: end(expr.over.frame.end) },
    type: bound.type,
    at: expr.at,
  };
  return { kind: 'window', call, type: bound.type, at: expr.at };
}

function bindIn(place: Place, expr: Extract<Expr, { kind: 'in' }>, arg: Bound, list: readonly Bound[]): Bound | null {
  const all = unifyAll([arg, ...list], true);
  const [first, ...others] = all ?? [];
  if (first === undefined) return mismatch(place, expr.at, arg.type, list.find(({ type }) => type !== arg.type)?.type ?? arg.type);
  return { kind: 'in', arg: first, list: others, negated: expr.negated, type: 'BOOLEAN', at: expr.at };
}

function mismatch(place: Place, at: number | null, a: Type, b: Type): null {
  if (isFirst(place)) place.context.refusals.add('bind/types', at, { a, b });
  return null;
}

/** Whether nothing in the expression has been refused yet. */
const isFirst = ({ context, refused }: Place): boolean => refused === undefined || context.refusals.count === refused;

/** A value as a condition: DuckDB casts numbers and text to BOOLEAN. */
export function truth(expr: Bound): Bound {
  return expr.type === 'BOOLEAN' ? expr : cast(expr, 'BOOLEAN');
}

/** Both sides of a comparison in one type, as DuckDB brings them there; null where it does not. */
export function comparable(left: Bound, right: Bound): readonly [Bound, Bound] | null {
  const all = unifyAll([left, right], true);
  const [l, r] = all ?? [];
  return l === undefined || r === undefined ? null : [l, r];
}

/**
 * All in one type. A text literal takes the type of what it meets. In a comparison text is cast to the other type, in
 * CASE and COALESCE the two do not mix. Integers of different width are left to the engine, which loses nothing.
 */
export function unifyAll(exprs: readonly Bound[], comparison: boolean): readonly Bound[] | null {
  const typed = exprs.filter((expr) => !isTextLiteral(expr) && expr.type !== 'NULL');
  const texts = typed.filter(({ type }) => type === 'VARCHAR');
  const others = comparison ? typed.filter(({ type }) => type !== 'VARCHAR') : typed;
  const start: Type = exprs.some(isTextLiteral) && typed.length === 0 ? 'VARCHAR' : (others[0]?.type ?? (texts.length > 0 ? 'VARCHAR' : 'NULL'));
  let type: Type | null = start;
  for (const expr of others) {
    if (!comparison && (type === 'VARCHAR') !== (expr.type === 'VARCHAR')) return null;
    type = unifyWithLiteral(type, expr);
    if (type === null) return null;
  }
  const target = type;
  if (target === 'NULL') return exprs;
  if (comparison && isInteger(target) && exprs.every((expr) => isInteger(expr.type))) return exprs;
  return exprs.map((expr) => cast(expr, target));
}

/** An integer literal does not widen an integer type that it fits: a comparison with it stays one on the stored type. */
function unifyWithLiteral(type: Type, expr: Bound): Type | null {
  if (expr.kind === 'literal' && expr.value !== null && isInteger(expr.type) && decimal(type) !== null && isNumber(type)) {
    const exact = decimal(type);
    if (exact !== null && expr.value.replace('-', '').length <= exact.width - exact.scale) return type;
  }
  return unify(type, expr.type);
}

/**
 * INVARIANT (units are opaque): a unit may be counted, equated with a unit of its kind, tested for NULL, and grouped by;
 * nothing else may be done with it, so nothing can be learned from its value.
 */
function checkUnits(context: BindContext, bound: Bound): void {
  for (const part of partsOf(bound)) {
    // An implicit cast around a unit makes it a number: no use allows that.
    let inner = part;
    while (inner.kind === 'cast') inner = inner.arg;
    if (inner.kind !== 'column' || inner.column.from.kind !== 'unit') continue;
    if (inner === part && allowsUnit(bound, inner.column.from.unit)) continue;
    context.refusals.add('unit/opaque', inner.at ?? bound.at, { name: inner.column.name });
  }
}

function allowsUnit(parent: Bound, unit: string): boolean {
  const isUnit = (side: Bound): boolean => side.kind === 'column' && side.column.from.kind === 'unit' && side.column.from.unit === unit;
  switch (parent.kind) {
    case 'compare': return (parent.op === '=' || parent.op === 'IS NOT DISTINCT FROM') && isUnit(parent.left) && isUnit(parent.right);
    case 'is-null': case 'is-not-null': return true;
    case 'aggregate': return parent.call.fn.name === 'count' && parent.call.args.every(isUnit) && parent.call.order.length === 0;
    case 'subquery': return parent.sub.kind === 'any' ? parent.sub.op === '=' && isUnit(parent.sub.left) && parent.sub.right.from.kind === 'unit' && parent.sub.right.from.unit === unit : false;
    case 'grouping': return true;
    default: return false;
  }
}
