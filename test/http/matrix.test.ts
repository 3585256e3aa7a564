/** Routes × roles: who may call what, as declared, as enforced, and as it should be. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROLES, SCOPES, type Role } from '#contract/api/common.ts';
import { RESULT_MEDIA } from '#contract/api/jobs.ts';
import { ConfigSchema } from '#src/config.ts';
import { Metrics } from '#src/http/metrics.ts';
import type { Route } from '#src/http/route.ts';
import { openServices } from '#src/services.ts';
import { DEFAULT_POOL_OPTIONS, WorkerPool } from '#src/workers/pool.ts';
import { testApp, type TestApp } from '../support/app.ts';

let app: TestApp;
let pool: WorkerPool;
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-matrix-'));
  // No worker is started for a request that is turned away, and none for what does not exist.
  pool = new WorkerPool({ ...DEFAULT_POOL_OPTIONS, isolation: 'process', keys: join(directory, 'keys'), snapshotStore: join(directory, 'snapshots') });
  const config = ConfigSchema.parse({ home: directory });
  app = await testApp({
    directory,
    services: ({ store, clock, random, limits }) => openServices({
      config, store, pool, limits, clock, random, releaseKey: new Uint8Array(32), version: '0', elapsed: () => 0, metrics: new Metrics(), log: () => {},
    }),
  });
});
afterAll(async () => {
  await pool.close();
  await app.dispose();
  rmSync(directory, { recursive: true, force: true });
});

/** The path with ids that are well formed and name nothing. */
const pathOf = ({ path }: Route) => path.replaceAll(/\{(\w+)\+?\}/g, (_, name: string) => (PARAMETERS[name] ?? `${name}_00000000000000000000000000`));
const PARAMETERS: Readonly<Record<string, string>> = { account: 'acct_00000000000000000000000000', token: 'tok_00000000000000000000000000', path: '0/000', seq: '9' };

const ask = (route: Route, token?: string) => app.call(route.method.toUpperCase(), pathOf(route), {
  ...(token !== undefined && { token }),
  ...(route.method !== 'get' && { body: '{' }),
});

const TURNED_AWAY = ['auth/required', 'auth/role', 'auth/scope'];

describe('every route', () => {
  test('asks for an account, unless it is declared public', async () => {
    for (const route of app.api.routes) {
      const reply = await ask(route);
      if (route.access === 'public') expect(TURNED_AWAY, route.id).not.toContain(reply.json?.code);
      else expect(reply.json?.code, route.id).toBe('auth/required');
    }
  });

  test.each(ROLES)('lets %s in where it says so, and nowhere else', async (role) => {
    for (const route of app.api.routes) {
      if (route.access === 'public' || (route.id === 'closeSession')) continue;
      const size = app.store.size;
      const reply = await ask(route, app.people[role].token);
      if (route.access.roles.includes(role)) expect(TURNED_AWAY, `${role} ${route.id}`).not.toContain(reply.json?.code);
      else {
        expect(reply.json?.code, `${role} ${route.id}`).toBe('auth/role');
        expect(app.store.size).toBe(size);
      }
    }
  });

  test('asks a token for its scope', async () => {
    for (const route of app.api.routes) {
      if (route.access === 'public' || route.access.scope === null) continue;
      const { scope } = route.access;
      for (const role of route.access.roles) {
        const person = await narrow(role, scope);
        expect((await ask(route, person)).json?.code, `${role} ${route.id}`).toBe('auth/scope');
      }
    }
  });
});

/** Token of one of each role that has every scope but one. */
const narrowed = new Map<string, string>();
async function narrow(role: Role, without: string): Promise<string> {
  const key = `${role} ${without}`;
  const token = narrowed.get(key) ?? (await app.person(role, SCOPES.filter((scope) => scope !== without))).token;
  narrowed.set(key, token);
  return token;
}

describe('the declarations', () => {
  const closed = () => app.api.routes.filter((route) => route.access !== 'public') as (Route & { access: Exclude<Route['access'], 'public'> })[];
  const OWN = ['sessions', 'me', 'tokens'];

  test('only operations and logging in are public', () => {
    expect(app.api.routes.filter(({ access }) => access === 'public').map(({ id }) => id).sort()).toEqual(['health', 'metrics', 'openSession', 'openapi', 'ready']);
  });

  test('changes need a scope for changes; reading does not give it', () => {
    for (const { id, method, access } of closed()) {
      if (method === 'get') expect(access.scope ?? ':read', id).toMatch(/:read$/);
      else if (id !== 'closeSession') expect(access.scope, id).not.toBeNull();
    }
  });

  test('auditors change nothing: beyond their own credentials they read, and ask for replays', () => {
    for (const { id, method, tag, access } of closed()) {
      if (!access.roles.includes('auditor') || method === 'get' || OWN.includes(tag)) continue;
      expect(access.scope, id).toBe('audit:replay');
    }
  });

  test('administrators handle accounts and nothing that holds data', () => {
    for (const { id, method, tag, access } of closed()) {
      if (!access.roles.includes('administrator') || OWN.includes(tag) || tag === 'accounts') continue;
      expect(method, id).toBe('get');
      expect(access.scope, id).not.toMatch(/^(jobs|releases):/);
    }
  });

  test('operators decide nothing and see no audit trail', () => {
    for (const { id, access } of closed()) {
      if (access.roles.includes('operator')) expect(access.scope ?? '', id).not.toMatch(/^(audit:|releases:write|catalog:write)/);
    }
  });

  // A secret may not be kept to be answered again, nor of identifiers as much as a digest, which could be guessed back.
  test('creations by POST under /api/v1 take an Idempotency-Key, unless they answer with a secret or take identifiers', () => {
    const without = closed().filter(({ method, answer, idempotent, body }) => method === 'post' && answer.status === 201 && body !== undefined && !idempotent);
    expect(without.map(({ id }) => id)).toEqual(['issueToken', 'recordWithdrawals']);
  });
});

test('/openapi.json says what a result is: its statement has the size of the noise, also before review, and the other formats are bytes', async () => {
  const { paths } = (await app.call('GET', '/openapi.json')).json;
  const result = paths['/api/v1/jobs/{job}/result'].get.responses['200'].content;
  const review = paths['/api/v1/releases/{job}'].get.responses['200'].content;
  for (const content of [result, review]) {
    expect(content['application/json'].schema.properties.statement.properties.noise).toMatchObject({
      type: 'array', items: { additionalProperties: false, required: ['clause', 'from', 'variance', 'maxDeviation', 'below'], properties: { variance: { type: 'string' }, maxDeviation: { type: 'integer' } } },
    });
  }
  for (const media of Object.values(RESULT_MEDIA)) expect(result[media].schema.format === 'binary').toBe(media !== RESULT_MEDIA.json);
});
