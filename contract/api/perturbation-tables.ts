/** Perturbation tables that agencies load, over HTTP. */
import { z } from 'zod';
import { Digest } from '../canonical.ts';
import { OrganisationId } from '../id.ts';
import { DatasetId } from '../manifest.ts';
import { StatedNoise } from '../noise-size.ts';
import { ONS_COUNTS } from '../ons-table.ts';
import { PageQuery, pageOf, Timestamp } from './common.ts';

/** `csv`: lines `pcv,ckey,pvalue` (`ons-table.ts`). How long it may be the rules of its form say. */
export const LoadTable = z.strictObject({ name: DatasetId, csv: z.string().min(1) });
export type LoadTable = z.infer<typeof LoadTable>;

export const TableParams = z.strictObject({ table: Digest });
export const TableQuery = PageQuery.extend({ name: DatasetId.optional() });

/** `reference`: how a policy names it. `noise`: what every result under it states. */
export const TableSummary = z.strictObject({
  name: DatasetId, table: Digest, reference: z.string(), organisation: OrganisationId, noise: StatedNoise, loadedAt: Timestamp,
});
export type TableSummary = z.infer<typeof TableSummary>;
export const TablePage = pageOf(TableSummary);

/** `fixed`: counts, of 750, that have the same noise whatever the key. */
export const TableLoaded = z.strictObject({ ...TableSummary.shape, fixed: z.int().min(0).max(ONS_COUNTS) });
export type TableLoaded = z.infer<typeof TableLoaded>;

/** Of the noise of one count: `variance` is about the mean. */
const Line = z.strictObject({ pcv: z.int().min(1).max(ONS_COUNTS), mean: z.number(), variance: z.number(), maxDeviation: z.int().nonnegative() });

export const TableView = z.strictObject({ ...TableLoaded.shape, lines: z.array(Line).length(ONS_COUNTS) });
export type TableView = z.infer<typeof TableView>;

export const TABLE_MEDIA = 'text/csv';
