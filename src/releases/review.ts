/** Held releases: a reviewer of the agency, who did not make the request, lets them out or keeps them in, with a reason. */
import type { ReleaseReview, ReleaseSummary } from '#contract/api/releases.ts';
import type { JobId } from '#contract/id.ts';
import { fail, type Failure } from '#contract/problem.ts';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import { actorOf, type Principal } from '#src/accounts/principal.ts';
import { absent } from '#src/absent.ts';
import { grantIsInForce } from '#src/approvals/conditions.ts';
import { recordingDenial } from '#src/approvals/denied.ts';
import { mayAct, scopeOf, type ApprovalAction } from '#src/approvals/permissions.ts';
import type { JobParts } from '#src/jobs/parts.ts';
import { JOB_TRANSITIONS, type JobAction, type JobState } from '#src/jobs/transitions.ts';
import { grantRow } from '#src/store/approvals.ts';
import { datasetRow } from '#src/store/catalog.ts';
import type { Reader } from '#src/store/db.ts';
import { jobRow, pinsOf, releaseRows, type JobRow } from '#src/store/jobs.ts';
import type { Store } from '#src/store/store.ts';
import { nextState } from '#src/transitions.ts';
import { storedResult } from './download.ts';

export type ReleaseRow = JobRow & { readonly state: ReleaseSummary['state']; readonly held_at: string };

/** Jobs that were held, newest first. `before`: seq of the last row of the page before. */
export function heldReleases(db: Reader, principal: Principal, state: ReleaseSummary['state'], before: number, limit: number): ReleaseRow[] {
  const scope = principal.role === 'operator' ? null : scopeOf(principal);
  return scope === null ? [] : releaseRows(db, scope, state, before, limit) as ReleaseRow[];
}

export function releaseSummary(row: ReleaseRow): ReleaseSummary {
  return { job: row.id, grant: row.grant_id, organisation: row.organisation, state: row.state, heldAt: row.held_at, decidedAt: row.ended_at };
}

/** What the reviewer decides on; looking at it is an event. Only while it is held. Fails `releases/own-request`, `releases/state`. */
export async function viewRelease(parts: Pick<JobParts, 'store' | 'sealingKey'>, principal: Principal, id: JobId): Promise<Result<ReleaseReview, Failure>> {
  const { store } = parts;
  const result = await store.transact<ReleaseRow, Failure>(actorOf(principal), (tx) => {
    const row = reviewable(tx.db, principal, id, 'release.view');
    if (row.ok) tx.record({ kind: 'release.viewed', job: id });
    return row;
  });
  if (!result.ok) return recordingDenial(store, principal, 'release.view', id, result);
  const { table, statement } = storedResult(parts, result.value);
  return ok({ ...releaseSummary(result.value), sql: store.unseal(result.value.sql), table, statement });
}

/** Fails `releases/own-request`, `releases/state`, `grants/not-in-force`, `jobs/dataset-closed`. */
export async function decideRelease(store: Store, principal: Principal, id: JobId, decision: 'approve' | 'reject', reason: string): Promise<Result<ReleaseSummary, Failure>> {
  const permission: ApprovalAction = `release.${decision}`;
  const result = await store.transact<ReleaseSummary, Failure>(actorOf(principal), (tx) => {
    const row = reviewable(tx.db, principal, id, permission);
    if (!row.ok) return row;
    if (decision === 'approve') {
      const possible = mayLeave(tx.db, row.value, tx.now);
      if (!possible.ok) return possible;
    }
    tx.record({ kind: decision === 'approve' ? 'release.approved' : 'release.rejected', job: id, reason: tx.seal(reason) });
    return ok(releaseSummary(jobRow(tx.db, id) as ReleaseRow));
  });
  return recordingDenial(store, principal, permission, id, result);
}

function reviewable(db: Reader, principal: Principal, id: JobId, permission: ApprovalAction): Result<ReleaseRow, Failure> {
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

/** Nothing leaves under a grant that is over, or from a dataset that is not available. */
function mayLeave(db: Reader, row: JobRow, now: Date): Result<null, Failure> {
  const grant = grantRow(db, row.grant_id);
  if (grant === undefined) throw new Error('a job without its grant');
  const inForce = grantIsInForce(grant, now);
  if (!inForce.ok) return inForce;
  const closed = pinsOf(row).find(({ dataset }) => datasetRow(db, dataset)?.state !== 'active');
  return closed === undefined ? ok(null) : fail('jobs/dataset-closed', text(`The dataset ${closed.dataset} is not available at present.`, `数据集 ${closed.dataset} 当前不可用。`));
}
