import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { expectProblem, type Person } from '../support/app.ts';
import { domainApp, policy, type DomainApp } from '../support/domain.ts';
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
  expect(json).toMatchObject({
    job, sql: 'SELECT 1', table: TABLE, statement: { withheld: 2 }, asked: { purpose: 'research', userUnit: '示范市统计局', scenario: '城市规划' },
    explanation: { gates: [] }, evidence: null, reviewers: 1, voted: 0, votes: null, ownVote: null,
  });
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

describe('two reviewers', () => {
  let second: Person;
  const two = (over: object) => ({ ...policy({ version: 2 }), statistics: { ...policy().statistics, review: 'manual', reviewers: 2, ...over } });
  beforeEach(async () => {
    await app.approvePolicy(two({}));
    job = (await app.finish(grant)).id;
    second = await app.colleague(app.people.agency, 'agency');
  });
  const look = async (token: string) => (await app.call('GET', `/api/v1/releases/${job}`, { token })).json;

  test.each([
    ['approve', 'approve', 'released', 'first says approve\nsecond says approve'],
    ['approve', 'reject', 'rejected', 'second says reject'],
    ['reject', 'approve', 'rejected', 'first says reject'],
    ['reject', 'reject', 'rejected', 'first says reject\nsecond says reject'],
  ])('%s, then %s: %s', async (first, then, state, reason) => {
    expect((await decide(first, `first says ${first}`)).json).toMatchObject({ state: 'held', reviewers: 2, voted: 1, votes: null });
    expect((await app.job(job)).state).toBe('held');
    expect((await decide(then, `second says ${then}`, second.token)).json).toMatchObject({
      state, voted: 2, votes: [{ account: app.people.agency.account, decision: first, reason: `first says ${first}` }, { account: second.account, decision: then, reason: `second says ${then}` }],
    });
    expect(await app.job(job)).toMatchObject({ state, reason });
    expect(app.events('release.approved', 'release.rejected')[0].votes).toEqual([{ account: app.people.agency.account, decision: first }, { account: second.account, decision: then }]);
  });

  test.each(['approve', 'reject'])('nothing tells the second how the first voted (%s): neither views, listings nor the log', async (first) => {
    await decide(first, 'a telling reason');
    const seen = [await look(second.token), (await app.call('GET', '/api/v1/releases', { token: second.token })).json, await app.job(job, second.token), app.events('release.voted')];
    expect(seen[0]).toMatchObject({ state: 'held', voted: 1, votes: null, ownVote: null });
    expect(JSON.stringify(seen)).not.toMatch(/telling reason|"decision"|"approve"|"reject"/);
    expect((await look(agency())).ownVote).toBe(first);
  });

  test('one person does not vote twice', async () => {
    await decide('approve');
    for (const again of ['approve', 'reject']) await expectProblem(app, 'releases/four-eyes', () => decide(again), { mayRecord: true });
    expect((await app.job(job)).state).toBe('held');
  });

  test('the larger number of the pinned policies holds, and a job held under one reviewer stays with one', async () => {
    await app.approvePolicy({ ...two({ reviewers: 2 }), version: 3, title: { en: 'x', zh: 'x' } });
    expect(app.events('job.held').map(({ reviewers }) => reviewers)).toEqual([1, 2]);
  });
});

describe('the agency takes a released result back', () => {
  const withdraw = (token = agency(), id = job) => app.call('POST', `/api/v1/releases/${id}/withdraw`, { token, body: { reason: 'computed on wrong files' } });

  test('it is served no more, and everybody is told why', async () => {
    app.pool.answer = () => null;
    const out = await app.finish(grant);
    expect((await withdraw(agency(), out.id)).json).toMatchObject({ state: 'withdrawn', heldAt: null });
    const problem = await expectProblem(app, 'jobs/no-result', () => app.call('GET', `/api/v1/jobs/${out.id}/result`, { token: app.people.operator.token }));
    expect(problem.json.detail).toContain('must not be used any more');
    expect(await app.job(out.id)).toMatchObject({ state: 'withdrawn', cause: 'agency', reason: 'computed on wrong files', digest: out.digest, note: { en: expect.stringContaining('withdrawn this result') } });
    expect((await app.call('GET', '/api/v1/releases?state=withdrawn', { token: agency() })).json.items).toMatchObject([{ job: out.id }]);
    expect(app.events('release.withdrawn')).toMatchObject([{ job: out.id, cause: 'agency' }]);
    const again = await app.call('POST', '/api/v1/audit/replays', { token: app.people.auditor.token, body: { job: out.id } });
    expect(again.json.outcome).toBe('matched');
  });

  test('a held one is rejected, not withdrawn; the operator does not take a released one back', async () => {
    await expectProblem(app, 'releases/state', () => withdraw());
    await decide('approve');
    await expectProblem(app, 'jobs/state', () => app.call('POST', `/api/v1/jobs/${job}/cancel`, { token: app.people.operator.token }));
    expect((await withdraw()).json.state).toBe('withdrawn');
    await expectProblem(app, 'releases/state', () => withdraw());
  });

  test('not by others', async () => {
    const other = await app.person('agency');
    await expectProblem(app, 'request/not-found', () => withdraw(other.token));
    expect((await withdraw(app.people.operator.token)).json.code).toBe('auth/role');
  });
});

test('the operator may take it back', async () => {
  const reply = await app.call('POST', `/api/v1/jobs/${job}/cancel`, { token: app.people.operator.token });
  expect(reply.json).toMatchObject({ state: 'withdrawn', cause: 'operator' });
});
