/** Binds FROM: tables of the catalogue, CTEs, derived tables and joins. */
import { assertNever } from '#contract/result.ts';
import type { CatalogTable } from '../catalog.ts';
import { columnRef, conjunction, type Bound } from '../expression.ts';
import { isPlainName } from '#contract/name.ts';
import type { From, JoinCondition } from '../query.ts';
import type { Column, Item, Origin, Relation } from '../relation.ts';
import { columnsOf } from '../relation.ts';
import { nearest, sameName, type BindContext } from './context.ts';
import { bindExpression, comparable, truth, type Place } from './expression.ts';
import { bindQuery, distinctItems, type BoundQuery, type Environment } from './query.ts';
import { Scope, type Visible } from './scope.ts';

export interface BoundFrom {
  readonly relation: Relation;
  readonly visible: readonly Visible[];
}

const NOTHING: BoundFrom = { relation: { kind: 'single' }, visible: [] };

export function bindFrom(context: BindContext, from: From, environment: Environment, outer: Scope | null): BoundFrom {
  switch (from.kind) {
    case 'table': return bindTable(context, from, environment);
    case 'derived': return derived(context, bindQuery(context, from.query, environment, outer), from.alias, from.columns, from.at);
    case 'join': return bindJoin(context, from, environment, outer);
    default: return assertNever(from);
  }
}

function bindTable(context: BindContext, from: Extract<From, { kind: 'table' }>, environment: Environment): BoundFrom {
  const [name = '', dataset, ...others] = from.path.toReversed();
  const cte = from.path.length === 1 ? environment.get(name) : undefined;
  if (cte !== undefined) {
    const bound = bindQuery(context, cte.cte.query, cte.environment, null);
    return derived(context, bound, from.alias ?? cte.cte.name, from.columns.length > 0 ? from.columns : cte.cte.columns, from.at);
  }
  const tables = context.tables().filter((table) => sameName(table.name, name) && (dataset === undefined || sameName(table.dataset, dataset)));
  const [table, second] = tables;
  if (table === undefined || others.length > 0) {
    const allowed = [...context.tables().map(({ name: known }) => known)];
    context.refuseTable(from.path.join('.'), from.at, nearest(name, allowed));
    return NOTHING;
  }
  if (second !== undefined) {
    context.refusals.add('bind/ambiguous-table', from.at, { name, first: `${table.dataset}.${table.name}`, second: `${second.dataset}.${second.name}` });
    return NOTHING;
  }
  const scan = context.scan();
  if (scan === null) return NOTHING;
  const columns = scanColumns(context, table, scan);
  // Units without a name of their own are columns of the scan that no name finds.
  const named = table.columns.map((column, i) => ({ name: column.name, column: columns[i] ?? missing() }));
  return {
    relation: { kind: 'scan', table, scan, columns, at: from.at },
    visible: rename(context, named, from.columns, from.at).map(({ name: shown, column }) => ({ table: alias(context, from.alias, from.at) ?? table.name, dataset: from.alias === null ? table.dataset : null, name: shown, column, merged: false })),
  };
}

function missing(): never {
  throw new Error('a scan has a column for each of its table');
}

/** A column for each of the table's, in order, then the units that no column names. */
function scanColumns(context: BindContext, table: CatalogTable, scan: number): readonly Column[] {
  const columns = table.columns.map((column): Column => {
    const from: Origin = column.identity?.kind === 'unit' ? { kind: 'unit', table, unit: column.identity.unit, scan } : { kind: 'stored', table, column, scan };
    return context.column(column.name, column.type, from);
  });
  const named = new Set(columns.flatMap(({ from }) => (from.kind === 'unit' ? [from.unit] : [])));
  const hidden = table.units.filter(({ kind }) => !named.has(kind)).map(({ kind }) => context.column(kind, 'BIGINT', { kind: 'unit', table, unit: kind, scan }));
  return [...columns, ...hidden];
}

/** A table alias must be a plain identifier; null where there is none or it is refused. */
function alias(context: BindContext, name: string | null, at: number | null): string | null {
  if (name !== null && !isPlainName(name)) context.refusals.add('sql/identifier', at, { name });
  return name;
}

function rename<T extends { readonly name: string }>(context: BindContext, columns: readonly T[], names: readonly string[], at: number | null): readonly T[] {
  if (names.length > columns.length) context.refusals.add('bind/column-aliases', at, { given: names.length, columns: columns.length });
  for (const name of names) if (!isPlainName(name)) context.refusals.add('sql/identifier', at, { name });
  return columns.map((column, i) => ({ ...column, name: names[i] ?? column.name }));
}

function derived(context: BindContext, bound: BoundQuery, name: string | null, columns: readonly string[], at: number | null): BoundFrom {
  // The order of a derived table means nothing without LIMIT.
  const relation = bound.relation.kind === 'sort' ? bound.relation.input : bound.relation;
  const table = alias(context, name, at);
  return { relation, visible: rename(context, bound.outputs, columns, at).map((output) => ({ table, dataset: null, name: output.name, column: output.column, merged: false })) };
}

