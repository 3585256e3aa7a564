/** Quantiles and extremes: levels in order, under a mechanism that has windows, and asked of some measure. */
import type { Statistic } from '../policy.ts';
import { policyProblem } from '../policy-problem.ts';
import type { PolicyProblem } from '../policy-problem.ts';
import type { PolicySubject } from './subject.ts';

const TRIMMED: readonly Statistic[] = ['quantile', 'min', 'max'];

export function checkQuantiles({ policy: { statistics } }: PolicySubject): readonly PolicyProblem[] {
  const { measures, quantileLevels: levels, mechanism } = statistics;
  const problems: PolicyProblem[] = [];
  const listed = measures === 'any' ? [] : Object.entries(measures).flatMap(([column, allowed]) => allowed.flatMap((statistic, i) => (TRIMMED.includes(statistic) ? [{ place: `statistics.measures.${column}.${i}`, statistic }] : [])));
  if (mechanism.kind !== 'suppress') {
    problems.push(...listed.map(({ place, statistic }) => policyProblem('policy/contradiction', place,
      `The statistic ${statistic} is a mean of a few units, which the mechanism “${mechanism.kind}” would make meaningless; it needs the mechanism “suppress”.`,
      `统计量 ${statistic} 是少数主体的均值,机制“${mechanism.kind}”会使其失去意义;该统计量需要机制“suppress”。`)));
  }
  if (levels === undefined) return problems;
  levels.forEach((level, i) => {
    if (i > 0 && Number(level) <= Number(levels[i - 1])) problems.push(policyProblem('policy/contradiction', `statistics.quantileLevels.${i}`, 'Levels of quantiles must ascend.', '分位数水平必须递增。'));
  });
  if (measures !== 'any' && !listed.some(({ statistic }) => statistic === 'quantile')) {
    problems.push(policyProblem('policy/never-decides', 'statistics.quantileLevels', 'No measure lists “quantile”, so its levels decide nothing.', '没有度量列出“quantile”,其水平不起作用。'));
  }
  return problems;
}
