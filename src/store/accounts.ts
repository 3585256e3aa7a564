/** Tables of accounts: what the events say (projected), and the secrets and counters that may not be in the log (side). */
import type { AccountEvent } from '#contract/event/accounts.ts';
import type { Role, Scope } from '#contract/api/common.ts';
import type { Commitment } from '#contract/commitment.ts';
import type { AccountId, OrganisationId, SessionId, TokenId } from '#contract/id.ts';
import type { Reader } from './db.ts';
import { IDEMPOTENCY_TABLE } from './idempotency.ts';
import type { ProjectionOf } from './projection.ts';
import type { Acting, Lapse } from './standing.ts';

export const accountsProjection = {
  name: 'accounts',
  tables: `
    CREATE TABLE organisations (organisation TEXT PRIMARY KEY, name TEXT NOT NULL, created TEXT NOT NULL, seq INTEGER NOT NULL UNIQUE) STRICT;
    CREATE TABLE accounts (
      account TEXT PRIMARY KEY,
      organisation TEXT NOT NULL REFERENCES organisations,
      role TEXT NOT NULL,
      login TEXT NOT NULL,
      name TEXT NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('enabled', 'disabled')),
      -- none: cannot log in with a password yet; provisional: must be replaced at the next login.
      password TEXT NOT NULL CHECK (password IN ('none', 'provisional', 'own')),
      created TEXT NOT NULL,
      seq INTEGER NOT NULL UNIQUE
    ) STRICT;
    CREATE TABLE sessions (
      session TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES accounts,
      opened TEXT NOT NULL, expires TEXT NOT NULL, closed TEXT, seq INTEGER NOT NULL UNIQUE
    ) STRICT;
    CREATE INDEX sessions_open ON sessions (account, expires) WHERE closed IS NULL;
    CREATE TABLE tokens (
      token TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES accounts, name TEXT NOT NULL, scopes TEXT NOT NULL,
      issued TEXT NOT NULL, expires TEXT NOT NULL, revoked TEXT, seq INTEGER NOT NULL UNIQUE
    ) STRICT;
    CREATE INDEX tokens_by_account ON tokens (account, seq);
    CREATE INDEX tokens_live ON tokens (account, expires) WHERE revoked IS NULL;
  `,
  side: `
    -- login: unique among accounts whose name was not erased. hash: argon2id in PHC form.
    CREATE TABLE login_names (account TEXT PRIMARY KEY, login TEXT NOT NULL UNIQUE) STRICT;
    CREATE TABLE password_hashes (account TEXT PRIMARY KEY, hash TEXT NOT NULL) STRICT;
    -- digest: SHA-256 of a session's or token's 256-bit secret. used: milliseconds, kept to the minute.
    CREATE TABLE credential_secrets (digest TEXT PRIMARY KEY, credential TEXT NOT NULL UNIQUE, used INTEGER NOT NULL) STRICT;
    -- tag: keyed hash of a login name or a source address, so that what was typed is not kept. Times in milliseconds.
    CREATE TABLE login_failures (tag TEXT PRIMARY KEY, failures INTEGER NOT NULL, last INTEGER NOT NULL, until INTEGER NOT NULL) STRICT;
    CREATE TABLE login_failure_key (key BLOB NOT NULL) STRICT;
    ${IDEMPOTENCY_TABLE}
  `,
  apply: {
    'organisation.created': (db, { seq, time, body }) => {
      db.run('INSERT INTO organisations (organisation, name, created, seq) VALUES (?, ?, ?, ?)', body.organisation, body.name, time, seq);
    },
    'account.created': (db, { seq, time, body }) => {
      db.run(`INSERT INTO accounts (account, organisation, role, login, name, state, password, created, seq) VALUES (?, ?, ?, ?, ?, 'enabled', 'none', ?, ?)`,
        body.account, body.organisation, body.role, body.login, body.name, time, seq);
    },
    'account.disabled': (db, { body }) => {
      db.run(`UPDATE accounts SET state = 'disabled' WHERE account = ?`, body.account);
    },
    'account.enabled': (db, { body }) => {
      db.run(`UPDATE accounts SET state = 'enabled' WHERE account = ?`, body.account);
    },
    'password.set': (db, { body }) => {
      db.run('UPDATE accounts SET password = ? WHERE account = ?', body.provisional ? 'provisional' : 'own', body.account);
    },
    'session.opened': (db, { seq, time, body }) => {
      db.run('INSERT INTO sessions (session, account, opened, expires, seq) VALUES (?, ?, ?, ?, ?)', body.session, body.account, time, body.expires, seq);
    },
    'session.closed': (db, { time, body }) => {
      db.run('UPDATE sessions SET closed = ? WHERE session = ?', time, body.session);
    },
    'token.issued': (db, { seq, time, body }) => {
      db.run('INSERT INTO tokens (token, account, name, scopes, issued, expires, seq) VALUES (?, ?, ?, ?, ?, ?, ?)',
        body.token, body.account, body.name, body.scopes.join(' '), time, body.expires, seq);
    },
    'token.revoked': (db, { time, body }) => {
      db.run('UPDATE tokens SET revoked = ? WHERE token = ?', time, body.token);
    },
  },
  stateless: ['login.failed', 'login.locked'],
  lapse: lapseOf,
} satisfies ProjectionOf<Exclude<AccountEvent['kind'], 'login.failed' | 'login.locked'>>;

