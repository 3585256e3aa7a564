/** Grants: what an operator may ask of whose data, until when. */
import { GrantState, GrantView } from '#contract/api/grants.ts';
import { text } from '#contract/text.ts';
import { actionCommand, showCommand } from '../action.ts';
import type { Command } from '../command.ts';
import { listCommand } from '../listing.ts';

const path = (id: string) => `/grants/${id}`;

export const GRANT_COMMANDS: readonly Command[] = [
  listCommand({
    name: 'grant list',
    summary: text('grants that concern you', '与您有关的授权'),
    path: '/grants',
    item: GrantView,
    filters: { state: { type: 'value', value: GrantState.options.join('|'), oneOf: GrantState.options, help: text('only in this state', '仅此状态') } },
    columns: [
      { title: text('grant', '授权标识'), show: (one) => one.id },
      { title: text('state', '状态'), show: (one, language) => (one.expired ? text('expired', '已到期')[language] : one.state) },
      { title: text('datasets', '数据集'), show: (one) => one.datasets.join(' ') },
      { title: text('columns', '列数'), align: 'right', show: (one) => one.columns.length },
      { title: text('purpose', '用途'), show: (one) => one.purpose },
      { title: text('until', '截止时间'), show: (one) => one.until },
    ],
  }),
  showCommand({ name: 'grant show', summary: text('one grant with its columns', '查看授权及其列'), id: 'GRANT', path, answer: GrantView, example: 'grant_…' }),
  actionCommand({ name: 'grant suspend', summary: text('suspend a grant; its running jobs are killed', '暂停授权；正在运行的作业随即终止'), id: 'GRANT', path: (id) => `${path(id)}/suspend`, answer: GrantView, reason: true, example: 'grant_…' }),
  actionCommand({ name: 'grant resume', summary: text('put a suspended grant in force again', '恢复已暂停的授权'), id: 'GRANT', path: (id) => `${path(id)}/resume`, answer: GrantView, reason: true, example: 'grant_…' }),
  actionCommand({ name: 'grant revoke', summary: text('end a grant for good', '撤销授权'), id: 'GRANT', path: (id) => `${path(id)}/revoke`, answer: GrantView, reason: true, example: 'grant_…' }),
];
