/** Units withdraw, through the whole service with real workers and the command line: later jobs, tests, drafts and snapshots are without them, earlier releases stand. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { initKeys } from '#src/workers/init-keys.ts';
import { DEFAULT_POOL_OPTIONS, WorkerPool } from '#src/workers/pool.ts';
import { found, textNeedles } from '../attacks/support/canary.ts';
import { sluice } from '../support/cli.ts';
import { COLUMNS, domainApp, manifest, policy, type DomainApp } from '../support/domain.ts';

let app: DomainApp;
let pool: WorkerPool;
let directory: string;
let grant: string;

const ALL = 'SELECT count(*) AS n, sum(income) AS total FROM residents';
const person = (i: number) => `CANARY-370202-${String(i).padStart(4, '0')}`;
const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `${person(from + i)},id${from + i},${i % 2 === 0 ? '市南区' : '市北区'},${100 + from + i}.50`);
const residents = (from: number, to: number) => ({ 'residents.csv': `person,id_number,district,income\n${rows(from, to).join('\n')}\n` });
const statistics = (differencing: 'none' | 'warn') => ({ ...policy().statistics, dominance: [], differencing });

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-withdrawals-service-'));
  const [keys, snapshotStore] = [join(directory, 'keys'), join(directory, 'snapshots')];
  for (const path of [keys, snapshotStore]) mkdirSync(path, { mode: 0o700 });
  await initKeys(keys);
  pool = new WorkerPool({ ...DEFAULT_POOL_OPTIONS, isolation: 'process', keys, snapshotStore });
  app = await domainApp({ parts: { pool, snapshotStore, staging: join(directory, 'staging'), wallMs: 20_000, checkWallMs: 20_000, ingestWallMs: 30_000 } });
  expect((await app.upload('/api/v1/datasets', app.people.agency.token, manifest(), residents(0, 60))).text).toContain('"version":1');
  await app.approvePolicy({ ...policy(), statistics: statistics('none') });
  grant = await app.grantFor(undefined, { columns: COLUMNS });
}, 60_000);
afterAll(async () => {
  await app.dispose();
  await pool.close();
  rmSync(directory, { recursive: true, force: true });
});

const agency = (args: readonly string[], input?: string) => sluice(args, {
  env: { SLUICE_TOKEN: app.people.agency.token, SLUICE_URL: 'http://sluice.test' }, fetch: ((url: URL, init: RequestInit) => app.app.request(url.pathname + url.search, init)) as typeof fetch, ...(input !== undefined && { input }),
});
async function ask(sql = ALL): Promise<readonly [string, string[]]> {
  const job = await app.finish(grant, sql);
  expect(job.state, JSON.stringify(job)).toBe('released');
  return [job.id, (await app.call('GET', `/api/v1/jobs/${job.id}/result`, { token: app.people.operator.token })).json.table.rows[0]];
}
const replay = async (job: string) => (await app.call('POST', '/api/v1/audit/replays', { token: app.people.auditor.token, body: { job } })).json;
const total = (is: readonly number[]) => is.reduce((sum, i) => sum + 100.5 + i, 0).toFixed(2);
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

test('by the command line: recorded, left out, listed, taken back; the earlier release stands and replays', async () => {
  const [before, first] = await ask();
  expect(first).toEqual(['60', total(range(0, 60))]);
  const file = join(directory, 'withdrawn.txt');
  writeFileSync(file, `${[3, 8, 15].map(person).join('\r\n')}\r\nnobody\r\n`);
  const recorded = await agency(['dataset', 'withdraw-units', 'city', file, '--unit', 'person']);
  expect(recorded).toMatchObject({ status: 0, out: expect.stringMatching(/units +4\n/), err: expect.stringContaining('1 of them have no row') });
  expect(recorded.out + recorded.err).not.toMatch(/CANARY|nobody/);
  const [after, second] = await ask();
  expect(second).toEqual(['57', total(range(0, 60).filter((i) => ![3, 8, 15].includes(i)))]);
  expect((await agency(['dataset', 'withdrawals', 'city'])).out).toMatch(/batch_\w+ .*city +person +withdrawn +consent +4/);

  expect((await agency(['dataset', 'reinstate-units', 'city', '-', '--unit', 'person'], `${person(8)}\n`)).status).toBe(0);
  const [last, third] = await ask();
  expect(third[0]).toBe('58');
  for (const job of [before, after, last]) expect(await replay(job), job).toMatchObject({ outcome: 'matched' });
}, 60_000);

test('what is wrong is said by place', async () => {
  expect(await agency(['dataset', 'withdraw-units', 'city', '-', '--unit', 'household'], 'CANARY-1\n')).toMatchObject({ status: 1, err: expect.stringContaining('No column of the dataset identifies units of kind “household”') });
  expect(await agency(['dataset', 'withdraw-units', 'city', '-', '--unit', 'person'], '\n\n')).toMatchObject({ status: 2, err: expect.stringContaining('holds no identifier') });
  expect((await agency(['dataset', 'withdraw-units', 'city', '-'], 'CANARY-1\n')).err).toContain('--unit');
});

test('a worker that is warm, a spare and a new one all leave them out, in every dataset of the agency and in no other’s', async () => {
  const [, warm] = await ask();
  pool.killGrant(grant);
  const [, fresh] = await ask();
  expect(fresh).toEqual(warm);
  expect((await agency(['dataset', 'withdraw-units', 'city', '-', '--unit', 'person'], range(50, 55).map((i) => `${person(i)}\n`).join(''))).status).toBe(0);
  expect((await ask())[1][0]).toBe('53');

  const other = await app.person('agency');
  const count = async (dataset: string, owner: typeof other): Promise<string> => {
    await app.upload('/api/v1/datasets', owner.token, manifest(dataset), residents(40, 80));
    const own = { ...policy({ dataset }), statistics: statistics('none') };
    const { proposal } = (await app.call('POST', '/api/v1/policies', { token: owner.token, body: own })).json;
    expect((await app.call('POST', `/api/v1/policies/${proposal}/approve`, { token: (await app.colleague(owner, 'agency')).token })).status).toBe(200);
    const { id } = (await app.applyFor(undefined, { columns: [`${dataset}.residents.district`, `${dataset}.residents.income`] })).json;
    const job = await app.finish((await app.call('POST', `/api/v1/applications/${id}/approve`, { token: owner.token, body: {} })).json.grant, ALL);
    return (await app.call('GET', `/api/v1/jobs/${job.id}/result`, { token: app.people.operator.token })).json.table.rows[0][0];
  };
  expect([await count('county', app.people.agency), await count('village', other)]).toEqual(['35', '40']);
}, 60_000);

test('a new snapshot does not bring them back; tests and drafts are without them', async () => {
  expect((await app.upload('/api/v1/datasets/city/snapshots', app.people.agency.token, null, residents(0, 60))).status).toBe(201);
  const [job, row] = await ask();
  expect(row[0]).toBe('53');
  // Under a minimum of 54 only a table with everybody in it would come out.
  const strict = { ...policy({ version: 2, min: 54 }), statistics: { ...statistics('none'), units: { person: { min: 54 } } } };
  const tried = await app.call('POST', '/api/v1/policies:dry-run', { token: app.people.agency.token, body: { document: strict } });
  expect(tried.json.jobs.find((one: { job: string }) => one.job === job)).toMatchObject({ before: { marked: 0 }, after: { marked: 2 } });
  const failing = await app.call('POST', '/api/v1/policies', { token: app.people.agency.token, body: { ...strict, tests: [{ name: 'nothing is withheld', sql: ALL, expect: { outcome: 'released', withheld: 0 } }] } });
  expect((await app.call('GET', `/api/v1/policies/${failing.json.proposal}/tests`, { token: app.people.agency.token })).json.run).toMatchObject({ failed: 1 });
}, 60_000);

test('with the ledger one who withdraws is not seen, many are; replays know the list of then', async () => {
  await app.approvePolicy({ ...policy({ version: 3 }), statistics: statistics('warn') });
  const [first, before] = await ask();
  await agency(['dataset', 'withdraw-units', 'city', '-', '--unit', 'person'], `${person(20)}\n`);
  const [second, after] = await ask();
  expect(after).toEqual(before);
  await agency(['dataset', 'withdraw-units', 'city', '-', '--unit', 'person'], range(21, 40).map((i) => `${person(i)}\n`).join(''));
  const [third, later] = await ask();
  expect([before[0], later[0]]).toEqual(['53', '33']);
  for (const job of [first, second, third]) expect(await replay(job), job).toMatchObject({ outcome: 'matched' });
  // Published before anybody withdrew: compared as the data are now, and given as it was published where few are missing.
  const entered = await app.call('POST', '/api/v1/ledger/entries', { token: app.people.agency.token, body: { dataset: 'city', source: '年鉴', table: 'residents', groups: ['district'], cells: [{ keys: ['市南区'], count: 20 }] } });
  expect(entered.json, entered.text).toMatchObject({ known: 1 });
  expect(app.events('ledger.entered')[0].withdrawals).toBe(app.events('job.released').at(-1).withdrawals);
}, 60_000);

test('identifiers are nowhere: not in the home, not beside the uploads, not in the temporary directory', () => {
  const needles = textNeedles('CANARY-370202');
  const below = (where: string) => readdirSync(where, { recursive: true, withFileTypes: true }).filter((file) => file.isFile() && file.name !== 'withdrawn.txt').map((file) => join(file.parentPath, file.name));
  const files = [...below(app.directory), ...below(directory)];
  expect(files.length).toBeGreaterThan(10);
  expect(files.flatMap((path) => found(readFileSync(path), needles).map((what) => `${path}: ${what}`))).toEqual([]);
  expect(found(Buffer.from(JSON.stringify(app.lines)), needles)).toEqual([]);
  // The search finds what is there.
  expect(found(readFileSync(join(directory, 'withdrawn.txt')), needles).length).toBeGreaterThan(0);
});
