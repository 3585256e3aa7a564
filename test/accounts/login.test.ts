import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { rebuild } from '#src/audit/rebuild.ts';
import { PROJECTIONS } from '#src/projections.ts';
import { expectProblem, testApp, type Reply, type TestApp } from '../support/app.ts';

const PASSWORD = 'four words make a sentence';
const OWN = 'another sentence of five words';
let app: TestApp;
let cookie: string;

const login = (name: string, password: string, more: object = {}, headers: Record<string, string> = {}): Promise<Reply> =>
  app.call('POST', '/api/v1/sessions', { body: { login: name, password, ...more }, headers });
const cookieOf = (reply: Reply) => (reply.headers.get('set-cookie') ?? '').split(';')[0]!;
const withCookie = (value: string, more: Record<string, string> = {}) => ({ headers: { cookie: value, ...more } });

/** An account `name` with its own password and a session. */
async function member(name: string): Promise<string> {
  const { administrator } = app.people;
  const created = await app.call('POST', '/api/v1/accounts', {
    token: administrator.token, body: { login: name, name: 'Li Na', role: 'operator', organisation: administrator.organisation, password: PASSWORD },
  });
  expect(created.status).toBe(201);
  const opened = await login(name, PASSWORD, { newPassword: OWN });
  expect(opened.status).toBe(201);
  return cookieOf(opened);
}

beforeEach(async () => {
  app = await testApp();
  cookie = await member('li.na');
});
afterEach(() => app.dispose());

describe('sessions', () => {
  test('a cookie is HttpOnly and SameSite, and Secure with its host prefix under https', async () => {
    const set = (await login('li.na', OWN)).headers.get('set-cookie');
    expect(set).toMatch(/^sluice=/);
    expect(set).toMatch(/HttpOnly/);
    expect(set).toMatch(/SameSite=Strict/);
    expect(set).not.toMatch(/Secure/);
    const secure = await testApp({ config: { publicUrl: 'https://sluice.test' } });
    const created = await secure.call('POST', '/api/v1/accounts', {
      token: secure.people.administrator.token, body: { login: 'wu', name: 'Wu', role: 'auditor', organisation: secure.people.auditor.organisation, password: PASSWORD },
    });
    expect(created.status).toBe(201);
    const opened = await secure.call('POST', '/api/v1/sessions', { body: { login: 'wu', password: PASSWORD, newPassword: OWN } });
    expect(opened.headers.get('set-cookie')).toMatch(/^__Host-sluice=.*; Secure/);
    await secure.dispose();
  });

  test('a session says who it is, and ends by logout', async () => {
    const me = await app.call('GET', '/api/v1/me', withCookie(cookie));
    expect(me.json).toMatchObject({ login: 'li.na', role: 'operator', via: 'session' });
    const out = await app.call('DELETE', '/api/v1/sessions/current', withCookie(cookie, { 'x-sluice-request': '1' }));
    expect(out.status).toBe(204);
    await expectProblem(app, 'auth/required', () => app.call('GET', '/api/v1/me', withCookie(cookie)));
  });

  test('a session ends when idle, and in any case after its lifetime', async () => {
    app.pass(29 * 60_000);
    expect((await app.call('GET', '/api/v1/me', withCookie(cookie))).status).toBe(200);
    app.pass(31 * 60_000);
    await expectProblem(app, 'auth/required', () => app.call('GET', '/api/v1/me', withCookie(cookie)));
    const fresh = cookieOf(await login('li.na', OWN));
    for (let minutes = 0; minutes < 12 * 60 - 20; minutes += 20) {
      app.pass(20 * 60_000);
      expect((await app.call('GET', '/api/v1/me', withCookie(fresh))).status).toBe(200);
    }
    app.pass(20 * 60_000);
    await expectProblem(app, 'auth/required', () => app.call('GET', '/api/v1/me', withCookie(fresh)));
  });

  test('a change by cookie needs our origin or our header', async () => {
    const change = (headers: Record<string, string>) => () => app.call('POST', '/api/v1/tokens', { body: { name: 'n', scopes: ['jobs:read'] }, headers: { cookie, ...headers } });
    await expectProblem(app, 'request/origin', change({}));
    await expectProblem(app, 'request/origin', change({ origin: 'https://evil.test' }));
    await expectProblem(app, 'request/origin', change({ origin: 'null' }));
    expect((await change({ origin: 'http://localhost' })()).status).toBe(201);
    expect((await change({ 'x-sluice-request': '1' })()).status).toBe(201);
  });

  test('disabling an account ends its sessions, and enabling does not bring them back', async () => {
    const { json: { account } } = await app.call('GET', '/api/v1/me', withCookie(cookie));
    const token = app.people.administrator.token;
    expect((await app.call('POST', `/api/v1/accounts/${account}/disable`, { token })).json.state).toBe('disabled');
    await expectProblem(app, 'auth/required', () => app.call('GET', '/api/v1/me', withCookie(cookie)));
    await expectProblem(app, 'auth/login-failed', () => login('li.na', OWN), { mayRecord: true });
    expect((await app.call('POST', `/api/v1/accounts/${account}/enable`, { token })).json.state).toBe('enabled');
    await expectProblem(app, 'auth/required', () => app.call('GET', '/api/v1/me', withCookie(cookie)));
    expect((await login('li.na', OWN)).status).toBe(201);
  });
});

