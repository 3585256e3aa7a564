/** Held releases: what a reviewer of the agency decides on. Every look at it is an event. */
import type { ReleaseReview, ReleaseSummary } from '#contract/api/releases.ts';
import type { Explanation } from '#contract/explanation.ts';
import type { JobId } from '#contract/id.ts';
import { fail, type Failure } from '#contract/problem.ts';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import { actorOf, type Principal } from '#src/accounts/principal.ts';
import { absent } from '#src/absent.ts';
import { recordingDenial } from '#src/approvals/denied.ts';
import { mayAct, scopeOf, type ApprovalAction } from '#src/approvals/permissions.ts';
import { applicationView } from '#src/approvals/views.ts';
import type { JobParts } from '#src/jobs/parts.ts';
import { limitsOf, pinnedDatasets } from '#src/jobs/pins.ts';
import { JOB_TRANSITIONS, type JobAction, type JobState } from '#src/jobs/transitions.ts';
import { applicationRow, columnsOf, grantRow, type GrantRow } from '#src/store/approvals.ts';
import { withdrawnSince } from '#src/store/catalog.ts';
import type { Reader } from '#src/store/db.ts';
import { jobRow, pinsOf, releaseRows } from '#src/store/jobs.ts';
import { nextState } from '#src/transitions.ts';
import { storedResult } from './download.ts';
import { openHeld } from './held-result.ts';
import { openVotes, releaseSummary, type ReleaseRow } from './review-views.ts';

export type ReviewParts = Pick<JobParts, 'store' | 'pool' | 'sealingKey' | 'checkWallMs'> & { readonly clock: () => Date };

/** Jobs that were held, or taken back after their release, newest first. `before`: seq of the last row of the page before. */
export function heldReleases(db: Reader, principal: Principal, state: ReleaseSummary['state'], before: number, limit: number): ReleaseRow[] {
  const scope = principal.role === 'operator' ? null : scopeOf(principal);
  return scope === null ? [] : releaseRows(db, scope, state, before, limit) as ReleaseRow[];
}

/** Only while it is held. Fails `releases/own-request`, `releases/state`, `releases/evidence`, `releases/altered`. */
export async function viewRelease(parts: ReviewParts, principal: Principal, id: JobId): Promise<Result<ReleaseReview, Failure>> {
  const { store } = parts;
  const result = await store.transact<ReleaseRow, Failure>(actorOf(principal), (tx) => {
    const row = reviewable(tx.db, principal, id, 'release.view');
    if (row.ok) tx.record({ kind: 'release.viewed', job: id });
    return row;
  });
  if (!result.ok) return recordingDenial(store, principal, 'release.view', id, result);
  const row = result.value;
  const grant = grantRow(store.read, row.grant_id);
  if (grant === undefined) throw new Error('a job without its grant');
  const opened = await openHeld(parts, principal, row, true);
  if (!opened.ok) return opened;
  const { evidence, result: held } = opened.value;
  const { table, statement } = held ?? storedResult(parts, row);
  const sql = store.unseal(row.sql);
  const explanation = sql === null ? null : await explain(parts, row, grant, sql);
  // Workers took their time: what was decided or taken back meanwhile is shown no more.
  const still = reviewable(store.read, principal, id, 'release.view');
  if (!still.ok) return still;
  return ok({
    ...releaseSummary(store.read, still.value), asked: purposeOf(store.read, grant), sql, explanation, table, statement, evidence,
    ownVote: openVotes(store.read, still.value).find(({ account }) => account === principal.account)?.decision ?? null,
    withdrawalsSince: withdrawnSince(store.read, row.provider, row.withdrawals),
  });
}

/** A release that this caller may decide on. Fails `releases/own-request`, `releases/state`; what is not theirs to see is absent. */
export function reviewable(db: Reader, principal: Principal, id: JobId, permission: ApprovalAction): Result<ReleaseRow, Failure> {
  const row = jobRow(db, id);
  if (row === undefined || row.held_at === null || !mayAct(permission, principal, row)) return absent();
  if (row.organisation === principal.organisation || row.account === principal.account) {
    return fail('releases/own-request', text('Your organisation made this request; a reviewer of another organisation has to decide it.', '该请求由贵单位提出，须由其他单位的审核人决定。'));
  }
  if (nextState<JobState, JobAction>(JOB_TRANSITIONS, row.state, 'approve') === null) {
    return fail('releases/state', text(`The release is ${row.state}; only a held one is reviewed.`, `该发布状态为 ${row.state}；仅待审的发布可审核。`));
  }
  return ok(row as ReleaseRow);
}

function purposeOf(db: Reader, { application, purpose }: GrantRow): ReleaseReview['asked'] {
  const row = applicationRow(db, application);
  if (row === undefined) throw new Error('a grant without its application');
  const { userUnit, scenario } = applicationView(db, row);
  return { purpose, userUnit, scenario };
}

/** The tree that the operator's editor shows as well, from the versions that the job pins; null where no worker gives it. */
async function explain({ store, pool, checkWallMs }: ReviewParts, row: ReleaseRow, grant: GrantRow, sql: string): Promise<Explanation | null> {
  const datasets = pinnedDatasets(store.read, pinsOf(row), false);
  const limits = limitsOf(datasets.map(({ policy }) => policy));
  const answer = await pool.run({ kind: 'check' }, { kind: 'check', sql, datasets, columns: columnsOf(grant), limits }, { wallMs: checkWallMs });
  return answer.kind === 'checked' ? answer.explanation : null;
}
