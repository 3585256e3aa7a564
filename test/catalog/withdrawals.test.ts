/** The withdrawal list as the control plane keeps it: counts, heads and sealed additions, and of the identifiers nothing. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { digestBytes } from '#contract/canonical.ts';
import { nextHead } from '#contract/chain.ts';
import { text } from '#contract/text.ts';
import { textNeedles, found } from '../attacks/support/canary.ts';
import { expectProblem, type Person } from '../support/app.ts';
import { domainApp, manifest, policy, type DomainApp } from '../support/domain.ts';
import { released, TABLE } from '../support/fake-pool.ts';

let app: DomainApp;
beforeEach(async () => {
  app = await domainApp();
  await app.publish();
});
afterEach(() => app.dispose());

const WHO = ['CANARY-370202-0001', 'CANARY-370202-0002', 'CANARY-370202-0001'];
const record = (body: object = {}, who: Pick<Person, 'token'> = app.people.agency, dataset = 'city') =>
  app.call('POST', `/api/v1/datasets/${dataset}/withdrawals`, { token: who.token, body: { unit: 'person', identifiers: WHO, ...body } });
const listed = (who: Pick<Person, 'token'> = app.people.agency, dataset = 'city') => app.call('GET', `/api/v1/datasets/${dataset}/withdrawals`, { token: who.token });
const head = () => app.store.read.get<{ head: string }>('SELECT head FROM withdrawals ORDER BY seq DESC LIMIT 1')?.head ?? null;
const specs = () => app.pool.runs.flatMap(({ spec }) => (spec.kind === 'sql' ? [{ ...spec, withdrawals: spec.withdrawals?.head ?? null }] : []));

describe('a batch', () => {
  test('is one event with a count and digests; the answer says how many are known', async () => {
    const { status, json } = await record();
    expect([status, json]).toMatchObject([201, { dataset: 'city', unit: 'person', change: 'withdraw', ground: 'consent', units: 2, known: 1, unknown: 1 }]);
    const [event] = app.events('units.withdrawn');
    expect(event).toEqual({
      kind: 'units.withdrawn', batch: json.batch, dataset: 'city', unit: 'person', ground: 'consent', units: 2, withdrawals: null,
      list: { head: json.head, addition: digestBytes(app.store.blob(event.list.delta)!), delta: expect.stringMatching(/^blob_/) },
    });
    expect(nextHead(null, event.list.addition)).toBe(json.head);
    const [{ key, spec }] = app.pool.runs.slice(-1) as [{ key: unknown; spec: object }];
    expect(spec).toMatchObject({ kind: 'withdraw', of: json.batch, by: app.people.agency.organisation, identifiers: WHO });
    // The worker that has seen identifiers serves nobody else.
    expect(key).toMatchObject({ kind: 'grant', grant: json.batch });
    expect(app.pool.killed).toContain(json.batch);
  });

  test('leaves no trace of who: not in clear, not as a digest, not in the log of the service', async () => {
    await record();
    await record({ identifiers: [...WHO, 7] });
    await record({ unit: 'nobody knows' });
    app.pool.answer = () => ({ kind: 'failed' });
    await record();
    const digests = [...WHO, JSON.stringify(WHO)].flatMap((who) => [createHash('sha256').update(who).digest()]).flatMap((digest) => [digest, Buffer.from(digest.toString('hex'))]);
    const needles = [...textNeedles('CANARY-370202'), ...digests.map((bytes) => ({ what: 'a digest', bytes }))];
    const places = new Map(readdirSync(app.directory, { recursive: true, withFileTypes: true }).filter((file) => file.isFile()).map((file) => [file.name, readFileSync(join(file.parentPath, file.name))]));
    places.set('log', Buffer.from(JSON.stringify(app.lines)));
    expect(places.size).toBeGreaterThan(2);
    expect([...places].flatMap(([name, bytes]) => found(bytes, needles).map((what) => `${name}: ${what}`))).toEqual([]);
  });

  test('follows the one before, also where several come at once', async () => {
    await Promise.all([record(), record({ change: 'reinstate' }), record({ ground: 'objection' })]);
    const events = app.events('units.withdrawn', 'units.reinstated');
    expect(events).toHaveLength(3);
    events.forEach((event, i) => expect(event.withdrawals).toBe(i === 0 ? null : events[i - 1].list.head));
    expect((await listed()).json.items.map(({ change, ground }: { change: string; ground: string }) => `${change} ${ground}`).toSorted()).toEqual(['reinstate consent', 'withdraw consent', 'withdraw objection']);
  });

  test('may be longer than other bodies', async () => {
    const identifiers = Array.from({ length: 100_000 }, (_, i) => `${i}`.padStart(18, '0'));
    expect((await record({ identifiers })).json.units).toBe(100_000);
    await expectProblem(app, 'request/too-large', () => record({ identifiers: Array.from({ length: 40_000 }, () => 'x'.repeat(999)) }));
  });

  test('is refused by place, without what stands there', async () => {
    app.pool.answer = (spec) => (spec.kind === 'withdraw' ? { kind: 'ingest-refused', problems: [{ code: 'ingest/type', table: 'residents', column: 'person', line: 2, count: 1, message: text('not a number', '不是数字') }] } : null);
    const refused = await expectProblem(app, 'withdrawals/refused', () => record());
    expect(refused.json.errors).toEqual([{ at: 'body/identifiers/1', message: 'not a number' }]);
    app.pool.answer = () => ({ kind: 'failed' });
    await expectProblem(app, 'withdrawals/failed', () => record());
    for (const identifiers of [[], [''], 'x', [1], null]) expect((await expectProblem(app, 'request/invalid', () => record({ identifiers }))).text).not.toContain('CANARY');
    for (const over of [{ unit: '' }, { change: 'delete' }, { ground: 'whim' }, { more: 1 }]) await expectProblem(app, 'request/invalid', () => record(over));
    expect(head()).toBeNull();
  });

  test('is for the agency whose data it is, while there are data', async () => {
    const other = await app.person('agency');
    await expectProblem(app, 'request/not-found', () => record({}, other));
    await expectProblem(app, 'request/not-found', () => record({}, app.people.agency, 'nowhere'));
    for (const role of ['operator', 'auditor', 'administrator'] as const) await expectProblem(app, 'auth/role', () => record({}, app.people[role]));
    await app.call('POST', '/api/v1/datasets/city/suspend', { token: app.people.agency.token, body: { reason: 'x' } });
    expect((await record()).status).toBe(201);
    await app.call('POST', '/api/v1/datasets/city/withdraw', { token: app.people.agency.token, body: { reason: 'x' } });
    await expectProblem(app, 'datasets/state', () => record());
  });
});

test('batches are listed for the agency and the auditor, in every dataset of the agency that has such units', async () => {
  const other = await app.person('agency');
  await app.upload('/api/v1/datasets', other.token, manifest('village'));
  await app.upload('/api/v1/datasets', app.people.agency.token, manifest('county'));
  const { batch } = (await record()).json;
  for (const who of [app.people.agency, app.people.auditor]) for (const dataset of ['city', 'county']) expect((await listed(who, dataset)).json.items).toMatchObject([{ batch, dataset: 'city', units: 2 }]);
  expect((await listed(other, 'village')).json.items).toEqual([]);
  await expectProblem(app, 'request/not-found', () => listed(other));
  await expectProblem(app, 'auth/role', () => listed(app.people.operator));
});

describe('jobs', () => {
  let grant: string;
  beforeEach(async () => {
    grant = await app.grantFor();
  });

  test('are accepted and run on the list in force', async () => {
    await app.finish(grant);
    await record();
    await app.finish(grant);
    expect(app.pool.runs.at(-1)?.spec).toMatchObject({ withdrawals: { head: head(), by: app.people.agency.organisation } });
    expect(specs().map(({ withdrawals }) => withdrawals)).toEqual([null, head()]);
    expect(app.events('job.accepted').map(({ withdrawals }) => withdrawals)).toEqual([null, head()]);
    expect(app.events('job.released').map(({ withdrawals }) => withdrawals)).toEqual([null, head()]);
  });

  test('that wait run on the list as it is when they start', async () => {
    app.pool.hold();
    const jobs = [await app.submit(grant), await app.submit(grant), await app.submit(grant)];
    await expect.poll(() => specs().length).toBe(2);
    await record();
    app.pool.letGo();
    await app.domain.runner.settled();
    expect(specs().slice(2).every(({ withdrawals }) => withdrawals === head())).toBe(true);
    for (const { id } of jobs) expect((await app.job(id)).state).toBe('released');
  });

  test('that run while units withdraw run again: nothing comes out that they took part in', async () => {
    app.pool.hold();
    const { id } = await app.submit(grant);
    await expect.poll(() => specs().length).toBe(1);
    await record();
    app.pool.letGo();
    await app.domain.runner.settled();
    expect(app.events('job.interrupted')).toEqual([{ kind: 'job.interrupted', job: id, attempt: 1, cause: 'withdrawals' }]);
    expect(app.events('job.released')).toMatchObject([{ job: id, attempt: 2, withdrawals: head() }]);
  });

  test('replayed, run on the list as it was; a list that was tampered with is found', async () => {
    await record();
    const { id } = await app.finish(grant);
    const own = head();
    await record({ ground: 'objection' });
    const replay = async () => (await app.call('POST', '/api/v1/audit/replays', { token: app.people.auditor.token, body: { job: id } })).json;
    expect(await replay()).toMatchObject({ outcome: 'matched' });
    expect(specs().at(-1)?.withdrawals).toBe(own);
    await app.store.transact({ id: 'console', role: 'system', via: 'console' }, (tx) => {
      tx.db.run('UPDATE blobs SET bytes = ? WHERE id = ?', Buffer.from('something else'), app.events('units.withdrawn')[0].list.delta);
      tx.record({ kind: 'log.exported', size: 0 });
      return { ok: true, value: null };
    });
    expect(await replay()).toMatchObject({ outcome: 'differed', difference: 'withdrawals' });
  });

  test('that test a policy, or try a draft, run on the list in force', async () => {
    await app.finish(grant);
    await record();
    await app.call('POST', '/api/v1/policies:dry-run', { token: app.people.agency.token, body: { document: policy({ version: 2 }) } });
    expect(specs().at(-1)?.withdrawals).toBe(head());
    await app.approvePolicy({ ...policy({ version: 2 }), tests: [{ name: 'one', sql: 'SELECT 2', expect: { outcome: 'released' } }] });
    expect(specs().filter(({ sql }) => sql === 'SELECT 2').every(({ withdrawals }) => withdrawals === head())).toBe(true);
  });

  test('that were held before say so to the reviewer', async () => {
    app.pool.answer = (spec) => (spec.kind === 'sql' ? released(spec, TABLE, 'held') : null);
    await record();
    const { id } = await app.finish(grant);
    const since = async () => (await app.call('GET', `/api/v1/releases/${id}`, { token: app.people.agency.token })).json.withdrawalsSince;
    expect(await since()).toBe(0);
    await record();
    await record({ change: 'reinstate' });
    expect(await since()).toBe(1);
  });
});
