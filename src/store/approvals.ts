/** Tables of applications and grants, derived from their events, and the questions asked of them. */
import type { Digest } from '#contract/canonical.ts';
import type { Commitment } from '#contract/commitment.ts';
import type { ApprovalEvent } from '#contract/event/approvals.ts';
import type { ApplicationId, GrantId, OrganisationId } from '#contract/id.ts';
import type { DatasetId } from '#contract/manifest.ts';
import type { SharingMode } from '#contract/sharing-mode.ts';
import type { ApplicationState, GrantState } from '#src/approvals/transitions.ts';
import type { Reader, Writer } from './db.ts';
import type { ProjectionOf } from './projection.ts';

interface TermsRow {
  readonly organisation: OrganisationId;
  readonly provider: OrganisationId;
  /** JSON array of `dataset.table.column`. */
  readonly columns: string;
  readonly purpose: DatasetId;
  readonly sharing: SharingMode;
  readonly until: string;
  readonly reason: Commitment | null;
  readonly seq: number;
}

export interface ApplicationRow extends TermsRow {
  readonly id: ApplicationId;
  readonly text: Commitment;
  readonly state: ApplicationState;
  readonly grant_id: GrantId | null;
  readonly submitted_at: string;
  readonly decided_at: string | null;
}

export interface GrantRow extends TermsRow {
  readonly id: GrantId;
  readonly application: ApplicationId;
  readonly terms: Digest;
  readonly state: GrantState;
  readonly version: number;
  readonly issued_at: string;
}

const changeGrant = (db: Writer, state: GrantState, body: { readonly grant: GrantId; readonly version: number; readonly reason: Commitment }) => {
  db.run('UPDATE grants SET state = ?, version = ?, reason = ? WHERE id = ?', state, body.version, body.reason, body.grant);
};

export const approvalsProjection = {
  name: 'approvals',
  tables: `
    CREATE TABLE applications (
      id TEXT PRIMARY KEY, organisation TEXT NOT NULL, provider TEXT NOT NULL, columns TEXT NOT NULL, purpose TEXT NOT NULL, sharing TEXT NOT NULL,
      until TEXT NOT NULL, text TEXT NOT NULL, state TEXT NOT NULL, grant_id TEXT, reason TEXT, submitted_at TEXT NOT NULL, decided_at TEXT, seq INTEGER NOT NULL UNIQUE
    ) STRICT;
    CREATE INDEX applications_by_organisation ON applications (organisation, seq);
    CREATE INDEX applications_pending ON applications (organisation) WHERE state = 'submitted';
    CREATE INDEX applications_by_provider ON applications (provider, seq);
    CREATE TABLE grants (
      id TEXT PRIMARY KEY, application TEXT NOT NULL UNIQUE REFERENCES applications (id), organisation TEXT NOT NULL, provider TEXT NOT NULL, columns TEXT NOT NULL,
      purpose TEXT NOT NULL, sharing TEXT NOT NULL, until TEXT NOT NULL, terms TEXT NOT NULL, state TEXT NOT NULL, version INTEGER NOT NULL, reason TEXT,
      issued_at TEXT NOT NULL, seq INTEGER NOT NULL UNIQUE
    ) STRICT;
    CREATE INDEX grants_by_organisation ON grants (organisation, seq);
    CREATE INDEX grants_by_provider ON grants (provider, seq);
  `,
  apply: {
    'application.submitted': (db, { seq, time, body }) => {
      db.run(`INSERT INTO applications (id, organisation, provider, columns, purpose, sharing, until, text, state, submitted_at, seq)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'submitted', ?, ?)`,
        body.application, body.organisation, body.provider, JSON.stringify(body.columns), body.purpose, body.sharing, body.until, body.text, time, seq);
    },
    'application.approved': (db, { time, body }) => {
      db.run("UPDATE applications SET state = 'approved', grant_id = ?, decided_at = ? WHERE id = ?", body.grant, time, body.application);
    },
    'application.rejected': (db, { time, body }) => {
      db.run("UPDATE applications SET state = 'rejected', reason = ?, decided_at = ? WHERE id = ?", body.reason, time, body.application);
    },
    'application.withdrawn': (db, { time, body }) => {
      db.run("UPDATE applications SET state = 'withdrawn', decided_at = ? WHERE id = ?", time, body.application);
    },
    'grant.issued': (db, { seq, time, body }) => {
      db.run(`INSERT INTO grants (id, application, organisation, provider, columns, purpose, sharing, until, terms, state, version, issued_at, seq)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'active', 1, ?, ?)`,
        body.grant, body.application, body.organisation, body.provider, JSON.stringify(body.columns), body.purpose, body.sharing, body.until, body.terms, time, seq);
    },
    'grant.suspended': (db, { body }) => changeGrant(db, 'suspended', body),
    'grant.resumed': (db, { body }) => changeGrant(db, 'active', body),
    'grant.revoked': (db, { body }) => changeGrant(db, 'revoked', body),
  },
  stateless: ['request.denied'],
} satisfies ProjectionOf<Exclude<ApprovalEvent['kind'], 'request.denied'>>;

/** Whose rows a caller sees: those it applied for, those it provides the data of, or all. */
export type Scope = { readonly applicant: OrganisationId } | { readonly provider: OrganisationId } | 'all';

/** SQL condition and its parameters; the columns are `organisation` and `provider` in every table of this area and of jobs. */
export function within(scope: Scope): { readonly where: string; readonly parameters: readonly string[] } {
  if (scope === 'all') return { where: '1 = 1', parameters: [] };
  return 'applicant' in scope ? { where: 'organisation = ?', parameters: [scope.applicant] } : { where: 'provider = ?', parameters: [scope.provider] };
}

export function applicationRow(db: Reader, id: ApplicationId): ApplicationRow | undefined {
  return db.get<ApplicationRow>('SELECT * FROM applications WHERE id = ?', id);
}

export function applicationRows(db: Reader, scope: Scope, state: ApplicationState | null, before: number, limit: number): ApplicationRow[] {
  const { where, parameters } = within(scope);
  return db.all<ApplicationRow>(`SELECT * FROM applications WHERE ${where} AND seq < ? AND state = ifnull(?, state) ORDER BY seq DESC LIMIT ?`, ...parameters, before, state, limit);
}

/** Of an organisation, waiting for a decision. */
export function countPending(db: Reader, organisation: OrganisationId): number {
  return db.get<{ n: number }>("SELECT count(*) AS n FROM applications WHERE organisation = ? AND state = 'submitted'", organisation)?.n ?? 0;
}

export function grantRow(db: Reader, id: GrantId): GrantRow | undefined {
  return db.get<GrantRow>('SELECT * FROM grants WHERE id = ?', id);
}

export function grantRows(db: Reader, scope: Scope, state: GrantState | null, before: number, limit: number): GrantRow[] {
  const { where, parameters } = within(scope);
  return db.all<GrantRow>(`SELECT * FROM grants WHERE ${where} AND seq < ? AND state = ifnull(?, state) ORDER BY seq DESC LIMIT ?`, ...parameters, before, state, limit);
}

export const columnsOf = (row: { readonly columns: string }): string[] => JSON.parse(row.columns) as string[];

/** Datasets that columns belong to, sorted. */
export function datasetsOf(columns: readonly string[]): DatasetId[] {
  return [...new Set(columns.map((column) => column.slice(0, column.indexOf('.')) as DatasetId))].sort();
}
