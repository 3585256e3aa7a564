/** Grants: suspending or revoking one ends its jobs in the same transaction and kills their workers at once. */
import type { GrantView } from '#contract/api/grants.ts';
import type { GrantId, JobId } from '#contract/id.ts';
import { fail, type Failure } from '#contract/problem.ts';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import { actorOf, type Principal } from '#src/accounts/principal.ts';
import { absent } from '#src/absent.ts';
import { endJobs, type JobKiller } from '#src/jobs/ending.ts';
import { grantRow } from '#src/store/approvals.ts';
import type { Store } from '#src/store/store.ts';
import { nextState } from '#src/transitions.ts';
import { mayAct, sees } from './permissions.ts';
import { GRANT_TRANSITIONS, type GrantAction } from './transitions.ts';
import { grantView } from './views.ts';

const EVENTS = { suspend: 'grant.suspended', resume: 'grant.resumed', revoke: 'grant.revoked' } as const satisfies Record<GrantAction, string>;

/** Fails `grants/state`. */
export async function changeGrant(store: Store, killer: JobKiller, principal: Principal, id: GrantId, action: GrantAction, reason: string): Promise<Result<GrantView, Failure>> {
  let running: readonly JobId[] = [];
  const result = await store.transact<GrantView, Failure>(actorOf(principal), (tx) => {
    const row = grantRow(tx.db, id);
    if (row === undefined || !sees(principal, row) || !mayAct(`grant.${action}`, principal, row)) return absent();
    if (nextState(GRANT_TRANSITIONS, row.state, action) === null) {
      return fail('grants/state', text(`The grant is ${row.state}; "${action}" is not possible then.`, `该授权状态为 ${row.state}，不可执行 ${action}。`));
    }
    tx.record({ kind: EVENTS[action], grant: id, version: row.version + 1, reason: tx.seal(reason) });
    if (action !== 'resume') running = endJobs(tx, { grant: id }, action === 'suspend' ? 'grant-suspended' : 'grant-revoked');
    const changed = grantRow(tx.db, id);
    if (changed === undefined) throw new Error('a grant is missing after its event');
    return ok(grantView(tx.db, changed, tx.now));
  });
  if (result.ok && action !== 'resume') {
    killer.kill(running);
    killer.killGrant(id);
  }
  return result;
}
