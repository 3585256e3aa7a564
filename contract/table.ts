/** The wire form of a released table: what an operator reads, what is digested, what every download format renders. */
import { z } from 'zod';

/** Type names as DuckDB prints them, of the closed set that a result may have. */
export const ResultType = z.string().regex(
  /^(BOOLEAN|TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|UTINYINT|USMALLINT|UINTEGER|UBIGINT|UHUGEINT|FLOAT|DOUBLE|DECIMAL\(\d{1,2},\d{1,2}\)|VARCHAR|DATE|TIME|TIMESTAMP|TIMESTAMP_S|TIMESTAMP_MS|TIMESTAMP_NS|TIMESTAMP WITH TIME ZONE|INTERVAL)$/,
);

/**
 * One value. BIGINT and wider and DECIMAL as decimal strings; dates and timestamps in ISO 8601 form (`2026-11-22`,
 * `2026-11-22T05:00:00`); non-finite floating point as `"NaN"`, `"Infinity"`, `"-Infinity"`.
 */
export const Value = z.union([z.null(), z.boolean(), z.number(), z.string()]);
export type Value = z.infer<typeof Value>;

export type ResultType = z.infer<typeof ResultType>;

export const ResultColumn = z.strictObject({ name: z.string(), type: ResultType });
export type ResultColumn = z.infer<typeof ResultColumn>;

/** `withheld` lists [row, column] (zero-based) of every value that the policy withheld; that value is null. */
export const ResultTable = z.strictObject({
  columns: z.array(ResultColumn),
  rows: z.array(z.array(Value)),
  withheld: z.array(z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()])),
});
export type ResultTable = z.infer<typeof ResultTable>;
