/** Rules about what is withheld, and about what few units tell apart, under a policy where nothing ever is. Of the policy alone: what other datasets' policies add in one job does not count. */
import { policyProblem } from '../policy-problem.ts';
import type { PolicyProblem } from '../policy-problem.ts';
import type { Statistic, Statistics } from '../policy.ts';
import type { PolicySubject } from './subject.ts';

/** Windows of too few values are withheld under any minimum. */
const TRIMMED: readonly Statistic[] = ['quantile', 'min', 'max'];

export function checkWithholding({ policy: { statistics } }: PolicySubject): readonly PolicyProblem[] {
  const { withhold, review, differencing, secondary, overrides } = statistics;
  const problems: PolicyProblem[] = [];
  if (!mayWithhold(statistics)) {
    const never = (place: string, en: string, zh: string) => problems.push(policyProblem('policy/never-decides', place,
      `No rule of the policy withholds a number, so ${en}.`, `策略中没有任何会隐去数值的规则,${zh}。`));
    if (withhold === 'table') never('statistics.withhold', 'no table is ever withheld with one', '因此不会有整张表随之隐去');
    if (review === 'on-doubt') never('statistics.review', 'there is never a doubt for which a result would be held', '因此不会出现需待审的疑义');
    else overrides.forEach((override, i) => override.review === 'on-doubt' && never(`statistics.overrides.${i}.review`, 'there is never a doubt for which a result would be held', '因此不会出现需待审的疑义'));
  }
  // What `refuse` and `hold` go by: numbers that follow but for 1 … min − 1 units (`sandbox/ledger/follow.ts`), and earlier tables that
  // secondary suppression could not look at. `warn` goes by nothing: it has numbers remembered, for later versions as well.
  const decides = comparesSome(statistics) || (secondary === 'required' && judges(statistics));
  if (!decides && (differencing === 'refuse' || differencing === 'hold')) {
    problems.push(policyProblem('policy/never-decides', 'statistics.differencing',
      `Every minimum of units is below 2, so no number is about too few units more or less than an earlier one, and “${differencing}” never decides anything; use “warn” to have numbers remembered, or “none”.`,
      `各类主体的最小数量均小于 2,不存在与已发布数值相差过少主体的数值,“${differencing}”永远不会起作用;如只需留存记录请用“warn”,否则用“none”。`));
  }
  return problems;
}

/** Whether some cell may fail a rule. */
export const judges = (statistics: Pick<Statistics, 'units' | 'dominance' | 'overrides'>): boolean =>
  statistics.dominance.length > 0 || statistics.overrides.some(({ dominance = [] }) => dominance.length > 0) || minimums(statistics).some((min) => min > 0);

/** Whether there are too few units, and not none, by which a number may differ from an earlier one. */
export const comparesSome = (statistics: Pick<Statistics, 'units' | 'overrides'>): boolean => minimums(statistics).some((min) => min > 1);

const minimums = ({ units, overrides }: Pick<Statistics, 'units' | 'overrides'>): readonly number[] =>
  [units, ...overrides.map((override) => override.units ?? {})].flatMap((of) => Object.values(of).map(({ min }) => min));

/** Whether some number may be withheld, or some group be left out: under noise those that look empty are. */
function mayWithhold(statistics: Statistics): boolean {
  const { mechanism, measures } = statistics;
  return judges(statistics) || mechanism.kind === 'cell-key' || measures === 'any' || Object.values(measures).some((allowed) => allowed.some((statistic) => TRIMMED.includes(statistic)));
}
