/** The job as a worker gets it: a pure function of what its events pin. Running and replaying build it here, so they cannot differ. */
import type { Digest } from '#contract/canonical.ts';
import type { DatasetPin } from '#contract/event/jobs.ts';
import type { JobId, OrganisationId } from '#contract/id.ts';
import type { ListPin, SqlJob } from '#contract/job.ts';
import type { Reader } from '#src/store/db.ts';
import { limitsOf, pinnedDatasets } from './pins.ts';

export interface PinnedJob {
  readonly job: JobId;
  readonly sql: string;
  readonly pins: readonly DatasetPin[];
  readonly columns: readonly string[];
  /** The agency whose data it is. */
  readonly provider: OrganisationId;
  readonly ledgerHead: Digest | null;
  readonly withdrawals: Digest | null;
}

/** The list as it stood at a head, for data of an agency. */
export const listPin = (head: Digest | null, by: OrganisationId): ListPin | null => (head === null ? null : { head, by });

export function sqlJob(db: Reader, pinned: PinnedJob): SqlJob {
  const datasets = pinnedDatasets(db, pinned.pins, true);
  const policies = datasets.map(({ policy }) => policy);
  return {
    kind: 'sql', job: pinned.job, sql: pinned.sql, datasets, columns: [...pinned.columns], limits: limitsOf(policies),
    ledgerHead: pinned.ledgerHead, withdrawals: listPin(pinned.withdrawals, pinned.provider),
    evidence: policies.some(({ statistics }) => statistics.review !== 'automatic' || statistics.differencing === 'hold' || statistics.overrides.some(({ review }) => review !== undefined && review !== 'automatic')),
  };
}
