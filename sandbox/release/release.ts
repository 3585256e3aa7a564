/**
 * The door. Takes the cells of a job's gates and the pinned policies, gives released tables; nothing else makes them.
 * Pure: data and policy in, values out.
 */
import type { Mechanism } from '#contract/policy.ts';
import type { Refusal } from '#contract/refusal.ts';
import { err, ok } from '#contract/result.ts';
import type { Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import type { LinearSolver } from '#sandbox/sdc/secondary/linear.ts';
import type { GateCells } from './cells.ts';
import { withholdClasses } from './classes.ts';
import { withholdComplements } from './complements.ts';
import { universeOf } from './complete.ts';
import { addUp } from './controlled.ts';
import { decide } from './decide.ts';
import type { DecidedGate } from './decide.ts';
import { effectiveRules } from './effective-rules.ts';
import type { Clause, PinnedPolicy } from './effective-rules.ts';
import { noiseOf } from './perturb.ts';
import type { PerturbationTables } from './perturb.ts';
import { checkTogether } from './linked-plan.ts';
import type { LinkedTable } from './linked-table.ts';
import { checkPlan, publish } from './publish.ts';
import type { PublishedGate } from './publish.ts';
import { recallNumbers } from './recall.ts';
import type { Recall } from './recall.ts';
import { ReleasedTable } from './released-table.ts';
import { protectSecondary, type Pattern } from './secondary.ts';
import { withholdSpreads } from './spread.ts';

export interface Release {
  /** One for each gate, in the order given. */
  readonly tables: readonly ReleasedTable[];
  /** What was decided and why, and the numbers that came of it: for the statement, the sealed evidence and the ledger. Never leaves as it is. */
  readonly decided: readonly PublishedGate[];
  /** Whether everything that ties withheld cells to what has left was looked at. */
  readonly exact: boolean;
  /** What secondary suppression hid; null where no policy requires it. For the sealed evidence. */
  readonly pattern: Pattern | null;
}

export interface ReleaseOptions {
  /** What earlier calls of the same job released. */
  readonly earlier?: readonly Release[];
  /** Tables of earlier jobs over the same snapshots, the oldest first (`sandbox/ledger`). */
  readonly history?: readonly LinkedTable[];
  /** Faces (`LinkedFace.key`) of which more has left than `history` has. */
  readonly unseen?: ReadonlySet<string>;
  /** For linked tables with several hierarchies or more than two dimensions; without it these are withheld whole where a cell fails. */
  readonly solver?: LinearSolver;
  /** Named tables of cell-key noise. */
  readonly tables?: PerturbationTables;
  /** The domain's key for noise, asked for under cell keys only. */
  readonly noiseKey?: () => Uint8Array;
  /** What the disclosure ledger has of the cells. */
  readonly recall?: Recall;
}

/**
 * Releases tables that leave together. Refusals depend on the plan and the policies only, never on data.
 *
 * @param gates all gates that can run now; a gate that uses another's released table comes in a later call
 * @param policies a policy for every dataset that a gate touches; `PinnedDataset` fits
 */
export function release(gates: readonly GateCells[], policies: readonly PinnedPolicy[], options: ReleaseOptions = {}): Result<Release, readonly Refusal[]> {
  const decided: DecidedGate[] = [];
  const refusals: Refusal[] = [];
  for (const gate of gates) {
    const rules = effectiveRules(gate.spec, policies);
    const plan = rules.ok ? checkPlan(gate.spec, rules.value) : rules;
    if (!plan.ok) refusals.push(...plan.error);
    if (!rules.ok || !plan.ok) continue;
    const { mechanism } = rules.value;
    const noise = mechanism.value.kind === 'cell-key' ? noiseOf(mechanism.value, options.tables ?? {}, options.noiseKey ?? noKey) : null;
    if (mechanism.value.kind === 'cell-key' && noise === null) refusals.push(noTable(mechanism));
    else decided.push(withholdSpreads(withholdClasses(withholdComplements(decide(gate, rules.value, noise, options.recall ?? null)))));
  }
  if (refusals.length === 0) refusals.push(...checkTogether([...(options.earlier ?? []).flatMap((release) => release.decided), ...decided]));
  if (refusals.length > 0) return err(refusals);
  const before = { earlier: (options.earlier ?? []).flatMap((release) => release.decided), history: options.history ?? [], ...(options.unseen === undefined ? {} : { unseen: options.unseen }) };
  const { gates: safe, exact, pattern } = protectSecondary(decided, before, options.solver ?? null);
  const published = recallNumbers(addUp(safe.map(publish)));
  return ok({ tables: published.map((gate) => ReleasedTable.mint(gate, universeOf(gate.gate) !== null)), decided: published, exact, pattern });
}

function noKey(): never {
  throw new Error('cell-key noise needs the key of its domain');
}

function noTable({ clause }: Clause<Mechanism>): Refusal {
  return {
    code: 'release/no-perturbation-table',
    message: text('The perturbation table that the policy names is not installed in this domain, or its parameters have none, so nothing can be released under it.', '策略指定的扰动表未在本域安装,或其参数不存在相应的扰动表,无法据此输出结果。'),
    position: null,
    clause,
    suggestion: null,
  };
}
