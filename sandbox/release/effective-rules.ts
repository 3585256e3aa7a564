/**
 * The rules in force for one gate: of several datasets' policies the stricter of each rule, overrides applied where the
 * gate uses their column. The outcome does not depend on the order of policies or rules.
 */
import type { PinnedDataset } from '#contract/job.ts';
import { own } from '#contract/own.ts';
import type { DominanceRule, Mechanism, Policy, Statistics } from '#contract/policy.ts';
import { unsupported } from '#contract/policy-supported.ts';
import type { Refusal } from '#contract/refusal.ts';
import { err, ok } from '#contract/result.ts';
import type { Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import type { Zeros } from '#sandbox/sdc/zeros.ts';
import type { GateSpec } from './cells.ts';

/** A dataset's policy with the manifest it speaks about. One policy may serve several datasets (`sluice try`). */
export type PinnedPolicy = Pick<PinnedDataset, 'manifest' | 'policy'>;

/** A rule with its place: `city-statistics@3 statistics.units.person.min`. */
export interface Clause<T> {
  readonly value: T;
  readonly clause: string;
}

export interface EffectiveRules {
  /** By unit kind, in the order of the gate's kinds: distinct units with a value. */
  readonly units: ReadonlyMap<string, Clause<number>>;
  /** All of them hold; sorted, without repetition. */
  readonly dominance: readonly Clause<DominanceRule>[];
  readonly zeros: Clause<Zeros>;
  readonly withhold: Clause<Statistics['withhold']>;
  readonly secondary: Clause<Statistics['secondary']>;
  readonly differencing: Clause<Statistics['differencing']>;
  readonly review: Clause<Statistics['review']>;
  readonly mechanism: Clause<Mechanism>;
  /** Whether any rule can withhold a cell. */
  readonly withholds: boolean;
  /**
   * Whether public keys have to be completed: where cells are withheld, or where a small one may come out as 0, an absent row would
   * say "nobody" and a present one "somebody".
   */
  readonly completes: boolean;
}

/** What of a gate decides its rules; the planner knows it before anything runs. */
export type RuleScope = Pick<GateSpec, 'datasets' | 'kinds' | 'columns'>;

export function effectiveRules(scope: RuleScope, policies: readonly PinnedPolicy[]): Result<EffectiveRules, readonly Refusal[]> {
  const inForce = scope.datasets.map((dataset) => {
    const pinned = policies.find(({ manifest }) => manifest.id === dataset);
    if (pinned === undefined) throw new Error('a gate over a dataset without a pinned policy');
    return { ...pinned, dataset };
  }).sort((a, b) => compare(a.dataset, b.dataset));

  const refusals: Refusal[] = inForce.flatMap(({ policy }) => unsupported(policy).map((problem) => ({
    code: problem.code, message: problem.message, position: null, clause: clauseOf(policy, problem.path), suggestion: null,
  })));

  const units = new Map<string, Clause<number>>();
  for (const kind of scope.kinds) {
    const minimum = stricterMinimum(kind, scope, inForce);
    if (minimum.ok) units.set(kind, minimum.value);
    else refusals.push(...minimum.error);
  }
  const mechanism = commonMechanism(inForce);
  if (!mechanism.ok) refusals.push(...mechanism.error);
  if (refusals.length > 0 || !mechanism.ok) return err(refusals);

  const dominance = allDominance(scope, inForce);
  const strictest = <K extends 'zeros' | 'withhold' | 'secondary' | 'differencing'>(key: K, order: readonly Statistics[K][]): Clause<Statistics[K]> =>
    first(inForce.map(({ policy }) => ({ value: policy.statistics[key], clause: clauseOf(policy, `statistics.${key}`) }))
      .sort((a, b) => order.indexOf(a.value) - order.indexOf(b.value)));
  const withholds = dominance.length > 0 || [...units.values()].some(({ value }) => value > 0);
  return ok({
    units,
    dominance,
    zeros: strictest('zeros', ['disclosive', 'publishable']),
    withhold: strictest('withhold', ['table', 'cell']),
    secondary: strictest('secondary', ['required', 'none']),
    differencing: strictest('differencing', ['refuse', 'hold', 'warn', 'none']),
    review: strictestReview(scope, inForce),
    mechanism: mechanism.value,
    withholds,
    completes: withholds || mechanism.value.value.kind !== 'suppress',
  });
}

interface InForce extends PinnedPolicy {
  readonly dataset: string;
}

/** The largest minimum that any policy or applicable override names for the kind. */
function stricterMinimum(kind: string, scope: RuleScope, inForce: readonly InForce[]): Result<Clause<number>, readonly Refusal[]> {
  const minimums: Clause<number>[] = [];
  const refusals: Refusal[] = [];
  for (const { manifest, policy, dataset } of inForce) {
    const rule = own(policy.statistics.units, kind);
    if (rule !== undefined) minimums.push({ value: rule.min, clause: clauseOf(policy, `statistics.units.${kind}.min`) });
    else if (declaresKind(manifest, kind)) refusals.push(kindNotListed(policy, kind));
    applicable(policy, dataset, scope).forEach(({ override, index }) => {
      const stricter = own(override.units ?? {}, kind);
      if (stricter !== undefined) minimums.push({ value: stricter.min, clause: clauseOf(policy, `statistics.overrides.${index}.units.${kind}.min`) });
    });
  }
  if (refusals.length > 0) return err(refusals);
  if (minimums.length === 0) return err(inForce.map(({ policy }) => kindNotListed(policy, kind)));
  return ok(first(minimums.sort((a, b) => b.value - a.value || compare(a.clause, b.clause))));
}

function declaresKind(manifest: PinnedPolicy['manifest'], kind: string): boolean {
  return Object.values(manifest.tables).some(({ units }) =>
    units === 'row' ? kind === 'row' : units !== undefined && Object.hasOwn(units, kind));
}

function kindNotListed(policy: Policy, kind: string): Refusal {
  return {
    code: 'release/unit-kind-not-listed',
    message: text(
      `The query touches units of kind “${kind}”, for which the policy “${policy.policy}” sets no minimum, so nothing computed from them may leave.`,
      `查询涉及“${kind}”类主体,而策略“${policy.policy}”未规定其最小数量,因此由其计算的结果不得输出。`,
    ),
    position: null,
    clause: clauseOf(policy, `statistics.units.${kind}`),
    suggestion: text('Leave out the tables that belong to this kind of unit, or ask the agency to add a rule for it.', '请不要使用属于该类主体的表,或请数据提供单位为其增加规则。'),
  };
}

/** Overrides of columns and tables that the gate uses. */
function applicable(policy: Policy, dataset: string, scope: RuleScope) {
  const columns = scope.columns.filter((column) => column.startsWith(`${dataset}.`)).map((column) => column.slice(dataset.length + 1));
  return policy.statistics.overrides
    .map((override, index) => ({ override, index }))
    .filter(({ override }) => columns.some((column) =>
      override.column === column || (override.table !== undefined && column.startsWith(`${override.table}.`))));
}

/** Every rule of every policy and applicable override: a cell has to pass them all, which is the stricter of each. */
function allDominance(scope: RuleScope, inForce: readonly InForce[]): readonly Clause<DominanceRule>[] {
  const rules = new Map<string, Clause<DominanceRule>>();
  const add = (rule: DominanceRule, clause: string) => {
    const key = JSON.stringify([rule.rule, rule.rule === 'nk' ? rule.n : rule.p, rule.rule === 'nk' ? rule.k : rule.rule === 'pq' ? rule.q : 0]);
    if (!rules.has(key)) rules.set(key, { value: rule, clause });
  };
  for (const { policy, dataset } of inForce) {
    policy.statistics.dominance.forEach((rule, i) => add(rule, clauseOf(policy, `statistics.dominance.${i}`)));
    for (const { override, index } of applicable(policy, dataset, scope)) {
      override.dominance?.forEach((rule, i) => add(rule, clauseOf(policy, `statistics.overrides.${index}.dominance.${i}`)));
    }
  }
  return [...rules].sort(([a], [b]) => compare(a, b)).map(([, rule]) => rule);
}

function strictestReview(scope: RuleScope, inForce: readonly InForce[]): Clause<Statistics['review']> {
  const order: readonly Statistics['review'][] = ['manual', 'on-doubt', 'automatic'];
  return first(inForce.flatMap(({ policy, dataset }) => [
    { value: policy.statistics.review, clause: clauseOf(policy, 'statistics.review') },
    ...applicable(policy, dataset, scope).flatMap(({ override, index }) =>
      override.review === undefined ? [] : [{ value: override.review, clause: clauseOf(policy, `statistics.overrides.${index}.review`) }]),
  ]).sort((a, b) => order.indexOf(a.value) - order.indexOf(b.value)));
}

/** Exact, noisy and differentially private cells of one gate would undo each other: all policies must name one mechanism. */
function commonMechanism(inForce: readonly InForce[]): Result<Clause<Mechanism>, readonly Refusal[]> {
  const named = inForce.map(({ policy }) => ({ value: policy.statistics.mechanism, clause: clauseOf(policy, 'statistics.mechanism') }));
  const chosen = first(named);
  const other = named.find(({ value }) => JSON.stringify(value) !== JSON.stringify(chosen.value));
  if (other === undefined) return ok(chosen);
  return err([{
    code: 'release/mixed-mechanisms',
    message: text(
      `The datasets of this query are protected by different mechanisms (${chosen.value.kind}, ${other.value.kind}); a result over both would undo the protection.`,
      `本查询涉及的数据集采用不同的保护机制(${chosen.value.kind}、${other.value.kind}),合并输出会使保护失效。`,
    ),
    position: null,
    clause: other.clause,
    suggestion: text('Ask about each dataset in a query of its own.', '请对每个数据集分别查询。'),
  }]);
}

/**
 * Whether cells need their exact number of units, whatever the minimum is: noise is looked up by it, rounding and secondary
 * suppression start from it.
 */
export function needsExactUnits(rules: EffectiveRules): boolean {
  return rules.mechanism.value.kind !== 'suppress' || linksTables(rules);
}

/** Whether what cells have in common decides what leaves: secondary suppression, and rounding to margins that add up. */
export function needsPlaces(rules: EffectiveRules): boolean {
  const { value } = rules.mechanism;
  return linksTables(rules) || (value.kind === 'round' && value.method === 'controlled');
}

/** Whether withheld cells are protected against tables: of this job, and of earlier ones even where no cell can be withheld any more. */
const linksTables = ({ secondary, withholds, differencing }: EffectiveRules): boolean => secondary.value === 'required' && (withholds || differencing.value !== 'none');

export function clauseOf(policy: Policy, path: string): string {
  return `${policy.policy}@${policy.version} ${path}`;
}

function first<T>(items: readonly T[]): T {
  const item = items[0];
  if (item === undefined) throw new Error('a gate over no dataset');
  return item;
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
