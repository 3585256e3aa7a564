/** Tests kept with a policy, and drafts tried on earlier jobs, over workers that are not real. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DryRunView, PolicyDiffView, PolicyTestsView, PolicyView } from '#contract/api/policies.ts';
import type { Answer } from '#contract/job.ts';
import { text } from '#contract/text.ts';
import { expectProblem, type Person } from '../support/app.ts';
import { domainApp, manifest, policy, type DomainApp } from '../support/domain.ts';
import { released, TABLE } from '../support/fake-pool.ts';

let app: DomainApp;
let second: Person;
beforeEach(async () => {
  app = await domainApp();
  second = await app.colleague(app.people.agency, 'agency');
  await app.upload('/api/v1/datasets', app.people.agency.token, manifest());
});
afterEach(() => app.dispose());

const agency = () => app.people.agency.token;
const REFUSED: Answer = { kind: 'refused', refusals: [{ code: 'grid/filter', message: text('no', '否'), position: 0, clause: null, suggestion: null }] };
const TESTS = [
  { name: 'by district', sql: 'by district', expect: { outcome: 'released', rows: 3, withheld: 2, flags: [{ row: 1, column: 'n' }] } },
  { name: 'no single person', sql: 'hostile', expect: { outcome: 'refused', code: 'grid/filter' } },
];
const answerAs = (hostile: Answer = REFUSED) => { app.pool.answer = (spec) => (spec.kind === 'sql' && spec.sql === 'hostile' ? hostile : null); };
const propose = async (over: object = {}): Promise<PolicyView> => (await app.call('POST', '/api/v1/policies', { token: agency(), body: { ...policy(), tests: TESTS, ...over } })).json;
const approve = ({ proposal }: PolicyView) => app.call('POST', `/api/v1/policies/${proposal}/approve`, { token: second.token });
const diff = async ({ proposal }: PolicyView, token: string): Promise<PolicyDiffView> => (await app.call('GET', `/api/v1/policies/${proposal}/diff`, { token })).json;
const tests = async ({ proposal }: PolicyView, token = agency()): Promise<PolicyTestsView> => (await app.call('GET', `/api/v1/policies/${proposal}/tests`, { token })).json;

describe('tests kept with a policy', () => {
  test('run at the proposal on the snapshot in force, each under every column that is kept, and are on record', async () => {
    answerAs();
    const version = await propose();
    expect(version.tests).toBe(2);
    expect((await tests(version)).run).toMatchObject({ current: true, passed: 2, failed: 0, results: [{ name: 'by district', passed: true, message: null }, { passed: true }] });
    expect(app.events('policy.tested')).toMatchObject([{ proposal: version.proposal, passed: 2, failed: 0 }]);
    const specs = app.pool.runs.flatMap(({ spec }) => (spec.kind === 'sql' ? [spec] : []));
    expect(specs.map(({ sql }) => sql)).toEqual(['by district', 'hostile']);
    expect(specs[0]).toMatchObject({ columns: ['city.residents.district', 'city.residents.income', 'city.residents.person'], ledgerHead: null });
    expect(app.pool.killed).toHaveLength(1);
    expect((await approve(version)).json.state).toBe('active');
  });

  test('one that fails blocks the approval, with the test and the reason', async () => {
    answerAs(null as never);
    const version = await propose();
    const problem = await expectProblem(app, 'policies/tests-failed', () => approve(version));
    expect(problem.json.detail).toContain('its test “no single person” fails. The query should be refused and is released.');
    expect(problem.json.errors).toEqual([{ at: 'tests/no single person', message: 'The query should be refused and is released.' }]);
    // The program was mended meanwhile: on demand they are run again.
    answerAs();
    const again = await app.call('POST', `/api/v1/policies/${version.proposal}/test`, { token: second.token });
    expect(again.json.run).toMatchObject({ failed: 0 });
    expect((await approve(version)).json.state).toBe('active');
  });

  test('are taken over by the next version, unless it brings its own or none', async () => {
    answerAs();
    await approve(await propose());
    const inherits = await propose({ version: 2, tests: undefined });
    expect([inherits.tests, (await propose({ version: 3, tests: [] })).tests, (await propose({ version: 4, tests: TESTS.slice(0, 1) })).tests]).toEqual([2, 0, 1]);
    expect((await tests(inherits)).run?.passed).toBe(2);
    const without = await propose({ version: 5, tests: [] });
    expect((await diff(inherits, agency())).changes).toEqual([]);
    expect((await diff(without, agency())).changes.map(({ before, after, direction }) => [before, after, direction])).toEqual([
      ['by district: released, rows 3, withheld 2, flags 1 n', null, 'looser'], ['no single person: refused grid/filter', null, 'looser'],
    ]);
  });

  test.each<[string, object[], boolean]>([
    ['all gone', [], true],
    ['one gone', TESTS.slice(0, 1), true],
    ['one that expects less', [TESTS[0]!, { ...TESTS[1]!, expect: { outcome: 'refused' } }], true],
    ['one more', [...TESTS, { name: 'by street', sql: 'by district', expect: { outcome: 'released' } }], false],
  ])('%s: whether it takes a second approver', async (_, next, isLooser) => {
    answerAs();
    await approve(await propose());
    const version = await propose({ version: 2, tests: next });
    expect(version).toMatchObject({ loosens: isLooser, approvalsNeeded: isLooser ? 2 : 1 });
    expect((await diff(version, agency())).loosens).toBe(isLooser);
    expect(app.events('policy.proposed').at(-1)).toMatchObject({ loosens: isLooser, approvalsNeeded: isLooser ? 2 : 1 });
    expect((await approve(version)).json.state).toBe(isLooser ? 'endorsed' : 'active');
    if (!isLooser) return;
    const third = await app.colleague(app.people.agency, 'agency');
    expect((await app.call('POST', `/api/v1/policies/${version.proposal}/approve`, { token: third.token })).json.state).toBe('active');
    // Operators are told that something is looser, and nothing of the tests.
    const seen = await diff(version, app.people.operator.token);
    expect(seen).toMatchObject({ loosens: true, changes: [] });
  });

  test('are run again where another snapshot has come in', async () => {
    answerAs();
    const version = await propose();
    answerAs({ kind: 'failed' });
    const changed = { ...manifest(), description: { en: 'more', zh: '更多' } };
    expect((await app.upload('/api/v1/datasets/city/snapshots', agency(), changed)).status).toBe(201);
    expect((await tests(version)).run?.current).toBe(false);
    const problem = await expectProblem(app, 'policies/tests-failed', () => approve(version), { mayRecord: true });
    expect(problem.json.detail).toContain('should be refused and is without an answer');
    expect(app.events('policy.tested')).toHaveLength(2);
  });

  test('are for the agency and the auditor', async () => {
    answerAs();
    const version = await propose();
    await approve(version);
    const path = `/api/v1/policies/${version.proposal}`;
    expect((await tests(version, app.people.auditor.token)).tests).toEqual(TESTS);
    const other = await app.person('agency');
    await expectProblem(app, 'request/not-found', () => app.call('GET', `${path}/tests`, { token: other.token }));
    await expectProblem(app, 'request/not-found', () => app.call('POST', `${path}/test`, { token: other.token }));
    const seen = await app.call('GET', path, { token: app.people.operator.token });
    expect(seen.json.tests).toBeNull();
    expect(seen.text).not.toContain('by district');
  });

  test('have names of their own, and no more than allowed', async () => {
    const send = (list: object[]) => app.call('POST', '/api/v1/policies', { token: agency(), body: { ...policy(), tests: list } });
    for (const list of [[TESTS[0]!, TESTS[0]!], Array.from({ length: 51 }, (_, i) => ({ ...TESTS[0]!, name: String(i) }))]) await expectProblem(app, 'request/invalid', () => send(list));
  });
});

describe('a dry run', () => {
  let jobs: string[];
  beforeEach(async () => {
    await app.approvePolicy(policy());
    const grant = await app.grantFor();
    const outcomes: Record<string, Answer | null> = { hostile: REFUSED, broken: { kind: 'failed' } };
    app.pool.answer = (spec) => (spec.kind !== 'sql' ? null : spec.sql === 'doubtful' ? released(spec, TABLE, 'held') : outcomes[spec.sql] ?? null);
    jobs = [];
    for (const sql of ['fine', 'doubtful', 'hostile', 'broken', 'fine too']) jobs.push((await app.finish(grant, sql)).id);
    app.pool.runs.length = 0;
  });
  const draft = () => policy({ version: 2, min: 20 });
  const run = async (over: object = {}): Promise<DryRunView> => (await app.call('POST', '/api/v1/policies:dry-run', { token: agency(), body: { document: draft(), ...over } })).json;

  test('asks the answered jobs again under the draft, on what they pin, and tells outcomes and counts', async () => {
    const less = { ...TABLE, withheld: [[1, 2]] as [number, number][] };
    app.pool.answer = (spec) => {
      if (spec.kind === 'reveal') {
        const cell = { keys: ['市北区'], absent: false, measures: [{ measure: 0, outcome: 'withheld' as const, decidedBy: ['city-statistics@2 statistics.units.person.min'], checks: [] }] };
        return { kind: 'revealed', result: null, evidence: { v: 1, gates: [{ gate: 0, keys: ['district'], measures: [], cells: [cell, cell], weakest: null }] } };
      }
      if (spec.kind !== 'sql') return null;
      const answer = released(spec, spec.sql === 'fine too' ? less : TABLE);
      return spec.sql === 'doubtful' ? REFUSED : answer.kind === 'released' ? { ...answer, envelope: { ...answer.envelope, sealed: { evidence: 'AAAA', ledger: null } } } : answer;
    };
    const report = await run();
    expect(report.jobs.map(({ job, changed, before, after }) => [jobs.indexOf(job), changed, before.outcome, after.outcome])).toEqual([
      [4, true, 'released', 'released'], [2, true, 'refused', 'released'], [1, true, 'held', 'refused'], [0, false, 'released', 'released'],
    ]);
    expect(report.changed).toBe(3);
    expect(report.jobs[0]).toMatchObject({ before: { marked: 2, withheld: 2, rows: 3 }, after: { marked: 1 }, rules: [{ clause: 'city-statistics@2 statistics.units.person.min', cells: 2 }] });
    expect(report.jobs[2]).toMatchObject({ after: { codes: ['grid/filter'] }, rules: [] });
    expect(JSON.stringify(report)).not.toMatch(/市南区|100\.50|市北区/);
    const specs = app.pool.runs.flatMap(({ spec }) => (spec.kind === 'sql' ? [spec] : []));
    expect(specs.every(({ datasets, evidence }) => evidence && datasets[0]?.policy.version === 2)).toBe(true);
    expect(app.events('policy.tried')).toMatchObject([{ dataset: 'city', jobs: 4, changed: 3 }]);
    expect(app.events('job.released')).toHaveLength(2);
  });

  test('of as many jobs as asked for', async () => {
    expect((await run({ last: 1 })).jobs.map(({ job }) => jobs.indexOf(job))).toEqual([4]);
    await expectProblem(app, 'request/invalid', () => app.call('POST', '/api/v1/policies:dry-run', { token: agency(), body: { document: draft(), last: 101 } }));
  });

  test('of a draft that could be proposed, by the agency whose data it is', async () => {
    const other = await app.person('agency');
    const wrong = { ...draft(), statistics: { ...draft().statistics, dimensions: { 'residents.colour': { categories: 'all' } } } };
    await expectProblem(app, 'policies/invalid', () => app.call('POST', '/api/v1/policies:dry-run', { token: agency(), body: { document: wrong } }));
    await expectProblem(app, 'policies/invalid', () => app.call('POST', '/api/v1/policies:dry-run', { token: other.token, body: { document: draft() } }));
  });
});

describe('presets', () => {
  test('are listed with their sources, and give a draft that can be proposed', async () => {
    const { items } = (await app.call('GET', '/api/v1/policies:presets', { token: app.people.operator.token })).json;
    expect(items.map(({ preset }: { preset: string }) => preset)).toContain('acro');
    expect(items.every(({ sources }: { sources: string[] }) => sources.length > 0)).toBe(true);
    const draft = await app.call('POST', '/api/v1/policies:draft', { token: agency(), body: { preset: 'acro', dataset: 'city' } });
    expect(draft.json.document.statistics).toMatchObject({ dimensions: { 'residents.district': { categories: 'all' } }, measures: { 'residents.income': ['count', 'sum', 'avg'] } });
    expect((await app.call('POST', '/api/v1/policies', { token: agency(), body: draft.json.document })).status).toBe(201);
  });

  test('an unknown one, one that is not built, and another agency are told so', async () => {
    const other = await app.person('agency');
    for (const [preset, token] of [['nope', agency()], ['strict', agency()], ['acro', other.token]] as const) {
      await expectProblem(app, 'policies/invalid', () => app.call('POST', '/api/v1/policies:draft', { token, body: { preset, dataset: 'city' } }));
    }
  });
});
