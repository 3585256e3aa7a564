import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { expectProblem } from '../support/app.ts';
import { COLUMNS, domainApp, manifest, policy, type DomainApp } from '../support/domain.ts';

let app: DomainApp;
beforeEach(async () => {
  app = await domainApp();
  await app.publish();
});
afterEach(() => app.dispose());

const decide = (id: string, action: string, body: unknown, token = app.people.agency.token) => app.call('POST', `/api/v1/applications/${id}/${action}`, { token, ...(body === undefined ? {} : { body }) });

describe('applying', () => {
  test('the five legal fields and the purpose are kept; free text is in the log as a commitment only', async () => {
    const { status, json } = await app.applyFor();
    expect(status).toBe(201);
    expect(json).toMatchObject({ state: 'submitted', userUnit: '示范市统计局', scenario: '城市规划', columns: COLUMNS, sharing: 'statistics', until: '2026-06-01T00:00:00.000Z', purpose: 'research' });
    expect(Buffer.concat(app.store.entries(0, app.store.size)).toString('utf8')).not.toContain('城市规划');
    expect(app.events('application.submitted')[0]).toMatchObject({ organisation: app.people.operator.organisation, provider: app.people.agency.organisation });
  });

  const WRONG: readonly [string, string, object][] = [
    ['an end in the past', 'applications/until', { until: '2025-12-31T00:00:00Z' }],
    ['an end in thirty years', 'applications/until', { until: '2056-01-01T00:00:00Z' }],
    ['a date that is none', 'request/invalid', { until: '2026-02-30T00:00:00Z' }],
    ['a purpose that the policy does not list', 'applications/purpose', { purpose: 'marketing' }],
    ['an unknown dataset', 'applications/columns', { columns: ['town.residents.district'] }],
    ['an unknown table', 'applications/columns', { columns: ['city.people.district'] }],
    ['an unknown column', 'applications/columns', { columns: ['city.residents.colour'] }],
    ['a name that every object has', 'applications/columns', { columns: ['city.constructor.toString'] }],
    ['a direct identifier', 'applications/columns', { columns: ['city.residents.id_number'] }],
    ['a column twice', 'request/invalid', { columns: [COLUMNS[0], COLUMNS[0]] }],
    ['no column', 'request/invalid', { columns: [] }],
    ['too many names for one entry', 'request/invalid', { columns: Array.from({ length: 900 }, (_, i) => `city.residents.${'x'.repeat(40)}${i}`) }],
    ['a sharing mode that is none', 'request/invalid', { sharing: 'everything' }],
    ['a missing user unit', 'request/invalid', { userUnit: ' ' }],
    ['an unknown field', 'request/invalid', { colour: 'red' }],
  ];
  test.each(WRONG)('%s: %s', async (_, code, over) => {
    const size = app.events('application.submitted').length;
    await expectProblem(app, code, () => app.applyFor(undefined, over), { mayRecord: code === 'applications/purpose' });
    expect(app.events('application.submitted')).toHaveLength(size);
  });

  test('datasets of two agencies are applied for separately', async () => {
    const other = await app.person('agency');
    await app.upload('/api/v1/datasets', other.token, manifest('town'));
    const reply = await expectProblem(app, 'applications/columns', () => app.applyFor(undefined, { columns: ['city.residents.district', 'town.residents.district'] }));
    expect(reply.json.detail).toContain('separately');
  });

  test('a dataset without a policy in force takes none', async () => {
    await app.upload('/api/v1/datasets', app.people.agency.token, manifest('town'));
    await expectProblem(app, 'applications/dataset-closed', () => app.applyFor(undefined, { columns: ['town.residents.district'] }));
  });

  test('the same Idempotency-Key makes one application', async () => {
    const send = () => app.call('POST', '/api/v1/applications', {
      token: app.people.operator.token, headers: { 'idempotency-key': 'k1' },
      body: { userUnit: 'u', scenario: 's', columns: COLUMNS, sharing: 'statistics', until: '2026-06-01T00:00:00Z', purpose: 'research' },
    });
    const [first, again] = [await send(), await send()];
    expect(again.json).toEqual(first.json);
    expect(app.events('application.submitted')).toHaveLength(1);
  });

  test('a denial under an Idempotency-Key is recorded, and is not taken for the deed', async () => {
    const send = (purpose: string) => app.call('POST', '/api/v1/applications', {
      token: app.people.operator.token, headers: { 'idempotency-key': 'k2' },
      body: { userUnit: 'u', scenario: 's', columns: COLUMNS, sharing: 'statistics', until: '2026-06-01T00:00:00Z', purpose },
    });
    for (let i = 0; i < 2; i++) expect((await send('marketing')).json.code).toBe('applications/purpose');
    expect(app.events('request.denied')).toHaveLength(2);
    expect((await send('research')).status).toBe(201);
  });
});

describe('deciding', () => {
  test('an approval issues the grant, with less where the agency says so', async () => {
    const { json } = await app.applyFor();
    const approved = await decide(json.id, 'approve', { columns: [COLUMNS[0]], until: '2026-03-01T00:00:00Z' });
    expect(approved.json.state).toBe('approved');
    const grant = await app.call('GET', `/api/v1/grants/${approved.json.grant}`, { token: app.people.operator.token });
    expect(grant.json).toMatchObject({ state: 'active', version: 1, columns: [COLUMNS[0]], until: '2026-03-01T00:00:00.000Z', datasets: ['city'], expired: false });
  });

  test('never with more', async () => {
    const { json } = await app.applyFor(undefined, { columns: [COLUMNS[0]] });
    await expectProblem(app, 'applications/columns', () => decide(json.id, 'approve', { columns: COLUMNS }));
    await expectProblem(app, 'applications/until', () => decide(json.id, 'approve', { until: '2027-01-01T00:00:00Z' }));
    app.pass(200 * 24 * 3600 * 1000);
    const late = await app.person('agency');
    await expectProblem(app, 'request/not-found', () => decide(json.id, 'approve', {}, late.token));
  });

  test('what was decided stays so', async () => {
    const { json } = await app.applyFor();
    await decide(json.id, 'reject', { reason: 'not for this' });
    await expectProblem(app, 'applications/state', () => decide(json.id, 'approve', {}));
    await expectProblem(app, 'applications/state', () => decide(json.id, 'withdraw', undefined, app.people.operator.token));
    expect((await app.call('GET', `/api/v1/applications/${json.id}`, { token: app.people.operator.token })).json).toMatchObject({ state: 'rejected', reason: 'not for this' });
  });

  test('the policy is looked at again: a purpose that it no longer lists is not granted', async () => {
    const { json } = await app.applyFor();
    await app.approvePolicy(policy({ version: 2, purposes: ['public-benefit'] }));
    await expectProblem(app, 'applications/purpose', () => decide(json.id, 'approve', {}), { mayRecord: true });
  });

  test('an operator withdraws its own, and decides nothing', async () => {
    const { json } = await app.applyFor();
    await expectProblem(app, 'auth/role', () => decide(json.id, 'approve', {}, app.people.operator.token));
    const other = await app.person('operator');
    await expectProblem(app, 'request/not-found', () => decide(json.id, 'withdraw', undefined, other.token));
    expect((await decide(json.id, 'withdraw', undefined, app.people.operator.token)).json.state).toBe('withdrawn');
  });
});
