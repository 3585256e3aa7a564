/** What every request goes through: problems, bodies, languages, headers, methods, the service's own log. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Problem } from '#contract/problem.ts';
import { err, ok } from '#contract/result.ts';
import type { Api } from '#src/http/api.ts';
import { languageAccepted } from '#src/http/problem.ts';
import { route } from '#src/http/route.ts';
import { StoreClosed } from '#src/store/group-commit.ts';
import { expectProblem, testApp, type TestApp } from '../support/app.ts';

const CANARY = 'CANARY-330281199001011234';

/** Routes that misbehave, to see what the base does with that. */
function misbehave(api: Api): void {
  const broken = (id: string, handler: () => never) => api.on(route({
    method: 'post', path: `/api/v1/test/${id}`, id, tag: 'test', summary: id, access: 'public', body: z.strictObject({ text: z.string() }),
    answer: { status: 200, description: '', schema: z.strictObject({ known: z.string() }) },
  }), handler);
  broken('throws', () => { throw new Error(`something about ${CANARY}`); });
  broken('closed', () => { throw new StoreClosed('closed'); });
  broken('leaks', () => ok({ known: 'x', secret: CANARY }) as never);
}

let app: TestApp;
beforeAll(async () => { app = await testApp({ mounts: [misbehave], config: { bodyLimit: 2048 } }); });
afterAll(() => app.dispose());

const create = (body: unknown, headers: Record<string, string> = {}) => () =>
  app.call('POST', '/api/v1/organisations', { token: app.people.administrator.token, body, headers });

describe('bodies', () => {
  test.each([
    ['request/malformed-json', '{"name": "x",\n "a" 1}', 'line 2, column 6'],
    ['request/malformed-json', '{"name": ', 'line 1, column 10'],
    ['request/malformed-json', '', 'line 1, column 1'],
    ['request/bad-utf8', Buffer.from([0x7b, 0x22, 0xe4, 0xb8, 0x22, 0x7d]), 'offset 2'],
    ['request/bad-utf8', Buffer.from([0xff]), 'offset 0'],
    ['request/too-large', JSON.stringify({ name: 'x'.repeat(3000) }), '2048 bytes'],
    ['request/invalid', {}, 'body/name'],
    ['request/invalid', { name: 7 }, 'expected string'],
    ['request/invalid', { name: 'x', admin: true }, '"admin"'],
    ['request/invalid', [], 'expected object'],
    ['request/invalid', 'null', 'expected object'],
    ['request/invalid', { name: '  ' }, 'body/name'],
  ])('%s: %j', async (code, body, says) => {
    const reply = await expectProblem(app, code, create(body));
    expect(reply.json.detail).toContain(says);
    expect(reply.headers.get('content-type')).toBe('application/problem+json');
    expect(Problem.parse(reply.json)).toMatchObject({ status: reply.status, instance: '/api/v1/organisations', type: `https://sluice.example/problems/${code}` });
  });

  test('with unusual keys or depth are refused like any other', async () => {
    await expectProblem(app, 'request/invalid', create('{"name":"x","__proto__":{"admin":true}}'));
    await expectProblem(app, 'request/invalid', create('{"name":"x","constructor":1}'));
    await expectProblem(app, 'request/invalid', create('['.repeat(1000) + ']'.repeat(1000)));
    await expectProblem(app, 'request/bad-utf8', create('{"name":"\\ud800"}'));
    await expectProblem(app, 'request/bad-utf8', create('{"name":"x","more":[{"\\uDFFF":[]}]}'));
    await expectProblem(app, 'request/invalid', create('{"name":"x\\u001b[31m"}'));
    expect((await create('{"name":"\\ud83d\\ude00"}')()).json.name).toBe('😀');
  });

  test('of another media type, or of none, are refused', async () => {
    await expectProblem(app, 'request/media-type', create('{"name":"x"}', { 'content-type': 'text/plain' }));
    await expectProblem(app, 'request/media-type', create('name=x', { 'content-type': 'application/x-www-form-urlencoded' }));
    expect((await create('{"name":"x"}', { 'content-type': 'Application/JSON; charset=utf-8' })()).status).toBe(201);
  });

  test('are not read from those who may not send them', async () => {
    await expectProblem(app, 'auth/required', () => app.call('POST', '/api/v1/organisations', { body: '{' }));
    await expectProblem(app, 'auth/role', () => app.call('POST', '/api/v1/organisations', { token: app.people.operator.token, body: '{' }));
  });
});

