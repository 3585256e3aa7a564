/** One job in, one answer out. Reads like a table of contents; each kind of job is a file of its own in `jobs/`. */
import type { Answer, JobSpec } from '#contract/job.ts';
import { assertNever } from '#contract/result.ts';
import type { Workspace } from './workspace.ts';

/** Loaded on first use, then kept: finding a module again takes a part of the time that a small job has. */
const KINDS = {
  sql: once(() => import('./jobs/sql.ts')),
  check: once(() => import('./jobs/check.ts')),
  parquet: once(() => import('./jobs/parquet.ts')),
  reveal: once(() => import('./jobs/reveal.ts')),
  chain: once(() => import('./jobs/chain.ts')),
  enter: once(() => import('./jobs/enter.ts')),
  'withdraw-entry': once(() => import('./jobs/withdraw-entry.ts')),
  withdraw: once(() => import('./jobs/withdraw.ts')),
  ingest: once(() => import('./jobs/ingest.ts')),
} as const satisfies Record<JobSpec['kind'], () => Promise<unknown>>;

/** Throws only on bugs and broken data; the worker answers `failed` then. */
export async function runJob(spec: JobSpec, workspace: Workspace): Promise<Answer> {
  switch (spec.kind) {
    case 'sql':
      return (await KINDS.sql()).runSql(spec, workspace);
    case 'check':
      return (await KINDS.check()).runCheck(spec, workspace);
    case 'parquet':
      return (await KINDS.parquet()).runParquet(spec, workspace);
    case 'reveal':
      return (await KINDS.reveal()).runReveal(spec, workspace);
    case 'chain':
      return (await KINDS.chain()).runChain(spec, workspace);
    case 'enter':
      return (await KINDS.enter()).runEnter(spec, workspace);
    case 'withdraw-entry':
      return (await KINDS['withdraw-entry']()).runWithdrawEntry(spec, workspace);
    case 'withdraw':
      return (await KINDS.withdraw()).runWithdraw(spec, workspace);
    case 'ingest':
      return (await KINDS.ingest()).runIngest(spec, workspace);
    default:
      return assertNever(spec);
  }
}

/** Loads what this worker will most likely be asked for, so that its first job does not wait for it. */
export async function prepareJobs({ setup, scratch }: Workspace): Promise<void> {
  if (setup.snapshotStore !== null) return;
  await Promise.all([setup.snapshots.length === 0 ? KINDS.check() : KINDS.sql(), scratch.parse('SELECT 1')]);
}

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | null = null;
  return () => (loaded ??= load());
}
