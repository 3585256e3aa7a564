/** Datasets over HTTP. Registration and new snapshots are multipart: one part `manifest` (JSON), then the files it names. */
import { z } from 'zod';
import { Digest } from '../canonical.ts';
import { FreeText } from '../free-text.ts';
import { OrganisationId } from '../id.ts';
import { IngestedTable } from '../job.ts';
import { DatasetId, Manifest } from '../manifest.ts';
import { Text } from '../text.ts';
import { PageQuery, pageOf, Timestamp } from './common.ts';

export const DatasetState = z.enum(['active', 'suspended', 'withdrawn']);

/** Why something is suspended, refused, taken away: for the log and for those concerned. */
export const Reason = z.strictObject({ reason: FreeText(2000) });

export const DatasetParams = z.strictObject({ dataset: DatasetId });

export const DatasetSummary = z.strictObject({
  id: DatasetId,
  title: Text.nullable(),
  /** The agency that registered it. */
  organisation: OrganisationId,
  state: DatasetState,
  /** Counts up with each snapshot. */
  version: z.int().min(1),
  registeredAt: Timestamp,
  updatedAt: Timestamp,
});
export type DatasetSummary = z.infer<typeof DatasetSummary>;

/** `snapshot`, `tables`: what the agency and the auditor see; null for operators, for counts over raw rows are not released. */
export const DatasetView = z.strictObject({
  ...DatasetSummary.shape,
  manifest: Manifest,
  manifestDigest: Digest,
  snapshot: Digest.nullable(),
  tables: z.array(IngestedTable).nullable(),
});
export type DatasetView = z.infer<typeof DatasetView>;

export const DatasetVersion = z.strictObject({ version: z.int().min(1), at: Timestamp, manifestDigest: Digest, snapshot: Digest, bytes: z.int().nonnegative(), tables: z.array(IngestedTable) });
export type DatasetVersion = z.infer<typeof DatasetVersion>;

export const DatasetQuery = z.strictObject({ ...PageQuery.shape, state: DatasetState.optional() });
export const DatasetPage = pageOf(DatasetSummary);
export const DatasetVersionPage = pageOf(DatasetVersion);
