/** From a presented secret to the principal behind it. */
import type { Scope } from '#contract/api/common.ts';
import { SCOPES } from '#contract/api/common.ts';
import type { SessionId, TokenId } from '#contract/id.ts';
import { fail, type Failure } from '#contract/problem.ts';
import { assertNever, ok, type Err, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import { findAccount, findCredential, findSession, findToken, lapseOf, scopesOf, type AccountRow } from '#src/store/accounts.ts';
import type { Lapse } from '#src/store/standing.ts';
import type { AccountParts } from './parts.ts';
import { actorOf, SYSTEM, type Principal } from './principal.ts';
import { digestOfSecret } from './secret.ts';

/** "Last used" is kept to this many milliseconds, so that reading does not write each time. */
const USE_GRAIN = 60_000;

export class Credentials {
  readonly #parts: AccountParts;

  constructor(parts: AccountParts) {
    this.#parts = parts;
  }

  /** Fails `auth/token-unknown`, `auth/token-revoked`, `auth/token-expired`, `auth/account-disabled`. */
  async ofToken(secret: string): Promise<Result<Principal, Failure>> {
    const db = this.#parts.store.read;
    const digest = digestOfSecret(secret);
    const found = findCredential(db, digest);
    const token = found && findToken(db, found.credential);
    const account = token && findAccount(db, token.account);
    if (!found || !token || !account) {
      return fail('auth/token-unknown', text('The token is not one that this service issued. Check that it is complete.', '该令牌不是本服务签发的。请检查是否完整。'));
    }
    const principal = principalOf(account, scopesOf(token), { via: 'token', id: token.token as TokenId, expires: token.expires });
    const holds = this.hold(principal);
    if (!holds.ok) return holds;
    await this.#use(digest, found.used, this.#parts.clock(), USE_GRAIN);
    return ok(principal);
  }

  /** Null where the session ended, by whichever way: the caller is nobody then and may log in again. */
  async ofSession(secret: string): Promise<Principal | null> {
    const db = this.#parts.store.read;
    const digest = digestOfSecret(secret);
    const found = findCredential(db, digest);
    const session = found && findSession(db, found.credential);
    const account = session && findAccount(db, session.account);
    if (!found || !session || !account) return null;
    const principal = principalOf(account, SCOPES, { via: 'session', id: session.session as SessionId, expires: session.expires });
    const now = this.#parts.clock();
    const idle = this.#parts.sessions.idleSeconds * 1000;
    if (!this.hold(principal).ok || found.used + idle <= now.getTime()) return null;
    await this.#use(digest, found.used, now, Math.min(USE_GRAIN, idle / 4));
    return principal;
  }

  /**
   * Whether account and credential still hold: asked again whenever an answer leaves, however long it took.
   * Fails `auth/token-revoked`, `auth/token-expired`, `auth/account-disabled`, `auth/required`.
   */
  hold(principal: Principal): Result<null, Failure> {
    const lapse = lapseOf(this.#parts.store.read, actorOf(principal), this.#parts.clock());
    return lapse === null ? ok(null) : lapsed(lapse, principal);
  }

  /** Has no event: it is written every minute, and decides nothing but when an idle session ends. */
  async #use(digest: string, used: number, now: Date, grain: number): Promise<void> {
    if (now.getTime() - used < grain) return;
    await this.#parts.store.transact(SYSTEM, (tx) => {
      tx.db.run('UPDATE credential_secrets SET used = max(used, ?) WHERE digest = ?', now.getTime(), digest);
      return ok(null);
    });
  }
}

/** To a caller whose credential was good once. */
export function lapsed(lapse: Lapse, { credential: { id, expires } }: Principal): Err<Failure> {
  switch (lapse) {
    case 'token-revoked': return fail('auth/token-revoked', text(`The token ${id} was revoked. Issue a new one.`, `令牌 ${id} 已撤销。请重新签发。`));
    case 'token-expired': return fail('auth/token-expired', text(`The token ${id} expired on ${expires}. Issue a new one.`, `令牌 ${id} 已于 ${expires} 过期。请重新签发。`));
    case 'account-disabled': return fail('auth/account-disabled', text('The account is disabled. An administrator can enable it again.', '该账户已停用。管理员可重新启用。'));
    case 'session-ended':
    case 'unknown':
      return fail('auth/required', text('The session has ended. Sign in again with POST /api/v1/sessions.', '会话已结束。请通过 POST /api/v1/sessions 重新登录。'));
    default: return assertNever(lapse);
  }
}

function principalOf(account: AccountRow, scopes: readonly Scope[], credential: Principal['credential']): Principal {
  return { account: account.account, organisation: account.organisation, role: account.role, scopes: new Set(scopes), credential };
}
