/**
 * Every kind of node that the engine's serialised syntax tree can hold, as its source of tag v1.5.5 lists them
 * (github.com/duckdb/duckdb, MIT licence): src/include/duckdb/common/enums/{expression_type,tableref_type,subquery_type,join_type,
 * joinref_type,set_operation_type}.hpp, parser/{query_node,result_modifier}.hpp, parser/expression/window_expression.hpp.
 * Each is in one of three lists: accepted, with a query that has it; refused, with a query that has it and the code; internal,
 * made by binder or optimiser, or by no part of the parser, so that no text leads to it.
 */
export const VERSION = 'v1.5.5';

export type Decision = { readonly accepted: string } | { readonly refused: string; readonly code: string } | 'internal';

const refused = (code: string, sql: string): Decision => ({ refused: sql, code });
const accepted = (sql: string): Decision => ({ accepted: sql });

export const EXPRESSION_CLASSES: Readonly<Record<string, Decision>> = {
  INVALID: 'internal', AGGREGATE: 'internal',
  CASE: accepted('SELECT CASE WHEN a THEN 1 END FROM t'), CAST: accepted('SELECT CAST(a AS INTEGER) FROM t'), COLUMN_REF: accepted('SELECT a FROM t'),
  COMPARISON: accepted('SELECT a = 1 FROM t'), CONJUNCTION: accepted('SELECT a AND b FROM t'), CONSTANT: accepted('SELECT 1'),
  DEFAULT: refused('sql/unsupported', 'SELECT DEFAULT'), FUNCTION: accepted('SELECT lower(a) FROM t'), OPERATOR: accepted('SELECT NOT a FROM t'),
  STAR: accepted('SELECT * FROM t'), SUBQUERY: accepted('SELECT (SELECT 1)'), WINDOW: accepted('SELECT row_number() OVER () FROM t'),
  PARAMETER: refused('sql/parameter', 'SELECT ?'), COLLATE: refused('sql/unsupported', 'SELECT a COLLATE nocase FROM t'), LAMBDA: refused('sql/lambda', 'SELECT list_transform(a, lambda x: x) FROM t'),
  POSITIONAL_REFERENCE: refused('sql/positional-reference', 'SELECT #1 FROM t'), BETWEEN: accepted('SELECT a BETWEEN 1 AND 2 FROM t'), LAMBDA_REF: 'internal', TYPE: 'internal',
  BOUND_AGGREGATE: 'internal', BOUND_CASE: 'internal', BOUND_CAST: 'internal', BOUND_COLUMN_REF: 'internal', BOUND_COMPARISON: 'internal', BOUND_CONJUNCTION: 'internal',
  BOUND_CONSTANT: 'internal', BOUND_DEFAULT: 'internal', BOUND_FUNCTION: 'internal', BOUND_OPERATOR: 'internal', BOUND_PARAMETER: 'internal', BOUND_REF: 'internal',
  BOUND_SUBQUERY: 'internal', BOUND_WINDOW: 'internal', BOUND_BETWEEN: 'internal', BOUND_UNNEST: 'internal', BOUND_LAMBDA: 'internal', BOUND_LAMBDA_REF: 'internal',
  BOUND_EXPRESSION: 'internal', BOUND_EXPANDED: 'internal',
};

const compared = (operator: string): Decision => accepted(`SELECT a ${operator} b FROM t`);
const ranked = (call: string): Decision => accepted(`SELECT ${call} OVER (ORDER BY a) FROM t`);

