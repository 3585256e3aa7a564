/** Brings what a worker knows of a chain up to date. The control plane keeps the entries in order and cannot read them. */
import type { Digest } from '#contract/canonical.ts';
import type { Chain, ChainEntry } from '#contract/chain.ts';
import type { WorkerProcess } from './worker-process.ts';

export interface ChainFeed {
  readonly chain: Chain;
  /** Where the chain stands for the job that is to be asked. */
  readonly head: Digest | null;
  /** Whether `known` is `head` or came before it: a worker that knows of later entries is not fit for an earlier job. */
  reaches(known: Digest | null): boolean;
  /** The entries that come after `known`, up to `head`, in order. */
  after(known: Digest | null): Iterable<ChainEntry>;
}

/** Base64 digits in one frame, well within what a frame may hold. */
const FRAME_DIGITS = 8 * 1024 * 1024;

/** Whether the worker knows every chain up to its head. */
export async function tellChains(worker: WorkerProcess, feeds: readonly ChainFeed[], wallMs: number, signal: AbortSignal | null): Promise<boolean> {
  for (const feed of feeds) if (!(await tell(worker, feed, wallMs, signal))) return false;
  return true;
}

async function tell(worker: WorkerProcess, { chain, head, after }: ChainFeed, wallMs: number, signal: AbortSignal | null): Promise<boolean> {
  if (worker.heads[chain] === head) return true;
  let batch: ChainEntry[] = [];
  let digits = 0;
  const flush = async (): Promise<boolean> => {
    const told = batch.length === 0 || await worker.tell(chain, batch, wallMs, signal);
    batch = [];
    digits = 0;
    return told;
  };
  for (const entry of after(worker.heads[chain])) {
    if (digits + entry.sealed.length > FRAME_DIGITS && !(await flush())) return false;
    batch.push(entry);
    digits += entry.sealed.length;
  }
  return await flush() && worker.heads[chain] === head;
}
