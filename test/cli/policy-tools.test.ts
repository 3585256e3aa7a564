/** `sluice policy new`, `presets`, `test` and `dry-run`: offline against files, and against a server that is not real. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Policy } from '#contract/policy.ts';
import { sluice } from '../support/cli.ts';
import { writeTrial } from '../support/trial.ts';

let directory: string;
let files: { dataset: string; policy: string };
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-tools-'));
  files = writeTrial(directory);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('policy presets and policy new', () => {
  test('lists sources in the language asked for', async () => {
    const shown = await sluice(['policy', 'presets', '--lang', 'zh']);
    expect(shown.out).toMatch(/acro: ACRO/);
    expect(JSON.parse((await sluice(['policy', 'presets', '--json'])).out).items.length).toBeGreaterThan(5);
  });

  test('writes a policy that policy check accepts, and leaves a file that exists alone', async () => {
    const out = join(directory, 'new.json');
    const made = await sluice(['policy', 'new', '--preset', 'acro', '--dataset', files.dataset, '--out', out]);
    expect(made.status).toBe(0);
    expect(made.err.split('\n').filter((line) => line.startsWith('warning: '))).toEqual([expect.stringContaining('statistics.secondary is "none"'), expect.stringContaining('statistics.differencing is "none"')]);
    expect((await sluice(['policy', 'new', '--preset', 'acro', '--dataset', files.dataset, '--lang', 'zh'])).err).toMatch(/警告：二次抑制未启用.*\n警告：未启用与历史发布结果的比对/);
    expect(Policy.parse(JSON.parse(readFileSync(out, 'utf8'))).dataset).toBe('town');
    expect((await sluice(['policy', 'check', out, '--dataset', files.dataset])).status).toBe(0);
    const again = await sluice(['policy', 'new', '--preset', 'acro', '--dataset', files.dataset, '--out', out]);
    expect(again).toMatchObject({ status: 2, err: expect.stringContaining('exists') });
  });

  test('says what there is, and why a preset cannot be used', async () => {
    expect(await sluice(['policy', 'new', '--preset', 'nope', '--dataset', files.dataset])).toMatchObject({ status: 1, err: expect.stringContaining('there are abs-datalab') });
    expect(await sluice(['policy', 'new', '--preset', 'strict', '--dataset', files.dataset])).toMatchObject({ status: 1, err: expect.stringContaining('statistics.mechanism') });
  });
});

describe('policy test', () => {
  const write = (tests: object[], dataset = 'town') => {
    const file = join(directory, 'policy.tests.json');
    writeFileSync(file, JSON.stringify({ dataset, tests }));
    return file;
  };
  const byDistrict = 'select district, count(*) as n from people group by district order by district';

  test('runs each test through a temporary domain and says which fails and why', async () => {
    const file = write([
      { name: 'by district', sql: byDistrict, expect: { outcome: 'released', withheld: 2, flags: [{ row: 0, column: 'n' }] } },
      { name: 'single years', sql: 'select count(*) as n from people where age = 33', expect: { outcome: 'refused', code: 'grid/filter' } },
      { name: 'wrongly expected', sql: byDistrict, expect: { outcome: 'released', withheld: 0 } },
    ]);
    const ran = await sluice(['policy', 'test', file, '--dataset', files.dataset]);
    expect(ran.out, ran.err).toBe('✓ by district\n✓ single years\n✗ wrongly expected: 0 values should be withheld, and 2 are.\n2 of 3 tests passed.\n');
    expect(ran.status).toBe(1);
  }, 60_000);

  test('asks for what it needs', async () => {
    const file = write([{ name: 'x', sql: byDistrict, expect: { outcome: 'released' } }], 'city');
    expect(await sluice(['policy', 'test', file])).toMatchObject({ status: 2, err: expect.stringContaining('--dataset DIR') });
    expect(await sluice(['policy', 'test', file, '--dataset', files.dataset])).toMatchObject({ status: 2, err: expect.stringContaining('for the dataset "city"') });
  });
});

describe('against a server', () => {
  const PROPOSAL = `prop_${'0'.repeat(26)}`;
  const server = (...answers: object[]) => {
    const asked: { path: string; body: unknown }[] = [];
    const fake: typeof fetch = async (input, init) => {
      asked.push({ path: new URL(String(input)).pathname, body: typeof init?.body === 'string' ? JSON.parse(init.body) : null });
      return new Response(JSON.stringify(answers[Math.min(asked.length, answers.length) - 1]));
    };
    return { fetch: fake, asked };
  };

  test('a proposal takes its tests along, and they are run there', async () => {
    const run = { at: '2026-11-22T05:00:00.000Z', snapshot: 'a'.repeat(64), current: true, passed: 0, failed: 1, results: [{ name: 'x', passed: false, message: { en: 'It is not.', zh: '不是。' } }] };
    const { fetch, asked } = server({ proposal: PROPOSAL, tests: [], run });
    const ran = await sluice(['policy', 'test', PROPOSAL, '--lang', 'zh'], { fetch });
    expect(asked[0]?.path).toBe(`/api/v1/policies/${PROPOSAL}/test`);
    expect([ran.status, ran.out]).toEqual([1, '✗ x: 不是。\n1 项测试中 0 项通过。\n']);
  });

  test('whoever proposes is told at once which tests fail', async () => {
    const tests = join(directory, 'proposed.tests.json');
    writeFileSync(tests, JSON.stringify({ dataset: 'town', tests: [{ name: 'x', sql: 'select 1', expect: { outcome: 'refused' } }] }));
    const proposed = {
      proposal: PROPOSAL, policy: 'town-statistics', version: 1, dataset: 'town', organisation: `org_${'2'.repeat(26)}`, state: 'proposed', title: null, digest: null, loosens: false, approvalsNeeded: 1, approvals: 0,
      proposedAt: '2026-11-22T05:00:00.000Z', decidedAt: null, document: Policy.parse(JSON.parse(readFileSync(files.policy, 'utf8'))), proposedBy: null, approvedBy: null, reason: null, tests: 1,
    };
    const run = { at: '2026-11-22T05:00:00.000Z', snapshot: 'a'.repeat(64), current: true, passed: 0, failed: 1, results: [{ name: 'x', passed: false, message: { en: 'It is not.', zh: '不是。' } }] };
    const { fetch, asked } = server(proposed, { proposal: PROPOSAL, tests: [], run });
    const ran = await sluice(['policy', 'propose', files.policy, '--tests', tests], { fetch });
    expect(asked.map(({ path }) => path)).toEqual(['/api/v1/policies', `/api/v1/policies/${PROPOSAL}/tests`]);
    expect(asked[0]?.body).toMatchObject({ policy: 'town-statistics', tests: [{ name: 'x' }] });
    expect([ran.status, ran.err]).toEqual([0, 'It cannot be approved as long as these tests fail:\n✗ x: It is not.\n']);
  });

  test('a dry run shows what would come out otherwise', async () => {
    const side = { outcome: 'released', codes: [], withheld: 2, marked: 2, rows: 3 };
    const { fetch, asked } = server({
      dataset: 'town', document: 'a'.repeat(64), changed: 1,
      jobs: [{ job: `job_${'1'.repeat(26)}`, submittedAt: '2026-11-22T05:00:00.000Z', changed: true, before: side, after: { ...side, outcome: 'refused', codes: ['grid/filter'], marked: null, rows: null, withheld: null }, rules: [] }],
    });
    const ran = await sluice(['policy', 'dry-run', files.policy, '--last', '5'], { fetch });
    expect(asked[0]).toMatchObject({ path: '/api/v1/policies:dry-run', body: { last: 5, document: { policy: 'town-statistics' } } });
    expect(ran.out).toMatch(/released, 3 rows, 2 withheld +refused, grid\/filter/);
    expect(ran.out).toContain('1 of 1 jobs would come out otherwise.');
  });
});
