/**
 * A domain for one run of `sluice try`: a temporary home with keys of its own, the datasets taken in by an ingest worker,
 * and a pool of workers that answer queries as they would for a server. Gone when it is closed.
 */
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { digestBytes, type Digest } from '#contract/canonical.ts';
import { JobId, newId } from '#contract/id.ts';
import type { Answer, PinnedDataset, SqlJob } from '#contract/job.ts';
import { nextHead, type ChainEntry } from '#contract/chain.ts';
import type { Manifest } from '#contract/manifest.ts';
import { policyDigest } from '#contract/policy-digest.ts';
import { ok, type Result } from '#contract/result.ts';
import { text, type Language } from '#contract/text.ts';
import { limitsOf } from '#src/jobs/pins.ts';
import { openAnswer, type Revealed } from '#src/releases/reveal.ts';
import type { ChainFeed } from '#src/workers/chain-feed.ts';
import { decideIsolation } from '#src/workers/cage.ts';
import { initKeys } from '#src/workers/init-keys.ts';
import { DEFAULT_POOL_OPTIONS, WorkerPool, type SnapshotReference } from '#src/workers/pool.ts';
import type { Session } from '../io.ts';
import { stop, STATUS, type CliFailure } from '../outcome.ts';
import type { ShownRefusal } from '../output/refusal.ts';
import { shownProblem } from './line.ts';
import type { TrialDataset } from './plan.ts';

const MEMORY_MB = 1024;
const INGEST_WALL_MS = 30 * 60_000;
const QUERY_WALL_MS = 60_000;

/** Homes to be removed also where the process ends without closing its domains: raw rows must not stay behind. */
const homes = new Set<string>();
const removeHome = (home: string): void => {
  homes.delete(home);
  rmSync(home, { recursive: true, force: true });
};
process.once('exit', () => { for (const home of homes) removeHome(home); });

export interface TrialOptions {
  /** Workers kept ready beside the one that answers: where one is replaced, the next query must not wait. */
  readonly spares: number;
  /** Threads of the engine in one worker. */
  readonly threads: number;
}

/** For one domain that answers query after query, with the machine to itself. */
const ALONE: TrialOptions = { spares: 1, threads: availableParallelism() };

/** What became of a query, opened. */
export type Tried = Revealed & { readonly answer: Answer };

export class TrialDomain {
  readonly #session: Session;
  readonly #home: string;
  readonly #pool: WorkerPool;
  readonly #pinned: PinnedDataset[] = [];
  readonly #snapshots: SnapshotReference[] = [];
  #operator: string;
  /** What was released so far, for policies that look back: sealed, in order. */
  readonly #released: ChainEntry[] = [];

  private constructor(session: Session, home: string, pool: WorkerPool) {
    this.#session = session;
    this.#home = home;
    this.#pool = pool;
    this.#operator = newId('grant', session.random);
  }

  /** Fails where the temporary directory cannot be used. */
  static async open(session: Session, { spares, threads }: TrialOptions = ALONE): Promise<Result<TrialDomain, CliFailure>> {
    const isolation = decideIsolation('auto');
    if (!isolation.ok) return stop(STATUS.unavailable, isolation.error);
    let home: string | null = null;
    try {
      home = await mkdtemp(join(tmpdir(), 'sluice-try-'));
      homes.add(home);
      await mkdir(join(home, 'snapshots'), { mode: 0o700 });
      await initKeys(join(home, 'keys'));
    } catch {
      if (home !== null) removeHome(home);
      return stop(STATUS.unavailable, text(`A temporary domain cannot be made in ${tmpdir()}.`, `无法在 ${tmpdir()} 中建立临时域。`));
    }
    const [keys, snapshotStore] = [join(home, 'keys'), join(home, 'snapshots')];
    const pool = new WorkerPool({
      ...DEFAULT_POOL_OPTIONS, isolation: isolation.value, keys, snapshotStore, memoryMb: MEMORY_MB, threads, spares,
    });
    return ok(new TrialDomain(session, home, pool));
  }

