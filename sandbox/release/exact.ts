/** Exact decimal arithmetic on bigint: value = units · 10^-scale. No floating point until the last, correctly rounded, step. */

export interface Exact {
  readonly units: bigint;
  /** Decimal digits after the point, ≥ 0. */
  readonly scale: number;
}

export const ZERO: Exact = { units: 0n, scale: 0 };

/** A decimal number as text, like `-12.50`. Throws on anything else: coefficients come from the planner. */
export function parseExact(text: string): Exact {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) throw new Error('not a decimal number');
  const [, sign, whole = '', fraction = ''] = match;
  const units = BigInt(whole + fraction);
  return { units: sign === '-' ? -units : units, scale: fraction.length };
}

export function add(a: Exact, b: Exact): Exact {
  const scale = Math.max(a.scale, b.scale);
  return { units: a.units * pow10(scale - a.scale) + b.units * pow10(scale - b.scale), scale };
}

export function multiply(a: Exact, b: Exact): Exact {
  return { units: a.units * b.units, scale: a.scale + b.scale };
}

/** To `scale` digits, halves away from zero, as a cast between decimals does. */
export function rescale(a: Exact, scale: number): bigint {
  if (scale >= a.scale) return a.units * pow10(scale - a.scale);
  return roundedQuotient(a.units, pow10(a.scale - scale));
}

/** a / b to the nearest integer, halves away from zero; b > 0. */
export function roundedQuotient(a: bigint, b: bigint): bigint {
  const magnitude = ((a < 0n ? -a : a) * 2n + b) / (2n * b);
  return a < 0n ? -magnitude : magnitude;
}

/** Digits with exactly `scale` decimals, like `-0.50`. */
export function formatUnits(units: bigint, scale: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const sign = units < 0n ? '-' : '';
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** The double nearest to a (halves to even: decimal text is read with correct rounding). */
export function toDouble(a: Exact): number {
  return Number(`${a.units}e-${a.scale}`);
}

/**
 * The double nearest to a / divisor, halves to even. divisor > 0.
 * The quotient is taken to 60 significant bits with a sticky last bit, which rounds to the same double as the exact one.
 */
export function quotientToDouble(a: Exact, divisor: bigint): number {
  if (divisor <= 0n) throw new Error('division needs a positive divisor');
  if (a.units === 0n) return 0;
  const numerator = a.units < 0n ? -a.units : a.units;
  const denominator = divisor * pow10(a.scale);
  const shift = 60 - (bitLength(numerator) - bitLength(denominator));
  const n = shift > 0 ? numerator << BigInt(shift) : numerator;
  const d = shift < 0 ? denominator << BigInt(-shift) : denominator;
  const quotient = n / d;
  const sticky = n % d === 0n ? quotient : quotient | 1n;
  const magnitude = Number(sticky) * 2 ** -shift;
  return a.units < 0n ? -magnitude : magnitude;
}

function bitLength(a: bigint): number {
  return a.toString(2).length;
}

export function pow10(n: number): bigint {
  return 10n ** BigInt(n);
}
