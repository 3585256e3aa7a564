/**
 * `kill -9` of the server or of its workers at random moments, while clients submit jobs and an observer remembers whatever
 * was acknowledged. Afterwards: nothing acknowledged is lost or has changed, a key that was sent again made no second job,
 * every job has one end, nothing was released twice, the log verifies and extends every checkpoint that was kept, and the
 * tables are what the log says.
 * SLUICE_TEST_CHAOS: rounds (default 3); `npm run chaos` runs many.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Event } from '#contract/event.ts';
import { LogFiles } from '#src/audit/log-files.ts';
import { LOG_VKEY } from '#src/audit/log-key.ts';
import { rebuild } from '#src/audit/rebuild.ts';
import { decodeBundle } from '#src/audit/tiles.ts';
import { verifyLog } from '#src/audit/verify.ts';
import { PROJECTIONS } from '#src/projections.ts';
import { Installation } from '../attacks/support/installation.ts';
import { policyWith } from '../attacks/support/vault.ts';
import { countingRandom } from '../support/store.ts';

const ROUNDS = Number(process.env['SLUICE_TEST_CHAOS'] ?? 3);
const CLIENTS = 3;
const SEED = process.env['SLUICE_TEST_SEED'] ?? 'chaos';

const QUESTIONS = [
  'select district, count(*) from persons group by district', 'select district, sum(income), avg(income) from persons group by district', 'select v.district, sum(cost) from persons p join visits v on p.id = v.person group by 1',
  'select nick from persons', 'select count(*) from persons, persons p', 'select sum(a.factor) from districts a, districts b, districts c, districts d, districts e, districts f, districts g, districts h, districts i',
];
const ENDS = ['released', 'refused', 'failed', 'cancelled'];

let installation: Installation;
const random = countingRandom(SEED);
const below = (limit: number): number => (Buffer.from(random(4)).readUInt32BE(0) % limit);
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Key of a submission → what was asked, and the job that was acknowledged; null: no answer came. */
const submitted = new Map<string, { readonly sql: string; job: string | null }>();
/** Job → how it ended, as somebody was told, with the digest of what was released. */
const ended = new Map<string, { readonly state: string; readonly digest: string | null }>();
/** Job → bytes of a result that was handed out. */
const results = new Map<string, string>();
const contradictions: string[] = [];

beforeAll(async () => {
  const policy = policyWith({});
  installation = await Installation.open({ ...policy, limits: { ...policy.limits, jobsPerDay: 100_000 } });
}, 120_000);
afterAll(() => installation.close());

/** Sends a submission until it is acknowledged; null where the service is gone. */
async function submit(key: string): Promise<string | null> {
  const submission = submitted.get(key);
  if (submission === undefined) throw new Error('no such submission');
  const reply = await installation.call('operator', 'POST', '/api/v1/jobs', { grant: installation.grant, sql: submission.sql }, { 'idempotency-key': key }).catch(() => null);
  // The first request under this key may still be on its way; nobody was told anything.
  if (reply === null || reply.json?.code === 'idempotency/in-progress' || reply.status >= 500) return null;
  if (reply.status !== 201) {
    contradictions.push(`${key}: ${reply.status} ${reply.bytes.toString('utf8').slice(0, 200)}`);
    return null;
  }
  const job = reply.json.id as string;
  if (submission.job !== null && submission.job !== job) contradictions.push(`${key} made ${submission.job} and ${job}`);
  submission.job = job;
  return job;
}

async function observe(job: string): Promise<boolean> {
  const reply = await installation.call('operator', 'GET', `/api/v1/jobs/${job}`).catch(() => null);
  if (reply === null || reply.status >= 500) return false;
  if (reply.status !== 200) {
    contradictions.push(`${job} was acknowledged and is answered with ${reply.status}`);
    return false;
  }
  const { state, digest } = reply.json as { state: string; digest: string | null };
  const before = ended.get(job);
  if (before !== undefined && (before.state !== state || before.digest !== digest)) contradictions.push(`${job} was ${before.state} ${before.digest}, and is ${state} ${digest}`);
  if (!ENDS.includes(state)) return false;
  ended.set(job, { state, digest });
  if (state === 'released' && (before === undefined || below(4) === 0)) {
    const result = await installation.call('operator', 'GET', `/api/v1/jobs/${job}/result`).catch(() => null);
    if (result?.status === 200) {
      const text = result.bytes.toString('utf8');
      if ((results.get(job) ?? text) !== text) contradictions.push(`${job} has two results`);
      results.set(job, text);
    }
  }
  return true;
}

/** Submits and looks on until it is told to stop or the service is gone. */
async function client(name: string, isOver: () => boolean): Promise<void> {
  for (let i = 0; i < 25 && !isOver(); i++) {
    const key = `${name}-${i}`;
    submitted.set(key, { sql: QUESTIONS[below(QUESTIONS.length)] ?? '', job: null });
    const job = await submit(key);
    if (job === null) await pause(5);
    else for (let looks = 0; looks < 8 && !isOver() && !(await observe(job)); looks++) await pause(5);
  }
}

