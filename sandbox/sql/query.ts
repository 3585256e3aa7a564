/**
 * The syntactic form of a query: what `lower` reads out of DuckDB's tree and `print` writes as text. A construct that is not
 * here has no representation, so nothing can pass through the gate that is not listed in this file.
 * Names are not resolved and nothing has a type. `at` is where the operator wrote it; it has no meaning of its own.
 */
import type { Position } from './source-text.ts';
import type { Type } from './types.ts';

export interface Query {
  readonly ctes: readonly Cte[];
  readonly body: Body;
  readonly order: Ordering | null;
  readonly limit: Expr | null;
  readonly offset: Expr | null;
  readonly at: Position;
}

export interface Cte {
  readonly name: string;
  readonly columns: readonly string[];
  readonly query: Query;
}

export type Body =
  | Select
  | { readonly kind: 'set-operation'; readonly op: SetOperator; readonly all: boolean; readonly left: Query; readonly right: Query }
  | { readonly kind: 'values'; readonly rows: readonly (readonly Expr[])[] };

export type SetOperator = 'union' | 'intersect' | 'except';

export interface Select {
  readonly kind: 'select';
  /** `on`: DISTINCT ON. */
  readonly distinct: { readonly on: readonly Expr[] } | null;
  readonly items: readonly SelectItem[];
  readonly from: From | null;
  readonly where: Expr | null;
  readonly group: Grouping;
  readonly having: Expr | null;
  readonly qualify: Expr | null;
}

export type SelectItem =
  | { readonly kind: 'expr'; readonly expr: Expr; readonly alias: string | null }
  | { readonly kind: 'star'; readonly relation: string | null; readonly exclude: readonly string[]; readonly replace: readonly { readonly name: string; readonly expr: Expr }[]; readonly at: Position };

/** `sets`: indexes into `by`; one set that has them all is a plain GROUP BY. */
export type Grouping =
  | { readonly kind: 'by'; readonly by: readonly Expr[]; readonly sets: readonly (readonly number[])[] }
  | { readonly kind: 'all' };

/** `all`: ORDER BY ALL. */
export type Ordering =
  | { readonly kind: 'by'; readonly by: readonly OrderTerm[] }
  | { readonly kind: 'all'; readonly direction: Direction };

export interface Direction {
  readonly descending: boolean;
  readonly nulls: 'first' | 'last' | null;
}

export interface OrderTerm extends Direction {
  readonly expr: Expr;
}

export type From =
  | { readonly kind: 'table'; readonly path: readonly string[]; readonly alias: string | null; readonly columns: readonly string[]; readonly at: Position }
  | { readonly kind: 'derived'; readonly query: Query; readonly alias: string | null; readonly columns: readonly string[]; readonly at: Position }
  | { readonly kind: 'join'; readonly join: JoinKind; readonly left: From; readonly right: From; readonly condition: JoinCondition; readonly at: Position };

export type JoinKind = 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti';

export type JoinCondition =
  | { readonly kind: 'cross' }
  | { readonly kind: 'on'; readonly expr: Expr }
  | { readonly kind: 'using'; readonly columns: readonly string[] }
  | { readonly kind: 'natural' };

export const COMPARISONS = ['=', '<>', '<', '<=', '>', '>=', 'IS DISTINCT FROM', 'IS NOT DISTINCT FROM'] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** Operators that the tree writes as functions. `-` has one argument or two, the others two. */
export const OPERATORS: readonly string[] = ['+', '-', '*', '/', '//', '%', '||', '~~', '!~~', '~~*', '!~~*', '^@'];

interface At {
  readonly at: Position;
}

export type Expr = At & (
  | { readonly kind: 'column'; readonly path: readonly string[] }
  /**
   * `value`: digits of exact numbers as the parser typed them (`1.50`), doubles as ECMAScript writes them, text of strings,
   * `true`/`false`, null for NULL.
   */
  | { readonly kind: 'literal'; readonly type: Type; readonly value: string | null }
  /** Functions and operators that the parser writes as functions: `+`, `||`, `~~`, … */
  | { readonly kind: 'call'; readonly name: string; readonly operator: boolean; readonly args: readonly Expr[]; readonly distinct: boolean; readonly filter: Expr | null; readonly order: readonly OrderTerm[] }
  | { readonly kind: 'window'; readonly name: string; readonly args: readonly Expr[]; readonly distinct: boolean; readonly filter: Expr | null; readonly ignoreNulls: boolean; readonly order: readonly OrderTerm[]; readonly over: Over }
  | { readonly kind: 'compare'; readonly op: Comparison; readonly left: Expr; readonly right: Expr }
  | { readonly kind: 'and' | 'or'; readonly args: readonly Expr[] }
  | { readonly kind: 'not' | 'is-null' | 'is-not-null'; readonly arg: Expr }
  | { readonly kind: 'in'; readonly arg: Expr; readonly list: readonly Expr[]; readonly negated: boolean }
  | { readonly kind: 'between'; readonly arg: Expr; readonly low: Expr; readonly high: Expr }
  | { readonly kind: 'case'; readonly branches: readonly { readonly when: Expr; readonly then: Expr }[]; readonly otherwise: Expr }
  | { readonly kind: 'coalesce'; readonly args: readonly Expr[] }
  | { readonly kind: 'cast'; readonly arg: Expr; readonly type: Type; readonly try: boolean }
  | { readonly kind: 'grouping'; readonly args: readonly Expr[] }
  | { readonly kind: 'scalar-query'; readonly query: Query }
  | { readonly kind: 'exists'; readonly query: Query }
  /** `left op ANY (query)`; IN is `= ANY`. */
  | { readonly kind: 'any'; readonly op: Comparison; readonly left: Expr; readonly query: Query }
  /** What could not be lowered; a refusal stands for it and nothing goes on from here. */
  | { readonly kind: 'refused' }
);

export interface Over {
  readonly partition: readonly Expr[];
  readonly order: readonly OrderTerm[];
  readonly frame: Frame;
}

/** What every window without a frame of its own has, as the parser fills it in. */
export const DEFAULT_FRAME: Frame = { unit: 'range', start: { kind: 'unbounded-preceding' }, end: { kind: 'current' }, exclude: 'none' };

export interface Frame {
  readonly unit: 'rows' | 'range' | 'groups';
  readonly start: FrameBound;
  readonly end: FrameBound;
  readonly exclude: 'none' | 'current' | 'group' | 'ties';
}

export type FrameBound =
  | { readonly kind: 'unbounded-preceding' | 'unbounded-following' | 'current' }
  | { readonly kind: 'preceding' | 'following'; readonly expr: Expr };

/** Equal but for positions. Both sides must be in the parser's normal form (`normal.ts`). */
export function sameQuery(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => sameQuery(item, b[i]));
  }
  const left = Object.entries(a).filter(([key]) => key !== 'at');
  const right = new Map(Object.entries(b).filter(([key]) => key !== 'at'));
  return left.length === right.size && left.every(([key, value]) => right.has(key) && sameQuery(value, right.get(key)));
}
