/** Another operator's applications, grants, jobs and results do not exist for anybody they do not concern: in listings, ids and messages. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Person, Reply } from '../support/app.ts';
import { domainApp, manifest, policy, type DomainApp } from '../support/domain.ts';
import { released, TABLE } from '../support/fake-pool.ts';
import { evenly, tableCsv } from '../support/perturbation.ts';

let app: DomainApp;
let rival: Person;
let otherAgency: Person;
let theirs: { entry: string; application: string; grant: string; job: string; held: string; proposal: string };

beforeAll(async () => {
  app = await domainApp();
  await app.publish();
  rival = await app.person('operator');
  otherAgency = await app.person('agency');
  const grant = await app.grantFor();
  const { id: application } = (await app.applyFor()).json;
  const job = (await app.finish(grant)).id;
  app.pool.answer = (spec) => (spec.kind === 'sql' ? released(spec, TABLE, 'held') : null);
  const held = (await app.finish(grant)).id;
  app.pool.answer = () => null;
  const { proposal } = (await app.call('POST', '/api/v1/policies', { token: app.people.agency.token, body: policy({ version: 2 }) })).json;
  await app.call('POST', '/api/v1/perturbation-tables', { token: app.people.agency.token, body: { name: 'census', csv: tableCsv(evenly) } });
  const { entry } = (await app.call('POST', '/api/v1/ledger/entries', { token: app.people.agency.token, body: { dataset: 'city', source: 'Yearbook 2025', table: 'residents', groups: [], cells: [{ keys: [], count: 5 }] } })).json;
  theirs = { entry, application, grant, job, held, proposal };
});
afterAll(() => app.dispose());

const ABSENT = { entry: 'entry_', application: 'app_', grant: 'grant_', job: 'job_', held: 'job_', proposal: 'prop_' } as const;
/** As many characters as a real id; nobody has it. */
const absentId = (kind: keyof typeof ABSENT) => `${ABSENT[kind]}${'0'.repeat(26)}`;

interface Asking { readonly who: string; readonly kind: keyof typeof ABSENT; readonly method: string; readonly path: (id: string) => string; readonly body?: (id: string) => object }

const reason = () => ({ reason: 'x' });
const RIVAL: readonly Asking[] = [
  { who: 'rival', kind: 'application', method: 'GET', path: (id) => `applications/${id}` },
  { who: 'rival', kind: 'application', method: 'POST', path: (id) => `applications/${id}/withdraw` },
  { who: 'rival', kind: 'grant', method: 'GET', path: (id) => `grants/${id}` },
  { who: 'rival', kind: 'grant', method: 'POST', path: () => 'jobs', body: (id) => ({ grant: id, sql: 'x' }) },
  { who: 'rival', kind: 'grant', method: 'POST', path: () => 'jobs:check', body: (id) => ({ grant: id, sql: 'x' }) },
  { who: 'rival', kind: 'job', method: 'GET', path: (id) => `jobs/${id}` },
  { who: 'rival', kind: 'job', method: 'GET', path: (id) => `jobs/${id}/result` },
  { who: 'rival', kind: 'job', method: 'POST', path: (id) => `jobs/${id}/cancel` },
  { who: 'rival', kind: 'held', method: 'POST', path: (id) => `jobs/${id}/cancel` },
  { who: 'rival', kind: 'proposal', method: 'GET', path: (id) => `policies/${id}` },
  { who: 'rival', kind: 'proposal', method: 'GET', path: (id) => `policies/${id}/diff` },
];
const AGENCY: readonly Asking[] = [
  { who: 'agency', kind: 'application', method: 'GET', path: (id) => `applications/${id}` },
  { who: 'agency', kind: 'application', method: 'POST', path: (id) => `applications/${id}/approve`, body: () => ({}) },
  { who: 'agency', kind: 'application', method: 'POST', path: (id) => `applications/${id}/reject`, body: reason },
  { who: 'agency', kind: 'grant', method: 'GET', path: (id) => `grants/${id}` },
  ...(['suspend', 'resume', 'revoke'] as const).map((action): Asking => ({ who: 'agency', kind: 'grant', method: 'POST', path: (id) => `grants/${id}/${action}`, body: reason })),
  { who: 'agency', kind: 'job', method: 'GET', path: (id) => `jobs/${id}` },
  { who: 'agency', kind: 'held', method: 'GET', path: (id) => `releases/${id}` },
  ...(['approve', 'reject', 'withdraw'] as const).map((action): Asking => ({ who: 'agency', kind: 'held', method: 'POST', path: (id) => `releases/${id}/${action}`, body: reason })),
  ...(['approve', 'retract'] as const).map((action): Asking => ({ who: 'agency', kind: 'proposal', method: 'POST', path: (id) => `policies/${id}/${action}` })),
  { who: 'agency', kind: 'proposal', method: 'POST', path: (id) => `policies/${id}/reject`, body: reason },
  { who: 'agency', kind: 'entry', method: 'GET', path: (id) => `ledger/entries/${id}` },
  { who: 'agency', kind: 'entry', method: 'POST', path: (id) => `ledger/entries/${id}/approve` },
  ...(['withdraw', 'keep'] as const).map((action): Asking => ({ who: 'agency', kind: 'entry', method: 'POST', path: (id) => `ledger/entries/${id}/${action}`, body: reason })),
];