describe('passwords', () => {
  test('a provisional password has to be replaced, and the new one has to be good', async () => {
    const { administrator } = app.people;
    await app.call('POST', '/api/v1/accounts', { token: administrator.token, body: { login: 'wang', name: 'Wang', role: 'auditor', organisation: administrator.organisation, password: PASSWORD } });
    await expectProblem(app, 'auth/password-provisional', () => login('wang', PASSWORD));
    for (const weak of ['short', 'aaaaaaaaaaaaaaaa', 'my name is wang, you know', PASSWORD]) {
      await expectProblem(app, 'accounts/password-weak', () => login('wang', PASSWORD, { newPassword: weak }));
    }
    expect((await login('wang', PASSWORD, { newPassword: OWN })).status).toBe(201);
    await expectProblem(app, 'auth/login-failed', () => login('wang', PASSWORD), { mayRecord: true });
  });

  test('changing the password ends the other sessions', async () => {
    const other = cookieOf(await login('li.na', OWN));
    const change = (current: string, next: string) => app.call('PUT', '/api/v1/me/password', { body: { current, next }, headers: { cookie, 'x-sluice-request': '1' } });
    await expectProblem(app, 'accounts/password-wrong', () => change(PASSWORD, 'yet another long sentence'), { mayRecord: true });
    await expectProblem(app, 'accounts/password-weak', () => change(OWN, 'short'));
    expect((await change(OWN, 'yet another long sentence')).status).toBe(204);
    expect((await app.call('GET', '/api/v1/me', withCookie(cookie))).status).toBe(200);
    await expectProblem(app, 'auth/required', () => app.call('GET', '/api/v1/me', withCookie(other)));
  });

  test('an administrator sets a provisional password; sessions end', async () => {
    const { json: { account } } = await app.call('GET', '/api/v1/me', withCookie(cookie));
    const token = app.people.administrator.token;
    await expectProblem(app, 'accounts/password-weak', () => app.call('PUT', `/api/v1/accounts/${account}/password`, { token, body: { password: 'x' } }));
    expect((await app.call('PUT', `/api/v1/accounts/${account}/password`, { token, body: { password: PASSWORD } })).status).toBe(204);
    await expectProblem(app, 'auth/required', () => app.call('GET', '/api/v1/me', withCookie(cookie)));
    await expectProblem(app, 'auth/password-provisional', () => login('li.na', PASSWORD));
  });
});