describe('language', () => {
  test.each([
    ['', 'en'], ['zh-CN,zh;q=0.9,en;q=0.8', 'zh'], ['en-GB,zh;q=0.9', 'en'], ['fr', 'en'], ['zh;q=0.5, en;q=0.7', 'en'], ['ZH-hant', 'zh'], ['en;q=0,zh;q=0.1', 'zh'], [';;,q=', 'en'],
  ])('%j → %s', (header, language) => expect(languageAccepted(header)).toBe(language));

  test('problems, with their fields, speak it', async () => {
    const reply = await expectProblem(app, 'request/invalid', create({ name: 7 }, { 'accept-language': 'zh-CN' }));
    expect(reply.headers.get('content-language')).toBe('zh');
    expect(reply.json.title).toBe('请求不符合其模式');
    expect(reply.json.errors[0].message).toMatch(/期望/);
    const asked = await app.call('GET', '/nowhere?lang=zh', { headers: { 'accept-language': 'en' } });
    expect(asked.json.title).toBe('未找到');
    const login = await app.call('POST', '/api/v1/accounts', {
      token: app.people.administrator.token, headers: { 'accept-language': 'zh' }, body: { login: 'UPPER', name: 'n', role: 'agency', organisation: app.people.agency.organisation },
    });
    expect(login.json.errors[0].message).toContain('小写字母');
  });
});

describe('unexpected exceptions', () => {
  test('give a constant answer with an incident, and nothing of what they say', async () => {
    const reply = await expectProblem(app, 'service/unexpected', () => app.call('POST', '/api/v1/test/throws', { body: { text: CANARY } }));
    const leaked = await expectProblem(app, 'service/unexpected', () => app.call('POST', '/api/v1/test/leaks', { body: { text: CANARY } }));
    expect(reply.json.incident).toMatch(/^inc_/);
    const logged = app.lines.find(({ fields }) => fields['incident'] === reply.json.incident);
    expect(logged).toMatchObject({ level: 'error', fields: { error: 'Error', route: '/api/v1/test/throws' } });
    expect(String(logged?.fields['at'])).toContain('base.test.ts');
    expect(reply.text + leaked.text + JSON.stringify(app.lines)).not.toContain('CANARY');
  });

  test('a closed store is unavailability', async () => {
    const reply = await expectProblem(app, 'service/unavailable', () => app.call('POST', '/api/v1/test/closed', { body: { text: '' } }));
    expect(reply.headers.get('retry-after')).toBe('5');
  });
});

test('unknown paths and methods', async () => {
  await expectProblem(app, 'request/not-found', () => app.call('GET', '/nowhere'));
  await expectProblem(app, 'request/not-found', () => app.call('GET', '/api/v1/accounts/'));
  const { token } = app.people.administrator;
  for (const path of ['%E0%A4%A', '..%2f..%2fme', '%00', 'acct_', 'x'.repeat(5000)]) {
    await expectProblem(app, 'request/not-found', () => app.call('GET', `/api/v1/accounts/${path}`, { token }));
  }
  const reply = await expectProblem(app, 'request/method', () => app.call('DELETE', '/api/v1/accounts', { token: app.people.operator.token }));
  expect(reply.headers.get('allow')).toBe('POST, GET, HEAD');
  expect((await app.call('HEAD', '/healthz')).status).toBe(200);
});

test('ETags: the same document, not again', async () => {
  const { token, account } = app.people.administrator;
  const path = `/api/v1/accounts/${account}`;
  const first = await app.call('GET', path, { token });
  const etag = first.headers.get('etag')!;
  expect(etag).toMatch(/^"[0-9a-f]{64}"$/);
  for (const header of [etag, `W/${etag}`, `"x", ${etag}`, '*']) expect((await app.call('GET', path, { token, headers: { 'if-none-match': header } })).status).toBe(304);
  expect((await app.call('GET', path, { token, headers: { 'if-none-match': '"x"' } })).status).toBe(200);
});

test('security headers are on every answer', async () => {
  for (const path of ['/healthz', '/nowhere']) {
    const { headers } = await app.call('GET', path);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('access-control-allow-origin')).toBeNull();
  }
});

test('the request log has patterns, and nothing of the content', async () => {
  app.lines.length = 0;
  const { token, account } = app.people.administrator;
  await app.call('GET', `/api/v1/accounts/${account}?${CANARY}=${CANARY}`, { token });
  await app.call('GET', `/api/v1/accounts/${CANARY}`, { token });
  await app.call('GET', `/${CANARY}`, { token, headers: { 'user-agent': CANARY } });
  await create({ name: CANARY, [CANARY]: CANARY })();
  expect(app.lines.map(({ fields }) => [fields['method'], fields['route'], fields['status'], fields['problem']])).toEqual([
    ['GET', '/api/v1/accounts/{account}', 422, 'request/invalid'], ['GET', '/api/v1/accounts/{account}', 404, 'request/not-found'],
    ['GET', null, 404, 'request/not-found'], ['POST', '/api/v1/organisations', 422, 'request/invalid'],
  ]);
  expect(app.lines.every(({ fields }) => fields['account'] === account)).toBe(true);
  expect(JSON.stringify(app.lines)).not.toContain('CANARY');
});
