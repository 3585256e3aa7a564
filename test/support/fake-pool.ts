/** Stands in for the workers: answers at once and always the same to the same question, or waits until it is let go. */
import { digestOf } from '#contract/canonical.ts';
import type { Answer, JobSpec, ResultContents, RevealJob, SqlJob } from '#contract/job.ts';
import type { ResultTable } from '#contract/table.ts';
import { text } from '#contract/text.ts';
import type { RunOptions, WorkerKey, WorkerPool } from '#src/workers/pool.ts';

const FAILED: Answer = { kind: 'failed' };

export const TABLE: ResultTable = {
  columns: [{ name: 'district', type: 'VARCHAR' }, { name: 'n', type: 'BIGINT' }, { name: 'income', type: 'DECIMAL(18,2)' }],
  rows: [['市南区', '12', '100.50'], ['"quoted", 李沧区', null, null], ['', '30', '-1.00']],
  withheld: [[1, 2], [1, 1]],
};

export class FakePool implements Pick<WorkerPool, 'run' | 'killGrant' | 'prepare'> {
  readonly runs: { readonly key: WorkerKey; readonly spec: JobSpec }[] = [];
  readonly killed: string[] = [];
  /** What to answer; null for the usual answer. */
  answer: (spec: JobSpec, key: WorkerKey) => Answer | null = () => null;
  #gate: Promise<void> | null = null;
  #open: () => void = () => {};
  #kind: JobSpec['kind'] = 'sql';
  #held = 0;

  /** Jobs of a kind wait from now on. */
  hold(kind: JobSpec['kind'] = 'sql'): void {
    this.#kind = kind;
    this.#gate = new Promise((resolve) => { this.#open = resolve; });
  }

  letGo(): void {
    this.#gate = null;
    this.#open();
  }

  /** Resolves when so many wait at once. */
  async reached(held: number): Promise<void> {
    while (this.#held < held) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  async run(key: WorkerKey, spec: JobSpec, { signal, turn, aside = false }: RunOptions): Promise<Answer> {
    // The runner sees to the turns of jobs; for anything else an organisation's turn is taken, or its backlog would delay others.
    const isJob = key.kind === 'grant' && !key.verify && !aside;
    if (!isJob && turn === undefined) throw new Error(`a worker is asked to ${spec.kind} in nobody's turn`);
    this.runs.push({ key, spec });
    if (spec.kind === this.#kind && this.#gate !== null) {
      this.#held++;
      const aborted = new Promise<'aborted'>((resolve) => signal?.addEventListener('abort', () => resolve('aborted'), { once: true }));
      const cut = signal?.aborted || await Promise.race([this.#gate, aborted]) === 'aborted';
      this.#held--;
      if (cut) return FAILED;
    }
    return this.answer(spec, key) ?? usual(spec);
  }

  killGrant(grant: string): void {
    this.killed.push(grant);
  }

  async prepare(): Promise<void> {}

  sqlRuns(): string[] {
    return this.runs.flatMap(({ spec }) => (spec.kind === 'sql' ? [spec.sql] : []));
  }
}

function usual(spec: JobSpec): Answer {
  switch (spec.kind) {
    case 'ingest':
      return {
        kind: 'ingested',
        ingested: {
          snapshot: digestOf({ of: spec.manifest, note: 'snapshot' }), bytes: 10, manifest: spec.manifest,
          tables: Object.keys(spec.manifest.tables).map((table) => ({ table, rows: 3, dropped: 0, clamped: 0, units: { person: 3 } })),
        },
      };
    case 'check':
      return { kind: 'checked', explanation: { gates: [], rest: text('nothing', '无'), columns: [], caps: [] }, refusals: [] };
    case 'parquet':
      return { kind: 'parquet', bytes: Buffer.from('PAR1').toString('base64') };
    case 'reveal':
      return { kind: 'revealed', evidence: spec.evidence === null ? null : { v: 1, gates: [] }, result: spec.result === null ? null : unsealed(spec.job, spec.result) };
    case 'enter':
      return { kind: 'entered', known: spec.published.cells.length, unknown: 0, sealed: Buffer.from('delta').toString('base64') };
    case 'withdraw-entry': return { kind: 'entry-withdrawn', sealed: Buffer.from(spec.of).toString('base64') };
    case 'withdraw':
      return { kind: 'withdrawal-sealed', units: new Set(spec.identifiers).size, known: 1, sealed: Buffer.from(`batch ${spec.of}`).toString('base64') };
    case 'chain':
      throw new Error('a pool tells its workers of chains, nobody asks it to');
    case 'sql':
      return released(spec);
  }
}

/** A function of the whole specification, as a real worker's answer is. */
export function released(spec: SqlJob, table: ResultTable = TABLE, kind: 'released' | 'held' = 'released'): Answer {
  const contents: ResultContents = {
    table, cost: { gates: 1, cells: 3, rows: 3 },
    statement: { rules: [], withheld: 2, mayOmitRows: false, help: [], sentences: [text('Two values are withheld.', '两个值不予公开。')] },
  };
  const digest = digestOf({ spec, table });
  const answered = { digest, executed: digestOf(spec.sql), engine: 'fake' };
  const sealed = { evidence: null, ledger: null };
  return kind === 'released'
    ? { kind, envelope: { ...contents, ...answered, sealed } }
    : { kind, envelope: { ...answered, sealed: { ...sealed, result: Buffer.from(JSON.stringify({ job: spec.job, digest, contents })).toString('base64') } } };
}

/** Nothing is secret here, but what was altered, or belongs to another job, is opened by nobody. */
function unsealed(job: string, { sealed, digest }: NonNullable<RevealJob['result']>): ResultContents | null {
  try {
    const found = JSON.parse(Buffer.from(sealed, 'base64').toString('utf8')) as { job: string; digest: string; contents: ResultContents };
    return found.job === job && found.digest === digest ? found.contents : null;
  } catch {
    return null;
  }
}
