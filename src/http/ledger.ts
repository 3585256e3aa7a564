/** `/ledger`: tables published elsewhere, for the disclosure ledger. What is in the ledger nobody reads here: it is sealed. */
import { Reason } from '#contract/api/datasets.ts';
import { LedgerEntryPage, LedgerEntryParams, LedgerEntryQuery, LedgerEntrySummary, LedgerEntryView, PublishedTable } from '#contract/api/ledger.ts';
import { ok } from '#contract/result.ts';
import { enterTable } from '#src/jobs/enter.ts';
import { approveWithdrawal, keepEntry, ledgerEntrySummary, proposeWithdrawal, readEntry } from '#src/jobs/ledger-entries.ts';
import type { JobParts } from '#src/jobs/parts.ts';
import { ledgerEntryRows } from '#src/store/ledger-entries.ts';
import { inTurnOf } from '#src/workers/in-turn.ts';
import type { Api } from './api.ts';
import { page, readBefore } from './page.ts';
import { route } from './route.ts';

const tag = 'ledger';
const write = { roles: ['agency'], scope: 'catalog:write' } as const;
const decide = { roles: ['agency'], scope: 'approvals:write' } as const;
const read = { roles: ['agency', 'auditor'], scope: 'catalog:read' } as const;
const all = '/api/v1/ledger/entries';
const one = `${all}/{entry}` as const;
/** As many cells as a table may have. */
const MAX_TABLE_BYTES = 16 * 1024 * 1024;

const enter = route({
  method: 'post', path: all, id: 'enterPublishedTable', tag, summary: 'Enter a table published elsewhere, of counts, totals or both: later releases are compared with it', access: write,
  body: PublishedTable, bodyLimit: MAX_TABLE_BYTES, idempotent: true, problems: ['request/not-found', 'datasets/state', 'ledger/refused', 'ledger/failed'],
  answer: { status: 201, description: 'Entered.', schema: LedgerEntryView, location: ({ entry }) => `${all}/${entry}` },
});
const list = route({
  method: 'get', path: all, id: 'listLedgerEntries', tag, summary: 'What was entered into the ledgers of your datasets, by whom and when; the auditor: of all. No numbers', access: read, query: LedgerEntryQuery,
  answer: { status: 200, description: 'Entries, newest first.', schema: LedgerEntryPage },
});
const readOne = route({
  method: 'get', path: one, id: 'readLedgerEntry', tag, summary: 'One entry, without its numbers', access: read, params: LedgerEntryParams,
  answer: { status: 200, description: 'The entry.', schema: LedgerEntrySummary, etag: true },
});
const withdraw = route({
  method: 'post', path: `${one}/withdraw`, id: 'withdrawLedgerEntry', tag, summary: 'Propose to withdraw an entry that was made by mistake; two others approve', access: decide, params: LedgerEntryParams, body: Reason,
  problems: ['ledger/state'], answer: { status: 200, description: 'Proposed.', schema: LedgerEntrySummary },
});
const approve = route({
  method: 'post', path: `${one}/approve`, id: 'approveLedgerWithdrawal', tag, summary: 'Approve the withdrawal of an entry; with the second approval later jobs are not compared with it', access: decide, params: LedgerEntryParams,
  problems: ['ledger/four-eyes', 'ledger/state', 'ledger/failed'], answer: { status: 200, description: 'Approved.', schema: LedgerEntrySummary },
});
const keep = route({
  method: 'post', path: `${one}/keep`, id: 'keepLedgerEntry', tag, summary: 'Keep an entry that somebody wants withdrawn', access: decide, params: LedgerEntryParams, body: Reason,
  problems: ['ledger/state'], answer: { status: 200, description: 'Kept.', schema: LedgerEntrySummary },
});

export function ledgerRoutes(api: Api, parts: Pick<JobParts, 'store' | 'pool' | 'random' | 'snapshotStore' | 'wallMs' | 'checkWallMs'>): void {
  const { store, pool } = parts;
  const db = store.read;
  api.on(enter, ({ principal, body }) => enterTable({ ...parts, pool: inTurnOf(pool, principal.organisation) }, principal, body));
  api.on(list, ({ principal, query }) => {
    const before = readBefore(query.cursor);
    if (!before.ok) return before;
    const organisation = principal.role === 'auditor' ? null : principal.organisation;
    const filter = { dataset: query.dataset ?? null, state: query.state ?? null };
    return ok(page(ledgerEntryRows(db, organisation, filter, before.value, query.limit + 1), query.limit, ({ seq }) => [seq], (row) => ledgerEntrySummary(db, row)));
  });
  api.on(readOne, ({ principal, params }) => readEntry(db, principal, params.entry));
  api.on(withdraw, ({ principal, params, body }) => proposeWithdrawal(store, principal, params.entry, body.reason));
  api.on(approve, ({ principal, params }) => approveWithdrawal({ ...parts, pool: inTurnOf(pool, principal.organisation) }, principal, params.entry));
  api.on(keep, ({ principal, params, body }) => keepEntry(store, principal, params.entry, body.reason));
}
