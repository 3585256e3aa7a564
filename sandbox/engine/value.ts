/** Values as the engine hands them over, and their wire form. */
import {
  DuckDBDateValue, DuckDBTimestampMillisecondsValue, DuckDBTimestampNanosecondsValue, DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue, DuckDBTimestampValue, DuckDBTypeId, type DuckDBType, type DuckDBValue,
} from '@duckdb/node-api';
import { ResultType, type Value } from '#contract/table.ts';

/**
 * BIGINT and wider: bigint. TINYINT … UINTEGER, FLOAT, DOUBLE: number (NaN and infinities as such).
 * DECIMAL: exact decimal text. DATE, TIME, TIMESTAMP…: ISO 8601 text. INTERVAL: DuckDB's text. The rest: as named.
 */
export type EngineValue = null | boolean | number | bigint | string;

/** Converts one column's values; the engine's value objects never leave `sandbox/engine`. */
export type Convert = (value: DuckDBValue) => EngineValue;

const asIs: Convert = (value) => value as EngineValue;
const asText: Convert = (value) => (value === null ? null : String(value));
/** `2026-11-22 05:00:00` → `2026-11-22T05:00:00`; years before 1 keep DuckDB's `0003-01-01 (BC) 05:00:00`, the only form that it reads. */
const iso = (text: string): string => (text.includes('(BC)') ? text : text.replace(' ', 'T'));

const moment: Convert = (value) => {
  if (value === null) return null;
  if (value instanceof DuckDBTimestampTZValue) {
    const plain = new DuckDBTimestampValue(value.micros);
    return plain.isFinite ? `${iso(plain.toString())}+00:00` : infinity(value.micros);
  }
  if (value instanceof DuckDBDateValue) return value.isFinite ? value.toString() : infinity(value.days);
  if (value instanceof DuckDBTimestampValue) return value.isFinite ? iso(value.toString()) : infinity(value.micros);
  if (value instanceof DuckDBTimestampSecondsValue) return value.isFinite ? iso(value.toString()) : infinity(value.seconds);
  if (value instanceof DuckDBTimestampMillisecondsValue) return value.isFinite ? iso(value.toString()) : infinity(value.millis);
  if (value instanceof DuckDBTimestampNanosecondsValue) return value.isFinite ? iso(value.toString()) : infinity(value.nanos);
  throw new TypeError('not a date or timestamp value');
};

const infinity = (of: number | bigint): string => (of > 0 ? 'infinity' : '-infinity');

/** A result type of the closed set, and how its values are converted; null for a type that no result may have. */
export function resultType(type: DuckDBType): { readonly type: ResultType; readonly convert: Convert } | null {
  switch (type.typeId) {
    case DuckDBTypeId.BOOLEAN:
    case DuckDBTypeId.TINYINT: case DuckDBTypeId.SMALLINT: case DuckDBTypeId.INTEGER:
    case DuckDBTypeId.UTINYINT: case DuckDBTypeId.USMALLINT: case DuckDBTypeId.UINTEGER:
    case DuckDBTypeId.BIGINT: case DuckDBTypeId.HUGEINT: case DuckDBTypeId.UBIGINT: case DuckDBTypeId.UHUGEINT:
    case DuckDBTypeId.FLOAT: case DuckDBTypeId.DOUBLE:
    case DuckDBTypeId.VARCHAR:
      return { type: ResultType.parse(type.toString()), convert: asIs };
    case DuckDBTypeId.DECIMAL: case DuckDBTypeId.TIME: case DuckDBTypeId.INTERVAL:
      return { type: ResultType.parse(type.toString()), convert: asText };
    case DuckDBTypeId.DATE:
    case DuckDBTypeId.TIMESTAMP: case DuckDBTypeId.TIMESTAMP_S: case DuckDBTypeId.TIMESTAMP_MS: case DuckDBTypeId.TIMESTAMP_NS:
    case DuckDBTypeId.TIMESTAMP_TZ:
      return { type: ResultType.parse(type.toString()), convert: moment };
    case DuckDBTypeId.ENUM: case DuckDBTypeId.UUID:
      return { type: 'VARCHAR', convert: asText };
    // `NULL` without a type: DuckDB itself makes such a column INTEGER when it creates a table.
    case DuckDBTypeId.SQLNULL:
      return { type: 'INTEGER', convert: asIs };
    default:
      return null;
  }
}

/** The wire form (`contract/table.ts`): exact integers as text, non-finite numbers by name. */
export function toWire(value: EngineValue): Value {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  // -0 has no JSON form of its own; digest and display must agree.
  return Object.is(value, -0) ? 0 : value;
}
