/**
 * A hostile session against the whole service over its socket; then everything that left the workers is searched for the
 * values that were planted in every protected column: in clear, in base64, in hex, as UTF-16, as 64-bit integers and doubles.
 * Only the snapshots may hold them, and not even these the identifiers.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sluice } from '../support/cli.ts';
import { CORPUS } from './escape/corpus/corpus.ts';
import { amountNeedles, canaryText, found, markNeedles, MARK, SCORE_BASE, textNeedles, type Needle } from './support/canary.ts';
import { Installation, REGISTRABLE, upload } from './support/installation.ts';
import { PEOPLE, VISITS } from './support/vault.ts';

let installation: Installation;
let secrets: readonly Needle[];
/** What this session itself, or another test before it, left in the temporary directory. */
let temporary: ReadonlySet<string>;
/** Where each piece of evidence is, and its bytes. */
const evidence = new Map<string, Buffer>();

const names = () => readdirSync(tmpdir());
const filesBelow = (directory: string): string[] => readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));

/** Values sent by the attacker in a text of their own are none that leaked. */
const KNOWN = { person: 'somebody', number: 1 };

beforeAll(async () => {
  temporary = new Set(names());
  // Of the amounts a sample: the marks are in every other column of the same rows.
  const amounts = [...PEOPLE.slice(-12).flatMap(({ income }) => (income === null ? [] : [income])), ...VISITS.slice(-12).map(({ cost }) => cost)];
  secrets = [...markNeedles(), ...amounts.flatMap(amountNeedles)];
  installation = await Installation.open();
}, 120_000);
afterAll(() => installation.close());

