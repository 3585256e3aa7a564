/** Calls below the gate, made total. What cannot be is refused by the vetter (`vet/functions.ts`), before anything is printed. */
import { columnRef, type Bound } from '../expression.ts';
import type { Expr } from '../query.ts';
import type { Column } from '../relation.ts';
import { asDecimal, decimal, isExactNumber, isInteger, unify, type Type } from '../types.ts';
import { combine, isExactCall, magnitude, rangeOf, typeRange, type Range } from './range.ts';
import { plainCall, toExpr, type Printing } from './scalar.ts';
import * as sql from './syntax.ts';

type Call = Extract<Bound, { kind: 'call' }>;

export function totalCall(expr: Call, printing: Printing): Expr {
  const { fn } = expr;
  const args = expr.args.map((arg) => toExpr(arg, printing));
  const plain = plainCall(fn.name, fn.operator, args);
  if (fn.below === 'arithmetic') return arithmetic(expr, args, plain);
  if (fn.below === 'guarded') {
    const condition = guard(expr, args);
    return condition === null ? plain : sql.when(condition, plain);
  }
  return plain;
}

/** The type in which the engine would compute on these operands, where it is an exact one. */
function engineType(expr: Call): Type | null {
  return isExactNumber(expr.type) ? expr.type : null;
}

/** Of arithmetic that the engine would compute exactly on these operands: the ranges of the operands, and the type that holds every result. */
interface ExactArithmetic {
  readonly type: Type;
  readonly ranges: readonly Range[];
  /** Null where there is none: then it is computed in DOUBLE. */
  readonly fits: Type | null;
}

/** Null where nothing bounds an operand. */
function exactArithmetic(expr: Call, type: Type): ExactArithmetic | null {
  const result = rangeOf(expr);
  const operands = expr.args.map(rangeOf);
  if (result === null || operands.includes(null)) return null;
  const ranges = operands.filter((range) => range !== null);
  if (!isExactCall(expr.fn.name) && expr.fn.name !== 'abs') return { type, ranges, fits: type };
  const exact = exactResult(expr, ranges) ?? result;
  const holdsOperands = (candidate: Type): boolean => (isInteger(candidate) ? holds(candidate, ranges) : ranges.every((range) => holds(`DECIMAL(38,${range.scale})`, [range])));
  const fits = [type, ...(isInteger(type) ? ['BIGINT', 'HUGEINT'] : [`DECIMAL(38,${decimal(type)?.scale ?? 0})`])].find((candidate) => holds(candidate, [exact]) && holdsOperands(candidate));
  return { type, ranges, fits: fits ?? null };
}

/** Each column once, however often it is read (`range.ts`). */
const EXACT = new WeakMap<Column, boolean>();

/** Whether an expression of an exact type is exact in its total form as well. */
export function staysExact(expr: Bound): boolean {
  switch (expr.kind) {
    case 'column': {
      const { from } = expr.column;
      if (from.kind === 'combined') return from.parts.every((part) => staysExact(columnRef(part)));
      if (from.kind !== 'computed') return true;
      const known = EXACT.get(expr.column) ?? staysExact(from.expr);
      EXACT.set(expr.column, known);
      return known;
    }
    case 'case': return [...expr.branches.map(({ then }) => then), expr.otherwise].every(staysExact);
    case 'coalesce': return expr.args.every(staysExact);
    case 'call': {
      if (!expr.args.filter(({ type }) => isExactNumber(type)).every(staysExact)) return false;
      if (expr.fn.below !== 'arithmetic') return true;
      const type = engineType(expr);
      const form = type === null ? null : exactArithmetic(expr, type);
      return form !== null && form.fits !== null;
    }
    default: return true;
  }
}

function arithmetic(expr: Call, args: readonly Expr[], plain: Expr): Expr {
  const [a, b] = expr.args;
  const [x, y] = args;
  if (a === undefined || x === undefined) return plain;
  const type = engineType(expr);
  if (type === null) return moments(expr, args, plain);
  const form = exactArithmetic(expr, type);
  if (form === null) return sql.cast(plain, 'DOUBLE');
  const { ranges, fits } = form;
  if (isExactCall(expr.fn.name) || expr.fn.name === 'abs') {
    if (fits === null) return plainCall(expr.fn.name, expr.fn.operator, args.map((arg) => sql.cast(arg, 'DOUBLE')));
    if (fits === type && expr.args.every((arg) => isInteger(type) === isInteger(arg.type) && (arg.type === type || !isInteger(type) || arg.kind === 'literal'))) return plain;
    return plainCall(expr.fn.name, expr.fn.operator, args.map((arg, i) => (isInteger(fits) ? sql.cast(arg, fits) : sql.cast(arg, `DECIMAL(38,${ranges[i]?.scale ?? 0})`))));
  }
  // // and %: only the least integer by -1 is outside the type.
  const wide = widerThan(unify(a.type, b?.type ?? a.type) ?? 'HUGEINT');
  const divisor = ranges[1];
  if (!isInteger(type) || y === undefined || (divisor !== undefined && (divisor.min > -1n || divisor.max < -1n))) return plain;
  return plainCall(expr.fn.name, expr.fn.operator, wide === null ? args.map((arg) => sql.cast(arg, 'DOUBLE')) : [sql.cast(x, wide), sql.cast(y, wide)]);
}

