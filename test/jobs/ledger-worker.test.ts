/** The disclosure ledger through the whole service with real workers: across grants and operators, in order, and replayed. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JobView } from '#contract/api/jobs.ts';
import { initKeys } from '#src/workers/init-keys.ts';
import { DEFAULT_POOL_OPTIONS, WorkerPool } from '#src/workers/pool.ts';
import { sluice } from '../support/cli.ts';
import { COLUMNS, domainApp, manifest, policy, type DomainApp } from '../support/domain.ts';

let app: DomainApp;
let pool: WorkerPool;
let directory: string;
let grants: readonly [string, string];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-ledger-service-'));
  const [keys, snapshotStore] = [join(directory, 'keys'), join(directory, 'snapshots')];
  for (const path of [keys, snapshotStore]) mkdirSync(path, { mode: 0o700 });
  await initKeys(keys);
  pool = new WorkerPool({ ...DEFAULT_POOL_OPTIONS, isolation: 'process', keys, snapshotStore, spares: 0 });
  app = await domainApp({ parts: { pool, snapshotStore, staging: join(directory, 'staging'), wallMs: 20_000, checkWallMs: 20_000, ingestWallMs: 30_000 } });
  // 49 residents in one district, 3 in the other.
  const rows = Array.from({ length: 52 }, (_, i) => `p${i},id${i},${i < 49 ? '市南区' : '市北区'},${100 + i}.50`);
  expect((await app.upload('/api/v1/datasets', app.people.agency.token, manifest(), { 'residents.csv': `person,id_number,district,income\n${rows.join('\n')}\n` })).text).toContain('"version":1');
  const document = policy();
  await app.approvePolicy({ ...document, statistics: { ...document.statistics, differencing: 'warn' } });
  grants = [await app.grantFor(undefined, { columns: COLUMNS }), await app.grantFor(undefined, { columns: COLUMNS })];
}, 60_000);
afterAll(async () => {
  await app.dispose();
  await pool.close();
  rmSync(directory, { recursive: true, force: true });
});

const ALL = 'SELECT count(*) AS n FROM residents';
const ONE_DISTRICT = "SELECT count(*) AS n FROM residents WHERE district = '市南区'";

async function valueOf(job: JobView): Promise<string> {
  expect(job.state, JSON.stringify(job)).toBe('released');
  return (await app.call('GET', `/api/v1/jobs/${job.id}/result`, { token: app.people.operator.token })).json.table.rows[0][0];
}

test('two jobs at once on two grants: one of the near twins sees the other', async () => {
  const [whole, part] = await Promise.all([app.submit(grants[0], ALL), app.submit(grants[1], ONE_DISTRICT)]);
  await app.domain.runner.settled();
  const values = [await valueOf(await app.job(whole.id)), await valueOf(await app.job(part.id))];
  expect(new Set(values).size).toBe(1);
  expect(['49', '52']).toContain(values[0]);
  // Only one of them added anything; the chain has one entry.
  expect(app.events('job.released').filter(({ ledger }) => ledger !== null)).toHaveLength(1);
}, 60_000);

test('later workers know it too, and what is replayed is what was released', async () => {
  const before = app.events('job.released').length;
  pool.killGrant(grants[1]);
  const again = await app.finish(grants[1], ONE_DISTRICT);
  const known = app.events('job.released').find(({ ledger }) => ledger !== null);
  expect(again.state).toBe('released');
  // A second entry, so that the replays below have something that they must not know.
  await valueOf(await app.finish(grants[0], 'SELECT district, sum(income) AS total FROM residents GROUP BY district'));
  expect(app.events('job.released').filter(({ ledger }) => ledger !== null)).toHaveLength(2);
  expect(app.events('job.released')).toHaveLength(before + 2);
  for (const job of [known.job, again.id]) {
    const reply = await app.call('POST', '/api/v1/audit/replays', { token: app.people.auditor.token, body: { job } });
    expect(reply.json, job).toMatchObject({ outcome: 'matched' });
  }
}, 60_000);

describe('a ledger that somebody tampered with, past the program', () => {
  /** Of the first two additions: what is done to them. */
  const WAYS: Readonly<Record<string, readonly string[]>> = {
    'the first is another': ["UPDATE blobs SET bytes = CAST(bytes || x'00' AS BLOB) WHERE id = (SELECT delta FROM first)"],
    'the first is gone': ['DELETE FROM blobs WHERE id = (SELECT delta FROM first)'],
    'the first is left out of the chain': ['DELETE FROM ledger WHERE seq = (SELECT seq FROM first)'],
    'the last is left out of the chain': ['DELETE FROM ledger WHERE seq = (SELECT seq FROM second)'],
    'the two are exchanged': ['UPDATE blobs SET id = CASE id WHEN (SELECT delta FROM first) THEN (SELECT delta FROM second) ELSE (SELECT delta FROM first) END || \'x\' WHERE id IN (SELECT delta FROM first UNION SELECT delta FROM second)', "UPDATE blobs SET id = rtrim(id, 'x') WHERE id LIKE '%x'"],
    'their order is another': ['UPDATE ledger SET seq = -seq'],
    'the first is called what it is not': ["UPDATE ledger SET head = replace(head, substr(head, 1, 1), 'x') WHERE seq = (SELECT seq FROM first)"],
  };
  const TABLES = ['blobs', 'ledger'];

  async function tampered<T>(statements: readonly string[], then: () => Promise<T>): Promise<T> {
    const file = new DatabaseSync(join(app.directory, 'sluice.db'));
    for (const table of TABLES) file.exec(`CREATE TEMP TABLE kept_${table} AS SELECT * FROM ${table}`);
    for (const [i, name] of ['first', 'second'].entries()) file.exec(`CREATE TEMP TABLE ${name} AS SELECT * FROM ledger ORDER BY seq LIMIT 1 OFFSET ${i}`);
    try {
      const changed = statements.map((sql) => Number(file.prepare(sql).run().changes));
      expect(changed.every((rows) => rows > 0)).toBe(true);
      return await then();
    } finally {
      for (const table of TABLES) file.exec(`DELETE FROM ${table}; INSERT INTO ${table} SELECT * FROM kept_${table}`);
      file.close();
    }
  }
  const replay = async (job: string): Promise<{ readonly status: number; readonly told: unknown }> => {
    const env = { SLUICE_TOKEN: app.people.auditor.token, SLUICE_URL: 'http://sluice.test' };
    const ran = await sluice(['audit', 'replay', job, '--json'], { env, fetch: ((url: URL, init: RequestInit) => app.app.request(url.pathname + url.search, init)) as typeof fetch });
    return { status: ran.status, told: JSON.parse(ran.out) };
  };
  /** It is computed on both additions. */
  let job: string;
  beforeAll(async () => {
    job = (await app.finish(grants[1], ONE_DISTRICT)).id;
    expect(app.events('job.released').find((each) => each.job === job).ledgerHead).toBe(app.events('job.released').findLast(({ ledger }) => ledger !== null).ledger.head);
  }, 60_000);

  test.each(Object.entries(WAYS))('%s: the replay says that it is the ledger that differs', async (_, statements) => {
    expect(await tampered(statements, () => replay(job))).toMatchObject({ status: 1, told: { outcome: 'differed', difference: 'ledger', actual: null } });
    expect(app.events('replay.differed').at(-1)).toMatchObject({ job, difference: 'ledger' });
  }, 60_000);

  test('put back, it gives the same digest', async () => expect(await replay(job)).toMatchObject({ status: 0, told: { outcome: 'matched' } }), 60_000);

  test('a job that ran before an addition does not depend on it', async () => {
    const early = app.events('job.released').find(({ ledgerHead, ledger }) => ledgerHead === null && ledger !== null).job;
    expect(await tampered(WAYS['the last is left out of the chain']!, () => replay(early))).toMatchObject({ status: 0, told: { outcome: 'matched' } });
  }, 60_000);
});

