/** Rule on tables published elsewhere: what was entered is compared with for good, unless three people of its agency took it out. */
import { text } from '#contract/text.ts';
import { rule } from './rule.ts';

export const entryWithdrawals = rule(
  'entry-withdrawals',
  text('no entry of the ledger was withdrawn but by one person who proposed it and two others of its agency who approved', '台账录入的撤销均由其数据提供单位的一人提出、另两人批准'),
  () => {
    const entries = new Map<string, { readonly dataset: string; readonly mayGo: boolean; proposedBy: string | null; readonly endorsed: Set<string> }>();
    const entryOf = ({ body }: { body: { entry: string; dataset: string } }) => {
      const entry = entries.get(body.entry);
      if (entry === undefined) return text('it is about an entry that was never made', '所涉录入从未发生');
      return entry.dataset === body.dataset ? entry : text('it is about an entry of another dataset', '所涉录入属于另一数据集');
    };
    return {
      'ledger.entered': ({ body }) => void entries.set(body.entry, { dataset: body.dataset, mayGo: body.published !== undefined, proposedBy: null, endorsed: new Set() }),
      'ledger.withdrawal-proposed': (event) => {
        const entry = entryOf(event);
        if ('en' in entry) return entry;
        if (!entry.mayGo) return text('it is about an entry of a version before withdrawals, which stays', '所涉录入由不支持撤销的早期版本录入，不可撤销');
        entry.proposedBy = event.actor.id;
        entry.endorsed.clear();
        return 'holds';
      },
      'ledger.withdrawal-endorsed': (event) => {
        const entry = entryOf(event);
        if ('en' in entry) return entry;
        if (entry.proposedBy === event.actor.id) return text(`${event.actor.id} approves what they asked for themselves`, `${event.actor.id} 批准了自己提出的事项`);
        entry.endorsed.add(event.actor.id);
        return 'holds';
      },
      'ledger.withdrawal-ended': (event) => {
        const entry = entryOf(event);
        if ('en' in entry) return entry;
        entry.proposedBy = null;
        entry.endorsed.clear();
        return 'holds';
      },
      'ledger.entry-withdrawn': (event) => {
        const entry = entryOf(event);
        if ('en' in entry) return entry;
        const approvers = new Set([...entry.endorsed, event.actor.id]);
        const named = new Set<string>(event.body.approvers);
        if (named.size !== approvers.size || [...named].some((one) => !approvers.has(one))) return text('it names approvers who did not approve, or leaves some out', '所列批准人并未批准，或有遗漏');
        if (entry.proposedBy === null || approvers.has(entry.proposedBy)) return text('whoever proposed it is among those who approved', '提出人位列批准人之中，或从未有人提出');
        return approvers.size >= 2 ? 'holds' : text(`it needs 2 approvals by others and has ${approvers.size}`, `需要 2 名其他人员批准，实际只有 ${approvers.size} 名`);
      },
    };
  },
);
