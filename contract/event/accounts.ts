/**
 * Accounts, credentials and every attempt to use them. Names are commitments; passwords, their hashes, token secrets,
 * typed login names and network addresses are in no event.
 */
import { z } from 'zod';
import { Role, Scope, Timestamp } from '../api/common.ts';
import { Commitment } from '../commitment.ts';
import { AccountId, OrganisationId, SessionId, TokenId } from '../id.ts';

export const AccountEvent = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('organisation.created'), organisation: OrganisationId, name: Commitment }),
  z.strictObject({ kind: z.literal('account.created'), account: AccountId, organisation: OrganisationId, role: Role, login: Commitment, name: Commitment }),
  z.strictObject({ kind: z.literal('account.disabled'), account: AccountId }),
  z.strictObject({ kind: z.literal('account.enabled'), account: AccountId }),
  /** `provisional`: set by an administrator, so it must be changed at the next login. */
  z.strictObject({ kind: z.literal('password.set'), account: AccountId, provisional: z.boolean() }),
  z.strictObject({ kind: z.literal('session.opened'), session: SessionId, account: AccountId, expires: Timestamp }),
  z.strictObject({ kind: z.literal('session.closed'), session: SessionId, account: AccountId, reason: z.enum(['logout', 'password-set', 'account-disabled']) }),
  /** `account`: null where no account has the login name that was typed. */
  z.strictObject({ kind: z.literal('login.failed'), account: AccountId.nullable() }),
  /** Further attempts are turned away unseen until so many seconds have passed. */
  z.strictObject({ kind: z.literal('login.locked'), account: AccountId.nullable(), by: z.enum(['name', 'source']), seconds: z.int().positive() }),
  z.strictObject({ kind: z.literal('token.issued'), token: TokenId, account: AccountId, scopes: z.array(Scope).min(1), name: Commitment, expires: Timestamp }),
  z.strictObject({ kind: z.literal('token.revoked'), token: TokenId, account: AccountId }),
]);
export type AccountEvent = z.infer<typeof AccountEvent>;
