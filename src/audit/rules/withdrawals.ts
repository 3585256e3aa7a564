/** Rules on units that withdrew: the list is a chain, and nothing was computed past it. */
import type { EventOf } from '#contract/event.ts';
import { nextHead } from '#contract/chain.ts';
import { text } from '#contract/text.ts';
import { rule } from './rule.ts';

export const withdrawals = rule(
  'withdrawals',
  text('every batch of the withdrawal list was added to the list that was there, and every job was accepted and every result computed on the list in force', '撤回名单的每个批次均以当时的名单为基础追加；每个作业的受理与每项结果的计算均依据当时有效的名单'),
  () => {
    let head: string | null = null;
    const heads = new Set<string | null>([null]);
    const add = ({ body }: EventOf<'units.withdrawn' | 'units.reinstated'>) => {
      if (body.withdrawals !== head) return text('it was added to another state of the list', '其追加所依据的名单状态与当时不符');
      if (nextHead(body.withdrawals, body.list.addition) !== body.list.head) return text('the new head of the list is not that of its addition', '名单的新头与所追加的内容不符');
      head = body.list.head;
      heads.add(head);
      return 'holds' as const;
    };
    const onTheList = ({ body }: { body: { withdrawals?: string | null | undefined } }) =>
      ((body.withdrawals ?? null) === head ? 'holds' as const : text('it rests on another list of withdrawals than the one in force', '其所依据的撤回名单并非当时有效的名单'));
    return {
      'units.withdrawn': add, 'units.reinstated': add,
      'job.accepted': onTheList, 'job.released': onTheList, 'job.held': onTheList,
      'ledger.entered': ({ body }) => (heads.has(body.withdrawals ?? null) ? 'holds' : text('it rests on a list of withdrawals that there never was', '其所依据的撤回名单从未存在')),
    };
  },
);
