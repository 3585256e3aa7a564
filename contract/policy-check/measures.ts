/** Measures: columns that exist and can be added up where the policy says so. */
import type { Column } from '../manifest.ts';
import type { Statistic } from '../policy.ts';
import { policyProblem } from '../policy-problem.ts';
import type { PolicyProblem } from '../policy-problem.ts';
import { columnOf, columnProblem, isNumeric } from './subject.ts';
import type { PolicySubject } from './subject.ts';

type Needs = 'anything' | 'number';

const NEEDS = {
  count: 'anything', 'count-distinct': 'anything', min: 'number', max: 'number', quantile: 'number',
  sum: 'number', avg: 'number', stddev: 'number', var: 'number', covar: 'number', corr: 'number', regr: 'number',
} as const satisfies Record<Statistic, Needs>;

export function checkMeasures(subject: PolicySubject): readonly PolicyProblem[] {
  const { measures } = subject.policy.statistics;
  if (measures === 'any') return [];
  return Object.entries(measures).flatMap(([path, allowed]) => {
    const place = `statistics.measures.${path}`;
    const problem = columnProblem(subject, place, path);
    const column = columnOf(subject.manifest, path);
    if (problem !== null) return [problem];
    return column === null ? [] : allowed.flatMap((statistic, i) => checkMeasure(`${place}.${i}`, column, statistic));
  });
}

function checkMeasure(place: string, column: Column, statistic: Statistic): readonly PolicyProblem[] {
  if (column.role === 'identifier') {
    return [policyProblem('policy/bad-measure', place, 'A direct identifier is dropped when data is loaded; it cannot be a measure.', '直接标识符在入库时已删除,不能作为度量。')];
  }
  const needs: Needs = NEEDS[statistic];
  const usable = needs === 'anything' || (column.role !== 'unit' && isNumeric(column));
  return usable ? [] : [policyProblem('policy/bad-measure', place,
    `The statistic ${statistic} needs a numeric column; this one is ${column.role === 'unit' ? 'an identifier of units' : column.type}.`,
    `统计量 ${statistic} 需要数值字段,该字段为${column.role === 'unit' ? '主体标识' : ` ${column.type}`}。`)];
}
