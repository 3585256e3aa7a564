/** For whoever runs the service: is it alive, does it take work, how much does it do, what can it do. */
import { z } from 'zod';
import { fail } from '#contract/problem.ts';
import { ok } from '#contract/result.ts';
import { text, type Text } from '#contract/text.ts';
import { digestBytes } from '#contract/canonical.ts';
import type { Api } from './api.ts';
import { peerOf } from './authenticate.ts';
import type { Metrics } from './metrics.ts';
import { openApiDocument } from './openapi.ts';
import { route } from './route.ts';

/** `isolation`: how workers are confined; null while none has started. `notReady`: why no work is taken now. */
export type Health = {
  readonly isolation: 'bubblewrap' | 'process' | null;
  readonly warnings: readonly Text[];
  readonly notReady: readonly Text[];
};

export type OperationsParts = {
  readonly version: string;
  readonly health: () => Health;
  readonly metrics: Metrics;
  readonly metricsToken: string | null;
  readonly publicUrl: string;
};

const Healthz = z.strictObject({
  status: z.literal('alive'),
  version: z.string(),
  isolation: z.enum(['bubblewrap', 'process']).nullable(),
  warnings: z.array(z.string()),
});

const healthz = route({
  method: 'get', path: '/healthz', id: 'health', tag: 'operations', summary: 'Whether the service is alive, how workers are isolated, and what needs attention',
  access: 'public', answer: { status: 200, description: 'It is alive.', schema: Healthz },
});

const readyz = route({
  method: 'get', path: '/readyz', id: 'ready', tag: 'operations', summary: 'Whether the service takes work',
  access: 'public', answer: { status: 200, description: 'It takes work.', schema: z.strictObject({ status: z.literal('ready') }) },
});

const metricsRoute = route({
  method: 'get', path: '/metrics', id: 'metrics', tag: 'operations', summary: 'Counters for Prometheus: with the bearer token `metricsToken`, or from this machine where none is configured',
  access: 'public', answer: { status: 200, description: 'Prometheus text format.', schema: null, media: ['text/plain'] },
  problems: ['auth/required'],
});

const openapi = route({
  method: 'get', path: '/openapi.json', id: 'openapi', tag: 'operations', summary: 'This description',
  access: 'public', answer: { status: 200, description: 'OpenAPI 3.1.', schema: null, media: ['application/json'] },
});

export function operationsRoutes(api: Api, parts: OperationsParts): void {
  api.on(healthz, ({ language }) => {
    const { isolation, warnings } = parts.health();
    return ok({ status: 'alive' as const, version: parts.version, isolation, warnings: warnings.map((warning) => warning[language]) });
  });

  api.on(readyz, () => {
    const [reason] = parts.health().notReady;
    return reason === undefined ? ok({ status: 'ready' as const }) : fail('service/unavailable', reason, { retryAfter: 2 });
  });

  api.on(metricsRoute, ({ context }) => {
    if (!mayReadMetrics(parts.metricsToken, context.req.header('authorization'), peerOf(context), context.req.header('x-forwarded-for'))) {
      return fail('auth/required', text(
        'Metrics are for callers on this machine, or with the configured metricsToken as "Authorization: Bearer …".',
        '指标仅限本机调用者，或以 "Authorization: Bearer …" 携带配置的 metricsToken。',
      ));
    }
    return ok(context.body(parts.metrics.expose(), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }));
  });

  // As bytes, which all answers share: of a text each that is not yet taken would have a copy.
  let document: Uint8Array<ArrayBuffer> | null = null;
  api.on(openapi, ({ context }) => {
    document ??= Buffer.from(JSON.stringify(openApiDocument(api.app, parts.publicUrl, parts.version)), 'utf8');
    return ok(context.body(document, 200, { 'content-type': 'application/json' }));
  });
}

/** Digests are compared, so that the time tells nothing about the token. A forwarded request is not from this machine. */
function mayReadMetrics(token: string | null, authorization: string | undefined, peer: string, forwarded: string | undefined): boolean {
  if (token === null) return forwarded === undefined && (peer === '' || peer === '::1' || /^(::ffff:)?127\./.test(peer));
  return digestBytes(Buffer.from(authorization ?? '')) === digestBytes(Buffer.from(`Bearer ${token}`));
}
