/**
 * Mounts declared routes: authorise → parse → handle → answer, the same for every route. The order matters: who may not
 * call learns nothing about the schema, and a body is read only once the caller is allowed to send one.
 */
import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { z } from 'zod';
import { digestOf } from '#contract/canonical.ts';
import { fail, type Failure, type ProblemCode } from '#contract/problem.ts';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import { absent } from '#src/absent.ts';
import { lapsed, type Credentials } from '#src/accounts/credentials.ts';
import type { Principal } from '#src/accounts/principal.ts';
import type { Limits } from '#src/limits/limits.ts';
import { NoStanding } from '#src/store/standing.ts';
import { authorise, type Access } from './access.ts';
import { isPlain, readBytes, readJson } from './body.ts';
import type { Idempotency } from './idempotency.ts';
import { parseAs } from './invalid.ts';
import { limited } from './limited.ts';
import { describe } from './openapi.ts';
import { languageOf, problemResponse } from './problem.ts';
import type { Call, Handler, Route } from './route.ts';

/** What the middleware in front of the routes leaves in the context. */
export type Env = { Variables: { principal: Principal | null; source: string; route: string; problem: ProblemCode } };

export type ApiParts = {
  readonly credentials: Credentials;
  readonly idempotency: Idempotency;
  readonly limits: Limits;
  /** Bytes of a JSON body, and milliseconds until all of them have to be there. */
  readonly bodyLimit: number;
  readonly bodyMs: number;
};

type AnyCall = Call<z.ZodObject | undefined, z.ZodObject | undefined, z.ZodType | undefined, Access>;
type AnyHandler = (call: AnyCall) => Promise<Result<unknown, Failure>> | Result<unknown, Failure>;

export class Api {
  readonly app = new OpenAPIHono<Env>();
  /** Every route there is, for /openapi.json and for tests that enumerate. */
  readonly routes: Route[] = [];
  readonly #parts: ApiParts;

  constructor(parts: ApiParts) {
    this.#parts = parts;
  }

  on<
    P extends z.ZodObject | undefined, Q extends z.ZodObject | undefined, B extends z.ZodType | undefined,
    A extends z.ZodType | null, W extends Access,
  >(route: Route<P, Q, B, A, W>, handler: Handler<P, Q, B, A, W>): void {
    const erased = route as unknown as Route;
    this.routes.push(erased);
    this.app.openAPIRegistry.registerPath(createRoute(describe(erased)));
    this.app.on([route.method.toUpperCase()], [honoPath(route.path)], (c) => this.#serve(c, erased, handler as unknown as AnyHandler));
  }

  async #serve(c: Context<Env>, route: Route, handler: AnyHandler): Promise<Response> {
    c.set('route', route.path);
    const answer = await this.#answer(c, route, handler);
    if (answer.ok) return answer.value;
    c.set('problem', answer.error.code);
    return problemResponse(c, answer.error);
  }

  async #answer(c: Context<Env>, route: Route, handler: AnyHandler): Promise<Result<Response, Failure>> {
    if (route.recorded === true && c.req.method === 'HEAD') {
      c.header('Allow', 'GET');
      return fail('request/method', text('HEAD is not possible here: looking is recorded, and there is nothing to look at without its body.', '此处不支持 HEAD：查看会留痕，且没有正文则无可查看。'));
    }
    const principal = c.get('principal');
    if (route.access === 'public') return this.#handle(c, route, principal, handler);
    const allowed = authorise(route.access, principal);
    return allowed.ok ? limited(this.#parts.limits, c, route, allowed.value, () => this.#handle(c, route, allowed.value, handler)) : allowed;
  }

  async #handle(c: Context<Env>, route: Route, principal: Principal | null, handler: AnyHandler): Promise<Result<Response, Failure>> {
    const params = route.params ? parseAs(route.params, 'path', c.req.param()) : ok(undefined);
    // A path that cannot name anything names nothing: the same answer as for what is absent.
    if (!params.ok) return absent();
    const query = readQuery(c, route.query);
    if (!query.ok) return query;
    const body = await this.#readBody(c, route);
    if (!body.ok) return body;
    const run = () => handler({
      principal, params: params.value, query: query.value, body: body.value,
      language: languageOf(c), request: c.req.raw, source: c.get('source'), context: c,
    } as AnyCall);