  /** Takes one dataset in. The refusals say what in the files contradicts the manifest; an empty list: it is in. */
  async ingest({ directory, manifest, policy, perturbation }: Omit<TrialDataset, 'tables'>, language: Language): Promise<Result<readonly ShownRefusal[], CliFailure>> {
    const source = resolve(directory);
    const answer = await this.#pool.run({ kind: 'ingest', source }, { kind: 'ingest', manifest, source, trial: true }, { wallMs: INGEST_WALL_MS, signal: this.#session.interrupted });
    if (answer.kind === 'ingest-refused') return ok(answer.problems.map((problem) => shownProblem(manifest.id, problem, language)));
    if (answer.kind !== 'ingested') {
      if (this.#session.interrupted.aborted) return stop(STATUS.interrupted, text('Interrupted.', '已中断。'));
      return stop(STATUS.unavailable, text(`The dataset "${manifest.id}" could not be taken in: its worker broke down.`, `数据集“${manifest.id}”未能载入：工作进程发生故障。`));
    }
    const { snapshot, manifest: known } = answer.ingested;
    this.#pinned.push({ manifest: known, snapshot, policy, policyDigest: policyDigest(policy), ...(perturbation !== undefined && { perturbation }) });
    this.#snapshots.push({ dataset: manifest.id, snapshot, directory: join(this.#home, 'snapshots', snapshot) });
    return ok([]);
  }

  /** Starts the worker that the first query will have. */
  async prepare(): Promise<void> {
    await this.#pool.prepare(this.#snapshots, 1);
  }

  /** From here on it is another operator, whose worker has answered nobody before. */
  renewOperator(): void {
    this.#pool.killGrant(this.#operator);
    this.#operator = newId('grant', this.#session.random);
    this.#released.length = 0;
  }

  /**
   * The job that a server would build from a grant of every column of every table. `result`: of a held one too, as a reviewer would see
   * it. `evidence`: null unless it was asked for and there is any.
   */
  async ask(sql: string, withEvidence: boolean): Promise<Tried> {
    const job = JobId.parse(newId('job', this.#session.random));
    const answer = await this.#run(job, sql, withEvidence);
    if (answer.kind === 'released' || answer.kind === 'held') this.#remember(job, answer.envelope.sealed.ledger);
    return { answer, ...await openAnswer(this.#pool, job, answer, withEvidence, { wallMs: QUERY_WALL_MS, signal: this.#session.interrupted }) };
  }

  #run(job: JobId, sql: string, evidence: boolean): Promise<Answer> {
    const spec: SqlJob = {
      kind: 'sql',
      job,
      sql,
      datasets: this.#pinned,
      columns: this.#pinned.flatMap(({ manifest }) => columnsOf(manifest)),
      limits: limitsOf(this.#pinned.map(({ policy }) => policy)),
      ledgerHead: this.#head,
      withdrawals: null,
      evidence,
    };
    const key = { kind: 'grant', grant: this.#operator, snapshots: this.#snapshots, verify: false } as const;
    const looksBack = this.#pinned.some(({ policy }) => policy.statistics.differencing !== 'none');
    const ledger: ChainFeed = { chain: 'ledger', head: this.#head, reaches: () => true, after: (known) => this.#released.slice(this.#released.findIndex(({ head }) => head === known) + 1) };
    return this.#pool.run(key, spec, { wallMs: QUERY_WALL_MS, signal: this.#session.interrupted, feeds: looksBack ? [ledger] : [] });
  }

  get #head(): Digest | null {
    return this.#released.at(-1)?.head ?? null;
  }

  #remember(of: JobId, sealed: string | null): void {
    if (sealed !== null) this.#released.push({ of, head: nextHead(this.#head, digestBytes(Buffer.from(sealed, 'base64'))), sealed });
  }

  async close(): Promise<void> {
    await this.#pool.close();
    removeHome(this.#home);
  }
}

/** Every column of every table, as a grant names them. */
export function columnsOf({ id, tables }: Manifest): string[] {
  return Object.entries(tables).flatMap(([table, { columns }]) => Object.keys(columns).map((column) => `${id}.${table}.${column}`));
}
