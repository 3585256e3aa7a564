/** Column types of the gate: DuckDB's names, of the closed set that a result may have, and `NULL` for the untyped NULL. */

/** As DuckDB prints it: `INTEGER`, `DECIMAL(18,2)`, `TIMESTAMP WITH TIME ZONE`. */
export type Type = string;

const SIGNED = ['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT'] as const;
const UNSIGNED = ['UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT', 'UHUGEINT'] as const;
const BITS: Readonly<Record<string, number>> = {
  TINYINT: 8, SMALLINT: 16, INTEGER: 32, BIGINT: 64, HUGEINT: 128,
  UTINYINT: 8, USMALLINT: 16, UINTEGER: 32, UBIGINT: 64, UHUGEINT: 128,
};
/** Decimal digits that an integer of the type may need. */
const DIGITS: Readonly<Record<string, number>> = {
  TINYINT: 3, SMALLINT: 5, INTEGER: 10, BIGINT: 19, HUGEINT: 38,
  UTINYINT: 3, USMALLINT: 5, UINTEGER: 10, UBIGINT: 20, UHUGEINT: 38,
};
const TEMPORAL = ['DATE', 'TIMESTAMP_S', 'TIMESTAMP_MS', 'TIMESTAMP', 'TIMESTAMP_NS', 'TIMESTAMP WITH TIME ZONE'] as const;

/**
 * Types that a query may name. No stored column is a timestamp of seconds, milliseconds or nanoseconds, and casts between
 * those and the others are not total, not even by TRY_CAST.
 */
export const PLAIN_TYPES: readonly Type[] = [
  'BOOLEAN', ...SIGNED, ...UNSIGNED, 'FLOAT', 'DOUBLE', 'VARCHAR', 'TIME', 'DATE', 'TIMESTAMP', 'TIMESTAMP WITH TIME ZONE', 'INTERVAL',
];

export interface DecimalType {
  readonly width: number;
  readonly scale: number;
}

export function decimal(type: Type): DecimalType | null {
  const match = /^DECIMAL\((\d+),(\d+)\)$/.exec(type);
  return match === null ? null : { width: Number(match[1]), scale: Number(match[2]) };
}

export const decimalType = (width: number, scale: number): Type => `DECIMAL(${Math.min(width, 38)},${scale})`;

export const isInteger = (type: Type): boolean => BITS[type] !== undefined;
export const isSigned = (type: Type): boolean => (SIGNED as readonly string[]).includes(type);
export const isFloating = (type: Type): boolean => type === 'DOUBLE' || type === 'FLOAT';
export const isExactNumber = (type: Type): boolean => isInteger(type) || decimal(type) !== null;
export const isNumber = (type: Type): boolean => isExactNumber(type) || isFloating(type);
export const isTimestamp = (type: Type): boolean => type.startsWith('TIMESTAMP');
export const isTemporal = (type: Type): boolean => (TEMPORAL as readonly string[]).includes(type);

/** Least and greatest integer of an integer type. */
export function integerRange(type: Type): readonly [bigint, bigint] {
  const bits = BITS[type];
  if (bits === undefined) throw new Error('not an integer type');
  const size = BigInt(bits);
  return isSigned(type) ? [-(1n << (size - 1n)), (1n << (size - 1n)) - 1n] : [0n, (1n << size) - 1n];
}

/** The decimal type that holds every value of an exact number type. */
export function asDecimal(type: Type): DecimalType | null {
  const digits = DIGITS[type];
  return digits === undefined ? decimal(type) : { width: digits, scale: 0 };
}

/** From the manifest's column type (`decimal(9,2)`) to the engine's. Decimals are stored in 64 bits. */
export function storedType(manifest: string): Type {
  const match = /^decimal\((\d+),(\d+)\)$/.exec(manifest);
  return match === null ? manifest.toUpperCase() : `DECIMAL(18,${match[2]})`;
}

/** The type that CASE, COALESCE, set operations and comparisons bring two types to, as DuckDB does; null where there is none. */
export function unify(a: Type, b: Type): Type | null {
  if (a === b || b === 'NULL') return a;
  if (a === 'NULL') return b;
  if (isNumber(a) && isNumber(b)) return unifyNumbers(a, b);
  if (isTemporal(a) && isTemporal(b)) {
    const rank = (type: Type): number => (TEMPORAL as readonly string[]).indexOf(type);
    return rank(a) > rank(b) ? a : b;
  }
  if (a === 'BOOLEAN' && isNumber(b)) return b;
  if (b === 'BOOLEAN' && isNumber(a)) return a;
  if (a === 'VARCHAR' || b === 'VARCHAR') return 'VARCHAR';
  return null;
}

function unifyNumbers(a: Type, b: Type): Type {
  if (a === 'DOUBLE' || b === 'DOUBLE') return 'DOUBLE';
  if (a === 'FLOAT' || b === 'FLOAT') return 'FLOAT';
  if (isInteger(a) && isInteger(b)) return unifyIntegers(a, b);
  const x = asDecimal(a) ?? { width: 38, scale: 0 };
  const y = asDecimal(b) ?? { width: 38, scale: 0 };
  const scale = Math.max(x.scale, y.scale);
  return decimalType(Math.max(x.width - x.scale, y.width - y.scale) + scale, scale);
}

function unifyIntegers(a: Type, b: Type): Type {
  const bits = (type: Type): number => BITS[type] ?? 0;
  if (isSigned(a) === isSigned(b)) return bits(a) >= bits(b) ? a : b;
  const [signed, unsigned] = isSigned(a) ? [a, b] : [b, a];
  if (bits(signed) > bits(unsigned)) return signed;
  return SIGNED.find((type) => bits(type) > bits(unsigned)) ?? 'DOUBLE';
}
