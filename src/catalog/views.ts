/** Datasets and policies as those concerned see them. */
import type { DatasetSummary, DatasetVersion, DatasetView } from '#contract/api/datasets.ts';
import { RedactedPolicy, type PolicySummary, type PolicyView } from '#contract/api/policies.ts';
import { redactPolicy } from '#contract/policy-redacted.ts';
import type { Principal } from '#src/accounts/principal.ts';
import { reasonText } from '#src/approvals/views.ts';
import type { DatasetState } from '#src/approvals/transitions.ts';
import { approversOf, manifestOf, policyOf, reportOf, testsOf, type DatasetRow, type DatasetVersionRow, type PolicyRow, type PolicyVisibility } from '#src/store/catalog.ts';
import type { Reader } from '#src/store/db.ts';

/** Operators see what they can apply for; what was withdrawn is gone for them. */
export function visibleStates(principal: Principal): readonly DatasetState[] {
  return principal.role === 'operator' ? ['active', 'suspended'] : ['active', 'suspended', 'withdrawn'];
}

/** Counts over raw rows and the documents' digests are for the agency whose data it is, and for the auditor. */
export const isInside = (principal: Principal, row: { readonly organisation: string }): boolean =>
  principal.role === 'auditor' || (principal.role === 'agency' && principal.organisation === row.organisation);

export function datasetSummary(db: Reader, row: DatasetRow): DatasetSummary {
  return {
    id: row.id, title: manifestOf(db, row.manifest).title ?? null, organisation: row.organisation, state: row.state, version: row.version,
    registeredAt: row.registered_at, updatedAt: row.updated_at,
  };
}

export function datasetView(db: Reader, row: DatasetRow, principal: Principal): DatasetView {
  const inside = isInside(principal, row);
  return {
    ...datasetSummary(db, row), manifest: manifestOf(db, row.manifest), manifestDigest: row.manifest,
    snapshot: inside ? row.snapshot : null, tables: inside ? reportOf(db, row.report) : null,
  };
}

export function datasetVersion(db: Reader, row: DatasetVersionRow): DatasetVersion {
  return { version: row.version, at: row.at, manifestDigest: row.manifest, snapshot: row.snapshot, bytes: row.bytes, tables: reportOf(db, row.report) };
}

export function policyVisibility(principal: Principal): PolicyVisibility {
  switch (principal.role) {
    case 'auditor': return { drafts: 'all' };
    case 'agency': return { drafts: principal.organisation };
    case 'operator':
    case 'administrator': return { drafts: 'none' };
    default: return principal.role satisfies never;
  }
}

export function seesPolicy(principal: Principal, row: PolicyRow): boolean {
  const { drafts } = policyVisibility(principal);
  return drafts === 'all' || drafts === row.organisation || row.state === 'active' || row.state === 'superseded';
}

/** Whether a caller gets the policy whole: operators must not have the dominance parameters, nor a digest to try them on. */
export const seesWhole = (principal: Principal): boolean => principal.role !== 'operator';

export function policySummary(db: Reader, row: PolicyRow, principal: Principal): PolicySummary {
  return {
    proposal: row.proposal, policy: row.policy, version: row.version, dataset: row.dataset, organisation: row.organisation, state: row.state,
    title: policyOf(db, row.document).title ?? null, digest: seesWhole(principal) ? row.document : null, loosens: row.loosens === 1,
    approvalsNeeded: row.approvals_needed, approvals: approversOf(db, row.proposal).length, proposedAt: row.proposed_at, decidedAt: row.decided_at,
  };
}

export function policyView(db: Reader, row: PolicyRow, principal: Principal): PolicyView {
  const inside = isInside(principal, row);
  const document = policyOf(db, row.document);
  return {
    ...policySummary(db, row, principal),
    document: seesWhole(principal) ? document : RedactedPolicy.parse(redactPolicy(document)),
    tests: inside ? (row.tests === null ? 0 : testsOf(db, row.tests).length) : null,
    proposedBy: inside ? row.proposed_by : null, approvedBy: inside ? approversOf(db, row.proposal) : null, reason: inside ? reasonText(db, row.reason) : null,
  };
}
