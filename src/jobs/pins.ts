/** What a job runs on, fixed when it is accepted, and what a worker needs to be told of it. */
import { join } from 'node:path';
import type { DatasetPin } from '#contract/event/jobs.ts';
import type { PinnedDataset } from '#contract/job.ts';
import type { Policy } from '#contract/policy.ts';
import { fail, type Failure } from '#contract/problem.ts';
import { ownTableOf } from '#contract/perturbation-table.ts';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import { grantIsInForce, purposeIsAllowed } from '#src/approvals/conditions.ts';
import { columnsOf, datasetsOf, type GrantRow } from '#src/store/approvals.ts';
import { datasetRow, manifestOf, policyInForce, policyOf, tableOf } from '#src/store/catalog.ts';
import type { Reader } from '#src/store/db.ts';
import type { SnapshotReference } from '#src/workers/pool.ts';

/**
 * The datasets of a grant as they stand now, if its five legal fields allow a SQL job now: unit (by whoever calls), purpose,
 * data, sharing mode, end. Fails `grants/not-in-force`, `jobs/sharing`, `jobs/dataset-closed`, `applications/purpose`.
 */
export function pinDatasets(db: Reader, grant: GrantRow, now: Date): Result<DatasetPin[], Failure> {
  const inForce = grantIsInForce(grant, now);
  if (!inForce.ok) return inForce;
  if (grant.sharing !== 'statistics') {
    return fail('jobs/sharing', text(
      `The grant is for the sharing mode "${grant.sharing}"; SQL jobs need one for "statistics".`,
      `该授权的共享模式为“${grant.sharing}”；SQL 作业需要“statistics”模式的授权。`,
    ));
  }
  const pins: DatasetPin[] = [];
  for (const id of datasetsOf(columnsOf(grant))) {
    const dataset = datasetRow(db, id);
    const policy = policyInForce(db, id);
    if (dataset === undefined || dataset.state !== 'active' || policy === undefined) {
      return fail('jobs/dataset-closed', text(`The dataset ${id} is not available at present.`, `数据集 ${id} 当前不可用。`));
    }
    const allowed = purposeIsAllowed(grant.purpose, policyOf(db, policy.document));
    if (!allowed.ok) return allowed;
    pins.push({ dataset: id, version: dataset.version, manifest: dataset.manifest, snapshot: dataset.snapshot, policy: policy.document, policyVersion: policy.version });
  }
  return ok(pins);
}

/** `withSnapshots`: false for a worker without data. */
export function pinnedDatasets(db: Reader, pins: readonly DatasetPin[], withSnapshots: boolean): PinnedDataset[] {
  return pins.map((pin) => {
    const policy = policyOf(db, pin.policy);
    return { manifest: manifestOf(db, pin.manifest), snapshot: withSnapshots ? pin.snapshot : null, policy, policyDigest: pin.policy, ...tableFor(db, policy) };
  });
}

/** What goes to a worker beside a policy: the perturbation table that it names by digest. */
export function tableFor(db: Reader, policy: Policy): Pick<PinnedDataset, 'perturbation'> {
  const table = ownTableOf(policy);
  return table === null ? {} : { perturbation: tableOf(db, table) };
}

/** The stricter of each limit. */
export function limitsOf(policies: readonly Policy[]) {
  return {
    gates: Math.min(...policies.map(({ limits }) => limits.gatesPerJob)),
    resultCells: Math.min(...policies.map(({ limits }) => limits.resultCells)),
  };
}

/** How many reviewers decide on a held release: the larger number of the policies that the job pins. */
export function reviewersOf(db: Reader, pins: readonly DatasetPin[]): number {
  return Math.max(...pins.map(({ policy }) => policyOf(db, policy).statistics.reviewers ?? 1));
}

/** Where the snapshots are, in the order of the datasets, so that the same set is the same worker. */
export function snapshotReferences(snapshotStore: string, pins: readonly DatasetPin[]): SnapshotReference[] {
  return pins.map(({ dataset, snapshot }) => ({ dataset, snapshot, directory: join(snapshotStore, snapshot) }));
}
