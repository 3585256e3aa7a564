/**
 * DuckDB's syntax tree → the syntactic form. What `ast.ts` has no schema for is refused by name and position; nothing is
 * passed through. The result is in the parser's normal form (`AND` flat, `NOT a = b` as `a <> b`), so that a printed query
 * can be compared with what it was printed from.
 */
import type { z } from 'zod';
import { Anything, EXPRESSIONS, Modifier, Parsed, SelectNode, SetOperationNode, Statement, TABLES, type OrderNode } from './ast.ts';
import { expanded } from './expanded.ts';
import type { Caps } from './limits.ts';
import { lowerExpression } from './lower-expression.ts';
import type { Body, Cte, From, Grouping, JoinCondition, Ordering, OrderTerm, Query, Select, SelectItem } from './query.ts';
import type { Refusals } from './refusals.ts';
import type { Position } from './source-text.ts';

export class Lowering {
  readonly locate: (byte: string | undefined) => Position;
  readonly caps: Caps;
  readonly refusals: Refusals;
  /** How deep the query and the expression being read are. */
  nesting = 0;
  depth = 0;
  #ctes = 0;
  #setOperations = 0;
  #joins = 0;
  #values = 0;
  subqueries = 0;

  constructor(locate: (byte: string | undefined) => Position, caps: Caps, refusals: Refusals) {
    this.locate = locate;
    this.caps = caps;
    this.refusals = refusals;
  }

  /** Null, with a refusal, where the tree is not exactly one SELECT statement in a known shape. */
  statement(tree: unknown): Query | null {
    const parsed = Parsed.safeParse(tree);
    if (!parsed.success) return this.#refuse('parse/unreadable', null, {});
    if (parsed.data.error) {
      return parsed.data.error_type === 'not implemented'
        ? this.#refuse('parse/not-a-query', null, {})
        : this.#refuse('parse/syntax', characters(parsed.data.position), {});
    }
    const [first, ...others] = parsed.data.statements;
    if (first === undefined) return this.#refuse('parse/nothing', null, {});
    if (others.length > 0) return this.#refuse('parse/several', null, { count: others.length + 1 });
    const statement = Statement.safeParse(first);
    if (!statement.success) return this.#refuse('sql/parameter', null, {});
    const query = this.query(statement.data.node);
    return query === null ? null : this.#withinCaps(query);
  }

