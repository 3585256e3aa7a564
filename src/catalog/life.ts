/** Suspending, resuming and withdrawing a dataset (001 第五十條, 第五十四條). What runs on it is ended in the same transaction. */
import type { DatasetView } from '#contract/api/datasets.ts';
import type { JobId } from '#contract/id.ts';
import type { DatasetId } from '#contract/manifest.ts';
import { fail, type Failure } from '#contract/problem.ts';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import { actorOf, type Principal } from '#src/accounts/principal.ts';
import { absent } from '#src/absent.ts';
import { mayAct } from '#src/approvals/permissions.ts';
import { DATASET_TRANSITIONS } from '#src/approvals/transitions.ts';
import { endJobs } from '#src/jobs/ending.ts';
import { datasetRow } from '#src/store/catalog.ts';
import { nextState } from '#src/transitions.ts';
import type { CatalogParts } from './parts.ts';
import { datasetView } from './views.ts';

export type DatasetChange = 'suspend' | 'resume' | 'withdraw';
const EVENTS = { suspend: 'dataset.suspended', resume: 'dataset.resumed', withdraw: 'dataset.withdrawn' } as const satisfies Record<DatasetChange, string>;

/** Fails `datasets/state`. */
export async function changeDataset(parts: Pick<CatalogParts, 'store' | 'killer'>, principal: Principal, id: DatasetId, action: DatasetChange, reason: string): Promise<Result<DatasetView, Failure>> {
  let running: readonly JobId[] = [];
  const result = await parts.store.transact<DatasetView, Failure>(actorOf(principal), (tx) => {
    const row = datasetRow(tx.db, id);
    if (row === undefined || !mayAct(`dataset.${action}`, principal, { provider: row.organisation })) return absent();
    if (nextState(DATASET_TRANSITIONS, row.state, action) === null) {
      return fail('datasets/state', text(`The dataset is ${row.state}; "${action}" is not possible then.`, `该数据集状态为 ${row.state}，不可执行 ${action}。`));
    }
    tx.record({ kind: EVENTS[action], dataset: id, reason: tx.seal(reason) });
    if (action !== 'resume') running = endJobs(tx, { dataset: id }, action === 'suspend' ? 'dataset-suspended' : 'dataset-withdrawn');
    const changed = datasetRow(tx.db, id);
    if (changed === undefined) throw new Error('a dataset is missing after its event');
    return ok(datasetView(tx.db, changed, principal));
  });
  if (result.ok) parts.killer.kill(running);
  return result;
}
