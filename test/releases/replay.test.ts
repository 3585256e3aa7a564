import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { replayJob } from '#src/releases/replay.ts';
import { inTurnOf } from '#src/workers/in-turn.ts';
import { expectProblem } from '../support/app.ts';
import { domainApp, policy, type DomainApp } from '../support/domain.ts';
import { released, TABLE } from '../support/fake-pool.ts';

let app: DomainApp;
let job: string;
beforeEach(async () => {
  app = await domainApp();
  await app.publish();
  job = (await app.finish(await app.grantFor())).id;
});
afterEach(() => app.dispose());

const replay = (of = job) => app.call('POST', '/api/v1/audit/replays', { token: app.people.auditor.token, body: { job: of } });
const replayed = async () => (await replay()).json;
/** Somebody with access to the file, past the program. */
const tamper = (sql: string, ...parameters: (string | Uint8Array)[]): void => {
  const file = new DatabaseSync(join(app.directory, 'sluice.db'));
  file.exec('PRAGMA foreign_keys = OFF');
  expect(Number(file.prepare(sql).run(...parameters).changes)).toBe(1);
  file.close();
};

test('the same from what the log pins: matched, by a worker of its own that hashes every file first', async () => {
  const first = app.pool.runs.at(-1)!;
  const { status, json } = await replay();
  expect(status).toBe(201);
  expect(json).toMatchObject({ job, outcome: 'matched', expected: (await app.job(job)).digest, programDiffers: false });
  expect(json.actual).toBe(json.expected);
  const again = app.pool.runs.at(-1)!;
  expect(again.spec).toEqual(first.spec);
  expect(again.key).toMatchObject({ kind: 'grant', grant: json.id, verify: true });
  expect(app.pool.killed).toContain(json.id);
  expect((await app.call('GET', `/api/v1/audit/replays?job=${job}`, { token: app.people.auditor.token })).json.items).toEqual([json]);
});

test('what changed since does not matter: policy, snapshot and grant are those of the job', async () => {
  await app.approvePolicy(policy({ version: 2, min: 99 }));
  await app.upload('/api/v1/datasets/city/snapshots', app.people.agency.token, null);
  const { grant } = await app.job(job);
  await app.call('POST', `/api/v1/grants/${grant}/revoke`, { token: app.people.agency.token, body: { reason: 'over' } });
  expect((await replayed()).outcome).toBe('matched');
});

test('another program version is said', async () => {
  const principal = await app.accounts.credentials.ofToken(app.people.auditor.token);
  if (!principal.ok) throw new Error('no principal');
  const result = await replayJob({
    store: app.store, pool: inTurnOf(app.pool, app.people.auditor.organisation), random: (bytes) => new Uint8Array(bytes).fill(3), program: '2', snapshotStore: '/nowhere/snapshots', sealingKey: new Uint8Array(32).fill(7), wallMs: 1000,
  }, principal.value, job as never);
  expect(result).toMatchObject({ ok: true, value: { outcome: 'matched', program: '2', programDiffers: true } });
});

describe('what differs is found, and where', () => {
  test('another result', async () => {
    app.pool.answer = (spec) => (spec.kind === 'sql' ? released(spec, { ...TABLE, rows: [] }) : null);
    const json = await replayed();
    expect(json).toMatchObject({ outcome: 'differed', difference: 'digest' });
    expect(json.actual).not.toBe(json.expected);
    expect(app.events('replay.differed')).toHaveLength(1);
  });

  test('no result', async () => {
    app.pool.answer = (spec) => (spec.kind === 'sql' ? released(spec, TABLE, 'held') : null);
    expect(await replayed()).toMatchObject({ outcome: 'differed', difference: 'outcome', actual: null });
  });

  test('a changed policy', async () => {
    const { document } = app.events('policy.approved')[0];
    tamper("UPDATE documents SET body = replace(body, '\"min\":10', '\"min\":1') WHERE digest = ?", document);
    expect(await replayed()).toMatchObject({ outcome: 'differed', difference: 'policy' });
  });

  test('a changed manifest', async () => {
    const { manifest } = app.events('dataset.registered')[0];
    tamper("UPDATE documents SET body = replace(body, 'city', 'town') WHERE digest = ?", manifest);
    expect(await replayed()).toMatchObject({ outcome: 'differed', difference: 'manifest' });
  });

  test('a changed grant', async () => {
    const { columns } = app.store.read.get<{ columns: string }>('SELECT columns FROM grants')!;
    tamper('UPDATE grants SET columns = ?', '["city.residents.district"]');
    expect(await replayed()).toMatchObject({ outcome: 'differed', difference: 'grant' });
    tamper('UPDATE grants SET columns = ?', columns);
  });

  test('a changed text', async () => {
    const { sql } = app.events('job.accepted')[0];
    tamper('UPDATE sealed_texts SET ciphertext = ? WHERE commitment = ?', Buffer.alloc(40), sql);
    expect(await replayed()).toMatchObject({ outcome: 'differed', difference: 'sql' });
  });

  test('a changed stored result', async () => {
    tamper('UPDATE blobs SET bytes = ? WHERE id = ?', Buffer.alloc(100), app.events('job.released')[0].result);
    expect(await replayed()).toMatchObject({ outcome: 'differed', difference: 'result' });
  });

  test('snapshots that a worker refuses to open', async () => {
    app.pool.answer = (_, key) => (key.kind === 'grant' ? { kind: 'failed' } : null);
    expect(await replayed()).toMatchObject({ outcome: 'differed', difference: 'snapshot' });
  });
});

test('a worker that gives no answer is no finding about the release', async () => {
  app.pool.answer = () => ({ kind: 'failed' });
  expect(await replayed()).toMatchObject({ outcome: 'failed', expected: null, difference: null });
});

test('pins come from the log, not from the tables', async () => {
  const { digest, datasets } = app.store.read.get<{ digest: string; datasets: string }>('SELECT digest, datasets FROM jobs')!;
  tamper('UPDATE jobs SET digest = ?, datasets = ?', '0'.repeat(64), '[]');
  expect((await replayed()).outcome).toBe('matched');
  tamper('UPDATE jobs SET digest = ?, datasets = ?', digest, datasets);
});

test('only a released job, with its text, by an auditor', async () => {
  app.pool.answer = (spec) => (spec.kind === 'sql' ? { kind: 'failed' } : null);
  const failed = await app.finish((await app.job(job)).grant);
  await expectProblem(app, 'replays/not-released', () => replay(failed.id));
  await expectProblem(app, 'request/not-found', () => replay('job_00000000000000000000000000'));
  for (const role of ['operator', 'agency', 'administrator'] as const) {
    await expectProblem(app, 'auth/role', () => app.call('POST', '/api/v1/audit/replays', { token: app.people[role].token, body: { job } }));
  }
  await app.store.shred({ id: 'console', role: 'system', via: 'console' }, app.events('job.accepted')[0].sql);
  await expectProblem(app, 'replays/text-erased', () => replay());
});
