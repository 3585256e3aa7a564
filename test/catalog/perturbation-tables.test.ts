/** An agency's own perturbation tables over HTTP: loading, who sees them, and what a policy makes of their names. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { digestOf } from '#contract/canonical.ts';
import type { SqlJob } from '#contract/job.ts';
import { packOns, readOnsCsv } from '#contract/ons-table.ts';
import { expectProblem, type Person } from '../support/app.ts';
import { domainApp, manifest, policy, type DomainApp } from '../support/domain.ts';
import { evenly, tableCsv } from '../support/perturbation.ts';

const CSV = tableCsv(evenly);
/** Another one: −1 and 1 by turns. */
const OTHER = tableCsv((_, key) => (key % 2 === 0 ? -1 : 1));
const documentOf = (csv: string) => {
  const read = readOnsCsv(csv);
  if (!read.ok) throw new Error('no table');
  return packOns(read.value);
};
const DIGEST = digestOf(documentOf(CSV));

let app: DomainApp;
let otherAgency: Person;
beforeAll(async () => {
  app = await domainApp();
  otherAgency = await app.person('agency');
  await app.upload('/api/v1/datasets', app.people.agency.token, manifest());
  await app.upload('/api/v1/datasets', otherAgency.token, manifest('town'));
});
afterAll(() => app.dispose());

const load = (name: string, csv: string, { token } = app.people.agency) => app.call('POST', '/api/v1/perturbation-tables', { token, body: { name, csv } });
const read = (path: string, { token } = app.people.agency) => app.call('GET', `/api/v1/perturbation-tables${path}`, { token });
const noisy = (table: string, over: Parameters<typeof policy>[0] = {}) => ({ ...policy(over), statistics: { ...policy(over).statistics, mechanism: { kind: 'cell-key', table } } });
const propose = (document: object, { token } = app.people.agency) => app.call('POST', '/api/v1/policies', { token, body: document });

describe('loading', () => {
  test('gives digest and parameters, leaves an event with both, and no more of it', async () => {
    const reply = await load('census-2030', CSV);
    expect([reply.status, reply.json]).toEqual([201, {
      name: 'census-2030', table: DIGEST, reference: `sha256:${DIGEST}`, organisation: app.people.agency.organisation, loadedAt: expect.any(String), fixed: 0,
      noise: { from: 1, variance: '3.9375', maxDeviation: 3, below: null },
    }]);
    expect(reply.headers.get('location')).toBe(`/api/v1/perturbation-tables/${DIGEST}`);
    expect(app.events('perturbation-table.loaded')).toEqual([{
      kind: 'perturbation-table.loaded', table: DIGEST, name: 'census-2030', organisation: app.people.agency.organisation, noise: { from: 1, variance: '3.9375', maxDeviation: 3, below: null },
    }]);
  });

  test('the same again is there already; another one needs another name, and so does one with the name of a table that ships', async () => {
    const size = app.store.size;
    expect((await load('census-2030', CSV.replaceAll('\n', '\r\n'))).json).toMatchObject({ table: DIGEST });
    expect(app.store.size).toBe(size);
    await expectProblem(app, 'perturbation-tables/name-taken', () => load('census-2030', OTHER));
    await expectProblem(app, 'perturbation-tables/name-taken', () => load('ons-10-5', OTHER));
    // Names of another agency are its own.
    expect((await load('census-2030', OTHER, otherAgency)).status).toBe(201);
  });

  test('what cannot be used is refused with lines and reasons, in the language asked for, and kept nowhere', async () => {
    const reply = await expectProblem(app, 'perturbation-tables/invalid', () => load('wrong', CSV.replace('\n1,0,-1\n', '\n1,0,-2\n')));
    expect(reply.json.detail).toBe('The table cannot be used, line 2: pvalue -2 would make a count of 1 negative; at least -1.');
    expect(reply.json.errors).toEqual([{ at: 'body/csv/line 2', message: expect.any(String) }]);
    const zh = await app.call('POST', '/api/v1/perturbation-tables?lang=zh', { token: app.people.agency.token, body: { name: 'wrong', csv: 'x' } });
    expect(zh.json.detail).toContain('第 1 行：表头须为');
    for (const body of [{ name: 'Wrong Name', csv: CSV }, { name: 'wrong' }, { name: 'wrong', csv: 7 }, { name: 'wrong', csv: '' }]) {
      await expectProblem(app, 'request/invalid', () => app.call('POST', '/api/v1/perturbation-tables', { token: app.people.agency.token, body }));
    }
    await expectProblem(app, 'perturbation-tables/invalid', () => load('wrong', 'x'.repeat(5_000_000)));
    await expectProblem(app, 'request/too-large', () => load('wrong', 'x'.repeat(9_000_000)));
    expect((await read('?name=wrong')).json.items).toEqual([]);
  });
});

