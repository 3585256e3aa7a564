/** A known caller's request within the limits of the account. */
import type { ServerResponse } from 'node:http';
import type { Context } from 'hono';
import type { Failure } from '#contract/problem.ts';
import type { Result } from '#contract/result.ts';
import type { Principal } from '#src/accounts/principal.ts';
import { isDenial } from '#src/approvals/denied.ts';
import type { Limits } from '#src/limits/limits.ts';
import type { Route } from './route.ts';

/** Fails `limit/reached` before `run`. */
export async function limited<T>(limits: Limits, c: Context, route: Route, { account }: Principal, run: () => Promise<Result<T, Failure>>): Promise<Result<T, Failure>> {
  const entered = limits.enter('requestsAtOnce', account);
  if (!entered.ok) return entered;
  try {
    if (route.method !== 'get' || route.recorded === true) {
      const patient = limits.left('denialsPerMinute', account);
      if (!patient.ok) return patient;
      const slow = limits.rate('changesPerMinute', account);
      if (!slow.ok) return slow;
    }
    const result = await run();
    if (!result.ok && isDenial(result.error.code)) limits.took('denialsPerMinute', account);
    return result;
  } finally {
    whenSent(c, entered.value);
  }
}

/** An answer that nobody reads is still in memory, so its request is not over. */
function whenSent(c: Context, leave: () => void): void {
  const { outgoing } = (c.env ?? {}) as { readonly outgoing?: ServerResponse };
  if (outgoing === undefined || outgoing.closed || outgoing.destroyed) leave();
  else outgoing.once('close', leave);
}
