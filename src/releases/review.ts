/** Held releases: what a reviewer of the agency decides on. Every look at it is an event. */
import type { ReleaseReview, ReleaseSummary } from '#contract/api/releases.ts';
import type { ReviewEvidence } from '#contract/evidence.ts';
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
import type { Reader } from '#src/store/db.ts';
import { jobRow, pinsOf, releaseRows } from '#src/store/jobs.ts';
import { nextState } from '#src/transitions.ts';
import { storedResult } from './download.ts';
import { openVotes, releaseSummary, type ReleaseRow } from './review-views.ts';

export type ReviewParts = Pick<JobParts, 'store' | 'pool' | 'sealingKey' | 'checkWallMs'>;

/** Jobs that were held, or taken back after their release, newest first. `before`: seq of the last row of the page before. */
export function heldReleases(db: Reader, principal: Principal, state: ReleaseSummary['state'], before: number, limit: number): ReleaseRow[] {
  const scope = principal.role === 'operator' ? null : scopeOf(principal);
  return scope === null ? [] : releaseRows(db, scope, state, before, limit) as ReleaseRow[];
}

/** Only while it is held. Fails `releases/own-request`, `releases/state`, `releases/evidence`. */
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
  const evidence = await openEvidence(parts, row);
  if (!evidence.ok) return evidence;
  const { table, statement } = storedResult(parts, row);
  const sql = store.unseal(row.sql);
  return ok({
    ...releaseSummary(store.read, row), asked: purposeOf(store.read, grant),
    sql, explanation: sql === null ? null : await explain(parts, row, grant, sql), table, statement, evidence: evidence.value,
    ownVote: openVotes(store.read, row).find(({ account }) => account === principal.account)?.decision ?? null,
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

/** The data plane opens what it sealed; this side has no key to it. */
async function openEvidence({ store, pool, checkWallMs }: ReviewParts, { id, evidence }: ReleaseRow): Promise<Result<ReviewEvidence | null, Failure>> {
  if (evidence === null) return ok(null);
  const sealed = store.blob(evidence);
  if (sealed === null) throw new Error('the evidence of a release is missing');
  const answer = await pool.run({ kind: 'reveal' }, { kind: 'reveal', job: id, sealed: Buffer.from(sealed).toString('base64') }, { wallMs: checkWallMs });
  if (answer.kind === 'revealed') return ok(answer.evidence);
  return fail('releases/evidence', text('The evidence of this release could not be opened. Try again; do not decide without it.', '该发布的审核依据未能打开。请重试；未见依据前请勿作出决定。'), { retryAfter: 1 });
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
