/** The services of every area, put together over one store and one pool of workers. */
import { join } from 'node:path';
import { openAccounts, type Accounts } from './accounts/accounts.ts';
import { Passwords } from './accounts/password.ts';
import type { Config } from './config.ts';
import { openDomain } from './domain.ts';
import { snapshotsOf } from './home.ts';
import type { Api } from './http/api.ts';
import type { Metrics } from './http/metrics.ts';
import type { Limits } from './limits/limits.ts';
import { traceOf, type Log } from './log.ts';
import type { Store } from './store/store.ts';
import type { WorkerPool } from './workers/pool.ts';

/** Milliseconds that a check or a rendering may take. */
const CHECK_MS = 10_000;

export type ServiceParts = {
  readonly config: Config;
  readonly store: Store;
  readonly pool: WorkerPool;
  /** 32 bytes that results are sealed under. */
  readonly releaseKey: Uint8Array;
  readonly version: string;
  readonly clock: () => Date;
  readonly random: (bytes: number) => Uint8Array;
  /** Milliseconds, monotonic. */
  readonly elapsed: () => number;
  readonly metrics: Metrics;
  readonly limits: Limits;
  readonly log: Log;
};

export type Services = {
  readonly accounts: Accounts;
  /** Routes of the areas beside accounts. */
  readonly mounts: readonly ((api: Api) => void)[];
  /** Takes up what an earlier run left unfinished. Before the first request. */
  start(): Promise<void>;
  /** Starts nothing more; what runs is finished or put back. */
  stop(): Promise<void>;
};

export async function openServices(parts: ServiceParts): Promise<Services> {
  const { config, store, clock, random, limits } = parts;
  const accounts = await openAccounts({
    store, clock, random, passwords: new Passwords(random), sessions: config.sessions, lockout: config.lockout, limits,
  });
  const domain = openDomain({
    ...parts, program: parts.version, sealingKey: parts.releaseKey, snapshotStore: snapshotsOf(config), staging: join(config.home, 'staging'),
    uploadLimit: config.uploadLimit, concurrency: config.workers.concurrency, reserve: config.workers.reserve,
    wallMs: config.workers.wallMs, checkWallMs: CHECK_MS, ingestWallMs: config.workers.ingestWallMs,
    report: (error) => parts.log('error', 'a job could not be carried on', traceOf(error)),
  });
  return { accounts, mounts: [(api) => domain.mount(api)], start: () => domain.start(), stop: () => domain.stop() };
}
