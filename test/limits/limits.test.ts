/** Every limit, reached over HTTP: which it is, its value and when to try again; nothing happens then, nobody else notices, and it ends. */
import { afterEach, describe, expect, test } from 'vitest';
import { LIMIT_NAMES, type LimitName } from '#contract/limit.ts';
import type { Failure } from '#contract/problem.ts';
import { ok, type Result } from '#contract/result.ts';
import { ConfigSchema, effectiveConfig, loadConfig, variableOf, type LimitRules } from '#src/config.ts';
import { Metrics } from '#src/http/metrics.ts';
import { Limits } from '#src/limits/limits.ts';
import { expectProblem, type Person, type Reply } from '../support/app.ts';
import { domainApp, manifest, policy, type DomainApp } from '../support/domain.ts';

const METRICS = 'a-token-for-prometheus';
const DEFAULTS = ConfigSchema.parse({}).limits;

let app: DomainApp;
let made: DomainApp | null = null;
afterEach(async () => {
  await made?.dispose();
  made = null;
});

async function within(limits: Partial<LimitRules>): Promise<void> {
  made = await domainApp({ config: { limits: { ...DEFAULTS, ...limits }, metricsToken: METRICS } });
  app = made;
}

const PASSWORD = 'four grey herons in 7 ponds';
const post = (path: string, person: Person, body?: unknown) => app.call('POST', `/api/v1/${path}`, { token: person.token, ...(body !== undefined && { body }) });
const get = (path: string, person: Person) => app.call('GET', `/api/v1/${path}`, { token: person.token });
const issue = (person: Person) => post('tokens', person, { name: 'n', scopes: ['catalog:read'], days: 1 });
const submit = (person: Person, grant: string) => post('jobs', person, { grant, sql: 'SELECT 1' });

interface Case {
  readonly value: number;
  /** Makes what the others need; what may be done before the limit is reached, so that `over` is one too many. */
  readonly fill: () => Promise<unknown>;
  readonly over: () => Promise<Reply>;
  /** What somebody else, or the same for something else, may still do. */
  readonly other: () => Promise<Reply>;
  /** Makes room again. */
  readonly relieve: () => Promise<unknown>;
  /** Seconds; null where it does not end by itself. */
  readonly retryAfter: number | null;
}

/** Filled by `fill`. */
let rival: Person;
let grants: { mine: string; more: string; theirs: string };
let held: Promise<Reply>[];
let cookie: string;

async function granted(): Promise<void> {
  await app.publish();
  rival = await app.person('operator');
  grants = { mine: await app.grantFor(), more: await app.grantFor(), theirs: await app.grantFor(rival) };
}

/** Sends so many that the workers do not answer until they are let go. */
async function hold(count: number, send: (n: number) => Promise<Reply>): Promise<void> {
  held = [];
  for (let n = 0; n < count; n++) {
    held.push(send(n));
    await app.pool.reached(n + 1);
  }
}

async function letGo(): Promise<void> {
  app.pool.letGo();
  for (const reply of await Promise.all(held)) expect(reply.status, reply.text).toBeLessThan(300);
}

async function times(count: number, send: (n: number) => Promise<Reply>, status: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const reply = await send(n);
    expect(reply.status, reply.text).toBe(status);
  }
}

async function account(login: string): Promise<void> {
  const provisional = 'a first one, provisional';
  await post('accounts', app.people.administrator, { login, name: 'P', role: 'operator', organisation: app.people.operator.organisation, password: provisional });
  const own = await app.call('POST', '/api/v1/sessions', { body: { login, password: provisional, newPassword: PASSWORD } });
  await leave(own);
}
const enter = (login: string) => app.call('POST', '/api/v1/sessions', { body: { login, password: PASSWORD } });
const leave = (opened: Reply) => app.call('DELETE', '/api/v1/sessions/current', { headers: { cookie: opened.headers.get('set-cookie')?.split(';')[0] ?? '', 'x-sluice-request': '1' } });

/** Both places are taken, so that what is submitted waits. */
async function busy(): Promise<void> {
  await granted();
  app.pool.hold();
  for (let n = 1; n <= 2; n++) {
    await submit(app.people.operator, grants.mine);
    await app.pool.reached(n);
  }
}
const drain = async () => {
  app.pool.letGo();
  await app.domain.runner.settled();
};
const result = (id: string) => app.call('GET', `/api/v1/jobs/${id}/result`, { token: app.people.operator.token, headers: { accept: 'application/vnd.apache.parquet' } });

