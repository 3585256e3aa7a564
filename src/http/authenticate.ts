/** Who is calling: a bearer token for programs, a cookie session for people, or nobody. */
import type { MiddlewareHandler } from 'hono';
import { getConnInfo } from '@hono/node-server/conninfo';
import { getCookie, setCookie } from 'hono/cookie';
import type { Context } from 'hono';
import type { Credentials } from '#src/accounts/credentials.ts';
import type { Principal } from '#src/accounts/principal.ts';
import { fail, type Failure } from '#contract/problem.ts';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import type { Env } from './api.ts';
import { problemResponse } from './problem.ts';

export type AuthenticateParts = {
  readonly credentials: Credentials;
  /** Origin that pages of this service have; null: whatever host the request names (a cookie never leaves its own host). */
  readonly origin: string | null;
  readonly cookie: SessionCookie;
  readonly trustProxy: boolean;
};

export type SessionCookie = { readonly secure: boolean };
/** `__Host-`: no sibling domain can set it (RFC 6265bis); it needs `Secure`, so plain http has another name. */
const cookieName = ({ secure }: SessionCookie) => (secure ? '__Host-sluice' : 'sluice');

export function setSessionCookie(c: Context, cookie: SessionCookie, secret: string, expires: string): void {
  setCookie(c, cookieName(cookie), secret, { httpOnly: true, sameSite: 'Strict', secure: cookie.secure, path: '/', expires: new Date(expires) });
}

export function clearSessionCookie(c: Context, cookie: SessionCookie): void {
  setCookie(c, cookieName(cookie), '', { httpOnly: true, sameSite: 'Strict', secure: cookie.secure, path: '/', maxAge: 0 });
}

export function authenticate(parts: AuthenticateParts): MiddlewareHandler<Env> {
  return async (c, next) => {
    c.set('source', sourceOf(c, parts.trustProxy));
    const found = await identify(c, parts);
    if (!found.ok) {
      c.set('problem', found.error.code);
      return problemResponse(c, found.error);
    }
    c.set('principal', found.value);
    return next();
  };
}

/** A token that is presented and not good is always said; an ended session makes the caller nobody. */
async function identify(c: Context<Env>, parts: AuthenticateParts): Promise<Result<Principal | null, Failure>> {
  const authorization = c.req.header('authorization');
  if (authorization !== undefined && !isMetrics(c)) {
    const [, token] = /^Bearer +(\S{1,512}) *$/i.exec(authorization) ?? [];
    if (token !== undefined) return parts.credentials.ofToken(token);
    return fail('auth/token-unknown', text('The Authorization header must be "Bearer" and a token.', 'Authorization 头须为 "Bearer" 加令牌。'));
  }
  const secret = getCookie(c, cookieName(parts.cookie));
  const principal = secret === undefined ? null : await parts.credentials.ofSession(secret);
  if (principal === null) return ok(null);
  return sameSite(c, parts.origin) ? ok(principal) : fail('request/origin', text(
    'A change by cookie session must come from a page of this service (header Origin, as configured in publicUrl), or carry the header X-Sluice-Request: 1. Programs use a token.',
    '通过 Cookie 会话进行的更改须来自本服务的页面（Origin 头，见配置 publicUrl），或带有请求头 X-Sluice-Request: 1。程序请使用令牌。',
  ));
}

/** /metrics has a bearer token of its own (`metricsToken`), which is no account's. */
const isMetrics = (c: Context) => c.req.path === '/metrics';

/**
 * INVARIANT (no forged writes): another site's page can neither send our Origin nor a header of its own choosing
 * without a preflight, which this service never answers.
 */
function sameSite(c: Context, origin: string | null): boolean {
  if (c.req.method === 'GET' || c.req.method === 'HEAD' || c.req.method === 'OPTIONS') return true;
  return c.req.header('x-sluice-request') === '1' || c.req.header('origin') === (origin ?? new URL(c.req.url).origin);
}

/** Address that failed logins are counted by: of IPv6 the /64, which one caller has to itself. */
function sourceOf(c: Context, trustProxy: boolean): string {
  const forwarded = trustProxy ? c.req.header('x-forwarded-for')?.split(',').at(-1)?.trim() : undefined;
  const address = forwarded ?? peerOf(c);
  if (!address.includes(':') || address.includes('.')) return address.replace(/^::ffff:/i, '');
  const [head = '', tail = ''] = address.split('::');
  const left = head.split(':').filter(Boolean);
  const right = tail.split(':').filter(Boolean);
  const full = address.includes('::') ? [...left, ...Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0'), ...right] : left;
  return `${full.slice(0, 4).join(':')}::/64`;
}

/** Empty where the request came through no socket (tests). */
export function peerOf(c: Context): string {
  const bindings = c.env as { incoming?: unknown } | undefined;
  return bindings?.incoming === undefined ? '' : getConnInfo(c).remote.address ?? '';
}
