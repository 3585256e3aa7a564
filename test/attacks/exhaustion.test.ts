/**
 * An operator with an account and a grant of their own tries to use up what all need: checks, jobs, tokens, applications, listings,
 * denials, as fast as 24 connections carry them. Another operator's jobs go on meanwhile. Latency is measured with and without
 * the attack in turn, on the same machine in the same run, so that what is asserted is a ratio.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Installation } from './support/installation.ts';
import { VAULT_POLICY } from './support/vault.ts';

const HOSTILE = fileURLToPath(new URL('../support/hostile-operator.ts', import.meta.url));
const CONNECTIONS = 24;
const ROUNDS = 3;
const JOBS = 15;
/** Low enough to be reached in the time of a test. */
const LIMITS = { tokens: 20, pendingApplications: 10, checksPerMinute: 20, queuedJobsPerGrant: 40 };

/** Of medians. Measured: 5 to 7 on two cores, which the attacker’s own process shares; before listings and requests were bounded: 60 to 80. */
const RATIO = 15;
const SMALL = 'SELECT district, count(*) AS n FROM persons GROUP BY district';

let installation: Installation;
let hostile: ChildProcess;
let lines: AsyncIterator<string>;

beforeAll(async () => {
  // The policy lets them run as many jobs as they like: what holds them back is not its quota.
  installation = await Installation.open({ ...VAULT_POLICY, limits: { ...VAULT_POLICY.limits, jobsPerDay: 100_000 } }, { limits: LIMITS });
  const { tokens, people, service } = installation;
  const columns = ['persons.id', 'persons.district', 'visits.person', 'visits.cost'].flatMap((column) => ['--column', `vault.${column}`]);
  const until = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  const { id } = await people.rival.json<{ id: string }>(['apply', '--unit', '另一家公司', '--scenario', 'attack', ...columns, '--until', until, '--purpose', 'research']);
  const { grant } = await people.approver.json<{ grant: string }>(['application', 'approve', id]);
  hostile = spawn(process.execPath, ['--no-warnings', HOSTILE, service.url, tokens.rival, grant, String(CONNECTIONS)], { stdio: ['pipe', 'pipe', 'inherit'] });
  lines = createInterface({ input: hostile.stdout! })[Symbol.asyncIterator]();
}, 60_000);
afterAll(async () => {
  hostile.stdin?.end();
  await once(hostile, 'exit');
  await installation.close();
});

/** Milliseconds of each job, from submitting until it is known to be released. */
async function latencies(): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < JOBS; i++) {
    const began = performance.now();
    const job = await installation.finish(SMALL);
    expect(job.state).toBe('released');
    times.push(performance.now() - began);
  }
  return times;
}

async function underAttack<T>(work: () => Promise<T>): Promise<{ readonly done: T; readonly answers: Readonly<Record<string, number>> }> {
  hostile.stdin?.write('\n');
  await sleep(500);
  const done = await work();
  hostile.stdin?.write('\n');
  return { done, answers: JSON.parse((await lines.next()).value) as Record<string, number> };
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const count = async (path: string): Promise<number> => {
  let [n, cursor] = [0, ''];
  do {
    const { json } = await installation.call('rival', 'GET', `/api/v1/${path}&limit=200${cursor}`);
    n += json.items.filter(({ revoked = null }: { revoked?: string | null }) => revoked === null).length;
    cursor = json.next === null ? '' : `&cursor=${json.next}`;
  } while (cursor !== '');
  return n;
};

test('leaves the latency of another operator’s jobs within a ratio, and takes no more than the limits', async () => {
  await latencies();
  const [quiet, busy]: [number[], number[]] = [[], []];
  const answers: Record<string, number> = {};
  for (let round = 0; round < ROUNDS; round++) {
    quiet.push(...await latencies());
    const attack = await underAttack(latencies);
    busy.push(...attack.done);
    for (const [kind, n] of Object.entries(attack.answers)) answers[kind] = (answers[kind] ?? 0) + n;
    // What was queued runs on meanwhile.
    await sleep(2000);
  }
  // On a machine that is busy with other things both are slower; one in the middle of many is not moved by a few.
  expect(median(busy) / median(quiet), JSON.stringify({ quiet: median(quiet), busy: median(busy), answers })).toBeLessThan(RATIO);

  for (const kind of ['POST jobs:check 429', 'POST applications 429', 'POST tokens 429']) expect(answers[kind], kind).toBeGreaterThan(0);
  expect(Object.keys(answers).filter((kind) => /5\d\d$/.test(kind))).toEqual([]);
  expect(await count('tokens?')).toBeLessThanOrEqual(LIMITS.tokens);
  expect(await count('applications?state=submitted')).toBeLessThanOrEqual(LIMITS.pendingApplications);
  expect(await count('jobs?state=queued')).toBeLessThanOrEqual(LIMITS.queuedJobsPerGrant);
  const check = await installation.call('operator', 'POST', '/api/v1/jobs:check', { grant: installation.grant, sql: SMALL });
  expect(check.json).toMatchObject({ accepted: true });
}, 180_000);
