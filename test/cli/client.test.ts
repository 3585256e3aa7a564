import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROBLEM_TYPE_BASE } from '#contract/problem.ts';
import { sluice } from '../support/cli.ts';

let directory: string;
beforeAll(() => { directory = mkdtempSync(join(tmpdir(), 'sluice-cli-')); });
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const GRANT = `grant_${'0'.repeat(26)}`;
const JOB = `job_${'1'.repeat(26)}`;
const ORG = `org_${'2'.repeat(26)}`;
const TIME = '2026-11-22T05:00:00.000Z';
const DIGEST = 'a'.repeat(64);

const job = (state: string, more: object = {}) => ({
  id: JOB, grant: GRANT, organisation: ORG, state, sql: 'select 1', datasets: [{ dataset: 'city', version: 1, policyVersion: 2 }],
  submittedAt: TIME, endedAt: null, refusals: [], note: null, cause: null, digest: null, reason: null, ...more,
});

/** Answers in turn; keeps what was asked. */
function server(...answers: { status?: number; body: unknown; headers?: Record<string, string> }[]) {
  const asked: { method: string; path: string; headers: Headers; body: unknown }[] = [];
  const fake: typeof fetch = async (input, init) => {
    const url = new URL(String(input));
    asked.push({ method: init?.method ?? 'GET', path: url.pathname + url.search, headers: new Headers(init?.headers), body: typeof init?.body === 'string' ? JSON.parse(init.body) : init?.body });
    const answer = answers[Math.min(asked.length, answers.length) - 1]!;
    return new Response(answer.status === 204 ? null : typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body), { status: answer.status ?? 200, headers: answer.headers ?? {} });
  };
  return { fetch: fake, asked };
}

describe('requests', () => {
  test('carry token, language and, for creations, a key that makes a repetition harmless', async () => {
    const { fetch, asked } = server({ status: 201, body: job('queued') });
    const ran = await sluice(['job', 'submit', '--grant', GRANT, '-e', 'select 1', '--lang', 'zh'], { fetch, env: { SLUICE_TOKEN: 'secret-token', SLUICE_URL: 'http://sluice.test/' } });
    expect(ran.status).toBe(0);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ method: 'POST', path: '/api/v1/jobs', body: { grant: GRANT, sql: 'select 1' } });
    expect(asked[0]!.headers.get('authorization')).toBe('Bearer secret-token');
    expect(asked[0]!.headers.get('accept-language')).toBe('zh');
    expect(asked[0]!.headers.get('idempotency-key')).toMatch(/^[0-9a-f]{32}$/);
    expect(ran.out + ran.err).not.toContain('secret-token');
  });

  test('what title, detail and errors of a problem say alike is said once', async () => {
    const [title, error] = ['The request does not fit its schema', { at: 'body/grant', message: 'must be an id that starts with grant_' }];
    const problem = { type: `${PROBLEM_TYPE_BASE}request/invalid`, title, status: 422, detail: `${title} at ${error.at}: ${error.message}.`, instance: '/api/v1/jobs', code: 'request/invalid', errors: [error] };
    const other = { at: 'body/sql', message: 'must not be empty' };
    const said = async (body: object): Promise<string> => (await sluice(['job', 'submit', '--grant', 'x', '-e', 'select 1'], { fetch: server({ status: 422, body }).fetch, env: { SLUICE_TOKEN: 't' } })).err;
    expect(await said(problem)).toBe(`sluice: ${problem.detail}\n`);
    expect(await said({ ...problem, errors: [error, other] })).toBe(`sluice: ${problem.detail}\n  ${other.at}: ${other.message}\n`);
  });

  test('an upload that is answered early is left unread; otherwise it arrives as the form that it is', async () => {
    const problem = { type: `${PROBLEM_TYPE_BASE}request/not-found`, title: 'Not found', status: 404, detail: 'There is nothing here.', instance: '/', code: 'request/not-found' };
    const early: typeof fetch = async (_, init) => {
      const reader = (init?.body as ReadableStream<Uint8Array>).getReader();
      await reader.read();
      // As fetch does: while the next piece is being read.
      void reader.read();
      await reader.cancel();
      return new Response(JSON.stringify(problem), { status: 404 });
    };
    const refused = await sluice(['dataset', 'register', 'datasets/adult'], { fetch: early, env: { SLUICE_TOKEN: 't' } });
    expect(refused).toMatchObject({ status: 1 });
    expect(refused.err).toContain('There is nothing here.');

    const names: string[] = [];
    const whole: typeof fetch = async (_, init) => {
      const form = await new Response(init?.body as ReadableStream, { headers: init?.headers as Record<string, string> }).formData();
      for (const [name, value] of form) names.push(`${name} ${(value as File).name} ${(value as File).size > 0}`);
      return new Response(JSON.stringify(problem), { status: 404 });
    };
    await sluice(['dataset', 'register', 'datasets/charities'], { fetch: whole, env: { SLUICE_TOKEN: 't' } });
    expect(names).toEqual(['manifest dataset.json true', 'file charities.csv true']);
  });

  test('--token-file wins over SLUICE_TOKEN; one that cannot be read is said', async () => {
    const { fetch, asked } = server({ body: { items: [], next: null } });
    const file = join(directory, 'token');
    writeFileSync(file, 'from-file\n');
    await sluice(['grant', 'list', '--token-file', file], { fetch, env: { SLUICE_TOKEN: 'from-env' } });
    expect(asked[0]!.headers.get('authorization')).toBe('Bearer from-file');
    const missing = await sluice(['grant', 'list', '--token-file', join(directory, 'none')], { fetch });
    expect(missing).toMatchObject({ status: 2, err: expect.stringContaining('--token-file cannot be read') as string });
  });

  test('waiting asks until the job has ended, then fetches the result', async () => {
    const table = { columns: [{ name: 'n', type: 'BIGINT' }], rows: [['12'], [null]], withheld: [[1, 0]] };
    const statement = { rules: [], withheld: 1, mayOmitRows: false, help: [], sentences: [{ en: 'One value was withheld.', zh: '隐去一个数值。' }] };
    const { fetch, asked } = server(
      { status: 201, body: job('queued') }, { body: job('running') }, { body: job('released', { digest: DIGEST }) },
      { body: { job: JOB, digest: DIGEST, table, statement } },
    );
    const ran = await sluice(['job', 'submit', '--grant', GRANT, '-', '--wait'], { fetch, input: 'select count(*) from t' });
    expect(ran.status).toBe(0);
    expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /api/v1/jobs', `GET /api/v1/jobs/${JOB}?wait=25`, `GET /api/v1/jobs/${JOB}?wait=25`, `GET /api/v1/jobs/${JOB}/result`]);
    expect(ran.out).toContain('·');
    expect(ran.out).toContain('One value was withheld.');
  });

  test('a refused job shows its refusals at their place and ends with status 1', async () => {
    const refusal = { code: 'sql/unknown-column', message: { en: 'No column "secret".', zh: '没有列“secret”。' }, position: 7, clause: null, suggestion: null };
    const { fetch } = server({ status: 201, body: job('queued') }, { body: job('refused', { sql: 'select secret from t', refusals: [refusal] }) });
    const ran = await sluice(['job', 'submit', '--grant', GRANT, '-e', 'select secret from t', '--wait'], { fetch });
    expect(ran.status).toBe(1);
    expect(ran.out).toContain('No column "secret". (sql/unknown-column)\n  line 1, column 8: select secret from t\n                           ^');
  });

  test('a result in another format is written as it came', async () => {
    const { fetch, asked } = server({ body: 'n\n12\n' });
    const out = join(directory, 'result.csv');
    expect((await sluice(['job', 'result', JOB, '--format', 'csv', '--out', out], { fetch })).status).toBe(0);
    expect(asked[0]!.headers.get('accept')).toBe('text/csv');
    expect(readFileSync(out, 'utf8')).toBe('n\n12\n');
  });
});

