import type { Answer, ParquetJob } from '#contract/job.ts';
import { renderParquet } from '../engine/parquet.ts';
import type { Workspace } from '../workspace.ts';

export async function runParquet(spec: ParquetJob, workspace: Workspace): Promise<Answer> {
  const bytes = await renderParquet(spec.table, workspace.setup.memoryMb);
  return { kind: 'parquet', bytes: Buffer.from(bytes).toString('base64') };
}
