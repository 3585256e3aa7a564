/** API tokens of the caller's own account; an administrator sees and revokes everybody's. */
import { z } from 'zod';
import { IssuedToken, IssueToken, TokensQuery, TokenView } from '#contract/api/accounts.ts';
import { pageOf, ROLES } from '#contract/api/common.ts';
import { TokenId } from '#contract/id.ts';
import { ok } from '#contract/result.ts';
import type { Tokens } from '#src/accounts/tokens.ts';
import type { Api } from './api.ts';
import { page, readBefore } from './page.ts';
import { route } from './route.ts';

/** Takes no Idempotency-Key: its answer would have to be kept, and it holds the secret. A lost token is revoked and issued again. */
const issueToken = route({
  method: 'post', path: '/api/v1/tokens', id: 'issueToken', tag: 'tokens', summary: 'Issue a token; the secret is shown this once', access: { roles: ROLES, scope: 'accounts:write' },
  body: IssueToken,
  answer: { status: 201, description: 'The token and its secret.', schema: IssuedToken },
  problems: ['accounts/token-scope'],
});

const listTokens = route({
  method: 'get', path: '/api/v1/tokens', id: 'listTokens', tag: 'tokens', summary: 'List my tokens; administrators: those of `account`', access: { roles: ROLES, scope: 'accounts:read' },
  query: TokensQuery,
  answer: { status: 200, description: 'Tokens, newest first, without their secrets.', schema: pageOf(TokenView) },
  problems: ['request/not-found'],
});

const revokeToken = route({
  method: 'delete', path: '/api/v1/tokens/{token}', id: 'revokeToken', tag: 'tokens', summary: 'Revoke a token', access: { roles: ROLES, scope: 'accounts:write' }, endsAccess: true,
  params: z.strictObject({ token: TokenId }),
  answer: { status: 204, description: 'It no longer works.', schema: null },
  problems: ['accounts/state'],
});

export function tokenRoutes(api: Api, tokens: Tokens): void {
  api.on(issueToken, ({ principal, body }) => tokens.issue(principal, body));

  api.on(listTokens, ({ principal, query }) => {
    const before = readBefore(query.cursor);
    if (!before.ok) return before;
    const rows = tokens.list(principal, query.account ?? principal.account, before.value, query.limit + 1);
    return rows.ok ? ok(page(rows.value, query.limit, ({ seq }) => [seq], (row) => tokens.show(row))) : rows;
  });

  api.on(revokeToken, async ({ principal, params }) => {
    const revoked = await tokens.revoke(principal, params.token);
    return revoked.ok ? ok(undefined) : revoked;
  });
}
