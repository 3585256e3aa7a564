import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RESULT_MEDIA } from '#contract/api/jobs.ts';
import type { Answer } from '#contract/job.ts';
import { expectProblem } from '../support/app.ts';
import { domainApp, type DomainApp } from '../support/domain.ts';
import { TABLE } from '../support/fake-pool.ts';

let app: DomainApp;
let grant: string;
beforeEach(async () => {
  app = await domainApp();
  await app.publish();
  grant = await app.grantFor();
});
afterEach(() => app.dispose());

const fetchResult = (id: string, headers: Record<string, string> = {}, token = app.people.operator.token) => app.call('GET', `/api/v1/jobs/${id}/result`, { token, headers });

test('JSON is the table with its statement; the ETag is the digest of the result', async () => {
  const { id, digest } = await app.finish(grant);
  const reply = await fetchResult(id);
  expect(reply).toMatchObject({ status: 200, json: { job: id, digest, table: TABLE, statement: { withheld: 2 } } });
  expect(reply.headers.get('etag')).toBe(`"${digest}"`);
  expect(reply.headers.get('vary')).toBe('accept');
});

test('every format is a download, and every download is in the log', async () => {
  const { id, digest } = await app.finish(grant);
  for (const [format, type] of Object.entries(RESULT_MEDIA)) {
    const reply = await fetchResult(id, { accept: type });
    expect([reply.status, reply.headers.get('content-type')?.split(';')[0]]).toEqual([200, type]);
    expect(app.events('result.downloaded').at(-1)).toEqual({ kind: 'result.downloaded', job: id, format, digest });
  }
  expect(app.pool.runs.at(-1)).toMatchObject({ key: { kind: 'check' }, spec: { kind: 'parquet', table: { columns: [{}, {}, {}, { name: '__withheld' }] } } });
});

test('who has it already gets nothing, and no event', async () => {
  const { id, digest } = await app.finish(grant);
  const size = app.store.size;
  expect((await fetchResult(id, { 'if-none-match': `"${digest}"` })).status).toBe(304);
  expect(app.store.size).toBe(size);
});

test('a format that is none is refused', async () => {
  const { id } = await app.finish(grant);
  await expectProblem(app, 'request/not-acceptable', () => fetchResult(id, { accept: 'text/html' }));
});

test('a Parquet file that could not be made is no download', async () => {
  const { id } = await app.finish(grant);
  app.pool.answer = () => ({ kind: 'failed' });
  await expectProblem(app, 'jobs/rendering-failed', () => fetchResult(id, { accept: RESULT_MEDIA.parquet }));
});

describe('without a release there is no result', () => {
  test.each<[string, Answer]>([
    ['failed', { kind: 'failed' }],
    ['refused', { kind: 'refused', refusals: [{ code: 'sql/no-gate', message: { en: 'No.', zh: '否。' }, position: null, clause: null, suggestion: null }] }],
  ])('%s', async (state, answer) => {
    app.pool.answer = (spec) => (spec.kind === 'sql' ? answer : null);
    const { id } = await app.finish(grant);
    const reply = await expectProblem(app, 'jobs/no-result', () => fetchResult(id));
    expect(reply.json.refusals?.length ?? 0).toBe(state === 'refused' ? 1 : 0);
  });

  test('queued: ask again', async () => {
    app.pool.hold();
    const { id } = await app.submit(grant);
    expect((await expectProblem(app, 'jobs/no-result', () => fetchResult(id))).headers.get('retry-after')).toBe('1');
  });
});

test('a stored result that was altered does not leave', async () => {
  const { id } = await app.finish(grant);
  const { result } = app.events('job.released')[0];
  await app.store.transact({ id: 'console', role: 'system', via: 'console' }, (tx) => {
    tx.db.run('UPDATE blobs SET bytes = ? WHERE id = ?', Buffer.alloc(100), result);
    return { ok: true, value: null };
  });
  await expectProblem(app, 'service/unexpected', () => fetchResult(id));
});

test('operators fetch their own; nobody else fetches any', async () => {
  const { id } = await app.finish(grant);
  const other = await app.person('operator');
  await expectProblem(app, 'request/not-found', () => fetchResult(id, {}, other.token));
  for (const role of ['agency', 'auditor', 'administrator'] as const) await expectProblem(app, 'auth/role', () => fetchResult(id, {}, app.people[role].token));
});
