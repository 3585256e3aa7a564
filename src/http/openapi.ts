/** The declaration of a route as OpenAPI 3.1 describes it. */
import { type OpenAPIHono, type RouteConfig } from '@hono/zod-openapi';
import { z } from 'zod';
import { MAX_PAGE, ROLES } from '#contract/api/common.ts';
import { Problem, PROBLEMS, type ProblemCode } from '#contract/problem.ts';
import type { Env } from './api.ts';
import type { Route } from './route.ts';

/** Codes that any route with that trait may answer with. */
export function problemCodesOf(route: Route): ProblemCode[] {
  const codes: ProblemCode[] = ['request/invalid', 'service/unexpected', 'service/unavailable'];
  if (route.access !== 'public') codes.push('auth/required', 'auth/token-unknown', 'auth/token-expired', 'auth/token-revoked', 'auth/account-disabled', 'auth/role', 'request/origin', 'limit/reached');
  if (route.access !== 'public' && route.access.scope !== null) codes.push('auth/scope');
  if (route.params) codes.push('request/not-found');
  if (route.recorded) codes.push('request/method');
  if (route.body) codes.push('request/media-type', 'request/bad-utf8', 'request/malformed-json', 'request/too-large', 'request/timeout', 'request/incomplete');
  if (route.upload) codes.push('request/media-type', 'request/too-large');
  if (route.idempotent) codes.push('idempotency/key-reused', 'idempotency/in-progress', 'idempotency/answer-lost');
  return [...new Set([...codes, ...route.problems ?? []])];
}

export function describe(route: Route): RouteConfig {
  const { answer, access } = route;
  const who = access === 'public' ? 'Anyone.' : `Roles: ${access.roles.length === ROLES.length ? 'all' : access.roles.join(', ')}.${access.scope ? ` Token scope: ${access.scope}.` : ''}`;
  return {
    method: route.method,
    path: route.path.replaceAll('+}', '}'),
    operationId: route.id,
    tags: [route.tag],
    summary: route.summary,
    description: who,
    security: access === 'public' ? [] : [{ token: [] }, { session: [] }],
    request: {
      ...(route.idempotent && { headers: IDEMPOTENCY_HEADER }),
      ...(route.params && { params: route.params }),
      ...(route.query && { query: route.query }),
      ...(route.body && { body: { required: true, content: { 'application/json': { schema: route.body } } } }),
      ...(route.upload && { body: { required: true, content: Object.fromEntries(route.upload.map((type) => [type, { schema: BINARY }])) } }),
    },
    responses: {
      [answer.status]: {
        description: answer.description,
        ...(answer.schema && { content: { 'application/json': { schema: answer.schema } } }),
        ...(answer.media && { content: Object.fromEntries(answer.media.map((type) => [type, { schema: answer.documents?.[type] ?? BINARY }])) }),
      },
      ...problemsByStatus(problemCodesOf(route)),
    },
    'x-roles': access === 'public' ? [] : access.roles,
  };
}

/** By reference, so that the document holds it once and not for every route and status. */
const NAMED_PROBLEM = { $ref: '#/components/schemas/Problem' } as const;

const IDEMPOTENCY_HEADER = z.object({ 'Idempotency-Key': z.string().min(1).max(128).optional() });

const BINARY = { type: 'string', format: 'binary' } as const;

function problemsByStatus(codes: readonly ProblemCode[]): RouteConfig['responses'] {
  const byStatus = Map.groupBy(codes, (code) => PROBLEMS[code].status);
  return Object.fromEntries([...byStatus].map(([status, of]) => [status, {
    description: of.map((code) => `\`${code}\`: ${PROBLEMS[code].title.en}`).join('; '),
    content: { 'application/problem+json': { schema: NAMED_PROBLEM } },
  }]));
}

export function openApiDocument(app: OpenAPIHono<Env>, publicUrl: string, version: string): object {
  const { $schema: _, ...problem } = z.toJSONSchema(Problem);
  app.openAPIRegistry.registerComponent('schemas', 'Problem', problem as object);
  app.openAPIRegistry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' });
  app.openAPIRegistry.registerComponent('securitySchemes', 'session', { type: 'apiKey', in: 'cookie', name: '__Host-sluice' });
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Sluice 数闸',
      version,
      description: `Failures are RFC 9457 problems with a stable \`type\`, in English or Chinese by Accept-Language or \`?lang=en|zh\`. Listings come in pages of at most ${MAX_PAGE} and of fewer where items are long; \`next\` is the \`cursor\` of the page after. Creations that say so take an \`Idempotency-Key\`. Writes by cookie session need an \`Origin\` of this service, or the header \`X-Sluice-Request: 1\`.`,
    },
    servers: [{ url: publicUrl }],
  });
}
