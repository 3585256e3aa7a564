/** Overrides: for something that exists and can be used, only ever stricter than the base, and each with something to decide. */
import { own } from '../own.ts';
import type { Override, Statistics } from '../policy.ts';
import { policyProblem } from '../policy-problem.ts';
import type { PolicyProblem } from '../policy-problem.ts';
import { checkShadowed, REVIEWS } from './shadowed.ts';
import { columnProblem, unknownTable } from './subject.ts';
import type { PolicySubject } from './subject.ts';
import { checkDominance } from './units.ts';

export function checkOverrides(subject: PolicySubject): readonly PolicyProblem[] {
  const { overrides } = subject.policy.statistics;
  return [...overrides.flatMap((override, i) => checkOverride(subject, `statistics.overrides.${i}`, override)), ...checkShadowed(overrides, 'statistics.overrides')];
}

function checkOverride(subject: PolicySubject, place: string, override: Override): readonly PolicyProblem[] {
  const { statistics } = subject.policy;
  const problems: PolicyProblem[] = [...targetProblems(subject, place, override)];

  for (const [kind, { min }] of Object.entries(override.units ?? {})) {
    const base = own(statistics.units, kind);
    const path = `${place}.units.${kind}`;
    if (base === undefined) {
      problems.push(policyProblem('policy/unknown-unit-kind', path, `The policy sets no minimum for units of kind “${kind}” that could be made stricter.`, `策略未对“${kind}”类主体规定最小数量,无从收紧。`));
    } else if (min <= base.min) {
      problems.push(policyProblem('policy/looser-override', `${path}.min`,
        `An override may only be stricter: ${min} is not above the base minimum of ${base.min}.`, `覆盖规则只能更严格:${min} 未高于基础最小值 ${base.min}。`));
    }
  }
  problems.push(...checkDominance(override.dominance ?? [], `${place}.dominance`, statistics.dominance)
    .map((problem) => (problem.code === 'policy/never-decides' ? { ...problem, code: 'policy/looser-override' as const } : problem)));
  if (override.review !== undefined && REVIEWS.indexOf(override.review) <= REVIEWS.indexOf(statistics.review)) {
    problems.push(policyProblem('policy/looser-override', `${place}.review`,
      `An override may only be stricter: “${override.review}” is not above “${statistics.review}”.`, `覆盖规则只能更严格:“${override.review}”并不高于“${statistics.review}”。`));
  }
  if (override.units === undefined && override.dominance === undefined && override.review === undefined) {
    problems.push(policyProblem('policy/never-decides', place, 'The override changes nothing.', '该覆盖规则没有改变任何内容。'));
  }
  return problems;
}

function targetProblems(subject: PolicySubject, place: string, override: Override): readonly PolicyProblem[] {
  if (override.column !== undefined) {
    const problem = columnProblem(subject, `${place}.column`, override.column);
    if (problem !== null) return [problem];
    return isReachable(subject.policy.statistics, (path) => path === override.column) ? [] : [unreachable(`${place}.column`)];
  }
  const { table = '' } = override;
  if (!Object.hasOwn(subject.manifest.tables, table)) return subject.trial ? [] : [unknownTable(`${place}.table`, table, subject.manifest)];
  return isReachable(subject.policy.statistics, (path) => path.startsWith(`${table}.`)) ? [] : [unreachable(`${place}.table`)];
}

/** A gate can only use what the grid, the measures or the joins name. */
function isReachable({ dimensions, measures, joins }: Statistics, matches: (path: string) => boolean): boolean {
  if (dimensions === 'any' || measures === 'any' || joins === 'any') return true;
  return [...Object.keys(dimensions), ...Object.keys(measures), ...joins.flat()].some(matches);
}

function unreachable(place: string): PolicyProblem {
  return policyProblem('policy/never-decides', place,
    'No dimension, measure or join of the policy can use this, so the override never applies.', '策略的维度、度量和连接均未使用该对象,覆盖规则永远不会生效。');
}