export const EXPRESSION_TYPES: Readonly<Record<string, Decision>> = {
  INVALID: 'internal',
  OPERATOR_CAST: accepted('SELECT CAST(a AS INTEGER) FROM t'), OPERATOR_NOT: accepted('SELECT NOT a FROM t'), OPERATOR_IS_NULL: accepted('SELECT a IS NULL FROM t'),
  OPERATOR_IS_NOT_NULL: accepted('SELECT a IS NOT NULL FROM t'), OPERATOR_UNPACK: refused('sql/unsupported', 'SELECT *COLUMNS(*) FROM t'),
  COMPARE_EQUAL: compared('='), COMPARE_NOTEQUAL: compared('<>'), COMPARE_LESSTHAN: compared('<'), COMPARE_GREATERTHAN: compared('>'),
  COMPARE_LESSTHANOREQUALTO: compared('<='), COMPARE_GREATERTHANOREQUALTO: compared('>='), COMPARE_IN: accepted('SELECT a IN (1, 2) FROM t'), COMPARE_NOT_IN: accepted('SELECT a NOT IN (1, 2) FROM t'),
  COMPARE_DISTINCT_FROM: compared('IS DISTINCT FROM'), COMPARE_BETWEEN: accepted('SELECT a BETWEEN 1 AND 2 FROM t'), COMPARE_NOT_BETWEEN: 'internal', COMPARE_NOT_DISTINCT_FROM: compared('IS NOT DISTINCT FROM'),
  CONJUNCTION_AND: accepted('SELECT a AND b FROM t'), CONJUNCTION_OR: accepted('SELECT a OR b FROM t'),
  VALUE_CONSTANT: accepted('SELECT 1'), VALUE_PARAMETER: refused('sql/parameter', 'SELECT $1'), VALUE_TUPLE: 'internal', VALUE_TUPLE_ADDRESS: 'internal', VALUE_NULL: 'internal',
  VALUE_VECTOR: 'internal', VALUE_SCALAR: 'internal', VALUE_DEFAULT: refused('sql/unsupported', 'SELECT DEFAULT'),
  AGGREGATE: 'internal', BOUND_AGGREGATE: 'internal', GROUPING_FUNCTION: accepted('SELECT grouping(a) FROM t GROUP BY a'),
  WINDOW_AGGREGATE: ranked('sum(a)'), WINDOW_RANK: ranked('rank()'), WINDOW_RANK_DENSE: ranked('dense_rank()'), WINDOW_NTILE: ranked('ntile(2)'), WINDOW_PERCENT_RANK: ranked('percent_rank()'),
  WINDOW_CUME_DIST: ranked('cume_dist()'), WINDOW_ROW_NUMBER: ranked('row_number()'), WINDOW_FIRST_VALUE: ranked('first_value(a)'), WINDOW_LAST_VALUE: ranked('last_value(a)'),
  WINDOW_LEAD: ranked('lead(a)'), WINDOW_LAG: ranked('lag(a)'), WINDOW_NTH_VALUE: ranked('nth_value(a, 2)'),
  // The tree has a form for it; its name is in no table of functions, so binding refuses it.
  WINDOW_FILL: ranked('fill(a)'),
  FUNCTION: accepted('SELECT lower(a) FROM t'), BOUND_FUNCTION: 'internal',
  CASE_EXPR: accepted('SELECT CASE WHEN a THEN 1 END FROM t'), OPERATOR_NULLIF: 'internal', OPERATOR_COALESCE: accepted('SELECT coalesce(a, b) FROM t'),
  ARRAY_EXTRACT: refused('sql/unsupported', 'SELECT a[1] FROM t'), ARRAY_SLICE: refused('sql/unsupported', 'SELECT a[1:2] FROM t'), STRUCT_EXTRACT: refused('sql/unsupported', 'SELECT (a).b FROM t'),
  ARRAY_CONSTRUCTOR: 'internal', ARROW: 'internal', OPERATOR_TRY: refused('sql/unsupported', 'SELECT TRY(a) FROM t'),
  SUBQUERY: accepted('SELECT (SELECT 1)'), STAR: accepted('SELECT * FROM t'), TABLE_STAR: 'internal', PLACEHOLDER: 'internal', COLUMN_REF: accepted('SELECT a FROM t'),
  FUNCTION_REF: 'internal', TABLE_REF: 'internal', LAMBDA_REF: 'internal', TYPE: 'internal', CAST: 'internal', BOUND_REF: 'internal', BOUND_COLUMN_REF: 'internal', BOUND_UNNEST: 'internal',
  COLLATE: refused('sql/unsupported', 'SELECT a COLLATE nocase FROM t'), LAMBDA: refused('sql/lambda', 'SELECT list_filter(a, lambda x: x) FROM t'), POSITIONAL_REFERENCE: refused('sql/positional-reference', 'SELECT #1 FROM t'),
  BOUND_LAMBDA_REF: 'internal', BOUND_EXPANDED: 'internal',
};

/** As the tree writes them: `EMPTY` is EMPTY_FROM in the source. */
export const TABLE_REFERENCES: Readonly<Record<string, Decision>> = {
  INVALID: 'internal', BASE_TABLE: accepted('SELECT a FROM t'), SUBQUERY: accepted('SELECT a FROM (SELECT 1 AS a) t'), JOIN: accepted('SELECT a FROM t JOIN u ON true'),
  TABLE_FUNCTION: refused('sql/table-function', 'SELECT a FROM range(3) t(a)'), EXPRESSION_LIST: accepted('VALUES (1)'), CTE: 'internal', EMPTY: accepted('SELECT 1'),
  PIVOT: refused('sql/pivot', 'UNPIVOT t ON a, b'), SHOW_REF: refused('sql/show', 'SELECT * FROM (DESCRIBE t)'), COLUMN_DATA: 'internal', DELIM_GET: 'internal', BOUND_TABLE_REF: 'internal',
};