/** Before the type caps it. */
function exactResult(expr: Call, ranges: readonly Range[]): Range | null {
  const [a, b] = ranges;
  if (a === undefined) return null;
  if (expr.fn.name === 'abs') return { min: 0n, max: magnitude(a), scale: a.scale };
  if (b === undefined) return { min: -a.max, max: -a.min, scale: a.scale };
  return combine(expr.fn.name, a, b);
}

/** Whether the type has a value for each value of the ranges. */
export function holds(type: Type, ranges: readonly Range[]): boolean {
  const limits = typeRange(type);
  return limits !== null && ranges.every((range) => {
    if (range.scale > limits.scale) return false;
    const factor = 10n ** BigInt(limits.scale - range.scale);
    return range.min * factor >= limits.min && range.max * factor <= limits.max;
  });
}

function widerThan(type: Type): Type | null {
  return ['SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT'].find((wider) => (asDecimal(wider)?.width ?? 0) > (asDecimal(type)?.width ?? 99)) ?? null;
}

const FIRST = sql.cast(sql.text('10000-01-01 (BC)'), 'DATE');
const LAST = sql.cast(sql.text('20000-01-01'), 'DATE');

/** Years in which every function of moments, and every cast of one, has a value: neither infinite nor at the edges of what the engine holds. */
export const withinCalendar = (moment: Expr): Expr => sql.between(moment, FIRST, LAST);

/** Dates and timestamps with days or intervals: only within years −10000 to 20000, from which a bounded step leads to nothing that the engine cannot hold (`9999-12-31` stands for "open" in many files, and steps may follow one another). Floating arithmetic is total. */
function moments(expr: Call, args: readonly Expr[], plain: Expr): Expr {
  const dates = expr.args.flatMap((arg, i) => {
    const printed = args[i];
    return printed !== undefined && arg.kind !== 'literal' && (arg.type === 'DATE' || arg.type.startsWith('TIMESTAMP')) ? [withinCalendar(printed)] : [];
  });
  const steps = expr.args.flatMap((arg, i) => {
    const printed = args[i];
    return expr.type === 'DATE' && isInteger(arg.type) && arg.kind !== 'literal' && printed !== undefined ? [sql.between(printed, sql.integer(-MOST_DAYS), sql.integer(MOST_DAYS))] : [];
  });
  const [first, ...others] = [...dates, ...steps];
  if (first === undefined) return plain;
  return sql.when(others.length === 0 ? first : { kind: 'and', args: [first, ...others], at: null }, plain);
}

/** Steps in days that keep a date of the years −10000 to 20000 within what the engine can hold. */
export const MOST_DAYS = 400_000n;

/** When the call is defined; null where it always is. */
function guard(expr: Call, args: readonly Expr[]): Expr | null {
  const [first] = args;
  const finite = (arg: Expr): Expr => sql.call('isfinite', [arg]);
  switch (expr.fn.name) {
    case 'sqrt': return first === undefined ? null : sql.compare(first, '>=', sql.integer(0));
    case 'ln': case 'log10': case 'log2': return first === undefined ? null : sql.compare(first, '>', sql.integer(0));
    case 'sin': case 'cos': case 'tan': return first === undefined ? null : finite(first);
    case 'date_trunc': case 'datetrunc': case 'date_diff': case 'datediff': case 'date_sub': case 'datesub': case 'date_part': case 'datepart': case 'last_day':
    case 'week': case 'weekofyear': case 'isoyear': case 'yearweek': {
      const moments = expr.args.flatMap((arg, i) => (arg.kind === 'literal' || args[i] === undefined ? [] : [withinCalendar(args[i])]));
      const [one, ...others] = moments;
      return one === undefined ? null : others.length === 0 ? one : { kind: 'and', args: [one, ...others], at: null };
    }
    default: return null;
  }
}
