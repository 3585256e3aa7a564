/** Builds the HTTP application from services. Nothing here knows a socket: tests call `app.request()`. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import { secureHeaders } from 'hono/secure-headers';
import { fail } from '#contract/problem.ts';
import { newId } from '#contract/id.ts';
import { text } from '#contract/text.ts';
import type { Accounts } from './accounts/accounts.ts';
import { cookiesAreSecure, publicOrigin, type Config } from './config.ts';
import { accountRoutes } from './http/accounts.ts';
import { Api, type Env } from './http/api.ts';
import { auditRoutes, type AuditFiles } from './http/audit.ts';
import { authenticate } from './http/authenticate.ts';
import { Idempotency } from './http/idempotency.ts';
import { meRoutes } from './http/me.ts';
import type { Metrics } from './http/metrics.ts';
import { noSuchRoute } from './http/no-such-route.ts';
import type { Limits } from './limits/limits.ts';
import { observe } from './http/observe.ts';
import { operationsRoutes, type Health } from './http/operations.ts';
import { problemResponse } from './http/problem.ts';
import { giveUpStalled } from './http/stalled.ts';
import { sessionRoutes } from './http/sessions.ts';
import { tokenRoutes } from './http/tokens.ts';
import { traceOf, type Log } from './log.ts';
import { StoreClosed } from './store/group-commit.ts';
import type { Store } from './store/store.ts';

export type AppParts = {
  readonly config: Config;
  readonly version: string;
  readonly store: Store;
  readonly accounts: Accounts;
  readonly audit: AuditFiles;
  readonly health: () => Health;
  readonly metrics: Metrics;
  readonly limits: Limits;
  readonly log: Log;
  readonly random: (bytes: number) => Uint8Array;
  /** Milliseconds, monotonic. */
  readonly elapsed: () => number;
  /** Milliseconds until a JSON body has to be there, and without a byte until an answer is given up; left out: half a minute and a minute. */
  readonly bodyMs?: number;
  readonly stallMs?: number;
  /** Told when a request finds the store closed. */
  readonly onStoreClosed?: () => void;
  /** Routes of the other areas. */
  readonly mounts: readonly ((api: Api) => void)[];
};

const BODY_MS = 30_000;
const STALL_MS = 60_000;

export type App = { readonly app: OpenAPIHono<Env>; readonly api: Api };

export function buildApp(parts: AppParts): App {
  const { config, accounts, log } = parts;
  const cookie = { secure: cookiesAreSecure(config) };
  const api = new Api({ credentials: accounts.credentials, idempotency: new Idempotency(parts.store, config.limits.idempotencyKeys), limits: parts.limits, bodyLimit: config.bodyLimit, bodyMs: parts.bodyMs ?? BODY_MS });
  const { app } = api;

  app.use(giveUpStalled(parts.stallMs ?? STALL_MS));
  app.use(secureHeaders({
    contentSecurityPolicy: { defaultSrc: ["'self'"], frameAncestors: ["'none'"], baseUri: ["'none'"], formAction: ["'self'"], objectSrc: ["'none'"] },
    referrerPolicy: 'no-referrer',
    xFrameOptions: 'DENY',
    strictTransportSecurity: cookie.secure ? 'max-age=31536000' : false,
  }));
  app.use(observe({ log, metrics: parts.metrics, elapsed: parts.elapsed }));
  app.use(authenticate({ credentials: accounts.credentials, origin: config.publicUrl === null ? null : publicOrigin(config), cookie, trustProxy: config.trustProxy }));

  operationsRoutes(api, {
    version: parts.version, health: parts.health, metrics: parts.metrics, metricsToken: config.metricsToken, publicUrl: config.publicUrl ?? '/',
  });
  accountRoutes(api, accounts.directory);
  sessionRoutes(api, accounts.sessions, cookie);
  meRoutes(api, accounts);
  tokenRoutes(api, accounts.tokens);
  auditRoutes(api, parts.audit);
  for (const mount of parts.mounts) mount(api);

  app.notFound(noSuchRoute(api.routes));

  // A constant answer: whatever an exception says stays here, and even the log gets only its name and frames.
  app.onError((error, c) => {
    if (error instanceof StoreClosed) {
      parts.onStoreClosed?.();
      c.set('problem', 'service/unavailable');
      return problemResponse(c, { code: 'service/unavailable', detail: text('The service is stopping or cannot write to its disk, and takes no more work.', '服务正在停止或无法写入磁盘，不再接受新的工作。'), retryAfter: 5 });
    }
    const incident = newId('inc', parts.random);
    log('error', 'unexpected exception', { incident, route: c.get('route') ?? null, ...traceOf(error) });
    c.set('problem', 'service/unexpected');
    return problemResponse(c, fail('service/unexpected', text(
      `Something unexpected happened. Tell the administrator the incident ${incident}.`,
      `发生了意外错误。请将事件编号 ${incident} 告知管理员。`,
    ), { incident }).error);
  });
  return { app, api };
}
