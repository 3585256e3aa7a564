/** Binds one SELECT: FROM, WHERE, GROUP BY, HAVING, windows, QUALIFY, DISTINCT, ORDER BY, in the order in which they apply. */
import { assertNever } from '#contract/result.ts';
import { factored, columnRef, columnsIn, type Bound } from '../expression.ts';
import type { Expr, Query, Select, SelectItem } from '../query.ts';
import type { Item, Relation } from '../relation.ts';
import { isInteger } from '../types.ts';
import { sameName, type BindContext } from './context.ts';
import { bindExpression, truth, type Place } from './expression.ts';
import { bindFrom, type BoundFrom } from './from.ts';
import { Grouped, hasAggregate } from './grouped.ts';
import { checkAlias, nameOf } from './names.ts';
import { itemFor, limited, projection, sortKeys, type BoundQuery, type Environment, type Output } from './query.ts';
import { Aliases, Scope, type Visible } from './scope.ts';
import { attach } from './subquery.ts';
import { liftWindows } from './windows.ts';

/** A select item after `*` is expanded. */
interface Listed {
  readonly name: string;
  readonly expr: Bound;
}

export function bindSelect(context: BindContext, query: Query, select: Select, environment: Environment, outer: Scope | null): BoundQuery {
  const from: BoundFrom = select.from === null ? { relation: { kind: 'single' }, visible: [] } : bindFrom(context, select.from, environment, outer);
  const scope = new Scope(from.visible, outer);
  const place: Place = { context, environment, scope, clause: 'SELECT', aggregates: true, windows: true, alias: null };

  const aliases = new Aliases<Bound>();
  const listed = select.items.flatMap((item) => bindItem({ ...place, alias: { first: false, get: (name) => aliases.get(name) } }, item, from.visible, aliases));
  const aliased = { first: false, get: (name: string) => aliases.get(name) };

  let relation = from.relation;
  if (select.where !== null) {
    const predicate = truth(bindExpression({ ...place, clause: 'WHERE', aggregates: false, windows: false, alias: aliased }, select.where));
    if (hasAggregate(predicate)) context.refusals.add('bind/aggregate-here', predicate.at, { name: 'aggregate', clause: 'WHERE' });
    const attached = attach(context, relation, [predicate]);
    relation = { kind: 'filter', input: attached.relation, predicate: factored(attached.exprs[0] ?? predicate) };
  }

  const having = select.having === null ? null : truth(bindExpression({ ...place, clause: 'HAVING', windows: false, alias: aliased }, select.having));
  const qualify = select.qualify === null ? null : truth(bindExpression({ ...place, clause: 'QUALIFY', alias: aliased }, select.qualify));
  const orderExprs = orderExpressions(query, { ...place, clause: 'ORDER BY', alias: aliased }, listed, aliases);
  const distinctOn = (select.distinct?.on ?? []).map((expr) => positional(context, expr, listed) ?? bindExpression({ ...place, clause: 'DISTINCT ON', alias: { ...aliased, first: true } }, expr));

  // Everything that is computed from the groups, in one list, so that it is rewritten in one place.
  const all = [...listed.map(({ expr }) => expr), ...(having === null ? [] : [having]), ...(qualify === null ? [] : [qualify]), ...orderExprs.values(), ...distinctOn];
  const groups = groupKeys(context, select, place, listed, aliases);
  let exprs: readonly Bound[] = all;
  if (groups !== null || having !== null || all.some(hasAggregate)) {
    const grouped = new Grouped(context, relation, groups?.keys ?? [], groups?.sets ?? null);
    exprs = all.map((expr) => grouped.lift(expr));
    relation = grouped.relation(query.at);
  }
  let next = listed.length;
  const take = (expr: Bound | null): Bound | null => (expr === null ? null : (exprs[next++] ?? expr));
  const liftedHaving = take(having);
  if (liftedHaving !== null) {
    const attached = attach(context, relation, [liftedHaving]);
    relation = { kind: 'filter', input: attached.relation, predicate: attached.exprs[0] ?? liftedHaving };
  }
  // Subqueries first, then windows, so that a window may read a subquery's value.
  const attached = attach(context, relation, [...exprs.slice(0, listed.length), ...exprs.slice(next)]);
  const windowed = liftWindows(context, attached.relation, attached.exprs);
  relation = windowed.relation;
  exprs = windowed.exprs;
  next = listed.length;
  const liftedQualify = take(qualify);
  if (liftedQualify !== null) relation = { kind: 'filter', input: relation, predicate: liftedQualify };
  const liftedOrder = new Map([...orderExprs.keys()].map((expr) => [expr, take(expr.kind === 'refused' ? null : (orderExprs.get(expr) ?? null))] as const));
  const liftedOn = distinctOn.map((expr) => take(expr) ?? expr);

  return finish(context, query, select, environment, relation, listed.map(({ name }, i) => ({ name, expr: exprs[i] ?? columnRefNever() })), liftedOrder, liftedOn);
}

function columnRefNever(): never {
  throw new Error('every select item has an expression');
}