/** Null for the service and the console, and for whoever has an enabled account and a credential that has not ended. That a session was left idle is not asked: who is acting is not. */
export function lapseOf(db: Reader, { id, role, via, credential }: Acting, now: Date): Lapse | null {
  if (role === 'system' || via === 'console') return null;
  const account = findAccount(db, id);
  if (account?.role !== role) return 'unknown';
  if (account.state === 'disabled') return 'account-disabled';
  if (credential === undefined) return null;
  if (via === 'token') {
    const token = findToken(db, credential);
    if (token?.account !== id || token.revoked !== null) return 'token-revoked';
    return Date.parse(token.expires) <= now.getTime() ? 'token-expired' : null;
  }
  const session = findSession(db, credential);
  return session?.account !== id || session.closed !== null || Date.parse(session.expires) <= now.getTime() ? 'session-ended' : null;
}

export interface OrganisationRow { organisation: OrganisationId; name: Commitment; created: string; seq: number }

export interface AccountRow {
  account: AccountId; organisation: OrganisationId; role: Role; login: Commitment; name: Commitment;
  state: 'enabled' | 'disabled'; password: 'none' | 'provisional' | 'own'; created: string; seq: number;
}

export interface TokenRow {
  token: TokenId; account: AccountId; name: Commitment; scopes: string; issued: string; expires: string; revoked: string | null; seq: number;
}

export interface SessionRow { session: SessionId; account: AccountId; opened: string; expires: string; closed: string | null; seq: number }

export const scopesOf = (row: Pick<TokenRow, 'scopes'>): Scope[] => row.scopes.split(' ') as Scope[];

export const findAccount = (db: Reader, account: string): AccountRow | undefined =>
  db.get<AccountRow>('SELECT * FROM accounts WHERE account = ?', account);

export const findAccountByLogin = (db: Reader, login: string): AccountRow | undefined =>
  db.get<AccountRow>('SELECT accounts.* FROM accounts JOIN login_names USING (account) WHERE login_names.login = ?', login);

export const findOrganisation = (db: Reader, organisation: string): OrganisationRow | undefined =>
  db.get<OrganisationRow>('SELECT * FROM organisations WHERE organisation = ?', organisation);

export const findToken = (db: Reader, token: string): TokenRow | undefined =>
  db.get<TokenRow>('SELECT * FROM tokens WHERE token = ?', token);

export const findSession = (db: Reader, session: string): SessionRow | undefined =>
  db.get<SessionRow>('SELECT * FROM sessions WHERE session = ?', session);

export const openSessions = (db: Reader, account: AccountId): SessionRow[] =>
  db.all<SessionRow>('SELECT * FROM sessions WHERE account = ? AND closed IS NULL ORDER BY seq', account);

/** How many sessions somebody may still use, and when the first of them ends if it is left alone (milliseconds; null where there is none). */
export const endOfLiveSessions = (db: Reader, account: AccountId, now: Date, idleSeconds: number): { readonly live: number; readonly first: number | null } =>
  db.get<{ live: number; first: number | null }>(
    `SELECT count(*) AS live, min(min(used + ?1, unixepoch(expires) * 1000)) AS first FROM sessions JOIN credential_secrets ON credential = session
      WHERE account = ?2 AND closed IS NULL AND expires > ?3 AND used + ?1 > ?4`, idleSeconds * 1000, account, now.toISOString(), now.getTime()) ?? { live: 0, first: null };

export const countLiveTokens = (db: Reader, account: AccountId, now: Date): number =>
  db.get<{ n: number }>('SELECT count(*) AS n FROM tokens WHERE account = ? AND revoked IS NULL AND expires > ?', account, now.toISOString())?.n ?? 0;

export const passwordHash = (db: Reader, account: AccountId): string | null =>
  db.get<{ hash: string }>('SELECT hash FROM password_hashes WHERE account = ?', account)?.hash ?? null;

export const findCredential = (db: Reader, digest: string): { credential: string; used: number } | undefined =>
  db.get('SELECT credential, used FROM credential_secrets WHERE digest = ?', digest);

export const lastUsed = (db: Reader, credential: string): number | undefined =>
  db.get<{ used: number }>('SELECT used FROM credential_secrets WHERE credential = ?', credential)?.used;

export const countEnabled = (db: Reader, role: Role): number =>
  db.get<{ n: number }>(`SELECT count(*) AS n FROM accounts WHERE role = ? AND state = 'enabled'`, role)?.n ?? 0;

/** Newest first, below `before` (a seq), up to `limit` rows. */
export const listOrganisations = (db: Reader, before: number, limit: number): OrganisationRow[] =>
  db.all<OrganisationRow>('SELECT * FROM organisations WHERE seq < ? ORDER BY seq DESC LIMIT ?', before, limit);

export const listAccounts = (db: Reader, filter: { organisation: string | null; role: string | null }, before: number, limit: number): AccountRow[] =>
  db.all<AccountRow>(
    'SELECT * FROM accounts WHERE seq < ? AND (? IS NULL OR organisation = ?) AND (? IS NULL OR role = ?) ORDER BY seq DESC LIMIT ?',
    before, filter.organisation, filter.organisation, filter.role, filter.role, limit,
  );

export const listTokens = (db: Reader, account: AccountId, before: number, limit: number): TokenRow[] =>
  db.all<TokenRow>('SELECT * FROM tokens WHERE account = ? AND seq < ? ORDER BY seq DESC LIMIT ?', account, before, limit);