test('a table published elsewhere counts as released: what is near it comes out as it was published', async () => {
  const published = { dataset: 'city', source: '统计年鉴 2025, 表 3-1', table: 'residents', groups: ['district'], cells: [{ keys: ['市南区'], count: 50 }, { keys: ['李沧区'], count: 7 }] };
  const enter = (body: object, who = app.people.agency) => app.call('POST', '/api/v1/ledger/entries', { token: who.token, body });
  // Of its own: the ledger knows 49 of them, of 52, from above; a dataset without history stands for one that has none.
  expect((await app.upload('/api/v1/datasets', app.people.agency.token, manifest('yearbook'), {
    'residents.csv': `person,id_number,district,income\n${Array.from({ length: 49 }, (_, i) => `y${i},id${i},市南区,${100 + i}.50`).join('\n')}\n`,
  })).text).toContain('"version":1');
  const document = policy({ dataset: 'yearbook' });
  await app.approvePolicy(document);
  expect((await enter({ ...published, dataset: 'yearbook' })).json).toMatchObject({ code: 'ledger/refused' });
  await app.approvePolicy({ ...policy({ dataset: 'yearbook', version: 2 }), statistics: { ...document.statistics, differencing: 'warn' } });

  expect((await enter({ ...published, dataset: 'yearbook', groups: ['income'] })).json).toMatchObject({ code: 'ledger/refused' });
  expect((await enter({ ...published, dataset: 'nowhere' })).status).toBe(404);
  expect((await enter(published, app.people.operator)).status).toBe(403);
  const entered = await enter({ ...published, dataset: 'yearbook' });
  expect(entered.json, entered.text).toMatchObject({ dataset: 'yearbook', known: 1, unknown: 1 });
  const [event] = app.events('ledger.entered');
  expect(event).toMatchObject({ entry: entered.json.entry, cells: 1, ledger: { head: entered.json.head } });
  expect(JSON.stringify(event)).not.toContain('年鉴');

  const grant = await app.grantFor(undefined, { columns: ['yearbook.residents.district', 'yearbook.residents.income'] });
  expect(await valueOf(await app.finish(grant, 'SELECT count(*) AS n FROM residents'))).toBe('50');
}, 60_000);

