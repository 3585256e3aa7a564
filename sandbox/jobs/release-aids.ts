/** What the release takes as values and only some policies need: loaded once in a worker's life, when a policy asks for it. */
import type { PinnedDataset } from '#contract/job.ts';
import { ownTables, shippedTables } from '../perturbation-tables.ts';
import type { PerturbationTables } from '../release/perturb.ts';
import type { ReleaseOptions } from '../release/release.ts';
import { loadSolver } from '../sdc/secondary/highs.ts';
import type { LinearSolver } from '../sdc/secondary/linear.ts';
import type { GatePlan } from '../sql/compile.ts';

let solver: LinearSolver | null = null;
let shipped: PerturbationTables | null = null;

/** @param gates of the job: numbers are linked where there are several tables, or several conditions in one; `history`: or earlier tables */
export async function releaseAids(gates: readonly GatePlan[], datasets: readonly PinnedDataset[], history = false): Promise<Pick<ReleaseOptions, 'solver' | 'tables'>> {
  const statistics = datasets.map(({ policy }) => policy.statistics);
  const linked = history || gates.length > 1 || gates.some(({ spec }) => spec.measures.some(({ conditions }) => conditions.length > 0));
  if (linked && statistics.some(({ secondary }) => secondary === 'required')) solver ??= await loadSolver();
  if (statistics.some(({ mechanism }) => mechanism.kind === 'cell-key' && mechanism.table !== undefined)) shipped ??= shippedTables();
  return { ...(solver === null ? {} : { solver }), ...(shipped === null ? {} : { tables: { ...shipped, ...ownTables(datasets) } }) };
}