/** The projection, DISTINCT, ORDER BY and LIMIT. */
function finish(context: BindContext, query: Query, select: Select, environment: Environment, input: Relation, listed: readonly Listed[], order: ReadonlyMap<Expr, Bound | null>, distinctOn: readonly Bound[]): BoundQuery {
  const items: Item[] = [];
  const outputs: Output[] = [];
  for (const { name, expr } of listed) {
    const item = itemFor(context, name, expr, items);
    items.push(item);
    outputs.push({ name, column: item.column });
  }
  if (outputs.length > context.caps.columns) context.refusals.add('cap/columns', null, { limit: context.caps.columns });
  const shown = items.length;
  const bindTerm = (expr: Expr): Bound => {
    const item = itemFor(context, 'order', order.get(expr) ?? bindFallback(context, expr), items);
    items.push(item);
    return columnRef(item.column, expr.at);
  };
  const by = query.order === null ? [] : sortKeys(context, query.order, outputs, bindTerm);
  const on = distinctOn.map((expr) => {
    const item = itemFor(context, 'distinct', expr, items);
    items.push(item);
    return columnRef(item.column, expr.at);
  });
  const visible = new Set(outputs.map(({ column }) => column));
  if (select.distinct !== null && on.length === 0 && items.slice(shown).some(({ column }) => !visible.has(column))) {
    context.refusals.add('bind/order-distinct', query.order?.kind === 'by' ? (query.order.by[0]?.expr.at ?? null) : null, {});
  }
  let relation = projection(input, select.distinct !== null && on.length === 0 ? items.slice(0, shown) : items);
  if (select.distinct !== null) relation = { kind: 'distinct', input: relation, on, order: on.length === 0 ? [] : by, at: query.at };
  if (by.length > 0) relation = { kind: 'sort', input: relation, by, at: null };
  return limited(context, query, environment, { relation, outputs, ordered: by.length > 0 });
}

function bindFallback(context: BindContext, expr: Expr): Bound {
  if (context.refusals.none) throw new Error('an ORDER BY term was not bound');
  return { kind: 'literal', value: null, type: 'NULL', at: expr.at };
}

function bindItem(place: Place, item: SelectItem, visible: readonly Visible[], aliases: Aliases<Bound>): Listed[] {
  const { context } = place;
  switch (item.kind) {
    case 'expr': {
      const expr = bindExpression(place, item.expr);
      if (item.alias !== null) {
        checkAlias(context, item.alias, item.expr.at);
        aliases.add(item.alias, expr);
      }
      return [{ name: item.alias ?? nameOf(item.expr), expr }];
    }
    case 'star': return expandStar(place, item, visible);
    default: return assertNever(item);
  }
}

function expandStar(place: Place, star: Extract<SelectItem, { kind: 'star' }>, visible: readonly Visible[]): Listed[] {
  const { context } = place;
  const { relation } = star;
  const columns = visible.filter((entry) => (relation === null ? !entry.merged : entry.table !== null && sameName(entry.table, relation)));
  if (columns.length === 0) {
    if (relation === null && !context.refusedWithTable()) context.refusals.add('bind/star-without-from', star.at, {});
    else if (relation !== null && !context.refusedWithTable()) context.refusals.add('bind/unknown-table', star.at, { name: relation });
  }
  for (const name of [...star.exclude, ...star.replace.map((entry) => entry.name)]) {
    if (!columns.some((entry) => sameName(entry.name, name)) && !context.refusedWithTable()) context.refusals.add('bind/unknown-column', star.at, { name });
  }
  const excluded = (name: string): boolean => star.exclude.some((entry) => sameName(entry, name));
  return columns.filter(({ name }) => !excluded(name)).map(({ name, column }) => {
    const replaced = star.replace.find((entry) => sameName(entry.name, name));
    return { name, expr: replaced === undefined ? columnRef(column, star.at) : bindExpression(place, replaced.expr) };
  });
}

/** An integer in GROUP BY or DISTINCT ON is a position of the select list. */
function positional(context: BindContext, expr: Expr, listed: readonly Listed[]): Bound | null {
  if (expr.kind !== 'literal' || !isInteger(expr.type) || expr.value === null) return null;
  const item = listed[Number(expr.value) - 1];
  if (item !== undefined) return item.expr;
  context.refusals.add('bind/position', expr.at, { position: expr.value, columns: listed.length });
  return { kind: 'literal', value: null, type: 'NULL', at: expr.at };
}

function groupKeys(context: BindContext, select: Select, place: Place, listed: readonly Listed[], aliases: Aliases<Bound>): { keys: readonly Bound[]; sets: readonly (readonly number[])[] | null } | null {
  // As DuckDB: what reads no column is no key, so that constants beside aggregates leave one row.
  if (select.group.kind === 'all') return { keys: listed.map(({ expr }) => expr).filter((expr) => !hasAggregate(expr) && columnsIn(expr).size > 0), sets: null };
  const { by, sets } = select.group;
  if (sets.length === 0) return null;
  const inside: Place = { ...place, clause: 'GROUP BY', aggregates: false, windows: false, alias: { first: false, get: (name) => aliases.get(name) } };
  const keys = by.map((expr) => {
    const key = positional(context, expr, listed) ?? bindExpression(inside, expr);
    if (hasAggregate(key)) context.refusals.add('bind/aggregate-here', expr.at, { name: 'aggregate', clause: 'GROUP BY' });
    return key;
  });
  const [only, ...others] = sets;
  return { keys, sets: only !== undefined && others.length === 0 && only.length === keys.length ? null : sets };
}

/** ORDER BY terms that are neither a position nor an alias are expressions over the groups, like select items. */
function orderExpressions(query: Query, place: Place, listed: readonly Listed[], aliases: Aliases<Bound>): ReadonlyMap<Expr, Bound> {
  const found = new Map<Expr, Bound>();
  if (query.order?.kind !== 'by') return found;
  for (const { expr } of query.order.by) {
    if (expr.kind === 'literal') continue;
    const [alias] = expr.kind === 'column' && expr.path.length === 1 ? expr.path : [];
    const named = alias === undefined ? undefined : (aliases.get(alias) ?? listed.find(({ name }) => sameName(name, alias))?.expr);
    found.set(expr, named ?? bindExpression(place, expr));
  }
  return found;
}