test('totals published elsewhere, a mistake among them: withdrawn by three, and jobs of in between are replayed on the ledger of their time', async () => {
  const { agency, auditor } = app.people;
  const rows = Array.from({ length: 60 }, (_, i) => `t${i},id${i},${i < 30 ? '市南区' : '市北区'},${100 + i}.50`);
  expect((await app.upload('/api/v1/datasets', agency.token, manifest('taxes'), { 'residents.csv': `person,id_number,district,income\n${rows.join('\n')}\n` })).text).toContain('"version":1');
  const document = policy({ dataset: 'taxes' });
  await app.approvePolicy({ ...document, statistics: { ...document.statistics, differencing: 'warn', dominance: [] } });
  const grant = await app.grantFor(undefined, { columns: ['taxes.residents.district', 'taxes.residents.income'] });
  const published = { dataset: 'taxes', source: '统计年鉴 2025, 表 4-1', table: 'residents', groups: ['district'], measure: 'income', roundedTo: { total: '1000' }, cells: [{ keys: ['市南区'], total: '5000' }, { keys: ['市北区'], total: '444000' }] };
  const entered = (await app.call('POST', '/api/v1/ledger/entries', { token: agency.token, body: published })).json;
  expect(entered).toMatchObject({ known: 2, unknown: 0 });

  const OF = (district: string) => `SELECT sum(income) AS total FROM residents WHERE district = '${district}'`;
  const between = await app.finish(grant, OF('市南区'));
  expect(await valueOf(between)).toBe('5000.00');

  const [second, third] = [await app.colleague(agency, 'agency'), await app.colleague(agency, 'agency')];
  const act = (action: string, { token }: { token: string }, body?: object) => app.call('POST', `/api/v1/ledger/entries/${entered.entry}/${action}`, { token, ...(body && { body }) });
  await act('withdraw', agency, { reason: '市北区应为 4440' });
  await act('approve', second);
  expect((await act('approve', third)).json.state).toBe('withdrawn');

  // What was given on its strength stays as it was given; what was not is the data's own.
  expect(await valueOf(await app.finish(grant, OF('市南区')))).toBe('5000.00');
  const after = await app.finish(grant, OF('市北区'));
  expect(await valueOf(after)).toBe('4350.00');
  for (const { id } of [between, after]) {
    expect((await app.call('POST', '/api/v1/audit/replays', { token: auditor.token, body: { job: id } })).json, id).toMatchObject({ outcome: 'matched' });
  }
  // The job of in between pins the head with the entry, and not that of its withdrawal.
  const [withdrawn] = app.events('ledger.entry-withdrawn');
  const released = (id: string) => app.events('job.released').find(({ job }) => job === id);
  expect(released(between.id).ledgerHead).toBe(entered.head);
  expect(withdrawn.ledgerHead).toBe(released(between.id).ledger.head);
}, 60_000);
