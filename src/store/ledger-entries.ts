/** Tables published elsewhere, as their events tell it. Their numbers are in the ledger only, sealed. */
import type { Digest } from '#contract/canonical.ts';
import type { Commitment } from '#contract/commitment.ts';
import type { JobEvent } from '#contract/event/jobs.ts';
import type { AccountId, LedgerEntryId, OrganisationId } from '#contract/id.ts';
import type { DatasetId } from '#contract/manifest.ts';
import type { LedgerEntryState } from '#src/approvals/transitions.ts';
import type { Reader, Writer } from './db.ts';
import type { ProjectionOf } from './projection.ts';

export interface LedgerEntryRow {
  readonly entry: LedgerEntryId;
  readonly dataset: DatasetId;
  /** Of the dataset. */
  readonly organisation: OrganisationId;
  readonly source: Commitment;
  /** Null in entries of versions before withdrawals. */
  readonly published: Digest | null;
  readonly cells: number;
  readonly entered_by: AccountId;
  readonly entered_at: string;
  readonly state: LedgerEntryState;
  readonly reason: Commitment | null;
  readonly proposed_by: AccountId | null;
  readonly endorsed_by: AccountId | null;
  readonly approved_by: AccountId | null;
  readonly withdrawn_at: string | null;
  readonly seq: number;
}

export type LedgerEntryEventKind = Extract<JobEvent['kind'], `ledger.${string}`>;

/** `ledger` is the chain itself (`chains.ts`): what jobs, entries and withdrawals of entries added. */
const addToChain = (db: Writer, seq: number, of: string, { head, delta }: { readonly head: Digest; readonly delta: string }) => {
  db.run('INSERT INTO ledger (seq, "of", head, delta) VALUES (?, ?, ?, ?)', seq, of, head, delta);
};

export const ledgerEntriesProjection = {
  name: 'ledger-entries',
  tables: `
    CREATE TABLE ledger_entries (
      entry TEXT PRIMARY KEY, dataset TEXT NOT NULL, source TEXT NOT NULL, published TEXT, cells INTEGER NOT NULL, entered_by TEXT NOT NULL, entered_at TEXT NOT NULL,
      state TEXT NOT NULL, reason TEXT, proposed_by TEXT, endorsed_by TEXT, approved_by TEXT, withdrawn_at TEXT, seq INTEGER NOT NULL UNIQUE
    ) STRICT;
  `,
  apply: {
    'ledger.entered': (db, { seq, time, actor, body }) => {
      addToChain(db, seq, body.entry, body.ledger);
      db.run("INSERT INTO ledger_entries (entry, dataset, source, published, cells, entered_by, entered_at, state, seq) VALUES (?, ?, ?, ?, ?, ?, ?, 'entered', ?)",
        body.entry, body.dataset, body.source, body.published ?? null, body.cells, actor.id, time, seq);
    },
    'ledger.withdrawal-proposed': (db, { actor, body }) => {
      db.run("UPDATE ledger_entries SET state = 'proposed', reason = ?, proposed_by = ? WHERE entry = ?", body.reason, actor.id, body.entry);
    },
    'ledger.withdrawal-endorsed': (db, { actor, body }) => {
      db.run("UPDATE ledger_entries SET state = 'endorsed', endorsed_by = ? WHERE entry = ?", actor.id, body.entry);
    },
    'ledger.withdrawal-ended': (db, { body }) => {
      db.run("UPDATE ledger_entries SET state = 'entered', reason = NULL, proposed_by = NULL, endorsed_by = NULL WHERE entry = ?", body.entry);
    },
    'ledger.entry-withdrawn': (db, { seq, time, actor, body }) => {
      addToChain(db, seq, body.withdrawal, body.ledger);
      db.run("UPDATE ledger_entries SET state = 'withdrawn', approved_by = ?, withdrawn_at = ? WHERE entry = ?", actor.id, time, body.entry);
    },
  },
} satisfies ProjectionOf<LedgerEntryEventKind>;

const ENTRY = 'SELECT ledger_entries.*, datasets.organisation FROM ledger_entries JOIN datasets ON datasets.id = ledger_entries.dataset';

export function ledgerEntryRow(db: Reader, entry: LedgerEntryId): LedgerEntryRow | undefined {
  return db.get<LedgerEntryRow>(`${ENTRY} WHERE entry = ?`, entry);
}

export interface LedgerEntryFilter {
  readonly dataset: DatasetId | null;
  readonly state: LedgerEntryState | null;
}

/** Of an agency's datasets, of all where null, newest first. */
export function ledgerEntryRows(db: Reader, organisation: OrganisationId | null, { dataset, state }: LedgerEntryFilter, before: number, limit: number): LedgerEntryRow[] {
  return db.all<LedgerEntryRow>(
    `${ENTRY} WHERE datasets.organisation = ifnull(?, datasets.organisation) AND ledger_entries.dataset = ifnull(?, ledger_entries.dataset) AND ledger_entries.state = ifnull(?, ledger_entries.state)
      AND ledger_entries.seq < ? ORDER BY ledger_entries.seq DESC LIMIT ?`, organisation, dataset, state, before, limit);
}
