/** Who may do what: a role, and the side of the matter that the caller's organisation is on. When it is possible: `conditions.ts`. */
import type { Role } from '#contract/api/common.ts';
import type { AccountId, OrganisationId } from '#contract/id.ts';
import type { Principal } from '#src/accounts/principal.ts';
import type { Scope } from '#src/store/approvals.ts';

/** `applicant`: the operator that asks. `provider`: the agency whose data it is. `anyone`: of that role. */
type Side = 'applicant' | 'provider' | 'anyone';

export const WHO = {
  'dataset.register': { role: 'agency', side: 'anyone' },
  'dataset.update': { role: 'agency', side: 'provider' },
  'dataset.suspend': { role: 'agency', side: 'provider' },
  'dataset.resume': { role: 'agency', side: 'provider' },
  'dataset.withdraw': { role: 'agency', side: 'provider' },
  'dataset.withdraw-units': { role: 'agency', side: 'provider' },
  'ledger.enter': { role: 'agency', side: 'provider' },
  'ledger.withdraw': { role: 'agency', side: 'provider' },
  'perturbation-table.load': { role: 'agency', side: 'anyone' },
  'policy.propose': { role: 'agency', side: 'provider' },
  'policy.test': { role: 'agency', side: 'provider' },
  'policy.try': { role: 'agency', side: 'provider' },
  'policy.approve': { role: 'agency', side: 'provider' },
  'policy.reject': { role: 'agency', side: 'provider' },
  'policy.retract': { role: 'agency', side: 'provider' },
  'application.submit': { role: 'operator', side: 'anyone' },
  'application.withdraw': { role: 'operator', side: 'applicant' },
  'application.approve': { role: 'agency', side: 'provider' },
  'application.reject': { role: 'agency', side: 'provider' },
  'grant.suspend': { role: 'agency', side: 'provider' },
  'grant.resume': { role: 'agency', side: 'provider' },
  'grant.revoke': { role: 'agency', side: 'provider' },
  'job.submit': { role: 'operator', side: 'applicant' },
  'job.check': { role: 'operator', side: 'applicant' },
  'job.cancel': { role: 'operator', side: 'applicant' },
  'result.download': { role: 'operator', side: 'applicant' },
  'release.view': { role: 'agency', side: 'provider' },
  'release.approve': { role: 'agency', side: 'provider' },
  'release.reject': { role: 'agency', side: 'provider' },
  'release.withdraw': { role: 'agency', side: 'provider' },
} as const satisfies Record<string, { readonly role: Role; readonly side: Side }>;
export type ApprovalAction = keyof typeof WHO;

/** The organisations that a matter is between; a dataset has a provider only. */
export type Parties = { readonly organisation?: OrganisationId | undefined; readonly provider?: OrganisationId | undefined };

export function mayAct(action: ApprovalAction, principal: Principal, parties: Parties): boolean {
  const { role, side } = WHO[action];
  if (principal.role !== role) return false;
  switch (side) {
    case 'anyone': return true;
    case 'applicant': return parties.organisation === principal.organisation;
    case 'provider': return parties.provider === principal.organisation;
    default: return side satisfies never;
  }
}

/** Which applications, grants, jobs and releases a caller sees; null: none. Administrators run the service and see no one's work. */
export function scopeOf(principal: Principal): Scope | null {
  switch (principal.role) {
    case 'operator': return { applicant: principal.organisation };
    case 'agency': return { provider: principal.organisation };
    case 'auditor': return 'all';
    case 'administrator': return null;
    default: return principal.role satisfies never;
  }
}

export function sees(principal: Principal, parties: { readonly organisation: OrganisationId; readonly provider: OrganisationId }): boolean {
  const scope = scopeOf(principal);
  if (scope === null) return false;
  if (scope === 'all') return true;
  return 'applicant' in scope ? scope.applicant === parties.organisation : scope.provider === parties.provider;
}

/** Four eyes: neither the proposer nor anybody who approved already. */
export function isAnotherPerson(principal: Principal, before: readonly AccountId[]): boolean {
  return !before.includes(principal.account);
}
