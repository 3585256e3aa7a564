/** Binds subqueries in expressions and gives them a relation of their own. */
import { columnRef, columnsIn, keyOf, partsOf, withParts, type Bound } from '../expression.ts';
import type { Expr } from '../query.ts';
import type { Column, Relation, Test } from '../relation.ts';
import type { BindContext } from './context.ts';
import { bindExpression, comparable, type Place } from './expression.ts';
import { hoist } from './hoist.ts';
import { bindQuery } from './query.ts';

type SubqueryExpr = Extract<Expr, { kind: 'scalar-query' | 'exists' | 'any' }>;

export function bindSubquery(place: Place, expr: SubqueryExpr): Bound | null {
  const { context, scope, environment } = place;
  if (place.clause === 'ON' || place.clause === 'VALUES') {
    context.refusals.add('bind/subquery-here', expr.at, { clause: place.clause });
    return null;
  }
  const bound = bindQuery(context, expr.query, environment, scope);
  if (!context.refusals.none && bound.outputs.length === 0) return null;
  const [only, ...others] = bound.outputs;
  if (expr.kind !== 'exists' && (only === undefined || others.length > 0)) {
    context.refusals.add('bind/subquery-columns', expr.at, { columns: bound.outputs.length });
    return null;
  }
  const hoisted = hoist(context, bound, expr.kind === 'scalar-query', expr.at);
  if (hoisted === null) return null;
  switch (expr.kind) {
    case 'exists': return { kind: 'subquery', sub: { kind: 'exists', relation: hoisted.relation, on: hoisted.on }, type: 'BOOLEAN', at: expr.at };
    case 'scalar-query': {
      if (only?.column.from.kind === 'unit') context.refusals.add('unit/opaque', expr.at, { name: only.name });
      return hoisted.value;
    }
    case 'any': return bindAny(place, expr, hoisted.relation, hoisted.on, only?.column);
  }
}

function bindAny(place: Place, expr: Extract<SubqueryExpr, { kind: 'any' }>, relation: Relation, on: Bound | null, right: Column | undefined): Bound | null {
  const { context } = place;
  const { op } = expr;
  if (op === 'IS DISTINCT FROM' || op === 'IS NOT DISTINCT FROM' || right === undefined) {
    context.refusals.add('sql/unsupported', expr.at, { name: 'ANY' });
    return null;
  }
  const left = bindExpression(place, expr.left);
  const pair = comparable(left, columnRef(right, expr.at));
  if (pair === null) {
    context.refusals.add('bind/types', expr.at, { a: left.type, b: right.type });
    return null;
  }
  // A cast of the subquery's side becomes a column of the subquery.
  const [l, r] = pair;
  if (r.kind === 'column') return { kind: 'subquery', sub: { kind: 'any', op, left: l, right, relation, on }, type: 'BOOLEAN', at: expr.at };
  const cast = context.column(right.name, r.type, { kind: 'computed', expr: r });
  const needed = on === null ? [] : [...columnsIn(on)];
  const items = [{ column: cast, expr: r }, ...needed.map((column) => ({ column, expr: columnRef(column) }))];
  return { kind: 'subquery', sub: { kind: 'any', op, left: l, right: cast, relation: { kind: 'project', input: relation, items }, on }, type: 'BOOLEAN', at: expr.at };
}

/** Replaces the subqueries of some expressions by columns that `test` and `lookup` add to the relation. */
export function attach(context: BindContext, relation: Relation, exprs: readonly Bound[]): { readonly relation: Relation; readonly exprs: readonly Bound[] } {
  // An alias stands for its expression wherever it is written: the subquery in it is one.
  const known = new Map<string, Column>();
  let result = relation;
  const replace = (expr: Bound): Bound => {
    if (expr.kind !== 'subquery') return partsOf(expr).length === 0 ? expr : withParts(expr, replace);
    const key = keyOf(expr);
    const seen = known.get(key);
    if (seen !== undefined) return columnRef(seen, expr.at);
    const { sub } = expr;
    let column: Column;
    if (sub.kind === 'scalar') {
      column = context.column(sub.value.name, sub.value.type, { kind: 'lookup', column: sub.value });
      result = { kind: 'lookup', input: result, sub: sub.relation, value: sub.value, on: sub.on, column, at: expr.at };
    } else {
      const left = sub.kind === 'any' ? replace(sub.left) : null;
      const test: Test = sub.kind === 'any' && left !== null ? { kind: 'any', op: sub.op, left, right: sub.right } : { kind: 'exists' };
      column = context.column('test', 'BOOLEAN', { kind: 'test', uses: [...(left === null ? [] : [left]), ...(sub.on === null ? [] : [sub.on])] });
      result = { kind: 'test', input: result, sub: sub.relation, test, on: sub.on, column, at: expr.at };
    }
    known.set(key, column);
    return columnRef(column, expr.at);
  };
  const replaced = exprs.map(replace);
  return { relation: result, exprs: replaced };
}
