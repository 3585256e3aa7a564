/** Events of jobs, their releases and their replays. No value of a result and no text of a query: digests, commitments, codes, totals. */
import { z } from 'zod';
import { Digest } from '../canonical.ts';
import { Commitment } from '../commitment.ts';
import { AccountId, EntryWithdrawalId, GrantId, JobId, LedgerEntryId, OrganisationId, ReplayId } from '../id.ts';
import { Cost } from '../job.ts';
import { DatasetId } from '../manifest.ts';
import { BlobId } from './blob.ts';

const Attempt = z.int().min(1);

/** Why a job ended before it had an answer. */
export const CancelCause = z.enum(['operator', 'grant-suspended', 'grant-revoked', 'grant-expired', 'dataset-suspended', 'dataset-withdrawn']);
export type CancelCause = z.infer<typeof CancelCause>;

/** Why a result is no longer there. `agency`: taken back after it was released; the others end a held one. */
export const WithdrawalCause = z.enum([...CancelCause.options, 'agency']);
export type WithdrawalCause = z.infer<typeof WithdrawalCause>;

export const ReviewDecision = z.enum(['approve', 'reject']);
export type ReviewDecision = z.infer<typeof ReviewDecision>;

/** Every vote, in the order they were cast; told with the decision, not before. */
const Votes = z.array(z.strictObject({ account: AccountId, decision: ReviewDecision })).min(1).max(2);

/** What the job runs on, fixed when it is accepted. */
export const DatasetPin = z.strictObject({
  dataset: DatasetId,
  version: z.int().min(1),
  manifest: Digest,
  snapshot: Digest,
  policy: Digest,
  policyVersion: z.int().min(1),
});
export type DatasetPin = z.infer<typeof DatasetPin>;

/**
 * `ledgerHead`: of the disclosure ledger that the attempt saw. `ledger`: its new head and sealed delta, null where the result adds nothing.
 * `withdrawals`: of the withdrawal list that the attempt ran on; left out: null. `evidence`: what the data plane wants kept for reviewers.
 */
const answer = {
  job: JobId,
  attempt: Attempt,
  digest: Digest,
  executed: Digest,
  engine: z.string(),
  program: z.string(),
  evidence: BlobId.nullable(),
  ledgerHead: Digest.nullable(),
  ledger: z.strictObject({ head: Digest, delta: BlobId }).nullable(),
  withdrawals: Digest.nullable().optional(),
};

/** A result that is out, and what the log knows of it: how large it was, and how many cells were withheld over public keys. */
const Out = z.strictObject({ result: BlobId, cost: Cost, withheld: z.int().nonnegative().nullable() });

export const DownloadFormat = z.enum(['json', 'csv', 'arrow', 'parquet']);
export type DownloadFormat = z.infer<typeof DownloadFormat>;

/**
 * Where a replay first differs from the log. `manifest`, `policy`, `perturbation-table`, `grant`, `sql`, `result`, `withdrawals`, `ledger`: what is stored is not what was pinned.
 * `snapshot`: the worker refuses to open it. `outcome`: the replay gave no table. `digest`: it gave another one.
 */
export const Difference = z.enum(['manifest', 'policy', 'perturbation-table', 'grant', 'sql', 'result', 'withdrawals', 'ledger', 'snapshot', 'outcome', 'digest']);
export type Difference = z.infer<typeof Difference>;

