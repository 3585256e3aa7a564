/**
 * Bound expressions → the syntactic form. Above the gate as they are; below it made total: no row can make them raise.
 * `below` turns a cast that can fail into TRY_CAST, gives arithmetic a type that holds every possible result, and puts a
 * condition before functions that are only defined for some arguments.
 */
import { assertNever } from '#contract/result.ts';
import { partsOf, type Bound } from '../expression.ts';
import { flatten, negate } from '../normal.ts';
import type { Expr } from '../query.ts';
import type { Column } from '../relation.ts';
import { asDecimal, decimal, isFloating, isInteger, isTemporal, isTimestamp, type Type } from '../types.ts';
import * as sql from './syntax.ts';
import { rangeOf } from './range.ts';
import { holds, totalCall, withinCalendar } from './total.ts';

export interface Printing {
  readonly below: boolean;
  /** How a column is written at this place. */
  readonly column: (column: Column) => Expr;
}

export function toExpr(expr: Bound, printing: Printing): Expr {
  const print = (part: Bound): Expr => toExpr(part, printing);
  switch (expr.kind) {
    case 'column': return printing.column(expr.column);
    case 'literal': return literal(expr.type, expr.value);
    case 'call': return printing.below ? totalCall(expr, printing) : plainCall(expr.fn.name, expr.fn.operator, expr.args.map(print));
    case 'compare': return { kind: 'compare', op: expr.op, left: print(expr.left), right: print(expr.right), at: null };
    case 'and': case 'or': return flatten(expr.kind, expr.args.map(print));
    case 'not': return negate(print(expr.arg));
    case 'is-null': case 'is-not-null': return { kind: expr.kind, arg: print(expr.arg), at: null };
    case 'in': {
      // A subquery alone in the list would be read as a list of its rows.
      const [only, ...others] = expr.list.map(print);
      if (only !== undefined && others.length === 0) return { kind: 'compare', op: expr.negated ? '<>' : '=', left: print(expr.arg), right: only, at: null };
      return { kind: 'in', arg: print(expr.arg), list: expr.list.map(print), negated: expr.negated, at: null };
    }
    case 'between': return { kind: 'between', arg: print(expr.arg), low: print(expr.low), high: print(expr.high), at: null };
    case 'case': return { kind: 'case', branches: expr.branches.map(({ when, then }) => ({ when: print(when), then: print(then) })), otherwise: print(expr.otherwise), at: null };
    case 'coalesce': return { kind: 'coalesce', args: expr.args.map(print), at: null };
    case 'cast': return castExpr(expr, print(expr.arg), printing.below);
    case 'aggregate': case 'window': case 'grouping': case 'subquery': throw new Error(`${expr.kind} has a relation of its own by now`);
    default: return assertNever(expr);
  }
}

export const plainCall = (name: string, operator: boolean, args: readonly Expr[]): Expr =>
  ({ kind: 'call', name, operator, args, distinct: false, filter: null, order: [], at: null });

/** A literal with exactly its type: where the parser would give its text another one, a cast says so. */
function literal(type: Type, value: string | null): Expr {
  if (value === null) return type === 'NULL' ? sql.NULL : sql.cast(sql.NULL, type);
  if (type === 'DOUBLE') return sql.double(Number(value));
  if (type === 'VARCHAR' || type === 'BOOLEAN' || decimal(type) !== null) return sql.literal(type, value);
  if (isInteger(type)) {
    const plain = sql.integer(BigInt(value));
    return plain.kind === 'literal' && plain.type === type ? plain : type === 'UHUGEINT' ? sql.literal(type, value) : sql.cast(plain, type);
  }
  return sql.cast(sql.text(value), type);
}

function castExpr(expr: Extract<Bound, { kind: 'cast' }>, arg: Expr, below: boolean): Expr {
  // A literal's cast fails or not whatever the data.
  if (!below || expr.arg.kind === 'literal') return { kind: 'cast', arg, type: expr.type, try: expr.try, at: null };
  // Arithmetic is printed in a type that holds its results, which may be wider than its own.
  const range = rangeOf(expr.arg);
  const total = isLossless(expr.arg.type, expr.type) && (asDecimal(expr.type) === null || !isArithmetic(expr.arg) || (range !== null && holds(expr.type, [range])));
  const cast: Expr = { kind: 'cast', arg, type: expr.type, try: expr.try || !total, at: null };
  // Not even TRY_CAST of a moment to these is total.
  const isZoned = expr.arg.type === 'TIMESTAMP WITH TIME ZONE' || (expr.type === 'TIMESTAMP WITH TIME ZONE' && isTemporal(expr.arg.type));
  return isZoned || (expr.type === 'TIME' && isTemporal(expr.arg.type)) ? sql.when(withinCalendar(arg), cast) : cast;
}

/**
 * An expression below the gate in its own type: arithmetic may be printed in a wider one, and a value that does not fit is NULL. Without it a
 * released key could be one that its column cannot hold, and the job would fail where some row has such a value.
 */
export function inOwnType(expr: Bound, printed: Expr): Expr {
  if (asDecimal(expr.type) === null || !isArithmetic(expr)) return printed;
  return sql.tryCast(printed, expr.type);
}

/** Each column once, however often it is read (`range.ts`). */
const ARITHMETIC = new WeakMap<Column, boolean>();

function isArithmetic(expr: Bound): boolean {
  if (expr.kind === 'column') {
    if (expr.column.from.kind !== 'computed') return false;
    const known = ARITHMETIC.get(expr.column) ?? isArithmetic(expr.column.from.expr);
    ARITHMETIC.set(expr.column, known);
    return known;
  }
  if (expr.kind === 'case' || expr.kind === 'coalesce') return partsOf(expr).some(isArithmetic);
  return expr.kind === 'call' && (expr.fn.below === 'arithmetic' || expr.args.some(isArithmetic));
}

/** Whether every value of a type has a value in the other, so that a plain cast cannot fail. */
export function isLossless(from: Type, to: Type): boolean {
  if (from === to || from === 'NULL') return true;
  if (to === 'VARCHAR') return true;
  if (to === 'DOUBLE') return isInteger(from) || decimal(from) !== null || isFloating(from) || from === 'BOOLEAN';
  if (from === 'BOOLEAN') return isInteger(to) || (asDecimal(to)?.width ?? 0) > (asDecimal(to)?.scale ?? 0);
  if (to === 'BOOLEAN') return isInteger(from) || decimal(from) !== null || isFloating(from);
  const [a, b] = [asDecimal(from), asDecimal(to)];
  if (a !== null && b !== null) return isInteger(to) && isInteger(from) ? narrower(from, to) : decimal(to) !== null && b.scale >= a.scale && b.width - b.scale >= a.width - a.scale && a.width <= 37;
  return isTimestamp(from) && to === 'DATE';
}

const ORDER = ['TINYINT', 'UTINYINT', 'SMALLINT', 'USMALLINT', 'INTEGER', 'UINTEGER', 'BIGINT', 'UBIGINT', 'HUGEINT', 'UHUGEINT'];
const narrower = (from: Type, to: Type): boolean => ORDER.indexOf(from) < ORDER.indexOf(to) && (from.startsWith('U') || !to.startsWith('U'));
