/**
 * What the policy schema can say and this program does not do yet. A policy that asks for one of these is refused by name
 * when it is proposed and when it is used; nothing a policy asks for is silently ignored. The list shrinks as parts are built.
 */
import type { Policy } from './policy.ts';
import { policyProblem } from './policy-problem.ts';
import type { PolicyProblem } from './policy-problem.ts';

/** Every part of the policy that would have to be ignored, with its place. Empty: the policy can be used as it stands. */
export function unsupported({ statistics: { mechanism } }: Policy): readonly PolicyProblem[] {
  switch (mechanism.kind) {
    case 'suppress':
    case 'round':
    case 'cell-key': return [];
    case 'differential-privacy': return [policyProblem(
      'policy/not-built', 'statistics.mechanism',
      'Differential privacy (differential-privacy) is not available in this version, so a policy that asks for it cannot be used.', '本版本尚不支持差分隐私(differential-privacy),含有该要求的策略不能使用。',
    )];
    default: return mechanism satisfies never;
  }
}
