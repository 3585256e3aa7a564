/** Gives the windows of a SELECT a relation of their own, below the projection. */
import { columnRef, keyOf, withParts, type Bound } from '../expression.ts';
import type { Column, Relation, WindowCall } from '../relation.ts';
import type { BindContext } from './context.ts';

export function liftWindows(context: BindContext, input: Relation, exprs: readonly Bound[]): { readonly relation: Relation; readonly exprs: readonly Bound[] } {
  const items: { readonly column: Column; readonly call: WindowCall }[] = [];
  // The same window may be met twice (an item and the ORDER BY that names it): it is computed once.
  const known = new Map<string, Column>();
  const lift = (expr: Bound): Bound => {
    if (expr.kind !== 'window') return withParts(expr, lift);
    const key = keyOf(expr);
    const column = known.get(key) ?? context.column(expr.call.name, expr.call.type, { kind: 'window', call: expr.call });
    if (!known.has(key)) items.push({ column, call: expr.call });
    known.set(key, column);
    return columnRef(column, expr.at);
  };
  const lifted = exprs.map(lift);
  return items.length === 0 ? { relation: input, exprs } : { relation: { kind: 'window', input, items, at: items[0]?.call.at ?? null }, exprs: lifted };
}