describe('problems', () => {
  const problem = (status: number, more: object = {}) => ({
    status, headers: { 'content-type': 'application/problem+json' },
    body: { type: `${PROBLEM_TYPE_BASE}grants/not-in-force`, title: 'The grant is not in force', status, detail: 'It ended yesterday.', instance: '/api/v1/jobs', code: 'grants/not-in-force', ...more },
  });
  const cases: [string, { status: number; body: unknown }, number, RegExp][] = [
    ['refusal of a rule', problem(409), 1, /The grant is not in force\. It ended yesterday\./],
    ['fields', problem(422, { errors: [{ at: 'body/sql', message: 'too long' }] }), 1, / {2}body\/sql: too long/],
    ['the server broke down', problem(500, { incident: 'inc_1' }), 3, /incident inc_1/],
    ['not a Sluice server', { status: 404, body: '<html>' }, 1, /The server answered 404 without saying why/],
    ['another version', { status: 200, body: { strange: true } }, 3, /is not what this version of sluice understands/],
  ];
  test.each(cases)('%s', async (_name, answer, status, said) => {
    const { fetch } = server(answer);
    const ran = await sluice(['job', 'show', JOB], { fetch });
    expect(ran.status).toBe(status);
    expect(ran.err).toMatch(said);
  });

  test('--json hands the problem document on', async () => {
    const { fetch } = server(problem(409));
    const ran = await sluice(['job', 'show', JOB, '--json'], { fetch });
    expect(JSON.parse(ran.out)).toMatchObject({ code: 'grants/not-in-force', status: 409 });
  });
});

test('login keeps a token that only the owner can read, and logout forgets it', async () => {
  const account = `acct_${'3'.repeat(26)}`;
  const { fetch, asked } = server(
    { status: 201, body: { session: `sess_${'4'.repeat(26)}`, account, role: 'operator', expires: TIME, idleSeconds: 1800 }, headers: { 'set-cookie': 'sluice=abc; HttpOnly; Path=/' } },
    { body: { account, login: 'li.na', name: '李娜', role: 'operator', organisation: ORG, state: 'enabled', created: TIME, organisationName: null, via: 'session', scopes: ['jobs:read'], expires: TIME } },
    { status: 201, body: { token: `tok_${'5'.repeat(26)}`, account, name: 'sluice login', scopes: ['jobs:read'], issued: TIME, expires: TIME, revoked: null, lastUsed: null, secret: 'kept-secret' } },
    { status: 204, body: '' },
  );
  const env = { XDG_CONFIG_HOME: directory, SLUICE_PASSWORD: 'correct horse', SLUICE_URL: 'http://sluice.test' };
  const ran = await sluice(['login', 'li.na'], { fetch, env });
  expect(ran.err).toContain('Signed in as li.na (operator)');
  expect(ran.status).toBe(0);
  expect(asked[1]!.headers.get('cookie')).toBe('sluice=abc');
  const kept = join(directory, 'sluice', 'token-http_sluice.test');
  expect(readFileSync(kept, 'utf8')).toBe('kept-secret\n');
  expect(statSync(kept).mode & 0o777).toBe(0o600);
  expect(ran.out + ran.err).not.toMatch(/kept-secret|correct horse/);

  const list = server({ body: { items: [], next: null } });
  await sluice(['grant', 'list'], { fetch: list.fetch, env });
  expect(list.asked[0]!.headers.get('authorization')).toBe('Bearer kept-secret');
  await sluice(['logout'], { env });
  expect(() => readFileSync(kept)).toThrow();
});
