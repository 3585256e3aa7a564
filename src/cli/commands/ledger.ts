/** The disclosure ledger: what was published elsewhere is entered, so that later releases are compared with it; listed; withdrawn where it was a mistake. */
import { LedgerEntryState, LedgerEntrySummary, LedgerEntryView, PublishedTable } from '#contract/api/ledger.ts';
import { ok } from '#contract/result.ts';
import { text, type Text } from '#contract/text.ts';
import { actionCommand, showCommand } from '../action.ts';
import { call } from '../client.ts';
import { command, type Command } from '../command.ts';
import { readDocument } from '../files.ts';
import { listCommand, showDocument } from '../listing.ts';
import { STATUS, type Outcome } from '../outcome.ts';

const PATH = '/ledger/entries';
const path = (id: string) => `${PATH}/${id}`;

export const LEDGER_COMMANDS: readonly Command[] = [
  command({
    name: 'ledger enter',
    summary: text('enter a table of counts or totals published elsewhere; later releases are compared with it', '录入在别处公布的计数表或合计表，此后的发布将与其比对'),
    positionals: [{ name: 'FILE' }],
    options: {},
    notes: text(
      'FILE is JSON (- is standard input): {"dataset", "source": where and when it was published, "table", "groups": columns as a query names them, "measure": the column that totals are of (not for counts alone), "roundedTo": {"count", "total"} where numbers were rounded, "cells": [{"keys": […], "count": n, "total": "…"}]}. Totals are text, in the unit of the column and not in thousands of it. Rounded numbers are compared as if they were exact. A mistake is corrected by ledger withdraw and a new entry.',
      'FILE 为 JSON（- 为标准输入）：{"dataset", "source"：公布的出处与时间, "table", "groups"：查询中所用的列名, "measure"：合计所针对的列（仅计数时省略）, "roundedTo"：数值经舍入时的 {"count", "total"}, "cells": [{"keys": […], "count": n, "total": "…"}]}。合计值为文本，按该列的单位填写，不以千计。经舍入的数值按精确值比对。录入有误时，用 ledger withdraw 撤销后重新录入。',
    ),
    examples: ['ledger enter yearbook-2025.json'],
    run: async (session, _options, [file = '']): Promise<Outcome> => {
      const table = await readDocument(session, file, PublishedTable);
      if (!table.ok) return table;
      const entered = await call(session, 'POST', PATH, LedgerEntryView, { body: table.value });
      if (!entered.ok) return entered;
      showDocument(session, entered.value);
      return ok(STATUS.done);
    },
  }),
  listCommand({
    name: 'ledger entries',
    summary: text('what was entered into the ledger, by whom and when; no numbers', '台账录入记录：录入人与时间，不含数值'),
    path: PATH,
    item: LedgerEntrySummary,
    filters: {
      dataset: { type: 'value', value: 'DATASET', help: text('only of this dataset', '仅此数据集') },
      state: { type: 'value', value: LedgerEntryState.options.join('|'), oneOf: LedgerEntryState.options, help: text('only in this state', '仅此状态') },
    },
    columns: [
      { title: text('entry', '录入标识'), show: (one) => one.entry },
      { title: text('entered', '录入时间'), show: (one) => one.enteredAt },
      { title: text('by', '录入人'), show: (one) => one.enteredBy },
      { title: text('dataset', '数据集'), show: (one) => one.dataset },
      { title: text('source', '出处'), show: (one) => one.source },
      { title: text('cells', '单元格数'), align: 'right', show: (one) => one.cells },
      { title: text('state', '状态'), show: (one, language) => STATES[one.state][language] },
    ],
    examples: ['ledger entries --dataset city'],
  }),
  showCommand({ name: 'ledger show', summary: text('one entry, with its digest and without its numbers', '查看一条录入：含摘要，不含数值'), id: 'ENTRY', path, answer: LedgerEntrySummary, example: 'entry_…' }),
  actionCommand({
    name: 'ledger withdraw', summary: text('propose to withdraw an entry made by mistake; two others approve', '提出撤销误录的条目，由另两人批准'), id: 'ENTRY', path: (id) => `${path(id)}/withdraw`, answer: LedgerEntrySummary, reason: true, example: 'entry_…',
  }),
  actionCommand({ name: 'ledger approve', summary: text('approve the withdrawal of an entry; the second approval takes it out', '批准撤销录入，第二次批准后生效'), id: 'ENTRY', path: (id) => `${path(id)}/approve`, answer: LedgerEntrySummary, example: 'entry_…' }),
  actionCommand({ name: 'ledger keep', summary: text('keep an entry that somebody wants withdrawn', '保留他人提出撤销的录入'), id: 'ENTRY', path: (id) => `${path(id)}/keep`, answer: LedgerEntrySummary, reason: true, example: 'entry_…' }),
];

const STATES = {
  entered: text('entered', '已录入'), proposed: text('withdrawal proposed', '已提出撤销'), endorsed: text('withdrawal approved by one', '撤销已获一人批准'), withdrawn: text('withdrawn', '已撤销'),
} as const satisfies Record<LedgerEntryState, Text>;
