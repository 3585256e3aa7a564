import { afterAll, beforeAll, expect, test } from 'vitest';
import { text } from '#contract/text.ts';
import { Metrics } from '#src/http/metrics.ts';
import { expectProblem, testApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => { app = await testApp({ config: { metricsToken: 'a-token-for-prometheus' } }); });
afterAll(() => app.dispose());

test('health names isolation and warnings, readiness its reason', async () => {
  app.health.now = { isolation: 'process', warnings: [text('no isolation', '未隔离')], notReady: [] };
  expect((await app.call('GET', '/healthz')).json).toEqual({ status: 'alive', version: '0', isolation: 'process', warnings: ['no isolation'] });
  expect((await app.call('GET', '/healthz?lang=zh')).json.warnings).toEqual(['未隔离']);
  expect((await app.call('GET', '/readyz')).json).toEqual({ status: 'ready' });
  app.health.now = { isolation: null, warnings: [], notReady: [text('starting', '正在启动')] };
  const reply = await expectProblem(app, 'service/unavailable', () => app.call('GET', '/readyz'));
  expect(reply.json.detail).toBe('starting');
});

test('metrics ask for their token, or for a caller on this machine', async () => {
  await expectProblem(app, 'auth/required', () => app.call('GET', '/metrics'));
  await expectProblem(app, 'auth/required', () => app.call('GET', '/metrics', { token: app.people.administrator.token }));
  const reply = await app.call('GET', '/metrics', { token: 'a-token-for-prometheus' });
  expect(reply.headers.get('content-type')).toContain('version=0.0.4');
  expect(reply.text).toMatch(/^# HELP sluice_http_requests_total .*\n# TYPE sluice_http_requests_total counter\nsluice_http_requests_total\{method="GET",status="2xx"\} \d+$/m);
  const open = await testApp();
  expect((await open.call('GET', '/metrics')).status).toBe(200);
  await expectProblem(open, 'auth/required', () => open.call('GET', '/metrics', { headers: { 'x-forwarded-for': '127.0.0.1' } }));
  await open.dispose();
});

test('a label outside its declared set throws', () => {
  const metrics = new Metrics();
  const count = metrics.counter('c_total', 'C.', { kind: ['a', 'b'] });
  count({ kind: 'a' });
  count({ kind: 'a' }, 2);
  expect(() => count({ kind: 'CANARY' as 'a' })).toThrow();
  const seconds = metrics.histogram('h_seconds', 'H.', {}, [0.1, 1]);
  seconds({}, 0.5);
  seconds({}, 5);
  metrics.gauge('g', 'G.', () => 7);
  expect(metrics.expose()).toBe([
    '# HELP c_total C.', '# TYPE c_total counter', 'c_total{kind="a"} 3',
    '# HELP h_seconds H.', '# TYPE h_seconds histogram', 'h_seconds_bucket{le="0.1"} 0', 'h_seconds_bucket{le="1"} 1', 'h_seconds_bucket{le="+Inf"} 2', 'h_seconds_sum 5.5', 'h_seconds_count 2',
    '# HELP g G.', '# TYPE g gauge', 'g 7', '',
  ].join('\n'));
  expect(() => metrics.gauge('g', 'again', () => 0)).toThrow();
});

test('/openapi.json describes every route', async () => {
  const document = (await app.call('GET', '/openapi.json')).json;
  expect(document.openapi).toBe('3.1.0');
  for (const { method, path, id } of app.api.routes) {
    expect(document.paths[path.replaceAll('+}', '}')]?.[method]?.operationId, `${method} ${path}`).toBe(id);
  }
  expect(new Set(app.api.routes.map(({ id }) => id)).size).toBe(app.api.routes.length);
  const created = document.paths['/api/v1/accounts'].post;
  expect(created.requestBody.content['application/json'].schema).toMatchObject({ type: 'object', additionalProperties: false });
  expect(document.components.schemas.Problem).toMatchObject({ type: 'object', additionalProperties: false, required: ['type', 'title', 'status', 'detail', 'instance', 'code'] });
  expect(created.responses['409'].description).toContain('accounts/login-taken');
  expect(created.parameters).toContainEqual(expect.objectContaining({ in: 'header', name: 'Idempotency-Key', required: false }));
  expect(created['x-roles']).toEqual(['administrator']);
});
