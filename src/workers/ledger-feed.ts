/** Brings a worker's disclosure ledger up to date. The control plane keeps the entries in order and cannot read them. */
import type { Digest } from '#contract/canonical.ts';
import type { LedgerEntry } from '#contract/ledger.ts';
import type { WorkerProcess } from './worker-process.ts';

export interface LedgerFeed {
  /** Where the ledger stands for the job that is to be asked. */
  readonly head: Digest | null;
  /** Whether `known` is `head` or came before it: a worker that knows of later releases is not fit for an earlier job. */
  reaches(known: Digest | null): boolean;
  /** The entries that come after `known`, up to `head`, in order. */
  after(known: Digest | null): Iterable<LedgerEntry>;
}

/** Base64 digits in one frame, well within what a frame may hold. */
const FRAME_DIGITS = 8 * 1024 * 1024;

/** Whether the worker knows the ledger up to the head. */
export async function tellLedger(worker: WorkerProcess, feed: LedgerFeed, wallMs: number, signal: AbortSignal | null): Promise<boolean> {
  if (worker.ledgerHead === feed.head) return true;
  let batch: LedgerEntry[] = [];
  let digits = 0;
  const flush = async (): Promise<boolean> => {
    const told = batch.length === 0 || await worker.tell(batch, wallMs, signal);
    batch = [];
    digits = 0;
    return told;
  };
  for (const entry of feed.after(worker.ledgerHead)) {
    if (digits + entry.sealed.length > FRAME_DIGITS && !(await flush())) return false;
    batch.push(entry);
    digits += entry.sealed.length;
  }
  return await flush() && worker.ledgerHead === feed.head;
}
