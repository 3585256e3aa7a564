import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Answer } from '#contract/job.ts';
import { expectProblem } from '../support/app.ts';
import { domainApp, policy, type DomainApp } from '../support/domain.ts';

let app: DomainApp;
let grant: string;
beforeEach(async () => {
  app = await domainApp();
  await app.publish();
  grant = await app.grantFor();
});
afterEach(async () => {
  expect(app.reported).toEqual([]);
  await app.dispose();
});

const post = (body: object, headers = {}) => app.call('POST', '/api/v1/jobs', { token: app.people.operator.token, body, headers });
const REFUSED: Answer = {
  kind: 'refused',
  refusals: [{ code: 'sql/unknown-column', message: { en: 'There is no column "sekret".', zh: '没有列“sekret”。' }, position: 7, clause: null, suggestion: null }],
};

describe('accepting', () => {
  test('pins snapshot, manifest, policy, grant and program, and answers queued', async () => {
    app.pool.hold();
    const reply = await post({ grant, sql: 'SELECT 1' });
    expect(reply).toMatchObject({ status: 201, json: { state: 'queued', sql: 'SELECT 1', datasets: [{ dataset: 'city', version: 1, policyVersion: 1 }] } });
    expect(reply.headers.get('location')).toBe(`/api/v1/jobs/${reply.json.id}`);
    const [accepted] = app.events('job.accepted');
    const [registered] = app.events('dataset.registered');
    const [approved] = app.events('policy.approved');
    const [issued] = app.events('grant.issued');
    expect(accepted).toMatchObject({
      grantVersion: 1, terms: issued.terms, program: '1',
      datasets: [{ manifest: registered.manifest, snapshot: registered.snapshot, policy: approved.document, policyVersion: 1, version: 1 }],
    });
  });

  test('a queued job keeps what was pinned when the policy and the snapshot change', async () => {
    app.pool.hold();
    const first = await app.submit(grant);
    await app.approvePolicy(policy({ version: 2, min: 20 }));
    await app.upload('/api/v1/datasets/city/snapshots', app.people.agency.token, null);
    const second = await app.submit(grant);
    app.pool.letGo();
    await app.domain.runner.settled();
    const specs = app.pool.runs.flatMap(({ spec }) => (spec.kind === 'sql' ? [spec] : []));
    expect(specs.map(({ job, datasets }) => [job, datasets[0]?.policy.version])).toEqual([[first.id, 1], [second.id, 2]]);
    expect((await app.job(second.id)).datasets).toEqual([{ dataset: 'city', version: 2, policyVersion: 2 }]);
  });

  test('the text of the query is nowhere in the log', async () => {
    await app.finish(grant, "SELECT 'Zhang San'");
    expect(Buffer.concat(app.store.entries(0, app.store.size)).toString('utf8')).not.toContain('Zhang San');
  });

  test('the quota counts all jobs of the organisation on the dataset within 24 hours', async () => {
    await app.approvePolicy(policy({ version: 2, jobsPerDay: 2 }));
    const another = await app.grantFor();
    await app.submit(grant);
    app.pass(3600_000);
    await app.submit(another);
    const denied = await expectProblem(app, 'jobs/quota', () => post({ grant, sql: 'x' }), { mayRecord: true });
    expect(denied).toMatchObject({ status: 429, json: { retryAfter: 23 * 3600 } });
    expect(app.events('request.denied')).toMatchObject([{ code: 'jobs/quota', subject: grant }]);
    app.pass(23 * 3600_000);
    expect((await post({ grant, sql: 'x' })).status).toBe(201);
  });

  test('under one Idempotency-Key there is one job, with the answer it had', async () => {
    const first = await post({ grant, sql: 'x' }, { 'idempotency-key': 'k' });
    // The job that it started is no part of the request: what that records does not touch the answer.
    await app.domain.runner.settled();
    const again = await post({ grant, sql: 'x' }, { 'idempotency-key': 'k' });
    expect(again).toMatchObject({ status: 201, json: first.json });
    expect(app.events('job.accepted')).toHaveLength(1);
    await expectProblem(app, 'idempotency/key-reused', () => post({ grant, sql: 'y' }, { 'idempotency-key': 'k' }));
  });

  test.each([
    ['no grant', { sql: 'x' }, 'request/invalid'], ['an empty query', { grant: '', sql: '' }, 'request/invalid'],
    ['a query of a megabyte', { grant: 'g', sql: 'x'.repeat(100_000) }, 'request/invalid'],
    ['a grant that is none', { grant: 'grant_00000000000000000000000000', sql: 'x' }, 'request/not-found'],
  ])('%s is refused', async (_, body, code) => {
    await expectProblem(app, code, () => post('grant' in body && body.grant === 'g' ? { ...body, grant } : body));
  });

  test('a policy that no longer lists the purpose takes no job', async () => {
    await app.approvePolicy(policy({ version: 2, purposes: ['public-benefit'] }));
    await expectProblem(app, 'applications/purpose', () => post({ grant, sql: 'x' }), { mayRecord: true });
  });
});

