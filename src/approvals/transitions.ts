/** What may happen to a dataset, a policy version, an application and a grant. Who may do it: `permissions.ts`. When: `conditions.ts`. */
import type { Transitions } from '#src/transitions.ts';

export type DatasetState = 'active' | 'suspended' | 'withdrawn';
export type DatasetAction = 'update' | 'suspend' | 'resume' | 'withdraw';
export const DATASET_TRANSITIONS = {
  active: { update: 'active', suspend: 'suspended', withdraw: 'withdrawn' },
  suspended: { update: 'suspended', resume: 'active', withdraw: 'withdrawn' },
  withdrawn: {},
} as const satisfies Transitions<DatasetState, DatasetAction>;

/** `endorse`: an approval that is not yet the last one needed. */
export type PolicyState = 'proposed' | 'endorsed' | 'active' | 'superseded' | 'rejected' | 'retracted';
export type PolicyAction = 'endorse' | 'approve' | 'reject' | 'retract' | 'supersede';
export const POLICY_TRANSITIONS = {
  proposed: { endorse: 'endorsed', approve: 'active', reject: 'rejected', retract: 'retracted' },
  endorsed: { approve: 'active', reject: 'rejected', retract: 'retracted' },
  active: { supersede: 'superseded' },
  superseded: {},
  rejected: {},
  retracted: {},
} as const satisfies Transitions<PolicyState, PolicyAction>;

/** A table published elsewhere. `endorse`: an approval that is not yet the last one needed. `keep`: it stays, whoever says so. */
export type LedgerEntryState = 'entered' | 'proposed' | 'endorsed' | 'withdrawn';
export type LedgerEntryAction = 'propose' | 'endorse' | 'withdraw' | 'keep';
export const LEDGER_ENTRY_TRANSITIONS = {
  entered: { propose: 'proposed' },
  proposed: { endorse: 'endorsed', keep: 'entered' },
  endorsed: { withdraw: 'withdrawn', keep: 'entered' },
  withdrawn: {},
} as const satisfies Transitions<LedgerEntryState, LedgerEntryAction>;

export type ApplicationState = 'submitted' | 'approved' | 'rejected' | 'withdrawn';
export type ApplicationAction = 'approve' | 'reject' | 'withdraw';
export const APPLICATION_TRANSITIONS = {
  submitted: { approve: 'approved', reject: 'rejected', withdraw: 'withdrawn' },
  approved: {},
  rejected: {},
  withdrawn: {},
} as const satisfies Transitions<ApplicationState, ApplicationAction>;

/** The end date is no state: a grant past it is refused wherever it is used. */
export type GrantState = 'active' | 'suspended' | 'revoked';
export type GrantAction = 'suspend' | 'resume' | 'revoke';
export const GRANT_TRANSITIONS = {
  active: { suspend: 'suspended', revoke: 'revoked' },
  suspended: { resume: 'active', revoke: 'revoked' },
  revoked: {},
} as const satisfies Transitions<GrantState, GrantAction>;
