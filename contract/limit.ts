/** Limits that keep one account or organisation from using up what all need. Values are configured (`limits` in the configuration). */
export const LIMIT_NAMES = [
  'requestsAtOnce', 'changesPerMinute', 'denialsPerMinute', 'loginsPerMinute', 'sessions', 'tokens', 'pendingApplications',
  'queuedJobsPerGrant', 'queuedJobsPerOrganisation', 'checksPerMinute', 'policyRunsAtOnce', 'uploadsAtOnce',
] as const;
export type LimitName = (typeof LIMIT_NAMES)[number];
