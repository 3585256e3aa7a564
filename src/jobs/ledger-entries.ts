/**
 * Tables published elsewhere as they are listed, and their withdrawal: one person of the agency proposes it with a reason, two others approve, as with
 * a policy that loosens something. Later jobs are not compared with the entry any more; what jobs gave on its strength stays theirs, and whatever
 * was computed before is replayed on the ledger of its time.
 */
import type { LedgerEntrySummary } from '#contract/api/ledger.ts';
import { digestBytes } from '#contract/canonical.ts';
import { nextHead } from '#contract/chain.ts';
import { newId, type AccountId, type EntryWithdrawalId, type LedgerEntryId } from '#contract/id.ts';
import { fail, type Failure } from '#contract/problem.ts';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import { actorOf, type Principal } from '#src/accounts/principal.ts';
import { absent } from '#src/absent.ts';
import { recordingDenial } from '#src/approvals/denied.ts';
import { isAnotherPerson, mayAct } from '#src/approvals/permissions.ts';
import { LEDGER_ENTRY_TRANSITIONS, type LedgerEntryAction, type LedgerEntryState } from '#src/approvals/transitions.ts';
import { reasonText } from '#src/approvals/views.ts';
import { chainHead } from '#src/store/chains.ts';
import type { Reader } from '#src/store/db.ts';
import { ledgerEntryRow, type LedgerEntryRow } from '#src/store/ledger-entries.ts';
import type { Store } from '#src/store/store.ts';
import type { Tx } from '#src/store/transaction.ts';
import { nextState } from '#src/transitions.ts';
import type { JobParts } from './parts.ts';

export function ledgerEntrySummary(db: Reader, row: LedgerEntryRow): LedgerEntrySummary {
  return {
    entry: row.entry, dataset: row.dataset, source: reasonText(db, row.source), table: row.published, cells: row.cells, enteredBy: row.entered_by, enteredAt: row.entered_at, state: row.state,
    reason: reasonText(db, row.reason), proposedBy: row.proposed_by, approvedBy: [row.endorsed_by, row.approved_by].filter((who) => who !== null), withdrawnAt: row.withdrawn_at,
  };
}

/** Another agency's entry is absent. */
export function readEntry(db: Reader, principal: Principal, entry: LedgerEntryId): Result<LedgerEntrySummary, Failure> {
  const row = ledgerEntryRow(db, entry);
  return row === undefined || (principal.role !== 'auditor' && row.organisation !== principal.organisation) ? absent() : ok(ledgerEntrySummary(db, row));
}

/** Fails `ledger/state`. */
export function proposeWithdrawal(store: Store, principal: Principal, entry: LedgerEntryId, reason: string): Promise<Result<LedgerEntrySummary, Failure>> {
  return change(store, principal, entry, 'propose', (tx, { dataset, published }) => {
    if (published === null) {
      return fail('ledger/state', text(
        'The entry was made by a version that did not remember what was given on its strength, so that it cannot be withdrawn.',
        '该录入由较早版本完成，当时未单独记录依据其给出的数值，因此不能撤销。',
      ));
    }
    tx.record({ kind: 'ledger.withdrawal-proposed', entry, dataset, reason: tx.seal(reason) });
    return ok(null);
  });
}

