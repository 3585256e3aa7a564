/**
 * The workers of a server: who may ask which, how many run at once, when one is replaced.
 *
 * A worker opens its snapshots once and then belongs to one grant: it answers that grant's jobs and no other's. Spares with
 * the same snapshots stand ready and belong to nobody until their first job. A worker is replaced after any failure, kill,
 * time-out, or `jobsPerWorker` jobs, and reaped when idle.
 */
import { fileURLToPath } from 'node:url';
import { canonical } from '#contract/canonical.ts';
import type { Answer, JobSpec, WorkerSetup } from '#contract/job.ts';
import type { Isolation } from './cage.ts';
import { FairQueue } from './fair-queue.ts';
import { tellChains, type ChainFeed } from './chain-feed.ts';
import { WorkerProcess } from './worker-process.ts';

export type SnapshotReference = WorkerSetup['snapshots'][number];

/**
 * What a worker is for. `grant`: jobs of one grant on exactly these snapshots (`verify`: hash every file first, for replay).
 * `check`: no data; explains queries and renders Parquet for everybody. `reveal`: no data but the keys; opens evidence for reviewers.
 * `ingest`: reads one source directory, writes the store.
 */
export type WorkerKey =
  | { readonly kind: 'grant'; readonly grant: string; readonly snapshots: readonly SnapshotReference[]; readonly verify: boolean }
  | { readonly kind: 'check' }
  | { readonly kind: 'reveal' }
  | { readonly kind: 'ingest'; readonly source: string };

export interface PoolOptions {
  readonly isolation: Isolation;
  /** Directory of the domain's keys. Only its path passes through the control plane. */
  readonly keys: string;
  /** Where ingest writes snapshots. */
  readonly snapshotStore: string;
  /** Jobs of grants that run at once; about the number of cores. */
  readonly concurrency: number;
  /** Engine memory of a data worker, MiB; the process gets `HEADROOM_MB` more of data segment. */
  readonly memoryMb: number;
  readonly ingestMemoryMb: number;
  /** Threads of one worker's engine. */
  readonly threads: number;
  /** Spares kept for each set of snapshots in use. */
  readonly spares: number;
  /** CPU seconds that one worker may use over its whole life. */
  readonly cpuSeconds: number;
  readonly jobsPerWorker: number;
  /** Milliseconds after which a worker that nobody asks is ended. */
  readonly idleMs: number;
  /** Milliseconds a worker may take to open its data. */
  readonly startMs: number;
  /** The worker's program; tests put others in its place. */
  readonly entry: string;
}

export const DEFAULT_POOL_OPTIONS = {
  concurrency: 2, memoryMb: 512, ingestMemoryMb: 2048, threads: 2, spares: 1, cpuSeconds: 3600, jobsPerWorker: 1000, idleMs: 60_000, startMs: 20_000,
  entry: fileURLToPath(new URL('../../sandbox/worker.ts', import.meta.url)),
} as const satisfies Partial<PoolOptions>;

/** MiB of data segment above the engine's own limit: Node has 850 before its first job, of which it touches a third. */
const HEADROOM_MB = 1536;
/** A worker that only checks or reveals holds no data. */
const CHECK_MEMORY_MB = 256;

export interface RunOptions {
  /** Milliseconds from the job's start in a worker (not from its arrival) until it is killed. */
  readonly wallMs: number;
  readonly signal?: AbortSignal;
  /** Whose turn it takes where others wait too: an organisation (`in-turn.ts`). Left out: a job takes its grant's, everything else one that all share. */
  readonly turn?: string;
  /** No job that an operator waits for (a policy's test, a table that is entered): waits for its like only, and no job waits for it. */
  readonly aside?: boolean;
  /** What the worker has to know of chains before it is asked. */
  readonly feeds?: readonly ChainFeed[];
}

export interface WorkerStatus {
  readonly role: WorkerKey['kind'];
  readonly state: 'starting' | 'spare' | 'idle' | 'busy';
  readonly pid: number | null;
  readonly jobs: number;
  readonly residentBytes: number | null;
}

export interface PoolStatus {
  readonly isolation: Isolation;
  /** Name and version of the engine; null until a first worker was ready. */
  readonly engine: string | null;
  readonly running: number;
  readonly waiting: number;
  readonly workers: readonly WorkerStatus[];
}