const CASES: Readonly<Record<LimitName, Case>> = {
  requestsAtOnce: {
    value: 3, retryAfter: 1,
    fill: async () => {
      await granted();
      app.pool.hold('check');
      await hold(3, () => post('jobs:check', app.people.operator, { grant: grants.mine, sql: 'SELECT 1' }));
    },
    over: () => get('me', app.people.operator), other: () => get('me', rival), relieve: letGo,
  },
  changesPerMinute: {
    value: 4, retryAfter: 15,
    fill: () => times(4, () => issue(app.people.operator), 201),
    over: () => issue(app.people.operator), other: () => issue(app.people.agency), relieve: async () => app.pass(15_000),
  },
  denialsPerMinute: {
    value: 3, retryAfter: 20,
    fill: async () => {
      await granted();
      await times(3, () => app.applyFor(app.people.operator, { purpose: 'advertising' }), 422);
    },
    over: () => app.applyFor(), other: () => app.applyFor(rival), relieve: async () => app.pass(20_000),
  },
  loginsPerMinute: {
    value: 5, retryAfter: 12,
    fill: async () => {
      await account('anna');
      await account('bert');
      app.pass(60_000);
      await times(5, () => enter('anna'), 201);
    },
    over: () => enter('anna'), other: () => enter('bert'), relieve: async () => app.pass(12_000),
  },
  sessions: {
    value: 2, retryAfter: 30 * 60,
    fill: async () => {
      await account('anna');
      await account('bert');
      await times(1, () => enter('anna'), 201);
      held = [Promise.resolve(await enter('anna'))];
    },
    over: () => enter('anna'), other: () => enter('bert'), relieve: async () => leave((await held[0])!),
  },
  tokens: {
    value: 4, retryAfter: null,
    // One was there before.
    fill: () => times(3, () => issue(app.people.operator), 201),
    over: () => issue(app.people.operator), other: () => issue(app.people.agency),
    relieve: async () => {
      const { items } = (await get('tokens', app.people.operator)).json;
      await app.call('DELETE', `/api/v1/tokens/${items[0].token}`, { token: app.people.operator.token });
    },
  },
  pendingApplications: {
    value: 2, retryAfter: null,
    fill: async () => {
      await granted();
      await times(2, () => app.applyFor(), 201);
    },
    over: () => app.applyFor(), other: () => app.applyFor(rival),
    relieve: async () => post(`applications/${(await get('applications?state=submitted&limit=1', app.people.operator)).json.items[0].id}/withdraw`, app.people.operator),
  },
  queuedJobsPerGrant: {
    value: 3, retryAfter: 1,
    fill: async () => {
      await busy();
      await times(3, () => submit(app.people.operator, grants.mine), 201);
    },
    over: () => submit(app.people.operator, grants.mine), other: () => submit(app.people.operator, grants.more), relieve: drain,
  },
  queuedJobsPerOrganisation: {
    value: 4, retryAfter: 1,
    fill: async () => {
      await busy();
      await times(4, (n) => submit(app.people.operator, n % 2 === 0 ? grants.mine : grants.more), 201);
    },
    over: () => submit(app.people.operator, grants.more), other: () => submit(rival, grants.theirs), relieve: drain,
  },
  checksPerMinute: {
    value: 4, retryAfter: 15,
    fill: async () => {
      await granted();
      const { id } = await app.finish(grants.mine);
      cookie = id;
      await times(4, (n) => (n % 2 === 0 ? post('jobs:check', app.people.operator, { grant: grants.mine, sql: 'SELECT 1' }) : result(id)), 200);
    },
    over: () => result(cookie), other: () => post('jobs:check', rival, { grant: grants.theirs, sql: 'SELECT 1' }), relieve: async () => app.pass(15_000),
  },
  policyRunsAtOnce: {
    value: 2, retryAfter: 1,
    fill: async () => {
      await granted();
      await app.finish(grants.mine);
      app.pool.hold();
      await hold(2, () => post('policies:dry-run', app.people.agency, { document: policy({ version: 2 }), last: 1 }));
    },
    over: () => post('policies', app.people.agency, policy({ version: 2 })), other: () => get('policies', app.people.agency), relieve: letGo,
  },
  uploadsAtOnce: {
    value: 2, retryAfter: 1,
    fill: async () => {
      rival = await app.person('agency');
      app.pool.hold('ingest');
      await hold(2, (n) => app.upload('/api/v1/datasets', app.people.agency.token, manifest(`city-${n}`)));
    },
    over: () => app.upload('/api/v1/datasets', app.people.agency.token, manifest('third')),
    other: () => {
      const theirs = app.upload('/api/v1/datasets', rival.token, manifest('elsewhere'));
      held.push(theirs);
      void app.pool.reached(3).then(() => app.pool.letGo());
      return theirs;
    },
    relieve: letGo,
  },
};