describe('lockout', () => {
  test('waits grow, hold for the right password too, and survive a restart', async () => {
    for (let i = 0; i < 5; i++) await expectProblem(app, 'auth/login-failed', () => login('li.na', 'wrong'), { mayRecord: true });
    const first = await expectProblem(app, 'auth/too-many-attempts', () => login('li.na', OWN));
    expect(first.headers.get('retry-after')).toBe('15');
    app.pass(15_000);
    await expectProblem(app, 'auth/login-failed', () => login('li.na', 'wrong'), { mayRecord: true });
    const second = await expectProblem(app, 'auth/too-many-attempts', () => login('li.na', OWN));
    expect(second.json.retryAfter).toBe(30);
    app.pass(30_000);
    expect((await login('li.na', OWN)).status).toBe(201);
    await expectProblem(app, 'auth/login-failed', () => login('li.na', 'wrong'), { mayRecord: true });
    expect((await login('li.na', OWN)).status).toBe(201);
  });

  test('an unknown name, a wrong password and an account without one cannot be told apart', async () => {
    await app.call('POST', '/api/v1/accounts', { token: app.people.administrator.token, body: { login: 'mute', name: 'M', role: 'auditor', organisation: app.people.auditor.organisation } });
    const answers: string[][] = [];
    for (const name of ['li.na', 'nobody', 'mute']) {
      const seen: string[] = [];
      for (let i = 0; i < 7; i++) {
        const reply = await login(name, 'wrong password', {}, { 'accept-language': 'zh-CN' });
        seen.push(`${reply.status} ${reply.text} ${[...reply.headers].join()}`);
      }
      answers.push(seen);
    }
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
    const kinds = app.store.entries(0, app.store.size).map((entry) => JSON.parse(Buffer.from(entry).toString()).body);
    expect(kinds.filter(({ kind, account }) => kind === 'login.failed' && account === null)).toHaveLength(5);
  });

  test('a burst gets no more guesses than a queue', async () => {
    const replies = await Promise.all(Array.from({ length: 20 }, () => login('li.na', 'wrong')));
    expect(replies.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(5);
  });

  test('a source that guesses at many names has to wait as well', async () => {
    const tight = await testApp({ config: { lockout: { afterFailures: 5, afterFailuresOfSource: 6, firstSeconds: 15, longestSeconds: 60, forgetSeconds: 3600 } } });
    for (let i = 0; i < 6; i++) await expectProblem(tight, 'auth/login-failed', () => tight.call('POST', '/api/v1/sessions', { body: { login: `name-${i}`, password: 'x' } }), { mayRecord: true });
    await expectProblem(tight, 'auth/too-many-attempts', () => tight.call('POST', '/api/v1/sessions', { body: { login: 'name-9', password: 'x' } }));
    tight.pass(3601_000);
    await expectProblem(tight, 'auth/login-failed', () => tight.call('POST', '/api/v1/sessions', { body: { login: 'name-9', password: 'x' } }), { mayRecord: true });
    await tight.dispose();
  });
});

test('the tables of accounts are what the log says', async () => {
  await expectProblem(app, 'auth/login-failed', () => login('li.na', 'wrong'), { mayRecord: true });
  const { token } = (await app.call('POST', '/api/v1/tokens', { token: app.people.agency.token, body: { name: 't', scopes: ['jobs:read'], days: 1 } })).json;
  await app.call('DELETE', `/api/v1/tokens/${token}`, { token: app.people.agency.token });
  await app.call('POST', `/api/v1/accounts/${app.people.operator.account}/disable`, { token: app.people.administrator.token });
  const report = rebuild(join(app.directory, 'sluice.db'), PROJECTIONS);
  expect(report.identical).toBe(true);
  expect(report.tables.find(({ table }) => table === 'sessions')?.rows).toBe(1);
});

test('neither log nor database holds a password, a name or a secret in clear', async () => {
  await expectProblem(app, 'auth/login-failed', () => login('typed-into-wrong-field', 'hunter2-hunter2'), { mayRecord: true });
  const log = Buffer.concat(app.store.entries(0, app.store.size)).toString('utf8');
  for (const secret of ['li.na', 'Li Na', PASSWORD, OWN, 'typed-into-wrong-field', 'hunter2', cookie.split('=')[1]!, app.people.operator.token]) {
    expect(log).not.toContain(secret);
  }
  for (const { name } of app.store.read.all<{ name: string }>(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'login_names'`)) {
    const rows = JSON.stringify(app.store.read.all(`SELECT * FROM "${name}"`));
    for (const secret of ['li.na', PASSWORD, OWN, 'typed-into-wrong-field', 'hunter2', cookie.split('=')[1]!, app.people.operator.token]) expect(`${name} ${rows}`).not.toContain(secret);
  }
});
