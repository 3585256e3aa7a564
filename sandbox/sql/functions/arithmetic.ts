/** `+ - * / // %` on numbers, dates and intervals: result types as DuckDB gives them. */
import type { Bound } from '../expression.ts';
import { asDecimal, decimal, decimalType, integerRange, isExactNumber, isFloating, isInteger, isNumber, isTemporal, isTimestamp, unify, type Type } from '../types.ts';
import { cast, isTextLiteral } from './parameter.ts';
import type { ScalarFunction } from './scalars.ts';

type Bind = ScalarFunction['bind'];
type Binding = ReturnType<Bind>;

/** DuckDB does not widen a decimal beyond 64 bits by itself. */
function capped(width: number, scale: number, operands: number): Type | null {
  if (scale > 38) return null;
  return decimalType(width > 18 && operands <= 18 && scale < 18 ? 18 : width, scale);
}

/** An integer literal takes the type of the integer that it meets, where it fits. */
function integers(a: Bound, b: Bound): Type {
  const fits = (literal: Bound, type: Type): boolean => {
    if (literal.kind !== 'literal' || literal.value === null || !isInteger(type)) return false;
    const [least, greatest] = integerRange(type);
    const value = BigInt(literal.value);
    return least <= value && value <= greatest;
  };
  if (b.kind === 'literal' && a.kind !== 'literal' && fits(b, a.type)) return a.type;
  if (a.kind === 'literal' && b.kind !== 'literal' && fits(a, b.type)) return b.type;
  return unify(a.type, b.type) ?? 'HUGEINT';
}

function numbers(a: Bound, b: Bound, decimals: (x: { width: number; scale: number }, y: { width: number; scale: number }) => Type | null): Binding {
  if (isFloating(a.type) || isFloating(b.type)) {
    const type = unify(a.type, b.type) ?? 'DOUBLE';
    return { args: [cast(a, type), cast(b, type)], type };
  }
  if (isInteger(a.type) && isInteger(b.type)) {
    const type = integers(a, b);
    return { args: [a, b], type };
  }
  const x = asDecimal(a.type);
  const y = asDecimal(b.type);
  const type = x === null || y === null ? null : decimals(x, y);
  return type === null ? { args: [cast(a, 'DOUBLE'), cast(b, 'DOUBLE')], type: 'DOUBLE' } : { args: [a, b], type };
}

const additive: (a: Bound, b: Bound) => Binding = (a, b) => numbers(a, b, (x, y) => {
  const scale = Math.max(x.scale, y.scale);
  return capped(Math.max(x.width - x.scale, y.width - y.scale) + scale + 1, scale, Math.max(x.width, y.width));
});

const multiplied: (a: Bound, b: Bound) => Binding = (a, b) => numbers(a, b, (x, y) => capped(x.width + y.width, x.scale + y.scale, Math.max(x.width, y.width)));

/** A NULL without a type takes the type of the other side; a text literal beside a date is a date or an interval. */
function settle([a, b]: readonly Bound[]): [Bound, Bound] | null {
  if (a === undefined || b === undefined) return null;
  if (a.type === 'NULL' && b.type === 'NULL') return [cast(a, 'INTEGER'), cast(b, 'INTEGER')];
  if (a.type === 'NULL') return [cast(a, isNumber(b.type) ? b.type : 'INTEGER'), b];
  if (b.type === 'NULL') return [a, cast(b, isNumber(a.type) ? a.type : 'INTEGER')];
  if (isTextLiteral(a) && isTemporal(b.type)) return [cast(a, b.type), b];
  if (isTextLiteral(b) && isTemporal(a.type)) return [a, cast(b, a.type)];
  return [a, b];
}

const binary = (of: (a: Bound, b: Bound) => Binding): Bind => (args) => {
  const settled = args.length === 2 ? settle(args) : null;
  return settled === null ? null : of(...settled);
};