test.each([...RIVAL, ...AGENCY].map((asking) => [`${asking.who}: ${asking.method} ${asking.path('{id}')} (${asking.kind})`, asking] as const))('%s: as if it were not there', async (_, { who, kind, method, path, body }) => {
  const { token } = who === 'rival' ? rival : otherAgency;
  const ask = (id: string): Promise<Reply> => app.call(method, `/api/v1/${path(id)}`, { token, ...(body && { body: body(id) }) });
  const size = app.store.size;
  const [real, none] = [await ask(theirs[kind]), await ask(absentId(kind))];
  expect(real.status).toBe(404);
  const said = ({ json }: Reply, id: string) => JSON.stringify(json).replaceAll(id, '…');
  expect(said(real, theirs[kind])).toBe(said(none, absentId(kind)));
  expect([...real.headers.keys()]).toEqual([...none.headers.keys()]);
  expect(app.store.size).toBe(size);
});

describe('listings', () => {
  const count = async (path: string, token: string) => {
    const { status, json } = await app.call('GET', `/api/v1/${path}`, { token });
    return status === 200 ? json.items.length : status;
  };
  const WHO = ['operator', 'rival', 'agency', 'otherAgency', 'auditor', 'administrator'] as const;
  const tokens = () => ({ ...Object.fromEntries(Object.entries(app.people).map(([role, { token }]) => [role, token])), rival: rival.token, otherAgency: otherAgency.token }) as Record<(typeof WHO)[number], string>;

  test.each([
    //                    operator rival agency otherAgency auditor administrator
    ['applications',      [2,      0,    2,     0,          2,      403]],
    ['grants',            [1,      0,    1,     0,          1,      403]],
    ['jobs',              [2,      0,    2,     0,          2,      403]],
    ['releases',          [403,    403,  1,     0,          1,      403]],
    ['audit/replays',     [403,    403,  403,   403,        0,      403]],
    ['policies',          [1,      1,    2,     1,          2,      1]],
    ['ledger/entries',    [403,    403,  1,     0,          1,      403]],
    ['perturbation-tables', [403,  403,  1,     0,          1,      403]],
    ['datasets',          [1,      1,    1,     1,          1,      1]],
  ] as const)('%s', async (path, expected) => {
    const seen = [];
    for (const who of WHO) seen.push(await count(path, tokens()[who]));
    expect(seen).toEqual(expected);
  });

  test('a filter finds nothing more', async () => {
    expect(await count(`jobs?grant=${theirs.grant}`, rival.token)).toBe(0);
    expect(await count(`jobs?grant=${theirs.grant}`, tokens().operator)).toBe(2);
    expect(await count('jobs?state=held', tokens().operator)).toBe(1);
  });

  test('a cursor that was made up is refused, and leads to nobody else', async () => {
    const cursor = Buffer.from('[999999]').toString('base64url');
    expect(await count(`jobs?cursor=${cursor}`, rival.token)).toBe(0);
    for (const wrong of ['x', Buffer.from('["a"]').toString('base64url'), Buffer.from('[1,2]').toString('base64url')]) expect(await count(`jobs?cursor=${wrong}`, rival.token)).toBe(422);
  });
});

test('the text of a query is for its operator, and for whoever reviews its result', async () => {
  const { operator, agency, auditor } = app.people;
  const sqlFor = async (token: string) => (await app.job(theirs.job, token)).sql;
  expect([await sqlFor(operator.token), await sqlFor(agency.token), await sqlFor(auditor.token)]).toEqual(['SELECT 1', null, null]);
});

test('what operators see tells nothing of attempts, costs and digests of others', async () => {
  const { text } = await app.call('GET', `/api/v1/jobs/${theirs.job}`, { token: app.people.operator.token });
  expect(text).not.toMatch(/attempt|cost|cells|snapshot|executed|policyDigest/);
});

test('a dataset id is not secret: registering it again says that it is taken', async () => {
  const reply = await app.upload('/api/v1/datasets', otherAgency.token, manifest());
  expect(reply.json.code).toBe('datasets/id-taken');
});