describe('a hostile session', () => {
  test('questions of every kind: released, withheld, refused, nonsense', { timeout: 120_000 }, async () => {
    const states = new Map<string, number>();
    const plain = [
      'select district, count(*), sum(income), avg(income) from persons group by district', 'select district, age < 30, count(*), sum(weight) from persons group by all', 'select v.district, count(*), sum(cost) from persons p join visits v on p.id = v.person group by 1',
      "select count(*), sum(income) from persons where district = '崂山'", 'select region, count(*) from districts group by region', 'select cast(sum(income) as tinyint) from persons', `select count(*) from persons where id = '${KNOWN.person}'`, `select count(*) from persons where score = ${KNOWN.number}`,
    ];
    const hostile = CORPUS.filter((attempt, i) => i % 16 === 0 && !attempt.sql.includes('{') && attempt.sql !== '' && attempt.sql.isWellFormed()).map(({ sql }) => sql);
    for (const sql of [...plain, ...hostile]) {
      const ended = await installation.finish(sql);
      const state = ended.state ?? ended.code;
      states.set(state, (states.get(state) ?? 0) + 1);
      if (ended.state === 'released') for (const accept of ['application/json', 'text/csv', 'application/vnd.apache.arrow.stream', 'application/vnd.apache.parquet']) expect((await installation.call('operator', 'GET', `/api/v1/jobs/${ended.id}/result`, undefined, { accept })).status).toBe(200);
      await installation.call('operator', 'POST', '/api/v1/jobs:check', { grant: installation.grant, sql });
    }
    expect(states.get('released')).toBeGreaterThan(4);
    expect(states.get('refused')).toBeGreaterThan(30);
    expect(states.get('failed') ?? 0, 'an overflow above the gate').toBeGreaterThan(0);
  });

  test('files with a canary in every wrong place are refused by place', async () => {
    const persons = (row: string) => `id,name,phone,district,age,income,weight,nick,score,born,seen,secret\n${row}\n`;
    const good = [canaryText('u-1'), canaryText('n'), SCORE_BASE + 77n, '市南', 33, '1.00', '1.0', canaryText('k'), SCORE_BASE + 78n, '1970-01-01', '2032-01-01T00:00:00', true].map(String);
    const wrong = (column: number, value: string) => persons(good.map((own, i) => (i === column ? value : own)).join(','));
    const others = { 'visits.csv': `person,district,cost,at\n${canaryText('u-1')},市南,1.00,2031-01-01T00:00:00\n`, 'districts.csv': 'district,region,factor\n市南,west,1\n' };
    const FILES: Record<string, string | Uint8Array<ArrayBuffer>> = {
      'a text for a number': wrong(4, canaryText('age')), 'a number beyond its bound': wrong(5, String(SCORE_BASE)), 'a text for a date': wrong(9, canaryText('date')), 'a value outside its domain': wrong(3, canaryText('domain')),
      'a phone that is none': wrong(2, canaryText('phone')), 'the same unit twice': persons(`${good.join(',')}\n${good.join(',')}`), 'no unit': wrong(0, ''), 'an open quote': wrong(7, `"${canaryText('open')}`), 'too few fields': persons(canaryText('short')), 'too many fields': persons(`${good.join(',')},${canaryText('long')}`),
      'bad UTF-8': new Uint8Array(Buffer.concat([Buffer.from(persons(good.join(','))), Buffer.from(MARK), Buffer.from([0xff, 0xfe])])), 'a NUL': wrong(7, `${MARK}\u0000`), 'nothing': '',
    };
    for (const [what, file] of Object.entries(FILES)) {
      const reply = await installation.call('proposer', 'POST', '/api/v1/datasets', upload({ ...REGISTRABLE, id: 'wrong' }, { 'persons.csv': file, ...others }));
      expect(reply.status, `${what}: ${reply.bytes.toString('utf8').slice(0, 300)}`).toBeGreaterThanOrEqual(400);
      expect(reply.status, what).toBeLessThan(500);
      expect(reply.json.detail.length, what).toBeGreaterThan(10);
    }
    const unparented = { ...others, 'visits.csv': `person,district,cost,at\n${canaryText('nobody')},市南,1.00,2031-01-01T00:00:00\n` };
    expect((await installation.call('proposer', 'POST', '/api/v1/datasets', upload({ ...REGISTRABLE, id: 'wrong' }, { 'persons.csv': persons(good.join(',')), ...unparented }))).json.code).toBe('datasets/ingest-refused');
  });

  test('wrong tokens, wrong people, wrong and huge bodies', async () => {
    const call = installation.call.bind(installation);
    const released = await installation.finish('select count(*) from persons');
    for (const authorization of ['', 'Bearer', 'Bearer x', `Bearer sluice_t_${'a'.repeat(43)}`, `Basic ${Buffer.from('admin:admin').toString('base64')}`, `Bearer ${'x'.repeat(5000)}`]) {
      const reply = await call(null, 'GET', `/api/v1/jobs/${released.id}/result`, undefined, { authorization }).catch(() => null);
      expect(reply === null || reply.status === 401 || reply.status === 431).toBe(true);
    }
    for (const who of ['rival', 'auditor', 'admin', 'proposer'] as const) expect((await call(who, 'GET', `/api/v1/jobs/${released.id}/result`)).status).toBeGreaterThanOrEqual(403);
    for (const body of ['{', '[]', 'null', '"x"', JSON.stringify({ grant: installation.grant, sql: 'x'.repeat(70_000) }), JSON.stringify({ grant: installation.grant, sql: 1 }), JSON.stringify({ grant: installation.grant, sql: 'select 1', more: 1 }), new Uint8Array([0x7b, 0xff, 0x7d])]) {
      const { status } = await call('operator', 'POST', '/api/v1/jobs', body);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
    }
    expect((await call('operator', 'POST', '/api/v1/jobs', `{"grant":"${installation.grant}","sql":"${' '.repeat(2 * 1024 * 1024)}"}`)).status).toBe(413);
    for (const path of ['/', '/api/v1/../../keys/domain.key', '/api/v1/%2e%2e/%2e%2e/keys/domain.key', '/audit/tile/../../keys/domain.key', '/audit/tile/%2e%2e%2fkeys%2fdomain.key', '/api/v1/jobs/%00', '/api/v1/datasets/vault/snapshots/1', `/api/v1/jobs/${'a'.repeat(4000)}`]) {
      expect((await call('operator', 'GET', path)).status, path).toBeGreaterThanOrEqual(400);
    }
  });

  test('what anybody may read of the trail', async () => {
    const audit = await sluice(['audit', 'export', join(installation.service.directory, 'export')], { fetch: globalThis.fetch, env: { SLUICE_URL: installation.service.url, SLUICE_TOKEN: installation.tokens.auditor } });
    expect(audit.status, audit.err).toBe(0);
    for (const path of ['/metrics', '/healthz', '/readyz', '/openapi.json', '/audit/checkpoint', '/api/v1/datasets', '/api/v1/datasets/vault', '/api/v1/datasets/vault/versions', '/api/v1/jobs?limit=100', '/api/v1/policies', '/api/v1/grants', '/api/v1/applications', '/api/v1/releases']) {
      for (const who of ['auditor', 'proposer', 'operator', 'rival', 'admin'] as const) await installation.call(who, 'GET', path);
    }
    await installation.people.auditor.run(['audit', 'replay', (await installation.finish('select district, count(*) from persons group by district')).id]);
  });
});

