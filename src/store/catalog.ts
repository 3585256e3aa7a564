/** Tables of datasets and release policies, derived from their events, and the questions asked of them. */
import { canonical, digestOf, type Digest } from '#contract/canonical.ts';
import type { Commitment } from '#contract/commitment.ts';
import type { CatalogEvent } from '#contract/event/catalog.ts';
import type { AccountId, BatchId, OrganisationId, ProposalId } from '#contract/id.ts';
import type { IngestedTable } from '#contract/job.ts';
import type { DatasetId, Manifest } from '#contract/manifest.ts';
import type { OnsTable } from '#contract/ons-table.ts';
import type { PolicyTests } from '#contract/policy-tests.ts';
import type { Policy } from '#contract/policy.ts';
import type { WithdrawalChange, WithdrawalGround } from '#contract/withdrawal.ts';
import type { DatasetState, PolicyState } from '#src/approvals/transitions.ts';
import type { Reader, Writer } from './db.ts';
import type { ProjectionOf } from './projection.ts';
import type { Tx } from './transaction.ts';

export interface DatasetRow {
  readonly id: DatasetId;
  readonly organisation: OrganisationId;
  readonly state: DatasetState;
  readonly version: number;
  readonly manifest: Digest;
  readonly snapshot: Digest;
  readonly report: Digest;
  readonly registered_at: string;
  readonly updated_at: string;
  readonly seq: number;
}

export interface DatasetVersionRow {
  readonly version: number;
  readonly manifest: Digest;
  readonly snapshot: Digest;
  readonly report: Digest;
  readonly bytes: number;
  readonly at: string;
}

export interface PolicyRow {
  readonly proposal: ProposalId;
  readonly policy: DatasetId;
  readonly version: number;
  readonly dataset: DatasetId;
  /** Of the dataset. */
  readonly organisation: OrganisationId;
  readonly document: Digest;
  readonly base: Digest | null;
  readonly loosens: 0 | 1;
  readonly approvals_needed: number;
  readonly tests: Digest | null;
  readonly state: PolicyState;
  readonly proposed_by: AccountId;
  readonly proposed_at: string;
  readonly decided_at: string | null;
  readonly reason: Commitment | null;
  readonly seq: number;
}

/** One batch of the withdrawal list, which is a chain (`chains.ts`). */
export interface WithdrawalRow {
  readonly of: BatchId;
  readonly dataset: DatasetId;
  /** Kind of the units, and how many. */
  readonly unit: string;
  readonly units: number;
  readonly change: WithdrawalChange;
  readonly ground: WithdrawalGround;
  readonly head: Digest;
  readonly at: string;
  readonly seq: number;
}

