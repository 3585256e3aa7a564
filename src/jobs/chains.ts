/** What a worker is told of the chains for a job: additions in order, still sealed. */
import { digestBytes, type Digest } from '#contract/canonical.ts';
import { nextHead, type Chain, type ChainEntry } from '#contract/chain.ts';
import type { SqlJob } from '#contract/job.ts';
import { chainAfter, chainReaches } from '#src/store/chains.ts';
import type { Store } from '#src/store/store.ts';
import type { ChainFeed } from '#src/workers/chain-feed.ts';

/** For a job on data: which units have withdrawn, and what was released before where a policy of the job looks back. */
export function feedsFor(store: Store, { datasets, ledgerHead, withdrawals }: Pick<SqlJob, 'datasets' | 'ledgerHead' | 'withdrawals'>): readonly ChainFeed[] {
  const looksBack = datasets.some(({ policy }) => policy.statistics.differencing !== 'none');
  return [feedOf(store, 'withdrawals', withdrawals?.head ?? null), ...(looksBack ? [feedOf(store, 'ledger', ledgerHead)] : [])];
}

export function feedOf(store: Store, chain: Chain, head: Digest | null): ChainFeed {
  return { chain, head, reaches: (known) => chainReaches(store.read, chain, known, head), after: (known) => entriesAfter(store, chain, known, head) };
}

function* entriesAfter(store: Store, chain: Chain, known: Digest | null, until: Digest | null): Iterable<ChainEntry> {
  for (const { of, head, delta } of chainAfter(store.read, chain, known, until)) {
    const sealed = store.blob(delta);
    if (sealed === null) throw new Error('an addition to a chain is missing');
    yield { of, head, sealed: Buffer.from(sealed).toString('base64') };
  }
}

/** Whether what is stored of a chain still leads to this head: the head is the digest of all additions, so it needs no other witness. */
export function leadsTo(store: Store, chain: Chain, head: Digest | null): boolean {
  let reached: Digest | null = null;
  for (const { head: next, delta } of chainAfter(store.read, chain, null, head)) {
    const sealed = store.blob(delta);
    if (sealed === null) return false;
    reached = nextHead(reached, digestBytes(sealed));
    if (reached !== next) return false;
  }
  return reached === head;
}
