/** The whole story by the command line against a real server: register, approve, apply, ask, read, verify, replay, rebuild. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sluice } from '../support/cli.ts';
import { Service, type Person } from '../support/service.ts';
import { CANARY, CANARY_INCOME, REGISTRABLE, writeTrial } from '../support/trial.ts';

let service: Service;
let people: Record<'proposer' | 'approver' | 'operator' | 'rival' | 'auditor', Person>;
let files: { dataset: string; policy: string };
let grant: string;
let job: string;
/** Everything that anybody was shown. */
let seen = '';

beforeAll(async () => {
  service = new Service(mkdtempSync(join(tmpdir(), 'sluice-e2e-')));
  const tokenFile = join(service.directory, 'admin.token');
  const made = await sluice(['init', '--home', service.home, '--admin-token-file', tokenFile]);
  expect(made.status, made.err).toBe(0);
  expect(statSync(tokenFile).mode & 0o777).toBe(0o600);
  await service.start();
  const admin = service.person('admin');
  const token = readFileSync(tokenFile, 'utf8').trim();
  const organisation = async (name: string) => (await admin.json<{ organisation: string }>(['organisation', 'create', name], 0, { token })).organisation;
  const agency = await organisation('某镇大数据局');
  const company = await organisation('数据运营公司');
  const rivals = await organisation('另一家公司');
  const audit = await organisation('审计局');
  const account = async (name: string, role: string, organisationId: string): Promise<Person> => {
    const person = service.person(name);
    const first = person.file('first.txt', 'provisional-Passw0rd-1');
    const own = person.file('own.txt', OWN_PASSWORD);
    await admin.json(['account', 'create', name, '--role', role, '--organisation', organisationId, '--name', name, '--password-file', first], 0, { token });
    const login = await person.run(['login', name, '--password-file', first, '--new-password-file', own]);
    expect(login.status, login.err).toBe(0);
    return person;
  };
  people = {
    proposer: await account('zhang.wei', 'agency', agency),
    approver: await account('wang.fang', 'agency', agency),
    operator: await account('li.na', 'operator', company),
    rival: await account('liu.yang', 'operator', rivals),
    auditor: await account('chen.jing', 'auditor', audit),
  };
  files = writeTrial(service.directory, { manifest: REGISTRABLE });
}, 120_000);

afterAll(async () => {
  await service.stop();
  rmSync(service.directory, { recursive: true, force: true });
});

async function shown(person: Person, args: readonly string[], status = 0): Promise<string> {
  const ran = await person.run(args);
  seen += ran.out + ran.err;
  expect(ran.status, `${args.join(' ')}: ${ran.err}`).toBe(status);
  return ran.out + ran.err;
}

const OWN_PASSWORD = 'seven brown foxes, 42 fences';
const TOTALS = 'select district, count(*) as n, sum(income) as total from people group by district order by district';

describe('the agency', () => {
  test('registers a dataset; files that contradict the manifest are refused by place', async () => {
    const broken = writeTrial(join(service.directory, 'broken'), { manifest: REGISTRABLE, csv: `id,name,district,age,income\n${CANARY}-1,n,市南,${CANARY},1\n` });
    expect(await shown(people.proposer, ['dataset', 'register', broken.dataset], 1)).toMatch(/age/);
    expect(await shown(people.proposer, ['dataset', 'register', files.dataset])).toContain('people');
    expect(await shown(people.rival, ['dataset', 'list'])).toContain('town');
  });

  test('one person proposes a policy, another approves', async () => {
    const { proposal } = await people.proposer.json<{ proposal: string }>(['policy', 'propose', files.policy]);
    expect(await shown(people.proposer, ['policy', 'approve', proposal], 1)).toMatch(/another person|Approval needs/i);
    await shown(people.approver, ['policy', 'approve', proposal]);
    expect(await shown(people.operator, ['policy', 'list', '--dataset', 'town'])).toContain('town-statistics@1');
    // The parameters of dominance rules are not for operators.
    expect(await shown(people.operator, ['policy', 'show', proposal])).not.toMatch(/"k": 85/);
  });

  test('grants what an operator applied for', async () => {
    const columns = ['town.people.district', 'town.people.income'].flatMap((column) => ['--column', column]);
    const { id } = await people.operator.json<{ id: string }>(['apply', '--unit', '数据运营公司', '--scenario', 'income by district', ...columns, '--until', new Date(Date.now() + 365 * 86_400_000).toISOString().slice(0, 10), '--purpose', 'research']);
    expect(await shown(people.rival, ['application', 'show', id], 1)).toMatch(/not found|no such|Not found/i);
    const approved = await people.approver.json<{ grant: string }>(['application', 'approve', id]);
    grant = approved.grant;
    expect(await shown(people.operator, ['grant', 'list'])).toContain(grant);
    expect(await shown(people.rival, ['grant', 'list'])).not.toContain(grant);
  });
});