export const JobEvent = z.discriminatedUnion('kind', [
  /** `grantVersion`, `terms`: the grant as it stood. `withdrawals`: head of the withdrawal list. */
  z.strictObject({
    kind: z.literal('job.accepted'), job: JobId, grant: GrantId, grantVersion: z.int().min(1), terms: Digest, organisation: OrganisationId, provider: OrganisationId,
    sql: Commitment, datasets: z.array(DatasetPin).min(1), withdrawals: Digest.nullable(), program: z.string(),
  }),
  /** Opens an attempt; exactly one of interrupted, released, held, refused, failed or cancelled closes it. */
  z.strictObject({ kind: z.literal('job.started'), job: JobId, attempt: Attempt, program: z.string() }),
  /**
   * A table that the agency published elsewhere, as an addition to the disclosure ledger. `source`: where it was published. `published`: digest of the table; left out by
   * versions before this, which did not remember what jobs gave on an entry's strength: such an entry stays.
   */
  z.strictObject({
    kind: z.literal('ledger.entered'), entry: LedgerEntryId, dataset: DatasetId, snapshot: Digest, policy: Digest, source: Commitment, cells: z.int().min(1),
    ledgerHead: Digest.nullable(), ledger: z.strictObject({ head: Digest, delta: BlobId }), withdrawals: Digest.nullable().optional(), published: Digest.optional(),
  }),
  /** Somebody of the agency wants an entry out of what is compared with, and says why. It takes two others. */
  z.strictObject({ kind: z.literal('ledger.withdrawal-proposed'), entry: LedgerEntryId, dataset: DatasetId, reason: Commitment }),
  /** An approval after which another is still needed. */
  z.strictObject({ kind: z.literal('ledger.withdrawal-endorsed'), entry: LedgerEntryId, dataset: DatasetId }),
  /** The entry stays: somebody rejected the withdrawal, or whoever proposed it took it back. */
  z.strictObject({ kind: z.literal('ledger.withdrawal-ended'), entry: LedgerEntryId, dataset: DatasetId, reason: Commitment }),
  /** The last approval needed: jobs from here on are not compared with it. As an addition to the ledger that takes the entry out; what jobs gave on its strength stays theirs. */
  z.strictObject({
    kind: z.literal('ledger.entry-withdrawn'), entry: LedgerEntryId, dataset: DatasetId, withdrawal: EntryWithdrawalId, approvers: z.array(AccountId).min(2).max(2),
    ledgerHead: Digest.nullable(), ledger: z.strictObject({ head: Digest, delta: BlobId }),
  }),
  /** Back to the queue. `restart`: the service stopped meanwhile. `ledger`: another release came first. `withdrawals`: so did a change of the withdrawal list. */
  z.strictObject({ kind: z.literal('job.interrupted'), job: JobId, attempt: Attempt, cause: z.enum(['restart', 'ledger', 'withdrawals']) }),
  z.strictObject({ kind: z.literal('job.released'), ...answer, ...Out.shape }),
  /**
   * `held`: the result, sealed to the data plane; what the log knows of a released one is told when it is approved. Versions before
   * this told it here. `reviewers`: how many have to decide on it; left out: one.
   */
  z.strictObject({ kind: z.literal('job.held'), ...answer, held: BlobId.optional(), reviewers: z.int().min(1).max(2).optional(), ...Out.partial().shape }),
  /** `codes`: of the refusals, in order of position; `refusals`: the whole of them, sealed, for they name what the query names. */
  z.strictObject({ kind: z.literal('job.refused'), job: JobId, attempt: Attempt, codes: z.array(z.string().max(64)).min(1).max(100), refusals: Commitment }),
  z.strictObject({ kind: z.literal('job.failed'), job: JobId, attempt: Attempt }),
  /** `attempt`: null where the job had not started. */
  z.strictObject({ kind: z.literal('job.cancelled'), job: JobId, attempt: Attempt.nullable(), cause: CancelCause }),
  /** A reviewer has voted. How and why is sealed: where there are two, neither the other nor a reader of the log learns it before both have. */
  z.strictObject({ kind: z.literal('release.voted'), job: JobId, vote: Commitment }),
  /** Ends of a held job. Of two reviewers both have to approve. The data plane opened the result and found it to be what was committed to. */
  z.strictObject({ kind: z.literal('release.approved'), job: JobId, reason: Commitment, votes: Votes, ...Out.partial().shape }),
  z.strictObject({ kind: z.literal('release.rejected'), job: JobId, reason: Commitment, votes: Votes }),
  /** `reason`: of the agency that takes a released result back. */
  z.strictObject({ kind: z.literal('release.withdrawn'), job: JobId, cause: WithdrawalCause, reason: Commitment.optional() }),
  z.strictObject({ kind: z.literal('release.viewed'), job: JobId }),
  /** A reviewer asked for a held result, and the data plane could not open it or found another one than was committed to. It does not leave. */
  z.strictObject({ kind: z.literal('release.altered'), job: JobId }),
  z.strictObject({ kind: z.literal('result.downloaded'), job: JobId, format: DownloadFormat, digest: Digest }),
  /** `expected`: what the release recorded. `programDiffers`: the job ran under another version of the program. */
  z.strictObject({ kind: z.literal('replay.matched'), replay: ReplayId, job: JobId, expected: Digest, actual: Digest, program: z.string(), programDiffers: z.boolean() }),
  z.strictObject({ kind: z.literal('replay.differed'), replay: ReplayId, job: JobId, expected: Digest, actual: Digest.nullable(), difference: Difference, program: z.string(), programDiffers: z.boolean() }),
  /** The worker gave no answer, which says nothing about the release. */
  z.strictObject({ kind: z.literal('replay.failed'), replay: ReplayId, job: JobId, program: z.string(), programDiffers: z.boolean() }),
]);
export type JobEvent = z.infer<typeof JobEvent>;