export const QUERY_NODES: Readonly<Record<string, Decision>> = {
  SELECT_NODE: accepted('SELECT 1'), SET_OPERATION_NODE: accepted('SELECT 1 UNION SELECT 2'), BOUND_SUBQUERY_NODE: 'internal',
  RECURSIVE_CTE_NODE: refused('sql/recursive', 'WITH RECURSIVE r AS (SELECT 1 UNION ALL SELECT 1 FROM r) SELECT * FROM r'), CTE_NODE: 'internal', STATEMENT_NODE: 'internal',
};

export const RESULT_MODIFIERS: Readonly<Record<string, Decision>> = {
  LIMIT_MODIFIER: accepted('SELECT a FROM t LIMIT 1'), ORDER_MODIFIER: accepted('SELECT a FROM t ORDER BY a'), DISTINCT_MODIFIER: accepted('SELECT DISTINCT a FROM t'),
  LIMIT_PERCENT_MODIFIER: refused('sql/limit', 'SELECT a FROM t LIMIT 10%'),
};

/** As the tree writes them: `FULL` is OUTER in the source. */
export const JOIN_TYPES: Readonly<Record<string, Decision>> = {
  INVALID: 'internal', LEFT: accepted('SELECT a FROM t LEFT JOIN u ON true'), RIGHT: accepted('SELECT a FROM t RIGHT JOIN u ON true'), INNER: accepted('SELECT a FROM t JOIN u ON true'),
  FULL: accepted('SELECT a FROM t FULL JOIN u ON true'), SEMI: accepted('SELECT a FROM t SEMI JOIN u ON true'), ANTI: accepted('SELECT a FROM t ANTI JOIN u ON true'),
  MARK: 'internal', SINGLE: 'internal', RIGHT_SEMI: 'internal', RIGHT_ANTI: 'internal',
};

export const JOIN_REFERENCES: Readonly<Record<string, Decision>> = {
  REGULAR: accepted('SELECT a FROM t JOIN u ON true'), NATURAL: accepted('SELECT a FROM t NATURAL JOIN u'), CROSS: accepted('SELECT a FROM t, u'),
  POSITIONAL: refused('sql/join', 'SELECT a FROM t POSITIONAL JOIN u'), ASOF: refused('sql/join', 'SELECT a FROM t ASOF JOIN u ON t.a >= u.a'), DEPENDENT: 'internal',
};

export const SUBQUERY_TYPES: Readonly<Record<string, Decision>> = {
  INVALID: 'internal', SCALAR: accepted('SELECT (SELECT 1)'), EXISTS: accepted('SELECT EXISTS (SELECT 1)'), NOT_EXISTS: 'internal', ANY: accepted('SELECT 1 IN (SELECT 1)'),
};

export const SET_OPERATIONS: Readonly<Record<string, Decision>> = {
  NONE: 'internal', UNION: accepted('SELECT 1 UNION SELECT 2'), EXCEPT: accepted('SELECT 1 EXCEPT SELECT 2'), INTERSECT: accepted('SELECT 1 INTERSECT SELECT 2'),
  UNION_BY_NAME: refused('sql/set-operation', 'SELECT 1 AS a UNION BY NAME SELECT 2 AS b'),
};

const framed = (frame: string): Decision => accepted(`SELECT sum(a) OVER (ORDER BY a ${frame}) FROM t`);

export const WINDOW_BOUNDARIES: Readonly<Record<string, Decision>> = {
  INVALID: 'internal', UNBOUNDED_PRECEDING: framed('ROWS UNBOUNDED PRECEDING'), UNBOUNDED_FOLLOWING: framed('ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING'),
  CURRENT_ROW_RANGE: framed('RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING'), CURRENT_ROW_ROWS: framed('ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING'),
  EXPR_PRECEDING_ROWS: framed('ROWS 1 PRECEDING'), EXPR_FOLLOWING_ROWS: framed('ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING'), EXPR_PRECEDING_RANGE: framed('RANGE 1 PRECEDING'),
  EXPR_FOLLOWING_RANGE: framed('RANGE BETWEEN CURRENT ROW AND 1 FOLLOWING'), CURRENT_ROW_GROUPS: framed('GROUPS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING'),
  EXPR_PRECEDING_GROUPS: framed('GROUPS 1 PRECEDING'), EXPR_FOLLOWING_GROUPS: framed('GROUPS BETWEEN CURRENT ROW AND 1 FOLLOWING'),
};
