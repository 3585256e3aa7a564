/** Organisations and accounts, for administrators. */
import { z } from 'zod';
import { AccountsQuery, AccountView, CreateAccount, CreateOrganisation, OrganisationView, ResetPassword } from '#contract/api/accounts.ts';
import { PageQuery, pageOf } from '#contract/api/common.ts';
import { AccountId } from '#contract/id.ts';
import { ok } from '#contract/result.ts';
import type { Directory } from '#src/accounts/directory.ts';
import type { Access } from './access.ts';
import type { Api } from './api.ts';
import { page, readBefore } from './page.ts';
import { route } from './route.ts';

const reading = { roles: ['administrator'], scope: 'accounts:read' } as const satisfies Access;
const writing = { roles: ['administrator'], scope: 'accounts:write' } as const satisfies Access;
const tag = 'accounts';
const ofAccount = z.strictObject({ account: AccountId });

const createOrganisation = route({
  method: 'post', path: '/api/v1/organisations', id: 'createOrganisation', tag, summary: 'Create an organisation', access: writing, idempotent: true,
  body: CreateOrganisation,
  answer: { status: 201, description: 'The organisation.', schema: OrganisationView },
});

const listOrganisations = route({
  method: 'get', path: '/api/v1/organisations', id: 'listOrganisations', tag, summary: 'List organisations', access: reading,
  query: PageQuery,
  answer: { status: 200, description: 'Organisations, newest first.', schema: pageOf(OrganisationView) },
});

const createAccount = route({
  method: 'post', path: '/api/v1/accounts', id: 'createAccount', tag, summary: 'Create an account', access: writing, idempotent: true,
  body: CreateAccount,
  answer: { status: 201, description: 'The account.', schema: AccountView, location: (account) => `/api/v1/accounts/${account.account}` },
  problems: ['accounts/login-taken', 'accounts/organisation-unknown', 'accounts/password-weak'],
});

const listAccounts = route({
  method: 'get', path: '/api/v1/accounts', id: 'listAccounts', tag, summary: 'List accounts', access: reading,
  query: AccountsQuery,
  answer: { status: 200, description: 'Accounts, newest first.', schema: pageOf(AccountView) },
});

const readAccount = route({
  method: 'get', path: '/api/v1/accounts/{account}', id: 'readAccount', tag, summary: 'Read an account', access: reading,
  params: ofAccount,
  answer: { status: 200, description: 'The account.', schema: AccountView, etag: true },
});

const disableAccount = route({
  method: 'post', path: '/api/v1/accounts/{account}/disable', id: 'disableAccount', tag, summary: 'Disable an account: its sessions end, its tokens stop working', access: writing, endsAccess: true,
  params: ofAccount,
  answer: { status: 200, description: 'The account.', schema: AccountView },
  problems: ['accounts/state', 'accounts/last-administrator'],
});

const enableAccount = route({
  method: 'post', path: '/api/v1/accounts/{account}/enable', id: 'enableAccount', tag, summary: 'Enable an account again', access: writing,
  params: ofAccount,
  answer: { status: 200, description: 'The account.', schema: AccountView },
  problems: ['accounts/state'],
});

const resetPassword = route({
  method: 'put', path: '/api/v1/accounts/{account}/password', id: 'resetPassword', tag, summary: 'Set a provisional password, which the person replaces at the next login', access: writing, endsAccess: true,
  params: ofAccount, body: ResetPassword,
  answer: { status: 204, description: 'Done.', schema: null },
  problems: ['accounts/password-weak'],
});

export function accountRoutes(api: Api, directory: Directory): void {
  api.on(createOrganisation, ({ principal, body }) => directory.createOrganisation(principal, body.name));

  api.on(listOrganisations, ({ query }) => {
    const before = readBefore(query.cursor);
    if (!before.ok) return before;
    const rows = directory.organisations(before.value, query.limit + 1);
    return ok(page(rows, query.limit, ({ seq }) => [seq], (row) => directory.showOrganisation(row)));
  });

  api.on(createAccount, ({ principal, body }) => directory.createAccount(principal, body));

  api.on(listAccounts, ({ query }) => {
    const before = readBefore(query.cursor);
    if (!before.ok) return before;
    const rows = directory.accounts({ organisation: query.organisation ?? null, role: query.role ?? null }, before.value, query.limit + 1);
    return ok(page(rows, query.limit, ({ seq }) => [seq], (row) => directory.show(row)));
  });

  api.on(readAccount, ({ params }) => directory.account(params.account));
  api.on(disableAccount, ({ principal, params }) => directory.disable(principal, params.account));
  api.on(enableAccount, ({ principal, params }) => directory.enable(principal, params.account));

  api.on(resetPassword, async ({ principal, params, body }) => {
    const reset = await directory.resetPassword(principal, params.account, body.password);
    return reset.ok ? ok(undefined) : reset;
  });
}
