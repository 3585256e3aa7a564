/** Whatever is sent, the answer is a success or a problem of the table with a sentence; never an unexpected exception. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Problem } from '#contract/problem.ts';
import fc from '../support/fast-check.ts';
import { testApp, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => { app = await testApp(); });
afterAll(() => app.dispose());

const header = fc.string({ unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)), maxLength: 60 });
const near = fc.record({
  login: fc.oneof(fc.constant('a.b'), fc.string(), fc.jsonValue()), password: fc.oneof(fc.string(), fc.jsonValue()), name: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
  role: fc.constantFrom('operator', 'root', null), organisation: fc.oneof(fc.string(), fc.constant('org_00000000000000000000000000')),
  scopes: fc.oneof(fc.jsonValue(), fc.constant(['jobs:read'])), days: fc.oneof(fc.integer(), fc.double()), current: fc.string(), next: fc.string(),
}, { requiredKeys: [] });
const body = fc.oneof(near.map((value) => JSON.stringify(value)), fc.json(), fc.string({ unit: 'binary' }), fc.uint8Array({ maxLength: 200 }));

test('any body, query, path and header on any route of the base', async () => {
  const routes = app.api.routes.filter(({ path }) => path.startsWith('/api/') || path.startsWith('/audit/'));
  const asking = fc.record({
    route: fc.constantFrom(...routes), body, segment: fc.oneof(header, fc.string({ unit: 'binary' })), query: fc.oneof(fc.constant(''), header, fc.webQueryParameters()),
    accept: header, key: header, match: header, source: header, cookie: header,
  });
  await fc.assert(fc.asyncProperty(asking, async ({ route, body, segment, query, accept, key, match, source, cookie }) => {
    const path = route.path.replaceAll(/\{\w+\+?\}/g, () => encodeURIComponent(segment.toWellFormed()));
    const reply = await app.call(route.method.toUpperCase(), `${path}?${query.replaceAll('#', '')}`, {
      token: app.people.administrator.token, ...(route.method !== 'get' && { body }),
      headers: { 'accept-language': accept, 'idempotency-key': key, 'if-none-match': match, 'x-forwarded-for': source, cookie: `sluice=${cookie}` },
    });
    expect(reply.status, reply.text).toBeLessThan(500);
    if (reply.status >= 400) expect(Problem.parse(reply.json).detail.length).toBeGreaterThan(10);
  }), { numRuns: Number(process.env['SLUICE_TEST_FUZZ'] ?? 400) });
});
