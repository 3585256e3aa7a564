/** Whether whoever acts still may: between a request and its effect an account can be disabled and a credential end. */
import type { Actor } from '#contract/event.ts';
import type { SessionId, TokenId } from '#contract/id.ts';

/** The log names the actor only. `credential`: what a caller came with; none for a login, for the service and for the console. */
export interface Acting extends Actor {
  readonly credential?: SessionId | TokenId;
}

/** `unknown`: no account, or not in this role. */
export type Lapse = 'unknown' | 'account-disabled' | 'token-revoked' | 'token-expired' | 'session-ended';

/** Thrown by `record`, so that a transaction of somebody who may not act any more leaves nothing behind. */
export class NoStanding extends Error {
  override readonly name = 'NoStanding';
  readonly lapse: Lapse;

  constructor(lapse: Lapse) {
    super(`the actor may not act: ${lapse}`);
    this.lapse = lapse;
  }
}
