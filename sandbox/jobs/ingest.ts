import type { Answer, IngestJob } from '#contract/job.ts';
import { ingest } from '../ingest/ingest.ts';
import type { Workspace } from '../workspace.ts';

export async function runIngest(spec: IngestJob, { setup, random }: Workspace): Promise<Answer> {
  if (setup.keys === null || setup.snapshotStore === null) throw new Error('this worker was not set up to ingest');
  const result = await ingest(spec, {
    keys: setup.keys, snapshotStore: setup.snapshotStore, limits: { memoryMb: setup.memoryMb, threads: setup.threads }, random,
  });
  return result.ok ? { kind: 'ingested', ingested: result.value } : { kind: 'ingest-refused', problems: [...result.error] };
}
