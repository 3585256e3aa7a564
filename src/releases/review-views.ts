/** A held release as reviewers and auditors see it. Votes are told once the release is decided, never before. */
import { z } from 'zod';
import type { ReleaseSummary, ReleaseVote } from '#contract/api/releases.ts';
import { ReviewDecision } from '#contract/event/jobs.ts';
import type { AccountId } from '#contract/id.ts';
import type { Reader } from '#src/store/db.ts';
import { votesOn, type JobRow } from '#src/store/jobs.ts';
import { unseal } from '#src/store/seal.ts';

export type ReleaseRow = JobRow & { readonly state: ReleaseSummary['state'] };

/** How a vote is sealed. */
export const SealedVote = z.strictObject({ decision: ReviewDecision, reason: z.string() });
export type SealedVote = z.infer<typeof SealedVote>;

export interface Vote extends ReleaseVote {
  readonly account: AccountId;
}

/** In the order they were cast. A vote whose text was erased counts as one against. */
export function openVotes(db: Reader, row: Pick<JobRow, 'id'>): Vote[] {
  return votesOn(db, row.id).map(({ account, vote }) => {
    const sealed = unseal(db, vote);
    const { decision, reason } = sealed === null ? { decision: 'reject' as const, reason: null } : SealedVote.parse(JSON.parse(sealed));
    return { account, decision, reason };
  });
}

export function releaseSummary(db: Reader, row: ReleaseRow): ReleaseSummary {
  return {
    job: row.id, grant: row.grant_id, organisation: row.organisation, state: row.state, heldAt: row.held_at, decidedAt: row.ended_at,
    reviewers: row.reviewers, voted: votesOn(db, row.id).length,
    // INVARIANT (blind votes): while the release is held nobody reads a vote but whoever cast it.
    votes: row.state === 'held' ? null : openVotes(db, row),
  };
}