const addBatch = (db: Writer, seq: number, time: string, change: WithdrawalChange, body: Extract<CatalogEvent, { kind: 'units.withdrawn' | 'units.reinstated' }>) => {
  db.run('INSERT INTO withdrawals (seq, "of", head, delta, dataset, unit, units, change, ground, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    seq, body.batch, body.list.head, body.list.delta, body.dataset, body.unit, body.units, change, body.ground, time);
};
const setDatasetState = (db: Writer, dataset: DatasetId, state: DatasetState, time: string) => {
  db.run('UPDATE datasets SET state = ?, updated_at = ? WHERE id = ?', state, time, dataset);
};
const addVersion = (db: Writer, version: number, time: string, body: Extract<CatalogEvent, { kind: 'dataset.registered' | 'dataset.updated' }>) => {
  db.run('INSERT INTO dataset_versions (dataset, version, manifest, snapshot, report, bytes, at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    body.dataset, version, body.manifest, body.snapshot, body.report, body.bytes, time);
};

export const catalogProjection = {
  name: 'catalog',
  tables: `
    CREATE TABLE datasets (
      id TEXT PRIMARY KEY, organisation TEXT NOT NULL, state TEXT NOT NULL, version INTEGER NOT NULL, manifest TEXT NOT NULL,
      snapshot TEXT NOT NULL, report TEXT NOT NULL, registered_at TEXT NOT NULL, updated_at TEXT NOT NULL, seq INTEGER NOT NULL UNIQUE
    ) STRICT;
    CREATE TABLE dataset_versions (
      dataset TEXT NOT NULL REFERENCES datasets (id), version INTEGER NOT NULL, manifest TEXT NOT NULL, snapshot TEXT NOT NULL,
      report TEXT NOT NULL, bytes INTEGER NOT NULL, at TEXT NOT NULL, PRIMARY KEY (dataset, version)
    ) STRICT;
    CREATE TABLE withdrawals (
      seq INTEGER PRIMARY KEY, "of" TEXT NOT NULL UNIQUE, head TEXT NOT NULL UNIQUE, delta TEXT NOT NULL, dataset TEXT NOT NULL REFERENCES datasets (id),
      unit TEXT NOT NULL, units INTEGER NOT NULL, change TEXT NOT NULL, ground TEXT NOT NULL, at TEXT NOT NULL
    ) STRICT;
    CREATE TABLE policies (
      proposal TEXT PRIMARY KEY, policy TEXT NOT NULL, version INTEGER NOT NULL, dataset TEXT NOT NULL REFERENCES datasets (id),
      document TEXT NOT NULL, base TEXT, loosens INTEGER NOT NULL, approvals_needed INTEGER NOT NULL, tests TEXT, state TEXT NOT NULL,
      proposed_by TEXT NOT NULL, proposed_at TEXT NOT NULL, decided_at TEXT, reason TEXT, seq INTEGER NOT NULL UNIQUE,
      UNIQUE (policy, version)
    ) STRICT;
    CREATE UNIQUE INDEX one_policy_in_force ON policies (dataset) WHERE state = 'active';
    CREATE TABLE policy_approvals (
      proposal TEXT NOT NULL REFERENCES policies (proposal), account TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (proposal, account)
    ) STRICT;
    CREATE TABLE policy_test_runs (
      seq INTEGER PRIMARY KEY, proposal TEXT NOT NULL REFERENCES policies (proposal), tests TEXT NOT NULL, snapshot TEXT NOT NULL,
      passed INTEGER NOT NULL, failed INTEGER NOT NULL, report TEXT NOT NULL, at TEXT NOT NULL
    ) STRICT;
  `,
  side: `
    -- Manifests, policies, perturbation tables and ingest reports: digest → RFC 8785 form. Content-addressed, so it needs no events of its own.
    CREATE TABLE documents (digest TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
  `,
  apply: {
    'dataset.registered': (db, { seq, time, body }) => {
      db.run(`INSERT INTO datasets (id, organisation, state, version, manifest, snapshot, report, registered_at, updated_at, seq)
        VALUES (?, ?, 'active', 1, ?, ?, ?, ?, ?, ?)`, body.dataset, body.organisation, body.manifest, body.snapshot, body.report, time, time, seq);
      addVersion(db, 1, time, body);
    },
    'dataset.updated': (db, { time, body }) => {
      db.run('UPDATE datasets SET version = ?, manifest = ?, snapshot = ?, report = ?, updated_at = ? WHERE id = ?',
        body.version, body.manifest, body.snapshot, body.report, time, body.dataset);
      addVersion(db, body.version, time, body);
    },
    'dataset.suspended': (db, { time, body }) => setDatasetState(db, body.dataset, 'suspended', time),
    'dataset.resumed': (db, { time, body }) => setDatasetState(db, body.dataset, 'active', time),
    'dataset.withdrawn': (db, { time, body }) => setDatasetState(db, body.dataset, 'withdrawn', time),
    'units.withdrawn': (db, { seq, time, body }) => addBatch(db, seq, time, 'withdraw', body),
    'units.reinstated': (db, { seq, time, body }) => addBatch(db, seq, time, 'reinstate', body),
    'policy.proposed': (db, { seq, time, actor, body }) => {
      db.run(`INSERT INTO policies (proposal, policy, version, dataset, document, base, loosens, approvals_needed, tests, state, proposed_by, proposed_at, seq)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'proposed', ?, ?, ?)`,
        body.proposal, body.policy, body.version, body.dataset, body.document, body.base, body.loosens ? 1 : 0, body.approvalsNeeded, body.tests ?? null, actor.id, time, seq);
    },
    'policy.tested': (db, { seq, time, body }) => {
      db.run('INSERT INTO policy_test_runs (seq, proposal, tests, snapshot, passed, failed, report, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
        seq, body.proposal, body.tests, body.snapshot, body.passed, body.failed, body.report, time);
    },
    'policy.endorsed': (db, { time, actor, body }) => {
      db.run("UPDATE policies SET state = 'endorsed' WHERE proposal = ?", body.proposal);
      db.run('INSERT INTO policy_approvals (proposal, account, at) VALUES (?, ?, ?)', body.proposal, actor.id, time);
    },
    'policy.approved': (db, { time, actor, body }) => {
      db.run("UPDATE policies SET state = 'superseded' WHERE dataset = ? AND state = 'active'", body.dataset);
      db.run("UPDATE policies SET state = 'active', decided_at = ? WHERE proposal = ?", time, body.proposal);
      db.run('INSERT INTO policy_approvals (proposal, account, at) VALUES (?, ?, ?)', body.proposal, actor.id, time);
    },
    'policy.rejected': (db, { time, body }) => {
      db.run("UPDATE policies SET state = 'rejected', decided_at = ?, reason = ? WHERE proposal = ?", time, body.reason, body.proposal);
    },
    'policy.retracted': (db, { time, body }) => {
      db.run("UPDATE policies SET state = 'retracted', decided_at = ? WHERE proposal = ?", time, body.proposal);
    },
  },
  stateless: ['policy.tried'],
} satisfies ProjectionOf<Exclude<CatalogEvent['kind'], 'policy.tried' | 'perturbation-table.loaded'>>;

/** Keeps a document under its digest. */
export function keepDocument(tx: Tx, value: unknown): Digest {
  const digest = digestOf(value);
  tx.db.run('INSERT INTO documents (digest, body) VALUES (?, ?) ON CONFLICT (digest) DO NOTHING', digest, canonical(value));
  return digest;
}

/** The stored text of a document, unchecked; null where there is none. */
export function documentText(db: Reader, digest: Digest): string | null {
  return db.get<{ body: string }>('SELECT body FROM documents WHERE digest = ?', digest)?.body ?? null;
}

/** Documents as they were last read: every job needs some, and under its digest a document never changes. Frozen, because they are shared. */
const parsed = new Map<Digest, { readonly document: unknown; readonly length: number }>();
let parsedLength = 0;
/** Characters, each of which is about five bytes once parsed: of one document that is kept, and of all together. */
const MAX_LENGTH = 1_000_000;
const MAX_PARSED_LENGTH = 4_000_000;

function documentOf<T>(db: Reader, digest: Digest): T {
  const kept = parsed.get(digest);
  if (kept !== undefined) return kept.document as T;
  const body = documentText(db, digest);
  if (body === null) throw new Error(`the document ${digest} is missing`);
  const document: unknown = JSON.parse(body, (_, member: unknown) => Object.freeze(member));
  if (body.length <= MAX_LENGTH) {
    parsed.set(digest, { document, length: body.length });
    parsedLength += body.length;
    for (const [oldest, { length }] of parsed) {
      if (parsedLength <= MAX_PARSED_LENGTH) break;
      parsed.delete(oldest);
      parsedLength -= length;
    }
  }
  return document as T;
}
/** These were parsed by their schema before they were kept; a digest that is not there is a broken store, and throws. */
export const manifestOf = (db: Reader, digest: Digest): Manifest => documentOf<Manifest>(db, digest);
export const policyOf = (db: Reader, digest: Digest): Policy => documentOf<Policy>(db, digest);
export const tableOf = (db: Reader, digest: Digest): OnsTable => documentOf<OnsTable>(db, digest);
export const testsOf = (db: Reader, digest: Digest): PolicyTests => documentOf<PolicyTests>(db, digest);
export const reportOf = (db: Reader, digest: Digest): IngestedTable[] => documentOf<IngestedTable[]>(db, digest);

export function withdrawalRow(db: Reader, batch: BatchId): WithdrawalRow | undefined {
  return db.get<WithdrawalRow>('SELECT * FROM withdrawals WHERE "of" = ?', batch);
}

/** Of an agency, about units of these kinds, newest first. */
export function withdrawalRows(db: Reader, by: OrganisationId, kinds: readonly string[], before: number, limit: number): WithdrawalRow[] {
  return db.all<WithdrawalRow>(`SELECT * FROM withdrawals WHERE dataset IN (SELECT id FROM datasets WHERE organisation = ?)
    AND seq < ? AND unit IN (SELECT value FROM json_each(?)) ORDER BY seq DESC LIMIT ?`, by, before, JSON.stringify(kinds), limit);
}

/** Batches of withdrawals of an agency after the list stood at `head` (null: empty). */
export function withdrawnSince(db: Reader, by: OrganisationId, head: Digest | null): number {
  return db.get<{ n: number }>(`SELECT count(*) AS n FROM withdrawals WHERE dataset IN (SELECT id FROM datasets WHERE organisation = ?)
    AND change = 'withdraw' AND seq > ifnull((SELECT seq FROM withdrawals WHERE head = ?), -1)`, by, head)?.n ?? 0;
}

export function datasetRow(db: Reader, id: string): DatasetRow | undefined {
  return db.get<DatasetRow>('SELECT * FROM datasets WHERE id = ?', id);
}

/** `before`: seq of the last row of the page before. */
export function datasetRows(db: Reader, states: readonly DatasetState[], before: number, limit: number): DatasetRow[] {
  return db.all<DatasetRow>('SELECT * FROM datasets WHERE seq < ? AND state IN (SELECT value FROM json_each(?)) ORDER BY seq DESC LIMIT ?', before, JSON.stringify(states), limit);
}

export function datasetVersionRows(db: Reader, dataset: DatasetId, before: number, limit: number): DatasetVersionRow[] {
  return db.all<DatasetVersionRow>('SELECT * FROM dataset_versions WHERE dataset = ? AND version < ? ORDER BY version DESC LIMIT ?', dataset, before, limit);
}

const POLICY = 'SELECT policies.*, datasets.organisation FROM policies JOIN datasets ON datasets.id = policies.dataset';

export function policyRow(db: Reader, proposal: ProposalId): PolicyRow | undefined {
  return db.get<PolicyRow>(`${POLICY} WHERE proposal = ?`, proposal);
}

/** The version of a dataset that has this document, the latest where several do. */
export function policyByDocument(db: Reader, dataset: DatasetId, document: Digest): PolicyRow | undefined {
  return db.get<PolicyRow>(`${POLICY} WHERE dataset = ? AND document = ? ORDER BY policies.seq DESC LIMIT 1`, dataset, document);
}

export function policyInForce(db: Reader, dataset: DatasetId): PolicyRow | undefined {
  return db.get<PolicyRow>(`${POLICY} WHERE dataset = ? AND policies.state = 'active'`, dataset);
}

export function approversOf(db: Reader, proposal: ProposalId): AccountId[] {
  return db.all<{ account: AccountId }>('SELECT account FROM policy_approvals WHERE proposal = ? ORDER BY at, account', proposal).map(({ account }) => account);
}

export interface TestRunRow {
  readonly snapshot: Digest;
  readonly passed: number;
  readonly failed: number;
  readonly report: Commitment;
  readonly at: string;
}

/** The last run of a version's tests; on one snapshot where it is given. */
export function lastTestRun(db: Reader, proposal: ProposalId, snapshot: Digest | null): TestRunRow | undefined {
  return db.get<TestRunRow>('SELECT * FROM policy_test_runs WHERE proposal = ?1 AND (?2 IS NULL OR snapshot = ?2) ORDER BY seq DESC LIMIT 1', proposal, snapshot);
}

/** Highest version ever proposed under a policy name, and the dataset it is for. */
export function latestOfPolicy(db: Reader, policy: DatasetId): { readonly version: number; readonly dataset: DatasetId } | undefined {
  return db.get('SELECT version, dataset FROM policies WHERE policy = ? ORDER BY version DESC LIMIT 1', policy);
}

/** Versions that are or were in force are for everybody. `drafts`: the others too, of nobody, of all, or of one organisation. */
export type PolicyVisibility = { readonly drafts: 'none' | 'all' | OrganisationId };

export function policyRows(db: Reader, visibility: PolicyVisibility, filter: { readonly dataset: DatasetId | null; readonly state: PolicyState | null }, before: number, limit: number): PolicyRow[] {
  return db.all<PolicyRow>(
    `${POLICY} WHERE policies.seq < ?1 AND (?2 IS NULL OR dataset = ?2) AND (?3 IS NULL OR policies.state = ?3)
      AND (?4 = 'all' OR datasets.organisation = ?4 OR policies.state IN ('active', 'superseded')) ORDER BY policies.seq DESC LIMIT ?5`,
    before, filter.dataset, filter.state, visibility.drafts, limit);
}
