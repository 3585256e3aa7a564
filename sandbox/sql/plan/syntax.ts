/** Small builders of the syntactic form. */
import { sameQuery, type Expr, type Grouping } from '../query.ts';
import type { Type } from '../types.ts';

export const column = (...path: string[]): Expr => ({ kind: 'column', path, at: null });
export const literal = (type: Type, value: string | null): Expr => ({ kind: 'literal', type, value, at: null });
/** An integer with the type that the parser gives its text. */
export function integer(value: bigint | number): Expr {
  const n = BigInt(value);
  const type = n >= -(2n ** 31n) && n < 2n ** 31n ? 'INTEGER' : n >= -(2n ** 63n) && n < 2n ** 63n ? 'BIGINT' : 'HUGEINT';
  return literal(type, n.toString());
}
export const double = (value: number): Expr => literal('DOUBLE', String(value));
export const text = (value: string): Expr => literal('VARCHAR', value);
export const NULL: Expr = literal('NULL', null);
export const cast = (arg: Expr, type: Type): Expr => ({ kind: 'cast', arg, type, try: false, at: null });
export const tryCast = (arg: Expr, type: Type): Expr => ({ kind: 'cast', arg, type, try: true, at: null });
export function call(name: string, args: readonly Expr[], more: { readonly distinct?: boolean; readonly filter?: Expr | null } = {}): Expr {
  return { kind: 'call', name, operator: false, args, distinct: more.distinct ?? false, filter: more.filter ?? null, order: [], at: null };
}
/** Aggregates with FILTER in one SELECT for which the engine reserves memory without end: it grows with the square of their number. */
const MOST_FILTERS = 24;

/** Aggregates of one SELECT; many filtered ones as aggregates of CASE, which take more time and no such memory. */
export function fewFilters(exprs: readonly Expr[]): readonly Expr[] {
  return exprs.reduce((sum, expr) => sum + filtersIn(expr), 0) <= MOST_FILTERS ? exprs : exprs.map(unfiltered);
}

const filtersIn = (expr: Expr): number => (expr.kind === 'call' ? (expr.filter === null ? 0 : 1) + expr.args.reduce((sum, arg) => sum + filtersIn(arg), 0) : 0);

function unfiltered(expr: Expr): Expr {
  if (expr.kind !== 'call') return expr;
  const { filter, args: [first, ...others] } = expr;
  if (filter === null) return { ...expr, args: expr.args.map(unfiltered) };
  if (expr.name === 'count_star') return call('count', [when(filter, integer(1))]);
  return first === undefined ? expr : { ...expr, args: [when(filter, first), ...others], filter: null };
}

export const operator = (name: string, ...args: Expr[]): Expr => ({ kind: 'call', name, operator: true, args, distinct: false, filter: null, order: [], at: null });
export const compare = (left: Expr, op: '=' | '<' | '<=' | '>' | '>=' | '<>' | 'IS NOT DISTINCT FROM', right: Expr): Expr => ({ kind: 'compare', op, left, right, at: null });
export const isNotNull = (arg: Expr): Expr => ({ kind: 'is-not-null', arg, at: null });
export const isNull = (arg: Expr): Expr => ({ kind: 'is-null', arg, at: null });
export const when = (condition: Expr, then: Expr, otherwise: Expr = NULL): Expr => ({ kind: 'case', branches: [{ when: condition, then }], otherwise, at: null });
export const between = (arg: Expr, low: Expr, high: Expr): Expr => ({ kind: 'between', arg, low, high, at: null });
export const not = (arg: Expr): Expr => ({ kind: 'not', arg, at: null });

/** GROUP BY these; the parser takes an expression that is named twice for one. */
export function groupBy(keys: readonly Expr[], sets: readonly (readonly number[])[] | null = null): Grouping {
  const by: Expr[] = [];
  const place = keys.map((key) => {
    const known = by.findIndex((other) => sameQuery(other, key));
    return known === -1 ? by.push(key) - 1 : known;
  });
  if (sets === null) return { kind: 'by', by, sets: by.length === 0 ? [] : [by.map((_, i) => i)] };
  return { kind: 'by', by, sets: sets.map((set) => [...new Set(set.map((key) => place[key] ?? 0))].sort((a, b) => a - b)) };
}
