/** The caller's own account. */
import { ChangePassword, Me } from '#contract/api/accounts.ts';
import { ROLES } from '#contract/api/common.ts';
import { ok } from '#contract/result.ts';
import type { Accounts } from '#src/accounts/accounts.ts';
import type { Api } from './api.ts';
import { route } from './route.ts';

const readMe = route({
  method: 'get', path: '/api/v1/me', id: 'readMe', tag: 'me', summary: 'Who am I, and what may this credential do', access: { roles: ROLES, scope: null },
  answer: { status: 200, description: 'The account behind the request.', schema: Me },
});

const changePassword = route({
  method: 'put', path: '/api/v1/me/password', id: 'changePassword', tag: 'me', summary: 'Change my password; every other session of mine ends', access: { roles: ROLES, scope: 'accounts:write' },
  body: ChangePassword,
  answer: { status: 204, description: 'Done.', schema: null },
  problems: ['accounts/password-wrong', 'accounts/password-weak', 'auth/too-many-attempts'],
});

export function meRoutes(api: Api, { directory, sessions }: Accounts): void {
  api.on(readMe, ({ principal }) => {
    const account = directory.account(principal.account);
    if (!account.ok) return account;
    const { via, expires } = principal.credential;
    return ok({
      ...account.value, organisationName: directory.organisationName(principal.organisation), via, scopes: [...principal.scopes], expires,
    });
  });

  api.on(changePassword, async ({ principal, body, source }) => {
    const changed = await sessions.changePassword(principal, body, source);
    return changed.ok ? ok(undefined) : changed;
  });
}
