/** Review of held releases over HTTP, and replays by the auditor. */
import { z } from 'zod';
import { Digest } from '../canonical.ts';
import { Difference } from '../event/jobs.ts';
import { GrantId, JobId, OrganisationId, ReplayId } from '../id.ts';
import { Statement } from '../statement.ts';
import { ResultTable } from '../table.ts';
import { PageQuery, pageOf, Timestamp } from './common.ts';

export const ReleaseState = z.enum(['held', 'released', 'rejected', 'withdrawn']);

export const ReleaseSummary = z.strictObject({ job: JobId, grant: GrantId, organisation: OrganisationId, state: ReleaseState, heldAt: Timestamp, decidedAt: Timestamp.nullable() });
export type ReleaseSummary = z.infer<typeof ReleaseSummary>;

/** What the reviewer decides on. Every look at it is an event. */
export const ReleaseReview = z.strictObject({ ...ReleaseSummary.shape, sql: z.string().nullable(), table: ResultTable, statement: Statement });
export type ReleaseReview = z.infer<typeof ReleaseReview>;

export const ReleaseQuery = z.strictObject({ ...PageQuery.shape, state: ReleaseState.default('held') });
export const ReleasePage = pageOf(ReleaseSummary);

export const StartReplay = z.strictObject({ job: JobId });
export const ReplayParams = z.strictObject({ replay: ReplayId });
export const ReplayQuery = z.strictObject({ ...PageQuery.shape, job: JobId.optional() });

/** `failed`: the worker gave no answer, which says nothing about the release. `difference`: where it first differs. */
export const ReplayView = z.strictObject({
  id: ReplayId,
  job: JobId,
  outcome: z.enum(['matched', 'differed', 'failed']),
  expected: Digest.nullable(),
  actual: Digest.nullable(),
  difference: Difference.nullable(),
  program: z.string(),
  /** The job ran under another version of the program. */
  programDiffers: z.boolean(),
  at: Timestamp,
});
export type ReplayView = z.infer<typeof ReplayView>;
export const ReplayPage = pageOf(ReplayView);
