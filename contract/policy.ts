/**
 * The release policy: a closed document, data and not code. Identified by the SHA-256 of its RFC 8785 form.
 * The schema is complete; a mechanism that this program does not have is refused by name when a policy asks for it
 * (`policy-supported.ts`), never ignored.
 */
import { z } from 'zod';
import { DatasetId, Decimal } from './manifest.ts';
import { ColumnPath, Name } from './name.ts';
import { MOST_DEVIATION } from './noise-parameters.ts';
import { bilingual, Text } from './text.ts';

const Percent = z.int().min(1).max(100);

/** Source of the forms: ptable (Destatis) for `parameters`, ONS p-table for `table` (`perturbation-table.ts`). */
export const Mechanism = z.discriminatedUnion('kind', [
  /** Cells that fail a rule are withheld. */
  z.strictObject({ kind: z.literal('suppress') }),
  /** Withheld as above, then rounded: counts to `base`, magnitudes to `base` scaled by the declared maximum contribution. */
  z.strictObject({ kind: z.literal('round'), base: z.int().min(2).max(1000), method: z.enum(['nearest', 'controlled', 'midpoint']).default('nearest') }),
  /** Noise from a perturbation table indexed by count and cell key. V: variance, D: maximum deviation, js: forbidden counts 1..js (`noise-parameters.ts`). */
  z.strictObject({ kind: z.literal('cell-key'), variance: Decimal.optional(), maxDeviation: z.int().min(1).max(MOST_DEVIATION).optional(), js: z.int().min(0).max(MOST_DEVIATION).optional(), table: z.string().min(1).max(80).optional() }),
  z.strictObject({ kind: z.literal('differential-privacy'), epsilon: Decimal, delta: Decimal.optional() }),
]);
export type Mechanism = z.infer<typeof Mechanism>;

export const UnitRule = z.strictObject({ min: z.int().min(0).max(1_000_000) });

export const DominanceRule = z.discriminatedUnion('rule', [
  /** Unsafe when X − x1 − x2 < (p/100)·x1. */
  z.strictObject({ rule: z.literal('p-percent'), p: Percent }),
  /** Unsafe when X − x1 − x2 < (p/q)·x1. */
  z.strictObject({ rule: z.literal('pq'), p: Percent, q: Percent }),
  /** Unsafe when the n largest contribute at least k percent. */
  z.strictObject({ rule: z.literal('nk'), n: z.int().min(1).max(10), k: Percent }),
]);
export type DominanceRule = z.infer<typeof DominanceRule>;

/** How finely a column may be grouped by and filtered on. */
export const Dimension = z.union([
  /** Levels of the column's hierarchy, or the column's own name; for date and timestamp columns year, quarter, month, week, day, hour. */
  z.strictObject({ levels: z.array(Name).min(1) }),
  /** Band edges, ascending: integers, or text (decimal numbers, ISO dates). n edges make n + 1 bands, each closed below. */
  z.strictObject({ bands: z.union([z.array(z.int()).min(1), z.array(z.string()).min(1)]) }),
  /** The column's own values; a list merges every other value into none. */
  z.strictObject({ categories: z.union([z.literal('all'), z.array(z.string()).min(1)]) }),
]);
export type Dimension = z.infer<typeof Dimension>;

export const Statistic = z.enum([
  'count', 'count-distinct', 'sum', 'avg', 'stddev', 'var', 'covar', 'corr', 'regr', 'quantile', 'min', 'max',
]);
export type Statistic = z.infer<typeof Statistic>;

/** Between 0 and 1, at most four digits: `0.25`. */
export const QuantileLevel = z.string().regex(/^0\.\d{0,3}[1-9]$/, { error: bilingual('must be a decimal between 0 and 1 with at most four digits and no trailing zero, like "0.25"', '须为 0 与 1 之间、至多四位且末位非零的小数，如 "0.25"') });

/** Levels of quantiles where the policy names none. */
export const QUANTILE_LEVELS = ['0.1', '0.25', '0.5', '0.75', '0.9'] as const;

/** Only stricter: for cells that use `column` (or any column of the table named). */
export const Override = z.strictObject({
  column: ColumnPath.optional(),
  table: Name.optional(),
  units: z.record(Name, UnitRule).optional(),
  dominance: z.array(DominanceRule).optional(),
  review: z.enum(['automatic', 'manual', 'on-doubt']).optional(),
}).refine((o) => (o.column === undefined) !== (o.table === undefined), { error: bilingual('names either a column or a table', '须指定列或表之一') });
export type Override = z.infer<typeof Override>;

export const Statistics = z.strictObject({
  mechanism: Mechanism,
  /** Every unit kind that a gate touches must be listed. n ≥ min passes. */
  units: z.record(Name, UnitRule),
  dominance: z.array(DominanceRule).default([]),
  zeros: z.enum(['disclosive', 'publishable']).default('disclosive'),
  /** What a failing cell takes with it: itself, or every value of its table. */
  withhold: z.enum(['cell', 'table']).default('cell'),
  secondary: z.enum(['required', 'none']).default('none'),
  /**
   * What is compared with everything released from the domain before (`docs/ledger.md`). In all but `none`: a number about the
   * same population as an earlier one, or one that differs by 1 … min − 1 units, comes back as it was; a number that follows
   * from several earlier ones, exactly or but for that few units, is given as it follows. Where it follows from numbers about
   * other rows (other filters), `refuse` refuses the job, `hold` has it wait for a reviewer, `warn` tells only the reviewer's evidence.
   */
  differencing: z.enum(['refuse', 'hold', 'warn', 'none']).default('none'),
  /** `any`: no grid; accepted by `sluice try` and for datasets without exact protection only. */
  dimensions: z.union([z.literal('any'), z.record(ColumnPath, Dimension)]),
  measures: z.union([z.literal('any'), z.record(ColumnPath, z.array(Statistic).min(1))]),
  /**
   * Where quantiles may stand, ascending; left out: `QUANTILE_LEVELS`. `quantile`, `min` and `max` of a measure are means of windows of at
   * least the minimum of units around these levels, at the lowest and at the highest values (`sandbox/sdc/trimmed.ts`).
   */
  quantileLevels: z.array(QuantileLevel).min(1).max(19).optional(),
  /** Pairs of columns that may be equated in a join; joins on the unit of one kind within a dataset need no entry when `any`. */
  joins: z.union([z.literal('any'), z.array(z.tuple([ColumnPath, ColumnPath]))]).default([]),
  review: z.enum(['automatic', 'manual', 'on-doubt']).default('automatic'),
  /** How many reviewers decide on a held release, blind of each other; left out: 1. Of several datasets' policies the larger number holds. */
  reviewers: z.int().min(1).max(2).optional(),
  overrides: z.array(Override).default([]),
});
export type Statistics = z.infer<typeof Statistics>;

export const Limits = z.strictObject({
  jobsPerDay: z.int().min(1).max(100_000).default(200),
  gatesPerJob: z.int().min(1).max(200).default(20),
  resultCells: z.int().min(1).max(1_000_000).default(100_000),
});

export const Policy = z.strictObject({
  policy: DatasetId,
  version: z.int().min(1),
  dataset: DatasetId,
  title: Text.optional(),
  basis: z.string().optional(),
  purposes: z.array(DatasetId).default([]),
  statistics: Statistics,
  limits: Limits.prefault({}),
});
export type Policy = z.infer<typeof Policy>;
