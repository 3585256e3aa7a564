import { existsSync, readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { expectProblem } from '../support/app.ts';
import { domainApp, manifest, policy, type DomainApp } from '../support/domain.ts';

let app: DomainApp;
beforeEach(async () => { app = await domainApp(); });
afterEach(() => app.dispose());

const agency = () => app.people.agency.token;
const staged = () => (existsSync(app.staging) ? readdirSync(app.staging) : []);
const PATH = '/api/v1/datasets';

describe('registration', () => {
  test('a manifest and its files become version 1, ingested without network and staged nowhere afterwards', async () => {
    const seen: string[][] = [];
    app.pool.answer = (spec) => {
      if (spec.kind === 'ingest') seen.push(readdirSync(spec.source).sort());
      return null;
    };
    const reply = await app.upload(PATH, agency());
    expect(reply.status).toBe(201);
    expect(reply.headers.get('location')).toBe('/api/v1/datasets/city');
    expect(reply.json).toMatchObject({ id: 'city', state: 'active', version: 1, organisation: app.people.agency.organisation, tables: [{ table: 'residents', rows: 3 }] });
    expect(seen).toEqual([['residents.csv']]);
    expect(app.pool.runs[0]).toMatchObject({ key: { kind: 'ingest' }, spec: { kind: 'ingest', trial: false } });
    expect(staged()).toEqual([]);
    expect(app.events('dataset.registered')).toHaveLength(1);
  });

  test('what ingest finds wrong comes back in sentences with table, column and line, and nothing is registered', async () => {
    app.pool.answer = (spec) => (spec.kind !== 'ingest' ? null : {
      kind: 'ingest-refused',
      problems: [{ code: 'ingest/not-a-number', table: 'residents', column: 'income', line: 12, count: 3, message: { en: 'Line 12 of residents.csv: income is not a number.', zh: 'residents.csv 第 12 行：income 不是数字。' } }],
    });
    const reply = await expectProblem(app, 'datasets/ingest-refused', () => app.upload(PATH, agency()));
    expect(reply.json).toMatchObject({ detail: 'Line 12 of residents.csv: income is not a number.', errors: [{ at: 'files/residents/income/12' }] });
    expect((await app.call('GET', `${PATH}/city`, { token: agency() })).status).toBe(404);
    expect(staged()).toEqual([]);
  });

  test('a worker that fails registers nothing', async () => {
    app.pool.answer = () => ({ kind: 'failed' });
    await expectProblem(app, 'datasets/ingest-failed', () => app.upload(PATH, agency()));
    expect(staged()).toEqual([]);
  });

  test('an id is given once', async () => {
    await app.upload(PATH, agency());
    const other = await app.person('agency');
    await expectProblem(app, 'datasets/id-taken', () => app.upload(PATH, other.token));
    expect(app.pool.runs).toHaveLength(1);
  });

  const without = (key: string) => Object.fromEntries(Object.entries(manifest()).filter(([name]) => name !== key));
  const WRONG: readonly [string, string, () => Promise<unknown>][] = [
    ['no manifest', 'datasets/upload', () => app.upload(PATH, agency(), null)],
    ['no title', 'datasets/manifest', () => app.upload(PATH, agency(), without('title'))],
    ['no provider', 'datasets/manifest', () => app.upload(PATH, agency(), without('provider'))],
    ['no catalogue fields', 'datasets/manifest', () => app.upload(PATH, agency(), without('catalogue'))],
    ['an unknown field', 'request/invalid', () => app.upload(PATH, agency(), { ...manifest(), colour: 'red' })],
    ['a conditional attribute without its basis', 'request/invalid', () => app.upload(PATH, agency(), { ...manifest(), catalogue: { ...manifest().catalogue, sharing: { attribute: 'conditional' } } })],
    ['a file that was not sent', 'datasets/upload', () => app.upload(PATH, agency(), manifest(), {})],
    ['a file that nobody named', 'datasets/upload', () => app.upload(PATH, agency(), manifest(), { 'residents.csv': 'x', 'more.csv': 'y' })],
    ['a supplied record key', 'datasets/manifest', () => app.upload(PATH, agency(), { ...manifest(), tables: { residents: { ...manifest().tables.residents, recordKey: 'income' } } })],
    ['a path for a file', 'datasets/manifest', () => app.upload(PATH, agency(), { ...manifest(), tables: { residents: { ...manifest().tables.residents, file: '../residents.csv' } } })],
    ['a hidden file', 'datasets/upload', () => app.upload(PATH, agency(), manifest(), { '.residents.csv': 'x' })],
    ['more than the limit', 'request/too-large', () => app.upload(PATH, agency(), manifest(), { 'residents.csv': 'x'.repeat(200_000) })],
    ['JSON instead of multipart', 'request/media-type', () => app.call('POST', PATH, { token: agency(), body: manifest() })],
    ['a broken multipart body', 'datasets/upload', () => app.call('POST', PATH, { token: agency(), body: 'nothing', headers: { 'content-type': 'multipart/form-data; boundary=x' } })],
    ['multipart without its boundary', 'datasets/upload', () => app.call('POST', PATH, { token: agency(), body: 'nothing', headers: { 'content-type': 'multipart/form-data; a=b' } })],
    ['a manifest that is not JSON', 'request/malformed-json', () => raw('{"id": ')],
    ['a manifest that is not UTF-8', 'request/bad-utf8', () => raw(new Uint8Array([0x7b, 0xff, 0x7d]))],
  ];
  const raw = async (content: string | Uint8Array<ArrayBuffer>) => {
    const form = new FormData();
    form.append('manifest', new Blob([content]), 'dataset.json');
    const encoded = new Response(form);
    return app.call('POST', PATH, { token: agency(), headers: { 'content-type': encoded.headers.get('content-type') ?? '' }, body: new Uint8Array(await encoded.arrayBuffer()) });
  };
  test.each(WRONG)('%s: %s, nothing ingested, nothing recorded, nothing left', async (_, code, send) => {
    await expectProblem(app, code, send as () => Promise<never>);
    expect(app.pool.runs).toEqual([]);
    expect(staged()).toEqual([]);
  });

  test('a body without a length is cut off at the limit', async () => {
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(16_384).fill(97)) });
    const head = Buffer.from('--x\r\ncontent-disposition: form-data; name="file"; filename="residents.csv"\r\n\r\n');
    async function* body() { yield head; yield* endless; }
    const response = await app.app.request(PATH, {
      method: 'POST', headers: { authorization: `Bearer ${agency()}`, 'content-type': 'multipart/form-data; boundary=x' },
      body: ReadableStream.from(body()), duplex: 'half',
    } as RequestInit);
    expect(response.status).toBe(413);
    expect(staged()).toEqual([]);
  });

  test('only agencies register', async () => {
    for (const role of ['operator', 'auditor', 'administrator'] as const) await expectProblem(app, 'auth/role', () => app.upload(PATH, app.people[role].token));
  });
});

