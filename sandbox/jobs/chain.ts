import type { Answer, ChainJob } from '#contract/job.ts';
import { readKey } from '../keys.ts';
import type { Workspace } from '../workspace.ts';

/** Takes in what a chain holds. Throws where an entry is not the next one or cannot be opened. */
export async function runChain({ chain, entries }: ChainJob, { setup, [chain]: kept }: Workspace): Promise<Answer> {
  if (setup.keys === null) throw new Error('a worker without keys cannot read a chain');
  const key = readKey(setup.keys, 'sealing');
  for (const entry of entries) kept.take(entry, key);
  if (kept.head === null) throw new Error('a chain is empty after an entry');
  return { kind: 'chain-kept', head: kept.head };
}
