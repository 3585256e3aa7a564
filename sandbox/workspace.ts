/** What a worker holds for its whole life: its keys and the engines over the snapshots its setup names. */
import { digestOf, type Digest } from '#contract/canonical.ts';
import type { PinnedDataset, SqlJob, WorkerSetup } from '#contract/job.ts';
import { DataEngine, type DataSession } from './engine/data-engine.ts';
import { ScratchEngine } from './engine/scratch-engine.ts';
import { Ledger } from './ledger/ledger.ts';
import { attachedTables, openSnapshot } from './ingest/snapshot.ts';
import { Lru } from './lru.ts';
import type { CompiledQuery } from './sql/compile.ts';
import { WithdrawalList } from './withdrawals/list.ts';

/** MiB of the scratch engine: released tables are small, so it takes a quarter of the worker's memory at most. */
const SCRATCH_MB = 256;

/** Queries whose plans are kept: some tens of kilobytes each. */
const PLANS = 32;

export interface Workspace {
  readonly setup: WorkerSetup;
  /** Null in a worker without data. */
  readonly data: DataEngine | null;
  readonly scratch: ScratchEngine;
  /** Digest of the manifest that each open snapshot was made under, by dataset. */
  readonly manifests: ReadonlyMap<string, Digest>;
  /** Digests by the text of a manifest: every job brings the same few, and a digest takes longer than a small job has. */
  readonly digests: Lru<Digest>;
  /** Of the queries asked last. */
  readonly plans: Lru<CompiledQuery>;
  /** What was released before, as far as the control plane has sent it. */
  readonly ledger: Ledger;
  /** Units that take no part any more, likewise. */
  readonly withdrawals: WithdrawalList;
  readonly random: (bytes: number) => Uint8Array;
}

/** Throws where a snapshot is missing or is not what its address says. */
export async function openWorkspace(setup: WorkerSetup, random: (bytes: number) => Uint8Array): Promise<Workspace> {
  const tables = [];
  const manifests = new Map<string, Digest>();
  for (const { dataset, snapshot, directory } of setup.snapshots) {
    const record = await openSnapshot(directory, snapshot, setup.keys, setup.verify);
    tables.push(...attachedTables(dataset, directory, record));
    manifests.set(dataset, record.manifest);
  }
  const scratchMb = Math.max(32, Math.min(SCRATCH_MB, Math.floor(setup.memoryMb / 4)));
  const limits = { memoryMb: setup.memoryMb - scratchMb, threads: setup.threads };
  const [data, scratch] = await Promise.all([
    tables.length === 0 ? null : DataEngine.open(limits, tables.map(({ table }) => table)),
    ScratchEngine.open(scratchMb, tables.filter((t) => t.public).map(({ table }) => table)),
  ]);
  return { setup, data, scratch, manifests, digests: new Lru(Math.max(1, manifests.size)), plans: new Lru(PLANS), ledger: new Ledger(), withdrawals: new WithdrawalList(), random };
}

/**
 * A job must name exactly the snapshots this worker has open, with the manifests they were made under: the gate relies on
 * declared facts, and only those were enforced at load. Throws otherwise.
 */
export function requirePinned({ setup, manifests, digests }: Workspace, datasets: readonly Pick<PinnedDataset, 'manifest' | 'snapshot'>[]): void {
  for (const { manifest, snapshot } of datasets) {
    const open = setup.snapshots.find(({ dataset }) => dataset === manifest.id);
    if (open === undefined || open.snapshot !== snapshot) throw new Error('the job names a snapshot that is not open');
    const text = JSON.stringify(manifest);
    const digest = digests.get(text) ?? digestOf(manifest);
    digests.set(text, digest);
    if (manifests.get(manifest.id) !== digest) throw new Error('the job names another manifest than the snapshot was made under');
  }
}

/**
 * The rows that a job may see: of the snapshots that it names, without the units that had withdrawn when it was pinned. Null in a worker without data.
 * INVARIANT (who withdrew takes no part): jobs get to rows through here only. Throws where the worker was told of another list than the job names.
 */
export async function openData(workspace: Workspace, { datasets, withdrawals }: Pick<SqlJob, 'datasets' | 'withdrawals'>): Promise<DataSession | null> {
  requirePinned(workspace, datasets);
  const { data, withdrawals: list } = workspace;
  if (list.head !== (withdrawals?.head ?? null)) throw new Error('the worker’s withdrawal list is not the one that the job names');
  if (data === null) return null;
  return withdrawals === null ? data.session() : data.session({ state: `${withdrawals.head} ${withdrawals.by}`, units: () => list.units(withdrawals.by) });
}
