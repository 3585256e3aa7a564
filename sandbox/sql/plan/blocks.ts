/**
 * Relations → the syntactic form. A block is a SELECT that is still open: filters, projections and inner joins go into it as
 * long as they mean the same there; anything else closes it into a derived table. Columns are named by number, tables `t0`,
 * `t1`, …, in the order in which they are met, so that the same relation always gives the same text.
 */
import { assertNever } from '#contract/result.ts';
import { pseudonymColumn, unitColumn, recordKeyColumn, type CatalogTable } from '../catalog.ts';
import { conjuncts, type Bound } from '../expression.ts';
import { and } from '../normal.ts';
import type { Expr, From, OrderTerm, Query, Select, SelectItem, Over, Frame, FrameBound } from '../query.ts';
import { columnsOf, type AggregateCall, type BoundFrame, type BoundFrameEnd, type Column, type Relation, type SortKey, type WindowCall } from '../relation.ts';
import { picksOne } from '../vet/multiplicity.ts';
import { bandExpr } from './band-expr.ts';
import { toExpr } from './scalar.ts';
import * as sql from './syntax.ts';

export interface Block {
  readonly from: From | null;
  readonly where: readonly Expr[];
  /** How each column that the block can show is written inside it. */
  readonly columns: ReadonlyMap<Column, Expr>;
}

/** Expressions of more parts than this are computed once, in a derived table. */
const INLINE_PARTS = 12;

export interface BlockOptions {
  readonly below: boolean;
  /** Whether units are counted by pseudonym: the query reads several datasets. */
  readonly acrossDatasets: boolean;
  /** Columns of a gate's released table by column of the relation. */
  readonly gateColumn: (gate: number, column: Column) => string;
  readonly gateTable: (gate: number) => string;
}

export class Blocks {
  readonly #options: BlockOptions;
  #aliases = 0;
  /** Columns of the queries around the one being built. */
  #outer: readonly ReadonlyMap<Column, Expr>[] = [];

  constructor(options: BlockOptions) {
    this.#options = options;
  }

  alias(): string {
    return `t${this.#aliases++}`;
  }

  build(relation: Relation): Block {
    switch (relation.kind) {
      case 'scan': return this.#scan(relation);
      case 'gate': return this.#gate(relation);
      case 'values': return this.#values(relation);
      case 'single': return { from: null, where: [], columns: new Map() };
      case 'filter': {
        const input = this.build(relation.input);
        const predicate = this.expr(relation.predicate, input);
        return { ...input, where: [...input.where, ...(predicate.kind === 'and' ? predicate.args : [predicate])] };
      }
      case 'project': return this.#project(relation);
      case 'join': return this.#join(relation);
      case 'test': return this.#test(relation);
      case 'lookup': return this.#lookup(relation);
      case 'aggregate': return this.#aggregate(relation);
      case 'window': return this.#window(relation);
      case 'distinct': return this.#distinct(relation);
      case 'set-operation': return this.#setOperation(relation);
      case 'sort': case 'limit': return this.derived(this.query(relation, columnsOf(relation)), columnsOf(relation));
      default: return assertNever(relation);
    }
  }

  /** A whole query that shows these columns in this order, named `c0`, `c1`, …, in the relation's own order of rows. */
  query(relation: Relation, columns: readonly Column[]): Query {
    let limit: Expr | null = null;
    let offset: Expr | null = null;
    let inner = relation;
    if (inner.kind === 'limit') {
      limit = inner.limit === null ? null : toExpr(inner.limit, { below: false, column: unreachable });
      offset = inner.offset === null ? null : toExpr(inner.offset, { below: false, column: unreachable });
      inner = inner.input;
    }
    const by = inner.kind === 'sort' ? inner.by : [];
    if (inner.kind === 'sort') inner = inner.input;
    const block = this.build(inner);
    const order = this.#order(by, block);
    return { ctes: [], body: this.select(block, columns), order: order.length === 0 ? null : { kind: 'by', by: order }, limit, offset, at: null };
  }

  /** The block as a SELECT of these columns. A query without columns shows a constant. */
  select(block: Block, columns: readonly Column[]): Select {
    const items = columns.map((column, i): SelectItem => ({ kind: 'expr', expr: written(block, column), alias: `c${i}` }));
    return plainSelect(items.length === 0 ? [{ kind: 'expr', expr: sql.integer(1), alias: 'c0' }] : items, block);
  }

