/** Expressions of DuckDB's syntax tree → the syntactic form; see `lower.ts`. */
import type { z } from 'zod';
import { Anything, ConstantValue, EXPRESSIONS, TypeNode } from './ast.ts';
import type { Lowering } from './lower.ts';
import { lowerWindow } from './lower-window.ts';
import { negate, flatten } from './normal.ts';
import { OPERATORS, type Comparison, type Expr } from './query.ts';
import type { Position } from './source-text.ts';
import { decimal, PLAIN_TYPES, type DecimalType, type Type } from './types.ts';

const COMPARE: Readonly<Record<z.infer<typeof EXPRESSIONS.COMPARISON>['type'], Comparison>> = {
  COMPARE_EQUAL: '=', COMPARE_NOTEQUAL: '<>', COMPARE_LESSTHAN: '<', COMPARE_LESSTHANOREQUALTO: '<=', COMPARE_GREATERTHAN: '>',
  COMPARE_GREATERTHANOREQUALTO: '>=', COMPARE_DISTINCT_FROM: 'IS DISTINCT FROM', COMPARE_NOT_DISTINCT_FROM: 'IS NOT DISTINCT FROM',
};

export function lowerExpression(lowering: Lowering, node: unknown): Expr {
  const head = Anything.safeParse(node).data;
  const at = lowering.locate(head?.query_location);
  if (lowering.depth >= lowering.caps.depth) {
    lowering.refusals.add('cap/depth', at, { limit: lowering.caps.depth });
    return { kind: 'refused', at };
  }
  lowering.depth++;
  try {
    return known(lowering, node, head?.class, at) ?? unknown(lowering, node, at);
  } finally {
    lowering.depth--;
  }
}

/** Null where the node does not have the shape that its class has. */
function known(lowering: Lowering, node: unknown, kind: string | undefined, at: Position): Expr | null {
  const lower = (child: unknown): Expr => lowerExpression(lowering, child);
  switch (kind) {
    case 'COLUMN_REF': {
      const column = EXPRESSIONS.COLUMN_REF.safeParse(node).data;
      return column === undefined ? null : { kind: 'column', path: column.column_names, at };
    }
    case 'CONSTANT': {
      const constant = EXPRESSIONS.CONSTANT.safeParse(node).data;
      return constant === undefined ? null : literal(constant.value, at);
    }
    case 'FUNCTION': {
      const call = EXPRESSIONS.FUNCTION.safeParse(node).data;
      if (call === undefined) return null;
      if (call.is_operator && !OPERATORS.includes(call.function_name)) {
        lowering.refusals.add('sql/operator', at, { name: call.function_name });
        return { kind: 'refused', at };
      }
      // A sign that changes nothing.
      if (call.is_operator && call.function_name === '+' && call.children.length === 1) return lower(call.children[0]);
      return {
        kind: 'call', name: call.function_name, operator: call.is_operator, args: call.children.map(lower), distinct: call.distinct,
        filter: call.filter === null ? null : lower(call.filter), order: call.order_bys.orders.map((order) => lowering.orderTerm(order)), at,
      };
    }
    case 'COMPARISON': {
      const compare = EXPRESSIONS.COMPARISON.safeParse(node).data;
      return compare === undefined ? null : { kind: 'compare', op: COMPARE[compare.type], left: lower(compare.left), right: lower(compare.right), at };
    }
    case 'CONJUNCTION': {
      const all = EXPRESSIONS.CONJUNCTION.safeParse(node).data;
      return all === undefined ? null : flatten(all.type === 'CONJUNCTION_AND' ? 'and' : 'or', all.children.map(lower), at);
    }
    case 'OPERATOR': return operator(lowering, node, at);
    case 'BETWEEN': {
      const between = EXPRESSIONS.BETWEEN.safeParse(node).data;
      return between === undefined ? null : { kind: 'between', arg: lower(between.input), low: lower(between.lower), high: lower(between.upper), at };
    }
    case 'CASE': {
      const cases = EXPRESSIONS.CASE.safeParse(node).data;
      if (cases === undefined) return null;
      return { kind: 'case', branches: cases.case_checks.map(({ when_expr, then_expr }) => ({ when: lower(when_expr), then: lower(then_expr) })), otherwise: lower(cases.else_expr), at };
    }
    case 'CAST': {
      const cast = EXPRESSIONS.CAST.safeParse(node).data;
      return cast === undefined ? null : castTo(lowering, lower(cast.child), cast.cast_type, cast.try_cast, at);
    }
    case 'SUBQUERY': return subquery(lowering, node, at);
    case 'WINDOW': return lowerWindow(lowering, node, at);
    default: return null;
  }
}

function operator(lowering: Lowering, node: unknown, at: Position): Expr | null {
  const op = EXPRESSIONS.OPERATOR.safeParse(node).data;
  if (op === undefined) return null;
  const [first, ...others] = op.children.map((child) => lowerExpression(lowering, child));
  if (first === undefined) return null;
  switch (op.type) {
    case 'OPERATOR_NOT': return others.length > 0 ? null : negate(first, at);
    case 'OPERATOR_IS_NULL': return others.length > 0 ? null : { kind: 'is-null', arg: first, at };
    case 'OPERATOR_IS_NOT_NULL': return others.length > 0 ? null : { kind: 'is-not-null', arg: first, at };
    case 'OPERATOR_COALESCE': return { kind: 'coalesce', args: [first, ...others], at };
    case 'COMPARE_IN': return { kind: 'in', arg: first, list: others, negated: false, at };
    case 'COMPARE_NOT_IN': return { kind: 'in', arg: first, list: others, negated: true, at };
    case 'GROUPING_FUNCTION': return { kind: 'grouping', args: [first, ...others], at };
  }
}

