import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { expectProblem } from '../support/app.ts';
import { domainApp, type DomainApp } from '../support/domain.ts';
import { released, TABLE } from '../support/fake-pool.ts';

let app: DomainApp;
let grant: string;
let job: string;
beforeEach(async () => {
  app = await domainApp();
  await app.publish();
  grant = await app.grantFor();
  app.pool.answer = (spec) => (spec.kind === 'sql' ? released(spec, TABLE, 'held') : null);
  job = (await app.finish(grant)).id;
});
afterEach(() => app.dispose());

const agency = () => app.people.agency.token;
const decide = (decision: string, reason: unknown = 'margins are wide', token = agency()) => app.call('POST', `/api/v1/releases/${job}/${decision}`, { token, body: { reason } });

test('a held result waits: the operator sees that, and no more', async () => {
  const view = await app.job(job);
  expect(view).toMatchObject({ state: 'held', digest: null, endedAt: null });
  await expectProblem(app, 'jobs/no-result', () => app.call('GET', `/api/v1/jobs/${job}/result`, { token: app.people.operator.token }));
});

test('the reviewer sees the table and the query; every look is an event', async () => {
  expect((await app.call('GET', '/api/v1/releases', { token: agency() })).json.items).toMatchObject([{ job, state: 'held' }]);
  const { json } = await app.call('GET', `/api/v1/releases/${job}`, { token: agency() });
  expect(json).toMatchObject({ job, sql: 'SELECT 1', table: TABLE, statement: { withheld: 2 } });
  expect(app.events('release.viewed')).toEqual([{ kind: 'release.viewed', job }]);
});

test('approved: the operator may fetch it, and reads the reason', async () => {
  expect((await decide('approve')).json).toMatchObject({ state: 'released' });
  expect(await app.job(job)).toMatchObject({ state: 'released', reason: 'margins are wide' });
  expect((await app.call('GET', `/api/v1/jobs/${job}/result`, { token: app.people.operator.token })).json.table).toEqual(TABLE);
});

test('rejected: it stays in, for good', async () => {
  expect((await decide('reject', 'one dominant unit')).json).toMatchObject({ state: 'rejected' });
  expect(await app.job(job)).toMatchObject({ state: 'rejected', reason: 'one dominant unit', digest: null });
  for (const decision of ['approve', 'reject']) await expectProblem(app, 'releases/state', () => decide(decision));
  await expectProblem(app, 'releases/state', () => app.call('GET', `/api/v1/releases/${job}`, { token: agency() }));
});

test('a reason is needed', async () => {
  for (const reason of ['', ' ', undefined, 7]) await expectProblem(app, 'request/invalid', () => decide('approve', reason ?? null));
});

test('the organisation that asked does not decide', async () => {
  const own = await app.colleague(app.people.agency, 'operator');
  job = (await app.submit(await app.grantFor(own), 'SELECT 1', own)).id;
  await app.domain.runner.settled();
  for (const decision of ['approve', 'reject']) await expectProblem(app, 'releases/own-request', () => decide(decision), { mayRecord: true });
  expect(app.events('request.denied').map(({ action, code }) => [action, code])).toEqual([['release.approve', 'releases/own-request'], ['release.reject', 'releases/own-request']]);
});

test("another agency's releases are absent", async () => {
  const other = await app.person('agency');
  expect((await app.call('GET', '/api/v1/releases', { token: other.token })).json.items).toEqual([]);
  await expectProblem(app, 'request/not-found', () => app.call('GET', `/api/v1/releases/${job}`, { token: other.token }));
  await expectProblem(app, 'request/not-found', () => decide('approve', 'x', other.token));
});

test('a job that was never held is no release', async () => {
  app.pool.answer = () => null;
  job = (await app.finish(grant)).id;
  await expectProblem(app, 'request/not-found', () => decide('approve'));
});

test('nothing leaves under a suspended grant; a revoked one takes the held result away', async () => {
  const change = (action: string) => app.call('POST', `/api/v1/grants/${grant}/${action}`, { token: agency(), body: { reason: 'x' } });
  await change('suspend');
  expect((await app.job(job)).state).toBe('held');
  await expectProblem(app, 'grants/not-in-force', () => decide('approve'), { mayRecord: true });
  await change('revoke');
  expect(await app.job(job)).toMatchObject({ state: 'withdrawn', cause: 'grant-revoked' });
  await expectProblem(app, 'releases/state', () => decide('approve'));
});

test('nothing leaves from a suspended dataset', async () => {
  await app.call('POST', '/api/v1/datasets/city/suspend', { token: agency(), body: { reason: 'x' } });
  await expectProblem(app, 'jobs/dataset-closed', () => decide('approve'), { mayRecord: true });
});

test('the operator may take it back', async () => {
  const reply = await app.call('POST', `/api/v1/jobs/${job}/cancel`, { token: app.people.operator.token });
  expect(reply.json).toMatchObject({ state: 'withdrawn', cause: 'operator' });
});
