/**
 * The shapes of DuckDB's serialised syntax tree (`json_serialize_sql`, engine 1.5.5) that `lower` reads. Each schema is
 * strict and one node deep: a field that is new, gone or of another type makes the node unknown, and it is refused.
 * Numbers are text, exactly as DuckDB wrote them (`readTree`).
 */
import { z } from 'zod';

/** JSON with every number kept as its source text: 2^53 + 1 must survive. Null where DuckDB wrote what is not JSON (`Infinity`). */
export function readTree(json: string): unknown {
  try {
    return JSON.parse(json, (_key, value: unknown, context?: { source?: string }) => (typeof value === 'number' ? (context?.source ?? String(value)) : value));
  } catch {
    return null;
  }
}

/** Objects in a tree; stops counting above `limit`. */
export function countNodes(tree: unknown, limit: number): number {
  const stack: unknown[] = [tree];
  let count = 0;
  while (stack.length > 0 && count <= limit) {
    const node = stack.pop();
    if (typeof node !== 'object' || node === null) continue;
    if (!Array.isArray(node)) count++;
    stack.push(...Object.values(node));
  }
  return count;
}

const digits = z.string().regex(/^\d+$/);
const number = z.string().regex(/^-?[\d.eE+-]+$/);
const expr = z.unknown();
const exprs = z.array(z.unknown());
const where = { query_location: digits };

export const Parsed = z.union([
  z.strictObject({ error: z.literal(false), statements: z.array(z.unknown()) }),
  z.object({ error: z.literal(true), error_type: z.string(), position: digits.optional() }),
]);

export const Statement = z.strictObject({ node: z.unknown(), named_param_map: z.array(z.unknown()).length(0) });

const cteMap = z.strictObject({
  map: z.array(z.strictObject({
    key: z.string(),
    value: z.strictObject({
      aliases: z.array(z.string()),
      query: z.unknown(),
      // Only where the engine keeps the result, not what it is.
      materialized: z.enum(['CTE_MATERIALIZE_DEFAULT', 'CTE_MATERIALIZE_ALWAYS', 'CTE_MATERIALIZE_NEVER']),
      key_targets: z.array(z.unknown()).length(0),
    }),
  })),
});

export const SelectNode = z.strictObject({
  type: z.literal('SELECT_NODE'),
  modifiers: exprs,
  cte_map: cteMap,
  select_list: exprs,
  from_table: z.unknown(),
  where_clause: expr,
  group_expressions: exprs,
  group_sets: z.array(z.array(digits)),
  aggregate_handling: z.enum(['STANDARD_HANDLING', 'FORCE_AGGREGATES']),
  having: expr,
  sample: z.null(),
  qualify: expr,
});

export const SetOperationNode = z.strictObject({
  type: z.literal('SET_OPERATION_NODE'),
  modifiers: exprs,
  cte_map: cteMap,
  setop_type: z.enum(['UNION', 'INTERSECT', 'EXCEPT']),
  left: z.unknown(),
  right: z.unknown(),
  setop_all: z.boolean(),
});

const order = z.strictObject({
  type: z.enum(['ORDER_DEFAULT', 'ASCENDING', 'DESCENDING']),
  null_order: z.enum(['ORDER_DEFAULT', 'NULLS FIRST', 'NULLS LAST']),
  expression: expr,
});
export type OrderNode = z.infer<typeof order>;

export const Modifier = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('DISTINCT_MODIFIER'), distinct_on_targets: exprs }),
  z.strictObject({ type: z.literal('ORDER_MODIFIER'), orders: z.array(order) }),
  z.strictObject({ type: z.literal('LIMIT_MODIFIER'), limit: expr, offset: expr }),
]);

const table = { alias: z.string(), sample: z.null(), ...where };

export const TABLES = {
  EMPTY: z.strictObject({ type: z.literal('EMPTY'), ...table }),
  BASE_TABLE: z.strictObject({ type: z.literal('BASE_TABLE'), ...table, schema_name: z.string(), table_name: z.string(), column_name_alias: z.array(z.string()), catalog_name: z.string(), at_clause: z.null() }),
  SUBQUERY: z.strictObject({ type: z.literal('SUBQUERY'), ...table, subquery: z.unknown(), column_name_alias: z.array(z.string()) }),
  EXPRESSION_LIST: z.strictObject({ type: z.literal('EXPRESSION_LIST'), ...table, expected_names: z.array(z.string()).length(0), expected_types: z.array(z.unknown()).length(0), values: z.array(exprs) }),
  JOIN: z.strictObject({
    type: z.literal('JOIN'), ...table, left: z.unknown(), right: z.unknown(), condition: expr,
    join_type: z.enum(['INNER', 'LEFT', 'RIGHT', 'FULL', 'SEMI', 'ANTI']),
    ref_type: z.enum(['REGULAR', 'NATURAL', 'CROSS']),
    using_columns: z.array(z.string()), delim_flipped: z.literal(false), duplicate_eliminated_columns: z.array(z.unknown()).length(0),
  }),
} as const;