interface Member {
  readonly role: WorkerKey['kind'];
  /** What it has open, as text; a spare serves whoever needs exactly this. */
  readonly opened: string;
  readonly process: WorkerProcess;
  readonly ready: Promise<boolean>;
  /** Null: a spare. */
  owner: string | null;
  state: WorkerStatus['state'];
  reaper: NodeJS.Timeout | null;
}

const FAILED: Answer = { kind: 'failed' };
/** Owner of workers that serve everybody. */
const EVERYBODY = '';

export class WorkerPool {
  readonly #options: PoolOptions;
  readonly #members = new Set<Member>();
  /** `aside`: one at a time beside the jobs. */
  readonly #queues: Record<WorkerKey['kind'] | 'aside', FairQueue>;
  #engine: string | null = null;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#queues = { grant: new FairQueue(options.concurrency), aside: new FairQueue(1), check: new FairQueue(1), reveal: new FairQueue(1), ingest: new FairQueue(1) };
  }

  /** Never throws on what a worker does: crash, kill, time-out, abort and garbage are all `failed`. */
  async run(key: WorkerKey, spec: JobSpec, options: RunOptions): Promise<Answer> {
    const owner = ownerOf(key);
    const queue = key.kind === 'grant' && (key.verify || options.aside === true) ? 'aside' : key.kind;
    const turn = options.turn ?? (queue === 'grant' ? owner : EVERYBODY);
    return this.#queues[queue].run({ turn, owner }, () => this.#runNow(key, owner, spec, options), FAILED, options.signal ?? null);
  }

  /**
   * Starts spares for snapshots that are about to be used. Resolves when they are ready (or could not be started).
   * @param least how many at least, also where fewer are kept
   */
  async prepare(snapshots: readonly SnapshotReference[], least = 0): Promise<void> {
    await this.#replenish({ kind: 'grant', grant: EVERYBODY, snapshots, verify: false }, least);
  }

  /** Starts the worker that checks, so that the first check does not wait for it. */
  async prepareCheck(): Promise<void> {
    if (![...this.#members].some((member) => member.role === 'check')) await this.#start({ kind: 'check' }, EVERYBODY).ready;
  }

  /** Ends everything a grant has running or waiting; each of its jobs answers `failed`. */
  killGrant(grant: string): void {
    this.#queues.grant.drop(grant);
    this.#queues.aside.drop(grant);
    for (const member of this.#members) if (member.role === 'grant' && member.owner === grant) this.#end(member);
  }

  status(): PoolStatus {
    return {
      isolation: this.#options.isolation,
      engine: this.#engine,
      running: this.#queues.grant.running,
      waiting: this.#queues.grant.waiting,
      workers: [...this.#members].map(({ role, state, process }) => ({
        role, state, pid: process.pid ?? null, jobs: process.jobs, residentBytes: process.residentBytes(),
      })),
    };
  }

  /** Ends every worker and waits until all processes are gone. Later runs answer `failed`. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const queue of Object.values(this.#queues)) queue.dropAll();
    const members = [...this.#members];
    for (const member of members) this.#end(member);
    await Promise.all(members.map(({ process }) => process.gone));
  }

  async #runNow(key: WorkerKey, owner: string, spec: JobSpec, { wallMs, signal, feeds = [] }: RunOptions): Promise<Answer> {
    if (this.#closed) return FAILED;
    const member = this.#take(key, owner, feeds) ?? this.#start(key, owner);
    if (member.reaper !== null) clearTimeout(member.reaper);
    const isReady = await member.ready;
    member.state = 'busy';
    member.owner = owner;
    if (key.kind === 'grant' && !key.verify) void this.#replenish(key);
    if (!isReady) return FAILED;
    const knows = await tellChains(member.process, feeds, wallMs, signal ?? null).catch(() => false);
    const answer = knows ? await member.process.ask(spec, wallMs, signal ?? null).catch(() => FAILED) : FAILED;
    this.#afterwards(member, answer);
    return answer;
  }

  /** The owner's own idle worker, else a spare, which is then the owner's for good. */
  #take(key: WorkerKey, owner: string, feeds: readonly ChainFeed[]): Member | null {
    const opened = openedBy(key);
    const free = [...this.#members].filter((m) => m.role === key.kind && m.opened === opened && m.process.alive && feeds.every(({ chain, reaches }) => reaches(m.process.heads[chain])));
    const member = free.find((m) => m.state === 'idle' && m.owner === owner)
      ?? free.find((m) => m.state === 'spare' && m.owner === null)
      ?? free.find((m) => m.state === 'starting' && m.owner === null);
    if (member === undefined) return null;
    member.owner = owner;
    member.state = 'busy';
    return member;
  }

  #start(key: WorkerKey, owner: string | null): Member {
    const { isolation, keys, snapshotStore, memoryMb, ingestMemoryMb, threads, cpuSeconds, startMs, entry } = this.#options;
    const engineMb = { grant: memoryMb, check: CHECK_MEMORY_MB, reveal: CHECK_MEMORY_MB, ingest: ingestMemoryMb }[key.kind];
    const process = new WorkerProcess({
      isolation,
      entry,
      reads: readsOf(key, keys),
      writes: key.kind === 'ingest' ? [snapshotStore] : [],
      limits: { dataSegmentMb: engineMb + HEADROOM_MB, cpuSeconds },
    }, key.kind === 'check' || key.kind === 'ingest');
    const setup: WorkerSetup = {
      kind: 'setup',
      keys: key.kind === 'check' ? null : keys,
      snapshots: key.kind === 'grant' ? [...key.snapshots] : [],
      verify: key.kind === 'grant' && key.verify,
      snapshotStore: key.kind === 'ingest' ? snapshotStore : null,
      memoryMb: engineMb,
      threads,
    };
    const member: Member = {
      role: key.kind, opened: openedBy(key), process, owner, state: 'starting', reaper: null,
      ready: process.start(setup, startMs),
    };
    this.#members.add(member);
    void member.ready.then(() => { this.#engine ??= process.engine; });
    void process.gone.then(() => this.#members.delete(member));
    return member;
  }

  async #replenish(key: WorkerKey & { kind: 'grant' }, least = 0): Promise<void> {
    const opened = openedBy(key);
    const spares = () => [...this.#members].filter((m) => m.role === 'grant' && m.opened === opened && m.owner === null && m.process.alive).length;
    const starting: Member[] = [];
    while (!this.#closed && spares() < Math.max(least, this.#options.spares)) starting.push(this.#start(key, null));
    await Promise.all(starting.map(async (member) => {
      if ((await member.ready) && member.state === 'starting') {
        member.state = 'spare';
        this.#reapLater(member);
      }
    }));
  }

  #afterwards(member: Member, answer: Answer): void {
    const worn = member.process.jobs >= this.#options.jobsPerWorker;
    // An ingest worker was started for one source directory, and its engine has grown.
    if (answer.kind === 'failed' || worn || member.role === 'ingest' || this.#closed) return this.#end(member);
    member.state = 'idle';
    if (member.role !== 'check') this.#reapLater(member);
  }

  #reapLater(member: Member): void {
    member.reaper = setTimeout(() => this.#end(member), this.#options.idleMs);
    member.reaper.unref();
  }

  #end(member: Member): void {
    if (member.reaper !== null) clearTimeout(member.reaper);
    this.#members.delete(member);
    member.process.kill();
  }
}

const ownerOf = (key: WorkerKey): string => (key.kind === 'grant' ? key.grant : EVERYBODY);

const openedBy = (key: WorkerKey): string => {
  switch (key.kind) {
    case 'grant':
      return canonical({ verify: key.verify, snapshots: key.snapshots.map(({ dataset, snapshot, directory }) => [dataset, snapshot, directory].join(' ')).sort() });
    case 'check':
    case 'reveal':
      return '';
    case 'ingest':
      return key.source;
  }
};

const readsOf = (key: WorkerKey, keys: string): string[] => {
  switch (key.kind) {
    case 'grant':
      return [keys, ...key.snapshots.map(({ directory }) => directory)];
    case 'check':
      return [];
    case 'reveal':
      return [keys];
    case 'ingest':
      return [keys, key.source];
  }
};
