/** Explains a query against manifests and policies on disk, in a worker without data. */
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import type { CheckView } from '#contract/api/jobs.ts';
import type { CheckJob } from '#contract/job.ts';
import type { Manifest } from '#contract/manifest.ts';
import { policyDigest } from '#contract/policy-digest.ts';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import { limitsOf } from '#src/jobs/pins.ts';
import { decideIsolation } from '#src/workers/cage.ts';
import { DEFAULT_POOL_OPTIONS, WorkerPool } from '#src/workers/pool.ts';
import type { Session } from '../io.ts';
import { stop, STATUS, type CliFailure } from '../outcome.ts';
import { columnsOf } from './domain.ts';
import { readDatasets } from './plan.ts';
import { hierarchyLevels } from './policy-problems.ts';

const CHECK_WALL_MS = 20_000;

export async function checkOffline(session: Session, sql: string, directories: readonly string[], policies: readonly string[], tables: readonly string[]): Promise<Result<CheckView, CliFailure>> {
  const datasets = await readDatasets(session, directories, policies, tables);
  if (!datasets.ok) return datasets;
  const pinned: CheckJob['datasets'] = [];
  for (const { directory, manifest, policy, perturbation } of datasets.value) {
    const known = await withLevels(directory, manifest);
    if (!known.ok) return known;
    pinned.push({ manifest: known.value, snapshot: null, policy, policyDigest: policyDigest(policy), ...(perturbation !== undefined && { perturbation }) });
  }
  const isolation = decideIsolation('auto');
  if (!isolation.ok) return stop(STATUS.unavailable, isolation.error);
  // A worker that checks opens neither keys nor snapshots; the pool only wants to know where they would be.
  const nowhere = join(tmpdir(), 'sluice-check');
  const pool = new WorkerPool({ ...DEFAULT_POOL_OPTIONS, isolation: isolation.value, keys: nowhere, snapshotStore: nowhere });
  try {
    const spec: CheckJob = {
      kind: 'check',
      sql,
      datasets: pinned,
      columns: pinned.flatMap(({ manifest }) => columnsOf(manifest)),
      limits: limitsOf(pinned.map(({ policy }) => policy)),
    };
    const answer = await pool.run({ kind: 'check' }, spec, { wallMs: CHECK_WALL_MS, signal: session.interrupted });
    switch (answer.kind) {
      case 'checked': return ok({ accepted: answer.refusals.length === 0, explanation: answer.explanation, refusals: answer.refusals });
      case 'refused': return ok({ accepted: false, explanation: null, refusals: answer.refusals });
      default: return stop(STATUS.unavailable, text('The check gave no answer: its worker broke down.', '检查没有应答：工作进程发生故障。'));
    }
  } finally {
    await pool.close();
  }
}

/** A snapshot's manifest has the levels of its hierarchies filled in; a check has only the files. */
async function withLevels(directory: string, manifest: Manifest): Promise<Result<Manifest, CliFailure>> {
  const levels = await hierarchyLevels(directory, manifest);
  if (!levels.ok) return levels;
  const known = structuredClone(manifest);
  for (const [path, names] of Object.entries(levels.value)) {
    const [table = '', name = ''] = path.split('.');
    const column = known.tables[table]?.columns[name];
    if (column !== undefined && names.length > 0) column.levels ??= names;
  }
  return ok(known);
}