  /** Closes a query into a derived table whose columns are these. */
  derived(query: Query, columns: readonly Column[]): Block {
    const alias = this.alias();
    return { from: { kind: 'derived', query, alias, columns: [], at: null }, where: [], columns: new Map(columns.map((column, i) => [column, sql.column(alias, `c${i}`)])) };
  }

  close(block: Block, columns: readonly Column[]): Block {
    return this.derived(asQuery(this.select(block, columns)), columns);
  }

  expr(bound: Bound, block: Block): Expr {
    return toExpr(bound, { below: this.#options.below, column: (column) => this.#find(column, block) });
  }

  #find(column: Column, block: Block): Expr {
    const own = block.columns.get(column);
    if (own !== undefined) return own;
    for (const outer of this.#outer) {
      const found = outer.get(column);
      if (found !== undefined) return found;
    }
    throw new Error(`a column (${column.name}) is read where nothing shows it`);
  }

  #scan(relation: Extract<Relation, { kind: 'scan' }>): Block {
    const { table } = relation;
    const alias = this.alias();
    const columns = new Map(relation.columns.map((column) => [column, this.#stored(table, alias, column)]));
    return { from: { kind: 'table', path: [`${table.dataset}.${table.name}`, 'rows'], alias, columns: [], at: null }, where: [], columns };
  }

  #stored(table: CatalogTable, alias: string, { from }: Column): Expr {
    if (from.kind === 'unit') return sql.column(alias, this.#options.acrossDatasets ? pseudonymColumn(from.unit) : unitColumn(from.unit));
    if (from.kind === 'record-key') return sql.column(alias, recordKeyColumn(from.unit));
    if (from.kind === 'fixed') return sql.column(alias, from.name);
    if (from.kind !== 'stored') throw new Error(`${table.name} has no such column`);
    const { stored } = from.column;
    switch (stored.kind) {
      case 'column': return sql.column(alias, stored.name);
      case 'band': return bandExpr(sql.column(alias, stored.of), stored.ofType, stored.edges, stored.labels);
      case 'unit': throw new Error('a unit has an origin of its own');
      default: return assertNever(stored);
    }
  }

  #gate(relation: Extract<Relation, { kind: 'gate' }>): Block {
    const alias = this.alias();
    const { gateColumn, gateTable } = this.#options;
    return {
      from: { kind: 'table', path: [gateTable(relation.gate)], alias, columns: [], at: null },
      where: [],
      columns: new Map(relation.columns.map((column) => [column, sql.column(alias, gateColumn(relation.gate, column))])),
    };
  }

  #values(relation: Extract<Relation, { kind: 'values' }>): Block {
    const alias = this.alias();
    const none: Block = { from: null, where: [], columns: new Map() };
    const rows = relation.rows.map((row) => row.map((value) => this.expr(value, none)));
    const query: Query = { ctes: [], body: { kind: 'values', rows }, order: null, limit: null, offset: null, at: null };
    return {
      from: { kind: 'derived', query, alias, columns: relation.columns.map((_, i) => `c${i}`), at: null },
      where: [],
      columns: new Map(relation.columns.map((column, i) => [column, sql.column(alias, `c${i}`)])),
    };
  }

  #project(relation: Extract<Relation, { kind: 'project' }>): Block {
    const input = this.build(relation.input);
    const exprs = relation.items.map(({ column, expr }) => [column, this.expr(expr, input)] as const);
    const block: Block = { ...input, columns: new Map([...input.columns, ...exprs]) };
    return exprs.every(([, expr]) => size(expr) <= INLINE_PARTS) ? { ...block, columns: new Map(exprs) } : this.close(block, relation.items.map(({ column }) => column));
  }

