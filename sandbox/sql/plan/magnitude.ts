/** How large a number below the gate can be, where its expression and what is declared of its columns say so. */
import type { Bound } from '../expression.ts';
import type { Column } from '../relation.ts';
import { decimal, isExactNumber, isNumber } from '../types.ts';
import { magnitude, rangeOf } from './range.ts';

/** No value of the expression is further from zero; infinite where that is not known. NaN and infinities do not count. */
export function magnitudeOf(expr: Bound): number {
  if (isExactNumber(expr.type)) {
    const range = rangeOf(expr);
    if (range !== null) return Number(magnitude(range)) / 10 ** range.scale;
  }
  switch (expr.kind) {
    case 'column': return columnMagnitude(expr.column);
    case 'literal': return expr.value === null ? 0 : finite(Math.abs(Number(expr.value)));
    case 'cast': return isNumber(expr.arg.type) ? magnitudeOf(expr.arg) : Infinity;
    case 'case': return greatest([...expr.branches.map(({ then }) => then), expr.otherwise]);
    case 'coalesce': return greatest(expr.args);
    case 'call': return callMagnitude(expr);
    default: return Infinity;
  }
}

const finite = (x: number): number => (Number.isNaN(x) ? Infinity : x);
const greatest = (exprs: readonly Bound[]): number => Math.max(...exprs.map(magnitudeOf));

/** Each column once, however often it is read (`range.ts`). */
const MAGNITUDES = new WeakMap<Column, number>();

/** A stored double has a companion of 64 bits on the grid of its scale, six digits unless declared, which ingest holds it to. */
function columnMagnitude(column: Column): number {
  const { from, type } = column;
  if (from.kind === 'computed') {
    const most = MAGNITUDES.get(column) ?? magnitudeOf(from.expr);
    MAGNITUDES.set(column, most);
    return most;
  }
  if (from.kind !== 'stored' || type !== 'DOUBLE') return Infinity;
  const { min, max } = from.column;
  if (min !== null && max !== null) return finite(Math.max(Math.abs(Number(min)), Math.abs(Number(max))));
  return 1e13;
}

function callMagnitude({ fn, args }: Extract<Bound, { kind: 'call' }>): number {
  const [a, b] = args;
  const x = a === undefined ? Infinity : magnitudeOf(a);
  const y = b === undefined ? 0 : magnitudeOf(b);
  switch (fn.name) {
    case '+': case '-': return finite(x + y);
    case '*': return finite(x * y);
    case '/': return b === undefined ? Infinity : finite(x / smallest(b));
    case '%': case 'mod': return finite(Math.min(x, y));
    case 'abs': return x;
    case 'floor': case 'ceil': case 'ceiling': case 'trunc': case 'round': return x + 1;
    case 'sqrt': case 'cbrt': return Math.max(1, x);
    case 'exp': return Math.exp(x);
    case 'ln': case 'log2': case 'log10': return 1100;
    case 'sin': case 'cos': case 'pi': case 'atan': return 4;
    case 'degrees': return x * 58;
    case 'radians': return x;
    case 'greatest': case 'least': return greatest(args);
    case 'nullif': return x;
    case 'pow': case 'power': return b?.kind === 'cast' || b?.kind === 'literal' ? power(Math.max(1, x), b) : Infinity;
    default: return Infinity;
  }
}

/** The least magnitude of a divisor that is not zero. */
function smallest(divisor: Bound): number {
  if (divisor.kind === 'literal') return Math.abs(Number(divisor.value));
  if (divisor.kind === 'cast') return smallest(divisor.arg);
  return isExactNumber(divisor.type) ? 10 ** -(decimal(divisor.type)?.scale ?? 0) : 0;
}

function power(base: number, exponent: Bound): number {
  if (exponent.kind === 'cast') return power(base, exponent.arg);
  const by = exponent.kind === 'literal' && exponent.value !== null ? Number(exponent.value) : NaN;
  return by >= 0 ? base ** by : Infinity;
}
