/**
 * `kill -9` of the server while two reviewers let held results out: between vote and vote, between a worker's opening of the result and its
 * release, while it is fetched. Afterwards nothing is lost, nothing was released twice or by one vote, and every result is the one that was held.
 * SLUICE_TEST_CHAOS: rounds (default 2).
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LogFiles } from '#src/audit/log-files.ts';
import { LOG_VKEY } from '#src/audit/log-key.ts';
import { rebuild } from '#src/audit/rebuild.ts';
import { verifyLog } from '#src/audit/verify.ts';
import { PROJECTIONS } from '#src/projections.ts';
import { Installation } from '../attacks/support/installation.ts';
import { policyWith } from '../attacks/support/vault.ts';
import { countingRandom } from '../support/store.ts';

const ROUNDS = Number(process.env['SLUICE_TEST_CHAOS'] ?? 2);
const JOBS = 6;
const SQL = 'select district, count(*), sum(income) from persons group by district';

let installation: Installation;
const random = countingRandom(process.env['SLUICE_TEST_SEED'] ?? 'review');
const below = (limit: number): number => Buffer.from(random(4)).readUInt32BE(0) % limit;
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const call = (who: 'operator' | 'proposer' | 'approver', method: string, path: string, body?: object) => installation.call(who, method, path, body).catch(() => null);
const stateOf = async (job: string): Promise<string | undefined> => (await call('operator', 'GET', `/api/v1/jobs/${job}`))?.json?.state;

/** Job → what the operator got of it. */
const results = new Map<string, string>();
const contradictions: string[] = [];

beforeAll(async () => {
  const policy = policyWith({ review: 'manual', reviewers: 2 });
  installation = await Installation.open({ ...policy, limits: { ...policy.limits, jobsPerDay: 100_000 } });
}, 120_000);
afterAll(() => installation.close());

/** Votes until the service says that the vote is cast. */
async function vote(who: 'proposer' | 'approver', job: string): Promise<void> {
  for (;;) {
    const reply = await call(who, 'POST', `/api/v1/releases/${job}/approve`, { reason: 'wide margins' });
    if (reply === null) return;
    if (reply.status === 200 || ['releases/four-eyes', 'releases/state'].includes(reply.json?.code)) return;
    if (reply.status < 500) contradictions.push(`${who} on ${job}: ${reply.status} ${reply.json?.code}`);
    await pause(10);
  }
}

async function fetchResult(job: string): Promise<void> {
  const reply = await call('operator', 'GET', `/api/v1/jobs/${job}/result`);
  if (reply?.status !== 200) return;
  const text = reply.bytes.toString('utf8');
  if ((results.get(job) ?? text) !== text) contradictions.push(`${job} has two results`);
  results.set(job, text);
}

test(`${ROUNDS} kills while results are let out`, { timeout: 60_000 + ROUNDS * 40_000 }, async () => {
  const jobs: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const own: string[] = [];
    for (let i = 0; i < JOBS; i++) own.push((await call('operator', 'POST', '/api/v1/jobs', { grant: installation.grant, sql: SQL }))?.json.id);
    for (const job of own) await expect.poll(() => stateOf(job), { timeout: 30_000, interval: 20 }).toBe('held');
    jobs.push(...own);
    const reviewers = own.flatMap((job) => (['proposer', 'approver'] as const).map((who) => vote(who, job).then(() => fetchResult(job))));
    await pause(below(600));
    await installation.service.stop('SIGKILL');
    await Promise.all(reviewers);
    await installation.service.start();
    for (const job of own) {
      const state = await stateOf(job);
      if (results.has(job) && state !== 'released') contradictions.push(`${job} was fetched and is ${state}`);
      if (state !== 'held' && state !== 'released') contradictions.push(`${job} is ${state}`);
    }
  }
  for (const job of jobs) {
    for (const who of ['proposer', 'approver'] as const) await vote(who, job);
    expect(await stateOf(job)).toBe('released');
    await fetchResult(job);
  }
  expect(contradictions).toEqual([]);
  const tables = new Set(jobs.map((job) => JSON.stringify(JSON.parse(results.get(job) ?? '{}').table)));
  expect(tables.size).toBe(1);
  expect([...tables][0]).toContain('rows');
  const replayed = await installation.call('auditor', 'POST', '/api/v1/audit/replays', { job: jobs.at(-1) });
  expect(replayed.json).toMatchObject({ outcome: 'matched' });

  expect(await installation.service.stop()).toBe(0);
  const { home } = installation.service;
  const vkey = readdirSync(home, { recursive: true, withFileTypes: true }).find(({ name }) => name === LOG_VKEY)!;
  const report = await verifyLog({ source: new LogFiles(join(home, 'log')), vkey: readFileSync(join(vkey.parentPath, vkey.name), 'utf8').trim() });
  expect(report, JSON.stringify(report)).toMatchObject({ outcome: 'verified' });
  expect(report.checks.find(({ name }) => name === 'sealed-holds')?.checked).toBe(2 * jobs.length);
  expect(rebuild(join(home, 'sluice.db'), PROJECTIONS)).toMatchObject({ identical: true });
});
