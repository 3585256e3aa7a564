/** A held result is opened by the data plane, if it is what was committed to; whatever else happens, it stays where it is. */
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ok } from '#contract/result.ts';
import { SYSTEM } from '#src/accounts/principal.ts';
import { openResult, sealResult } from '#src/releases/sealed-result.ts';
import { expectProblem, type Person } from '../support/app.ts';
import { domainApp, policy, type DomainApp } from '../support/domain.ts';
import { released, TABLE } from '../support/fake-pool.ts';

const KEY = new Uint8Array(32).fill(7);
let app: DomainApp;
let grant: string;
let job: string;
let second: Person;
beforeEach(async () => {
  app = await domainApp();
  await app.publish();
  await app.approvePolicy({ ...policy({ version: 2 }), statistics: { ...policy().statistics, review: 'manual', reviewers: 2 } });
  second = await app.colleague(app.people.agency, 'agency');
  grant = await app.grantFor();
  app.pool.answer = (spec) => (spec.kind === 'sql' ? released(spec, TABLE, 'held') : null);
  job = (await app.finish(grant)).id;
  app.pool.runs.length = 0;
});
afterEach(() => app.dispose());

const decide = (decision: string, who: { token: string } = app.people.agency) => app.call('POST', `/api/v1/releases/${job}/${decision}`, { token: who.token, body: { reason: 'x' } });
const look = () => app.call('GET', `/api/v1/releases/${job}`, { token: app.people.agency.token });
const row = () => app.store.read.get<{ state: string; held: string | null; result: string | null }>('SELECT state, held, result FROM jobs WHERE id = ?', job);
const blobs = () => app.store.read.all<{ id: string }>('SELECT id FROM blobs').map(({ id }) => id);
const alter = (bytes: Uint8Array, id = row()?.held ?? ''): void => {
  const file = new DatabaseSync(join(app.directory, 'sluice.db'));
  expect(Number(file.prepare('UPDATE blobs SET bytes = ? WHERE id = ?').run(bytes, id).changes)).toBe(1);
  file.close();
};

test('while it is held there is nothing that this side has a key to, and the log tells no size and no total', () => {
  const { held, result } = row()!;
  expect([typeof held, result]).toEqual(['string', null]);
  for (const id of blobs()) expect(openResult(KEY, job as never, app.store.blob(id)!)).toBeNull();
  const [event] = app.events('job.held');
  expect(event).not.toHaveProperty('cost');
  expect(event).not.toHaveProperty('withheld');
  expect(event).not.toHaveProperty('result');
});

test('approved: the result goes into the transaction of the last vote, and the sealed copy with it out of the store', async () => {
  const { held } = row()!;
  await decide('approve');
  expect(row()).toMatchObject({ state: 'held', held, result: null });
  await decide('approve', second);
  const { result } = row()!;
  expect(row()).toMatchObject({ state: 'released', held: null });
  expect(app.events('release.approved')).toMatchObject([{ result, cost: { cells: 3 }, withheld: 2 }]);
  expect(blobs()).toEqual([result]);
  expect(openResult(KEY, job as never, app.store.blob(result!)!)).toMatchObject({ table: TABLE });
  const again = await app.call('POST', '/api/v1/audit/replays', { token: app.people.auditor.token, body: { job } });
  expect(again.json).toMatchObject({ outcome: 'matched' });
});

test.each(['reject', 'approve'])('kept in by a vote against it (%s first): it is never opened for this side', async (first) => {
  await decide(first);
  await decide(first === 'reject' ? 'approve' : 'reject', second);
  expect(row()).toMatchObject({ state: 'rejected', result: null });
  for (const id of blobs()) expect(openResult(KEY, job as never, app.store.blob(id)!)).toBeNull();
});

