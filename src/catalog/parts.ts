/** What the catalogue needs from the outside. */
import type { JobKiller } from '#src/jobs/ending.ts';
import type { Store } from '#src/store/store.ts';
import type { WorkerPool } from '#src/workers/pool.ts';

export interface CatalogParts {
  readonly store: Store;
  readonly pool: Pick<WorkerPool, 'run' | 'killGrant' | 'prepare'>;
  readonly killer: JobKiller;
  readonly random: (bytes: number) => Uint8Array;
  /** Directory in which each upload gets one of its own. */
  readonly staging: string;
  /** Bytes of an upload in all. */
  readonly uploadLimit: number;
  /** Milliseconds that an ingest may take. */
  readonly ingestWallMs: number;
}
