/** Rules on every entry's header. */
import { text } from '#contract/text.ts';
import type { Rule } from './rule.ts';

export const sequence: Rule = {
  name: 'sequence',
  claim: text('entries are numbered without gaps', '条目编号连续，没有缺口'),
  start: () => {
    let next = 0;
    return ({ seq }) => {
      const expected = next++;
      return seq === expected ? 'holds' : text(`this entry stands at place ${expected} and calls itself ${seq}`, `该条目位于第 ${expected} 位，却自称第 ${seq} 号`);
    };
  },
};

export const time: Rule = {
  name: 'time',
  claim: text('no entry is older than the one before it', '任何条目的时间都不早于前一条目'),
  start: () => {
    let latest = '';
    return (event) => {
      if (event.time < latest) return text(`this entry says ${event.time}, the one before it ${latest}`, `该条目时间为 ${event.time}，而前一条目为 ${latest}`);
      latest = event.time;
      return 'holds';
    };
  },
};
