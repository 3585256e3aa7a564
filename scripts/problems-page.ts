/** Writes docs/problems.md from the table of problems: `node scripts/problems-page.ts`. A test compares the two. */
import { writeFileSync } from 'node:fs';
import { PROBLEM_TYPE_BASE, PROBLEMS } from '#contract/problem.ts';

export function problemsPage(): string {
  const areas = Object.groupBy(Object.entries(PROBLEMS), ([code]) => code.slice(0, code.indexOf('/')));
  const sections = Object.entries(areas).map(([area, problems = []]) => [
    `## ${area}`, '', '| code | status | title | 标题 |', '|---|---|---|---|',
    ...problems.map(([code, { status, title }]) => `| \`${code}\` | ${status} | ${title.en} | ${title.zh} |`), '',
  ].join('\n'));
  return [
    '# Problems', '',
    'Every failure of the HTTP API is an RFC 9457 document, `application/problem+json`, in English or Chinese (`Accept-Language`, or `?lang=en|zh`).',
    `Its \`type\` is \`${PROBLEM_TYPE_BASE}<code>\`; codes are stable. \`detail\` says what, where, which rule, and what would be allowed.`,
    '`errors` lists places in the request, `refusals` places in the operator’s SQL; `retryAfter` is in seconds, `limit` has the name and the value of the setting `limits.…` that was reached.', '',
    'Made from `contract/problem.ts` by `scripts/problems-page.ts`.', '',
    ...sections,
  ].join('\n');
}

if (import.meta.main) writeFileSync(new URL('../docs/problems.md', import.meta.url), problemsPage());
