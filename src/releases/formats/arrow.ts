/**
 * Arrow IPC stream. Withheld values are null; which they are stands in the companion column and, as [row, column] pairs, in
 * the schema's metadata under `sluice_withheld`.
 */
import {
  Bool, DataType, DateDay, Decimal, Field, Float32, Float64, Int16, Int32, Int64, Int8, makeData, RecordBatch, RecordBatchStreamWriter, Schema, Struct,
  TimeMicrosecond, TimestampMicrosecond, TimestampMillisecond, TimestampNanosecond, TimestampSecond, Uint16, Uint32, Uint64, Uint8, Utf8, vectorFromArray,
  Vector, type Data,
} from 'apache-arrow';
import type { ResultColumn, ResultTable, Value } from '#contract/table.ts';
import { withCompanion } from '../companion.ts';

export function renderArrow(table: ResultTable): Uint8Array {
  const { columns, rows } = withCompanion(table);
  const vectors = columns.map((column, i) => vectorOf(column, rows.map((row) => row[i] ?? null)));
  const fields = columns.map(({ name, type }, i) => new Field(name, vectors[i]?.type ?? new Utf8(), true, new Map([['sluice_type', type]])));
  const schema = new Schema(fields, new Map([['sluice_withheld', JSON.stringify(table.withheld)]]));
  const children = vectors.map((vector) => vector.data[0] as Data);
  const batch = new RecordBatch(schema, makeData({ type: new Struct(fields), length: rows.length, nullCount: 0, children }));
  const writer = new RecordBatchStreamWriter();
  writer.write(batch);
  writer.finish();
  return writer.toUint8Array(true);
}

/** How a type's values are stored; `encode` gives null for a value that the Arrow type cannot hold, and the column becomes text. */
interface Encoding {
  readonly type: DataType;
  readonly encode: (value: Exclude<Value, null>) => unknown;
}

function vectorOf({ type }: ResultColumn, values: readonly Value[]): Vector {
  const encoding = encodingOf(type);
  const encoded = values.map((value) => (value === null ? null : encoding.encode(value)));
  // Infinite dates and years before 1 have text forms only.
  const fits = encoded.every((value, i) => value !== null || values[i] === null);
  if (!fits) return vectorFromArray(values.map((value) => (value === null ? null : String(value))), new Utf8());
  return encoded.some((value) => typeof value === 'bigint') ? wideVector(encoding.type, encoded as (bigint | null)[]) : vectorFromArray(encoded, encoding.type);
}

function encodingOf(type: ResultColumn['type']): Encoding {
  const decimal = /^DECIMAL\((\d+),(\d+)\)$/.exec(type);
  if (decimal !== null) return decimalEncoding(Number(decimal[1]), Number(decimal[2]));
  switch (type) {
    case 'BOOLEAN': return { type: new Bool(), encode: Boolean };
    case 'TINYINT': return { type: new Int8(), encode: Number };
    case 'SMALLINT': return { type: new Int16(), encode: Number };
    case 'INTEGER': return { type: new Int32(), encode: Number };
    case 'UTINYINT': return { type: new Uint8(), encode: Number };
    case 'USMALLINT': return { type: new Uint16(), encode: Number };
    case 'UINTEGER': return { type: new Uint32(), encode: Number };
    case 'BIGINT': return { type: new Int64(), encode: (value) => BigInt(value) };
    case 'UBIGINT': return { type: new Uint64(), encode: (value) => BigInt(value) };
    case 'HUGEINT':
    case 'UHUGEINT': return decimalEncoding(38, 0);
    case 'FLOAT': return { type: new Float32(), encode: Number };
    case 'DOUBLE': return { type: new Float64(), encode: Number };
    case 'DATE': return { type: new DateDay(), encode: (value) => dateOf(String(value)) };
    case 'TIME': return { type: new TimeMicrosecond(), encode: (value) => timeOf(String(value)) };
    case 'TIMESTAMP': return { type: new TimestampMicrosecond(), encode: (value) => momentOf(String(value), 6) };
    case 'TIMESTAMP_S': return { type: new TimestampSecond(), encode: (value) => momentOf(String(value), 0) };
    case 'TIMESTAMP_MS': return { type: new TimestampMillisecond(), encode: (value) => momentOf(String(value), 3) };
    case 'TIMESTAMP_NS': return { type: new TimestampNanosecond(), encode: (value) => momentOf(String(value), 9) };
    case 'TIMESTAMP WITH TIME ZONE': return { type: new TimestampMicrosecond('UTC'), encode: (value) => momentOf(String(value).replace(/\+00(:00)?$/, ''), 6) };
    case 'VARCHAR':
    case 'INTERVAL': return { type: new Utf8(), encode: String };
    default: throw new Error(`no Arrow form for ${type}`);
  }
}

function decimalEncoding(precision: number, scale: number): Encoding {
  const limit = 10n ** BigInt(precision);
  return {
    type: new Decimal(scale, precision, 128),
    encode: (value) => {
      const [whole = '', fraction = ''] = String(value).split('.');
      const unscaled = BigInt(whole + fraction.padEnd(scale, '0'));
      return unscaled < limit && unscaled > -limit ? unscaled : null;
    },
  };
}

/** Integers of 64 or (decimals) 128 bits as they lie in memory, least significant word first: the library's builders take milliseconds and no 128-bit integers. */
function wideVector(type: DataType, values: readonly (bigint | null)[]): Vector {
  const words = type instanceof Decimal ? 2 : 1;
  const data = new BigUint64Array(values.length * words);
  const validity = new Uint8Array(Math.ceil(values.length / 8));
  values.forEach((value, i) => {
    if (value === null) return;
    for (let word = 0; word < words; word++) data[i * words + word] = BigInt.asUintN(64, value >> BigInt(64 * word));
    validity[i >> 3] = (validity[i >> 3] ?? 0) | (1 << (i & 7));
  });
  const nullCount = values.filter((value) => value === null).length;
  const typed = type instanceof Decimal ? new Uint32Array(data.buffer) : type instanceof Uint64 ? data : new BigInt64Array(data.buffer);
  return new Vector([makeData({ type, length: values.length, nullCount, nullBitmap: validity, data: typed } as Parameters<typeof makeData>[0]) as Data]);
}

function dateOf(text: string): Date | null {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : null;
}

/** Microseconds since midnight. */
function timeOf(text: string): bigint | null {
  const parts = /^(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,6}))?$/.exec(text);
  if (parts === null) return null;
  const [, hours, minutes, seconds, fraction = ''] = parts;
  return BigInt(Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1_000_000n + BigInt(fraction.padEnd(6, '0'));
}

/** Units of 10^-digits seconds since 1970. */
function momentOf(text: string, digits: number): bigint | null {
  const parts = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?$/.exec(text);
  if (parts === null) return null;
  const [, date, clock, fraction = ''] = parts;
  const seconds = BigInt(Date.parse(`${date}T${clock}Z`) / 1000);
  return seconds * 10n ** BigInt(digits) + BigInt(fraction.slice(0, digits).padEnd(digits, '0') || '0');
}
