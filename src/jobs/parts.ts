/** What jobs and releases need from the outside. */
import type { Store } from '#src/store/store.ts';
import type { WorkerPool } from '#src/workers/pool.ts';

export interface JobParts {
  readonly store: Store;
  readonly pool: Pick<WorkerPool, 'run' | 'killGrant' | 'prepare'>;
  readonly random: (bytes: number) => Uint8Array;
  /** Version of this program, pinned to every job. */
  readonly program: string;
  /** Directory that holds the snapshots, each under its address. */
  readonly snapshotStore: string;
  /** 32 bytes: results are sealed under it. */
  readonly sealingKey: Uint8Array;
  /** Milliseconds that a job may run, and a check. */
  readonly wallMs: number;
  readonly checkWallMs: number;
}