  #join(relation: Extract<Relation, { kind: 'join' }>): Block {
    const [keepsLeft, keepsRight] = [relation.join === 'left' || relation.join === 'full', relation.join === 'right' || relation.join === 'full'];
    // What an outer join fills with NULL must be closed: conditions and computed columns would otherwise apply after it.
    const left = this.#side(relation.left, keepsRight, keepsLeft && keepsRight);
    const right = this.#side(relation.right, keepsLeft, keepsLeft && keepsRight);
    const columns = new Map([...left.columns, ...right.columns]);
    const block: Block = { from: null, where: [], columns };
    const on = relation.on === null ? null : this.expr(relation.on, block);
    const from: From = {
      kind: 'join', join: relation.join, left: left.from ?? this.#nothing(), right: right.from ?? this.#nothing(), at: null,
      condition: on === null ? (relation.join === 'inner' ? { kind: 'cross' } : { kind: 'on', expr: sql.literal('BOOLEAN', 'true') }) : { kind: 'on', expr: on },
    };
    return { from, where: [...left.where, ...right.where], columns };
  }

  /** A side of a join. `optional`: the join may fill it with NULL; `both`: conditions of either side must apply before it. */
  #side(relation: Relation, optional: boolean, both: boolean): Block {
    const block = this.build(relation);
    const computed = [...block.columns.values()].some((expr) => expr.kind !== 'column');
    const closes = (optional && (computed || block.where.length > 0)) || (both && block.where.length > 0) || block.from === null;
    return closes ? this.close(block, [...block.columns.keys()]) : block;
  }

  #nothing(): From {
    throw new Error('both sides of a join have a FROM by now');
  }

  #test(relation: Extract<Relation, { kind: 'test' }>): Block {
    const input = this.build(relation.input);
    const { test } = relation;
    const inside = this.#inside(input, () => {
      const sub = this.build(relation.sub);
      const on = relation.on === null ? [] : [this.expr(relation.on, sub)];
      const where = { ...sub, where: [...sub.where, ...on] };
      return asQuery(plainSelect([{ kind: 'expr', expr: test.kind === 'any' ? written(sub, test.right) : sql.integer(1), alias: 'c0' }], where));
    });
    const expr: Expr = test.kind === 'any' ? { kind: 'any', op: test.op, left: this.expr(test.left, input), query: inside, at: null } : { kind: 'exists', query: inside, at: null };
    return { ...input, columns: new Map([...input.columns, [relation.column, expr]]) };
  }

  #lookup(relation: Extract<Relation, { kind: 'lookup' }>): Block {
    const input = this.build(relation.input);
    const query = this.#inside(input, () => {
      // Several rows would raise: below the gate whether there are depends on protected rows, so none is looked up then.
      const guarded = this.#options.below && !picksOne(relation.sub, conjuncts(relation.on));
      if (relation.on === null && !guarded) return this.query(relation.sub, [relation.value]);
      const sub = relation.on === null ? this.derived(this.query(relation.sub, [relation.value]), [relation.value]) : this.build(relation.sub);
      const block = relation.on === null ? sub : { ...sub, where: [...sub.where, this.expr(relation.on, sub)] };
      const value = written(block, relation.value);
      const only = sql.when(sql.compare(sql.call('count_star', []), '<=', sql.integer(1)), sql.call('max', [value]));
      return asQuery(plainSelect([{ kind: 'expr', expr: guarded ? only : value, alias: 'c0' }], block));
    });
    return { ...input, columns: new Map([...input.columns, [relation.column, { kind: 'scalar-query', query, at: null }]]) };
  }

  #inside<T>(outer: Block, build: () => T): T {
    const before = this.#outer;
    this.#outer = [outer.columns, ...before];
    try {
      return build();
    } finally {
      this.#outer = before;
    }
  }

  #aggregate(relation: Extract<Relation, { kind: 'aggregate' }>): Block {
    const input = this.build(relation.input);
    const keys = relation.keys.map(({ expr }) => groupable(this.expr(expr, input)));
    const columns = columnsOf(relation);
    const exprs = [...keys, ...relation.aggregates.map(({ call }) => this.aggregate(call, input)), ...relation.groupings.map(({ keys: of }): Expr => ({ kind: 'grouping', args: of.flatMap((key) => keys[key] ?? []), at: null }))];
    const items = exprs.map((expr, i): SelectItem => ({ kind: 'expr', expr, alias: `c${i}` }));
    const select: Select = { ...plainSelect(items.length === 0 ? [{ kind: 'expr', expr: sql.integer(1), alias: 'c0' }] : items, input), group: sql.groupBy(keys, relation.sets) };
    return this.derived(asQuery(select), columns);
  }

  aggregate(call: AggregateCall, block: Block): Expr {
    return {
      kind: 'call', name: call.fn.name, operator: false, args: call.args.map((arg) => this.expr(arg, block)), distinct: call.distinct,
      filter: call.filter === null ? null : this.expr(call.filter, block), order: this.#order(call.order, block), at: null,
    };
  }

  #order(keys: readonly SortKey[], block: Block): OrderTerm[] {
    return keys.map(({ expr, descending, nulls }) => ({ expr: groupable(this.expr(expr, block)), descending, nulls }));
  }

  #window(relation: Extract<Relation, { kind: 'window' }>): Block {
    const input = this.build(relation.input);
    const own = [...input.columns.keys()];
    const windows = relation.items.map(({ column, call }) => [column, this.#windowCall(call, input)] as const);
    return this.close({ ...input, columns: new Map([...input.columns, ...windows]) }, [...own, ...windows.map(([column]) => column)]);
  }

  #windowCall(call: WindowCall, block: Block): Expr {
    const over: Over = { partition: call.partition.map((part) => this.expr(part, block)), order: this.#order(call.orderBy, block), frame: this.#frame(call.frame, block) };
    return {
      kind: 'window', name: call.name, args: call.args.map((arg) => this.expr(arg, block)), distinct: call.distinct, filter: call.filter === null ? null : this.expr(call.filter, block),
      ignoreNulls: call.ignoreNulls, order: this.#order(call.order, block), over, at: null,
    };
  }

  #frame(frame: BoundFrame, block: Block): Frame {
    const end = (bound: BoundFrameEnd): FrameBound => ('expr' in bound ? { kind: bound.kind, expr: this.expr(bound.expr, block) } : bound);
    return { ...frame, start: end(frame.start), end: end(frame.end) };
  }

  #distinct(relation: Extract<Relation, { kind: 'distinct' }>): Block {
    const input = this.build(relation.input);
    const columns = columnsOf(relation.input);
    const on = relation.on.map((expr) => groupable(this.expr(expr, input)));
    const order = this.#order(relation.order, input);
    const query: Query = { ...asQuery({ ...this.select(input, columns), distinct: { on } }), order: order.length === 0 ? null : { kind: 'by', by: order } };
    return this.derived(query, columns);
  }

  #setOperation(relation: Extract<Relation, { kind: 'set-operation' }>): Block {
    const side = (of: Relation): Query => this.query(of, columnsOf(of));
    const query: Query = { ctes: [], body: { kind: 'set-operation', op: relation.op, all: relation.all, left: side(relation.left), right: side(relation.right) }, order: null, limit: null, offset: null, at: null };
    return this.derived(chained(query), relation.columns);
  }
}

