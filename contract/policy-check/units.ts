/** Unit kinds: every kind of the dataset has its minimum, no rule is for a kind that does not exist; dominance rules that decide. */
import { describeDominance, implies } from '../policy-dominance.ts';
import type { DominanceRule } from '../policy.ts';
import { policyProblem } from '../policy-problem.ts';
import type { PolicyProblem } from '../policy-problem.ts';
import { kindsOf } from './subject.ts';
import type { PolicySubject } from './subject.ts';

export function checkUnits(subject: PolicySubject): readonly PolicyProblem[] {
  const { policy: { statistics }, manifest, trial } = subject;
  const kinds = kindsOf(manifest);
  const missing = kinds.filter((kind) => !Object.hasOwn(statistics.units, kind)).map((kind) => policyProblem(
    'policy/unit-kind-missing', `statistics.units.${kind}`,
    `The dataset has units of kind “${kind}”; the policy must set a minimum for them.`,
    `数据集包含“${kind}”类主体,策略必须规定其最小数量。`));
  const unknown = trial ? [] : Object.keys(statistics.units).filter((kind) => !kinds.includes(kind)).map((kind) => policyProblem(
    'policy/unknown-unit-kind', `statistics.units.${kind}`,
    `No table of the dataset has units of kind “${kind}”; it has ${kinds.join(', ') || 'none'}.`,
    `数据集中没有“${kind}”类主体;现有:${kinds.join('、') || '无'}。`));
  return [...missing, ...unknown, ...checkDominance(statistics.dominance, 'statistics.dominance', []), ...dominanceWithoutMagnitudes(subject)];
}

/** Rules that are contradictory in themselves, or that another rule of the list (or of `base`) makes pointless. */
export function checkDominance(rules: readonly DominanceRule[], place: string, base: readonly DominanceRule[]): readonly PolicyProblem[] {
  return rules.flatMap((rule, i): readonly PolicyProblem[] => {
    const path = `${place}.${i}`;
    if (rule.rule === 'pq' && rule.p >= rule.q) {
      return [policyProblem('policy/contradiction', path,
        `p (${rule.p}) must be smaller than q (${rule.q}): who already knows a value to within q percent learns nothing from an estimate to within p.`,
        `p(${rule.p})必须小于 q(${rule.q}):已掌握误差 q% 以内的信息者,无法从误差 p% 的估计中获知更多。`)];
    }
    const stronger = rules.find((other, j) => j !== i && implies(other, rule) && !(implies(rule, other) && j > i))
      ?? base.find((other) => implies(other, rule));
    return stronger === undefined ? [] : [policyProblem('policy/never-decides', path,
      `The rule ${describeDominance(rule)} never decides anything: ${describeDominance(stronger)} is at least as strict.`,
      `规则 ${describeDominance(rule)} 永远不会起作用:${describeDominance(stronger)} 至少同样严格。`)];
  });
}

/** Dominance looks at sums: where no measure may be added up, no rule of it can ever fire. */
function dominanceWithoutMagnitudes({ policy: { statistics } }: PolicySubject): readonly PolicyProblem[] {
  const { measures, dominance, overrides } = statistics;
  if (measures === 'any' || Object.values(measures).some((allowed) => allowed.some((statistic) => statistic !== 'count' && statistic !== 'count-distinct'))) return [];
  return [{ rules: dominance, place: 'statistics.dominance' }, ...overrides.map((override, i) => ({ rules: override.dominance ?? [], place: `statistics.overrides.${i}.dominance` }))]
    .filter(({ rules }) => rules.length > 0)
    .map(({ place }) => policyProblem('policy/never-decides', place,
      'The policy allows counts only, so a dominance rule never decides anything.',
      '策略只允许计数,主导性规则永远不会起作用。'));
}
