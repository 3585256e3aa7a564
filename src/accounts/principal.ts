/** Whoever is behind a request, once it is known. Services take a `Principal` and nothing else about the caller. */
import type { Role, Scope } from '#contract/api/common.ts';
import type { Actor } from '#contract/event.ts';
import type { AccountId, OrganisationId, SessionId, TokenId } from '#contract/id.ts';
import type { Acting } from '#src/store/standing.ts';

export type Principal = {
  readonly account: AccountId;
  readonly organisation: OrganisationId;
  readonly role: Role;
  readonly scopes: ReadonlySet<Scope>;
  /** `expires`: when it ends in any case, UTC. */
  readonly credential:
    | { readonly via: 'session'; readonly id: SessionId; readonly expires: string }
    | { readonly via: 'token'; readonly id: TokenId; readonly expires: string };
};

/** The principal as the log names it, with the credential that has to hold when something is recorded in its name. */
export const actorOf = ({ account, role, credential }: Principal): Acting => ({ id: account, role, via: credential.via, credential: credential.id });

/** The service itself: what it does on its own, or before anybody is known. */
export const SYSTEM: Actor = { id: 'system', role: 'system', via: 'system' };
/** A command run beside the store by whoever may read the home directory. */
export const CONSOLE: Actor = { id: 'console', role: 'system', via: 'console' };
