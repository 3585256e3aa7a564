import type { Answer, WithdrawEntryJob } from '#contract/job.ts';
import { readKey } from '../keys.ts';
import { sealDelta } from '../ledger/delta.ts';
import type { Workspace } from '../workspace.ts';

/** Needs the domain's keys, and no data. */
export async function runWithdrawEntry({ of, entry }: WithdrawEntryJob, { setup, random }: Workspace): Promise<Answer> {
  if (setup.keys === null) throw new Error('a worker without keys cannot add to the ledger');
  return { kind: 'entry-withdrawn', sealed: sealDelta(readKey(setup.keys, 'sealing'), of, { strips: [], tables: [], withdraws: entry }, random) };
}