function bindJoin(context: BindContext, from: Extract<From, { kind: 'join' }>, environment: Environment, outer: Scope | null): BoundFrom {
  const left = bindFrom(context, from.left, environment, outer);
  const right = bindFrom(context, from.right, environment, outer);
  for (const { table } of right.visible) {
    if (table === null || !left.visible.some((entry) => entry.table !== null && sameName(entry.table, table))) continue;
    context.refusals.add('bind/duplicate-alias', from.at, { name: table });
    break;
  }
  const shared = sharedColumns(context, from.condition, left, right, from.at);
  const place: Place = { context, environment, scope: new Scope([...left.visible, ...right.visible], outer), clause: 'ON', aggregates: false, windows: false, alias: null };
  const on = from.condition.kind === 'on' ? truth(bindExpression(place, from.condition.expr)) : conjunction(shared.map(({ equal }) => equal));
  if (from.join === 'semi' || from.join === 'anti') return semiJoin(context, from, left, right, on);
  const join: Relation = { kind: 'join', join: from.join, left: left.relation, right: right.relation, on, at: from.at };
  return withShared(context, from.join, join, left, right, shared);
}

interface Shared {
  readonly name: string;
  readonly left: Visible;
  readonly right: Visible;
  readonly equal: Bound;
}

/** Columns that USING or NATURAL join on. */
function sharedColumns(context: BindContext, condition: JoinCondition, left: BoundFrom, right: BoundFrom, at: number | null): Shared[] {
  const names = condition.kind === 'using' ? condition.columns
    : condition.kind === 'natural' ? left.visible.filter(({ name, merged }) => !merged && right.visible.some((entry) => sameName(entry.name, name))).map(({ name }) => name)
    : [];
  if (condition.kind === 'natural' && names.length === 0) context.refusals.add('bind/natural', at, {});
  return names.flatMap((name): Shared[] => {
    const [l, secondLeft] = left.visible.filter((entry) => !entry.merged && sameName(entry.name, name));
    const [r, secondRight] = right.visible.filter((entry) => !entry.merged && sameName(entry.name, name));
    if (l === undefined || r === undefined) {
      if (!context.refusedWithTable()) context.refusals.add('bind/unknown-column', at, { name }, { suggestion: nearest(name, left.visible.map((entry) => entry.name)) });
      return [];
    }
    if (secondLeft !== undefined || secondRight !== undefined) context.refusals.add('bind/ambiguous-column', at, { name });
    const pair = comparable(columnRef(l.column, at), columnRef(r.column, at));
    const units = [l, r].filter(({ column }) => column.from.kind === 'unit');
    if (units.length === 1) context.refusals.add('unit/opaque', at, { name });
    if (pair === null) {
      context.refusals.add('bind/types', at, { a: l.column.type, b: r.column.type });
      return [];
    }
    return [{ name, left: l, right: r, equal: { kind: 'compare', op: '=', left: pair[0], right: pair[1], type: 'BOOLEAN', at } }];
  });
}

/** The one column that a shared name shows: the left one, the right one of a RIGHT JOIN, and of a FULL JOIN whichever is there. */
function withShared(context: BindContext, join: 'inner' | 'left' | 'right' | 'full', relation: Relation, left: BoundFrom, right: BoundFrom, shared: readonly Shared[]): BoundFrom {
  const items: Item[] = columnsOf(relation).map((column) => ({ column, expr: columnRef(column) }));
  const visible = [...left.visible];
  const rest = [...right.visible];
  for (const { name, left: l, right: r } of shared) {
    let shown = join === 'right' ? r.column : l.column;
    if (join === 'full') {
      const expr: Bound = { kind: 'coalesce', args: [columnRef(l.column), columnRef(r.column)], type: l.column.type, at: null };
      const from: Origin = l.column.from.kind === 'unit' ? { ...l.column.from, scan: context.scan() ?? l.column.from.scan } : { kind: 'computed', expr };
      shown = context.column(name, l.column.type, from);
      items.push({ column: shown, expr });
    }
    visible.splice(visible.indexOf(l), 1, { table: null, dataset: null, name, column: shown, merged: false }, { ...l, merged: true });
    rest.splice(rest.indexOf(r), 1, { ...r, merged: true });
  }
  return { relation: join === 'full' && shared.length > 0 ? { kind: 'project', input: relation, items: distinctItems(items) } : relation, visible: [...visible, ...rest] };
}

function semiJoin(context: BindContext, from: Extract<From, { kind: 'join' }>, left: BoundFrom, right: BoundFrom, on: Bound | null): BoundFrom {
  const column = context.column('exists', 'BOOLEAN', { kind: 'test', uses: on === null ? [] : [on] });
  const test: Relation = { kind: 'test', input: left.relation, sub: right.relation, test: { kind: 'exists' }, on, column, at: from.at };
  const is = columnRef(column, from.at);
  const predicate: Bound = from.join === 'semi' ? is : { kind: 'not', arg: is, type: 'BOOLEAN', at: from.at };
  return { relation: { kind: 'filter', input: test, predicate }, visible: left.visible };
}
