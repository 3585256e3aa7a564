/** Binds a whole query: CTEs, set operations, VALUES, ORDER BY and LIMIT around a select. */
import { assertNever } from '#contract/result.ts';
import { boundLiteral, columnRef, keyOf, type Bound } from '../expression.ts';
import { cast } from '../functions/parameter.ts';
import type { Cte, Expr, Ordering, Query } from '../query.ts';
import { columnsOf, type Column, type Item, type Relation, type SortKey } from '../relation.ts';
import { isInteger, unify } from '../types.ts';
import { fold, type BindContext } from './context.ts';
import { bindExpression, type Place } from './expression.ts';
import { bindSelect } from './select.ts';
import { Scope } from './scope.ts';

/** CTEs in sight. Each use binds the CTE again, so that every use has columns of its own. */
export class Environment {
  readonly #ctes: ReadonlyMap<string, { readonly cte: Cte; readonly environment: Environment }>;

  constructor(ctes: ReadonlyMap<string, { readonly cte: Cte; readonly environment: Environment }> = new Map()) {
    this.#ctes = ctes;
  }

  get(name: string): { readonly cte: Cte; readonly environment: Environment } | undefined {
    return this.#ctes.get(fold(name));
  }

  with(cte: Cte): Environment {
    return new Environment(new Map([...this.#ctes, [fold(cte.name), { cte, environment: this }]]));
  }
}

export interface Output {
  readonly name: string;
  readonly column: Column;
}

/** `ordered`: the query itself fixes the order of its rows. */
export interface BoundQuery {
  readonly relation: Relation;
  readonly outputs: readonly Output[];
  readonly ordered: boolean;
}

export function bindQuery(context: BindContext, query: Query, environment: Environment, outer: Scope | null): BoundQuery {
  let inner = environment;
  for (const cte of query.ctes) inner = inner.with(cte);
  const { body } = query;
  switch (body.kind) {
    case 'select': return bindSelect(context, query, body, inner, outer);
    case 'values': return withOrderAndLimit(context, query, bindValues(context, body.rows, inner, outer), inner);
    case 'set-operation': return withOrderAndLimit(context, query, bindSetOperation(context, body, inner, outer), inner);
    default: return assertNever(body);
  }
}

/** Where nothing can be made of a part of the query: refused already, and every name in it is unknown from here on. */
export const NOTHING: BoundQuery = { relation: { kind: 'single' }, outputs: [], ordered: false };

function bindValues(context: BindContext, rows: readonly (readonly Expr[])[], environment: Environment, outer: Scope | null): BoundQuery {
  const place: Place = { context, environment, scope: new Scope([], outer), clause: 'VALUES', aggregates: false, windows: false, alias: null };
  const bound = rows.map((row) => row.map((value) => bindExpression(place, value)));
  const width = bound[0]?.length ?? 0;
  // The parser has refused lists of different lengths.
  if (bound.some((row) => row.length !== width)) throw new Error('rows of VALUES have different numbers of values');
  const types = Array.from({ length: width }, (_, i) => bound.reduce<string | null>((type, row) => (type === null ? null : unify(type, row[i]?.type ?? 'NULL')), 'NULL'));
  const columns = types.map((type, i) => context.column(`col${i}`, type === null || type === 'NULL' ? 'INTEGER' : type, { kind: 'constant' }));
  if (types.includes(null)) context.refusals.add('bind/types', rows[0]?.[0]?.at ?? null, { a: 'VALUES', b: 'VALUES' });
  const typed = bound.map((row) => row.map((value, i) => cast(value, columns[i]?.type ?? value.type)));
  return { relation: { kind: 'values', rows: typed, columns }, outputs: columns.map((column) => ({ name: column.name, column })), ordered: false };
}

function bindSetOperation(context: BindContext, body: Extract<Query['body'], { kind: 'set-operation' }>, environment: Environment, outer: Scope | null): BoundQuery {
  const left = bindQuery(context, body.left, environment, outer);
  const right = bindQuery(context, body.right, environment, outer);
  if (left.outputs.length !== right.outputs.length) {
    context.refusals.add('bind/set-operation-width', null, { left: left.outputs.length, right: right.outputs.length });
    return NOTHING;
  }
  const columns: Column[] = [];
  const [leftItems, rightItems]: [Item[], Item[]] = [[], []];
  for (const [i, { name, column }] of left.outputs.entries()) {
    const other = right.outputs[i]?.column ?? column;
    const type = unify(column.type, other.type);
    if (type === null) context.refusals.add('bind/types', null, { a: column.type, b: other.type });
    const known = type === null ? column.type : type === 'NULL' ? 'INTEGER' : type;
    const units = column.from.kind === 'unit' && other.from.kind === 'unit' && column.from.unit === other.from.unit ? column.from : null;
    if (units === null && (column.from.kind === 'unit' || other.from.kind === 'unit')) context.refusals.add('unit/opaque', null, { name });
    columns.push(context.column(name, known, units === null ? { kind: 'combined', parts: [column, other] } : { ...units, scan: context.scan() ?? units.scan }));
    leftItems.push(side(context, column, known, i));
    rightItems.push(side(context, other, known, i));
  }
  const relation: Relation = {
    kind: 'set-operation', op: body.op, all: body.all, columns, at: null,
    left: { kind: 'project', input: left.relation, items: leftItems },
    right: { kind: 'project', input: right.relation, items: rightItems },
  };
  return { relation, outputs: left.outputs.map(({ name }, i) => ({ name, column: columns[i] ?? missing() })), ordered: false };
}

/** One column of a side, in the type of the whole; always a column of its own, so that the side has as many as the whole. */
function side(context: BindContext, column: Column, type: string, i: number): Item {
  const expr = cast(columnRef(column), type);
  return expr.kind === 'column' && column.from.kind === 'unit' ? { column, expr } : { column: context.column(`c${i}`, type, { kind: 'computed', expr }), expr };
}

function missing(): never {
  throw new Error('a set operation has as many columns as its sides');
}

/** ORDER BY over the columns that the query shows, by name or position, and LIMIT. */
function withOrderAndLimit(context: BindContext, query: Query, bound: BoundQuery, environment: Environment): BoundQuery {
  const { outputs } = bound;
  const scope = new Scope(outputs.map(({ name, column }) => ({ table: null, dataset: null, name, column, merged: false })), null);
  const place: Place = { context, environment, scope, clause: 'ORDER BY', aggregates: false, windows: false, alias: null };
  const by = query.order === null ? [] : sortKeys(context, query.order, outputs, (expr) => bindExpression(place, expr));
  return limited(context, query, environment, { ...bound, relation: by.length === 0 ? bound.relation : { kind: 'sort', input: bound.relation, by, at: null }, ordered: by.length > 0 });
}

/** Terms of ORDER BY: positions and ALL are columns of the select list, anything else is bound by `bind`. */
export function sortKeys(context: BindContext, order: Ordering, outputs: readonly Output[], bind: (expr: Expr) => Bound): SortKey[] {
  if (order.kind === 'all') return outputs.map(({ column }) => ({ expr: columnRef(column), ...order.direction }));
  return order.by.flatMap(({ expr, descending, nulls }): SortKey[] => {
    if (expr.kind === 'literal') {
      // Other constants order nothing.
      if (!isInteger(expr.type) || expr.value === null) return [];
      const output = outputs[Number(expr.value) - 1];
      if (output !== undefined) return [{ expr: columnRef(output.column, expr.at), descending, nulls }];
      context.refusals.add('bind/position', expr.at, { position: expr.value, columns: outputs.length });
      return [];
    }
    return [{ expr: bind(expr), descending, nulls }];
  });
}

export function limited(context: BindContext, query: Query, environment: Environment, bound: BoundQuery): BoundQuery {
  if (query.limit === null && query.offset === null) return bound;
  const place: Place = { context, environment, scope: new Scope([], null), clause: 'LIMIT', aggregates: false, windows: false, alias: null };
  const count = (expr: Expr | null): Bound | null => {
    if (expr === null) return null;
    const value = bindExpression(place, expr);
    if (value.kind === 'literal' && (value.value === null || (isInteger(value.type) && !value.value.startsWith('-')))) return value.value === null ? null : value;
    context.refusals.add('bind/limit', expr.at, {});
    return boundLiteral('INTEGER', '0', expr.at);
  };
  const limit = count(query.limit);
  const offset = count(query.offset);
  return limit === null && offset === null ? bound : { ...bound, relation: { kind: 'limit', input: bound.relation, limit, offset, at: query.limit?.at ?? query.offset?.at ?? null } };
}

/** Items without repetition: a column that is shown twice is computed once. */
export function distinctItems(items: readonly Item[]): readonly Item[] {
  const seen = new Map<Column, Item>();
  for (const item of items) if (!seen.has(item.column)) seen.set(item.column, item);
  return [...seen.values()];
}

/** The column that shows `expr`: the column itself where it is one, one of `known` where it computes the same, else a new one. */
export function itemFor(context: BindContext, name: string, expr: Bound, known: readonly Item[] = []): Item {
  if (expr.kind === 'column') return { column: expr.column, expr };
  const key = keyOf(expr);
  const same = known.find((item) => item.expr.kind !== 'column' && keyOf(item.expr) === key);
  if (same !== undefined) return same;
  const typed = expr.type === 'NULL' ? cast(expr, 'INTEGER') : expr;
  return { column: context.column(name, typed.type, { kind: 'computed', expr: typed }), expr: typed };
}

/** A projection to the columns shown and `extra`; left out where the input shows exactly these. */
export function projection(input: Relation, items: readonly Item[]): Relation {
  const wanted = distinctItems(items);
  const have = columnsOf(input);
  if (wanted.every(({ expr }) => expr.kind === 'column') && wanted.length === have.length && wanted.every(({ column }, i) => have[i] === column)) return input;
  return { kind: 'project', input, items: wanted };
}
