import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PolicyView } from '#contract/api/policies.ts';
import { expectProblem, type Person } from '../support/app.ts';
import { domainApp, manifest, policy, type DomainApp } from '../support/domain.ts';

let app: DomainApp;
let second: Person;
let third: Person;
beforeEach(async () => {
  app = await domainApp();
  second = await app.colleague(app.people.agency, 'agency');
  third = await app.colleague(app.people.agency, 'agency');
  await app.upload('/api/v1/datasets', app.people.agency.token, manifest());
});
afterEach(() => app.dispose());

const propose = (document: object, token = app.people.agency.token) => app.call('POST', '/api/v1/policies', { token, body: document });
const proposed = async (over: Parameters<typeof policy>[0] = {}): Promise<PolicyView> => (await propose(policy(over))).json;
const act = (action: string, { proposal }: { proposal: string }, token: string, body?: object) => app.call('POST', `/api/v1/policies/${proposal}/${action}`, { token, ...(body && { body }) });

describe('four eyes', () => {
  test('the proposer does not approve; another person of the agency does', async () => {
    const version = await proposed();
    expect(version).toMatchObject({ state: 'proposed', approvalsNeeded: 1, loosens: false });
    await expectProblem(app, 'policies/four-eyes', () => act('approve', version, app.people.agency.token), { mayRecord: true });
    expect(app.events('request.denied')).toEqual([{ kind: 'request.denied', action: 'policy.approve', subject: version.proposal, code: 'policies/four-eyes' }]);
    expect((await act('approve', version, second.token)).json).toMatchObject({ state: 'active', approvals: 1 });
    expect(app.events('policy.approved')[0].approvers).toEqual([second.account]);
  });

  test('a version that loosens anything needs two others, and neither twice', async () => {
    await act('approve', await proposed(), second.token);
    const looser = await proposed({ version: 2, min: 5 });
    expect(looser).toMatchObject({ loosens: true, approvalsNeeded: 2 });
    expect((await act('approve', looser, second.token)).json.state).toBe('endorsed');
    await expectProblem(app, 'policies/four-eyes', () => act('approve', looser, second.token), { mayRecord: true });
    await expectProblem(app, 'policies/four-eyes', () => act('approve', looser, app.people.agency.token), { mayRecord: true });
    expect((await act('approve', looser, third.token)).json.state).toBe('active');
    const list = await app.call('GET', '/api/v1/policies?dataset=city', { token: app.people.operator.token });
    expect(list.json.items.map(({ version, state }: PolicyView) => [version, state])).toEqual([[2, 'active'], [1, 'superseded']]);
  });

  test('a stricter version needs one', async () => {
    await act('approve', await proposed(), second.token);
    const stricter = await proposed({ version: 2, min: 20 });
    expect(stricter).toMatchObject({ loosens: false, approvalsNeeded: 1 });
    expect((await act('approve', stricter, second.token)).json.state).toBe('active');
  });

  test('what was compared with a version that is no longer in force cannot be approved', async () => {
    await act('approve', await proposed({ min: 5 }), second.token);
    const looserThanNext = await proposed({ version: 2, min: 6 });
    await act('approve', await proposed({ version: 3, min: 50 }), second.token);
    await expectProblem(app, 'policies/outdated', () => act('approve', looserThanNext, second.token));
  });

  test('what was approved twice over or decided stays decided', async () => {
    const version = await proposed();
    await act('reject', version, second.token, { reason: 'too loose' });
    for (const [action, body] of [['approve', undefined], ['reject', { reason: 'x' }], ['retract', undefined]] as const) {
      await expectProblem(app, 'policies/state', () => act(action, version, second.token, body));
    }
    expect((await app.call('GET', `/api/v1/policies/${version.proposal}`, { token: third.token })).json).toMatchObject({ state: 'rejected', reason: 'too loose' });
  });

  test('only the proposer takes a proposal back', async () => {
    const version = await proposed();
    await expectProblem(app, 'policies/four-eyes', () => act('retract', version, second.token), { mayRecord: true });
    expect((await act('retract', version, app.people.agency.token)).json.state).toBe('retracted');
  });
});