describe('afterwards', () => {
  beforeAll(async () => {
    const running = filesBelow(installation.service.home).filter((path) => !path.includes('/snapshots/'));
    for (const path of running) evidence.set(`${path} (while it ran)`, readFileSync(path));
    await installation.service.stop();
    for (const path of filesBelow(installation.service.directory).filter((file) => !file.includes('/snapshots/'))) evidence.set(path, readFileSync(path));
    evidence.set('standard error', Buffer.from(installation.service.log));
    evidence.set('standard output', Buffer.from(installation.service.out));
    evidence.set('answers', Buffer.concat(installation.answers));
  });

  test('there is something to search', () => {
    expect(evidence.get('answers')?.length).toBeGreaterThan(100_000);
    expect(evidence.get('standard error')?.length).toBeGreaterThan(1000);
    expect([...evidence.keys()].some((path) => path.endsWith('sluice.db (while it ran)'))).toBe(true);
    expect([...evidence.keys()].some((path) => path.endsWith('-wal (while it ran)'))).toBe(true);
    expect([...evidence.keys()].some((path) => path.includes('/export/tile/'))).toBe(true);
  });

  test('no protected value in any of it', () => {
    const leaks = [...evidence].flatMap(([path, bytes]) => found(bytes, secrets).map((what) => `${path} holds ${what}`));
    expect(leaks, leaks.join('\n')).toEqual([]);
  });

  test('the search finds what is there', () => {
    const snapshots = filesBelow(join(installation.service.home, 'snapshots'));
    const everything = Buffer.concat(snapshots.map((path) => readFileSync(path)));
    expect(found(everything, textNeedles(MARK)).length).toBeGreaterThan(0);
    expect(found(Buffer.from(`x${Buffer.from(`y ${MARK} z`).toString('base64')}`), secrets).length).toBeGreaterThan(0);
    expect(found(Buffer.from(Buffer.from(MARK).toString('hex')), secrets).length).toBeGreaterThan(0);
  });

  test('identifiers are not even in the snapshots', () => {
    const identifiers = [...textNeedles(canaryText('id-')), ...textNeedles(canaryText('name-'))];
    const leaks = filesBelow(join(installation.service.home, 'snapshots')).flatMap((path) => found(readFileSync(path), identifiers).map((what) => `${path} holds ${what}`));
    expect(leaks, leaks.join('\n')).toEqual([]);
  });

  test('nothing of it was left in the temporary directory', () => {
    const left = names().filter((name) => !temporary.has(name) && join(tmpdir(), name) !== installation.service.directory && /sluice|duckdb|parquet|\.csv/i.test(name));
    const leaks = left.flatMap((name) => {
      try {
        return filesBelow(join(tmpdir(), name)).flatMap((path) => found(readFileSync(path), textNeedles(MARK)).map((what) => `${path} holds ${what}`));
      } catch {
        return [];
      }
    });
    // Other tests of the suite that run at the same time have homes with canaries of their own.
    expect(leaks.filter((leak) => !/sluice-(vault|installation)-/.test(leak)), leaks.join('\n')).toEqual([]);
  });
});
