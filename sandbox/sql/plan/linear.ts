/**
 * An aggregated expression as Σ coefficient·column + constant. Only such expressions keep "sum over a group" a sum of what
 * the release has rules for; products and conditions do not.
 */
import type { Bound } from '../expression.ts';
import type { Column } from '../relation.ts';
import { asDecimal, decimal, isExactNumber, isFloating, isInteger } from '../types.ts';

/** An exact decimal: units · 10^-scale. */
export interface Exact {
  readonly units: bigint;
  readonly scale: number;
}

export interface Linear {
  readonly terms: ReadonlyMap<Column, Exact>;
  readonly constant: Exact;
}

const ZERO: Exact = { units: 0n, scale: 0 };
const ONE: Exact = { units: 1n, scale: 0 };

/** Null where the expression is not linear with exact coefficients. */
export function linear(expr: Bound): Linear | null {
  switch (expr.kind) {
    case 'column': return columnLinear(expr.column);
    case 'literal': {
      const constant = expr.value === null ? null : parse(expr.value);
      return constant === null || !(isExactNumber(expr.type) || isFloating(expr.type)) ? null : { terms: new Map(), constant };
    }
    case 'cast': {
      // A cast that rounds is not linear.
      const to = expr.type;
      const [a, b] = [asDecimal(expr.arg.type), asDecimal(to)];
      const keeps = to === 'DOUBLE' || (a !== null && b !== null && b.scale >= a.scale && (isInteger(to) || decimal(to) !== null));
      return keeps && (isExactNumber(expr.arg.type) || isFloating(expr.arg.type)) ? linear(expr.arg) : null;
    }
    case 'call': {
      const [a, b] = expr.args.map(linear);
      if (a === null || a === undefined || b === null) return null;
      switch (expr.fn.name) {
        case '+': return b === undefined ? null : sum(a, b, ONE);
        case '-': return b === undefined ? scaled(a, { units: -1n, scale: 0 }) : sum(a, b, { units: -1n, scale: 0 });
        case '*': {
          if (b === undefined) return null;
          if (b.terms.size === 0) return scaled(a, b.constant);
          return a.terms.size === 0 ? scaled(b, a.constant) : null;
        }
        case '/': return b === undefined || b.terms.size > 0 || b.constant.units === 0n ? null : scaled(a, reciprocal(b.constant));
        default: return null;
      }
    }
    default: return null;
  }
}

/** Each column once, however often it is read (`range.ts`). */
const LINEAR = new WeakMap<Column, Linear | null>();

function columnLinear(column: Column): Linear | null {
  if (column.from.kind === 'computed') {
    const inner = LINEAR.has(column) ? (LINEAR.get(column) ?? null) : linear(column.from.expr);
    LINEAR.set(column, inner);
    // Constants of a derived table are values of its rows: they may be missing after an outer join.
    if (inner !== null && inner.terms.size > 0) return inner;
  }
  return isExactNumber(column.type) || isFloating(column.type) ? { terms: new Map([[column, ONE]]), constant: ZERO } : null;
}

function scaled({ terms, constant }: Linear, by: Exact): Linear {
  return { terms: new Map([...terms].map(([column, coefficient]) => [column, multiply(coefficient, by)])), constant: multiply(constant, by) };
}

function sum(a: Linear, b: Linear, factor: Exact): Linear {
  const terms = new Map(a.terms);
  for (const [column, coefficient] of b.terms) terms.set(column, add(terms.get(column) ?? ZERO, multiply(coefficient, factor)));
  return { terms, constant: add(a.constant, multiply(b.constant, factor)) };
}

/** Digits of a coefficient that has no end: far more than the double has that the quotient is. */
const RECIPROCAL_DIGITS = 40;

function reciprocal({ units, scale }: Exact): Exact {
  const negative = units < 0n;
  const divisor = negative ? -units : units;
  // As many digits again as the divisor has, so that large ones keep theirs.
  let digits = RECIPROCAL_DIGITS + divisor.toString().length;
  let quotient = (2n * 10n ** BigInt(scale + digits) + divisor) / (2n * divisor);
  for (; digits > 0 && quotient % 10n === 0n; digits--) quotient /= 10n;
  return { units: negative ? -quotient : quotient, scale: digits };
}

const multiply = (a: Exact, b: Exact): Exact => ({ units: a.units * b.units, scale: a.scale + b.scale });

function add(a: Exact, b: Exact): Exact {
  const scale = Math.max(a.scale, b.scale);
  return { units: a.units * 10n ** BigInt(scale - a.scale) + b.units * 10n ** BigInt(scale - b.scale), scale };
}

/** Decimal text, with or without an exponent; null for anything else. */
function parse(text: string): Exact | null {
  const match = /^(-?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(text);
  if (match === null || `${match[2]}${match[3]}` === '') return null;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const power = Number(exponent);
  if (Math.abs(power) > 30) return null;
  const units = BigInt(`${sign}${whole}${fraction}`);
  const scale = fraction.length - power;
  return scale >= 0 ? { units, scale } : { units: units * 10n ** BigInt(-scale), scale: 0 };
}

/** As `cells.ts` writes coefficients: `-0.50`. */
export function exactText({ units, scale }: Exact): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const sign = units < 0n ? '-' : '';
  return scale === 0 ? `${sign}${digits}` : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** The sum of coefficients as `exactText` writes them. */
export function sumText(texts: readonly string[]): string {
  return exactText(texts.reduce((total, text) => add(total, parse(text) ?? ZERO), ZERO));
}
