/** Units that withdrew consent or objected: recorded by the agency in batches, and taken back. Identifiers are read, sent and never shown. */
import { WithdrawalRecorded, WithdrawalView } from '#contract/api/withdrawals.ts';
import { ok } from '#contract/result.ts';
import { text, type Text } from '#contract/text.ts';
import { WithdrawalGround, type WithdrawalChange } from '#contract/withdrawal.ts';
import { call } from '../client.ts';
import { command, type Command } from '../command.ts';
import { readText } from '../files.ts';
import { listCommand, showDocument } from '../listing.ts';
import { STATUS, usage, type Outcome } from '../outcome.ts';

const path = (id: string) => `/datasets/${encodeURIComponent(id)}/withdrawals`;

function batchCommand(name: string, summary: Text, change: WithdrawalChange, example: string): Command {
  return command({
    name,
    summary,
    positionals: [{ name: 'DATASET' }, { name: 'FILE' }],
    options: {
      unit: { type: 'value', value: 'KIND', required: true, help: text('kind of the units, as the manifest calls it (person, enterprise, …)', '主体类别，与清单一致（person、enterprise 等）') },
      ground: { type: 'value', value: WithdrawalGround.options.join('|'), oneOf: WithdrawalGround.options, help: text('consent (withdrawn, or given again; default) or objection (raised, or dropped)', 'consent（撤回或重新给予同意，默认）或 objection（提出或放弃反对）') },
    },
    notes: text(
      'FILE has one identifier in each line, as the dataset’s own file has them in the column of the unit (- is standard input). The whole file is one batch. The list counts for every dataset of your agency, from the next job on; what was released before stands.',
      'FILE 每行一个标识，与数据集文件中主体字段的写法一致（- 为标准输入）。整个文件作为一个批次。名单自下一个作业起对本单位的全部数据集生效；此前的发布不受影响。',
    ),
    examples: [example],
    run: async (session, { unit, ground = 'consent' }, [dataset = '', file = '']): Promise<Outcome> => {
      const read = await readText(session, file);
      if (!read.ok) return read;
      const identifiers = read.value.replace(/^\uFEFF/, '').split(/\r?\n/).filter((line) => line !== '');
      if (identifiers.length === 0) return usage(`${file} holds no identifier.`, `${file} 中没有标识。`);
      const recorded = await call(session, 'POST', path(dataset), WithdrawalRecorded, { body: { unit, change, ground, identifiers } });
      if (!recorded.ok) return recorded;
      showDocument(session, recorded.value);
      const { unknown } = recorded.value;
      if (unknown > 0) {
        session.err(`${text(
          `${unknown} of them have no row in the snapshot in force. They are on the list all the same; if they should be in the data, compare how the file writes them.`,
          `其中 ${unknown} 个在现行快照中没有记录，但仍已列入名单；若其本应在数据中，请核对标识的写法。`,
        )[session.language]}\n`);
      }
      return ok(STATUS.done);
    },
  });
}

export const WITHDRAWAL_COMMANDS: readonly Command[] = [
  batchCommand('dataset withdraw-units', text('record that persons (or other units) withdrew consent or objected; later jobs run without them', '记录个人（或其他主体）撤回同意或提出反对，此后的作业不再包含其数据'), 'withdraw', 'dataset withdraw-units city withdrawn.txt --unit person'),
  batchCommand('dataset reinstate-units', text('take units off the withdrawal list again', '将主体从撤回名单中移除'), 'reinstate', 'dataset reinstate-units city back.txt --unit person --ground consent'),
  listCommand({
    name: 'dataset withdrawals',
    summary: text('batches of the withdrawal list that count in a dataset', '对数据集生效的撤回名单批次'),
    id: 'DATASET',
    path,
    item: WithdrawalView,
    columns: [
      { title: text('batch', '批次'), show: (one) => one.batch },
      { title: text('recorded', '记录时间'), show: (one) => one.at },
      { title: text('through', '经由数据集'), show: (one) => one.dataset },
      { title: text('unit', '主体类别'), show: (one) => one.unit },
      { title: text('change', '变更'), show: (one, language) => CHANGES[one.change][language] },
      { title: text('ground', '依据'), show: (one, language) => GROUNDS[one.ground][language] },
      { title: text('units', '主体数'), align: 'right', show: (one) => one.units },
    ],
    examples: ['dataset withdrawals city'],
  }),
];

const CHANGES = { withdraw: text('withdrawn', '撤回'), reinstate: text('reinstated', '恢复') } as const satisfies Record<WithdrawalChange, Text>;
const GROUNDS = { consent: text('consent', '同意'), objection: text('objection', '反对') } as const satisfies Record<WithdrawalGround, Text>;