    const key = route.idempotent && principal !== null ? c.req.header('idempotency-key') : undefined;
    const once = async () => {
      if (key === undefined || principal === null) return run();
      // The language of the answer is no part of what is asked for.
      const { lang: _, ...asked } = c.req.query();
      const request = digestOf({ method: c.req.method, path: c.req.path, query: asked, body: body.value ?? null });
      return this.#parts.idempotency.once({ account: principal.account, key, request }, run, (value) => fitting(route, value));
    };
    const result = principal === null || route.access === 'public' ? await once() : await this.#whileHeld(route, principal, once);
    return result.ok ? ok(respond(c, route, result.value)) : result;
  }

  /** INVARIANT (no answer to who has left): however long it took, account and credential hold when an answer leaves. */
  async #whileHeld(route: Route, principal: Principal, run: () => Promise<Result<unknown, Failure>>): Promise<Result<unknown, Failure>> {
    try {
      const result = await run();
      const holds = route.endsAccess === true && result.ok ? ok(null) : this.#parts.credentials.hold(principal);
      return holds.ok ? result : holds;
    } catch (error) {
      if (error instanceof NoStanding) return lapsed(error.lapse, principal);
      throw error;
    }
  }

  async #readBody(c: Context<Env>, route: Route): Promise<Result<unknown, Failure>> {
    if (route.body === undefined) return ok(undefined);
    const plain = isPlain(c.req.header('content-encoding'));
    if (!plain.ok) return plain;
    const limit = Math.max(route.bodyLimit ?? 0, this.#parts.bodyLimit);
    // A longer one has longer to arrive.
    const bytes = await readBytes(c.req.raw, limit, this.#parts.bodyMs * Math.ceil(limit / this.#parts.bodyLimit));
    if (!bytes.ok) return bytes;
    const json = readJson(c.req.header('content-type') ?? null, bytes.value);
    return json.ok ? parseAs(route.body, 'body', json.value) : json;
  }
}

function readQuery(c: Context<Env>, schema: z.ZodObject | undefined): Result<unknown, Failure> {
  const given = Object.entries(c.req.queries()).filter(([name]) => name !== 'lang');
  const repeated = given.find(([, values]) => values.length > 1);
  if (repeated) {
    return fail('request/invalid', text(`The query parameter ${repeated[0]} is given more than once; give it once.`, `查询参数 ${repeated[0]} 出现多次；只能出现一次。`));
  }
  if (schema) return parseAs(schema, 'query', Object.fromEntries(given.map(([name, values]) => [name, values[0]])));
  const unknown = given[0];
  return unknown === undefined ? ok(undefined) : fail('request/invalid', text(
    `The query parameter ${unknown[0]} is not one that this route takes; it takes lang only.`,
    `此接口不接受查询参数 ${unknown[0]}；仅接受 lang。`,
  ));
}

/** The value as the schema lets it out; null where it is no answer of this route. */
function fitting(route: Route, value: unknown): unknown {
  const parsed = route.answer.schema?.safeParse(value);
  return parsed?.success ? parsed.data : null;
}

/** INVARIANT (answers fit their schema): a field that the schema does not name is a bug and never leaves. */
function respond(c: Context<Env>, route: Route, value: unknown): Response {
  const { answer } = route;
  if (value instanceof Response) return value;
  if (answer.schema === null) return c.body(null, answer.status);
  const shown = answer.schema.parse(value);
  if (answer.location) c.header('Location', (answer.location as (value: unknown) => string)(shown));
  if (answer.etag) {
    const etag = `"${digestOf(shown)}"`;
    c.header('ETag', etag);
    if (route.method === 'get' && matches(c.req.header('if-none-match'), etag)) return c.body(null, 304);
  }
  return c.json(shown as object, answer.status as 200);
}

/** Weak comparison, as RFC 9110 13.1.2 asks of If-None-Match. */
function matches(header: string | undefined, etag: string): boolean {
  return header !== undefined && header.split(',').map((tag) => tag.trim().replace(/^W\//, '')).some((tag) => tag === '*' || tag === etag);
}

/** `/a/{b}` → `/a/:b`, `/a/{b+}` → `/a/:b{.+}`. */
export const honoPath = (path: string): string => path.replaceAll(/\{(\w+)(\+?)\}/g, (_, name: string, rest: string) => `:${name}${rest ? '{.+}' : ''}`);
