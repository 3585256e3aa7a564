/** Changes to the list of units that take no part any more, over HTTP. Identifiers come in and never go out. */
import { z } from 'zod';
import { Digest } from '../canonical.ts';
import { BatchId } from '../id.ts';
import { DatasetId } from '../manifest.ts';
import { Name } from '../name.ts';
import { MAX_BATCH_UNITS, WithdrawalChange, WithdrawalGround } from '../withdrawal.ts';
import { PageQuery, pageOf, Timestamp } from './common.ts';

/** One batch. `unit`: their kind. `identifiers`: as the dataset's files have them in the column that identifies this kind of unit. */
export const WithdrawalBatch = z.strictObject({
  unit: Name,
  change: WithdrawalChange.default('withdraw'),
  ground: WithdrawalGround.default('consent'),
  identifiers: z.array(z.string().min(1).max(1000)).min(1).max(MAX_BATCH_UNITS),
});
export type WithdrawalBatch = z.infer<typeof WithdrawalBatch>;

/** `dataset`: through which it was recorded; it counts in every dataset of that agency. `units`: different ones in the batch. `head`: of the list after it. */
export const WithdrawalView = z.strictObject({
  batch: BatchId, dataset: DatasetId, unit: Name, change: WithdrawalChange, ground: WithdrawalGround, units: z.int().min(1), at: Timestamp, head: Digest,
});
export type WithdrawalView = z.infer<typeof WithdrawalView>;

/** `known`: units of the batch that the dataset's snapshot in force has rows of. Told once, to whoever sent the identifiers, and kept nowhere. */
export const WithdrawalRecorded = z.strictObject({ ...WithdrawalView.shape, known: z.int().nonnegative(), unknown: z.int().nonnegative() });
export type WithdrawalRecorded = z.infer<typeof WithdrawalRecorded>;

export const WithdrawalQuery = PageQuery;
export const WithdrawalPage = pageOf(WithdrawalView);
