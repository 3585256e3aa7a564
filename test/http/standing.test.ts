/** Whoever loses access while a request of theirs takes its time gets no answer to it, and the log names them no more. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Event } from '#contract/event.ts';
import type { JobSpec } from '#contract/job.ts';
import { err, ok } from '#contract/result.ts';
import { NoStanding } from '#src/store/standing.ts';
import type { Person, Reply } from '../support/app.ts';
import { domainApp, manifest, policy, type DomainApp } from '../support/domain.ts';
import { released } from '../support/fake-pool.ts';

let app: DomainApp;
let grant: string;
beforeEach(async () => {
  app = await domainApp();
  await app.publish();
  grant = await app.grantFor();
});
afterEach(() => app.dispose());

type Who = 'operator' | 'agency' | 'auditor';
const call = (who: Who, method: string, path: string, body?: object, headers: Record<string, string> = {}) =>
  app.call(method, `/api/v1/${path}`, { token: app.people[who].token, headers, ...(body !== undefined && { body }) });
const TEST = { name: 'all', sql: 'SELECT count(*) FROM city.residents', expect: { outcome: 'released' } };

async function held(): Promise<string> {
  app.pool.answer = (spec) => (spec.kind === 'sql' ? released(spec, undefined, 'held') : null);
  const { id } = await app.finish(grant);
  return id;
}

/** What takes its time, who asks for it, which work of the workers it waits for, and what has to be there before. */
const WAITS: readonly (readonly [string, Who, JobSpec['kind'], () => Promise<() => Promise<Reply>>])[] = [
  ['a job', 'operator', 'sql', async () => {
    app.pool.hold();
    const { id } = await app.submit(grant);
    return () => call('operator', 'GET', `jobs/${id}?wait=30`);
  }],
  ['a result', 'operator', 'sql', async () => {
    app.pool.hold();
    const { id } = await app.submit(grant);
    return () => call('operator', 'GET', `jobs/${id}/result?wait=30`);
  }],
  ['a download', 'operator', 'parquet', async () => {
    const { id } = await app.finish(grant);
    return () => call('operator', 'GET', `jobs/${id}/result`, undefined, { accept: 'application/vnd.apache.parquet' });
  }],
  ['a check', 'operator', 'check', async () => () => call('operator', 'POST', 'jobs:check', { grant, sql: 'SELECT 1' })],
  ['an upload', 'agency', 'ingest', async () => () => app.upload('/api/v1/datasets', app.people.agency.token, manifest('other'))],
  ['a snapshot', 'agency', 'ingest', async () => () => app.upload('/api/v1/datasets/city/snapshots', app.people.agency.token, manifest())],
  ['a withdrawal', 'agency', 'withdraw', async () => () => call('agency', 'POST', 'datasets/city/withdrawals', { unit: 'person', change: 'withdraw', ground: 'consent', identifiers: ['x'] })],
  ['a ledger entry', 'agency', 'enter', async () => () => call('agency', 'POST', 'ledger/entries', { dataset: 'city', source: 's', table: 'residents', groups: ['district'], cells: [{ keys: ['市南区'], count: 20 }] })],
  ['a proposal with tests', 'agency', 'sql', async () => () => call('agency', 'POST', 'policies', { ...policy({ version: 2 }), tests: [TEST] })],
  ['a dry run', 'agency', 'sql', async () => {
    await app.finish(grant);
    return () => call('agency', 'POST', 'policies:dry-run', { document: policy({ version: 2 }), last: 5 });
  }],
  ['a review', 'agency', 'reveal', async () => {
    const id = await held();
    return () => call('agency', 'GET', `releases/${id}`);
  }],
  ['the explanation in a review', 'agency', 'check', async () => {
    const id = await held();
    return () => call('agency', 'GET', `releases/${id}`);
  }],
  ['a vote', 'agency', 'reveal', async () => {
    const id = await held();
    return () => call('agency', 'POST', `releases/${id}/approve`, { reason: 'fine' });
  }],
  ['a replay', 'auditor', 'sql', async () => {
    const { id } = await app.finish(grant);
    return () => call('auditor', 'POST', 'audit/replays', { job: id });
  }],
];

const tokenOf = async ({ account }: Person): Promise<string> =>
  (await app.call('GET', `/api/v1/tokens?account=${account}`, { token: app.people.administrator.token })).json.items.find((one: { name: string }) => one.name === 'test').token;
