/**
 * Takes queued jobs in turn, runs each as an attempt with a number, and writes its outcome down. Everything it knows is in
 * the store: after a crash the jobs that were running run again as new attempts.
 */
import type { GrantId, JobId } from '#contract/id.ts';
import type { SqlJob } from '#contract/job.ts';
import { ok, type Result } from '#contract/result.ts';
import { SYSTEM } from '#src/accounts/principal.ts';
import { grantIsInForce } from '#src/approvals/conditions.ts';
import { apart } from '#src/store/alongside.ts';
import { columnsOf, grantRow } from '#src/store/approvals.ts';
import { chainHead } from '#src/store/chains.ts';
import { jobRow, jobsIn, pinsOf, waitingByGrant, type JobRow, type Waiting } from '#src/store/jobs.ts';
import { StoreClosed, StoreFull } from '#src/store/group-commit.ts';
import { unseal } from '#src/store/seal.ts';
import type { Tx } from '#src/store/transaction.ts';
import type { JobKiller } from './ending.ts';
import { nextInTurn, ofIdle, Turns, type Underway } from './fair.ts';
import { recordOutcome, type Attempt } from './outcome.ts';
import type { JobParts } from './parts.ts';
import { feedsFor } from './chains.ts';
import { snapshotReferences } from './pins.ts';
import { sqlJob } from './spec.ts';
import { delayToGrid } from './timing.ts';

export interface RunnerParts extends JobParts {
  /** Jobs at once; and how many more where the organisation has none running. */
  readonly concurrency: number;
  readonly reserve: number;
  /** Milliseconds, monotonic. */
  readonly elapsed: () => number;
  /** Told of what should not happen: a store that closed itself, a bug. */
  readonly report: (error: unknown) => void;
}

/** Attempts that may end by a restart of the service; a job that takes the service down with it must not do so for ever. */
export const MAX_ATTEMPTS = 3;

/** Milliseconds between tries to write to a full disk. */
const RETRY_MS = 1000;

interface Started extends Attempt {
  readonly spec: SqlJob;
  readonly row: JobRow;
}

