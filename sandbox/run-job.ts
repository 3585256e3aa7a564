/** One job in, one answer out. Reads like a table of contents; each kind of job is a file of its own in `jobs/`. */
import type { Answer, JobSpec } from '#contract/job.ts';
import { assertNever } from '#contract/result.ts';
import type { Workspace } from './workspace.ts';

/** Throws only on bugs and broken data; the worker answers `failed` then. Kinds are loaded on first use. */
export async function runJob(spec: JobSpec, workspace: Workspace): Promise<Answer> {
  switch (spec.kind) {
    case 'sql':
      return (await import('./jobs/sql.ts')).runSql(spec, workspace);
    case 'check':
      return (await import('./jobs/check.ts')).runCheck(spec, workspace);
    case 'parquet':
      return (await import('./jobs/parquet.ts')).runParquet(spec, workspace);
    case 'reveal':
      return (await import('./jobs/reveal.ts')).runReveal(spec, workspace);
    case 'chain':
      return (await import('./jobs/chain.ts')).runChain(spec, workspace);
    case 'enter':
      return (await import('./jobs/enter.ts')).runEnter(spec, workspace);
    case 'withdraw-entry':
      return (await import('./jobs/withdraw-entry.ts')).runWithdrawEntry(spec, workspace);
    case 'withdraw':
      return (await import('./jobs/withdraw.ts')).runWithdraw(spec, workspace);
    case 'ingest':
      return (await import('./jobs/ingest.ts')).runIngest(spec, workspace);
    default:
      return assertNever(spec);
  }
}

/** Loads what this worker will most likely be asked for, so that its first job does not wait for it. */
export async function prepareJobs({ setup, scratch }: Workspace): Promise<void> {
  if (setup.snapshotStore !== null) return;
  await Promise.all([setup.snapshots.length === 0 ? import('./jobs/check.ts') : import('./jobs/sql.ts'), scratch.parse('SELECT 1')]);
}
