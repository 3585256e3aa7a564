/** Password login and cookie sessions. */
import type { Login, SessionView } from '#contract/api/accounts.ts';
import { newId, type AccountId, type SessionId } from '#contract/id.ts';
import { fail, type Failure } from '#contract/problem.ts';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import { endOfLiveSessions, findAccount, findAccountByLogin, findSession, openSessions, passwordHash, type AccountRow } from '#src/store/accounts.ts';
import type { Tx } from '#src/store/transaction.ts';
import type { Lockout } from './lockout.ts';
import type { AccountParts } from './parts.ts';
import { checkStrength } from './password.ts';
import { actorOf, SYSTEM, type Principal } from './principal.ts';
import { keepSecret, newSecret } from './secret.ts';

export type OpenedSession = { readonly view: SessionView; readonly secret: string };

export class Sessions {
  readonly #parts: AccountParts;
  readonly #lockout: Lockout;

  constructor(parts: AccountParts, lockout: Lockout) {
    this.#parts = parts;
    this.#lockout = lockout;
  }

  /**
   * INVARIANT (no account oracle): an unknown name, a wrong password, an account without a password and a disabled one
   * get the same answer after the same work. What differs afterwards is said only to who knew the password.
   * Fails `auth/login-failed`, `auth/too-many-attempts`, `auth/password-provisional`, `accounts/password-weak`, `limit/reached`.
   */
  open(login: Login, source: string): Promise<Result<OpenedSession, Failure>> {
    const attempt = { name: login.login, source };
    const { store, passwords } = this.#parts;
    return this.#lockout.guard(attempt, async () => {
      const account = findAccountByLogin(store.read, login.login);
      const hash = account?.state === 'enabled' ? passwordHash(store.read, account.account) : null;
      if (!await passwords.verify(login.password, hash) || account === undefined || hash === null) {
        await store.transact(SYSTEM, (tx) => {
          this.#lockout.recordFailure(tx, attempt, account?.account ?? null);
          return ok(null);
        });
        return loginFailed();
      }
      if (account.password === 'provisional' && login.newPassword === undefined) {
        return fail('auth/password-provisional', text(
          'The password was set by an administrator. Choose your own: send it as newPassword together with this one.',
          '该密码由管理员设定。请选择自己的密码，并作为 newPassword 与当前密码一同发送。',
        ));
      }
      const strong = login.newPassword === undefined ? ok(null) : checkNew(login.newPassword, login.password, login.login);
      if (!strong.ok) return strong;
      const newHash = login.newPassword === undefined ? null : await passwords.hash(login.newPassword);
      return store.transact({ id: account.account, role: account.role, via: 'session' }, (tx) => {
        // Between the check and now the password may have been replaced or the account disabled.
        if (findAccount(tx.db, account.account)?.state !== 'enabled' || passwordHash(tx.db, account.account) !== hash) return loginFailed();
        this.#lockout.recordSuccess(tx, attempt);
        // Ends the sessions that there are: nobody is kept out by them.
        if (newHash !== null) setPassword(tx, account.account, newHash, false, null);
        const free = this.#isFree(tx, account.account);
        if (!free.ok) return free;
        return ok(this.#record(tx, account));
      });
    });
  }

  #isFree(tx: Tx, account: AccountId): Result<null, Failure> {
    const { limits, sessions } = this.#parts;
    const { live, first } = endOfLiveSessions(tx.db, account, tx.now, sessions.idleSeconds);
    const open = limits.count('sessions', live, first === null ? undefined : Math.max(1, Math.ceil((first - tx.now.getTime()) / 1000)));
    return open.ok ? limits.rate('loginsPerMinute', account) : open;
  }

  #record(tx: Tx, account: AccountRow): OpenedSession {
    const { idleSeconds, lifetimeSeconds } = this.#parts.sessions;
    const session = newId('sess', tx.random) as SessionId;
    const expires = new Date(tx.now.getTime() + lifetimeSeconds * 1000).toISOString();
    const secret = newSecret('session', tx.random);
    tx.record({ kind: 'session.opened', session, account: account.account, expires });
    keepSecret(tx, session, secret);
    return { view: { session, account: account.account, role: account.role, expires, idleSeconds }, secret };
  }

  /** Logs out. Fails `accounts/state` where the caller has no session. */
  close(principal: Principal): Promise<Result<null, Failure>> {
    const { store } = this.#parts;
    return store.transact(actorOf(principal), (tx) => {
      const session = findSession(tx.db, principal.credential.id);
      if (session === undefined || session.closed !== null) {
        return fail('accounts/state', text('There is no session to end: the request came with a token. Revoke the token instead.', '没有可结束的会话：该请求使用令牌。请改为撤销令牌。'));
      }
      tx.record({ kind: 'session.closed', session: session.session, account: session.account, reason: 'logout' });
      return ok(null);
    });
  }

  /**
   * The person's own password. Ends every other session. Guessing here counts as guessing at login.
   * Fails `accounts/password-wrong`, `accounts/password-weak`, `auth/too-many-attempts`.
   */
  changePassword(principal: Principal, change: { current: string; next: string }, source: string): Promise<Result<null, Failure>> {
    const { store, passwords } = this.#parts;
    const login = store.read.get<{ login: string }>('SELECT login FROM login_names WHERE account = ?', principal.account)?.login ?? principal.account;
    const attempt = { name: login, source };
    return this.#lockout.guard(attempt, async () => {
      const hash = passwordHash(store.read, principal.account);
      if (!await passwords.verify(change.current, hash)) {
        await store.transact(actorOf(principal), (tx) => {
          this.#lockout.recordFailure(tx, attempt, principal.account);
          return ok(null);
        });
        return passwordWrong();
      }
      const strong = checkNew(change.next, change.current, login);
      if (!strong.ok) return strong;
      const next = await passwords.hash(change.next);
      return store.transact(actorOf(principal), (tx) => {
        if (passwordHash(tx.db, principal.account) !== hash) return passwordWrong();
        setPassword(tx, principal.account, next, false, principal.credential.id);
        return ok(null);
      });
    });
  }
}

/** Replaces the password and ends the account's sessions but `keep`. */
export function setPassword(tx: Tx, account: AccountId, hash: string, provisional: boolean, keep: string | null): void {
  tx.record({ kind: 'password.set', account, provisional });
  tx.db.run('INSERT INTO password_hashes (account, hash) VALUES (?, ?) ON CONFLICT (account) DO UPDATE SET hash = excluded.hash', account, hash);
  closeSessions(tx, account, 'password-set', keep);
}

export function closeSessions(tx: Tx, account: AccountId, reason: 'password-set' | 'account-disabled', keep: string | null): void {
  for (const { session, expires } of openSessions(tx.db, account)) {
    if (session !== keep && Date.parse(expires) > tx.now.getTime()) tx.record({ kind: 'session.closed', session, account, reason });
  }
}

function checkNew(next: string, current: string, login: string): Result<null, Failure> {
  if (next === current) return fail('accounts/password-weak', text('The new password must differ from the current one.', '新密码须与当前密码不同。'));
  return checkStrength(next, login);
}

const loginFailed = () => fail('auth/login-failed', text('The login name and password do not belong to an account that may log in.', '登录名与密码不属于可登录的账户。'));
const passwordWrong = () => fail('accounts/password-wrong', text('The current password is not right; nothing was changed.', '当前密码不正确；未作任何更改。'));
