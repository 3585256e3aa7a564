/**
 * Decisions on held releases, each with its reason. Where the policy asks for two reviewers they vote blind of each other: the
 * first vote is sealed and the release stays held, however it was. It leaves only if both approve; one vote against keeps it in.
 */
import type { ReleaseSummary } from '#contract/api/releases.ts';
import type { ReviewDecision } from '#contract/event/jobs.ts';
import type { JobId } from '#contract/id.ts';
import type { ResultContents } from '#contract/job.ts';
import { fail, type Failure } from '#contract/problem.ts';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import { actorOf, type Principal } from '#src/accounts/principal.ts';
import { absent } from '#src/absent.ts';
import { grantIsInForce } from '#src/approvals/conditions.ts';
import { recordingDenial } from '#src/approvals/denied.ts';
import { isAnotherPerson, mayAct } from '#src/approvals/permissions.ts';
import { keepResult } from '#src/jobs/outcome.ts';
import { JOB_TRANSITIONS, type JobAction, type JobState } from '#src/jobs/transitions.ts';
import { grantRow } from '#src/store/approvals.ts';
import { datasetRow } from '#src/store/catalog.ts';
import type { Reader } from '#src/store/db.ts';
import { jobRow, pinsOf, votesOn, type JobRow } from '#src/store/jobs.ts';
import type { Store } from '#src/store/store.ts';
import type { Tx } from '#src/store/transaction.ts';
import { nextState } from '#src/transitions.ts';
import { openHeld } from './held-result.ts';
import { openVotes, releaseSummary, type ReleaseRow, type SealedVote } from './review-views.ts';
import { reviewable, type ReviewParts } from './review.ts';

/**
 * Every vote for letting it out has the data plane open the result first, whether or not it is the last vote needed: so what comes of it does
 * not depend on the other vote, and when the release is decided the result is at hand and goes into the same transaction.
 * Fails `releases/own-request`, `releases/four-eyes`, `releases/state`, `releases/evidence`, `releases/altered`, `grants/not-in-force`, `jobs/dataset-closed`.
 */
export async function decideRelease(parts: ReviewParts, principal: Principal, id: JobId, decision: ReviewDecision, reason: string): Promise<Result<ReleaseSummary, Failure>> {
  const { store, clock } = parts;
  const possible = mayVote(store.read, principal, id, decision, clock());
  const opened = possible.ok && decision === 'approve' ? await openHeld(parts, principal, possible.value, false) : null;
  if (opened?.ok === false) return opened;
  const result = await store.transact<ReleaseSummary, Failure>(actorOf(principal), (tx) => {
    const row = mayVote(tx.db, principal, id, decision, tx.now);
    if (!row.ok) return row;
    tx.record({ kind: 'release.voted', job: id, vote: tx.seal(JSON.stringify({ decision, reason } satisfies SealedVote)) });
    if (votesOn(tx.db, id).length >= row.value.reviewers) close(tx, parts.sealingKey, row.value, opened?.value.result ?? null);
    return ok(releaseSummary(tx.db, known(tx.db, id)));
  });
  return recordingDenial(store, principal, `release.${decision}`, id, result);
}

function mayVote(db: Reader, principal: Principal, id: JobId, decision: ReviewDecision, now: Date): Result<ReleaseRow, Failure> {
  const row = reviewable(db, principal, id, `release.${decision}`);
  if (!row.ok) return row;
  if (!isAnotherPerson(principal, votesOn(db, id).map(({ account }) => account))) {
    return fail('releases/four-eyes', text('You have voted on this release; the other vote is for another reviewer of your organisation.', '您已对该发布投票；另一票须由本单位的其他审核人投出。'));
  }
  const leaves = decision === 'approve' ? mayLeave(db, row.value, now) : ok(null);
  return leaves.ok ? row : leaves;
}

/** All votes are in. What the operator reads is the reason of those who decided it. `opened`: the result, where the last vote was for it. */
function close(tx: Tx, sealingKey: Uint8Array, row: ReleaseRow, opened: ResultContents | null): void {
  const votes = openVotes(tx.db, row);
  const decision = votes.every((vote) => vote.decision === 'approve') ? 'approve' : 'reject';
  const reasons = votes.flatMap((vote) => (vote.decision === decision && vote.reason !== null ? [vote.reason] : []));
  const decided = { job: row.id, reason: tx.seal(reasons.join('\n')), votes: votes.map((vote) => ({ account: vote.account, decision: vote.decision })) };
  if (decision === 'reject') {
    tx.record({ kind: 'release.rejected', ...decided });
    return;
  }
  // INVARIANT (opened before it leaves): only a version that did not seal held results has it stored already.
  if (opened === null && row.held !== null) throw new Error('a held result is let out that was not opened');
  if (row.held !== null) tx.dropBlob(row.held);
  tx.record({ kind: 'release.approved', ...decided, ...(opened === null ? {} : keepResult(tx, sealingKey, row.id, opened)) });
}

/**
 * The agency takes a released result back, whether or not it was ever held: it is served no more. What the operator has fetched
 * already stays known, and the disclosure ledger goes on counting it. Fails `releases/state`.
 */
export async function withdrawRelease(store: Store, principal: Principal, id: JobId, reason: string): Promise<Result<ReleaseSummary, Failure>> {
  return store.transact<ReleaseSummary, Failure>(actorOf(principal), (tx) => {
    const row = jobRow(tx.db, id);
    if (row === undefined || !mayAct('release.withdraw', principal, row)) return absent();
    if (nextState<JobState, JobAction>(JOB_TRANSITIONS, row.state, 'revoke') === null) {
      return fail('releases/state', text(`The job is ${row.state}; only a released result is withdrawn. A held one is rejected.`, `该作业状态为 ${row.state}；仅已发布的结果可撤回，待审的结果应予驳回。`));
    }
    tx.record({ kind: 'release.withdrawn', job: id, cause: 'agency', reason: tx.seal(reason) });
    return ok(releaseSummary(tx.db, known(tx.db, id)));
  });
}

function known(db: Reader, id: JobId): ReleaseRow {
  const row = jobRow(db, id);
  if (row === undefined) throw new Error('a release is missing after its event');
  return row as ReleaseRow;
}

/** Nothing leaves under a grant that is over, or from a dataset that is not available. */
function mayLeave(db: Reader, row: JobRow, now: Date): Result<null, Failure> {
  const grant = grantRow(db, row.grant_id);
  if (grant === undefined) throw new Error('a job without its grant');
  const inForce = grantIsInForce(grant, now);
  if (!inForce.ok) return inForce;
  const closed = pinsOf(row).find(({ dataset }) => datasetRow(db, dataset)?.state !== 'active');
  return closed === undefined ? ok(null) : fail('jobs/dataset-closed', text(`The dataset ${closed.dataset} is not available at present.`, `数据集 ${closed.dataset} 当前不可用。`));
}