describe('reading', () => {
  test('an agency sees its own, the auditor all; for others a digest names nothing', async () => {
    const { agency, auditor } = app.people;
    expect((await read('', agency)).json.items.map(({ table }: { table: string }) => table)).toEqual([DIGEST]);
    expect((await read('', auditor)).json.items).toHaveLength(2);
    expect((await read(`/${DIGEST}`, otherAgency)).json.code).toBe('request/not-found');
    expect((await read(`/${DIGEST}/csv`, otherAgency)).json.code).toBe('request/not-found');
    for (const who of [agency, auditor]) {
      const { json } = await read(`/${DIGEST}`, who);
      expect(json.lines[1]).toEqual({ pcv: 2, mean: 0, variance: 1.9921875, maxDeviation: 2 });
      expect((await read(`/${DIGEST}/csv`, who)).text).toBe(CSV);
    }
  });
});

describe('a policy', () => {
  test('names a table that is there, or is refused at its place with those that are', async () => {
    const reply = await expectProblem(app, 'policies/invalid', () => propose(noisy('census-2031')));
    expect(reply.json.errors).toEqual([{ at: 'body/statistics/mechanism/table', message: expect.stringMatching(/There is no perturbation table “census-2031”; there are ons-10-5, census-2030\. .*perturbation-table add/) }]);
    for (const wrong of ['sha256:', `sha256:${'0'.repeat(64)}`, DIGEST, `SHA256:${DIGEST}`]) await expectProblem(app, 'policies/invalid', () => propose(noisy(wrong)));
    // Of another agency, by whatever name.
    await expectProblem(app, 'policies/invalid', () => propose(noisy(`sha256:${DIGEST}`, { dataset: 'town' }), otherAgency));
  });

  test('is kept with the digest, which its own digest covers, and gives the table to its workers', async () => {
    const active = await app.approvePolicy(noisy('census-2030'));
    expect(active.document.statistics.mechanism).toEqual({ kind: 'cell-key', table: `sha256:${DIGEST}` });
    expect(app.events('policy.proposed').at(-1)).toMatchObject({ perturbationTable: DIGEST, document: active.digest });
    const grant = await app.grantFor();
    await app.finish(grant);
    await app.call('POST', '/api/v1/jobs:check', { token: app.people.operator.token, body: { grant, sql: 'SELECT 1' } });
    const asked = app.pool.runs.map(({ spec }) => spec).filter((spec): spec is SqlJob => spec.kind === 'sql' || spec.kind as string === 'check');
    expect(asked.map(({ datasets: [one] }) => [one?.policy.statistics.mechanism, one?.perturbation])).toEqual([1, 2].map(() => [active.document.statistics.mechanism, documentOf(CSV)]));
    // Its neighbours name the same table in their own words.
    expect((await propose({ ...noisy(`sha256:${DIGEST}`, { version: 2 }) })).json.loosens).toBe(false);
  });

  test('of another table loosens: nothing shows that its noise is as strong', async () => {
    await load('coarse', OTHER);
    expect((await propose(noisy('coarse', { version: 3 }))).json).toMatchObject({ loosens: true, approvalsNeeded: 2 });
    const tried = await app.call('POST', '/api/v1/policies:dry-run', { token: app.people.agency.token, body: { document: noisy('coarse', { version: 4 }), last: 1 } });
    expect(tried.json.jobs).toHaveLength(1);
    const { spec } = app.pool.runs.findLast((run) => run.spec.kind === 'sql')!;
    expect((spec as SqlJob).datasets[0]?.perturbation).toEqual(documentOf(OTHER));
    await expectProblem(app, 'policies/invalid', () => app.call('POST', '/api/v1/policies:dry-run', { token: app.people.agency.token, body: { document: noisy('fine', { version: 4 }), last: 1 } }));
  });

  test('of a table that ships is kept as it is', async () => {
    const { json } = await propose(noisy('ons-10-5', { version: 5 }));
    expect(json.document.statistics.mechanism.table).toBe('ons-10-5');
    expect(app.events('policy.proposed').at(-1)).not.toHaveProperty('perturbationTable');
  });

  test('outlives a new snapshot of its dataset', async () => {
    const reply = await app.upload('/api/v1/datasets/city/snapshots', app.people.agency.token, manifest());
    expect([reply.status, reply.json.version]).toEqual([201, 2]);
  });
});