/** The parser hangs chains of one operator to the right; so does what is printed. */
function chained(query: Query): Query {
  const { body } = query;
  if (body.kind !== 'set-operation') return query;
  const { left } = body;
  if (left.body.kind !== 'set-operation' || left.body.op !== body.op || left.body.all !== body.all || left.order !== null || left.limit !== null || left.offset !== null || body.op === 'except') return query;
  return chained({ ...query, body: { ...body, left: left.body.left, right: chained({ ...query, body: { ...body, left: left.body.right, right: body.right } }) } });
}

/** A constant in GROUP BY, ORDER BY or DISTINCT ON would be a position, or an error. */
export const groupable = (expr: Expr): Expr => (expr.kind === 'literal' ? sql.cast(expr, expr.type === 'NULL' ? 'INTEGER' : expr.type) : expr);

function written(block: Block, column: Column): Expr {
  const expr = block.columns.get(column);
  if (expr === undefined) throw new Error(`a column (${column.name}) is shown where nothing has it`);
  return expr;
}

function plainSelect(items: readonly SelectItem[], block: Pick<Block, 'from' | 'where'>): Select {
  return { kind: 'select', distinct: null, items, from: block.from, where: and(block.where), group: { kind: 'by', by: [], sets: [] }, having: null, qualify: null };
}

export const asQuery = (body: Select): Query => ({ ctes: [], body, order: null, limit: null, offset: null, at: null });

function unreachable(): never {
  throw new Error('LIMIT reads no columns');
}

/** Parts of an expression, up to a little above the limit. */
function size(expr: Expr): number {
  switch (expr.kind) {
    case 'column': case 'literal': return 1;
    case 'exists': case 'any': case 'scalar-query': case 'window': case 'refused': return INLINE_PARTS + 1;
    case 'call': case 'and': case 'or': case 'coalesce': case 'grouping': return 1 + sum(expr.args);
    case 'compare': return 1 + size(expr.left) + size(expr.right);
    case 'not': case 'is-null': case 'is-not-null': case 'cast': return 1 + size(expr.arg);
    case 'in': return 1 + size(expr.arg) + sum(expr.list);
    case 'between': return 1 + sum([expr.arg, expr.low, expr.high]);
    case 'case': return 1 + sum([...expr.branches.flatMap(({ when, then }) => [when, then]), expr.otherwise]);
    default: return assertNever(expr);
  }
}

const sum = (exprs: readonly Expr[]): number => exprs.reduce((total, expr) => total + size(expr), 0);

