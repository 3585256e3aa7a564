/** Release policies over HTTP: proposals, their approval, reading and comparing. */
import { z } from 'zod';
import { Digest } from '../canonical.ts';
import { AccountId, JobId, OrganisationId, ProposalId } from '../id.ts';
import { DatasetId } from '../manifest.ts';
import { PolicyTest, PolicyTestResult, PolicyTests } from '../policy-tests.ts';
import { Policy } from '../policy.ts';
import { Text } from '../text.ts';
import { PageQuery, pageOf, Timestamp } from './common.ts';

export const PolicyState = z.enum(['proposed', 'endorsed', 'active', 'superseded', 'rejected', 'retracted']);

/**
 * The document, and its tests beside it. Without `tests` it takes over those of the version in force, so that they are run on every
 * version; an empty list does without. Whatever test of the version in force is gone or expects less counts as loosening.
 */
export const ProposePolicy = z.strictObject({ ...Policy.shape, tests: PolicyTests.optional() });
export type ProposePolicy = z.infer<typeof ProposePolicy>;

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
  /** Whether it allows something that the version in force did not when it was proposed, or is held to fewer tests. */
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
  /** How many tests it has; null for others than the agency and the auditor. */
  tests: z.int().nonnegative().nullable(),
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

/** The last run of a version's tests. `results`: null once the report was erased. `current`: on the snapshot in force. */
export const PolicyTestRun = z.strictObject({
  at: Timestamp, snapshot: Digest, current: z.boolean(), passed: z.int().nonnegative(), failed: z.int().nonnegative(), results: z.array(PolicyTestResult).nullable(),
});
export type PolicyTestRun = z.infer<typeof PolicyTestRun>;

/** `run`: null where they were never run. */
export const PolicyTestsView = z.strictObject({ proposal: ProposalId, tests: z.array(PolicyTest), run: PolicyTestRun.nullable() });
export type PolicyTestsView = z.infer<typeof PolicyTestsView>;

export const MAX_DRY_RUN = 100;

/** `document`: the draft; it need not have been proposed. `last`: how many of the dataset's latest answered jobs. */
export const StartDryRun = z.strictObject({ document: Policy, last: z.int().min(1).max(MAX_DRY_RUN).default(20) });

/** `failed`: no answer. `unfit`: the draft does not fit the manifest that the job ran under. */
export const DryRunOutcome = z.enum(['released', 'held', 'refused', 'failed', 'unfit']);
export type DryRunOutcome = z.infer<typeof DryRunOutcome>;

/**
 * What became, or would become, of a job: counts, never values. `codes`: of its refusals. `withheld`: in all over public keys, as its statement says.
 * `marked`: values of the result that are withheld. `rows`: of the result.
 */
export const DryRunSide = z.strictObject({
  outcome: DryRunOutcome, codes: z.array(z.string()), withheld: z.int().nonnegative().nullable(), marked: z.int().nonnegative().nullable(), rows: z.int().nonnegative().nullable(),
});
export type DryRunSide = z.infer<typeof DryRunSide>;

/** `rules`: cells that each clause of the draft would withhold. */
export const DryRunEntry = z.strictObject({
  job: JobId, submittedAt: Timestamp, changed: z.boolean(), before: DryRunSide, after: DryRunSide,
  rules: z.array(z.strictObject({ clause: z.string(), cells: z.int().min(1) })),
});
export type DryRunEntry = z.infer<typeof DryRunEntry>;

export const DryRunView = z.strictObject({ dataset: DatasetId, document: Digest, changed: z.int().nonnegative(), jobs: z.array(DryRunEntry) });
export type DryRunView = z.infer<typeof DryRunView>;

/** A preset as the catalogue of presets lists it. */
export const PresetSummary = z.strictObject({ preset: DatasetId, title: Text, notes: Text, sources: z.array(z.string()) });
export type PresetSummary = z.infer<typeof PresetSummary>;
export const PresetList = z.strictObject({ items: z.array(PresetSummary) });
export const StartFromPreset = z.strictObject({ preset: DatasetId, dataset: DatasetId });
/** `leftOut`: columns that the draft does not name, and why not; the agency decides on them. `warnings`: what the preset leaves unprotected. */
export const PolicyDraft = z.strictObject({ document: Policy, leftOut: z.array(z.strictObject({ column: z.string(), reason: Text })), warnings: z.array(Text) });
export type PolicyDraft = z.infer<typeof PolicyDraft>;
