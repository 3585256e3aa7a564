/** The application with catalogue, approvals and jobs over a pool that is not real, and short ways to the states that tests start from. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { SCOPES, type Role } from '#contract/api/common.ts';
import type { ApplicationView } from '#contract/api/applications.ts';
import type { JobView } from '#contract/api/jobs.ts';
import type { PolicyView } from '#contract/api/policies.ts';
import type { AccountId, OrganisationId } from '#contract/id.ts';
import { ok } from '#contract/result.ts';
import { recordAccount } from '#src/accounts/directory.ts';
import { CONSOLE } from '#src/accounts/principal.ts';
import { issueToken } from '#src/accounts/tokens.ts';
import { openDomain, type Domain, type DomainParts } from '#src/domain.ts';
import { testApp, type Person, type Reply, type TestApp, type TestAppOptions } from './app.ts';
import { FakePool } from './fake-pool.ts';

export const CATALOGUE = {
  form: 'table', class: '人口', grade: 'L2', sharing: { attribute: 'unconditional' }, opening: 'conditional',
  updateFrequency: 'yearly', source: 'generated', licence: 'CC0', retention: '10 years',
};

/** A small dataset: residents with a district, an income, and an identity number that nobody gets. */
export const manifest = (id = 'city') => ({
  id, title: { en: 'City', zh: '城市' }, provider: '示范市大数据局', catalogue: CATALOGUE,
  tables: {
    residents: {
      file: 'residents.csv', units: { person: 'person' },
      columns: {
        person: { type: 'varchar', role: 'unit' }, id_number: { type: 'varchar', role: 'identifier' },
        district: { type: 'varchar', role: 'quasi', domain: ['市南区', '市北区'] }, income: { type: 'decimal(18,2)', role: 'sensitive', min: '0', max: '100000' },
      },
    },
  },
});

export const policy = (over: { dataset?: string; policy?: string; version?: number; min?: number; purposes?: string[]; jobsPerDay?: number; p?: number } = {}) => ({
  policy: over.policy ?? `${over.dataset ?? 'city'}-statistics`, version: over.version ?? 1, dataset: over.dataset ?? 'city',
  purposes: over.purposes ?? ['research', 'public-benefit'],
  statistics: {
    mechanism: { kind: 'suppress' }, units: { person: { min: over.min ?? 10 } }, dominance: [{ rule: 'p-percent', p: over.p ?? 17 }],
    dimensions: { 'residents.district': { categories: 'all' } }, measures: { 'residents.income': ['sum', 'avg'] },
  },
  limits: { jobsPerDay: over.jobsPerDay ?? 200 },
});

export const COLUMNS = ['city.residents.district', 'city.residents.income'];

export interface DomainApp extends TestApp {
  readonly pool: FakePool;
  readonly domain: Domain;
  /** Where uploads wait. */
  readonly staging: string;
  /** Errors that the runner reported. */
  readonly reported: unknown[];
  /** Another person of the same organisation. */
  colleague(of: Person, role: Role): Promise<Person>;
  upload(path: string, token: string, sent?: object | null, files?: Readonly<Record<string, string>>): Promise<Reply>;
  /** Registers `city` (or another id) and puts a policy in force, by two people of the agency. */
  publish(over?: Parameters<typeof policy>[0]): Promise<void>;
  approvePolicy(proposed: object): Promise<PolicyView>;
  /** An application of the operator, or of another one where given; `over` changes it. */
  applyFor(operator?: Person, over?: object): Promise<Reply>;
  /** A grant for the operator; another one where given. */
  grantFor(operator?: Person, over?: object): Promise<string>;
  submit(grant: string, sql?: string, operator?: Person): Promise<JobView>;
  /** Submits and waits until it has run. */
  finish(grant: string, sql?: string): Promise<JobView>;
  job(id: string, token?: string): Promise<JobView>;
  /** Bodies of the events of these kinds, in order. */
  events(...kinds: string[]): any[];
}

export type DomainAppOptions = { readonly directory?: string; readonly parts?: Partial<DomainParts>; readonly start?: boolean; readonly config?: TestAppOptions['config'] };