const head = { alias: z.string(), ...where };

export const EXPRESSIONS = {
  COLUMN_REF: z.strictObject({ class: z.literal('COLUMN_REF'), type: z.literal('COLUMN_REF'), ...head, column_names: z.array(z.string()).min(1) }),
  CONSTANT: z.strictObject({ class: z.literal('CONSTANT'), type: z.literal('VALUE_CONSTANT'), ...head, value: z.unknown() }),
  FUNCTION: z.strictObject({
    class: z.literal('FUNCTION'), type: z.literal('FUNCTION'), ...head, function_name: z.string(), schema: z.enum(['', 'main']), catalog: z.literal(''),
    children: exprs, filter: expr, order_bys: z.strictObject({ type: z.literal('ORDER_MODIFIER'), orders: z.array(order) }),
    distinct: z.boolean(), is_operator: z.boolean(), export_state: z.literal(false),
  }),
  COMPARISON: z.strictObject({
    class: z.literal('COMPARISON'), ...head, left: expr, right: expr,
    type: z.enum(['COMPARE_EQUAL', 'COMPARE_NOTEQUAL', 'COMPARE_LESSTHAN', 'COMPARE_LESSTHANOREQUALTO', 'COMPARE_GREATERTHAN', 'COMPARE_GREATERTHANOREQUALTO', 'COMPARE_DISTINCT_FROM', 'COMPARE_NOT_DISTINCT_FROM']),
  }),
  CONJUNCTION: z.strictObject({ class: z.literal('CONJUNCTION'), type: z.enum(['CONJUNCTION_AND', 'CONJUNCTION_OR']), ...head, children: exprs }),
  OPERATOR: z.strictObject({
    class: z.literal('OPERATOR'), ...head, children: exprs.min(1),
    type: z.enum(['OPERATOR_NOT', 'OPERATOR_IS_NULL', 'OPERATOR_IS_NOT_NULL', 'OPERATOR_COALESCE', 'COMPARE_IN', 'COMPARE_NOT_IN', 'GROUPING_FUNCTION']),
  }),
  BETWEEN: z.strictObject({ class: z.literal('BETWEEN'), type: z.literal('COMPARE_BETWEEN'), ...head, input: expr, lower: expr, upper: expr }),
  CASE: z.strictObject({ class: z.literal('CASE'), type: z.literal('CASE_EXPR'), ...head, case_checks: z.array(z.strictObject({ when_expr: expr, then_expr: expr })).min(1), else_expr: expr }),
  CAST: z.strictObject({ class: z.literal('CAST'), type: z.literal('OPERATOR_CAST'), ...head, child: expr, cast_type: z.unknown(), try_cast: z.boolean() }),
  SUBQUERY: z.strictObject({ class: z.literal('SUBQUERY'), type: z.literal('SUBQUERY'), ...head, subquery_type: z.enum(['SCALAR', 'EXISTS', 'NOT_EXISTS', 'ANY']), subquery: z.unknown(), child: expr, comparison_type: z.string() }),
  WINDOW: z.strictObject({
    class: z.literal('WINDOW'), ...head, type: z.string(), function_name: z.string(), schema: z.enum(['', 'main']), catalog: z.literal(''), children: exprs,
    partitions: exprs, orders: z.array(order), start: z.string(), end: z.string(), start_expr: expr, end_expr: expr, offset_expr: expr, default_expr: expr,
    ignore_nulls: z.boolean(), filter_expr: expr, exclude_clause: z.enum(['NO_OTHER', 'CURRENT_ROW', 'GROUP', 'TIES']), distinct: z.boolean(), arg_orders: z.array(order),
  }),
  STAR: z.strictObject({
    class: z.literal('STAR'), type: z.literal('STAR'), ...head, relation_name: z.string(), exclude_list: z.array(z.string()), replace_list: z.array(z.strictObject({ key: z.string(), value: expr })),
    columns: z.boolean(), expr: z.null(), qualified_exclude_list: z.array(z.unknown()).length(0), rename_list: z.array(z.unknown()).length(0),
  }),
} as const;

export const TypeNode = z.strictObject({
  id: z.string(),
  type_info: z.union([
    z.null(),
    z.strictObject({ type: z.literal('DECIMAL_TYPE_INFO'), alias: z.literal(''), extension_info: z.null(), width: digits, scale: digits }),
  ]),
});

const wide = z.strictObject({ upper: number, lower: number });
export const ConstantValue = z.union([
  z.strictObject({ type: TypeNode, is_null: z.literal(true) }),
  z.strictObject({ type: TypeNode, is_null: z.literal(false), value: z.union([z.string(), z.boolean(), wide]) }),
]);

/** What a node that no schema knows calls itself, for the refusal; and where it is. */
export const Anything = z.looseObject({ class: z.string().optional(), type: z.string().optional(), function_name: z.string().optional(), ...{ query_location: digits.optional() } });
