/** Organisations, accounts, sessions and tokens on the wire. */
import { z } from 'zod';
import { isVisibleLine } from '../free-text.ts';
import { AccountId, OrganisationId, SessionId, TokenId } from '../id.ts';
import { bilingual } from '../text.ts';
import { PageQuery, Role, Scope, SCOPES, Timestamp } from './common.ts';

/** Letters that look like others (Cyrillic а, ı, full-width ａ) are none here: two accounts must not look the same to who decides on what one of them asks. */
export const LoginName = z.string().refine((name) => /^[a-z0-9\p{Script=Han}][a-z0-9\p{Script=Han}._@-]{1,63}$/u.test(name) && name.normalize('NFKC') === name, {
  error: bilingual('must be 2 to 64 lower-case letters a–z, Chinese characters, digits, . _ @ or -, starting with a letter, character or digit', '须为 2 至 64 个小写字母 a–z、汉字、数字或 . _ @ -，且以字母、汉字或数字开头'),
});

/** Name of a person, an organisation or a token's purpose. */
export const DisplayName = z.string().normalize('NFC').trim().min(1).max(120).refine(isVisibleLine, {
  error: bilingual('must show something, without control or invisible characters', '须有可见内容，且不得包含控制字符或不可见字符'),
});

/** Only bounded here; how strong a new one has to be is said by `accounts/password-weak`. */
export const Password = z.string().min(1).max(1024);

/** `name` is null once it was erased. */
export const OrganisationView = z.strictObject({ organisation: OrganisationId, name: z.string().nullable(), created: Timestamp });
export type OrganisationView = z.infer<typeof OrganisationView>;
export const CreateOrganisation = z.strictObject({ name: DisplayName });

/** `login` and `name` are null once they were erased. */
export const AccountView = z.strictObject({
  account: AccountId,
  login: z.string().nullable(),
  name: z.string().nullable(),
  role: Role,
  organisation: OrganisationId,
  state: z.enum(['enabled', 'disabled']),
  created: Timestamp,
});
export type AccountView = z.infer<typeof AccountView>;

/** `password` is provisional: the person replaces it at the first login. Without one the account cannot log in yet. */
export const CreateAccount = z.strictObject({ login: LoginName, name: DisplayName, role: Role, organisation: OrganisationId, password: Password.optional() });
export type CreateAccount = z.infer<typeof CreateAccount>;
export const AccountsQuery = PageQuery.extend({ organisation: OrganisationId.optional(), role: Role.optional() });

export const ResetPassword = z.strictObject({ password: Password });
export const ChangePassword = z.strictObject({ current: Password, next: Password });

/** `newPassword`: replaces a provisional password, or any other, in the same step. */
export const Login = z.strictObject({ login: z.string().min(1).max(256), password: Password, newPassword: Password.optional() });
export type Login = z.infer<typeof Login>;

export const Me = z.strictObject({
  ...AccountView.shape,
  organisationName: z.string().nullable(),
  via: z.enum(['session', 'token']),
  scopes: z.array(Scope),
  expires: Timestamp,
});
export type Me = z.infer<typeof Me>;

export const SessionView = z.strictObject({ session: SessionId, account: AccountId, role: Role, expires: Timestamp, idleSeconds: z.int().positive() });
export type SessionView = z.infer<typeof SessionView>;

export const MAX_TOKEN_DAYS = 366;

export const IssueToken = z.strictObject({
  name: DisplayName,
  scopes: z.array(Scope).min(1).max(SCOPES.length).refine((scopes) => new Set(scopes).size === scopes.length, { error: bilingual('must not repeat a scope', '权限范围不得重复') }),
  days: z.int().min(1).max(MAX_TOKEN_DAYS).default(90),
});
export type IssueToken = z.infer<typeof IssueToken>;

export const TokenView = z.strictObject({
  token: TokenId,
  account: AccountId,
  name: z.string().nullable(),
  scopes: z.array(Scope),
  issued: Timestamp,
  expires: Timestamp,
  revoked: Timestamp.nullable(),
  lastUsed: Timestamp.nullable(),
});
export type TokenView = z.infer<typeof TokenView>;
/** The secret is shown this once and kept as a digest only. */
export const IssuedToken = z.strictObject({ ...TokenView.shape, secret: z.string() });
export type IssuedToken = z.infer<typeof IssuedToken>;
export const TokensQuery = PageQuery.extend({ account: AccountId.optional() });
