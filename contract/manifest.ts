/**
 * The manifest of a dataset: catalogue fields the regulations ask for, and the tables with their declared public facts.
 * Declared facts are enforced at ingest and never inferred from the data.
 */
import { z } from 'zod';
import { Name } from './name.ts';
import { bilingual, Text } from './text.ts';

export const DatasetId = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, { error: bilingual('must be lower-case letters, digits and -, starting with a letter', '须为小写字母、数字和 -，且以字母开头') });
export type DatasetId = z.infer<typeof DatasetId>;

/**
 * Column types. `decimal(p,s)`: 1 ≤ p ≤ 18, 0 ≤ s ≤ p, stored as a 64-bit integer of 10^-s units.
 * `double` may name a `scale`: the decimal digits that a measure keeps (default 6); sums are exact on that grid.
 */
export const ColumnType = z.string().regex(
  /^(varchar|boolean|tinyint|smallint|integer|bigint|double|date|timestamp|time|decimal\((?:[1-9]|1[0-8]),(?:\d|1[0-8])\))$/,
  { error: bilingual('must be one of varchar, boolean, tinyint, smallint, integer, bigint, double, date, timestamp, time, decimal(p,s) with p up to 18', '须为 varchar、boolean、tinyint、smallint、integer、bigint、double、date、timestamp、time、decimal(p,s)（p 不超过 18）之一') },
);
export type ColumnType = z.infer<typeof ColumnType>;

export const Role = z.enum(['unit', 'identifier', 'quasi', 'sensitive', 'plain']);
export type Role = z.infer<typeof Role>;

/** A decimal number as text, so that no digit is lost. */
export const Decimal = z.string().regex(/^-?\d{1,18}(\.\d{1,18})?$/, { error: bilingual('must be a decimal number as text, like "0" or "-12.50"', '须为文本形式的十进制数，如 "0" 或 "-12.50"') });

export const Column = z.strictObject({
  type: ColumnType,
  role: Role,
  /** The file's own column name, where it differs from the key. */
  source: z.string().min(1).optional(),
  title: Text.optional(),
  description: Text.optional(),
  /** `table.column` (or `dataset.table.column`) this column is a foreign key to. */
  references: z.string().optional(),
  /** Inclusive bounds of a numeric (text), date or timestamp (ISO) column. */
  min: z.string().optional(),
  max: z.string().optional(),
  /** Closed set of values, as text. A public fact: group keys over it always come back. */
  domain: z.array(z.string()).max(100_000).optional(),
  /** CSV file with a header: first column the values of this column, then one column for each coarser level. */
  hierarchy: z.string().optional(),
  /** Names of the coarser levels, finest first, as in the hierarchy file's header. Ingest fills them in, or holds the file to them. */
  levels: z.array(Name).min(1).optional(),
  /** Closed set of values of each coarser level, by its name: public facts, as `domain`. Ingest fills them in from the hierarchy file, or holds the file to them. */
  levelDomains: z.record(Name, z.array(z.string()).max(100_000)).optional(),
  /**
   * Which levels each value lies in: rows of a value and its levels, finest first. Public facts, which ingest fills in from the
   * hierarchy file; left out where it has more rows than this.
   */
  levelRows: z.array(z.array(z.string()).min(2)).max(5_000).optional(),
  /** Decimal digits that a `double` measure keeps, 0 … 9. */
  scale: z.int().min(0).max(9).optional(),
  nullable: z.boolean().optional(),
});
export type Column = z.infer<typeof Column>;

/** Digits after the point that a numeric column keeps; null of one that is no number. */
export function fractionDigits({ type, scale }: Column): number | null {
  if (type === 'double') return scale ?? 6;
  const decimal = /^decimal\(\d+,(\d+)\)$/.exec(type)?.[1];
  if (decimal !== undefined) return Number(decimal);
  return /int$|^integer$/.test(type) ? 0 : null;
}

export const Table = z.strictObject({
  /** CSV or Parquet, beside the manifest. */
  file: z.string().min(1),
  format: z.enum(['csv', 'parquet']).optional(),
  delimiter: z.string().length(1).optional(),
  quote: z.string().max(1).optional(),
  /** Text that stands for NULL in a CSV file; default: the empty field. */
  null: z.string().optional(),
  encoding: z.literal('utf-8').optional(),
  title: Text.optional(),
  description: Text.optional(),
  /**
   * Unit kind → the column that identifies the protected party, or leads to the row of another table that does
   * (`references`). `"row"` as the column: each row is a unit of its own. `units: "row"` is short for `{ "row": "row" }`.
   * Left out: a public table.
   */
  units: z.union([z.literal('row'), z.record(Name, Name)]).optional(),
  /** Declared and checked at load: at most this many rows of one unit. */
  maxRowsPerUnit: z.record(Name, z.int().min(1)).optional(),
  /** A supplied record key, 0 … 2^32−1: only for published cell-key test cases, refused outside `sluice try`. */
  recordKey: Name.optional(),
  /** What happens to a row that breaks a declared fact: the load is refused (default), or the row is dropped, or the value clamped; counted. */
  onViolation: z.enum(['refuse', 'drop', 'clamp']).optional(),
  columns: z.record(Name, Column),
});
export type Table = z.infer<typeof Table>;

/** Catalogue fields (requirements A1, A4, B1, C1, C2). `sluice try` does without; registration does not. */
export const CatalogueFields = z.strictObject({
  form: z.enum(['table', 'file', 'service']),
  class: z.string().min(1),
  grade: z.enum(['L1', 'L2', 'L3', 'L4', 'important']),
  sharing: z.strictObject({ attribute: z.enum(['unconditional', 'conditional', 'refused']), reason: z.string().optional(), basis: z.string().optional() })
    .refine((s) => s.attribute === 'unconditional' || (s.reason !== undefined && s.basis !== undefined), { error: bilingual('a conditional or refused attribute needs reason and basis (001 第二十三条)', '有条件共享或不予共享须说明理由和依据（001 第二十三条）') }),
  opening: z.enum(['unconditional', 'conditional', 'refused']),
  updateFrequency: z.enum(['realtime', 'daily', 'weekly', 'monthly', 'quarterly', 'yearly', 'irregular', 'never']),
  source: z.string().min(1),
  licence: z.string().min(1),
  retention: z.string().min(1),
});

export const Manifest = z.strictObject({
  id: DatasetId,
  title: Text.optional(),
  description: Text.optional(),
  provider: z.string().min(1).optional(),
  catalogue: CatalogueFields.optional(),
  tables: z.record(Name, Table),
});
export type Manifest = z.infer<typeof Manifest>;
