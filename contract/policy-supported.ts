/**
 * What the policy schema can say and this program does not do yet. A policy that asks for one of these is refused by name
 * when it is proposed and when it is used; nothing a policy asks for is silently ignored. The list shrinks as parts are built.
 */
import type { Policy } from './policy.ts';
import { policyProblem } from './policy-problem.ts';
import type { PolicyProblem } from './policy-problem.ts';

/** Tables of cell-key noise that ship in `policies/perturbation/`. */
export const PERTURBATION_TABLES: readonly string[] = ['ons-10-5'];

/** Every part of the policy that would have to be ignored, with its place. Empty: the policy can be used as it stands. */
export function unsupported(policy: Policy): readonly PolicyProblem[] {
  const { statistics } = policy;
  const problems: PolicyProblem[] = [];
  const refuse = (path: string, en: string, zh: string) => problems.push(policyProblem(
    'policy/not-built', path,
    `${en} is not available in this version, so a policy that asks for it cannot be used.`, `本版本尚不支持${zh},含有该要求的策略不能使用。`,
  ));

  switch (statistics.mechanism.kind) {
    case 'suppress':
    case 'round': break;
    case 'cell-key': {
      const { table } = statistics.mechanism;
      if (table !== undefined && !PERTURBATION_TABLES.includes(table)) refuse('statistics.mechanism.table', `The perturbation table “${table}”`, `扰动表“${table}”`);
      break;
    }
    case 'differential-privacy': refuse('statistics.mechanism', 'Differential privacy (differential-privacy)', '差分隐私(differential-privacy)'); break;
    default: statistics.mechanism satisfies never;
  }
  return problems;
}
