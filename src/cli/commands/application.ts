/** Applications: an operator asks for data with the five legal fields, the agency decides. */
import { Apply, ApplicationState, ApplicationView } from '#contract/api/applications.ts';
import { ok } from '#contract/result.ts';
import { SharingMode } from '#contract/sharing-mode.ts';
import { text } from '#contract/text.ts';
import { actionCommand, showCommand } from '../action.ts';
import { call } from '../client.ts';
import { command, type Command } from '../command.ts';
import { readDocument } from '../files.ts';
import { listCommand, showDocument } from '../listing.ts';
import { STATUS, usage, type Outcome } from '../outcome.ts';

const path = (id: string) => `/applications/${id}`;

/** A date alone means its last second in UTC. */
const untilOf = (date: string): string => (/^\d{4}-\d{2}-\d{2}$/.test(date) ? `${date}T23:59:59Z` : date);

const apply = command({
  name: 'apply',
  summary: text('apply for data', '申请数据'),
  positionals: [{ name: 'FILE', optional: true }],
  options: {
    unit: { type: 'value', value: 'TEXT', help: text('who uses what comes out (使用单位)', '使用单位') },
    scenario: { type: 'value', value: 'TEXT', help: text('in which scenario (应用场景)', '应用场景') },
    column: { type: 'value', value: 'DATASET.TABLE.COLUMN', multiple: true, help: text('data asked for (所需数据)', '所需数据') },
    sharing: { type: 'value', value: SharingMode.options.join('|'), oneOf: SharingMode.options, help: text('sharing mode (共享模式; default statistics)', '共享模式（默认 statistics）') },
    until: { type: 'value', value: 'DATE', help: text('when the grant ends (截止时间)', '截止时间') },
    purpose: { type: 'value', value: 'CODE', help: text('purpose, one that the policy allows', '用途，须为策略允许的用途') },
  },
  notes: text('FILE is a JSON document with the fields userUnit, scenario, columns, sharing, until, purpose; without it, all options are needed.', 'FILE 为含 userUnit、scenario、columns、sharing、until、purpose 字段的 JSON 文档；不给文件时须给出全部选项。'),
  examples: [
    'apply --unit 青岛大学 --scenario 城市规划研究 --column city.residents.district --column city.residents.income --until 2027-12-31 --purpose public-benefit',
    'apply application.json',
  ],
  run: async (session, options, [file]): Promise<Outcome> => {
    const { unit, scenario, column, sharing, until, purpose } = options;
    let body: Apply;
    if (file !== undefined) {
      const read = await readDocument(session, file, Apply);
      if (!read.ok) return read;
      body = read.value;
    } else {
      if (unit === undefined || scenario === undefined || until === undefined || purpose === undefined || column.length === 0) {
        return usage('"apply" needs a FILE, or all of --unit, --scenario, --column, --until and --purpose.', '“apply”需要一个 FILE，或同时给出 --unit、--scenario、--column、--until、--purpose。');
      }
      body = { userUnit: unit, scenario, columns: [...column], sharing: (sharing ?? 'statistics') as SharingMode, until: untilOf(until), purpose };
    }
    const submitted = await call(session, 'POST', '/applications', ApplicationView, { body });
    if (!submitted.ok) return submitted;
    showDocument(session, submitted.value);
    return ok(STATUS.done);
  },
});

const approve = command({
  name: 'application approve',
  summary: text('approve an application, in whole or in part; a grant is issued', '批准申请（可部分批准）；随即签发授权'),
  positionals: [{ name: 'APPLICATION' }],
  options: {
    column: { type: 'value', value: 'DATASET.TABLE.COLUMN', multiple: true, help: text('only these columns', '仅批准这些列') },
    until: { type: 'value', value: 'DATE', help: text('an earlier end', '提前的截止时间') },
  },
  examples: ['application approve app_…', 'application approve app_… --until 2027-06-30'],
  run: async (session, { column, until }, [id = '']): Promise<Outcome> => {
    const body = { ...(column.length > 0 && { columns: column }), ...(until !== undefined && { until: untilOf(until) }) };
    const approved = await call(session, 'POST', `${path(encodeURIComponent(id))}/approve`, ApplicationView, { body });
    if (!approved.ok) return approved;
    showDocument(session, approved.value);
    return ok(STATUS.done);
  },
});

export const APPLICATION_COMMANDS: readonly Command[] = [
  apply,
  listCommand({
    name: 'application list',
    summary: text('applications that concern you', '与您有关的申请'),
    path: '/applications',
    item: ApplicationView,
    filters: { state: { type: 'value', value: ApplicationState.options.join('|'), oneOf: ApplicationState.options, help: text('only in this state', '仅此状态') } },
    columns: [
      { title: text('application', '申请标识'), show: (one) => one.id },
      { title: text('state', '状态'), show: (one) => one.state },
      { title: text('used by', '使用单位'), show: (one) => one.userUnit },
      { title: text('purpose', '用途'), show: (one) => one.purpose },
      { title: text('columns', '列数'), align: 'right', show: (one) => one.columns.length },
      { title: text('until', '截止时间'), show: (one) => one.until },
      { title: text('grant', '授权标识'), show: (one) => one.grant },
    ],
  }),
  showCommand({ name: 'application show', summary: text('one application with all its fields', '查看申请全部内容'), id: 'APPLICATION', path, answer: ApplicationView, example: 'app_…' }),
  approve,
  actionCommand({ name: 'application reject', summary: text('reject an application', '驳回申请'), id: 'APPLICATION', path: (id) => `${path(id)}/reject`, answer: ApplicationView, reason: true, example: 'app_…' }),
  actionCommand({ name: 'application withdraw', summary: text('take an own application back', '撤回自己的申请'), id: 'APPLICATION', path: (id) => `${path(id)}/withdraw`, answer: ApplicationView, example: 'app_…' }),
];