describe('a new snapshot', () => {
  beforeEach(() => app.publish());

  test('counts the version up; the manifest may be left out', async () => {
    const reply = await app.upload(`${PATH}/city/snapshots`, agency(), null);
    expect(reply).toMatchObject({ status: 201, json: { version: 2, manifest: { id: 'city' } } });
    const versions = await app.call('GET', `${PATH}/city/versions`, { token: agency() });
    expect(versions.json.items.map(({ version }: { version: number }) => version)).toEqual([2, 1]);
  });

  test('a manifest that the policy in force does not fit is refused', async () => {
    const { income: _, ...columns } = manifest().tables.residents.columns;
    const changed = { ...manifest(), tables: { residents: { ...manifest().tables.residents, columns } } };
    const reply = await expectProblem(app, 'datasets/manifest', () => app.upload(`${PATH}/city/snapshots`, agency(), changed));
    expect(reply.json.detail).toContain('policy city-statistics version 1');
  });

  test('the manifest is of this dataset', async () => {
    await expectProblem(app, 'datasets/manifest', () => app.upload(`${PATH}/city/snapshots`, agency(), manifest('town')));
  });

  test("another agency's dataset is absent", async () => {
    const other = await app.person('agency');
    await expectProblem(app, 'request/not-found', () => app.upload(`${PATH}/city/snapshots`, other.token));
    await expectProblem(app, 'request/not-found', () => app.call('GET', `${PATH}/city/versions`, { token: other.token }));
  });
});

