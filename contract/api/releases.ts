/** Review of held releases over HTTP, and replays by the auditor. */
import { z } from 'zod';
import { Digest } from '../canonical.ts';
import { Difference, ReviewDecision } from '../event/jobs.ts';
import { ReviewEvidence } from '../evidence.ts';
import { Explanation } from '../explanation.ts';
import { AccountId, GrantId, JobId, OrganisationId, ReplayId } from '../id.ts';
import { DatasetId } from '../manifest.ts';
import { Statement } from '../statement.ts';
import { ResultTable } from '../table.ts';
import { PageQuery, pageOf, Timestamp } from './common.ts';

export const ReleaseState = z.enum(['held', 'released', 'rejected', 'withdrawn']);

/** One reviewer's vote. `reason`: null once the text was erased. */
export const ReleaseVote = z.strictObject({ account: AccountId, decision: ReviewDecision, reason: z.string().nullable() });
export type ReleaseVote = z.infer<typeof ReleaseVote>;

/**
 * `reviewers`: how many have to decide. `voted`: how many have. `votes`: null while the release is held, so that the second
 * reviewer decides without knowing the first one's vote.
 */
export const ReleaseSummary = z.strictObject({
  job: JobId, grant: GrantId, organisation: OrganisationId, state: ReleaseState, heldAt: Timestamp.nullable(), decidedAt: Timestamp.nullable(),
  reviewers: z.int().min(1).max(2), voted: z.int().min(0).max(2), votes: z.array(ReleaseVote).nullable(),
});
export type ReleaseSummary = z.infer<typeof ReleaseSummary>;

/** What the grant was asked for, in the applicant's words; null once they were erased. */
export const ReviewPurpose = z.strictObject({ purpose: DatasetId, userUnit: z.string().nullable(), scenario: z.string().nullable() });

/**
 * What the reviewer decides on. Every look at it is an event. `explanation`: null where the query cannot be explained any more.
 * `evidence`: null where the data plane kept none, or its keys are gone; then the table is all there is to decide on.
 * `ownVote`: what the caller voted, while the other vote is missing. `withdrawalsSince`: batches of units that withdrew after it was computed.
 */
export const ReleaseReview = z.strictObject({
  ...ReleaseSummary.shape,
  asked: ReviewPurpose,
  sql: z.string().nullable(),
  explanation: Explanation.nullable(),
  table: ResultTable,
  statement: Statement,
  evidence: ReviewEvidence.nullable(),
  ownVote: ReviewDecision.nullable(),
  withdrawalsSince: z.int().nonnegative(),
});
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
