import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { digestOf, type Digest } from '#contract/canonical.ts';
import type { GrantId, JobId } from '#contract/id.ts';
import type { Answer } from '#contract/job.ts';
import { ok } from '#contract/result.ts';
import { SYSTEM } from '#src/accounts/principal.ts';
import { recordOutcome } from '#src/jobs/outcome.ts';
import { MAX_ATTEMPTS } from '#src/jobs/runner.ts';
import { domainApp, type DomainApp } from '../support/domain.ts';
import { released } from '../support/fake-pool.ts';

const PARTS = { program: '1', sealingKey: new Uint8Array(32).fill(7) };
let app: DomainApp;
let grant: string;
let directory: string;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-attempts-'));
  app = await domainApp({ directory });
  await app.publish();
  grant = await app.grantFor();
});
afterEach(async () => {
  await app.dispose();
  rmSync(directory, { recursive: true, force: true });
});

const answerTo = (): Answer => {
  const spec = app.pool.runs.map((run) => run.spec).findLast((one) => one.kind === 'sql');
  if (spec === undefined) throw new Error('nothing ran');
  return released(spec);
};
const record = (job: string, attempt: number, answer: Answer) => app.store.transact(SYSTEM, (tx) =>
  ok(recordOutcome(tx, PARTS, { job: job as JobId, grant: grant as GrantId, attempt, ledgerHead: null, withdrawals: null }, answer)));
const runningJob = async (): Promise<string> => {
  app.pool.hold();
  const { id } = await app.submit(grant);
  await expect.poll(async () => (await app.job(id)).state).toBe('running');
  return id;
};

describe('fencing', () => {
  test('two completions of one attempt make one release', async () => {
    const job = await runningJob();
    const [first, second] = await Promise.all([record(job, 1, answerTo()), record(job, 1, answerTo())]);
    expect([first, second]).toEqual([ok('job.released'), ok(null)]);
    app.pool.letGo();
    await app.domain.runner.settled();
    expect(app.events('job.released')).toHaveLength(1);
    expect(app.store.read.get<{ n: number }>("SELECT count(*) AS n FROM blobs")?.n).toBe(1);
  });

  test.each([0, 2, 99])('an answer of attempt %i changes nothing while attempt 1 runs', async (attempt) => {
    const job = await runningJob();
    const size = app.store.size;
    expect(await record(job, attempt, answerTo())).toEqual(ok(null));
    expect(app.store.size).toBe(size);
  });

  test('an answer that comes after the job was cancelled releases nothing', async () => {
    const job = await runningJob();
    await app.call('POST', `/api/v1/jobs/${job}/cancel`, { token: app.people.operator.token });
    expect(await record(job, 1, answerTo())).toEqual(ok(null));
    expect(app.events('job.released')).toEqual([]);
  });

  test('an answer to a job that nobody knows changes nothing', async () => {
    await runningJob();
    expect(await record('job_00000000000000000000000000', 1, answerTo())).toEqual(ok(null));
  });
});

describe('after a crash', () => {
  /** The process is gone: nothing it had in memory counts, and its worker answers to nobody. */
  const crash = async (): Promise<void> => {
    await app.store.close();
    app = await domainApp({ directory, start: false });
  };
  const state = (job: string) => app.store.read.get<{ state: string; attempt: number }>('SELECT state, attempt FROM jobs WHERE id = ?', job);

  test('a job that was running runs again as the next attempt, and is released once', async () => {
    const job = await runningJob();
    await crash();
    expect(state(job)).toEqual({ state: 'running', attempt: 1 });
    await app.domain.start();
    await app.domain.runner.settled();
    expect(state(job)).toEqual({ state: 'released', attempt: 2 });
    expect(app.events('job.interrupted')).toEqual([{ kind: 'job.interrupted', job, attempt: 1, cause: 'restart' }]);
    expect(app.events('job.released')).toHaveLength(1);
  });

  test('queued jobs are not lost', async () => {
    app.pool.hold();
    const jobs = [];
    for (let i = 0; i < 5; i++) jobs.push((await app.submit(grant)).id);
    await crash();
    await app.domain.start();
    await app.domain.runner.settled();
    expect(jobs.map((job) => state(job)?.state)).toEqual(Array(5).fill('released'));
  });

  test('a job that takes the service down every time fails in the end', async () => {
    const job = await runningJob();
    for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt++) {
      await crash();
      app.pool.hold();
      await app.domain.start();
      await expect.poll(() => state(job)).toEqual({ state: 'running', attempt: attempt + 1 });
    }
    await crash();
    await app.domain.start();
    await app.domain.runner.settled();
    expect(state(job)).toEqual({ state: 'failed', attempt: MAX_ATTEMPTS });
  });
});

test('a service that stops puts what runs back into the queue; it is not failed', async () => {
  const job = await runningJob();
  await app.domain.stop();
  expect((await app.job(job)).state).toBe('queued');
  expect(app.events('job.failed')).toEqual([]);
});

describe('the disclosure ledger', () => {
  const withDelta = (delta: string): void => {
    app.pool.answer = (spec) => {
      if (spec.kind !== 'sql') return null;
      const answer = released(spec);
      if (answer.kind === 'released') answer.envelope.sealed.ledger = Buffer.from(delta).toString('base64');
      return answer;
    };
  };

  test('two jobs that saw the same head are not both released: the later runs again on the new head', async () => {
    withDelta('delta');
    app.pool.hold();
    const jobs = [await app.submit(grant), await app.submit(grant)];
    await expect.poll(() => app.pool.sqlRuns().length).toBe(2);
    app.pool.letGo();
    await app.domain.runner.settled();
    for (const { id } of jobs) expect((await app.job(id)).state).toBe('released');
    expect(app.events('job.interrupted')).toMatchObject([{ cause: 'ledger', attempt: 1 }]);
    const [first, second] = app.events('job.released');
    expect([first.ledgerHead, second.ledgerHead]).toEqual([null, first.ledger.head]);
  });

  test('a release that adds nothing leaves the head as it is', async () => {
    withDelta('delta');
    await app.finish(grant);
    app.pool.answer = () => null;
    await app.finish(grant);
    const heads = app.events('job.released').map(({ ledger }) => ledger?.head ?? null) as (Digest | null)[];
    expect(heads[1]).toBeNull();
    expect(app.store.read.get<{ n: number }>('SELECT count(*) AS n FROM ledger')?.n).toBe(1);
    expect(heads[0]).not.toBe(digestOf('delta'));
  });
});
