/**
 * Whether an expression below the gate has a value wherever its columns have one. What is made total answers NULL where it
 * would fail: a cast that does not fit, a division by zero, the root of a negative number. Counting such an expression is a
 * condition on its columns, and `count(1 // (income - 7919))` finds one person.
 */
import type { Bound } from '../expression.ts';
import { rangeOf, typeRange } from '../plan/range.ts';
import { isLossless } from '../plan/scalar.ts';
import type { Column } from '../relation.ts';
import { decimal, isNumber } from '../types.ts';

export function isPresentWithColumns(expr: Bound): boolean {
  switch (expr.kind) {
    case 'literal': return expr.value !== null;
    case 'column': return expr.column.from.kind !== 'computed' || columnIsPresent(expr.column, expr.column.from.expr);
    case 'cast': return castFits(expr) && isPresentWithColumns(expr.arg);
    case 'call': return dividesByConstant(expr) || ['+', '-', '*', 'abs'].includes(expr.fn.name) && expr.args.every((arg) => isNumber(arg.type) && isPresentWithColumns(arg));
    default: return false;
  }
}

/** `x / c` with a constant c that is not zero. */
function dividesByConstant({ fn, args: [value, divisor] }: Extract<Bound, { kind: 'call' }>): boolean {
  if (fn.name !== '/' || value === undefined || divisor === undefined) return false;
  const constant = divisor.kind === 'cast' ? divisor.arg : divisor;
  return constant.kind === 'literal' && constant.value !== null && Number(constant.value) !== 0 && Number.isFinite(Number(constant.value)) && isNumber(constant.type) && isPresentWithColumns(value);
}

/** Whether every value that the argument can have by its type and declared bounds has a value in the type cast to. */
export function castFits({ arg, type, try: isTry }: Extract<Bound, { kind: 'cast' }>): boolean {
  if (isLossless(arg.type, type)) return true;
  const [range, limits] = [rangeOf(arg), typeRange(type)];
  // Rounding at the edge of a type could step over it: only scales that lose no digit are compared.
  if (isTry || range === null || limits === null || (decimal(type)?.scale ?? 0) < range.scale) return false;
  const factor = 10n ** BigInt(limits.scale - range.scale);
  return range.min * factor >= limits.min && range.max * factor <= limits.max;
}

/** Each column once, however often it is read (`plan/range.ts`). */
const PRESENT = new WeakMap<Column, boolean>();

function columnIsPresent(column: Column, computed: Bound): boolean {
  const known = PRESENT.get(column) ?? isPresentWithColumns(computed);
  PRESENT.set(column, known);
  return known;
}
