/** Measures: columns that exist and can be added up where the policy says so, and whose values nobody can pick one by one. */
import type { Column } from '../manifest.ts';
import type { Dimension, Statistic } from '../policy.ts';
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
    if (column === null) return [];
    const { dimensions } = subject.policy.statistics;
    const dimension = dimensions === 'any' ? undefined : dimensions[path];
    return allowed.flatMap((statistic, i) => {
      const problems = checkMeasure(`${place}.${i}`, column, statistic);
      return problems.length > 0 ? problems : checkPicked(`${place}.${i}`, path, column, statistic, dimension);
    });
  });
}

/** Among rows with one of two values, chosen by whoever asks, a sum says how many have which; and a regression on them goes through the mean of either. */
const MOMENTS: readonly Statistic[] = ['sum', 'avg', 'stddev', 'var', 'covar', 'corr', 'regr'];

function checkPicked(place: string, path: string, column: Column, statistic: Statistic, dimension: Dimension | undefined): readonly PolicyProblem[] {
  if (dimension === undefined || !MOMENTS.includes(statistic) || !isPicked(path, column, dimension)) return [];
  return [policyProblem('policy/contradiction', place,
    `Single values of “${path}” can be grouped by and filtered on, so that its ${statistic} would tell how many have which; group by bands that hold several values or by a coarser level, or leave ${statistic} out.`,
    `“${path}”可按单个取值分组和筛选,其 ${statistic} 会泄露各取值的主体数;请改为按包含多个取值的区间或更粗的层级分组,或删去 ${statistic}。`)];
}

function isPicked(path: string, column: Column, dimension: Dimension): boolean {
  if ('levels' in dimension) return dimension.levels.includes(path.split('.')[1] ?? '');
  if ('categories' in dimension) return true;
  // Of whole numbers a band of one.
  return column.type.endsWith('int') || column.type === 'integer' ? dimension.bands.some((edge, i) => i > 0 && Number(edge) - Number(dimension.bands[i - 1]) <= 1) : false;
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
