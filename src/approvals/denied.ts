/** What people were denied is in the log: an auditor can measure whether rules are applied evenly. */
import type { Failure } from '#contract/problem.ts';
import { ok, type Result } from '#contract/result.ts';
import { actorOf, type Principal } from '#src/accounts/principal.ts';
import { apart } from '#src/store/alongside.ts';
import type { Store } from '#src/store/store.ts';
import type { ApprovalAction } from './permissions.ts';

/** Codes of rules that somebody ran into. What does not exist, or is only ill-formed, is not a denial. */
const DENIALS: ReadonlySet<Failure['code']> = new Set([
  'policies/four-eyes', 'applications/purpose', 'grants/not-in-force', 'jobs/sharing', 'jobs/dataset-closed', 'jobs/quota', 'releases/own-request', 'releases/four-eyes', 'ledger/four-eyes',
]);

export const isDenial = (code: Failure['code']): boolean => DENIALS.has(code);

/** Passes a result on, after recording `request.denied` where it is a denial. */
export async function recordingDenial<T>(store: Store, principal: Principal, action: ApprovalAction, subject: string, result: Result<T, Failure>): Promise<Result<T, Failure>> {
  if (result.ok || !isDenial(result.error.code)) return result;
  const { code } = result.error;
  await apart(() => store.transact(actorOf(principal), (tx) => {
    tx.record({ kind: 'request.denied', action, subject, code });
    return ok(null);
  }));
  return result;
}