function subquery(lowering: Lowering, node: unknown, at: Position): Expr | null {
  const sub = EXPRESSIONS.SUBQUERY.safeParse(node).data;
  if (sub === undefined) return null;
  if (++lowering.subqueries > lowering.caps.subqueries) {
    lowering.refusals.add('cap/subqueries', at, { limit: lowering.caps.subqueries });
    return { kind: 'refused', at };
  }
  // A subquery starts its own count of expressions inside one another; the nesting of queries is capped by itself.
  const depth = lowering.depth;
  lowering.depth = 0;
  const query = lowering.query(sub.subquery);
  lowering.depth = depth;
  if (query === null) return { kind: 'refused', at };
  switch (sub.subquery_type) {
    case 'SCALAR': return { kind: 'scalar-query', query, at };
    case 'EXISTS': return { kind: 'exists', query, at };
    case 'NOT_EXISTS': return { kind: 'not', arg: { kind: 'exists', query, at }, at };
    case 'ANY': {
      const op = (COMPARE as Readonly<Record<string, Comparison>>)[sub.comparison_type];
      return op === undefined ? null : { kind: 'any', op, left: lowerExpression(lowering, sub.child), query, at };
    }
  }
}

function castTo(lowering: Lowering, arg: Expr, node: unknown, tryCast: boolean, at: Position): Expr {
  const type = lowerType(node);
  if (type === null) {
    lowering.refusals.add('sql/type', at ?? arg.at, { name: typeName(node) });
    return { kind: 'refused', at };
  }
  // TRUE and FALSE are casts of text in the tree.
  if (type === 'BOOLEAN' && !tryCast && arg.kind === 'literal' && arg.type === 'VARCHAR' && (arg.value === 't' || arg.value === 'f')) {
    return { kind: 'literal', type, value: arg.value === 't' ? 'true' : 'false', at: at ?? arg.at };
  }
  return { kind: 'cast', arg, type, try: tryCast, at: at ?? arg.at };
}

export function lowerType(node: unknown): Type | null {
  const type = TypeNode.safeParse(node).data;
  if (type === undefined) return null;
  if (type.id === 'DECIMAL') return type.type_info === null ? null : `DECIMAL(${type.type_info.width},${type.type_info.scale})`;
  return type.type_info === null && PLAIN_TYPES.includes(type.id) ? type.id : null;
}

function typeName(node: unknown): string {
  const id = typeof node === 'object' && node !== null && 'id' in node ? node.id : '?';
  return typeof id === 'string' && /^[A-Z_ ]{1,40}$/.test(id) ? id : '?';
}

function literal(node: unknown, at: Position): Expr | null {
  const constant = ConstantValue.safeParse(node).data;
  if (constant === undefined) return null;
  const { type: typeNode } = constant;
  if (typeNode.id === 'NULL') return constant.is_null ? { kind: 'literal', type: 'NULL', value: null, at } : null;
  const type = lowerType(typeNode);
  if (type === null || constant.is_null) return null;
  const { value } = constant;
  if (typeof value === 'boolean') return type === 'BOOLEAN' ? { kind: 'literal', type, value: String(value), at } : null;
  if (type === 'VARCHAR') return typeof value === 'string' ? { kind: 'literal', type, value, at } : null;
  if (type === 'DOUBLE') return typeof value === 'string' && /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value) ? { kind: 'literal', type, value: String(Number(value)), at } : null;
  const units = typeof value === 'string' ? (/^-?\d+$/.test(value) ? BigInt(value) : null) : (BigInt(value.upper) << 64n) + BigInt(value.lower);
  if (units === null) return null;
  if (type === 'INTEGER' || type === 'BIGINT' || type === 'HUGEINT' || type === 'UHUGEINT') return { kind: 'literal', type, value: units.toString(), at };
  const exact = decimal(type);
  return exact === null ? null : { kind: 'literal', type, value: pointed(units, exact), at };
}

/** Units of 10^-scale as a decimal number with as many digits as the type is wide: `1.50`, `5.`, `.05`. The point makes it a DECIMAL. */
function pointed(units: bigint, { width, scale }: DecimalType): string {
  const digits = (units < 0n ? -units : units).toString().padStart(width, '0');
  return `${units < 0n ? '-' : ''}${digits.slice(0, digits.length - scale)}.${digits.slice(digits.length - scale)}`;
}

function unknown(lowering: Lowering, node: unknown, at: Position): Expr {
  const head = Anything.safeParse(node).data;
  switch (head?.class) {
    case 'PARAMETER': lowering.refusals.add('sql/parameter', at, {}); break;
    case 'POSITIONAL_REFERENCE': lowering.refusals.add('sql/positional-reference', at, {}); break;
    case 'STAR': lowering.refusals.add('sql/star', at, {}); break;
    case 'LAMBDA': lowering.refusals.add('sql/lambda', at, {}); break;
    default: lowering.refusals.add('sql/unsupported', at, { name: short(head?.type) ?? short(head?.class) ?? '?' });
  }
  return { kind: 'refused', at };
}

const short = (name: string | undefined): string | null => (name !== undefined && /^[A-Z_]{1,40}$/.test(name) ? name : null);
