/** Logging in and out with a password. */
import { Login, SessionView } from '#contract/api/accounts.ts';
import { ROLES } from '#contract/api/common.ts';
import { ok } from '#contract/result.ts';
import type { Sessions } from '#src/accounts/sessions.ts';
import type { Api } from './api.ts';
import { clearSessionCookie, setSessionCookie, type SessionCookie } from './authenticate.ts';
import { route } from './route.ts';

const openSession = route({
  method: 'post', path: '/api/v1/sessions', id: 'openSession', tag: 'sessions', summary: 'Log in; the session is a cookie', access: 'public',
  body: Login,
  answer: { status: 201, description: 'The session; its secret is in the cookie only.', schema: SessionView },
  problems: ['auth/login-failed', 'auth/too-many-attempts', 'auth/password-provisional', 'accounts/password-weak', 'limit/reached'],
});

const closeSession = route({
  method: 'delete', path: '/api/v1/sessions/current', id: 'closeSession', tag: 'sessions', summary: 'Log out', access: { roles: ROLES, scope: null }, endsAccess: true,
  answer: { status: 204, description: 'The session has ended.', schema: null },
  problems: ['accounts/state'],
});

export function sessionRoutes(api: Api, sessions: Sessions, cookie: SessionCookie): void {
  api.on(openSession, async ({ body, source, context }) => {
    const opened = await sessions.open(body, source);
    if (!opened.ok) return opened;
    setSessionCookie(context, cookie, opened.value.secret, opened.value.view.expires);
    return ok(opened.value.view);
  });

  api.on(closeSession, async ({ principal, context }) => {
    const closed = await sessions.close(principal);
    if (!closed.ok) return closed;
    clearSessionCookie(context, cookie);
    return ok(undefined);
  });
}
