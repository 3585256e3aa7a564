/** Tables published elsewhere over HTTP and the command line: what may be entered, who sees what of it, and how an entry is withdrawn. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { expectProblem, type Person } from '../support/app.ts';
import { sluice } from '../support/cli.ts';
import { domainApp, policy, type DomainApp } from '../support/domain.ts';

let app: DomainApp;
let [second, third, otherAgency]: Person[] = [];
beforeEach(async () => {
  app = await domainApp();
  await app.publish();
  [second, third, otherAgency] = [await app.colleague(app.people.agency, 'agency'), await app.colleague(app.people.agency, 'agency'), await app.person('agency')];
});
afterEach(() => app.dispose());

const COUNTS = { dataset: 'city', source: '统计年鉴 2025, 表 3-1', table: 'residents', groups: ['district'], cells: [{ keys: ['市南区'], count: 50 }, { keys: ['市北区'], count: 75 }] };
const TOTALS = { ...COUNTS, source: '统计年鉴 2025, 表 4-2', measure: 'income', roundedTo: { total: '1000' }, cells: [{ keys: ['市南区'], total: '1235000' }, { keys: ['市北区'], count: 75, total: '-7000.00' }] };

const enter = (body: object, { token } = app.people.agency) => app.call('POST', '/api/v1/ledger/entries', { token, body });
const list = async ({ token } = app.people.agency, query = '') => (await app.call('GET', `/api/v1/ledger/entries${query}`, { token })).json;
const act = (action: string, entry: string, { token } = app.people.agency, body?: object) => app.call('POST', `/api/v1/ledger/entries/${entry}/${action}`, { token, ...(body && { body }) });
const run = (args: readonly string[], { token } = app.people.agency, input?: string) =>
  sluice(args, { env: { SLUICE_URL: 'http://sluice.test', SLUICE_TOKEN: token }, ...(input !== undefined && { input }), fetch: async (url, init) => app.api.app.request(String(url).replace('http://sluice.test', ''), init) });

describe('what may be entered', () => {
  test('totals go to the worker as they were published, and the log has a digest of the table', async () => {
    const reply = await enter(TOTALS);
    expect(reply.status, reply.text).toBe(201);
    const { spec } = app.pool.runs.findLast((one) => one.spec.kind === 'enter')!;
    expect(spec).toMatchObject({ published: TOTALS });
    const [event] = app.events('ledger.entered');
    expect(event).toMatchObject({ published: reply.json.table, cells: 2 });
    expect(JSON.stringify(event)).not.toMatch(/1235000|年鉴|市南/);
    // Another number is another table; another description is the same.
    expect((await enter({ ...TOTALS, source: 'elsewhere' })).json.table).toBe(reply.json.table);
    expect((await enter({ ...TOTALS, cells: [{ keys: ['市南区'], total: '1236000' }] })).json.table).not.toBe(reply.json.table);
  });

  test.each<[string, object, string, RegExp]>([
    ['a total without its column', { measure: undefined, roundedTo: undefined }, 'body/cells/0/total', /a total needs the column/],
    ['a measure without totals', { cells: [{ keys: ['市南区'], count: 1 }] }, 'body/measure', /no cell has a total/],
    ['an empty cell', { cells: [{ keys: ['市南区'] }, { keys: ['市北区'], total: '0' }] }, 'body/cells/0/count', /a count, a total, or both/],
    ['a number of keys that is not that of the groups', { cells: [{ keys: [], total: '0' }] }, 'body/cells/0/keys', /a value for each group, 1 in all/],
    ['a cell twice', { cells: [{ keys: ['市南区'], total: '0' }, { keys: ['市南区'], total: '1000' }] }, 'body/cells/1/keys', /cell 0 once more/],
    ['what is no multiple of its precision', { cells: [{ keys: ['市南区'], total: '1235500' }] }, 'body/cells/0/total', /no multiple of 1000/],
    ['a count that is no multiple of its precision', { roundedTo: { count: 5 }, cells: [{ keys: ['市南区'], count: 12, total: '0' }] }, 'body/cells/0/count', /no multiple of 5/],
    ['a precision of nothing', { roundedTo: { total: '0.00' } }, 'body/roundedTo/total', /above 0/],
    ['a total that is a number', { cells: [{ keys: ['市南区'], total: 12.5 }] }, 'body/cells/0/total', /string/],
    ['a total in words', { cells: [{ keys: ['市南区'], total: '1,235,000' }] }, 'body/cells/0/total', /decimal number as text/],
  ])('%s is refused at its place', async (_, change, at, said) => {
    const reply = await expectProblem(app, 'request/invalid', () => enter({ ...TOTALS, ...change }));
    expect(reply.json.errors).toContainEqual({ at, message: expect.stringMatching(said) });
    expect(app.pool.runs.filter(({ spec }) => spec.kind === 'enter')).toEqual([]);
  });

  test('a total with more digits than the column has is of something else', async () => {
    const reply = await expectProblem(app, 'ledger/refused', () => enter({ ...TOTALS, roundedTo: undefined, cells: [{ keys: ['市南区'], total: '1235.00' }, { keys: ['市北区'], total: '1.2345' }] }));
    expect(reply.json.detail).toBe('A total has more than the 2 decimal digits of income, at body/cells/1/total. Write totals in the unit of the column, not in thousands of it.');
  });
});

test('listed are who, when, where and how many, to the agency and the auditor, and never a number', async () => {
  const { entry, table } = (await enter(COUNTS)).json;
  const shown = { entry, dataset: 'city', source: COUNTS.source, table, cells: 2, enteredBy: app.people.agency.account, enteredAt: expect.any(String), state: 'entered', reason: null, proposedBy: null, approvedBy: [], withdrawnAt: null };
  for (const who of [app.people.agency, second!, app.people.auditor]) expect(await list(who)).toEqual({ items: [shown], next: null });
  expect((await list(otherAgency)).items).toEqual([]);
  for (const { token } of [app.people.operator, app.people.administrator]) expect((await app.call('GET', '/api/v1/ledger/entries', { token })).status).toBe(403);
  expect((await list(undefined, '?dataset=town')).items).toEqual([]);
  expect((await list(undefined, '?state=withdrawn')).items).toEqual([]);
  expect((await app.call('GET', `/api/v1/ledger/entries/${entry}`, { token: app.people.auditor.token })).json).toEqual(shown);
  const ran = await run(['ledger', 'entries']);
  expect(ran.out).toMatch(new RegExp(`${entry} +\\S+ +${app.people.agency.account} +city +${COUNTS.source} +2 +entered`));
  expect(JSON.stringify(await list())).not.toMatch(/"count"|市南区/);
});

describe('an entry made by mistake', () => {
  test('is withdrawn by three people, with the reason; the addition names it and follows the head that is there', async () => {
    const { entry, head } = (await enter(COUNTS)).json;
    expect((await act('withdraw', entry, undefined, { reason: 'wrong year' })).json).toMatchObject({ state: 'proposed', reason: 'wrong year', proposedBy: app.people.agency.account });
    expect((await act('approve', entry, second)).json).toMatchObject({ state: 'endorsed', approvedBy: [second!.account] });
    expect(app.pool.runs.filter(({ spec }) => spec.kind === 'withdraw-entry')).toEqual([]);
    const done = await act('approve', entry, third);
    expect(done.json).toMatchObject({ state: 'withdrawn', approvedBy: [second!.account, third!.account], withdrawnAt: expect.any(String) });
    const [event] = app.events('ledger.entry-withdrawn');
    expect(event).toMatchObject({ entry, dataset: 'city', approvers: [second!.account, third!.account], ledgerHead: head });
    expect(app.pool.runs.findLast(({ spec }) => spec.kind === 'withdraw-entry')).toMatchObject({ key: { kind: 'reveal' }, spec: { of: event.withdrawal, entry } });
    // It stands in the list, and a corrected table is a new entry after it.
    expect((await list(undefined, '?state=withdrawn')).items).toHaveLength(1);
    await enter(COUNTS);
    expect(app.events('ledger.entered').at(-1).ledgerHead).toBe(event.ledger.head);
    for (const action of ['approve', 'withdraw', 'keep']) await expectProblem(app, 'ledger/state', () => act(action, entry, second, action === 'approve' ? undefined : { reason: 'x' }));
  });

  test('not by two, nor by one who approves twice; each try is in the log', async () => {
    const { entry } = (await enter(COUNTS)).json;
    await act('withdraw', entry, undefined, { reason: 'wrong year' });
    await expectProblem(app, 'ledger/four-eyes', () => act('approve', entry), { mayRecord: true });
    await act('approve', entry, second);
    for (const who of [app.people.agency, second!]) await expectProblem(app, 'ledger/four-eyes', () => act('approve', entry, who), { mayRecord: true });
    expect(app.events('request.denied')).toHaveLength(3);
    expect((await list()).items[0].state).toBe('endorsed');
    expect(app.pool.runs.filter(({ spec }) => spec.kind === 'withdraw-entry')).toEqual([]);
  });

  test('not by another agency, an operator or an auditor', async () => {
    const { entry } = (await enter(COUNTS)).json;
    await expectProblem(app, 'request/not-found', () => act('withdraw', entry, otherAgency, { reason: 'x' }));
    for (const who of [app.people.operator, app.people.auditor]) await expectProblem(app, 'auth/role', () => act('withdraw', entry, who, { reason: 'x' }));
    await act('withdraw', entry, undefined, { reason: 'x' });
    await act('approve', entry, second);
    await expectProblem(app, 'request/not-found', () => act('approve', entry, otherAgency));
    expect(app.pool.runs.filter(({ spec }) => spec.kind === 'withdraw-entry')).toEqual([]);
  });

  test('stays where somebody says so: approvals of before count no more', async () => {
    const { entry } = (await enter(COUNTS)).json;
    await act('withdraw', entry, undefined, { reason: 'wrong year' });
    await act('approve', entry, second);
    expect((await act('keep', entry, third, { reason: 'the right year' })).json).toMatchObject({ state: 'entered', reason: null, approvedBy: [] });
    await act('withdraw', entry, third, { reason: 'it is not' });
    expect((await act('approve', entry, second)).json).toMatchObject({ state: 'endorsed', approvedBy: [second!.account] });
  });

  test('stays where the worker gives no answer', async () => {
    const { entry } = (await enter(COUNTS)).json;
    await act('withdraw', entry, undefined, { reason: 'wrong year' });
    await act('approve', entry, second);
    app.pool.answer = (spec) => (spec.kind === 'withdraw-entry' ? { kind: 'failed' } : null);
    await expectProblem(app, 'ledger/failed', () => act('approve', entry, third));
    app.pool.answer = () => null;
    expect((await act('approve', entry, third)).json.state).toBe('withdrawn');
  });

  test('by the command line', async () => {
    const entered = JSON.parse((await run(['ledger', 'enter', '-', '--json'], undefined, JSON.stringify(COUNTS))).out) as { entry: string };
    expect((await run(['ledger', 'withdraw', entered.entry, '--reason', 'wrong year'])).out).toMatch(/state +proposed/);
    const own = await run(['ledger', 'approve', entered.entry]);
    expect([own.status, own.err]).toEqual([1, expect.stringContaining('two other people of your organisation have to approve')]);
    expect((await run(['ledger', 'approve', entered.entry], second)).status).toBe(0);
    expect((await run(['ledger', 'keep', entered.entry, '--reason', 'right after all'], second)).out).toMatch(/state +entered/);
    await run(['ledger', 'withdraw', entered.entry, '--reason', 'wrong year']);
    for (const who of [second, third]) await run(['ledger', 'approve', entered.entry], who);
    expect((await run(['ledger', 'show', entered.entry, '--lang', 'zh'], app.people.auditor)).out).toMatch(/state +withdrawn/);
    expect((await run(['ledger', 'entries', '--state', 'withdrawn', '--lang', 'zh'])).out).toContain('已撤销');
  });
});

test('a dataset without a policy in force takes no entry, and lists what it has', async () => {
  await enter(COUNTS);
  await app.call('POST', '/api/v1/datasets/city/withdraw', { token: app.people.agency.token, body: { reason: 'over' } });
  await expectProblem(app, 'datasets/state', () => enter(COUNTS));
  expect((await list()).items).toHaveLength(1);
  expect(policy().dataset).toBe('city');
});