describe('suspending and withdrawing', () => {
  const change = (action: string, token = agency(), reason: unknown = 'rectification') => app.call('POST', `${PATH}/city/${action}`, { token, body: { reason } });
  beforeEach(() => app.publish());

  test('ends what waits and what runs, kills the worker, and takes no job until resumed', async () => {
    const grant = await app.grantFor();
    app.pool.hold();
    const running = await app.submit(grant);
    await expect.poll(async () => (await app.job(running.id)).state).toBe('running');
    expect((await change('suspend')).json.state).toBe('suspended');
    await app.domain.runner.settled();
    expect(await app.job(running.id)).toMatchObject({ state: 'cancelled', cause: 'dataset-suspended' });
    app.pool.letGo();
    await expectProblem(app, 'jobs/dataset-closed', () => app.call('POST', '/api/v1/jobs', { token: app.people.operator.token, body: { grant, sql: 'x' } }), { mayRecord: true });
    await expectProblem(app, 'applications/dataset-closed', () => app.applyFor());
    expect((await change('resume')).json.state).toBe('active');
    expect((await app.finish(grant)).state).toBe('released');
  });

  test('what was withdrawn is gone for operators, and for good', async () => {
    expect((await change('withdraw')).json.state).toBe('withdrawn');
    await expectProblem(app, 'request/not-found', () => app.call('GET', `${PATH}/city`, { token: app.people.operator.token }));
    expect((await app.call('GET', PATH, { token: app.people.operator.token })).json.items).toEqual([]);
    expect((await app.call('GET', PATH, { token: app.people.auditor.token })).json.items).toHaveLength(1);
    for (const action of ['suspend', 'resume', 'withdraw']) await expectProblem(app, 'datasets/state', () => change(action));
    await expectProblem(app, 'datasets/state', () => app.upload(`${PATH}/city/snapshots`, agency(), null));
    await expectProblem(app, 'datasets/state', () => app.call('POST', '/api/v1/policies', { token: agency(), body: policy({ version: 2 }) }));
  });

  test('needs a reason, and the agency whose data it is', async () => {
    await expectProblem(app, 'request/invalid', () => change('suspend', agency(), '  '));
    const other = await app.person('agency');
    await expectProblem(app, 'request/not-found', () => change('suspend', other.token));
  });
});

describe('reading', () => {
  beforeEach(() => app.publish());

  test('operators get the manifest, and no counts over raw rows', async () => {
    const { json } = await app.call('GET', `${PATH}/city`, { token: app.people.operator.token });
    expect(json).toMatchObject({ manifest: { tables: { residents: {} } }, tables: null, snapshot: null });
    const inside = await app.call('GET', `${PATH}/city`, { token: app.people.auditor.token });
    expect(inside.json.tables).toHaveLength(1);
  });

  test('listings come in pages', async () => {
    for (const id of ['a', 'b', 'c']) await app.upload(PATH, agency(), manifest(id));
    const ids: string[] = [];
    for (let next: string | null = ''; next !== null;) {
      const { json } = await app.call('GET', `${PATH}?limit=3${next === '' ? '' : `&cursor=${next}`}`, { token: agency() });
      ids.push(...json.items.map(({ id }: { id: string }) => id));
      next = json.next;
    }
    expect(ids).toEqual(['c', 'b', 'a', 'city']);
  });
});

test('what uploads left behind is removed at the start', async () => {
  const { mkdirSync } = await import('node:fs');
  mkdirSync(`${app.staging}/left`, { recursive: true });
  await app.domain.start();
  expect(staged()).toEqual([]);
});
