/** The agency enters a table that it published elsewhere, so that later releases are compared with it. */
import { join } from 'node:path';
import { digitsOf, publishedDigest, type LedgerEntryView, type PublishedTable } from '#contract/api/ledger.ts';
import { digestBytes } from '#contract/canonical.ts';
import { newId, type LedgerEntryId } from '#contract/id.ts';
import { nextHead } from '#contract/chain.ts';
import { fractionDigits, type DatasetId, type Manifest } from '#contract/manifest.ts';
import { own } from '#contract/own.ts';
import { fail, type Failure } from '#contract/problem.ts';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import { actorOf, type Principal } from '#src/accounts/principal.ts';
import { absent } from '#src/absent.ts';
import { mayAct } from '#src/approvals/permissions.ts';
import { datasetRow, manifestOf, policyInForce, policyOf, type DatasetRow, type PolicyRow } from '#src/store/catalog.ts';
import { chainHead } from '#src/store/chains.ts';
import type { Reader } from '#src/store/db.ts';
import { feedOf } from './chains.ts';
import type { JobParts } from './parts.ts';
import { listPin } from './spec.ts';

/** Fails `datasets/state`, `ledger/refused`, `ledger/failed`. Another agency's dataset is absent. */
export async function enterTable(parts: Pick<JobParts, 'store' | 'pool' | 'random' | 'snapshotStore' | 'wallMs'>, principal: Principal, published: PublishedTable): Promise<Result<LedgerEntryView, Failure>> {
  const { store, pool, random, snapshotStore, wallMs } = parts;
  const open = enterable(store.read, principal, published.dataset);
  if (!open.ok) return open;
  const { dataset, inForce } = open.value;
  const fits = totalsFit(manifestOf(store.read, dataset.manifest), published);
  if (!fits.ok) return fits;
  const entry = newId('entry', random) as LedgerEntryId;
  const withdrawals = chainHead(store.read, 'withdrawals');
  const answer = await pool.run(
    { kind: 'grant', grant: entry, snapshots: [{ dataset: dataset.id, snapshot: dataset.snapshot, directory: join(snapshotStore, dataset.snapshot) }], verify: false },
    { kind: 'enter', of: entry, published, withdrawals: listPin(withdrawals, dataset.organisation), dataset: { manifest: manifestOf(store.read, dataset.manifest), snapshot: dataset.snapshot, policy: policyOf(store.read, inForce.document), policyDigest: inForce.document } },
    { wallMs, aside: true, feeds: [feedOf(store, 'withdrawals', withdrawals)] },
  );
  pool.killGrant(entry);
  if (answer.kind === 'refused') {
    return fail('ledger/refused', text('The policy does not let a table be cut in this way, so that it cannot be compared with releases.', '策略不允许以此方式划分该表，无法与发布结果比对。'), { refusals: answer.refusals });
  }
  if (answer.kind !== 'entered') return fail('ledger/failed', text('The table could not be compared with the data. Try again.', '未能将该表与数据对照，请重试。'), { retryAfter: 1 });
  const { known, unknown, sealed } = answer;
  if (sealed === null) {
    return fail('ledger/refused', text('No row of the data has the keys of any cell of the table. Write them as a result would show them.', '数据中没有任何一行具有该表单元格的键。请按结果中的形式填写。'));
  }
  const delta = Buffer.from(sealed, 'base64');
  const table = publishedDigest(published);
  return store.transact<LedgerEntryView, Failure>(actorOf(principal), (tx) => {
    const still = enterable(tx.db, principal, dataset.id);
    if (!still.ok) return still;
    // What is entered depends on no earlier entry: it follows whatever head there is.
    const before = chainHead(tx.db, 'ledger');
    const head = nextHead(before, digestBytes(delta));
    tx.record({
      kind: 'ledger.entered', entry, dataset: dataset.id, snapshot: dataset.snapshot, policy: inForce.document, source: tx.seal(published.source), cells: known,
      ledgerHead: before, ledger: { head, delta: tx.putBlob(delta) }, withdrawals, published: table,
    });
    return ok({ entry, dataset: dataset.id, known, unknown, table, head });
  });
}

/** A total has no more digits than the values that it adds up: with more it is of something else. Whether the column may be added up the worker says. */
function totalsFit({ tables }: Manifest, { table, measure, cells }: PublishedTable): Result<null, Failure> {
  const column = measure === undefined ? undefined : own(own(tables, table)?.columns ?? {}, measure);
  const digits = column === undefined ? null : fractionDigits(column);
  if (digits === null) return ok(null);
  const errors = cells.flatMap(({ total }, i) => (total !== undefined && digitsOf(total) > digits
    ? [{ at: `body/cells/${i}/total`, message: text(`has more than the ${digits} decimal digits of ${measure}`, `小数位数多于 ${measure} 的 ${digits} 位`) }] : []));
  const [first] = errors;
  if (first === undefined) return ok(null);
  return fail('ledger/refused', text(
    `A total ${first.message.en}, at ${first.at}. Write totals in the unit of the column, not in thousands of it.`, `合计值${first.message.zh}，位置 ${first.at}。请按该列的单位填写，而非以千计。`,
  ), { errors: errors.slice(0, 20) });
}

function enterable(db: Reader, principal: Principal, id: DatasetId): Result<{ readonly dataset: DatasetRow; readonly inForce: PolicyRow }, Failure> {
  const dataset = datasetRow(db, id);
  if (dataset === undefined || !mayAct('ledger.enter', principal, { provider: dataset.organisation })) return absent();
  const inForce = policyInForce(db, id);
  if (dataset.state === 'withdrawn' || inForce === undefined) {
    return fail('datasets/state', text('The dataset is withdrawn or has no policy in force, so nothing is released from it that could be compared.', '该数据集已撤回或没有生效的策略，不会有可供比对的发布。'));
  }
  return ok({ dataset, inForce });
}