/** The first approval by another person, or the second by a third, which takes the entry out. Fails `ledger/four-eyes`, `ledger/failed`, `ledger/state`. */
export async function approveWithdrawal({ store, pool, random, checkWallMs }: Pick<JobParts, 'store' | 'pool' | 'random' | 'checkWallMs'>, principal: Principal, entry: LedgerEntryId): Promise<Result<LedgerEntrySummary, Failure>> {
  const before = ledgerEntryRow(store.read, entry);
  const isSecond = before?.state === 'endorsed';
  const withdrawal = newId('unentry', random) as EntryWithdrawalId;
  const answer = isSecond && mayDecide(before, principal).ok && mayAct('ledger.withdraw', principal, { provider: before.organisation }) ? await pool.run({ kind: 'reveal' }, { kind: 'withdraw-entry', of: withdrawal, entry }, { wallMs: checkWallMs }) : null;
  if (answer !== null && answer.kind !== 'entry-withdrawn') return fail('ledger/failed', text('The entry was not withdrawn: its worker gave no answer. Try again.', '录入未撤销：工作进程未给出应答，请重试。'), { retryAfter: 1 });
  return change(store, principal, entry, isSecond ? 'withdraw' : 'endorse', (tx, row) => {
    const may = mayDecide(row, principal);
    if (!may.ok) return may;
    const { dataset } = row;
    if (!isSecond) tx.record({ kind: 'ledger.withdrawal-endorsed', entry, dataset });
    else if (answer === null) return fail('ledger/state', text('The withdrawal was ended and proposed again meanwhile. Look at it again.', '该撤销其间已被终止并重新提出，请重新查看。'));
    else {
      const delta = Buffer.from(answer.sealed, 'base64');
      // It follows whatever head there is: what it takes out is named in it.
      const head = chainHead(tx.db, 'ledger');
      const approvers: AccountId[] = [...(row.endorsed_by === null ? [] : [row.endorsed_by]), principal.account];
      tx.record({ kind: 'ledger.entry-withdrawn', entry, dataset, withdrawal, approvers, ledgerHead: head, ledger: { head: nextHead(head, digestBytes(delta)), delta: tx.putBlob(delta) } });
    }
    return ok(null);
  });
}

/** The entry stays: anybody of the agency may say so, whoever proposed to withdraw it included. Fails `ledger/state`. */
export function keepEntry(store: Store, principal: Principal, entry: LedgerEntryId, reason: string): Promise<Result<LedgerEntrySummary, Failure>> {
  return change(store, principal, entry, 'keep', (tx, { dataset }) => {
    tx.record({ kind: 'ledger.withdrawal-ended', entry, dataset, reason: tx.seal(reason) });
    return ok(null);
  });
}

/** Fails `ledger/four-eyes`. */
function mayDecide({ proposed_by: proposer, endorsed_by: endorser }: LedgerEntryRow, principal: Principal): Result<null, Failure> {
  if (isAnotherPerson(principal, [proposer, endorser].filter((who) => who !== null))) return ok(null);
  return fail('ledger/four-eyes', text(
    `You have ${proposer === principal.account ? 'proposed' : 'already approved'} to withdraw this entry; without it later releases are compared with less, so that two other people of your organisation have to approve.`,
    `您已${proposer === principal.account ? '提出' : '批准'}撤销该录入；撤销后后续发布的比对范围缩小，须由本单位另外两人批准。`,
  ));
}

async function change(store: Store, principal: Principal, entry: LedgerEntryId, action: LedgerEntryAction, act: (tx: Tx, row: LedgerEntryRow) => Result<null, Failure>): Promise<Result<LedgerEntrySummary, Failure>> {
  const result = await store.transact<LedgerEntrySummary, Failure>(actorOf(principal), (tx) => {
    const row = ledgerEntryRow(tx.db, entry);
    if (row === undefined || !mayAct('ledger.withdraw', principal, { provider: row.organisation })) return absent();
    if (nextState<LedgerEntryState, LedgerEntryAction>(LEDGER_ENTRY_TRANSITIONS, row.state, action) === null) {
      return fail('ledger/state', text(`The entry is ${row.state}; "${action}" is not possible then.`, `该录入状态为 ${row.state}，不可执行 ${action}。`));
    }
    const done = act(tx, row);
    return done.ok ? ok(ledgerEntrySummary(tx.db, known(tx.db, entry))) : done;
  });
  return recordingDenial(store, principal, 'ledger.withdraw', entry, result);
}

function known(db: Reader, entry: LedgerEntryId): LedgerEntryRow {
  const row = ledgerEntryRow(db, entry);
  if (row === undefined) throw new Error('an entry of the ledger is missing after its event');
  return row;
}
