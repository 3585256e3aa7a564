/**
 * A route is declared as data: what it takes, who may call it, what it answers. From the declaration come the
 * authorisation, the parsing, the answer, the entry in /openapi.json and the test that enumerates routes × roles.
 * A handler gets parsed input and a known caller, and gives a value or a failure.
 */
import type { Context } from 'hono';
import type { z } from 'zod';
import type { ProblemCode, Failure } from '#contract/problem.ts';
import type { Result } from '#contract/result.ts';
import type { Language } from '#contract/text.ts';
import type { Principal } from '#src/accounts/principal.ts';
import type { Access } from './access.ts';

/** What comes back when it worked. */
export type Answer<A extends z.ZodType | null> = {
  readonly status: 200 | 201 | 202 | 204;
  readonly description: string;
  /** Null: no body (204), or a `Response` that the handler builds itself (`media`). A value is parsed before it leaves. */
  readonly schema: A;
  /** Media types of a `Response` that the handler builds itself. */
  readonly media?: readonly string[];
  /** What is in such a response, by media type; bytes where nothing is said. */
  readonly documents?: Readonly<Record<string, z.ZodType>>;
  /** Answers with a strong ETag (digest of the canonical form), and 304 to a matching If-None-Match. */
  readonly etag?: boolean;
  /** Path of the resource that was created. */
  readonly location?: (value: A extends z.ZodType ? z.output<A> : never) => string;
};

export type Route<
  P extends z.ZodObject | undefined = z.ZodObject | undefined,
  Q extends z.ZodObject | undefined = z.ZodObject | undefined,
  B extends z.ZodType | undefined = z.ZodType | undefined,
  A extends z.ZodType | null = z.ZodType | null,
  W extends Access = Access,
> = {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Parameters as `{name}`; `{name+}` takes the rest of the path. */
  readonly path: `/${string}`;
  /** `operationId`: stable, camelCase. */
  readonly id: string;
  readonly tag: string;
  readonly summary: string;
  readonly access: W;
  readonly params?: P;
  readonly query?: Q;
  /** JSON body. */
  readonly body?: B;
  /** Bytes of the body, for one that may be longer than the configured limit. */
  readonly bodyLimit?: number;
  /** Media types of a body that the handler reads itself from `request`, up to `uploadLimit` bytes of the configuration. */
  readonly upload?: readonly string[];
  /** Leaves an event although it only reads. */
  readonly recorded?: true;
  /** May end the session or token that it is called with, or its account: its answer leaves all the same. */
  readonly endsAccess?: true;
  /** Takes an `Idempotency-Key`; for creations. Only with a JSON body. */
  readonly idempotent?: true;
  readonly answer: Answer<A>;
  /** Codes that this route raises beyond those of every route (schema, access, body). */
  readonly problems?: readonly ProblemCode[];
};

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;

export type Call<P, Q, B, W> = {
  readonly principal: W extends 'public' ? Principal | null : Principal;
  readonly params: Parsed<P>;
  readonly query: Parsed<Q>;
  readonly body: Parsed<B>;
  readonly language: Language;
  readonly request: Request;
  /** Address of the peer, for throttling only; never logged in clear. */
  readonly source: string;
  /** For what a declaration cannot say (cookies, extra headers). */
  readonly context: Context;
};

export type Handler<P, Q, B, A, W> = (call: Call<P, Q, B, W>) =>
  | Result<A extends z.ZodType ? z.input<A> | Response : Response | undefined, Failure>
  | Promise<Result<A extends z.ZodType ? z.input<A> | Response : Response | undefined, Failure>>;

/** Keeps the declaration's precise types. */
export function route<
  const P extends z.ZodObject | undefined = undefined,
  const Q extends z.ZodObject | undefined = undefined,
  const B extends z.ZodType | undefined = undefined,
  const A extends z.ZodType | null = null,
  const W extends Access = Access,
>(declaration: Route<P, Q, B, A, W>): Route<P, Q, B, A, W> {
  return declaration;
}