describe('the operator', () => {
  test('is told before running what a query needs', async () => {
    expect(await shown(people.operator, ['check', '--grant', grant, '-e', TOTALS])).toContain('It would run as it stands.');
    expect(await shown(people.operator, ['check', '--grant', grant, '-e', 'select age from people'], 1)).toContain('line 1, column 8');
  });

  test('gets a table with its small cells withheld, and the statement', async () => {
    const out = await shown(people.operator, ['job', 'submit', '--grant', grant, '-e', TOTALS, '--wait']);
    expect(out).toMatch(/市南 +30 +\d+/);
    expect(out).toMatch(/崂山 +· +·/);
    expect(out).toContain('town-statistics@1');
    const jobs = await people.operator.json<{ items: { id: string; state: string }[] }>(['job', 'list', '--state', 'released']);
    job = jobs.items[0]!.id;
  });

  test.each([['csv', /^district,n,total/], ['json', /"columns"/], ['arrow', null], ['parquet', /^PAR1/]] as const)('downloads it as %s', async (format, begins) => {
    const out = join(service.directory, `result.${format}`);
    await shown(people.operator, ['job', 'result', job, '--format', format, '--out', out]);
    const bytes = readFileSync(out);
    expect(bytes.length).toBeGreaterThan(50);
    if (begins !== null) expect(bytes.toString('latin1').replace(/^\xef\xbb\xbf/, '')).toMatch(begins);
    seen += bytes.toString('latin1');
  });

  test('is refused what is not granted or hostile, by place and without a value', async () => {
    for (const sql of ['select name from people', 'select age, count(*) from people group by age', "select * from read_csv('people.csv')", `select count(*) from people where income = ${CANARY_INCOME}`]) {
      const out = await shown(people.operator, ['job', 'submit', '--grant', grant, '-e', sql, '--wait'], 1);
      expect(out).toMatch(/\([a-z-]+\/[a-z0-9-]+\)/);
    }
  });

  test("does not exist for another operator", async () => {
    await shown(people.rival, ['job', 'show', job], 1);
    await shown(people.rival, ['job', 'result', job], 1);
    await shown(people.rival, ['job', 'submit', '--grant', grant, '-e', TOTALS], 1);
    expect(await shown(people.rival, ['job', 'list'])).not.toContain(job);
  });
});

describe('the auditor', () => {
  const copy = () => join(service.directory, 'copy');

  test('takes a copy, verifies it offline, and finds what was altered', async () => {
    const kept = people.auditor.file('checkpoint.kept', await (async () => (await people.auditor.run(['audit', 'checkpoint'])).out)());
    await shown(people.operator, ['job', 'submit', '--grant', grant, '-e', 'select count(*) as n from people', '--wait']);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await shown(people.auditor, ['audit', 'export', copy()]);
    expect(await shown(people.auditor, ['audit', 'verify', copy(), '--since', kept])).toContain('Everything that was checked holds.');
    const [bundle] = bundles(join(copy(), 'tile', 'entries'));
    const bytes = readFileSync(bundle!);
    bytes[bytes.indexOf('job.released') + 4] = 'x'.charCodeAt(0);
    writeFileSync(bundle!, bytes);
    expect(await shown(people.auditor, ['audit', 'verify', copy()], 1)).toContain('Violation');
    await shown(people.auditor, ['audit', 'verify', join(service.directory, 'nowhere')], 2);
  });

  test('replays a job to the same digest', async () => {
    const replayed = await people.auditor.json<{ outcome: string; expected: string; actual: string }>(['audit', 'replay', job]);
    expect(replayed).toMatchObject({ outcome: 'matched' });
    expect(replayed.actual).toBe(replayed.expected);
  });

  test('finds the tables to be what the log says', async () => {
    const rebuilt = await sluice(['audit', 'rebuild', '--home', service.home, '--json']);
    expect(rebuilt.status, rebuilt.out).toBe(0);
    expect(JSON.parse(rebuilt.out)).toMatchObject({ identical: true });
  });

  test('changes nothing and reads no result', async () => {
    await shown(people.auditor, ['job', 'result', job], 1);
    await shown(people.auditor, ['grant', 'suspend', grant, '--reason', 'no'], 1);
  });
});

describe('afterwards', () => {
  test('a suspended grant runs nothing, and a restart forgets nothing', async () => {
    await shown(people.approver, ['grant', 'suspend', grant, '--reason', 'a review']);
    expect(await shown(people.operator, ['job', 'submit', '--grant', grant, '-e', TOTALS], 1)).toMatch(/not in force/);
    await service.stop('SIGKILL');
    await service.start();
    for (const person of Object.values(people)) await relogin(person);
    expect(await shown(people.operator, ['job', 'result', job])).toMatch(/市南 +30/);
    await shown(people.approver, ['grant', 'resume', grant, '--reason', 'reviewed']);
    await shown(people.operator, ['job', 'submit', '--grant', grant, '-e', TOTALS, '--wait']);
  });

  test('no canary in anything shown, logged or stored outside the snapshots', async () => {
    expect(await service.stop()).toBe(0);
    const stored = filesBelow(service.home).filter((file) => !file.includes('/snapshots/'));
    expect(stored.length).toBeGreaterThan(5);
    const everything = [seen, service.log, ...stored.map((file) => readFileSync(file, 'latin1'))].join('\n');
    expect(everything).not.toContain(CANARY);
    expect(everything.replaceAll(`income = ${CANARY_INCOME}`, '')).not.toContain(String(CANARY_INCOME));
  });
});

/** The server has another port now, and tokens are kept by server. */
async function relogin(person: Person): Promise<void> {
  const own = person.file('own.txt', OWN_PASSWORD);
  expect((await person.run(['login', person.name, '--password-file', own])).status).toBe(0);
}

const filesBelow = (directory: string): string[] => readdirSync(directory, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));

const bundles = (directory: string): string[] => filesBelow(directory).sort();
