/** The application over a store of its own, with people of every role, a clock that is set by hand, and cheap passwords. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SCOPES, type Role, type Scope, ROLES } from '#contract/api/common.ts';
import type { AccountId, OrganisationId } from '#contract/id.ts';
import type { ProblemCode } from '#contract/problem.ts';
import { ok } from '#contract/result.ts';
import { openAccounts, type Accounts } from '#src/accounts/accounts.ts';
import { Passwords } from '#src/accounts/password.ts';
import { recordAccount, recordOrganisation } from '#src/accounts/directory.ts';
import { issueToken } from '#src/accounts/tokens.ts';
import { CONSOLE } from '#src/accounts/principal.ts';
import { buildApp, type App } from '#src/app.ts';
import { rebuild } from '#src/audit/rebuild.ts';
import { ConfigSchema, type Config } from '#src/config.ts';
import type { Api } from '#src/http/api.ts';
import type { AuditFiles } from '#src/http/audit.ts';
import { problemCodesOf } from '#src/http/openapi.ts';
import { Limits } from '#src/limits/limits.ts';
import { Metrics } from '#src/http/metrics.ts';
import type { Health } from '#src/http/operations.ts';
import { PROJECTIONS } from '#src/projections.ts';
import type { Services } from '#src/services.ts';
import { Store } from '#src/store/store.ts';
import { lies } from './honest.ts';
import { countingRandom } from './store.ts';

export type Person = { readonly account: AccountId; readonly organisation: OrganisationId; readonly token: string };

export type TestApp = App & {
  readonly directory: string;
  readonly store: Store;
  readonly accounts: Accounts;
  readonly people: Readonly<Record<Role, Person>>;
  /** Lines of the service's log. */
  readonly lines: { readonly level: string; readonly message: string; readonly fields: Readonly<Record<string, unknown>> }[];
  readonly health: { now: Health };
  readonly clock: () => Date;
  /** Sets the clock forward, in milliseconds. */
  pass(milliseconds: number): void;
  /** `token`: of a person; a body that is no string or bytes goes as JSON. */
  call(method: string, path: string, options?: CallOptions): Promise<Reply>;
  person(role: Role, scopes?: readonly Scope[]): Promise<Person>;
  dispose(): Promise<void>;
};

export type CallOptions = { readonly token?: string; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> };
export type Reply = { readonly status: number; readonly headers: Headers; readonly text: string; readonly json: any };

export type TestAppOptions = {
  readonly config?: Partial<Config>;
  readonly directory?: string;
  readonly mounts?: readonly ((api: Api) => void)[];
  /** The services of every area, for their routes. */
  readonly services?: (parts: { readonly store: Store; readonly clock: () => Date; readonly random: (bytes: number) => Uint8Array; readonly limits: Limits }) => Promise<Services>;
  readonly audit?: AuditFiles;
  readonly bodyMs?: number;
  readonly stallMs?: number;
};

const NO_AUDIT: AuditFiles = { read: async () => null, receipt: async () => null };

export async function testApp(options: TestAppOptions = {}): Promise<TestApp> {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'sluice-app-'));
  const config = { ...ConfigSchema.parse({ home: directory }), ...options.config };
  let time = Date.UTC(2026, 0, 1);
  const clock = () => new Date(time);
  // Not the same again after a restart on the same directory: ids would repeat.
  const random = countingRandom(randomUUID());
  const opened = Store.open({ directory, clock, random, projections: PROJECTIONS });
  if (!opened.ok) throw new Error(opened.error.code);
  const store = opened.value;
  const metrics = new Metrics();
  const limits = new Limits({ rules: config.limits, clock, metrics });
  const accounts = await openAccounts({
    store, clock, random, passwords: new Passwords(random, { memory: 64, passes: 1 }), sessions: config.sessions, lockout: config.lockout, limits,
  });
  const services = await options.services?.({ store, clock, random, limits });
  const lines: TestApp['lines'] = [];
  const health = { now: { isolation: 'process', warnings: [], notReady: [] } as Health };
  const built = buildApp({
    config, version: '0', store, accounts, audit: options.audit ?? NO_AUDIT, health: () => health.now, metrics, limits, random,
    log: (level, message, fields = {}) => lines.push({ level, message, fields }), elapsed: () => 0, ...(options.bodyMs !== undefined && { bodyMs: options.bodyMs }), ...(options.stallMs !== undefined && { stallMs: options.stallMs }), mounts: [...options.mounts ?? [], ...services?.mounts ?? []],
  });

  let made = store.size;
  const person = async (role: Role, scopes: readonly Scope[] = SCOPES): Promise<Person> => {
    const number = made++;
    const result = await store.transact(CONSOLE, (tx) => {
      const { organisation } = recordOrganisation(tx, `Organisation ${number}`);
      const { account } = recordAccount(tx, { login: `${role}-${number}`, name: `Person ${number}`, role, organisation });
      const { secret } = issueToken(tx, account, 'test', scopes, new Date(tx.now.getTime() + 30 * 24 * 3600 * 1000).toISOString());
      return ok({ account, organisation, token: secret });
    });
    if (!result.ok) throw new Error('no person');
    return result.value;
  };
  const people = {} as Record<Role, Person>;
  for (const role of ROLES) people[role] = await person(role);

  const call: TestApp['call'] = async (method, path, { token, body, headers = {} } = {}) => {
    const raw = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
    const response = await built.app.request(path, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: raw ? body as string : JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.headers.get('content-type') === 'application/problem+json') expectDeclared(built.api, lines.at(-1)?.fields ?? {});
    return { status: response.status, headers: response.headers, text, json: isJson(response) && text !== '' ? JSON.parse(text) : undefined };
  };

  return {
    ...built, directory, store, accounts, people, lines, health, clock, call, person,
    pass: (milliseconds) => { time += milliseconds; },
    dispose: async () => {
      const told = lies(store);
      await store.close();
      const { identical } = rebuild(join(directory, 'sluice.db'), PROJECTIONS);
      if (options.directory === undefined) rmSync(directory, { recursive: true, force: true });
      if (told.length > 0) throw new Error(`the log breaks rules of the story: ${JSON.stringify(told)}`);
      if (!identical) throw new Error('the tables are not what the log says');
    },
  };
}

/** A route answers with no problem but those that it declares, and so /openapi.json. */
function expectDeclared(api: Api, { method, route, problem }: Readonly<Record<string, unknown>>): void {
  const declared = api.routes.find((one) => one.path === route && one.method.toUpperCase() === method);
  if (declared !== undefined && !problemCodesOf(declared).includes(problem as ProblemCode)) throw new Error(`${declared.id} does not declare ${String(problem)}`);
}

const isJson = (response: Response) => /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '');

/** Answers with this problem, in the wire form, and changes nothing: the log keeps its size. */
export async function expectProblem(app: TestApp, code: string, asking: () => Promise<Reply>, { mayRecord = false } = {}): Promise<Reply> {
  const size = app.store.size;
  const reply = await asking();
  if (reply.json?.code !== code) throw new Error(`expected ${code}, got ${reply.status} ${reply.text.slice(0, 400)}`);
  if (!mayRecord && app.store.size !== size) throw new Error(`${code}: something was recorded`);
  return reply;
}
