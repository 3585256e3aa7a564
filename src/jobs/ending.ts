/** Ends jobs whose ground is taken away: in the same transaction that takes it away. The workers are killed after the commit. */
import type { CancelCause } from '#contract/event/jobs.ts';
import type { GrantId, JobId } from '#contract/id.ts';
import type { DatasetId } from '#contract/manifest.ts';
import { unfinishedJobs } from '#src/store/jobs.ts';
import type { Tx } from '#src/store/transaction.ts';

/** Stops what runs, once it is on record that it must not go on. */
export interface JobKiller {
  /** Kills the workers of these jobs at once. Jobs that are not running are ignored. */
  kill(jobs: readonly JobId[]): void;
  /** Kills every worker that has a grant's data open. */
  killGrant(grant: GrantId): void;
}

/** What becomes of a held release: it waits through a suspension, and goes with a revocation. */
const ENDS_HELD = {
  operator: true, 'grant-suspended': false, 'grant-revoked': true, 'grant-expired': true, 'dataset-suspended': false, 'dataset-withdrawn': true,
} as const satisfies Record<CancelCause, boolean>;

/** @returns the jobs that were running. */
export function endJobs(tx: Tx, of: { readonly grant: GrantId } | { readonly dataset: DatasetId }, cause: CancelCause): JobId[] {
  const running: JobId[] = [];
  for (const job of unfinishedJobs(tx.db, of)) {
    if (job.state === 'held') {
      if (ENDS_HELD[cause]) tx.record({ kind: 'release.withdrawn', job: job.id, cause });
      continue;
    }
    if (job.state === 'running') running.push(job.id);
    tx.record({ kind: 'job.cancelled', job: job.id, attempt: job.state === 'running' ? job.attempt : null, cause });
  }
  return running;
}
