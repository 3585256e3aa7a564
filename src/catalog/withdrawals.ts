/**
 * Units that withdrew consent or objected, recorded by the agency whose dataset they are in. A worker turns their identifiers into a sealed
 * addition to the list; this side keeps the addition, its place and a count. The identifiers pass through memory and are written nowhere.
 */
import { join } from 'node:path';
import type { WithdrawalBatch, WithdrawalRecorded, WithdrawalView } from '#contract/api/withdrawals.ts';
import { digestBytes } from '#contract/canonical.ts';
import { nextHead } from '#contract/chain.ts';
import { newId, type BatchId } from '#contract/id.ts';
import type { DatasetId } from '#contract/manifest.ts';
import { fail, type Failure } from '#contract/problem.ts';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import { actorOf, type Principal } from '#src/accounts/principal.ts';
import { absent } from '#src/absent.ts';
import { mayAct } from '#src/approvals/permissions.ts';
import type { JobParts } from '#src/jobs/parts.ts';
import { datasetRow, manifestOf, withdrawalRow, withdrawalRows, type DatasetRow, type WithdrawalRow } from '#src/store/catalog.ts';
import { chainHead } from '#src/store/chains.ts';
import type { Reader } from '#src/store/db.ts';
import { isInside } from './views.ts';

const EVENTS = { withdraw: 'units.withdrawn', reinstate: 'units.reinstated' } as const;

/** Fails `datasets/state`, `withdrawals/refused`, `withdrawals/failed`. Another agency's dataset is absent. */
export async function recordWithdrawals(parts: Pick<JobParts, 'store' | 'pool' | 'random' | 'snapshotStore' | 'wallMs'>, principal: Principal, id: DatasetId, { unit, change, ground, identifiers }: WithdrawalBatch): Promise<Result<WithdrawalRecorded, Failure>> {
  const { store, pool, random, snapshotStore, wallMs } = parts;
  const dataset = open(store.read, principal, id);
  if (!dataset.ok) return dataset;
  const { snapshot, manifest, organisation } = dataset.value;
  const batch = newId('batch', random) as BatchId;
  const answer = await pool.run(
    { kind: 'grant', grant: batch, snapshots: [{ dataset: id, snapshot, directory: join(snapshotStore, snapshot) }], verify: false },
    { kind: 'withdraw', of: batch, by: organisation, change, ground, manifest: manifestOf(store.read, manifest), snapshot, unit, identifiers },
    { wallMs, aside: true },
  );
  // Nobody else gets a worker that has seen identifiers.
  pool.killGrant(batch);
  if (answer.kind === 'ingest-refused') {
    return fail('withdrawals/refused', answer.problems[0]?.message ?? text('', ''), { errors: answer.problems.map(({ line, message }) => ({ at: line === null ? 'body/unit' : `body/identifiers/${line - 1}`, message })) });
  }
  if (answer.kind !== 'withdrawal-sealed') {
    return fail('withdrawals/failed', text('The list was not changed: its worker gave no answer. Send the batch again; one that is recorded twice does no harm.', '名单未变更：工作进程未给出应答。请重新提交该批次；重复记录没有影响。'), { retryAfter: 1 });
  }
  const { units, known, sealed } = answer;
  const delta = Buffer.from(sealed, 'base64');
  return store.transact<WithdrawalRecorded, Failure>(actorOf(principal), (tx) => {
    const still = open(tx.db, principal, id);
    if (!still.ok) return still;
    // What a batch adds depends on no earlier one: it follows whatever head there is.
    const before = chainHead(tx.db, 'withdrawals');
    const addition = digestBytes(delta);
    tx.record({ kind: EVENTS[change], batch, dataset: id, unit, ground, units, withdrawals: before, list: { head: nextHead(before, addition), addition, delta: tx.putBlob(delta) } });
    const row = withdrawalRow(tx.db, batch);
    if (row === undefined) throw new Error('a batch is missing after its event');
    return ok({ ...withdrawalView(row), known, unknown: units - known });
  });
}

function open(db: Reader, principal: Principal, id: DatasetId): Result<DatasetRow, Failure> {
  const row = datasetRow(db, id);
  if (row === undefined || !mayAct('dataset.withdraw-units', principal, { provider: row.organisation })) return absent();
  return row.state === 'withdrawn' ? fail('datasets/state', text('The dataset is withdrawn: nothing is computed from it any more.', '该数据集已撤回，不再用于任何计算。')) : ok(row);
}

/** Batches that count in a dataset, through whichever dataset of its agency they were recorded, newest first. Null where the caller may not know. */
export function withdrawalsIn(db: Reader, principal: Principal, id: DatasetId, before: number, limit: number): WithdrawalRow[] | null {
  const row = datasetRow(db, id);
  if (row === undefined || !isInside(principal, row)) return null;
  const kinds = new Set(Object.values(manifestOf(db, row.manifest).tables).flatMap(({ units }) => (units === undefined || units === 'row' ? [] : Object.keys(units))));
  return withdrawalRows(db, row.organisation, [...kinds], before, limit);
}

export function withdrawalView({ of, dataset, unit, change, ground, units, at, head }: WithdrawalRow): WithdrawalView {
  return { batch: of, dataset, unit, change, ground, units, at, head };
}
