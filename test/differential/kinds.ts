/** Which constructs of the gate a query has: kinds of expressions and of FROM as written, and of relations as bound. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { readTree } from '#sandbox/sql/ast.ts';
import { BindContext } from '#sandbox/sql/bind/context.ts';
import { inputsOf } from '#sandbox/sql/bind/hoist.ts';
import { bindQuery, Environment } from '#sandbox/sql/bind/query.ts';
import { buildCatalog } from '#sandbox/sql/catalog.ts';
import { CAPS } from '#sandbox/sql/limits.ts';
import { Lowering } from '#sandbox/sql/lower.ts';
import type { Body, Expr, From, JoinCondition, JoinKind, Query, SelectItem, SetOperator } from '#sandbox/sql/query.ts';
import { Refusals } from '#sandbox/sql/refusals.ts';
import type { Relation } from '#sandbox/sql/relation.ts';
import { allColumns, pin } from '../support/sql/tables.ts';
import { parseOn } from '../support/sql/through-gate.ts';
import { LAB } from './data.ts';

/** Everything that there is; the compiler keeps the lists whole. */
export const EXPRESSION_KINDS = {
  column: true, literal: true, call: true, window: true, compare: true, and: true, or: true, not: true, 'is-null': true, 'is-not-null': true, in: true, between: true, case: true, coalesce: true,
  cast: true, grouping: true, 'scalar-query': true, exists: true, any: true, refused: false,
} as const satisfies Record<Expr['kind'], boolean>;
export const BODY_KINDS = { select: true, 'set-operation': true, values: true } as const satisfies Record<Body['kind'], true>;
export const FROM_KINDS = { table: true, derived: true, join: true } as const satisfies Record<From['kind'], true>;
export const JOIN_KINDS = { inner: true, left: true, right: true, full: true, semi: true, anti: true } as const satisfies Record<JoinKind, true>;
export const CONDITION_KINDS = { cross: true, on: true, using: true, natural: true } as const satisfies Record<JoinCondition['kind'], true>;
export const ITEM_KINDS = { expr: true, star: true } as const satisfies Record<SelectItem['kind'], true>;
export const SET_OPERATORS = { union: true, intersect: true, except: true } as const satisfies Record<SetOperator, true>;
/** `gate` is made by `split`, after binding. */
export const RELATION_KINDS = {
  scan: true, values: true, single: true, filter: true, project: true, join: true, test: true, lookup: true, aggregate: true, window: true, distinct: true, 'set-operation': true, sort: true, limit: true, gate: false,
} as const satisfies Record<Relation['kind'], boolean>;

const wanted = (prefix: string, kinds: Readonly<Record<string, boolean>>): string[] => Object.entries(kinds).flatMap(([kind, needed]) => (needed ? [`${prefix} ${kind}`] : []));

export const WANTED: readonly string[] = [
  ...wanted('expression', EXPRESSION_KINDS), ...wanted('body', BODY_KINDS), ...wanted('from', FROM_KINDS), ...wanted('join', JOIN_KINDS), ...wanted('condition', CONDITION_KINDS),
  ...wanted('item', ITEM_KINDS), ...wanted('set', SET_OPERATORS), ...wanted('relation', RELATION_KINDS),
  'cte', 'cte used twice', 'having', 'qualify', 'group all', 'grouping sets', 'distinct', 'distinct on', 'order all', 'order by', 'limit', 'offset', 'filter clause', 'frame rows', 'frame range', 'frame groups', 'exclude', 'ignore nulls',
];

export async function kindsIn(connection: DuckDBConnection, sql: string): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const refusals = new Refusals();
  const query = new Lowering(() => null, CAPS, refusals).statement(readTree((await parseOn(connection, sql)) ?? 'null'));
  if (query === null) return found;
  written(query, found);
  const context = new BindContext(buildCatalog([pin(LAB)], allColumns([LAB])), refusals, CAPS);
  bound(bindQuery(context, query, new Environment(), null).relation, found);
  return found;
}

function bound(relation: Relation, found: Set<string>): void {
  found.add(`relation ${relation.kind}`);
  inputsOf(relation).forEach((input) => { bound(input, found); });
}

/** Walks the syntactic form as plain data: whatever is in it, at any depth, is met. */
function written(query: Query, found: Set<string>): void {
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if (Array.isArray(node)) { node.forEach(visit); return; }
    note(node as Record<string, unknown>, found);
    Object.values(node).forEach(visit);
  };
  visit(query);
  const tables = new Map<string, number>();
  const count = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    if (!Array.isArray(node) && 'path' in node && 'alias' in node && Array.isArray(node.path)) tables.set(node.path.join('.'), (tables.get(node.path.join('.')) ?? 0) + 1);
    Object.values(node).forEach(count);
  };
  count(query);
  if (query.ctes.some(({ name }) => (tables.get(name) ?? 0) > 1)) found.add('cte used twice');
}

function note(node: Readonly<Record<string, unknown>>, found: Set<string>): void {
  const { kind } = node;
  if ('ctes' in node) {
    const { ctes, order, limit, offset, body } = node as unknown as Query;
    found.add(`body ${body.kind}`);
    if (ctes.length > 0) found.add('cte');
    if (order !== null) found.add(order.kind === 'all' ? 'order all' : 'order by');
    if (limit !== null) found.add('limit');
    if (offset !== null) found.add('offset');
    return;
  }
  if (kind === 'select') {
    const { having, qualify, group, distinct, items } = node as unknown as Extract<Body, { kind: 'select' }>;
    for (const item of items) found.add(`item ${item.kind}`);
    if (having !== null) found.add('having');
    if (qualify !== null) found.add('qualify');
    if (distinct !== null) found.add(distinct.on.length > 0 ? 'distinct on' : 'distinct');
    if (group.kind === 'all') found.add('group all');
    else if (group.sets.length > 1) found.add('grouping sets');
    return;
  }
  if (kind === 'set-operation') found.add(`set ${String(node['op'])}`);
  else if (typeof kind === 'string' && 'condition' in node) {
    found.add('from join').add(`join ${String(node['join'])}`).add(`condition ${(node['condition'] as JoinCondition).kind}`);
  } else if (kind === 'table' || kind === 'derived') found.add(`from ${kind}`);
  else if (typeof kind === 'string' && kind in EXPRESSION_KINDS) {
    found.add(`expression ${kind}`);
    if ('filter' in node && node['filter'] !== null) found.add('filter clause');
    if (kind === 'window') {
      const { over, ignoreNulls } = node as unknown as Extract<Expr, { kind: 'window' }>;
      found.add(`frame ${over.frame.unit}`);
      if (over.frame.exclude !== 'none') found.add('exclude');
      if (ignoreNulls) found.add('ignore nulls');
    }
  }
}
