/** The mechanism's parameters, and rules that it makes pointless. */
import { SHIPPED_TABLES } from '../perturbation-table.ts';
import { hasTable, LEAST_VARIANCE, mostForbidden, mostVariance } from '../noise-parameters.ts';
import { assertNever } from '../result.ts';
import { policyProblem } from '../policy-problem.ts';
import type { PolicyProblem } from '../policy-problem.ts';
import type { PolicySubject } from './subject.ts';
import { judges } from './withholding.ts';

const PLACE = 'statistics.mechanism';

export function checkMechanism({ policy: { statistics }, trial, tables }: PolicySubject): readonly PolicyProblem[] {
  const { mechanism } = statistics;
  const problems: PolicyProblem[] = [];
  switch (mechanism.kind) {
    case 'suppress':
    case 'round': {
      if (!trial && statistics.dimensions === 'any') {
        problems.push(policyProblem('policy/no-grid', 'statistics.dimensions',
          `The mechanism “${mechanism.kind}” releases exact statistics, which need a grid: list the columns that may be grouped by and filtered on, and how finely.`,
          `机制“${mechanism.kind}”输出精确统计值,必须声明维度网格:列出可分组、可筛选的字段及其粒度。`));
      }
      if (statistics.secondary === 'required' && !judges(statistics)) {
        problems.push(policyProblem('policy/never-decides', 'statistics.secondary',
          'No rule of the policy withholds a cell, so there is nothing for secondary suppression to protect.',
          '策略中没有任何会隐去单元格的规则,二次抑制没有保护对象。'));
      }
      if (mechanism.kind === 'round' && mechanism.method === 'midpoint' && mechanism.base % 2 !== 0) {
        problems.push(policyProblem('policy/bad-mechanism', `${PLACE}.base`, 'Midpoint rounding needs an even base.', '中点舍入要求基数为偶数。'));
      }
      break;
    }
    case 'cell-key': {
      const parameters = [mechanism.variance, mechanism.maxDeviation].filter((p) => p !== undefined).length;
      if (mechanism.table !== undefined && (parameters > 0 || mechanism.js !== undefined)) {
        problems.push(policyProblem('policy/contradiction', PLACE, 'Cell-key noise has either a table or parameters (variance, maxDeviation, js), not both.', '单元键加噪只能使用扰动表或参数(variance、maxDeviation、js)之一。'));
      } else if (mechanism.table === undefined && parameters < 2) {
        problems.push(policyProblem('policy/bad-mechanism', PLACE, 'Cell-key noise needs a table, or both variance and maxDeviation.', '单元键加噪需要扰动表,或同时给出 variance 与 maxDeviation。'));
      }
      if (mechanism.table !== undefined) problems.push(...checkTable(mechanism.table, tables));
      if (mechanism.variance !== undefined && mechanism.maxDeviation !== undefined) problems.push(...checkNoise(Number(mechanism.variance), mechanism.maxDeviation, mechanism.js ?? 0));
      if (statistics.secondary === 'required') {
        problems.push(policyProblem('policy/contradiction', 'statistics.secondary', 'Secondary suppression protects exact cells; cell-key noise has none.', '二次抑制用于保护精确单元格,而单元键加噪不输出精确值。'));
      }
      break;
    }
    case 'differential-privacy': {
      if (!(Number(mechanism.epsilon) > 0)) problems.push(policyProblem('policy/bad-mechanism', `${PLACE}.epsilon`, 'epsilon must be above 0.', 'epsilon 必须大于 0。'));
      if (mechanism.delta !== undefined && !(Number(mechanism.delta) > 0 && Number(mechanism.delta) < 1)) {
        problems.push(policyProblem('policy/bad-mechanism', `${PLACE}.delta`, 'delta must lie between 0 and 1.', 'delta 必须介于 0 与 1 之间。'));
      }
      if (statistics.differencing !== 'none') {
        problems.push(policyProblem('policy/contradiction', 'statistics.differencing', 'Under differential privacy no decision may look at exact data, so the check against earlier releases does not apply.', '差分隐私下任何决定都不得依据精确数据,因此不适用与历史发布结果的差分检查。'));
      }
      break;
    }
    default: return assertNever(mechanism);
  }
  return problems;
}

/** So many names are listed. */
const MAX_NAMED = 20;

/** Every table has a digest as well; names are what people look for. */
function checkTable(table: string, loaded: readonly string[]): readonly PolicyProblem[] {
  if (SHIPPED_TABLES.includes(table) || loaded.includes(table)) return [];
  const named = [...SHIPPED_TABLES, ...loaded.filter((name) => !name.startsWith('sha256:'))];
  const listed = (separator: string) => `${named.slice(0, MAX_NAMED).join(separator)}${named.length > MAX_NAMED ? ' …' : ''}`;
  return [policyProblem('policy/unknown-perturbation-table', `${PLACE}.table`,
    `There is no perturbation table “${table}”; there are ${listed(', ')}. A table of the agency's own is loaded first (sluice perturbation-table add) and then named, or referred to as sha256:….`,
    `没有扰动表“${table}”;现有:${listed('、')}。本单位自有的扰动表须先载入(sluice perturbation-table add),再以名称或 sha256:… 引用。`)];
}

/** Problems are told with what would be allowed; the variance only where js is. */
function checkNoise(variance: number, maxDeviation: number, js: number): readonly PolicyProblem[] {
  const forbidden = mostForbidden(maxDeviation);
  if (js > forbidden) {
    return [policyProblem('policy/bad-mechanism', `${PLACE}.js`,
      `No noise of at most ${maxDeviation} keeps all counts of 1 to ${js} from coming out and the mean as it is: with maxDeviation ${maxDeviation}, js can be 0 to ${forbidden}; js ${js} needs a maxDeviation of at least ${Math.max(2, js)}.`,
      `幅度不超过 ${maxDeviation} 的噪声无法在保持均值不变的同时使计数 1 至 ${js} 均不出现:maxDeviation 为 ${maxDeviation} 时,js 可取 0 至 ${forbidden};js 为 ${js} 时,maxDeviation 至少为 ${Math.max(2, js)}。`)];
  }
  if (hasTable(variance, maxDeviation, js)) return [];
  const most = mostVariance(maxDeviation, js);
  return [policyProblem('policy/bad-mechanism', `${PLACE}.variance`,
    `Noise with maxDeviation ${maxDeviation} and js ${js} cannot have this variance, or would be as good as none with it: the variance can be ${LEAST_VARIANCE} to ${most}.`,
    `maxDeviation 为 ${maxDeviation}、js 为 ${js} 的噪声无法具有该方差,或在该方差下几乎不起作用:方差可取 ${LEAST_VARIANCE} 至 ${most}。`)];
}
