/** What a hostile client with an account of its own sends in requests that are well formed: cursors, keys, conditions, names, documents. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectProblem, type Person, type Reply } from '../support/app.ts';
import { COLUMNS, domainApp, policy, type DomainApp } from '../support/domain.ts';

let app: DomainApp;
let rival: Person;
let grant: string;
let theirs: string;
beforeAll(async () => {
  app = await domainApp();
  await app.publish();
  rival = await app.person('operator');
  grant = await app.grantFor();
  theirs = await app.grantFor(rival);
  for (let i = 0; i < 3; i++) await app.finish(grant, `SELECT ${i}`);
  await app.submit(theirs, 'SELECT 4', rival);
  await app.domain.runner.settled();
});
afterAll(() => app.dispose());

const get = (path: string, person: Person = app.people.operator, headers: Record<string, string> = {}) => app.call('GET', `/api/v1/${path}`, { token: person.token, headers });
const post = (path: string, body: unknown, person: Person = app.people.operator, headers: Record<string, string> = {}) => app.call('POST', `/api/v1/${path}`, { token: person.token, body, headers });
const cursorOf = (value: unknown): string => Buffer.from(JSON.stringify(value), 'utf8').toString('base64url');

describe('cursors', () => {
  test.each<[string, string]>([
    ['not base64', '%21%21'], ['not JSON', Buffer.from('x').toString('base64url')], ['no list', cursorOf({ seq: 1 })], ['empty', cursorOf([])], ['too wide', cursorOf([1, 2])],
    ['a text', cursorOf(['1'])], ['a fraction', cursorOf([1.5])], ['beyond integers', cursorOf([2 ** 60])], ['infinite', Buffer.from('[1e999]').toString('base64url')], ['null', cursorOf([null])],
    ['nested', cursorOf([[1]])], ['SQL', cursorOf(['1) OR 1=1 --'])], ['too long', 'A'.repeat(600)],
  ])('that were not given out are refused: %s', async (_, cursor) => {
    for (const path of ['jobs', 'tokens', 'applications', 'grants', 'datasets', 'policies']) await expectProblem(app, 'request/invalid', () => get(`${path}?cursor=${cursor}`));
  });

  test('that were guessed show nothing of others', async () => {
    for (const seq of [-1, 0, 1, 10_000, Number.MAX_SAFE_INTEGER]) {
      for (const [person, own] of [[app.people.operator, grant], [rival, theirs]] as const) {
        const { items } = (await get(`jobs?cursor=${cursorOf([seq])}`, person)).json;
        expect(items.every((job: { grant: string }) => job.grant === own)).toBe(true);
      }
    }
    // Of another listing: a place in the log, and no more.
    const { next } = (await get('grants?limit=1', app.people.agency)).json;
    expect((await get(`jobs?cursor=${next}`)).json.items.every((job: { grant: string }) => job.grant === grant)).toBe(true);
  });
});

describe('query parameters', () => {
  test.each(['limit=1&limit=2', 'limit=0', 'limit=201', 'limit=1e9', 'limit=-1', 'limit=x', 'unknown=1', '__proto__=1', 'constructor=1', 'grant=%27%20OR%201%3D1', 'state=running%00', 'grant[]=x'])('%s is refused', async (query) => {
    await expectProblem(app, 'request/invalid', () => get(`jobs?${query}`));
  });
});

describe('idempotency keys', () => {
  const keyed = (key: string) => ({ 'idempotency-key': key });
  const job = (sql: string) => ({ grant, sql });

  test('do not cross accounts: another’s key and body make another’s job', async () => {
    const first = await post('jobs', job('SELECT 10'), app.people.operator, keyed('shared'));
    const theirsToo = await post('jobs', { grant: theirs, sql: 'SELECT 10' }, rival, keyed('shared'));
    expect(theirsToo.json).toMatchObject({ grant: theirs });
    expect(theirsToo.json.id).not.toBe(first.json.id);
    await app.domain.runner.settled();
    // Nor does an answer that was kept: what is not theirs is absent, whatever key is guessed.
    await expectProblem(app, 'request/not-found', () => post('jobs', job('SELECT 10'), rival, keyed('shared-2')));
  });

  test('do not change their meaning: another body, another route, another query', async () => {
    await post('jobs', job('SELECT 11'), app.people.operator, keyed('once'));
    await expectProblem(app, 'idempotency/key-reused', () => post('jobs', job('SELECT 12'), app.people.operator, keyed('once')));
    const application = { userUnit: 'x', scenario: 'x', columns: COLUMNS, sharing: 'statistics', until: '2026-06-01T00:00:00Z', purpose: 'research' };
    await expectProblem(app, 'idempotency/key-reused', () => post('applications', application, app.people.operator, keyed('once')));
  });

  test('give the same answer in whatever language it is asked for again', async () => {
    const first = await post('jobs', job('SELECT 13'), app.people.operator, keyed('language'));
    const again = await app.call('POST', '/api/v1/jobs?lang=zh', { token: app.people.operator.token, body: job('SELECT 13'), headers: keyed('language') });
    expect(again.text).toBe(first.text);
  });

  test.each(['a b', 'x'.repeat(129), 'ключ', '\u0007'])('%j is none', async (key) => {
    await app.domain.runner.settled();
    const size = app.store.size;
    const reply = await post('jobs', job('SELECT 14'), app.people.operator, keyed(key)).catch(() => null);
    // What no header can hold does not get this far.
    if (reply !== null) expect(reply.json.code).toBe('request/invalid');
    expect(app.store.size).toBe(size);
  });
});

describe('conditions', () => {
  test.each(['*', 'W/"x"', '"x", "y"', '""', ',,,', 'x'.repeat(8000)])('If-None-Match: %j on what changes or has no tag changes nothing', async (value) => {
    expect((await get('jobs', app.people.operator, { 'if-none-match': value })).status).toBe(200);
    const reply = await post('tokens', { name: 'n', scopes: ['jobs:read'], days: 1 }, app.people.operator, { 'if-none-match': value, 'if-match': value });
    expect(reply.status).toBe(201);
  });

  test('a tag of what somebody may not see tells nothing', async () => {
    const [{ id }] = (await get('jobs?limit=1')).json.items;
    const etag = (await get(`jobs/${id}`)).headers.get('etag')!;
    for (const path of [`jobs/${id}`, `jobs/${id}/result`]) await expectProblem(app, 'request/not-found', () => get(path, rival, { 'if-none-match': etag }));
    await expectProblem(app, 'request/not-found', () => get(`jobs/${id}`, rival, { 'if-none-match': '*' }));
  });

  test('HEAD is no way to look without a trace, or to leave one without a look', async () => {
    const [{ id }] = (await get('jobs?limit=1')).json.items;
    const size = app.store.size;
    const reply = await app.call('HEAD', `/api/v1/jobs/${id}/result`, { token: app.people.operator.token });
    expect([reply.status, reply.headers.get('allow')]).toEqual([405, 'GET']);
    expect(app.store.size).toBe(size);
    expect((await app.call('DELETE', `/api/v1/jobs/${id}/result`, { token: app.people.operator.token })).headers.get('allow')).toBe('GET');
  });
});

describe('media types', () => {
  test.each<[string, Record<string, string>, string]>([
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'request/media-type'],
    ['a patch', { 'content-type': 'application/merge-patch+json' }, 'request/media-type'],
    ['two', { 'content-type': 'application/json, text/plain' }, 'request/media-type'],
    ['none', { 'content-type': '' }, 'request/media-type'],
    ['packed', { 'content-encoding': 'gzip' }, 'request/media-type'],
    ['packed twice', { 'content-encoding': 'identity, br' }, 'request/media-type'],
  ])('%s', async (_, headers, code) => {
    await expectProblem(app, code, () => post('tokens', { name: 'n', scopes: ['jobs:read'], days: 1 }, app.people.operator, headers));
  });

  test('not packed is as if nothing was said', async () => {
    expect((await post('tokens', { name: 'n', scopes: ['jobs:read'], days: 1 }, app.people.operator, { 'content-encoding': 'identity' })).status).toBe(201);
  });
});

describe('documents with more wrong than anybody reads', () => {
  const many = (count: number, item: unknown) => Array.from({ length: count }, () => item);
  const application = (over: object) => ({ userUnit: 'x', scenario: 'x', columns: COLUMNS, sharing: 'statistics', until: '2026-06-01T00:00:00Z', purpose: 'research', ...over });
  const dimensions = Object.fromEntries(Array.from({ length: 30_000 }, (_, i) => [`residents.c${i}`, 1]));
  const alternatives = Object.fromEntries(Array.from({ length: 25_000 }, (_, i) => [`residents.c${i}`, { categories: [7, {}] }]));
  test.each<[string, string, () => unknown, 'operator' | 'agency']>([
    ['arrays in arrays', 'jobs', () => `${'['.repeat(400_000)}${']'.repeat(400_000)}`, 'operator'],
    ['objects in a field', 'jobs', () => `{"grant":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`, 'operator'],
    ['foreign keys', 'jobs', () => Object.fromEntries(Array.from({ length: 60_000 }, (_, i) => [`key${i}`, 1])), 'operator'],
    ['one very long key', 'jobs', () => ({ ['x'.repeat(900_000)]: 1 }), 'operator'],
    ['scopes', 'tokens', () => ({ name: 'n', scopes: many(300_000, 0) }), 'operator'],
    ['columns', 'applications', () => application({ columns: many(200_000, 'a') }), 'operator'],
    ['dimensions', 'policies', () => ({ ...policy({ version: 9 }), statistics: { ...policy().statistics, dimensions } }), 'agency'],
    ['alternatives', 'policies', () => ({ ...policy({ version: 9 }), statistics: { ...policy().statistics, dimensions: alternatives } }), 'agency'],
    ['cells', 'ledger/entries', () => ({ dataset: 'city', source: 's', table: 'residents', groups: ['district'], cells: many(90_000, 0) }), 'agency'],
  ])('%s: a short answer', async (_, path, body, role) => {
    const reply = await expectProblem(app, 'request/invalid', () => post(path, body(), app.people[role]));
    expect(reply.text.length).toBeLessThan(12_000);
  });
});

describe('names', () => {
  const admin = () => app.people.administrator;
  const account = (login: string): Promise<Reply> => post('accounts', { login, name: 'N', role: 'operator', organisation: rival.organisation }, admin());
  test.each(['zhang.wei', '张伟', '张wei-2', '0.9', 'a@b.example'])('%j is a login name', async (login) => {
    expect((await account(login)).status).toBe(201);
  });
  test.each([
    ['Cyrillic а', 'zh\u0430ng.wei'], ['all Cyrillic', '\u043e\u0441\u0430'], ['Greek', 'zh\u03b1ng'], ['dotless i', 'l\u0131.na'], ['script g', 'zhan\u0261'], ['full width', '\uff5ahang'], ['full-width digit', 'zhang\uff11'],
    ['Arabic digit', 'zhang\u0661'], ['accent', 'zh\u00e1ng'], ['combining accent', 'zha\u0301ng'], ['zero-width joiner', 'zhang\u200dwei'], ['soft hyphen', 'zhang\u00adwei'], ['Hangul filler', 'zhang\u3164'],
    ['radical', '\u2f00\u4e8c'], ['compatibility ideograph', '\uf900\u4e8c'], ['upper case', 'Zhang'], ['a space', 'zhang wei'], ['right to left', '\u202egnahz'], ['one character', 'z'],
  ])('a login name has none of what looks like something else: %s', async (_, login) => {
    await expectProblem(app, 'request/invalid', () => account(login));
  });

  const organisation = (name: string): Promise<Reply> => post('organisations', { name }, admin());
  test.each([
    ['control', 'A\u0007'], ['new line', 'A\nB'], ['right to left', 'A\u202eB'], ['isolate', 'A\u2066B'], ['zero width', 'A\u200bB'], ['Hangul filler', '\u3164'], ['combining joiner', 'A\u034fB'], ['braille blank', '\u2800'],
    ['tag', 'A\u{e0041}'], ['nothing but a mark', '\u0301'], ['line separator', 'A\u2028B'], ['variation of nothing', '\ufe0f'], ['spaces', '   '],
  ])('a name has nothing that is not seen: %s', async (_, name) => {
    await expectProblem(app, 'request/invalid', () => organisation(name));
  });
  test('a name is kept in one form, and keeps the forms of characters', async () => {
    expect((await organisation('Cafe\u0301 示范')).json.name).toBe('Caf\u00e9 示范');
    expect((await organisation('\u8fbb\u{e0100}子')).json.name).toBe('\u8fbb\u{e0100}子');
  });

  test('text for others does not deceive them', async () => {
    for (const text of ['\u202eesrever', 'a\u2067b', 'a\u0000b', 'a\u001b[2Jb', 'a\u2028b', '\u200fa']) {
      await expectProblem(app, 'request/invalid', () => app.applyFor(app.people.operator, { scenario: text }));
      await expectProblem(app, 'request/invalid', () => post(`grants/${grant}/suspend`, { reason: text }, app.people.agency));
    }
    expect((await app.applyFor(app.people.operator, { scenario: '第一段\n\n第二段\t末' })).json.scenario).toBe('第一段\n\n第二段\t末');
  });
});