describe('wrong policies change nothing', () => {
  const WRONG: readonly [string, string, () => object][] = [
    ['noise that no table has', 'policies/invalid', () => ({ ...policy(), statistics: { ...policy().statistics, mechanism: { kind: 'cell-key', variance: '2', maxDeviation: 2, js: 8 } } })],
    ['an unknown column', 'policies/invalid', () => ({ ...policy(), statistics: { ...policy().statistics, dimensions: { 'residents.colour': { categories: 'all' } } } })],
    ['a mechanism that is not built', 'policies/invalid', () => ({ ...policy(), statistics: { ...policy().statistics, mechanism: { kind: 'differential-privacy', epsilon: '1' } } })],
    ['no grid', 'policies/invalid', () => ({ ...policy(), statistics: { ...policy().statistics, dimensions: 'any' } })],
    ['an unknown dataset', 'policies/invalid', () => policy({ dataset: 'town' })],
    ['an unknown field', 'request/invalid', () => ({ ...policy(), colour: 'red' })],
    ['a fraction for a minimum', 'request/invalid', () => policy({ min: 2.5 })],
  ];
  test.each(WRONG)('%s: %s', async (_, code, document) => {
    const reply = await expectProblem(app, code, () => propose(document()));
    expect(reply.json.errors.length).toBeGreaterThan(0);
  });

  test('version numbers go up, whatever became of the earlier ones', async () => {
    await act('retract', await proposed({ version: 3 }), app.people.agency.token);
    const reply = await expectProblem(app, 'policies/version', () => propose(policy({ version: 3 })));
    expect(reply.json.detail).toContain('Use 4');
  });

  test('a name belongs to one dataset', async () => {
    await app.upload('/api/v1/datasets', app.people.agency.token, manifest('town'));
    await proposed();
    await expectProblem(app, 'policies/name-taken', () => propose(policy({ dataset: 'town', policy: 'city-statistics', version: 2 })));
  });

  test("another agency's dataset is none of one's own", async () => {
    const other = await app.person('agency');
    await expectProblem(app, 'policies/invalid', () => propose(policy(), other.token));
  });
});

describe('reading', () => {
  test('drafts are for the agency and the auditor', async () => {
    const version = await proposed();
    const path = `/api/v1/policies/${version.proposal}`;
    const other = await app.person('agency');
    for (const token of [app.people.operator.token, app.people.administrator.token, other.token]) {
      await expectProblem(app, 'request/not-found', () => app.call('GET', path, { token }));
      expect((await app.call('GET', '/api/v1/policies', { token })).json.items).toEqual([]);
      await expectProblem(app, 'request/not-found', () => app.call('GET', `${path}/diff`, { token }));
    }
    await expectProblem(app, 'request/not-found', () => act('approve', version, other.token));
    for (const token of [second.token, app.people.auditor.token]) expect((await app.call('GET', path, { token })).status).toBe(200);
  });

  test('operators see that there are dominance rules, neither how strict nor a digest to try them on', async () => {
    const version = await proposed({ p: 17 });
    await act('approve', version, second.token);
    const { json, text } = await app.call('GET', `/api/v1/policies/${version.proposal}`, { token: app.people.operator.token });
    expect(json).toMatchObject({ digest: null, proposedBy: null, approvedBy: null, document: { statistics: { dominance: [{ rule: 'p-percent' }], units: { person: { min: 10 } } } } });
    expect(text).not.toMatch(/"p":|[:, ]17[,}]/);
    expect((await app.call('GET', `/api/v1/policies/${version.proposal}`, { token: second.token })).json.document.statistics.dominance).toEqual([{ rule: 'p-percent', p: 17 }]);
  });

  test('the difference has a direction, and no dominance parameters for operators', async () => {
    const first = await proposed({ p: 17 });
    await act('approve', first, second.token);
    const next = await proposed({ version: 2, min: 5, p: 19 });
    await act('approve', next, second.token);
    await act('approve', next, third.token);
    const path = `/api/v1/policies/${next.proposal}/diff`;
    const inside = await app.call('GET', path, { token: second.token });
    expect(inside.json).toMatchObject({ loosens: true, against: null });
    expect(inside.json.changes).toContainEqual({ path: 'statistics.units.person.min', before: '10', after: '5', direction: 'looser' });
    const outside = await app.call('GET', `${path}?against=${first.proposal}`, { token: app.people.operator.token });
    expect(outside.json.changes.map(({ path: at }: { path: string }) => at)).toContain('statistics.dominance');
    // Not the whole answer: ids are random, and some have these digits.
    expect(JSON.stringify(outside.json.changes)).not.toMatch(/17|19/);
  });
});
