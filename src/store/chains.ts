/**
 * Chains of sealed additions, as the log has them: each in a table of its own (`ledger` in `jobs.ts`, `withdrawals` in `catalog.ts`) with
 * `of` (what the addition was sealed for), `head` and `delta` (where it is stored), in the order of `seq`.
 */
import type { Digest } from '#contract/canonical.ts';
import type { Chain } from '#contract/chain.ts';
import type { Reader } from './db.ts';

export interface ChainRow {
  readonly of: string;
  readonly head: Digest;
  readonly delta: string;
}

/** Null while nothing is in it. */
export function chainHead(db: Reader, chain: Chain): Digest | null {
  return db.get<{ head: Digest }>(`SELECT head FROM ${chain} ORDER BY seq DESC LIMIT 1`)?.head ?? null;
}

function seqOf(db: Reader, chain: Chain, head: Digest | null): number {
  return head === null ? -1 : db.get<{ seq: number }>(`SELECT seq FROM ${chain} WHERE head = ?`, head)?.seq ?? Number.MAX_SAFE_INTEGER;
}

/** Whether the head `known` is `until` or came before it. */
export const chainReaches = (db: Reader, chain: Chain, known: Digest | null, until: Digest | null): boolean => seqOf(db, chain, known) <= seqOf(db, chain, until);

/** Entries after the head `known` (null: from the first) up to `until`, in order; none where `until` does not come after. */
export function chainAfter(db: Reader, chain: Chain, known: Digest | null, until: Digest | null): ChainRow[] {
  return db.all<ChainRow>(`SELECT "of", head, delta FROM ${chain} WHERE seq > ? AND seq <= ? ORDER BY seq`, seqOf(db, chain, known), seqOf(db, chain, until));
}
