/** API tokens: for programs, scoped, expiring, revocable; the secret is shown once. */
import type { IssuedToken, IssueToken, TokenView } from '#contract/api/accounts.ts';
import type { Scope } from '#contract/api/common.ts';
import { newId, type AccountId, type TokenId } from '#contract/id.ts';
import { fail, type Failure } from '#contract/problem.ts';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import { countLiveTokens, findToken, lastUsed, listTokens, scopesOf, type TokenRow } from '#src/store/accounts.ts';
import type { Tx } from '#src/store/transaction.ts';
import { absent } from '#src/absent.ts';
import type { AccountParts } from './parts.ts';
import { actorOf, type Principal } from './principal.ts';
import { keepSecret, newSecret } from './secret.ts';

const DAY = 24 * 3600 * 1000;

export class Tokens {
  readonly #parts: AccountParts;

  constructor(parts: AccountParts) {
    this.#parts = parts;
  }

  /** For the caller's own account. A token issued by a token reaches no further, neither in scope nor in time. Fails `accounts/token-scope`, `limit/reached`. */
  issue(principal: Principal, asked: IssueToken): Promise<Result<IssuedToken, Failure>> {
    return this.#parts.store.transact(actorOf(principal), (tx) => {
      const beyond = asked.scopes.filter((scope) => !principal.scopes.has(scope));
      if (beyond.length > 0) {
        return fail('accounts/token-scope', text(
          `The token you are using does not have ${beyond.join(', ')}, so it cannot issue a token that has.`,
          `当前令牌不具备 ${beyond.join('、')}，因此不能签发具备该范围的令牌。`,
        ));
      }
      const expires = new Date(tx.now.getTime() + asked.days * DAY).toISOString();
      if (principal.credential.via === 'token' && expires > principal.credential.expires) {
        return fail('accounts/token-scope', text(
          `The token you are using expires on ${principal.credential.expires}; one that it issues cannot last longer. Ask for fewer days.`,
          `当前令牌将于 ${principal.credential.expires} 过期；由其签发的令牌不能更晚过期。请减少天数。`,
        ));
      }
      const free = this.#parts.limits.count('tokens', countLiveTokens(tx.db, principal.account, tx.now));
      if (!free.ok) return free;
      return ok(issueToken(tx, principal.account, asked.name, asked.scopes, expires));
    });
  }

  /** Own tokens, or anybody's for an administrator. Fails `request/not-found`, `accounts/state`. */
  revoke(principal: Principal, token: TokenId): Promise<Result<null, Failure>> {
    return this.#parts.store.transact(actorOf(principal), (tx) => {
      const row = findToken(tx.db, token);
      if (row === undefined || (row.account !== principal.account && principal.role !== 'administrator')) return absent();
      if (row.revoked !== null) return fail('accounts/state', text(`The token was revoked already, on ${row.revoked}.`, `该令牌已于 ${row.revoked} 撤销。`));
      tx.record({ kind: 'token.revoked', token: row.token, account: row.account });
      return ok(null);
    });
  }

  /** Newest first. Fails `request/not-found` where the account is another's and the caller no administrator. */
  list(principal: Principal, account: AccountId, before: number, limit: number): Result<TokenRow[], Failure> {
    if (account !== principal.account && principal.role !== 'administrator') return absent();
    return ok(listTokens(this.#parts.store.read, account, before, limit));
  }

  show(row: TokenRow): TokenView {
    const { store } = this.#parts;
    const used = lastUsed(store.read, row.token) ?? 0;
    return {
      token: row.token, account: row.account, name: store.unseal(row.name), scopes: scopesOf(row), issued: row.issued, expires: row.expires, revoked: row.revoked,
      lastUsed: used > Date.parse(row.issued) ? new Date(used).toISOString() : null,
    };
  }
}

export function issueToken(tx: Tx, account: AccountId, name: string, scopes: readonly Scope[], expires: string): IssuedToken {
  const token = newId('tok', tx.random) as TokenId;
  const secret = newSecret('token', tx.random);
  tx.record({ kind: 'token.issued', token, account, scopes: [...scopes], name: tx.seal(name), expires });
  keepSecret(tx, token, secret);
  return { token, account, name, scopes: [...scopes], issued: tx.now.toISOString(), expires, revoked: null, lastUsed: null, secret };
}
