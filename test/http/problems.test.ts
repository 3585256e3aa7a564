import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Problem, PROBLEM_CODES, PROBLEMS, type ProblemCode } from '#contract/problem.ts';
import { problemOf } from '#src/http/problem.ts';
import { text } from '#contract/text.ts';
import { problemsPage } from '../../scripts/problems-page.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const SOURCES = globSync('src/**/*.ts', { cwd: ROOT }).map((path) => readFileSync(ROOT + path, 'utf8')).join('\n');

test.each(PROBLEM_CODES)('%s is raised somewhere', (code) => {
  expect(new RegExp(`(fail\\(|code: )'${code}'`).test(SOURCES)).toBe(true);
});

test('docs/problems.md is the table (make it with: node scripts/problems-page.ts)', () => {
  expect(readFileSync(`${ROOT}docs/problems.md`, 'utf8')).toBe(problemsPage());
});

test('titles are given in both languages, each once, and statuses are errors', () => {
  for (const language of ['en', 'zh'] as const) {
    const titles = PROBLEM_CODES.filter((code) => !code.endsWith('/state')).map((code) => PROBLEMS[code].title[language]);
    expect(new Set(titles).size).toBe(titles.length);
  }
  for (const code of PROBLEM_CODES) expect(PROBLEMS[code].status).toBeGreaterThanOrEqual(400);
});

test('a failure with everything fits the wire form, in either language', () => {
  const failure = {
    code: 'request/invalid' as ProblemCode, detail: text('d', '述'), retryAfter: 3, incident: 'inc_1', entry: 7, errors: [{ at: 'body/x', message: text('m', '讯') }],
    refusals: [{ code: 'sql/a-b', message: text('r', '拒'), position: 3, clause: null, suggestion: text('s', '议') }, { code: 'sql/c', message: text('r', '拒'), position: null, clause: 'limits.x', suggestion: null }],
  };
  expect(Problem.parse(problemOf(failure, 'zh', '/x'))).toEqual({
    type: 'https://sluice.example/problems/request/invalid', title: '请求不符合其模式', status: 422, detail: '述', instance: '/x', code: 'request/invalid',
    retryAfter: 3, incident: 'inc_1', entry: 7, errors: [{ at: 'body/x', message: '讯' }],
    refusals: [{ code: 'sql/a-b', message: '拒', position: 3, clause: null, suggestion: '议' }, { code: 'sql/c', message: '拒', position: null, clause: 'limits.x', suggestion: null }],
  });
  expect(problemOf(failure, 'en', '/x').refusals?.[0]?.suggestion).toBe('s');
});