const shifted = (type: Type): Type => (type === 'DATE' ? 'TIMESTAMP' : type);

const add: Bind = binary((a, b) => {
  if (isNumber(a.type) && isNumber(b.type)) return additive(a, b);
  if (a.type === 'INTERVAL' && b.type !== 'INTERVAL') return isTemporal(b.type) ? { args: [b, a], type: shifted(b.type) } : null;
  if (b.type === 'INTERVAL') return isTemporal(a.type) || a.type === 'INTERVAL' ? { args: [a, b], type: a.type === 'INTERVAL' ? 'INTERVAL' : shifted(a.type) } : null;
  if (a.type === 'DATE' && isInteger(b.type)) return { args: [a, cast(b, 'INTEGER')], type: 'DATE' };
  if (b.type === 'DATE' && isInteger(a.type)) return { args: [b, cast(a, 'INTEGER')], type: 'DATE' };
  return null;
});

const subtract: Bind = (args) => {
  const [only] = args;
  if (args.length === 1 && only !== undefined) return isNumber(only.type) || only.type === 'INTERVAL' ? { args: [only], type: only.type } : null;
  return binary((a, b) => {
    if (isNumber(a.type) && isNumber(b.type)) return additive(a, b);
    if (b.type === 'INTERVAL') return isTemporal(a.type) || a.type === 'INTERVAL' ? { args: [a, b], type: a.type === 'INTERVAL' ? 'INTERVAL' : shifted(a.type) } : null;
    if (a.type === 'DATE' && b.type === 'DATE') return { args: [a, b], type: 'BIGINT' };
    if (a.type === 'DATE' && isInteger(b.type)) return { args: [a, cast(b, 'INTEGER')], type: 'DATE' };
    if (isTemporal(a.type) && isTemporal(b.type) && (isTimestamp(a.type) || isTimestamp(b.type))) return { args: [cast(a, 'TIMESTAMP'), cast(b, 'TIMESTAMP')], type: 'INTERVAL' };
    return null;
  })(args);
};

const multiply: Bind = binary((a, b) => {
  if (isNumber(a.type) && isNumber(b.type)) return multiplied(a, b);
  if (a.type === 'INTERVAL' && isInteger(b.type)) return { args: [a, b], type: 'INTERVAL' };
  if (b.type === 'INTERVAL' && isInteger(a.type)) return { args: [a, b], type: 'INTERVAL' };
  return null;
});

/** Always floating; x/0 is an infinity or NaN. */
const divide: Bind = binary((a, b) => (isNumber(a.type) && isNumber(b.type) ? { args: [cast(a, 'DOUBLE'), cast(b, 'DOUBLE')], type: 'DOUBLE' } : null));

/** x//0 is NULL. */
const divideWhole: Bind = binary((a, b) => (isInteger(a.type) && isInteger(b.type) ? { args: [a, b], type: integers(a, b) } : null));

const remainder: Bind = binary((a, b) => {
  if (isInteger(a.type) && isInteger(b.type)) return { args: [a, b], type: integers(a, b) };
  if (!isNumber(a.type) || !isNumber(b.type)) return null;
  const type = isExactNumber(a.type) && isExactNumber(b.type) ? (unify(a.type, b.type) ?? 'DOUBLE') : 'DOUBLE';
  return { args: [cast(a, decimal(type) === null ? 'DOUBLE' : type), cast(b, decimal(type) === null ? 'DOUBLE' : type)], type };
});

const row = (name: string, bind: Bind, form: string, operator = true): ScalarFunction => ({ name, operator, below: 'arithmetic', bind, form });

export const ARITHMETIC: readonly ScalarFunction[] = [
  row('+', add, 'a + b'),
  row('-', subtract, 'a - b'),
  row('*', multiply, 'a * b'),
  row('/', divide, 'a / b'),
  row('//', divideWhole, 'a // b'),
  row('%', remainder, 'a % b'),
  row('mod', remainder, 'mod(a, b)', false),
];
