/** Ids: a prefix that says what it is, and 128 random bits, so that nobody guesses another's. */
import { z } from 'zod';
import { bilingual } from './text.ts';

const id = <Brand extends string>(prefix: string) =>
  z.string().regex(new RegExp(`^${prefix}_[0-9a-hjkmnp-tv-z]{26}$`), { error: bilingual(`must be an id that starts with ${prefix}_`, `须为以 ${prefix}_ 开头的标识`) }).brand<Brand>();

export const JobId = id<'JobId'>('job');
export const GrantId = id<'GrantId'>('grant');
export const ApplicationId = id<'ApplicationId'>('app');
export const AccountId = id<'AccountId'>('acct');
export const OrganisationId = id<'OrganisationId'>('org');
export const TokenId = id<'TokenId'>('tok');
export const SessionId = id<'SessionId'>('sess');
export const ProposalId = id<'ProposalId'>('prop');
export const ReplayId = id<'ReplayId'>('rep');
export const LedgerEntryId = id<'LedgerEntryId'>('entry');
export const EntryWithdrawalId = id<'EntryWithdrawalId'>('unentry');
export const BatchId = id<'BatchId'>('batch');
export const ReleaseId = id<'ReleaseId'>('rel');

export type JobId = z.infer<typeof JobId>;
export type GrantId = z.infer<typeof GrantId>;
export type ApplicationId = z.infer<typeof ApplicationId>;
export type AccountId = z.infer<typeof AccountId>;
export type OrganisationId = z.infer<typeof OrganisationId>;
export type TokenId = z.infer<typeof TokenId>;
export type SessionId = z.infer<typeof SessionId>;
export type ProposalId = z.infer<typeof ProposalId>;
export type ReplayId = z.infer<typeof ReplayId>;
export type LedgerEntryId = z.infer<typeof LedgerEntryId>;
export type EntryWithdrawalId = z.infer<typeof EntryWithdrawalId>;
export type BatchId = z.infer<typeof BatchId>;
export type ReleaseId = z.infer<typeof ReleaseId>;

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** Crockford base 32 of 16 random bytes; `random` is injected so that tests are repeatable. */
export function newId(prefix: string, random: (bytes: number) => Uint8Array): string {
  let bits = 0n;
  for (const byte of random(16)) bits = (bits << 8n) | BigInt(byte);
  let text = '';
  for (let i = 0; i < 26; i++) {
    text = ALPHABET[Number(bits & 31n)] + text;
    bits >>= 5n;
  }
  return `${prefix}_${text}`;
}
