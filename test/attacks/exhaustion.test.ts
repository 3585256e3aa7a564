/**
 * An operator with an account and a grant of their own tries to use up what all need: checks, jobs, tokens, applications, listings,
 * denials, as fast as 24 connections carry them. Another operator's jobs go on meanwhile, and they take no more than the limits. How
 * much longer the other's jobs take, `npm run bench -- hostile` measures.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Hostile, HOSTILE_LIMITS } from './support/hostile.ts';

const JOBS = 15;
const SMALL = 'SELECT district, count(*) AS n FROM persons GROUP BY district';

let hostile: Hostile;
beforeAll(async () => {
  hostile = await Hostile.open();
}, 60_000);
afterAll(() => hostile.close());

const count = async (path: string): Promise<number> => {
  let [n, cursor] = [0, ''];
  do {
    const { json } = await hostile.installation.call('rival', 'GET', `/api/v1/${path}&limit=200${cursor}`);
    n += json.items.filter(({ revoked = null }: { revoked?: string | null }) => revoked === null).length;
    cursor = json.next === null ? '' : `&cursor=${json.next}`;
  } while (cursor !== '');
  return n;
};

test('another operator’s jobs are released, and no more is taken than the limits', async () => {
  const { installation } = hostile;
  const { answers } = await hostile.during(async () => {
    for (let i = 0; i < JOBS; i++) expect((await installation.finish(SMALL)).state).toBe('released');
  });
  for (const kind of ['POST jobs:check 429', 'POST applications 429', 'POST tokens 429']) expect(answers[kind], kind).toBeGreaterThan(0);
  expect(Object.keys(answers).filter((kind) => /5\d\d$/.test(kind))).toEqual([]);
  expect(await count('tokens?')).toBeLessThanOrEqual(HOSTILE_LIMITS.tokens);
  expect(await count('applications?state=submitted')).toBeLessThanOrEqual(HOSTILE_LIMITS.pendingApplications);
  expect(await count('jobs?state=queued')).toBeLessThanOrEqual(HOSTILE_LIMITS.queuedJobsPerGrant);
  const check = await installation.call('operator', 'POST', '/api/v1/jobs:check', { grant: installation.grant, sql: SMALL });
  expect(check.json).toMatchObject({ accepted: true });
}, 180_000);