describe('a limit', () => {
  test.each(LIMIT_NAMES)('%s: says which it is, its value and when to try again', async (name) => {
    const { value, fill, over, other, relieve, retryAfter } = CASES[name];
    await within({ [name]: value });
    await fill();
    const reply = await expectProblem(app, 'limit/reached', over);
    expect(reply.status).toBe(429);
    expect(reply.json.limit).toEqual({ name, value });
    expect(reply.json.detail).toContain(String(value));
    expect([reply.json.retryAfter ?? null, reply.headers.get('retry-after')]).toEqual([retryAfter, retryAfter === null ? null : String(retryAfter)]);
    const metrics = await app.call('GET', '/metrics', { token: METRICS });
    expect(metrics.text).toContain(`sluice_limit_refusals_total{limit="${name}"} 1\n`);
    const others = await other();
    expect(others.status, others.text).toBeLessThan(300);
    await relieve();
    const again = await over();
    expect(again.status, again.text).toBeLessThan(300);
    await drain();
  });

  test('that is not reached leaves no trace: what was begun and failed counts no more', async () => {
    await within({ requestsAtOnce: 1, uploadsAtOnce: 1, policyRunsAtOnce: 1 });
    await app.publish();
    for (let i = 0; i < 3; i++) {
      expect((await app.upload('/api/v1/datasets', app.people.agency.token, { nonsense: true })).json.code).toBe('request/invalid');
      expect((await post('policies:dry-run', app.people.agency, { document: policy({ dataset: 'nowhere' }) })).json.code).toBe('policies/invalid');
    }
  });
});

test('sessions that ended by themselves do not count', async () => {
  await within({ sessions: 2 });
  await account('anna');
  await times(2, () => enter('anna'), 201);
  app.pass(29 * 60_000);
  const reply = await expectProblem(app, 'limit/reached', () => enter('anna'));
  expect(reply.json.retryAfter).toBe(60);
  app.pass(60_000);
  expect((await enter('anna')).status).toBe(201);
});

test('whoever has lost every session need not wait: a new password ends them', async () => {
  await within({ sessions: 2 });
  await account('anna');
  await times(2, () => enter('anna'), 201);
  const { json } = await expectProblem(app, 'limit/reached', () => enter('anna'));
  expect(json.detail).toMatch(/log in with a new password, which ends them all, or wait until one ends\. Try again in \d+ seconds\./);
  const login = (password: string, newPassword?: string) => app.call('POST', '/api/v1/sessions', { body: { login: 'anna', password, ...(newPassword !== undefined && { newPassword }) } });
  expect((await login(PASSWORD, 'quite another one of mine')).status).toBe(201);
  expect((await login('quite another one of mine')).status).toBe(201);
});

test('in configuration each has a value, a variable and a place in `sluice config`', () => {
  expect(Object.keys(DEFAULTS).sort()).toEqual([...LIMIT_NAMES, 'idempotencyKeys'].sort());
  const loaded = loadConfig({ SLUICE_LIMITS_CHECKS_PER_MINUTE: '7' }, undefined);
  expect(loaded.ok && loaded.value.limits).toEqual({ ...DEFAULTS, checksPerMinute: 7 });
  expect(loaded.ok && effectiveConfig(loaded.value)['limits']).toMatchObject({ checksPerMinute: 7 });
  expect(variableOf(['limits', 'checksPerMinute'])).toBe('SLUICE_LIMITS_CHECKS_PER_MINUTE');
});

test('what is under way at once is counted by whom it is for, and given back once', async () => {
  const limits = new Limits({ rules: { ...DEFAULTS, uploadsAtOnce: 1 }, clock: () => new Date(0), metrics: new Metrics() });
  let end: () => void = () => {};
  const first = limits.atOnce('uploadsAtOnce', 'a', () => new Promise<Result<number, Failure>>((resolve) => { end = () => resolve(ok(1)); }));
  expect(await limits.atOnce('uploadsAtOnce', 'a', async () => ok(2))).toMatchObject({ ok: false, error: { code: 'limit/reached' } });
  expect(await limits.atOnce('uploadsAtOnce', 'b', async () => ok(3))).toEqual(ok(3));
  expect(await limits.atOnce('policyRunsAtOnce', 'a', async () => ok(4))).toEqual(ok(4));
  end();
  expect(await first).toEqual(ok(1));
  await expect(limits.atOnce('uploadsAtOnce', 'a', async () => { throw new Error('a bug'); })).rejects.toThrow('a bug');
  expect(await limits.atOnce('uploadsAtOnce', 'a', async () => ok(5))).toEqual(ok(5));
});
