/** Review of held releases: the agency lets them out or keeps them in, with a reason. */
import { ReleaseReview, ReleaseState, ReleaseSummary } from '#contract/api/releases.ts';
import { ok } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import { actionCommand } from '../action.ts';
import { call } from '../client.ts';
import { command, type Command } from '../command.ts';
import { fields, listCommand } from '../listing.ts';
import { STATUS, type Outcome } from '../outcome.ts';
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
      { title: text('decided', '决定时间'), show: (one) => one.decidedAt },
    ],
  }),
  command({
    name: 'review show',
    summary: text('what would be released; looking at it is logged', '查看拟发布内容；查看行为会被记录'),
    positionals: [{ name: 'JOB' }],
    options: {},
    examples: ['review show job_…'],
    run: async (session, _options, [id = '']): Promise<Outcome> => {
      const review = await call(session, 'GET', path(encodeURIComponent(id)), ReleaseReview);
      if (!review.ok) return review;
      const { table, statement, sql, ...facts } = review.value;
      if (session.json) session.out(`${JSON.stringify(inLanguage(review.value, session.language))}\n`);
      else {
        session.out(`${fields(facts, session.language)}\n${sql === null ? '' : `${sql.trim()}\n\n`}`);
        session.out(`${showTable(table, session.language)}\n${showStatement(statement, session.language)}`);
      }
      return ok(STATUS.done);
    },
  }),
  actionCommand({ name: 'review approve', summary: text('let a held release out', '批准发布'), id: 'JOB', path: (id) => `${path(id)}/approve`, answer: ReleaseSummary, reason: true, example: 'job_…' }),
  actionCommand({ name: 'review reject', summary: text('keep a held release in', '不予发布'), id: 'JOB', path: (id) => `${path(id)}/reject`, answer: ReleaseSummary, reason: true, example: 'job_…' }),
];