describe('what is not as it was', () => {
  const ways: Record<string, () => void | Promise<void>> = {
    altered: () => alter(Buffer.from('x'.repeat(200))),
    cut: () => alter(app.store.blob(row()!.held!)!.subarray(0, 50)),
    'of another job': async () => {
      const other = (await app.finish(grant, 'SELECT 2')).id;
      alter(app.store.blob(app.store.read.get<{ held: string }>('SELECT held FROM jobs WHERE id = ?', other)!.held)!);
    },
    'not what was committed to': () => {
      const sealed = JSON.parse(Buffer.from(app.store.blob(row()!.held!)!).toString('utf8'));
      alter(Buffer.from(JSON.stringify({ ...sealed, digest: '0'.repeat(64) })));
    },
    gone: () => {
      const file = new DatabaseSync(join(app.directory, 'sluice.db'));
      file.prepare('DELETE FROM blobs WHERE id = ?').run(row()!.held!);
      file.close();
    },
  };

  test.each(Object.keys(ways))('%s: it does not leave, and that is on record', async (way) => {
    await ways[way]!();
    for (const ask of [() => decide('approve'), look]) await expectProblem(app, 'releases/altered', ask, { mayRecord: true });
    expect(app.events('release.altered')).toEqual([{ kind: 'release.altered', job }, { kind: 'release.altered', job }]);
    expect(app.events('release.voted', 'release.approved')).toEqual([]);
    expect(row()).toMatchObject({ state: 'held', result: null });
    expect((await decide('reject')).status).toBe(200);
    expect((await decide('reject', second)).json).toMatchObject({ state: 'rejected' });
  });

  test.each(['approve', 'reject'])('the second reviewer meets the same whatever the first one voted (%s)', async (first) => {
    await decide(first);
    await ways['altered']!();
    await expectProblem(app, 'releases/altered', () => decide('approve', second), { mayRecord: true });
    expect((await app.call('GET', '/api/v1/releases', { token: second.token })).json.items).toMatchObject([{ voted: 1, votes: null }]);
  });
});

test.each(['approve', 'reject'])('a worker that gives no answer changes nothing, and the first vote (%s) does not show', async (first) => {
  await decide(first);
  app.pool.answer = (spec) => (spec.kind === 'reveal' ? { kind: 'failed' } : null);
  for (const ask of [() => decide('approve', second), () => app.call('GET', `/api/v1/releases/${job}`, { token: second.token })]) {
    expect((await ask()).json).toMatchObject({ code: 'releases/evidence', status: 503 });
  }
  expect(app.events('release.voted')).toHaveLength(1);
  expect(app.events('release.altered')).toEqual([]);
  app.pool.answer = () => null;
  expect((await decide('approve', second)).json.state).toBe(first === 'approve' ? 'released' : 'rejected');
});

test('two reviewers at once, and a cancellation while the worker opens it', async () => {
  const [one, other] = await Promise.all([decide('approve'), decide('approve', second)]);
  expect([one.status, other.status]).toEqual([200, 200]);
  expect(app.events('release.approved')).toHaveLength(1);

  job = (await app.finish(grant, 'SELECT 3')).id;
  await decide('approve');
  let cancelled: Promise<unknown> | null = null;
  app.pool.answer = (spec) => {
    if (spec.kind === 'reveal') cancelled ??= app.call('POST', `/api/v1/jobs/${job}/cancel`, { token: app.people.operator.token });
    return null;
  };
  const late = await decide('approve', second);
  await cancelled;
  // Whichever came first: released and not cancelled, or withdrawn and not released.
  expect([[200, 'released'], [409, 'withdrawn']]).toContainEqual([late.status, row()?.state]);
  expect(app.events('release.approved', 'release.withdrawn').filter((one_) => one_.job === job)).toHaveLength(1);
});

test('nobody has it opened who may not decide', async () => {
  const other = await app.person('agency');
  await decide('approve', other);
  await decide('approve', { token: app.people.operator.token });
  await decide('approve');
  await decide('approve');
  await app.call('POST', '/api/v1/datasets/city/suspend', { token: app.people.agency.token, body: { reason: 'x' } });
  await decide('approve', second);
  expect(app.pool.runs.filter(({ spec }) => spec.kind === 'reveal')).toHaveLength(1);
});

test('a result that a version before this stored in clear to this side is seen, released and fetched', async () => {
  // As that version would have left it: the event tells everything, and the result is sealed under this side's key.
  const [event] = app.events('job.held');
  app.pool.hold();
  const { id } = await app.submit(grant, 'SELECT 4');
  await expect.poll(async () => (await app.job(id)).state).toBe('running');
  await app.store.transact(SYSTEM, (tx) => {
    const result = tx.putBlob(sealResult(KEY, id as never, { table: TABLE, statement: { rules: [], withheld: 2, mayOmitRows: false, help: [], sentences: [] } }, tx.random));
    const { held: _, ...rest } = event;
    tx.record({ ...rest, job: id, attempt: 1, result, cost: { gates: 1, cells: 3, rows: 3 }, withheld: 2, reviewers: 1 });
    return ok(null);
  });
  app.pool.letGo();
  job = id;
  expect((await look()).json).toMatchObject({ table: TABLE });
  expect((await decide('approve')).json).toMatchObject({ state: 'released' });
  expect((await app.call('GET', `/api/v1/jobs/${id}/result`, { token: app.people.operator.token })).json.table).toEqual(TABLE);
});
