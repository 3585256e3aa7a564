import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectProblem, testApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => { app = await testApp(); });
afterAll(() => app.dispose());

const issue = (token: string, body: object) => app.call('POST', '/api/v1/tokens', { token, body });

describe('tokens', () => {
  test('work, are scoped, expire and are revoked', async () => {
    const { operator } = app.people;
    const issued = await issue(operator.token, { name: 'nightly', scopes: ['accounts:read'], days: 2 });
    expect(issued.status).toBe(201);
    const { secret, token } = issued.json;
    expect(secret).toMatch(/^sluice_t_[\w-]{43}$/);
    expect((await app.call('GET', '/api/v1/me', { token: secret })).json).toMatchObject({ account: operator.account, via: 'token', scopes: ['accounts:read'] });
    expect((await app.call('GET', '/api/v1/tokens', { token: secret })).json.items[0]).toMatchObject({ token, name: 'nightly', revoked: null });
    await expectProblem(app, 'auth/scope', () => issue(secret, { name: 'more', scopes: ['accounts:read'] }));
    expect((await app.call('DELETE', `/api/v1/tokens/${token}`, { token: operator.token })).status).toBe(204);
    const revoked = await expectProblem(app, 'auth/token-revoked', () => app.call('GET', '/api/v1/me', { token: secret }));
    expect(revoked.json.detail).toContain(token);
    expect(revoked.headers.get('www-authenticate')).toMatch(/^Bearer/);
    await expectProblem(app, 'accounts/state', () => app.call('DELETE', `/api/v1/tokens/${token}`, { token: operator.token }));

    const short = (await issue(operator.token, { name: 'short', scopes: ['jobs:read'], days: 1 })).json.secret;
    app.pass(24 * 3600 * 1000);
    await expectProblem(app, 'auth/token-expired', () => app.call('GET', '/api/v1/me', { token: short }));
  });

  test('reach no further than what issued them', async () => {
    const { auditor } = app.people;
    const narrow = (await issue(auditor.token, { name: 'n', scopes: ['accounts:write', 'audit:read'], days: 10 })).json.secret;
    await expectProblem(app, 'accounts/token-scope', () => issue(narrow, { name: 'n', scopes: ['audit:replay'], days: 1 }));
    await expectProblem(app, 'accounts/token-scope', () => issue(narrow, { name: 'n', scopes: ['audit:read'], days: 11 }));
    expect((await issue(narrow, { name: 'n', scopes: ['audit:read'], days: 9 })).status).toBe(201);
  });

  test('of another account do not exist, but for administrators', async () => {
    const { operator, agency, administrator } = app.people;
    const { token } = (await issue(operator.token, { name: 'mine', scopes: ['jobs:read'], days: 1 })).json;
    const foreign = await expectProblem(app, 'request/not-found', () => app.call('DELETE', `/api/v1/tokens/${token}`, { token: agency.token }));
    const absent = await expectProblem(app, 'request/not-found', () => app.call('DELETE', `/api/v1/tokens/tok_00000000000000000000000000`, { token: agency.token }));
    const malformed = await expectProblem(app, 'request/not-found', () => app.call('DELETE', `/api/v1/tokens/x`, { token: agency.token }));
    expect({ ...foreign.json, instance: '' }).toEqual({ ...absent.json, instance: '' });
    expect({ ...malformed.json, instance: '' }).toEqual({ ...absent.json, instance: '' });
    await expectProblem(app, 'request/not-found', () => app.call('GET', `/api/v1/tokens?account=${operator.account}`, { token: agency.token }));
    expect((await app.call('GET', `/api/v1/tokens?account=${operator.account}`, { token: administrator.token })).json.items.length).toBeGreaterThan(0);
    expect((await app.call('DELETE', `/api/v1/tokens/${token}`, { token: administrator.token })).status).toBe(204);
  });

  test('that are unknown or malformed are said to be', async () => {
    for (const authorization of ['Bearer sluice_t_none', 'Bearer', 'Basic YTpi', `Bearer ${'x'.repeat(600)}`]) {
      await expectProblem(app, 'auth/token-unknown', () => app.call('GET', '/api/v1/me', { headers: { authorization } }));
    }
  });

  test('of a disabled account stop working', async () => {
    const someone = await app.person('operator');
    await app.call('POST', `/api/v1/accounts/${someone.account}/disable`, { token: app.people.administrator.token });
    await expectProblem(app, 'auth/account-disabled', () => app.call('GET', '/api/v1/me', { token: someone.token }));
  });
});

describe('accounts', () => {
  const administrate = (method: string, path: string, body?: unknown) => app.call(method, `/api/v1${path}`, { token: app.people.administrator.token, body });

  test('are created once per login name, in an organisation that exists', async () => {
    const organisation = (await administrate('POST', '/organisations', { name: '青岛市大数据发展管理局' })).json;
    expect(organisation.name).toBe('青岛市大数据发展管理局');
    const asked = { login: '张伟', name: '张伟', role: 'agency', organisation: organisation.organisation };
    const created = await administrate('POST', '/accounts', asked);
    expect(created.headers.get('location')).toBe(`/api/v1/accounts/${created.json.account}`);
    expect((await administrate('GET', `/accounts/${created.json.account}`)).json).toEqual(created.json);
    await expectProblem(app, 'accounts/login-taken', () => administrate('POST', '/accounts', asked));
    await expectProblem(app, 'accounts/organisation-unknown', () => administrate('POST', '/accounts', { ...asked, login: 'other', organisation: 'org_00000000000000000000000000' }));
    await expectProblem(app, 'accounts/password-weak', () => administrate('POST', '/accounts', { ...asked, login: 'other', password: 'short' }));
    await expectProblem(app, 'request/not-found', () => administrate('POST', '/accounts/acct_00000000000000000000000000/disable'));
  });

  test('keep one administrator', async () => {
    const { administrator } = app.people;
    await expectProblem(app, 'accounts/last-administrator', () => administrate('POST', `/accounts/${administrator.account}/disable`));
    const second = await app.person('administrator');
    expect((await administrate('POST', `/accounts/${administrator.account}/disable`)).status).toBe(200);
    expect((await app.call('POST', `/api/v1/accounts/${administrator.account}/enable`, { token: second.token })).status).toBe(200);
    await expectProblem(app, 'accounts/state', () => administrate('POST', `/accounts/${administrator.account}/enable`));
    await administrate('POST', `/accounts/${second.account}/disable`);
    await expectProblem(app, 'accounts/state', () => administrate('POST', `/accounts/${second.account}/disable`));
  });

  test('are listed in pages, each once', async () => {
    const seen: string[] = [];
    let cursor = '';
    do {
      const reply = await administrate('GET', `/accounts?limit=3${cursor && `&cursor=${cursor}`}`);
      expect(reply.json.items.length).toBeLessThanOrEqual(3);
      seen.push(...reply.json.items.map(({ account }: { account: string }) => account));
      cursor = reply.json.next ?? '';
    } while (cursor !== '');
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toContain(app.people.operator.account);
    expect((await administrate('GET', '/accounts?role=auditor')).json.items.every(({ role }: { role: string }) => role === 'auditor')).toBe(true);
    for (const bad of ['cursor=x', 'cursor=WyJhIl0', 'limit=0', 'limit=201', 'limit=many', 'limit=1&limit=2', 'who=me']) {
      await expectProblem(app, 'request/invalid', () => administrate('GET', `/accounts?${bad}`));
    }
  });
});