describe('ending', () => {
  test('released: once, with its digest, in one entry', async () => {
    const job = await app.finish(grant);
    const [released] = app.events('job.released');
    expect(job).toMatchObject({ state: 'released', digest: released.digest });
    expect(released).toMatchObject({ attempt: 1, program: '1', withheld: 2, ledger: null });
  });

  test('refused: the operator reads why, the log has the codes', async () => {
    app.pool.answer = (spec) => (spec.kind === 'sql' ? REFUSED : null);
    const job = await app.finish(grant, 'SELECT sekret');
    expect(job).toMatchObject({ state: 'refused', refusals: [{ code: 'sql/unknown-column', position: 7 }] });
    expect(app.events('job.refused')[0].codes).toEqual(['sql/unknown-column']);
    expect(Buffer.concat(app.store.entries(0, app.store.size)).toString('utf8')).not.toContain('sekret');
    expect((await app.job(job.id, app.people.agency.token)).refusals).toEqual([]);
  });

  test('failed: one sentence, whatever it was', async () => {
    const answers: Answer[] = [{ kind: 'failed' }, { kind: 'parquet', bytes: '' }];
    const notes = [];
    for (const answer of answers) {
      app.pool.answer = (spec) => (spec.kind === 'sql' ? answer : null);
      notes.push((await app.finish(grant)).note);
    }
    expect(notes[0]).toEqual(notes[1]);
    expect(notes[0]?.en).toContain('failed');
  });

  test('cancelled by its operator while it waits or runs; the worker is told', async () => {
    app.pool.hold();
    const jobs = [await app.submit(grant), await app.submit(grant), await app.submit(grant)];
    await expect.poll(async () => (await app.job(jobs[1]!.id)).state).toBe('running');
    for (const { id } of jobs) {
      const reply = await app.call('POST', `/api/v1/jobs/${id}/cancel`, { token: app.people.operator.token });
      expect(reply.json).toMatchObject({ state: 'cancelled', cause: 'operator' });
    }
    await app.domain.runner.settled();
    expect(app.events('job.cancelled').map(({ attempt }) => attempt)).toEqual([1, 1, null]);
    await expectProblem(app, 'jobs/state', () => app.call('POST', `/api/v1/jobs/${jobs[0]!.id}/cancel`, { token: app.people.operator.token }));
  });

  test('a job whose text was erased while it waited fails', async () => {
    app.pool.hold();
    for (let i = 0; i < 2; i++) await app.submit(grant);
    const last = await app.submit(grant);
    const { sql } = app.events('job.accepted').at(-1);
    await app.store.shred({ id: 'console', role: 'system', via: 'console' }, sql);
    app.pool.letGo();
    await app.domain.runner.settled();
    expect(await app.job(last.id)).toMatchObject({ state: 'failed', sql: null });
  });
});

describe('checking', () => {
  const check = (body: object) => app.call('POST', '/api/v1/jobs:check', { token: app.people.operator.token, body });

  test('explains in a worker without data, and records nothing', async () => {
    const size = app.store.size;
    const reply = await check({ grant, sql: 'SELECT 1' });
    expect(reply).toMatchObject({ status: 200, json: { accepted: true, explanation: { gates: [] }, refusals: [] } });
    expect(app.pool.runs.at(-1)).toMatchObject({ key: { kind: 'check' }, spec: { kind: 'check', datasets: [{ snapshot: null }] } });
    expect(app.store.size).toBe(size);
  });

  test('refusals come with it', async () => {
    app.pool.answer = () => REFUSED;
    expect((await check({ grant, sql: 'SELECT sekret' })).json).toMatchObject({ accepted: false, explanation: null, refusals: [{ code: 'sql/unknown-column' }] });
  });

  test('no answer is a problem that may pass', async () => {
    app.pool.answer = () => ({ kind: 'failed' });
    const reply = await expectProblem(app, 'jobs/check-failed', () => check({ grant, sql: 'SELECT 1' }));
    expect(reply.status).toBe(503);
  });
});