export async function domainApp(options: DomainAppOptions = {}): Promise<DomainApp> {
  const staging = join(mkdtempSync(join(tmpdir(), 'sluice-staging-')), 'uploads');
  const pool = new FakePool();
  const reported: unknown[] = [];
  let domain: Domain | null = null;
  const app = await testApp({
    ...(options.config !== undefined && { config: options.config }),
    ...(options.directory !== undefined && { directory: options.directory }),
    services: async ({ store, clock, random, limits }) => {
      const opened = openDomain({
        store, clock, random, limits, pool, program: '1', snapshotStore: '/nowhere/snapshots', sealingKey: new Uint8Array(32).fill(7), wallMs: 1000, checkWallMs: 1000, ingestWallMs: 1000,
        staging, uploadLimit: 100_000, concurrency: 2, reserve: 0, elapsed: () => performance.now(), report: (error) => reported.push(error),
        ...options.parts,
      });
      domain = opened;
      return { accounts: null as never, mounts: [(api) => opened.mount(api)], start: () => opened.start(), stop: () => opened.stop() };
    },
  });
  if (domain === null) throw new Error('no domain');
  const opened: Domain = domain;
  if (options.start !== false) await opened.start();
  const { people, store, call } = app;
  const colleagues = { agency: null as Person | null };

  const colleague: DomainApp['colleague'] = async ({ organisation }, role) => {
    const made = await store.transact(CONSOLE, (tx) => {
      const { account } = recordAccount(tx, { login: `${role}-${store.size}`, name: 'Colleague', role, organisation });
      const { secret } = issueToken(tx, account, 'test', SCOPES, new Date(tx.now.getTime() + 30 * 24 * 3600 * 1000).toISOString());
      return ok({ account: account as AccountId, organisation: organisation as OrganisationId, token: secret });
    });
    if (!made.ok) throw new Error('no colleague');
    return made.value;
  };
  const approver = async (): Promise<Person> => (colleagues.agency ??= await colleague(people.agency, 'agency'));

  const upload: DomainApp['upload'] = async (path, token, sent = manifest(), files = { 'residents.csv': 'person,id_number,district,income\na,1,市南区,5\n' }) => {
    const form = new FormData();
    if (sent !== null) form.append('manifest', new Blob([JSON.stringify(sent)], { type: 'application/json' }), 'dataset.json');
    for (const [name, content] of Object.entries(files)) form.append('file', new Blob([content]), name);
    const encoded = new Response(form);
    const headers = { 'content-type': encoded.headers.get('content-type') ?? '' };
    return call('POST', path, { token, headers, body: new Uint8Array(await encoded.arrayBuffer()) });
  };
  const must = (reply: Reply, status: number): Reply => {
    if (reply.status !== status) throw new Error(`expected ${status}, got ${reply.status} ${reply.text}`);
    return reply;
  };
  const approvePolicy: DomainApp['approvePolicy'] = async (proposed) => {
    const { proposal } = must(await call('POST', '/api/v1/policies', { token: people.agency.token, body: proposed }), 201).json;
    return must(await call('POST', `/api/v1/policies/${proposal}/approve`, { token: (await approver()).token }), 200).json;
  };
  const applyFor: DomainApp['applyFor'] = (operator = people.operator, over = {}) => call('POST', '/api/v1/applications', {
    token: operator.token,
    body: { userUnit: '示范市统计局', scenario: '城市规划', columns: COLUMNS, sharing: 'statistics', until: '2026-06-01T00:00:00Z', purpose: 'research', ...over },
  });
  const submit: DomainApp['submit'] = async (grant, sql = 'SELECT 1', operator = people.operator) =>
    must(await call('POST', '/api/v1/jobs', { token: operator.token, body: { grant, sql } }), 201).json;
  const job: DomainApp['job'] = async (id, token = people.operator.token) => must(await call('GET', `/api/v1/jobs/${id}`, { token }), 200).json;

  return {
    ...app, pool, domain: opened, reported, staging, colleague, upload, approvePolicy, applyFor, submit, job,
    publish: async (over = {}) => {
      must(await upload('/api/v1/datasets', people.agency.token, manifest(over.dataset)), 201);
      await approvePolicy(policy(over));
    },
    grantFor: async (operator = people.operator, over = {}) => {
      const { id } = must(await applyFor(operator, over), 201).json as ApplicationView;
      const { grant } = must(await call('POST', `/api/v1/applications/${id}/approve`, { token: people.agency.token, body: {} }), 200).json as ApplicationView;
      return grant ?? '';
    },
    finish: async (grant, sql) => {
      const { id } = await submit(grant, sql);
      await opened.runner.settled();
      return job(id);
    },
    events: (...kinds) => store.entries(0, store.size).map((entry) => JSON.parse(Buffer.from(entry).toString('utf8')).body).filter(({ kind }) => kinds.includes(kind)),
    dispose: async () => {
      await opened.stop();
      await app.dispose();
      rmSync(dirname(staging), { recursive: true, force: true });
    },
  };
}
