/** The real service as a process, with people of every role, the vault's dataset registered, a policy approved and a grant given. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Policy } from '#contract/policy.ts';
import { sluice } from '../../support/cli.ts';
import { Service, type Person } from '../../support/service.ts';
import { VAULT_MANIFEST, VAULT_POLICY, writeVault } from './vault.ts';

const PASSWORD = 'nine grey herons, 77 ponds';

const REGISTRABLE = {
  ...VAULT_MANIFEST,
  title: { en: 'A vault', zh: '保险库' }, provider: '某市大数据局',
  catalogue: {
    form: 'table', class: '人口', grade: 'L3', sharing: { attribute: 'conditional', reason: '个人信息', basis: '数据安全法' },
    opening: 'conditional', updateFrequency: 'yearly', source: 'made for a test', licence: 'CC0', retention: 'until the test ends',
  },
};

const ROLES = { proposer: ['agency', 0], approver: ['agency', 0], operator: ['operator', 1], rival: ['operator', 2], auditor: ['auditor', 3] } as const;
export type Somebody = keyof typeof ROLES | 'admin';

export interface Answered {
  readonly status: number;
  readonly bytes: Buffer;
  readonly json: any;
}

export class Installation {
  readonly service: Service;
  readonly tokens: Readonly<Record<Somebody, string>>;
  readonly people: Readonly<Record<keyof typeof ROLES, Person>>;
  readonly grant: string;
  /** Status line, headers and body of every answer. */
  readonly answers: Buffer[] = [];

  private constructor(service: Service, tokens: Installation['tokens'], people: Installation['people'], grant: string) {
    this.service = service;
    this.tokens = tokens;
    this.people = people;
    this.grant = grant;
  }

  /** `config`: the service's configuration file. */
  static async open(policy: Policy = VAULT_POLICY, config: object = {}): Promise<Installation> {
    const service = new Service(mkdtempSync(join(tmpdir(), 'sluice-installation-')));
    const tokenFile = join(service.directory, 'admin.token');
    const made = await sluice(['init', '--home', service.home, '--admin-token-file', tokenFile]);
    if (made.status !== 0) throw new Error(made.err);
    writeFileSync(join(service.home, 'config.json'), JSON.stringify(config));
    await service.start();
    const token = readFileSync(tokenFile, 'utf8').trim();
    const admin = service.person('admin');
    const organisations: string[] = [];
    for (const name of ['某市大数据局', '数据运营公司', '另一家公司', '审计局']) organisations.push((await admin.json<{ organisation: string }>(['organisation', 'create', name], 0, { token })).organisation);
    const tokens: Record<string, string> = { admin: token };
    const people: Record<string, Person> = {};
    for (const [name, [role, organisation]] of Object.entries(ROLES)) {
      const person = service.person(name);
      const first = person.file('first.txt', 'provisional-Passw0rd-1');
      await admin.json(['account', 'create', name, '--role', role, '--organisation', organisations[organisation] ?? '', '--name', name, '--password-file', first], 0, { token });
      const login = await person.run(['login', name, '--password-file', first, '--new-password-file', person.file('own.txt', PASSWORD)]);
      if (login.status !== 0) throw new Error(login.err);
      people[name] = person;
      tokens[name] = readFileSync(join(service.directory, name, 'sluice', `token-${service.url.replace(/[^A-Za-z0-9.-]+/g, '_')}`), 'utf8').trim();
    }
    const grant = await publish(service, people as Installation['people'], policy);
    return new Installation(service, tokens as Installation['tokens'], people as Installation['people'], grant);
  }

  /** Rejects where the service is not there. A body that is no text or bytes goes as JSON. */
  async call(who: Somebody | null, method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answered> {
    const raw = body === undefined || typeof body === 'string' || body instanceof Uint8Array || body instanceof FormData;
    const reply = await fetch(`${this.service.url}${path}`, {
      method,
      headers: { ...(who !== null && { authorization: `Bearer ${this.tokens[who]}` }), ...(body !== undefined && !(body instanceof FormData) && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: raw ? body as string | FormData : JSON.stringify(body) }),
    });
    const bytes = Buffer.from(await reply.arrayBuffer());
    this.answers.push(Buffer.concat([Buffer.from(`${reply.status} ${reply.statusText}\n${[...reply.headers].map(([name, value]) => `${name}: ${value}`).join('\n')}\n\n`), bytes]));
    const isJson = /json/.test(reply.headers.get('content-type') ?? '');
    return { status: reply.status, bytes, json: isJson && bytes.length > 0 ? JSON.parse(bytes.toString('utf8')) : undefined };
  }

  async finish(sql: string): Promise<any> {
    const { json } = await this.call('operator', 'POST', '/api/v1/jobs', { grant: this.grant, sql });
    return json?.id === undefined ? json : this.ended(json.id);
  }

  /** The job once it has ended. */
  async ended(id: string): Promise<any> {
    const { json } = await this.call('operator', 'GET', `/api/v1/jobs/${id}?wait=60`);
    if (!['queued', 'running'].includes(json.state)) return json;
    throw new Error(`the job ${id} has no end`);
  }

  async close(): Promise<void> {
    await this.service.stop();
    rmSync(this.service.directory, { recursive: true, force: true });
  }
}

async function publish(service: Service, people: Installation['people'], policy: Policy): Promise<string> {
  const dataset = join(service.directory, 'vault');
  mkdirSync(dataset);
  writeVault(dataset);
  writeFileSync(join(dataset, 'dataset.json'), JSON.stringify(REGISTRABLE));
  const document = join(service.directory, 'policy.json');
  writeFileSync(document, JSON.stringify(policy));
  await people.proposer.json(['dataset', 'register', dataset]);
  const { proposal } = await people.proposer.json<{ proposal: string }>(['policy', 'propose', document]);
  await people.approver.json(['policy', 'approve', proposal]);
  const columns = ['persons.id', 'persons.district', 'persons.age', 'persons.income', 'persons.weight', 'persons.nick', 'persons.score', 'persons.born', 'persons.seen', 'persons.secret', 'visits.person', 'visits.district', 'visits.cost', 'visits.at', 'districts.district', 'districts.region', 'districts.factor'];
  const until = new Date(Date.now() + 365 * 86_400_000).toISOString().slice(0, 10);
  const { id } = await people.operator.json<{ id: string }>(['apply', '--unit', '数据运营公司', '--scenario', 'attack', ...columns.flatMap((column) => ['--column', `vault.${column}`]), '--until', until, '--purpose', 'research']);
  const { grant } = await people.approver.json<{ grant: string }>(['application', 'approve', id]);
  // The agency's own copies are not part of the service.
  rmSync(dataset, { recursive: true });
  return grant;
}

/** The multipart body of an upload. */
export function upload(manifest: unknown, files: Readonly<Record<string, string | Uint8Array<ArrayBuffer>>>): FormData {
  const form = new FormData();
  form.append('manifest', new Blob([typeof manifest === 'string' ? manifest : JSON.stringify(manifest)], { type: 'application/json' }), 'dataset.json');
  for (const [name, content] of Object.entries(files)) form.append('file', new Blob([content]), name);
  return form;
}

export { REGISTRABLE };
