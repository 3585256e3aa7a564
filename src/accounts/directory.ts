/** Organisations and accounts: who exists, with which role, and whether they may act. */
import type { AccountView, CreateAccount, OrganisationView } from '#contract/api/accounts.ts';
import type { Role } from '#contract/api/common.ts';
import { newId, type AccountId, type OrganisationId } from '#contract/id.ts';
import { fail, type Failure } from '#contract/problem.ts';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import {
  countEnabled, findAccount, findAccountByLogin, findOrganisation, listAccounts, listOrganisations, type AccountRow, type OrganisationRow,
} from '#src/store/accounts.ts';
import type { Tx } from '#src/store/transaction.ts';
import { absent } from '#src/absent.ts';
import type { AccountParts } from './parts.ts';
import { checkStrength } from './password.ts';
import { actorOf, type Principal } from './principal.ts';
import { closeSessions, setPassword } from './sessions.ts';

export class Directory {
  readonly #parts: AccountParts;

  constructor(parts: AccountParts) {
    this.#parts = parts;
  }

  createOrganisation(principal: Principal, name: string): Promise<Result<OrganisationView, Failure>> {
    return this.#parts.store.transact(actorOf(principal), (tx) => ok(recordOrganisation(tx, name)));
  }

  /** Fails `accounts/login-taken`, `accounts/organisation-unknown`, `accounts/password-weak`. */
  async createAccount(principal: Principal, asked: CreateAccount): Promise<Result<AccountView, Failure>> {
    const { store, passwords } = this.#parts;
    const strong = asked.password === undefined ? ok(null) : checkStrength(asked.password, asked.login);
    if (!strong.ok) return strong;
    const hash = asked.password === undefined ? null : await passwords.hash(asked.password);
    return store.transact(actorOf(principal), (tx) => {
      if (findAccountByLogin(tx.db, asked.login) !== undefined) {
        return fail('accounts/login-taken', text('Another account has this login name. Choose another one.', '该登录名已被其他账户使用。请另选一个。'));
      }
      if (findOrganisation(tx.db, asked.organisation) === undefined) {
        return fail('accounts/organisation-unknown', text('There is no organisation with this id. Create it first with POST /api/v1/organisations.', '不存在此编号的组织。请先通过 POST /api/v1/organisations 创建。'));
      }
      const view = recordAccount(tx, asked);
      if (hash !== null) setPassword(tx, view.account, hash, true, null);
      return ok(view);
    });
  }

  /** The account's sessions end and its tokens stop working. Fails `request/not-found`, `accounts/state`, `accounts/last-administrator`. */
  disable(principal: Principal, account: AccountId): Promise<Result<AccountView, Failure>> {
    return this.#parts.store.transact(actorOf(principal), (tx) => {
      const row = findAccount(tx.db, account);
      if (row === undefined) return absent();
      if (row.state === 'disabled') return fail('accounts/state', text('The account is disabled already.', '该账户已处于停用状态。'));
      if (row.role === 'administrator' && countEnabled(tx.db, 'administrator') === 1) {
        return fail('accounts/last-administrator', text('This is the last administrator that is enabled. Enable or create another one first.', '这是最后一名启用的管理员。请先启用或创建另一名管理员。'));
      }
      // First: whoever disables their own account can record nothing afterwards.
      closeSessions(tx, account, 'account-disabled', null);
      tx.record({ kind: 'account.disabled', account });
      return ok(this.show({ ...row, state: 'disabled' }));
    });
  }

  /** Fails `request/not-found`, `accounts/state`. */
  enable(principal: Principal, account: AccountId): Promise<Result<AccountView, Failure>> {
    return this.#parts.store.transact(actorOf(principal), (tx) => {
      const row = findAccount(tx.db, account);
      if (row === undefined) return absent();
      if (row.state === 'enabled') return fail('accounts/state', text('The account is enabled already.', '该账户已处于启用状态。'));
      tx.record({ kind: 'account.enabled', account });
      return ok(this.show({ ...row, state: 'enabled' }));
    });
  }

  /** A provisional password, which the person replaces at the next login. Fails `request/not-found`, `accounts/password-weak`. */
  async resetPassword(principal: Principal, account: AccountId, password: string): Promise<Result<null, Failure>> {
    const { store, passwords } = this.#parts;
    const row = findAccount(store.read, account);
    if (row === undefined) return absent();
    const strong = checkStrength(password, store.unseal(row.login) ?? account);
    if (!strong.ok) return strong;
    const hash = await passwords.hash(password);
    return store.transact(actorOf(principal), (tx) => {
      setPassword(tx, account, hash, true, null);
      return ok(null);
    });
  }

  account(account: string): Result<AccountView, Failure> {
    const row = findAccount(this.#parts.store.read, account);
    return row === undefined ? absent() : ok(this.show(row));
  }

  /** Newest first, below `before` (a seq). */
  accounts(filter: { organisation: OrganisationId | null; role: Role | null }, before: number, limit: number): AccountRow[] {
    return listAccounts(this.#parts.store.read, filter, before, limit);
  }

  organisations(before: number, limit: number): OrganisationRow[] {
    return listOrganisations(this.#parts.store.read, before, limit);
  }

  /** Null where there is none, or its name was erased. */
  organisationName(organisation: string): string | null {
    const row = findOrganisation(this.#parts.store.read, organisation);
    return row === undefined ? null : this.#parts.store.unseal(row.name);
  }

  show(row: AccountRow): AccountView {
    const { store } = this.#parts;
    return {
      account: row.account, login: store.unseal(row.login), name: store.unseal(row.name), role: row.role,
      organisation: row.organisation, state: row.state, created: row.created,
    };
  }

  showOrganisation(row: OrganisationRow): OrganisationView {
    return { organisation: row.organisation, name: this.#parts.store.unseal(row.name), created: row.created };
  }
}

export function recordOrganisation(tx: Tx, name: string): OrganisationView {
  const organisation = newId('org', tx.random) as OrganisationId;
  tx.record({ kind: 'organisation.created', organisation, name: tx.seal(name) });
  return { organisation, name, created: tx.now.toISOString() };
}

export function recordAccount(tx: Tx, asked: Pick<CreateAccount, 'login' | 'name' | 'role' | 'organisation'>): AccountView {
  const account = newId('acct', tx.random) as AccountId;
  const { login, name, role, organisation } = asked;
  tx.record({ kind: 'account.created', account, organisation, role, login: tx.seal(login), name: tx.seal(name) });
  tx.db.run('INSERT INTO login_names (account, login) VALUES (?, ?)', account, login);
  return { account, login, name, role, organisation, state: 'enabled', created: tx.now.toISOString() };
}
