/** Release policies over HTTP: proposals, their approval, reading and comparing. */
import { z } from 'zod';
import { Digest } from '../canonical.ts';
import { AccountId, OrganisationId, ProposalId } from '../id.ts';
import { DatasetId } from '../manifest.ts';
import { Policy } from '../policy.ts';
import { Text } from '../text.ts';
import { PageQuery, pageOf, Timestamp } from './common.ts';

export const PolicyState = z.enum(['proposed', 'endorsed', 'active', 'superseded', 'rejected', 'retracted']);

export const PolicyParams = z.strictObject({ proposal: ProposalId });

/** `digest` is null for operators: with it, the few possible dominance parameters could be tried out. */
export const PolicySummary = z.strictObject({
  proposal: ProposalId,
  policy: DatasetId,
  version: z.int().min(1),
  dataset: DatasetId,
  organisation: OrganisationId,
  state: PolicyState,
  title: Text.nullable(),
  digest: Digest.nullable(),
  /** Whether it allows something that the version in force did not when it was proposed. */
  loosens: z.boolean(),
  approvalsNeeded: z.int().min(1).max(2),
  approvals: z.int().nonnegative(),
  proposedAt: Timestamp,
  decidedAt: Timestamp.nullable(),
});
export type PolicySummary = z.infer<typeof PolicySummary>;

/** The dominance rules without their parameters (p, q, n, k are never published). */
const RedactedDominance = z.array(z.strictObject({ rule: z.enum(['p-percent', 'pq', 'nk']) }));
const RedactedOverride = z.strictObject({ ...Policy.shape.statistics.shape.overrides.unwrap().element.shape, dominance: RedactedDominance.optional() });
export const RedactedPolicy = z.strictObject({
  ...Policy.shape,
  statistics: z.strictObject({ ...Policy.shape.statistics.shape, dominance: RedactedDominance, overrides: z.array(RedactedOverride) }),
});
export type RedactedPolicy = z.infer<typeof RedactedPolicy>;

/** `proposedBy`, `approvedBy`: for the agency and the auditor; null for others. */
export const PolicyView = z.strictObject({
  ...PolicySummary.shape,
  document: z.union([Policy, RedactedPolicy]),
  proposedBy: AccountId.nullable(),
  approvedBy: z.array(AccountId).nullable(),
  /** Why it was rejected. */
  reason: z.string().nullable(),
});
export type PolicyView = z.infer<typeof PolicyView>;

export const PolicyQuery = z.strictObject({ ...PageQuery.shape, dataset: DatasetId.optional(), state: PolicyState.optional() });
export const PolicyPage = pageOf(PolicySummary);

/** `against`: another version of the same dataset; without it, the version that was in force when this one was proposed. */
export const PolicyDiffQuery = z.strictObject({ against: ProposalId.optional() });

/** `before` and `after` as short text; null where there was or is nothing. */
export const PolicyChangeView = z.strictObject({
  path: z.string(),
  before: z.string().nullable(),
  after: z.string().nullable(),
  direction: z.enum(['looser', 'stricter', 'other']),
});
export const PolicyDiffView = z.strictObject({ against: ProposalId.nullable(), loosens: z.boolean(), changes: z.array(PolicyChangeView) });
export type PolicyDiffView = z.infer<typeof PolicyDiffView>;
