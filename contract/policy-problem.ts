/** What is wrong with a policy: a stable code, the place in the document, and the reason in both languages. */
import { text } from './text.ts';
import type { Text } from './text.ts';

/** `path`: dotted place in the policy document, like `statistics.units.person.min`. */
export interface PolicyProblem {
  readonly code: PolicyProblemCode;
  readonly path: string;
  readonly message: Text;
}

export type PolicyProblemCode =
  | 'policy/not-built'
  | 'policy/wrong-dataset'
  | 'policy/unknown-table'
  | 'policy/unknown-column'
  | 'policy/unknown-level'
  | 'policy/unknown-unit-kind'
  | 'policy/unit-kind-missing'
  | 'policy/no-grid'
  | 'policy/bad-bands'
  | 'policy/bad-categories'
  | 'policy/bad-dimension'
  | 'policy/bad-measure'
  | 'policy/bad-join'
  | 'policy/bad-mechanism'
  | 'policy/unknown-perturbation-table'
  | 'policy/looser-override'
  | 'policy/contradiction'
  | 'policy/never-decides';

export function policyProblem(code: PolicyProblemCode, path: string, en: string, zh: string): PolicyProblem {
  return { code, path, message: text(en, zh) };
}
