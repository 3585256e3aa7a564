/** Events of datasets and release policies. Documents (manifests, policies, ingest reports) are named by the SHA-256 of their RFC 8785 form. */
import { z } from 'zod';
import { Digest } from '../canonical.ts';
import { Commitment } from '../commitment.ts';
import { AccountId, BatchId, OrganisationId, ProposalId } from '../id.ts';
import { DatasetId } from '../manifest.ts';
import { Name } from '../name.ts';
import { StatedNoise } from '../noise-size.ts';
import { WithdrawalGround } from '../withdrawal.ts';
import { BlobId } from './blob.ts';

/** What one version of a dataset consists of. `bytes`: size of the snapshot on disk. */
const version = { manifest: Digest, snapshot: Digest, report: Digest, bytes: z.int().nonnegative() };
/**
 * One batch. `units`: how many different ones of that kind it is about, and nothing of who. `withdrawals`: head of the list before it. `list`: its
 * new head, the digest of the addition as sealed, and where that is stored.
 */
const batch = {
  batch: BatchId, dataset: DatasetId, unit: Name, ground: WithdrawalGround, units: z.int().min(1), withdrawals: Digest.nullable(),
  list: z.strictObject({ head: Digest, addition: Digest, delta: BlobId }),
};
const proposal = { proposal: ProposalId, policy: DatasetId, version: z.int().min(1), dataset: DatasetId, document: Digest };

export const CatalogEvent = z.discriminatedUnion('kind', [
  /** Version 1 of a dataset that belongs to the agency `organisation`. */
  z.strictObject({ kind: z.literal('dataset.registered'), dataset: DatasetId, organisation: OrganisationId, ...version }),
  z.strictObject({ kind: z.literal('dataset.updated'), dataset: DatasetId, version: z.int().min(2), ...version }),
  z.strictObject({ kind: z.literal('dataset.suspended'), dataset: DatasetId, reason: Commitment }),
  z.strictObject({ kind: z.literal('dataset.resumed'), dataset: DatasetId, reason: Commitment }),
  z.strictObject({ kind: z.literal('dataset.withdrawn'), dataset: DatasetId, reason: Commitment }),
  /** Units that withdrew consent or objected take no part in later jobs on any dataset of that agency. */
  z.strictObject({ kind: z.literal('units.withdrawn'), ...batch }),
  z.strictObject({ kind: z.literal('units.reinstated'), ...batch }),
  /** `base`: the version in force that it was compared with. `loosens`: it allows something that the base did not, or is held to fewer tests. */
  z.strictObject({
    kind: z.literal('policy.proposed'), ...proposal, base: Digest.nullable(), loosens: z.boolean(), approvalsNeeded: z.int().min(1).max(2),
    /** Of its tests, its own or those of the base; left out where it has none. */
    tests: Digest.optional(),
    /** The perturbation table that the document names by digest; left out where it names none. */
    perturbationTable: Digest.optional(),
  }),
  /** A perturbation table of the agency `organisation`, by the digest of its document. A name is given once. `noise`: its parameters, as every result under it states them. */
  z.strictObject({ kind: z.literal('perturbation-table.loaded'), table: Digest, name: DatasetId, organisation: OrganisationId, noise: StatedNoise }),
  /** Its tests were run on a snapshot. `report`: which failed and why. */
  z.strictObject({
    kind: z.literal('policy.tested'), proposal: ProposalId, tests: Digest, snapshot: Digest, passed: z.int().nonnegative(), failed: z.int().nonnegative(), report: Commitment,
  }),
  /** A draft was tried on earlier jobs of a dataset. Nothing was released; `changed`: how many would come out otherwise. */
  z.strictObject({ kind: z.literal('policy.tried'), dataset: DatasetId, document: Digest, jobs: z.int().nonnegative(), changed: z.int().nonnegative() }),
  /** An approval after which another is still needed. */
  z.strictObject({ kind: z.literal('policy.endorsed'), proposal: ProposalId }),
  /** The last approval needed: the version is in force from here on. `approvers`: everybody who approved, the last one included. */
  z.strictObject({ kind: z.literal('policy.approved'), ...proposal, approvers: z.array(AccountId).min(1).max(2) }),
  z.strictObject({ kind: z.literal('policy.rejected'), proposal: ProposalId, reason: Commitment }),
  /** Taken back by whoever proposed it. */
  z.strictObject({ kind: z.literal('policy.retracted'), proposal: ProposalId }),
]);
export type CatalogEvent = z.infer<typeof CatalogEvent>;
