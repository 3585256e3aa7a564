/** Review of held releases: the agency lets them out or keeps them in, with a reason, and takes released ones back. */
import { ReleaseReview, ReleaseState, ReleaseSummary } from '#contract/api/releases.ts';
import { ok } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import { actionCommand } from '../action.ts';
import { call } from '../client.ts';
import { command, type Command } from '../command.ts';
import type { Session } from '../io.ts';
import { fields, listCommand } from '../listing.ts';
import { STATUS, type Outcome } from '../outcome.ts';
import { showEvidence } from '../output/evidence.ts';
import { showExplanation } from '../output/explanation.ts';
import { inLanguage, showStatement, showTable } from '../output/result.ts';

const path = (id: string) => `/releases/${id}`;

export const REVIEW_COMMANDS: readonly Command[] = [
  listCommand({
    name: 'review list',
    summary: text('releases that wait for a reviewer', '等待审核的发布'),
    path: '/releases',
    item: ReleaseSummary,
    filters: { state: { type: 'value', value: ReleaseState.options.join('|'), oneOf: ReleaseState.options, help: text('in this state (default held)', '此状态（默认 held）') } },
    columns: [
      { title: text('job', '作业标识'), show: (one) => one.job },
      { title: text('state', '状态'), show: (one) => one.state },
      { title: text('organisation', '申请单位'), show: (one) => one.organisation },
      { title: text('held since', '开始等待'), show: (one) => one.heldAt },
      { title: text('votes', '已投/需投'), show: (one) => `${one.voted}/${one.reviewers}` },
      { title: text('decided', '决定时间'), show: (one) => one.decidedAt },
    ],
  }),
  command({
    name: 'review show',
    summary: text('what would be released, with the evidence of every cell; looking at it is logged', '查看拟发布内容及各单元依据；查看行为会被记录'),
    positionals: [{ name: 'JOB' }],
    options: {},
    examples: ['review show job_…'],
    run: async (session, _options, [id = '']): Promise<Outcome> => {
      const review = await call(session, 'GET', path(encodeURIComponent(id)), ReleaseReview);
      if (!review.ok) return review;
      if (session.json) session.out(`${JSON.stringify(inLanguage(review.value, session.language))}\n`);
      else showReview(session, review.value);
      return ok(STATUS.done);
    },
  }),
  actionCommand({ name: 'review approve', summary: text('vote for letting a held release out', '同意发布'), id: 'JOB', path: (id) => `${path(id)}/approve`, answer: ReleaseSummary, reason: true, example: 'job_…' }),
  actionCommand({ name: 'review reject', summary: text('vote for keeping a held release in', '不同意发布'), id: 'JOB', path: (id) => `${path(id)}/reject`, answer: ReleaseSummary, reason: true, example: 'job_…' }),
  actionCommand({ name: 'review withdraw', summary: text('take a released result back; it is served no more', '撤回已发布的结果，不再提供'), id: 'JOB', path: (id) => `${path(id)}/withdraw`, answer: ReleaseSummary, reason: true, example: 'job_…' }),
];

function showReview({ language, out }: Session, { table, statement, sql, explanation, evidence, asked, votes: _, ...facts }: ReleaseReview): void {
  const heading = (en: string, zh: string) => `\n${text(en, zh)[language]}\n`;
  out(`${fields({ ...facts, ...asked }, language)}`);
  if (sql !== null) out(`${heading('Query', '查询')}${sql.trim()}\n`);
  if (explanation !== null) out(`${heading('What it does', '查询解释')}${showExplanation(explanation, language)}`);
  out(`${heading('What would be released', '拟发布内容')}${showTable(table, language)}\n${showStatement(statement, language)}`);
  if (evidence === null) out(heading('There is no evidence for this release: decide on the table alone, or reject it.', '该发布没有审核依据：仅可依据结果表决定，或予以驳回。'));
  else out(`\n${showEvidence(evidence, language)}`);
}