/** Direct children of the server: workers, or the bubblewrap around each. */
function workers(): number[] {
  const { pid } = installation.service;
  if (pid === null) return [];
  return readdirSync(`/proc/${pid}/task`).flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ')).filter((child) => child !== '').map(Number);
}

function killWorker(): void {
  const all = workers();
  const victim = all[below(Math.max(1, all.length))];
  try {
    if (victim !== undefined) process.kill(victim, 'SIGKILL');
  } catch {
    // It ended by itself in the meantime.
  }
}

const publicKey = () => readdirSync(installation.service.home, { recursive: true, withFileTypes: true }).filter(({ name }) => name === LOG_VKEY).map((entry) => join(entry.parentPath, entry.name))[0] ?? '';
const logFiles = () => new LogFiles(join(installation.service.home, 'log'));

/** Kills workers a few times, then the server, and keeps what an auditor would have. */
async function round(number: number): Promise<Uint8Array | null> {
  let over = false;
  const clients = Array.from({ length: CLIENTS }, (_, c) => client(`${number}-${c}`, () => over));
  for (let i = below(4); i >= 0; i--) {
    await pause(100 + below(500));
    killWorker();
  }
  await pause(below(700));
  const kept = await logFiles().read('checkpoint');
  await installation.service.stop('SIGKILL');
  over = true;
  await Promise.all(clients);
  return kept;
}

test(`${ROUNDS} kills of the server and more of its workers`, { timeout: 60_000 + ROUNDS * 30_000 }, async () => {
  const kept: Uint8Array[] = [];
  for (let number = 0; number < ROUNDS; number++) {
    const checkpoint = await round(number);
    if (checkpoint !== null) kept.push(checkpoint);
    // While it starts is a moment like any other.
    const interrupted = installation.service.start().then(() => true, () => false);
    await pause(below(900));
    if (number % 2 === 0) await installation.service.stop('SIGKILL');
    if (!(await interrupted) || installation.service.pid === null) await installation.service.start();
    // Whoever had no answer asks again under the same key; whoever had one gets the same.
    for (const [key, { job }] of submitted) if (key.startsWith(`${number}-`) && (job === null || below(5) === 0)) await submit(key);
  }
  for (const { job } of submitted.values()) {
    if (job !== null) await expect.poll(() => observe(job), { timeout: 60_000, interval: 20 }).toBe(true);
  }
  expect(contradictions).toEqual([]);

  const acknowledged = [...submitted.values()].flatMap(({ job }) => (job === null ? [] : [job]));
  expect(acknowledged.length).toBeGreaterThan(ROUNDS * 2);
  expect(new Set(acknowledged).size).toBe(acknowledged.length);
  expect([...ended.values()].filter(({ state }) => state === 'released').length).toBeGreaterThan(0);
  expect(results.size).toBeGreaterThan(0);

  expect(await installation.service.stop()).toBe(0);
  const vkey = readFileSync(publicKey(), 'utf8').trim();
  for (const since of kept) {
    const report = await verifyLog({ source: logFiles(), vkey, since });
    expect(report, JSON.stringify(report)).toMatchObject({ outcome: 'verified' });
  }
  expect(rebuild(join(installation.service.home, 'sluice.db'), PROJECTIONS)).toMatchObject({ identical: true });

  const events = await entries();
  const jobsOf = (kind: string) => events.flatMap(({ body }) => (body.kind === kind && 'job' in body ? [body.job as string] : []));
  const accepted = jobsOf('job.accepted');
  expect(new Set(accepted).size).toBe(accepted.length);
  // Every key that was ever sent made at most one job, and was sent until it had one.
  expect(accepted.toSorted()).toEqual(acknowledged.toSorted());
  const ends = ENDS.flatMap((end) => jobsOf(`job.${end}`));
  expect(ends.toSorted()).toEqual(accepted.toSorted());
  for (const { body } of events) {
    if (body.kind === 'job.released') expect(ended.get(body.job)).toEqual({ state: 'released', digest: body.digest });
  }
  for (const [job, text] of results) expect(JSON.parse(text).digest, job).toBe(ended.get(job)?.digest);
});

/** The whole log, as it is published. */
async function entries(): Promise<Event[]> {
  const bundles = readdirSync(join(installation.service.home, 'log', 'tile', 'entries'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const whole = new Map<number, Event>();
  for (const path of bundles) {
    const decoded = decodeBundle(new Uint8Array(readFileSync(path)));
    for (const entry of decoded ?? []) {
      const event = Event.parse(JSON.parse(Buffer.from(entry).toString('utf8')));
      whole.set(event.seq, event);
    }
  }
  return [...whole].toSorted(([a], [b]) => a - b).map(([, event]) => event);
}