export class Runner implements JobKiller {
  readonly #parts: RunnerParts;
  readonly #underway = new Map<JobId, Underway & { readonly abort: AbortController }>();
  readonly #turns = new Turns();
  /** Jobs that met a bug here: not tried again before a restart. */
  readonly #lost = new Set<JobId>();
  readonly #idle = new Set<() => void>();
  #scheduled = false;
  #stopped = false;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
  }

  /** Puts jobs that were running when the service ended back into the queue, then starts. Before anything else runs. */
  async recover(): Promise<void> {
    await this.#parts.store.transact(SYSTEM, (tx) => {
      for (const { id, attempt } of jobsIn(tx.db, 'running')) {
        tx.record(attempt < MAX_ATTEMPTS ? { kind: 'job.interrupted', job: id, attempt, cause: 'restart' } : { kind: 'job.failed', job: id, attempt });
      }
      return ok(null);
    });
    this.wake();
  }

  /** Looks for work, soon. What it starts is no part of the request that called. */
  wake(): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    apart(() => setImmediate(() => {
      this.#scheduled = false;
      this.#fill();
    }));
  }

  get running(): number {
    return this.#underway.size;
  }

  kill(jobs: readonly JobId[]): void {
    for (const job of jobs) this.#underway.get(job)?.abort.abort();
  }

  killGrant(grant: GrantId): void {
    this.#parts.pool.killGrant(grant);
  }

  /** Starts nothing more and kills what runs; that is queued again, as a new attempt. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { abort } of this.#underway.values()) abort.abort();
    await this.settled();
  }

  /** Resolves when nothing runs and nothing waits that could. */
  settled(): Promise<void> {
    if (this.#isIdle()) return Promise.resolve();
    return new Promise((resolve) => this.#idle.add(resolve));
  }

  #isIdle(): boolean {
    return this.#underway.size === 0 && !this.#scheduled;
  }

  #fill(): void {
    const { store, concurrency, reserve } = this.#parts;
    while (!this.#stopped && this.#underway.size < concurrency + reserve) {
      const underway = [...this.#underway.values()];
      const waiting = waitingByGrant(store.read, [...this.#underway.keys(), ...this.#lost]);
      const next = nextInTurn(this.#underway.size < concurrency ? waiting : ofIdle(waiting, underway), underway, this.#turns);
      if (next === null) break;
      this.#begin(next);
    }
    if (this.#isIdle()) for (const resolve of [...this.#idle]) {
      this.#idle.delete(resolve);
      resolve();
    }
  }

  #begin(next: Waiting): void {
    const abort = new AbortController();
    this.#underway.set(next.job, { grant: next.grant, organisation: next.organisation, abort });
    this.#turns.taken(next);
    void this.#run(next.job, abort.signal)
      .catch((error: unknown) => {
        // The store takes nothing more, or a bug. The job stays as the store has it; a restart recovers it.
        this.#stopped ||= error instanceof StoreClosed;
        this.#lost.add(next.job);
        this.#parts.report(error);
      })
      .finally(() => {
        this.#underway.delete(next.job);
        if (this.#stopped) this.#fill();
        else this.wake();
      });
  }

  async #run(job: JobId, signal: AbortSignal): Promise<void> {
    const { pool, snapshotStore, wallMs, elapsed } = this.#parts;
    const started = await this.#write((tx) => this.#start(tx, job));
    if (started === null) return;
    const { spec, row } = started;
    const since = elapsed();
    const answer = await pool.run({ kind: 'grant', grant: row.grant_id, snapshots: snapshotReferences(snapshotStore, pinsOf(row)), verify: false }, spec, { wallMs, signal, feeds: feedsFor(this.#parts.store, spec) });
    await pause(delayToGrid(spec.datasets.map(({ policy }) => policy), elapsed() - since), signal);
    await this.#write((tx) => {
      // Killed because the service stops: not the job's fault.
      if (this.#stopped && answer.kind === 'failed') requeue(tx, started);
      else recordOutcome(tx, this.#parts, started, answer);
      return ok(null);
    });
  }

  /** A full disk is waited for: the outcome of a job must not be lost to it. */
  async #write<T>(work: (tx: Tx) => Result<T, never>): Promise<T> {
    for (;;) {
      try {
        const result = await this.#parts.store.transact(SYSTEM, work);
        if (result.ok) return result.value;
      } catch (error) {
        if (!(error instanceof StoreFull) || this.#stopped) throw error;
        this.#parts.report(error);
        await pause(RETRY_MS, null);
      }
    }
  }

  /** Null where the job is not to be run after all. */
  #start(tx: Tx, id: JobId): Result<Started | null, never> {
    const queued = jobRow(tx.db, id);
    const grant = queued === undefined ? undefined : grantRow(tx.db, queued.grant_id);
    if (queued === undefined || grant === undefined || queued.state !== 'queued') return ok(null);
    if (!grantIsInForce(grant, tx.now).ok) {
      tx.record({ kind: 'job.cancelled', job: id, attempt: null, cause: grant.state === 'active' ? 'grant-expired' : `grant-${grant.state}` });
      return ok(null);
    }
    const attempt = queued.attempt + 1;
    tx.record({ kind: 'job.started', job: id, attempt, program: this.#parts.program });
    const sql = unseal(tx.db, queued.sql);
    if (sql === null) {
      // Its text was erased while it waited: there is nothing to run.
      tx.record({ kind: 'job.failed', job: id, attempt });
      return ok(null);
    }
    // Not what the list was when the job was accepted: who withdrew since takes no part either.
    const heads = { ledgerHead: chainHead(tx.db, 'ledger'), withdrawals: chainHead(tx.db, 'withdrawals') };
    const pinned = { job: id, sql, pins: pinsOf(queued), columns: columnsOf(grant), provider: queued.provider, ...heads };
    return ok({ job: id, grant: grant.id, attempt, ...heads, spec: sqlJob(tx.db, pinned), row: queued });
  }
}

function requeue(tx: Tx, { job, attempt }: Attempt): void {
  const row = jobRow(tx.db, job);
  if (row?.state === 'running' && row.attempt === attempt) tx.record({ kind: 'job.interrupted', job, attempt, cause: 'restart' });
}

function pause(milliseconds: number, signal: AbortSignal | null): Promise<void> {
  if (milliseconds <= 0 || signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener('abort', () => { clearTimeout(timer); resolve(); }, { once: true });
  });
}
