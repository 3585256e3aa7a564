import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { expectProblem } from '../support/app.ts';
import { domainApp, type DomainApp } from '../support/domain.ts';

let app: DomainApp;
let grant: string;
beforeEach(async () => {
  app = await domainApp({ parts: { concurrency: 1 } });
  await app.publish();
  grant = await app.grantFor();
});
afterEach(() => app.dispose());

const change = (action: string, token = app.people.agency.token) => app.call('POST', `/api/v1/grants/${grant}/${action}`, { token, body: { reason: 'because' } });
const submit = () => app.call('POST', '/api/v1/jobs', { token: app.people.operator.token, body: { grant, sql: 'x' } });

describe.each([['suspend', 'suspended', 'grant-suspended'], ['revoke', 'revoked', 'grant-revoked']] as const)('%s', (action, state, cause) => {
  test('cancels running and queued jobs in the same transaction and kills the workers at once', async () => {
    app.pool.hold();
    const [running, queued] = [await app.submit(grant), await app.submit(grant)];
    await expect.poll(async () => (await app.job(running.id)).state).toBe('running');
    expect((await change(action)).json).toMatchObject({ state, version: 2, reason: 'because' });
    for (const { id } of [running, queued]) expect(await app.job(id)).toMatchObject({ state: 'cancelled', cause });
    expect(app.pool.killed).toContain(grant);
    await app.domain.runner.settled();
    expect(app.events('job.cancelled').map(({ attempt }) => attempt)).toEqual([1, null]);
    expect(app.events('job.released', 'job.failed')).toEqual([]);
    expect(app.pool.sqlRuns()).toHaveLength(1);
  });

  test('no job is accepted after it', async () => {
    await change(action);
    await expectProblem(app, 'grants/not-in-force', submit, { mayRecord: true });
    expect(app.events('request.denied')).toMatchObject([{ action: 'job.submit', code: 'grants/not-in-force' }]);
    await expectProblem(app, 'grants/not-in-force', () => app.call('POST', '/api/v1/jobs:check', { token: app.people.operator.token, body: { grant, sql: 'x' } }));
  });
});

test('a suspended grant can be resumed, a revoked one cannot', async () => {
  await change('suspend');
  expect((await change('resume')).json).toMatchObject({ state: 'active', version: 3 });
  expect((await app.finish(grant)).state).toBe('released');
  expect(app.events('job.accepted')[0].grantVersion).toBe(3);
  await change('revoke');
  for (const action of ['suspend', 'resume', 'revoke']) await expectProblem(app, 'grants/state', () => change(action));
});

test('the end date is hard: no new job, no start, no release after it', async () => {
  app.pool.hold();
  const [running, queued] = [await app.submit(grant), await app.submit(grant)];
  await expect.poll(async () => (await app.job(running.id)).state).toBe('running');
  app.pass(200 * 24 * 3600 * 1000);
  app.pool.letGo();
  await app.domain.runner.settled();
  expect(app.events('job.cancelled').map(({ job, cause }) => [job, cause])).toEqual([[running.id, 'grant-expired'], [queued.id, 'grant-expired']]);
  expect(app.events('job.released')).toEqual([]);
});

test('an expired grant takes no job', async () => {
  app.pass(29 * 24 * 3600 * 1000);
  grant = await app.grantFor(undefined, { until: '2026-01-30T12:00:00Z' });
  app.pass(20 * 3600 * 1000);
  const reply = await expectProblem(app, 'grants/not-in-force', submit, { mayRecord: true });
  expect(reply.json.detail).toContain('2026-01-30T12:00:00.000Z');
  expect((await app.call('GET', `/api/v1/grants/${grant}`, { token: app.people.operator.token })).json).toMatchObject({ state: 'active', expired: true });
});

test('a grant for another sharing mode runs no SQL', async () => {
  grant = await app.grantFor(undefined, { sharing: 'verification' });
  await expectProblem(app, 'jobs/sharing', submit, { mayRecord: true });
});

test("another agency's grant is absent", async () => {
  const other = await app.person('agency');
  for (const action of ['suspend', 'resume', 'revoke']) await expectProblem(app, 'request/not-found', () => change(action, other.token));
});
