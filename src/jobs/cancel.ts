/** An operator takes a job back: a waiting or running one is cancelled, a held one withdrawn. */
import type { JobView } from '#contract/api/jobs.ts';
import type { JobId } from '#contract/id.ts';
import { fail, type Failure } from '#contract/problem.ts';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import { actorOf, type Principal } from '#src/accounts/principal.ts';
import { absent } from '#src/absent.ts';
import { mayAct } from '#src/approvals/permissions.ts';
import { jobRow } from '#src/store/jobs.ts';
import type { Store } from '#src/store/store.ts';
import { nextState } from '#src/transitions.ts';
import type { JobKiller } from './ending.ts';
import { JOB_TRANSITIONS, type JobAction, type JobState } from './transitions.ts';
import { jobView } from './views.ts';

/** Fails `jobs/state`. Another's job is absent. */
export async function cancelJob(store: Store, killer: JobKiller, principal: Principal, id: JobId): Promise<Result<JobView, Failure>> {
  const result = await store.transact<JobView, Failure>(actorOf(principal), (tx) => {
    const row = jobRow(tx.db, id);
    if (row === undefined || !mayAct('job.cancel', principal, row)) return absent();
    if (possible(row.state, 'cancel')) tx.record({ kind: 'job.cancelled', job: id, attempt: row.state === 'running' ? row.attempt : null, cause: 'operator' });
    else if (possible(row.state, 'withdraw')) tx.record({ kind: 'release.withdrawn', job: id, cause: 'operator' });
    else return fail('jobs/state', text(`The job is ${row.state}; there is nothing to cancel.`, `该作业状态为 ${row.state}，无可取消。`));
    return ok(jobView(tx.db, jobRow(tx.db, id) ?? row, principal));
  });
  if (result.ok) killer.kill([id]);
  return result;
}

const possible = (state: JobState, action: JobAction): boolean => nextState<JobState, JobAction>(JOB_TRANSITIONS, state, action) !== null;
