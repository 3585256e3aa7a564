/** Column types of a manifest as the engine's types, and what it takes to read a text as one. */
import { quoteText } from '../engine/identifier.ts';

/** Decimal digits that a `double` measure keeps where the manifest names none. */
export const DEFAULT_SCALE = 6;

const DECIMAL = /^decimal\((\d+),(\d+)\)$/;
const INTEGER = /^(tinyint|smallint|integer|bigint)$/;

export const isDouble = (type: string): boolean => type === 'double';
/** Types that have infinities, which no measure and no date in a file means. */
export const hasInfinities = (type: string): boolean => /^(double|date|timestamp)$/.test(type);

/** The engine's type for checking: `decimal(12,2)` holds ten digits before the point. */
export const checkedType = (type: string): string => type.toUpperCase();

/** The engine's type for storing: every decimal has 18 digits, so that it is a 64-bit integer. */
export function storedType(type: string): string {
  const decimal = DECIMAL.exec(type);
  return decimal === null ? type.toUpperCase() : `DECIMAL(18,${decimal[2]})`;
}

/** The value of a text expression, NULL where it is none of the type. */
export const readSql = (text: string, type: string): string =>
  type === 'varchar' ? text : `TRY_CAST(TRY_CAST(${text} AS ${checkedType(type)}) AS ${storedType(type)})`;

/** Whether a text that is not NULL is no value of the type, or would lose digits: the engine's cast rounds `1.5` to an integer. */
export function unreadableSql(text: string, type: string): string {
  if (type === 'varchar') return 'false';
  const value = readSql(text, type);
  const none = `${text} IS NOT NULL AND ${value} IS NULL`;
  const exact = exactForm(type);
  if (exact === null) return `(${none})`;
  // The exact comparison takes microseconds: only texts that may have too many digits get it.
  return `(${none} OR CASE WHEN regexp_matches(${text}, '${exact.suspect}') THEN TRY_CAST(${text} AS ${exact.type}) IS DISTINCT FROM TRY_CAST(${value} AS ${exact.type}) ELSE false END)`;
}

/** A type wide enough to see lost digits, and the texts that may lose some; null for types without digits to lose. */
function exactForm(type: string): { readonly type: string; readonly suspect: string } | null {
  if (INTEGER.test(type)) return { type: 'DECIMAL(38,10)', suspect: '[.eE]' };
  const scale = DECIMAL.exec(type)?.[2];
  return scale === undefined ? null : { type: 'DECIMAL(38,18)', suspect: `[.][0-9]{${scale}}[0-9]*[1-9]|[eE]` };
}

/** A literal of the manifest (a bound, a member of a domain) as a typed value. */
export const literalSql = (literal: string, type: string): string => `CAST(${quoteText(literal)} AS ${storedType(type)})`;
