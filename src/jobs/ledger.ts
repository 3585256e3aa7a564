/** What a worker is told of the disclosure ledger for a job: the deltas of earlier releases, in order, still sealed. */
import type { Digest } from '#contract/canonical.ts';
import type { PinnedDataset } from '#contract/job.ts';
import type { LedgerEntry } from '#contract/ledger.ts';
import { ledgerAfter, ledgerReaches } from '#src/store/jobs.ts';
import type { Store } from '#src/store/store.ts';
import type { LedgerFeed } from '#src/workers/ledger-feed.ts';

/** Empty where no policy of the job asks for the ledger. */
export function ledgerOption(store: Store, datasets: readonly PinnedDataset[], head: Digest | null): { readonly ledger?: LedgerFeed } {
  if (datasets.every(({ policy }) => policy.statistics.differencing === 'none')) return {};
  return { ledger: { head, reaches: (known) => ledgerReaches(store.read, known, head), after: (known) => entriesAfter(store, known, head) } };
}

function* entriesAfter(store: Store, known: Digest | null, until: Digest | null): Iterable<LedgerEntry> {
  for (const { job: of, head, delta } of ledgerAfter(store.read, known, until)) {
    const sealed = store.blob(delta);
    if (sealed === null) throw new Error('a delta of the disclosure ledger is missing');
    yield { of, head, sealed: Buffer.from(sealed).toString('base64') };
  }
}
