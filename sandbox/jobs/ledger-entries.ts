import type { Answer, LedgerJob } from '#contract/job.ts';
import { readKey } from '../keys.ts';
import type { Workspace } from '../workspace.ts';

/** Takes in what was released before. Throws where an entry is not the next one or cannot be opened. */
export async function runLedger({ entries }: LedgerJob, { setup, ledger }: Workspace): Promise<Answer> {
  if (setup.keys === null) throw new Error('a worker without keys cannot read the ledger');
  const key = readKey(setup.keys, 'sealing');
  for (const entry of entries) ledger.take(entry, key);
  const { head } = ledger;
  if (head === null) throw new Error('the ledger is empty after an entry');
  return { kind: 'ledger-kept', head };
}