const admin = (method: string, path: string, body?: object) => app.call(method, `/api/v1/${path}`, { token: app.people.administrator.token, ...(body !== undefined && { body }) });

/** How access ends, and what is said then. */
const ENDS: readonly (readonly [string, string, (who: Person) => Promise<unknown>])[] = [
  ['the account is disabled', 'auth/account-disabled', ({ account }) => admin('POST', `accounts/${account}/disable`)],
  ['the token is revoked', 'auth/token-revoked', async (who) => admin('DELETE', `tokens/${await tokenOf(who)}`)],
  ['the token expires', 'auth/token-expired', async () => app.pass(31 * 24 * 3600 * 1000)],
];

const entries = (from: number): Event[] => app.store.entries(from, app.store.size).map((entry) => JSON.parse(Buffer.from(entry).toString('utf8')));

describe.each(ENDS)('when %s', (_, code, end) => {
  test.each(WAITS)('%s is not answered', async (name, who, kind, prepare) => {
    const ask = await prepare();
    // These two hold the job that they wait for.
    if (name !== 'a job' && name !== 'a result') app.pool.hold(kind);
    const answer = ask();
    await app.pool.reached(1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await end(app.people[who]);
    const size = app.store.size;
    app.pool.letGo();
    const { status, json, headers } = await answer;
    expect([status, json.code]).toEqual([401, code]);
    expect(Object.keys(json).sort()).toEqual(['code', 'detail', 'instance', 'status', 'title', 'type']);
    expect([headers.get('etag'), headers.get('location')]).toEqual([null, null]);
    await app.domain.runner.settled();
    expect(entries(size).filter(({ actor }) => actor.id === app.people[who].account)).toEqual([]);
  });
});

test('a session that ends while a request waits ends its answer too, and its own logout is answered', async () => {
  const { operator } = app.people;
  const { login } = (await admin('GET', `accounts/${operator.account}`)).json;
  await admin('PUT', `accounts/${operator.account}/password`, { password: 'a first long password' });
  const opened = await app.call('POST', '/api/v1/sessions', { body: { login, password: 'a first long password', newPassword: 'my own long password' } });
  const headers = { cookie: opened.headers.get('set-cookie')!.split(';')[0]!, 'x-sluice-request': '1' };
  app.pool.hold();
  const { id } = await app.submit(grant);
  await app.pool.reached(1);
  const answer = app.call('GET', `/api/v1/jobs/${id}/result?wait=30`, { headers });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect((await app.call('DELETE', '/api/v1/sessions/current', { headers })).status).toBe(204);
  app.pool.letGo();
  expect((await answer).json.code).toBe('auth/required');
  expect(app.events('result.downloaded')).toEqual([]);
});

test('whoever ends their own access is told that it is done: an administrator with a session disables themself, or takes a new password', async () => {
  const leaving = await app.person('administrator');
  const { login } = (await admin('GET', `accounts/${leaving.account}`)).json;
  const open = async (password: string) => {
    await admin('PUT', `accounts/${leaving.account}/password`, { password: `${password} at first` });
    const opened = await app.call('POST', '/api/v1/sessions', { body: { login, password: `${password} at first`, newPassword: password } });
    return { cookie: opened.headers.get('set-cookie')!.split(';')[0]!, 'x-sluice-request': '1' };
  };
  const first = await open('one long password of mine');
  expect((await app.call('PUT', `/api/v1/accounts/${leaving.account}/password`, { headers: first, body: { password: 'another long password' } })).status).toBe(204);
  expect((await app.call('GET', '/api/v1/me', { headers: first })).json.code).toBe('auth/required');
  const second = await open('the next long password');
  expect((await app.call('POST', `/api/v1/accounts/${leaving.account}/disable`, { headers: second })).json.state).toBe('disabled');
  const own = await app.person('operator');
  expect((await app.call('DELETE', `/api/v1/tokens/${await tokenOf(own)}`, { token: own.token })).status).toBe(204);
});

describe('the store', () => {
  const actor = () => ({ id: app.people.operator.account, role: 'operator', via: 'token' }) as const;
  const denied = { kind: 'request.denied', action: 'job.submit', subject: 'x', code: 'jobs/quota' } as const;

  test('records nothing of a disabled, unknown or differently employed actor, and undoes what came before in the transaction', async () => {
    const size = app.store.size;
    await expect(app.store.transact({ ...actor(), role: 'agency' }, (tx) => ok(tx.record(denied)))).rejects.toThrow(NoStanding);
    await expect(app.store.transact({ ...actor(), id: 'acct_00000000000000000000000000' }, (tx) => ok(tx.record(denied)))).rejects.toThrow(NoStanding);
    expect(app.store.size).toBe(size);
    await admin('POST', `accounts/${app.people.operator.account}/disable`);
    const disabled = app.store.size;
    await expect(app.store.transact(actor(), (tx) => {
      tx.putBlob(new Uint8Array([1]));
      return ok(tx.record(denied));
    })).rejects.toThrow(NoStanding);
    expect(app.store.size).toBe(disabled);
    expect(app.store.read.get('SELECT 1 FROM blobs WHERE bytes = ?', new Uint8Array([1]))).toBeUndefined();
    expect(await app.store.transact(actor(), () => err('its own answer'))).toEqual(err('its own answer'));
    await admin('POST', `accounts/${app.people.operator.account}/enable`);
    expect((await app.store.transact(actor(), (tx) => ok(tx.record(denied)))).ok).toBe(true);
  });

  test('sees what its own group did: a disabling and a write of the same moment', async () => {
    const { administrator, operator } = app.people;
    const by = { id: administrator.account, role: 'administrator', via: 'token' } as const;
    const [disabled, written] = await Promise.allSettled([
      app.store.transact(by, (tx) => ok(tx.record({ kind: 'account.disabled', account: operator.account }))),
      app.store.transact(actor(), (tx) => ok(tx.record(denied))),
    ]);
    expect([disabled.status, written.status]).toEqual(['fulfilled', 'rejected']);
  });
});

describe('what a request rests on is looked at again', () => {
  const suspend = () => call('agency', 'POST', `grants/${grant}/suspend`, { reason: 'why' });

  test('a grant suspended while its result is awaited gives none', async () => {
    app.pool.hold();
    const { id } = await app.submit(grant);
    await app.pool.reached(1);
    const answer = call('operator', 'GET', `jobs/${id}/result?wait=30`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await suspend();
    app.pool.letGo();
    expect((await answer).json.code).toBe('jobs/no-result');
    expect(app.events('result.downloaded')).toEqual([]);
  });

  test('a grant suspended during a check explains nothing', async () => {
    app.pool.hold('check');
    const answer = call('operator', 'POST', 'jobs:check', { grant, sql: 'SELECT 1' });
    await app.pool.reached(1);
    await suspend();
    app.pool.letGo();
    expect((await answer).json.code).toBe('grants/not-in-force');
  });

  test('a result taken back while its file is made does not leave', async () => {
    const { id } = await app.finish(grant);
    app.pool.hold('parquet');
    const answer = call('operator', 'GET', `jobs/${id}/result`, undefined, { accept: 'application/vnd.apache.parquet' });
    await app.pool.reached(1);
    expect((await call('agency', 'POST', `releases/${id}/withdraw`, { reason: 'why' })).status).toBe(200);
    app.pool.letGo();
    expect((await answer).json.code).toBe('jobs/no-result');
    expect(app.events('result.downloaded')).toEqual([]);
  });

  test.each(['reveal', 'check'] as const)('a held result decided while the review waits for %s is shown no more', async (kind) => {
    const id = await held();
    app.pool.hold(kind);
    const answer = call('agency', 'GET', `releases/${id}`);
    await app.pool.reached(1);
    const { token } = await app.colleague(app.people.agency, 'agency');
    expect((await app.call('POST', `/api/v1/releases/${id}/reject`, { token, body: { reason: 'no' } })).status).toBe(200);
    app.pool.letGo();
    expect((await answer).json.code).toBe('releases/state');
  });

  test('a dataset withdrawn while a published table is compared takes no entry', async () => {
    app.pool.hold('enter');
    const answer = call('agency', 'POST', 'ledger/entries', { dataset: 'city', source: 's', table: 'residents', groups: ['district'], cells: [{ keys: ['市南区'], count: 20 }] });
    await app.pool.reached(1);
    await call('agency', 'POST', 'datasets/city/withdraw', { reason: 'why' });
    app.pool.letGo();
    expect((await answer).json.code).toBe('datasets/state');
    expect(app.events('ledger.entered')).toEqual([]);
  });
});