  /** One table more than joins: so many are joined by that many. */
  #withinCaps(query: Query): Query | null {
    const { tables, setOperations } = expanded(query);
    if (tables > this.caps.joins + 1) return this.#refuse('cap/joins', null, { limit: this.caps.joins });
    if (setOperations > this.caps.setOperations) return this.#refuse('cap/set-operations', null, { limit: this.caps.setOperations });
    return query;
  }

  /** A query node, or a statement around one. */
  query(node: unknown): Query | null {
    if (this.nesting >= this.caps.nesting) return this.#refuse('cap/nesting', null, { limit: this.caps.nesting });
    this.nesting++;
    try {
      const statement = Statement.safeParse(node);
      return this.#queryNode(statement.success ? statement.data.node : node);
    } finally {
      this.nesting--;
    }
  }

  #queryNode(node: unknown): Query | null {
    const kind = Anything.safeParse(node).data?.type ?? '?';
    if (kind === 'SELECT_NODE') {
      const select = SelectNode.safeParse(node);
      return select.success ? this.#around(select.data, this.#select(select.data)) : this.#unknownSelect(node);
    }
    if (kind === 'SET_OPERATION_NODE') {
      const operation = SetOperationNode.safeParse(node);
      return operation.success ? this.#around(operation.data, this.#setOperation(operation.data)) : this.#refuse('sql/set-operation', null, { name: nameOf(node, 'setop_type') });
    }
    if (kind === 'RECURSIVE_CTE_NODE') return this.#refuse('sql/recursive', null, {});
    return this.#refuse('sql/unsupported', null, { name: kind });
  }

  #unknownSelect(node: unknown): null {
    const sample = typeof node === 'object' && node !== null && 'sample' in node && node.sample !== null;
    return this.#refuse(sample ? 'sql/sample' : 'sql/unsupported', null, { name: 'SELECT_NODE' });
  }

  #around(node: { readonly modifiers: readonly unknown[]; readonly cte_map: z.infer<typeof SelectNode>['cte_map'] }, body: Body | null): Query | null {
    const ctes = this.#withClause(node.cte_map);
    const modifiers = node.modifiers.map((modifier) => Modifier.safeParse(modifier));
    const expected = ['DISTINCT_MODIFIER', 'ORDER_MODIFIER', 'LIMIT_MODIFIER'];
    let next = 0;
    let order: Ordering | null = null;
    let limit: Query['limit'] = null;
    let offset: Query['offset'] = null;
    for (const modifier of modifiers) {
      if (!modifier.success) return this.#refuse('sql/limit', null, {});
      const rank = expected.indexOf(modifier.data.type);
      if (rank < next) return this.#refuse('sql/unsupported', null, { name: modifier.data.type });
      next = rank + 1;
      if (modifier.data.type === 'DISTINCT_MODIFIER') {
        if (body?.kind !== 'select') return this.#refuse('sql/unsupported', null, { name: 'DISTINCT_MODIFIER' });
        body = { ...body, distinct: { on: modifier.data.distinct_on_targets.map((target) => lowerExpression(this, target)) } };
      } else if (modifier.data.type === 'ORDER_MODIFIER') {
        order = this.#ordering(modifier.data.orders);
      } else {
        limit = modifier.data.limit === null ? null : lowerExpression(this, modifier.data.limit);
        offset = modifier.data.offset === null ? null : lowerExpression(this, modifier.data.offset);
      }
    }
    return body === null || ctes === null ? null : { ctes, body, order, limit, offset, at: null };
  }

  #withClause({ map }: z.infer<typeof SelectNode>['cte_map']): Cte[] | null {
    this.#ctes += map.length;
    if (this.#ctes > this.caps.ctes) return this.#refuse('cap/ctes', null, { limit: this.caps.ctes });
    const ctes: Cte[] = [];
    for (const { key, value } of map) {
      const query = this.query(value.query);
      if (query !== null) ctes.push({ name: key, columns: value.aliases, query });
    }
    return ctes.length === map.length ? ctes : null;
  }

  #setOperation(node: z.infer<typeof SetOperationNode>): Body | null {
    if (++this.#setOperations > this.caps.setOperations) return this.#refuse('cap/set-operations', null, { limit: this.caps.setOperations });
    const left = this.query(node.left);
    const right = this.query(node.right);
    if (left === null || right === null) return null;
    const op = ({ UNION: 'union', INTERSECT: 'intersect', EXCEPT: 'except' } as const)[node.setop_type];
    return { kind: 'set-operation', op, all: node.setop_all, left, right };
  }

  #select(node: z.infer<typeof SelectNode>): Body | null {
    const values = this.#valuesList(node);
    if (values !== null) return values;
    // Before anything is done for each of them.
    if (Math.max(node.select_list.length, node.group_expressions.length) > this.caps.columns) return this.#refuse('cap/columns', null, { limit: this.caps.columns });
    const from = Anything.safeParse(node.from_table).data?.type === 'EMPTY' ? null : this.#from(node.from_table);
    if (from === 'refused') return null;
    const select: Select = {
      kind: 'select',
      distinct: null,
      items: node.select_list.map((item) => this.#selectItem(item)),
      from,
      where: this.#optional(node.where_clause),
      group: this.#grouping(node),
      having: this.#optional(node.having),
      qualify: this.#optional(node.qualify),
    };
    return select;
  }

  /** `VALUES …` is `SELECT * FROM <list>` in the tree, with nothing else. */
  #valuesList(node: z.infer<typeof SelectNode>): Body | null {
    const list = TABLES.EXPRESSION_LIST.safeParse(node.from_table);
    if (!list.success) return null;
    const [only, ...others] = node.select_list;
    const star = EXPRESSIONS.STAR.safeParse(only);
    const plain = others.length === 0 && star.success && star.data.relation_name === '' && star.data.exclude_list.length === 0 && star.data.replace_list.length === 0
      && node.where_clause === null && node.group_expressions.length === 0 && node.having === null && node.qualify === null && list.data.alias === 'valueslist';
    if (!plain) return this.#refuse('sql/unsupported', null, { name: 'EXPRESSION_LIST' });
    this.#values += list.data.values.reduce((sum, row) => sum + row.length, 0);
    if (this.#values > this.caps.values) return this.#refuse('cap/values', null, { limit: this.caps.values });
    return { kind: 'values', rows: list.data.values.map((row) => row.map((value) => lowerExpression(this, value))) };
  }

  #selectItem(item: unknown): SelectItem {
    const star = EXPRESSIONS.STAR.safeParse(item);
    if (star.success && !star.data.columns) {
      const { relation_name, exclude_list, replace_list, query_location } = star.data;
      return {
        kind: 'star',
        relation: relation_name === '' ? null : relation_name,
        exclude: exclude_list,
        replace: replace_list.map(({ key, value }) => ({ name: key, expr: lowerExpression(this, value) })),
        at: this.locate(query_location),
      };
    }
    const alias = typeof item === 'object' && item !== null && 'alias' in item && typeof item.alias === 'string' && item.alias !== '' ? item.alias : null;
    return { kind: 'expr', expr: lowerExpression(this, item), alias };
  }

  #grouping(node: z.infer<typeof SelectNode>): Grouping {
    if (node.aggregate_handling === 'FORCE_AGGREGATES') return { kind: 'all' };
    if (node.group_sets.length > this.caps.groupingSets) this.refusals.add('cap/grouping-sets', null, { limit: this.caps.groupingSets });
    return { kind: 'by', by: node.group_expressions.map((key) => lowerExpression(this, key)), sets: node.group_sets.map((set) => set.map(Number)) };
  }

  #ordering(orders: readonly OrderNode[]): Ordering {
    if (orders.length > this.caps.columns) this.refusals.add('cap/columns', null, { limit: this.caps.columns });
    const [only, ...others] = orders;
    const star = EXPRESSIONS.STAR.safeParse(only?.expression);
    if (only !== undefined && others.length === 0 && star.success && star.data.columns && star.data.relation_name === '' && star.data.exclude_list.length === 0 && star.data.replace_list.length === 0) {
      const { descending, nulls } = this.orderTerm(only, false);
      return { kind: 'all', direction: { descending, nulls } };
    }
    return { kind: 'by', by: orders.map((order) => this.orderTerm(order)) };
  }

  orderTerm(order: OrderNode, withExpression = true): OrderTerm {
    return {
      expr: withExpression ? lowerExpression(this, order.expression) : { kind: 'refused', at: null },
      descending: order.type === 'DESCENDING',
      nulls: order.null_order === 'ORDER_DEFAULT' ? null : order.null_order === 'NULLS FIRST' ? 'first' : 'last',
    };
  }

  #optional(node: unknown): Select['where'] {
    return node === null ? null : lowerExpression(this, node);
  }

  #from(node: unknown): From | 'refused' {
    const kind = Anything.safeParse(node).data;
    const at = this.locate(kind?.query_location);
    if (typeof node === 'object' && node !== null && 'sample' in node && node.sample !== null) return this.#refuseTable('sql/sample', at, {});
    switch (kind?.type) {
      case 'BASE_TABLE': {
        const table = TABLES.BASE_TABLE.safeParse(node);
        if (!table.success) return this.#refuseTable('sql/at', at, {});
        const { catalog_name, schema_name, table_name, alias, column_name_alias } = table.data;
        return { kind: 'table', path: [catalog_name, schema_name, table_name].filter((part) => part !== ''), alias: alias === '' ? null : alias, columns: column_name_alias, at };
      }
      case 'SUBQUERY': {
        const derived = TABLES.SUBQUERY.safeParse(node);
        if (!derived.success) break;
        const query = this.query(derived.data.subquery);
        return query === null ? 'refused' : { kind: 'derived', query, alias: derived.data.alias === '' ? null : derived.data.alias, columns: derived.data.column_name_alias, at };
      }
      case 'JOIN': return this.#join(node, at);
      case 'TABLE_FUNCTION': return this.#refuseTable('sql/table-function', at, {});
      case 'SHOW_REF': return this.#refuseTable('sql/show', at, {});
      case 'PIVOT': return this.#refuseTable('sql/pivot', at, {});
    }
    return this.#refuseTable('sql/unsupported', at, { name: kind?.type ?? '?' });
  }

  #join(node: unknown, at: Position): From | 'refused' {
    const parsed = TABLES.JOIN.safeParse(node);
    if (!parsed.success) return this.#refuseTable('sql/join', at, { name: nameOf(node, 'ref_type') });
    if (++this.#joins > this.caps.joins) return this.#refuseTable('cap/joins', at, { limit: this.caps.joins });
    const join = parsed.data;
    const left = this.#from(join.left);
    const right = this.#from(join.right);
    if (left === 'refused' || right === 'refused') return 'refused';
    let condition: JoinCondition;
    if (join.ref_type === 'NATURAL') condition = { kind: 'natural' };
    else if (join.using_columns.length > 0) condition = { kind: 'using', columns: join.using_columns };
    else if (join.condition === null || join.condition === undefined) condition = { kind: 'cross' };
    else condition = { kind: 'on', expr: lowerExpression(this, join.condition) };
    return { kind: 'join', join: join.join_type.toLowerCase() as Lowercase<typeof join.join_type>, left, right, condition, at };
  }

  #refuse(...problem: Parameters<Refusals['add']>): null {
    this.refusals.add(...problem);
    return null;
  }

  #refuseTable(...problem: Parameters<Refusals['add']>): 'refused' {
    this.refusals.add(...problem);
    return 'refused';
  }
}

/** Unlike positions in the tree, the one of a syntax error counts characters. */
const characters = (position: string | undefined): Position => (position === undefined ? null : Number(position));

/** A field of a node for a refusal: a short upper-case word, or `?`. */
function nameOf(node: unknown, field: string): string {
  const value = typeof node === 'object' && node !== null ? (node as Record<string, unknown>)[field] : undefined;
  return typeof value === 'string' && /^[A-Z_]{1,40}$/.test(value) ? value : '?';
}
