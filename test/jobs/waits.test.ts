/** `?wait=`: an answer as soon as the job has one, whatever ended it, and never later than asked for. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JobId } from '#contract/id.ts';
import { JobWaits } from '#src/jobs/waits.ts';
import { expectProblem, type Person, type Reply } from '../support/app.ts';
import { domainApp, type DomainApp } from '../support/domain.ts';
import { released } from '../support/fake-pool.ts';

let app: DomainApp;
let grant: string;
beforeEach(async () => {
  app = await domainApp();
  await app.publish();
  grant = await app.grantFor();
});
afterEach(() => app.dispose());

const get = (path: string, person: Person = app.people.operator, headers: Record<string, string> = {}) => app.call('GET', `/api/v1/jobs/${path}`, { token: person.token, headers });
const post = (path: string, person: Person, body?: object) => app.call('POST', `/api/v1/${path}`, { token: person.token, ...(body !== undefined && { body }) });

/** A job that runs until it is let go, and a request that waits for it. */
async function waiting(path = ''): Promise<{ readonly id: string; readonly answer: Promise<Reply>; readonly isThere: () => boolean }> {
  app.pool.hold();
  const { id } = await app.submit(grant);
  await app.pool.reached(1);
  let there = false;
  const answer = get(`${id}${path}?wait=60`).finally(() => { there = true; });
  await new Promise((resolve) => setTimeout(resolve, 30));
  return { id, answer, isThere: () => there };
}

describe('a request that waits', () => {
  test('is answered when the job is released, and not before', async () => {
    const { answer, isThere } = await waiting();
    expect(isThere()).toBe(false);
    app.pool.letGo();
    expect((await answer).json).toMatchObject({ state: 'released' });
  });

  test('for the result gets the table', async () => {
    const { id, answer, isThere } = await waiting('/result');
    expect(isThere()).toBe(false);
    app.pool.letGo();
    expect((await answer).json).toMatchObject({ job: id, table: { rows: expect.any(Array) as unknown } });
    expect(app.events('result.downloaded')).toHaveLength(1);
  });

  test('is answered by whatever ends the job: a cancellation, a suspended grant, a refusal, a failure, a review', async () => {
    const cancelled = await waiting();
    await post(`jobs/${cancelled.id}/cancel`, app.people.operator);
    expect((await cancelled.answer).json.state).toBe('cancelled');
    app.pool.letGo();

    const suspended = await waiting();
    await post(`grants/${grant}/suspend`, app.people.agency, { reason: 'why' });
    expect((await suspended.answer).json.state).toBe('cancelled');
    await post(`grants/${grant}/resume`, app.people.agency, { reason: 'why' });
    app.pool.letGo();

    for (const [kind, state] of [['refused', 'refused'], ['failed', 'failed'], ['held', 'held']] as const) {
      const asked = await waiting();
      app.pool.answer = (spec) => {
        if (spec.kind !== 'sql') return null;
        if (kind === 'held') return released(spec, undefined, 'held');
        return kind === 'failed' ? { kind } : { kind, refusals: [{ code: 'sql/x', message: { en: 'x', zh: 'x' }, position: null, clause: null, suggestion: null }] };
      };
      app.pool.letGo();
      expect((await asked.answer).json.state, kind).toBe(state);
    }
  });

  test('is answered with the job as it is when the time is over', async () => {
    app.pool.hold();
    const { id } = await app.submit(grant);
    const began = performance.now();
    expect((await get(`${id}?wait=1`)).json.state).toMatch(/queued|running/);
    expect(performance.now() - began).toBeGreaterThan(950);
    const reply = await expectProblem(app, 'jobs/no-result', () => get(`${id}/result?wait=1`));
    expect(reply.headers.get('retry-after')).toBe('1');
    app.pool.letGo();
  });

  test('is answered when the service stops', async () => {
    const { answer } = await waiting();
    await app.domain.stop();
    expect((await answer).status).toBe(200);
  });

  // Whoever waits here waits longer than a test may take.
  test('does not wait for what has ended, for what is not there, or for another’s', { timeout: 50_000 }, async () => {
    const { id } = await app.finish(grant);
    const rival = await app.person('operator');
    app.pool.hold();
    const running = await app.submit(grant);
    expect((await get(`${id}?wait=60`)).json.state).toBe('released');
    expect((await get(`${id}?wait=60`, app.people.operator, { 'if-none-match': (await get(id)).headers.get('etag')! })).status).toBe(304);
    for (const path of [`${running.id}?wait=60`, `${running.id}/result?wait=60`]) await expectProblem(app, 'request/not-found', () => get(path, rival));
    await expectProblem(app, 'request/not-found', () => get('job_00000000000000000000000000?wait=60'));
    app.pool.letGo();
  });

  test.each(['61', '-1', '1.5', 'x', '', '1&wait=2'])('for %j seconds is refused', async (seconds) => {
    const { id } = await app.finish(grant);
    if (seconds === '') expect((await get(`${id}?wait=`)).status).toBe(200);
    else await expectProblem(app, 'request/invalid', () => get(`${id}?wait=${seconds}`));
  });
});

test('nothing is kept of whoever went away, was answered, or waited in vain', async () => {
  const waits = new JobWaits(app.store);
  app.pool.hold();
  const { id } = await app.submit(grant);
  const gone = new AbortController();
  const all = [waits.settled(id as JobId, 60_000, gone.signal), waits.settled(id as JobId, 60_000, gone.signal), waits.settled(id as JobId, 20, new AbortController().signal)];
  expect(waits.waiting).toBe(3);
  await all[2];
  expect(waits.waiting).toBe(2);
  gone.abort();
  await Promise.all(all);
  expect(waits.waiting).toBe(0);
  await waits.settled(id as JobId, 60_000, gone.signal);
  const last = waits.settled(id as JobId, 60_000, new AbortController().signal);
  waits.stop();
  await last;
  await waits.settled(id as JobId, 60_000, new AbortController().signal);
  expect(waits.waiting).toBe(0);
  app.pool.letGo();
});
