/**
 * Whether a policy makes sense for its dataset: everything it names exists, every rule can decide something, nothing
 * contradicts. All problems at once, each with its place. Pure, for both planes: at proposal, and before use.
 */
import type { Manifest } from './manifest.ts';
import { checkDimensions } from './policy-check/dimensions.ts';
import { checkJoins } from './policy-check/joins.ts';
import { checkMeasures } from './policy-check/measures.ts';
import { checkMechanism } from './policy-check/mechanism.ts';
import { checkOverrides } from './policy-check/overrides.ts';
import { checkQuantiles } from './policy-check/quantiles.ts';
import { checkReview } from './policy-check/review.ts';
import type { PolicySubject } from './policy-check/subject.ts';
import { checkUnits } from './policy-check/units.ts';
import { checkWithholding } from './policy-check/withholding.ts';
import type { Policy } from './policy.ts';
import { policyProblem } from './policy-problem.ts';
import type { PolicyProblem } from './policy-problem.ts';
import { unsupported } from './policy-supported.ts';

export interface CheckOptions {
  /** `sluice try`: one policy may serve several datasets, and needs no grid. */
  readonly trial?: boolean;
  /** Header of each hierarchy file by `table.column`, where the files are at hand: level names are checked against it. */
  readonly levels?: Readonly<Record<string, readonly string[]>>;
  /** Perturbation tables that the agency loaded, as a policy names them: by name, or by digest (`perturbation-table.ts`). Those that ship are known anyway. */
  readonly tables?: readonly string[];
}

export function checkPolicy(policy: Policy, manifest: Manifest, options: CheckOptions = {}): readonly PolicyProblem[] {
  const subject: PolicySubject = { policy, manifest, trial: options.trial ?? false, levels: options.levels ?? {}, tables: options.tables ?? [] };
  return [...unsupported(policy), ...CHECKS.flatMap((check) => check(subject))];
}

const CHECKS: readonly ((subject: PolicySubject) => readonly PolicyProblem[])[] = [
  checkDataset, checkUnits, checkMechanism, checkDimensions, checkMeasures, checkQuantiles, checkJoins, checkReview, checkWithholding, checkOverrides,
];

function checkDataset({ policy, manifest, trial }: PolicySubject): readonly PolicyProblem[] {
  if (trial || policy.dataset === manifest.id) return [];
  return [policyProblem('policy/wrong-dataset', 'dataset',
    `The policy is for the dataset “${policy.dataset}”, not for “${manifest.id}”.`,
    `该策略适用于数据集“${policy.dataset}”,而不是“${manifest.id}”。`)];
}
