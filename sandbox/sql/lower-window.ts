/** Window calls of DuckDB's syntax tree → the syntactic form. Named windows are resolved by the parser. */
import { EXPRESSIONS } from './ast.ts';
import { lowerExpression } from './lower-expression.ts';
import type { Lowering } from './lower.ts';
import type { Expr, Frame, FrameBound } from './query.ts';
import type { Position } from './source-text.ts';

export function lowerWindow(lowering: Lowering, node: unknown, at: Position): Expr | null {
  const window = EXPRESSIONS.WINDOW.safeParse(node).data;
  if (window === undefined) return null;
  const lower = (child: unknown): Expr => lowerExpression(lowering, child);
  const start = bound(window.start, window.start_expr === null ? null : lower(window.start_expr));
  const end = bound(window.end, window.end_expr === null ? null : lower(window.end_expr));
  if (start === null || end === null) return null;
  // The two ends name the unit; an unbounded end fits any unit.
  const units = new Set([start.unit, end.unit].filter((unit) => unit !== null));
  const [unit = 'rows', second] = units;
  if (second !== undefined && !(window.start === 'UNBOUNDED_PRECEDING' || window.end === 'UNBOUNDED_FOLLOWING')) return null;
  const exclude = ({ NO_OTHER: 'none', CURRENT_ROW: 'current', GROUP: 'group', TIES: 'ties' } as const)[window.exclude_clause];
  const frame: Frame = { unit, start: start.bound, end: end.bound, exclude };
  const [value, ...rest] = window.children.map(lower);
  const offset = window.offset_expr === null ? [] : [lower(window.offset_expr)];
  const fallback = window.default_expr === null ? [] : [lower(window.default_expr)];
  return {
    kind: 'window',
    // count(*) has a name of its own outside windows.
    name: window.function_name === 'count' && window.children.length === 0 ? 'count_star' : window.function_name,
    args: [...(value === undefined ? [] : [value]), ...rest, ...offset, ...fallback],
    distinct: window.distinct,
    filter: window.filter_expr === null ? null : lower(window.filter_expr),
    ignoreNulls: window.ignore_nulls,
    order: window.arg_orders.map((order) => lowering.orderTerm(order)),
    over: { partition: window.partitions.map(lower), order: window.orders.map((order) => lowering.orderTerm(order)), frame },
    at,
  };
}

function bound(name: string, expr: Expr | null): { readonly unit: Frame['unit'] | null; readonly bound: FrameBound } | null {
  if (name === 'UNBOUNDED_PRECEDING' && expr === null) return { unit: null, bound: { kind: 'unbounded-preceding' } };
  if (name === 'UNBOUNDED_FOLLOWING' && expr === null) return { unit: null, bound: { kind: 'unbounded-following' } };
  const match = /^(CURRENT_ROW|EXPR_PRECEDING|EXPR_FOLLOWING)_(ROWS|RANGE|GROUPS)$/.exec(name);
  const unit = ({ ROWS: 'rows', RANGE: 'range', GROUPS: 'groups' } as const)[match?.[2] ?? ''];
  if (match === null || unit === undefined) return null;
  if (match[1] === 'CURRENT_ROW') return expr === null ? { unit, bound: { kind: 'current' } } : null;
  return expr === null ? null : { unit, bound: { kind: match[1] === 'EXPR_PRECEDING' ? 'preceding' : 'following', expr } };
}
