/** Has a worker ready for a grant before its first job. */
import type { GrantId } from '#contract/id.ts';
import { grantRow } from '#src/store/approvals.ts';
import type { JobParts } from './parts.ts';
import { pinDatasets, snapshotReferences } from './pins.ts';

/** Starts a spare on the snapshots that a job of the grant would pin now; nothing where none could run. Does not wait. */
export function prepareGrant({ store, pool, snapshotStore }: Pick<JobParts, 'store' | 'pool' | 'snapshotStore'>, id: GrantId, now: Date): void {
  const grant = grantRow(store.read, id);
  const pins = grant === undefined ? null : pinDatasets(store.read, grant, now);
  // A spare that cannot be started is not missed: the job starts a worker itself.
  if (pins?.ok === true) void pool.prepare(snapshotReferences(snapshotStore, pins.value)).catch(() => {});
}
