import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { ok } from '#contract/result.ts';
import { CONSOLE } from '#src/accounts/principal.ts';
import { ConfigSchema } from '#src/config.ts';
import type { Api } from '#src/http/api.ts';
import { route } from '#src/http/route.ts';
import { expectProblem, testApp, type TestApp } from '../support/app.ts';

let directory: string;
let app: TestApp;
let release: () => void = () => {};

const Answer = z.strictObject({ count: z.int() });
const slow = route({
  method: 'post', path: '/api/v1/test/slow', id: 'slow', tag: 'test', summary: 'waits', access: { roles: ['operator'], scope: null }, idempotent: true,
  body: z.strictObject({}), answer: { status: 200, description: '', schema: Answer },
});
/** Takes effect, then dies before it answers. */
const dies = route({ ...slow, path: '/api/v1/test/dies', id: 'dies' });
/** Its transaction does not know the answer yet. */
const late = route({ ...slow, path: '/api/v1/test/late', id: 'late' });

const mounts = [(api: Api) => {
  let count = 0;
  const effect = (value: unknown) => app.store.transact(CONSOLE, (tx) => {
    tx.record({ kind: 'login.failed', account: null });
    return ok(value);
  });
  api.on(slow, async () => {
    await new Promise<void>((resolve) => { release = resolve; });
    await effect({ count: ++count });
    return ok({ count });
  });
  api.on(dies, async () => {
    await effect('no answer of this route');
    throw new Error('died');
  });
  api.on(late, async () => {
    await effect(null);
    return ok({ count: ++count });
  });
}];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-idempotency-'));
  app = await testApp({ directory, mounts });
});
afterEach(async () => {
  await app.dispose();
  rmSync(directory, { recursive: true, force: true });
});

const create = (key: string, body: unknown, path = '/api/v1/organisations', token = app.people.administrator.token) =>
  app.call('POST', path, { token, body, headers: { 'idempotency-key': key } });

test('sent again, a creation answers as it did and does nothing', async () => {
  const first = await create('key-1', { name: 'A' });
  const size = app.store.size;
  const again = await create('key-1', { name: 'A' });
  expect([again.status, again.text, again.headers.get('location')]).toEqual([201, first.text, first.headers.get('location')]);
  expect(app.store.size).toBe(size);
  await expectProblem(app, 'idempotency/key-reused', () => create('key-1', { name: 'B' }));
  await expectProblem(app, 'idempotency/key-reused', () => create('key-1', { login: 'a.b', name: 'A', role: 'auditor', organisation: app.people.auditor.organisation }, '/api/v1/accounts'));
  expect((await create('key-2', { name: 'A' })).json.organisation).not.toBe(first.json.organisation);
});

test('keys belong to accounts', async () => {
  const first = await create('key-1', { name: 'A' });
  const other = await app.person('administrator');
  expect((await create('key-1', { name: 'A' }, '/api/v1/organisations', other.token)).json.organisation).not.toBe(first.json.organisation);
});

test('a restart does not forget', async () => {
  const { token } = app.people.administrator;
  const first = await create('key-1', { name: 'A' });
  await app.dispose();
  app = await testApp({ directory, mounts });
  const again = await create('key-1', { name: 'A' }, '/api/v1/organisations', token);
  expect(again.text).toBe(first.text);
});

test('a failure is not kept: it changed nothing', async () => {
  const body = { login: 'a.b', name: 'A', role: 'auditor', organisation: 'org_00000000000000000000000000' };
  await expectProblem(app, 'accounts/organisation-unknown', () => create('key-1', body, '/api/v1/accounts'));
  expect((await create('key-1', { ...body, organisation: app.people.auditor.organisation }, '/api/v1/accounts')).status).toBe(201);
});

test('while the first is being handled, the second waits', async () => {
  const token = app.people.operator.token;
  const first = create('key-1', {}, '/api/v1/test/slow', token);
  await expect.poll(() => release.length).toBe(0);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await expectProblem(app, 'idempotency/in-progress', () => create('key-1', {}, '/api/v1/test/slow', token));
  release();
  expect((await first).json).toEqual({ count: 1 });
  expect((await create('key-1', {}, '/api/v1/test/slow', token)).json).toEqual({ count: 1 });
});

test('what was carried out and never answered is not carried out again', async () => {
  const token = app.people.operator.token;
  const seq = app.store.size;
  await expectProblem(app, 'service/unexpected', () => create('key-1', {}, '/api/v1/test/dies', token), { mayRecord: true });
  const reply = await expectProblem(app, 'idempotency/answer-lost', () => create('key-1', {}, '/api/v1/test/dies', token));
  expect(reply.json.entry).toBe(seq);
});

test('an answer that comes after the transaction is kept too', async () => {
  const token = app.people.operator.token;
  const first = await create('key-1', {}, '/api/v1/test/late', token);
  expect((await create('key-1', {}, '/api/v1/test/late', token)).text).toBe(first.text);
});

test('keys are bounded, and forgotten after a week', async () => {
  await expectProblem(app, 'request/invalid', () => create('x'.repeat(129), { name: 'A' }));
  await expectProblem(app, 'request/invalid', () => create('a b', { name: 'A' }));
  const first = await create('key-1', { name: 'A' });
  app.pass(8 * 24 * 3600 * 1000);
  await create('key-2', { name: 'B' });
  expect((await create('key-1', { name: 'A' })).json.organisation).not.toBe(first.json.organisation);
});

test('of one account so many answers are kept, the newest; those of others are not touched', async () => {
  await app.dispose();
  app = await testApp({ directory, mounts, config: { limits: { ...ConfigSchema.parse({}).limits, idempotencyKeys: 10 } } });
  const other = await app.person('administrator');
  const theirs = await create('k', { name: 'theirs' }, '/api/v1/organisations', other.token);
  const first: string[] = [];
  for (let i = 0; i < 40; i++) {
    app.pass(1);
    first.push((await create(`k${i}`, { name: 'A' })).text);
  }
  const kept = app.store.read.all<{ key: string }>('SELECT key FROM idempotency WHERE account = ?', app.people.administrator.account).map(({ key }) => key);
  expect(kept.length).toBeGreaterThanOrEqual(10);
  expect(kept.length).toBeLessThanOrEqual(11);
  for (let i = 30; i < 40; i++) expect((await create(`k${i}`, { name: 'A' })).text).toBe(first[i]);
  expect(first).not.toContain((await create('k0', { name: 'A' })).text);
  expect((await create('k', { name: 'theirs' }, '/api/v1/organisations', other.token)).text).toBe(theirs.text);
});
