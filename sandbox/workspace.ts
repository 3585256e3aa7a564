/** What a worker holds for its whole life: its keys and the engines over the snapshots its setup names. */
import type { WorkerSetup } from '#contract/job.ts';
import { DataEngine } from './engine/data-engine.ts';
import { ScratchEngine } from './engine/scratch-engine.ts';
import { attachedTables, openSnapshot } from './ingest/snapshot.ts';

/** MiB of the scratch engine: released tables are small, so it takes a quarter of the worker's memory at most. */
const SCRATCH_MB = 256;

export interface Workspace {
  readonly setup: WorkerSetup;
  /** Null in a worker without data. */
  readonly data: DataEngine | null;
  readonly scratch: ScratchEngine;
  readonly random: (bytes: number) => Uint8Array;
}

/** Throws where a snapshot is missing or is not what its address says. */
export async function openWorkspace(setup: WorkerSetup, random: (bytes: number) => Uint8Array): Promise<Workspace> {
  const tables = [];
  for (const { dataset, snapshot, directory } of setup.snapshots) {
    tables.push(...attachedTables(dataset, directory, await openSnapshot(directory, snapshot, setup.keys, setup.verify)));
  }
  const scratchMb = Math.max(32, Math.min(SCRATCH_MB, Math.floor(setup.memoryMb / 4)));
  const limits = { memoryMb: setup.memoryMb - scratchMb, threads: setup.threads };
  const [data, scratch] = await Promise.all([
    tables.length === 0 ? null : DataEngine.open(limits, tables.map(({ table }) => table)),
    ScratchEngine.open(scratchMb, tables.filter((t) => t.public).map(({ table }) => table)),
  ]);
  return { setup, data, scratch, random };
}
