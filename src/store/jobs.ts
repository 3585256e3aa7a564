/** Tables of jobs, their releases and replays, derived from their events, and the questions asked of them. */
import type { Digest } from '#contract/canonical.ts';
import type { Commitment } from '#contract/commitment.ts';
import type { DatasetPin, Difference, JobEvent, WithdrawalCause } from '#contract/event/jobs.ts';
import type { AccountId, GrantId, JobId, OrganisationId, ReplayId } from '#contract/id.ts';
import type { DatasetId } from '#contract/manifest.ts';
import type { JobState } from '#src/jobs/transitions.ts';
import { within, type Scope } from './approvals.ts';
import type { Reader, Writer } from './db.ts';
import type { LedgerEntryEventKind } from './ledger-entries.ts';
import type { ProjectionOf } from './projection.ts';

export interface JobRow {
  readonly id: JobId;
  readonly grant_id: GrantId;
  readonly grant_version: number;
  readonly terms: Digest;
  readonly organisation: OrganisationId;
  readonly provider: OrganisationId;
  readonly account: string;
  readonly sql: Commitment;
  /** JSON array of `DatasetPin`. */
  readonly datasets: string;
  /** Head of the withdrawal list: when it was accepted, then of the one that its answer was computed on. */
  readonly withdrawals: Digest | null;
  readonly state: JobState;
  /** Attempts so far. */
  readonly attempt: number;
  readonly submitted_at: string;
  readonly held_at: string | null;
  /** How many have to decide on it while it is held. */
  readonly reviewers: number;
  readonly ended_at: string | null;
  readonly refusals: Commitment | null;
  readonly cause: WithdrawalCause | null;
  readonly reason: Commitment | null;
  readonly digest: Digest | null;
  readonly executed: Digest | null;
  readonly program: string;
  /** A result that is out, sealed under a key of this side. */
  readonly result: string | null;
  /** A result that was held and never approved, sealed to the data plane. */
  readonly held: string | null;
  readonly evidence: string | null;
  readonly ledger_head: Digest | null;
  /** Entry of `job.accepted`, of `job.released` or `job.held`, and of `release.approved`. */
  readonly seq: number;
  readonly answer_seq: number | null;
  readonly approved_seq: number | null;
}

export interface ReplayRow {
  readonly id: ReplayId;
  readonly job: JobId;
  readonly outcome: 'matched' | 'differed' | 'failed';
  readonly expected: Digest | null;
  readonly actual: Digest | null;
  readonly difference: Difference | null;
  readonly program: string;
  readonly program_differs: 0 | 1;
  readonly at: string;
  readonly seq: number;
}

const end = (db: Writer, job: JobId, state: JobState, time: string) => {
  db.run('UPDATE jobs SET state = ?, ended_at = ? WHERE id = ?', state, time, job);
};

function keepAnswer(db: Writer, seq: number, body: Extract<JobEvent, { kind: 'job.released' | 'job.held' }>): void {
  db.run('UPDATE jobs SET digest = ?, executed = ?, program = ?, result = ?, held = ?, evidence = ?, ledger_head = ?, withdrawals = ?, answer_seq = ? WHERE id = ?',
    body.digest, body.executed, body.program, body.result ?? null, ('held' in body ? body.held : null) ?? null, body.evidence, body.ledgerHead, body.withdrawals ?? null, seq, body.job);
  if (body.ledger !== null) db.run('INSERT INTO ledger (seq, "of", head, delta) VALUES (?, ?, ?, ?)', seq, body.job, body.ledger.head, body.ledger.delta);
}

export const jobsProjection = {
  name: 'jobs',
  tables: `
    CREATE TABLE jobs (
      id TEXT PRIMARY KEY, grant_id TEXT NOT NULL, grant_version INTEGER NOT NULL, terms TEXT NOT NULL, organisation TEXT NOT NULL, provider TEXT NOT NULL,
      account TEXT NOT NULL, sql TEXT NOT NULL, datasets TEXT NOT NULL, withdrawals TEXT, state TEXT NOT NULL, attempt INTEGER NOT NULL DEFAULT 0,
      submitted_at TEXT NOT NULL, held_at TEXT, reviewers INTEGER NOT NULL DEFAULT 1, ended_at TEXT, refusals TEXT, cause TEXT, reason TEXT, digest TEXT, executed TEXT, program TEXT NOT NULL,
      result TEXT, held TEXT, evidence TEXT, ledger_head TEXT, seq INTEGER NOT NULL UNIQUE, answer_seq INTEGER, approved_seq INTEGER
    ) STRICT;
    CREATE INDEX jobs_waiting ON jobs (grant_id, seq) WHERE state = 'queued';
    CREATE INDEX jobs_waiting_of_organisation ON jobs (organisation) WHERE state = 'queued';
    CREATE INDEX jobs_unfinished ON jobs (state) WHERE state IN ('running', 'held');
    CREATE INDEX jobs_held ON jobs (state, seq) WHERE held_at IS NOT NULL;
    CREATE INDEX jobs_by_grant ON jobs (grant_id, seq);
    CREATE INDEX jobs_by_organisation ON jobs (organisation, seq);
    CREATE INDEX jobs_by_provider ON jobs (provider, seq);
    CREATE TABLE job_datasets (
      dataset TEXT NOT NULL, organisation TEXT NOT NULL, submitted_at TEXT NOT NULL, job TEXT NOT NULL REFERENCES jobs (id),
      PRIMARY KEY (dataset, organisation, submitted_at, job)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE release_votes (
      seq INTEGER PRIMARY KEY, job TEXT NOT NULL REFERENCES jobs (id), account TEXT NOT NULL, vote TEXT NOT NULL, UNIQUE (job, account)
    ) STRICT;
    CREATE TABLE ledger (seq INTEGER PRIMARY KEY, "of" TEXT NOT NULL, head TEXT NOT NULL UNIQUE, delta TEXT NOT NULL) STRICT;
    CREATE TABLE replays (
      id TEXT PRIMARY KEY, job TEXT NOT NULL, outcome TEXT NOT NULL, expected TEXT, actual TEXT, difference TEXT, program TEXT NOT NULL,
      program_differs INTEGER NOT NULL, at TEXT NOT NULL, seq INTEGER NOT NULL UNIQUE
    ) STRICT;
  `,
  apply: {
    'job.accepted': (db, { seq, time, actor, body }) => {
      db.run(`INSERT INTO jobs (id, grant_id, grant_version, terms, organisation, provider, account, sql, datasets, withdrawals, state, submitted_at, program, seq)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?)`,
        body.job, body.grant, body.grantVersion, body.terms, body.organisation, body.provider, actor.id, body.sql, JSON.stringify(body.datasets), body.withdrawals, time, body.program, seq);
      for (const { dataset } of body.datasets) db.run('INSERT INTO job_datasets (dataset, organisation, submitted_at, job) VALUES (?, ?, ?, ?)', dataset, body.organisation, time, body.job);
    },
    'job.started': (db, { body }) => {
      db.run("UPDATE jobs SET state = 'running', attempt = ? WHERE id = ?", body.attempt, body.job);
    },
    'job.interrupted': (db, { body }) => {
      db.run("UPDATE jobs SET state = 'queued' WHERE id = ?", body.job);
    },
    'job.released': (db, { seq, time, body }) => {
      keepAnswer(db, seq, body);
      end(db, body.job, 'released', time);
    },
    'job.held': (db, { seq, time, body }) => {
      keepAnswer(db, seq, body);
      db.run("UPDATE jobs SET state = 'held', held_at = ?, reviewers = ? WHERE id = ?", time, body.reviewers ?? 1, body.job);
    },
    'job.refused': (db, { time, body }) => {
      db.run('UPDATE jobs SET refusals = ? WHERE id = ?', body.refusals, body.job);
      end(db, body.job, 'refused', time);
    },
    'job.failed': (db, { time, body }) => end(db, body.job, 'failed', time),
    'job.cancelled': (db, { time, body }) => {
      db.run('UPDATE jobs SET cause = ? WHERE id = ?', body.cause, body.job);
      end(db, body.job, 'cancelled', time);
    },
    'release.voted': (db, { seq, actor, body }) => {
      db.run('INSERT INTO release_votes (seq, job, account, vote) VALUES (?, ?, ?, ?)', seq, body.job, actor.id, body.vote);
    },
    'release.approved': (db, { seq, time, body }) => {
      db.run('UPDATE jobs SET reason = ?, result = ifnull(?, result), held = NULL, approved_seq = ? WHERE id = ?', body.reason, body.result ?? null, seq, body.job);
      end(db, body.job, 'released', time);
    },
    'release.rejected': (db, { time, body }) => {
      db.run('UPDATE jobs SET reason = ? WHERE id = ?', body.reason, body.job);
      end(db, body.job, 'rejected', time);
    },
    'release.withdrawn': (db, { time, body }) => {
      db.run('UPDATE jobs SET cause = ?, reason = ifnull(?, reason) WHERE id = ?', body.cause, body.reason ?? null, body.job);
      end(db, body.job, 'withdrawn', time);
    },
    'replay.matched': (db, { seq, time, body }) => {
      db.run("INSERT INTO replays (id, job, outcome, expected, actual, program, program_differs, at, seq) VALUES (?, ?, 'matched', ?, ?, ?, ?, ?, ?)",
        body.replay, body.job, body.expected, body.actual, body.program, body.programDiffers ? 1 : 0, time, seq);
    },
    'replay.differed': (db, { seq, time, body }) => {
      db.run("INSERT INTO replays (id, job, outcome, expected, actual, difference, program, program_differs, at, seq) VALUES (?, ?, 'differed', ?, ?, ?, ?, ?, ?, ?)",
        body.replay, body.job, body.expected, body.actual, body.difference, body.program, body.programDiffers ? 1 : 0, time, seq);
    },
    'replay.failed': (db, { seq, time, body }) => {
      db.run("INSERT INTO replays (id, job, outcome, program, program_differs, at, seq) VALUES (?, ?, 'failed', ?, ?, ?, ?)",
        body.replay, body.job, body.program, body.programDiffers ? 1 : 0, time, seq);
    },
  },
  stateless: ['release.viewed', 'release.altered', 'result.downloaded'],
} satisfies ProjectionOf<Exclude<JobEvent['kind'], 'release.viewed' | 'release.altered' | 'result.downloaded' | LedgerEntryEventKind>>;

export const pinsOf = (row: Pick<JobRow, 'datasets'>): DatasetPin[] => JSON.parse(row.datasets) as DatasetPin[];

export function jobRow(db: Reader, id: JobId): JobRow | undefined {
  return db.get<JobRow>('SELECT * FROM jobs WHERE id = ?', id);
}

/** Those of the jobs that are neither queued nor running. */
export function settledAmong(db: Reader, jobs: readonly JobId[]): JobId[] {
  return db.all<{ id: JobId }>("SELECT id FROM jobs WHERE id IN (SELECT value FROM json_each(?)) AND state NOT IN ('queued', 'running')", JSON.stringify(jobs)).map(({ id }) => id);
}

export interface JobFilter {
  readonly grant: GrantId | null;
  readonly states: readonly JobState[] | null;
}

export function jobRows(db: Reader, scope: Scope, filter: JobFilter, before: number, limit: number): JobRow[] {
  const { where, parameters } = within(scope);
  return db.all<JobRow>(
    `SELECT * FROM jobs WHERE ${where} AND seq < ? AND grant_id = ifnull(?, grant_id) AND state IN (SELECT value FROM json_each(ifnull(?, json_array(state)))) ORDER BY seq DESC LIMIT ?`,
    ...parameters, before, filter.grant, filter.states === null ? null : JSON.stringify(filter.states), limit);
}

export interface VoteRow {
  readonly account: AccountId;
  readonly vote: Commitment;
}

/** In the order they were cast. */
export function votesOn(db: Reader, job: JobId): VoteRow[] {
  return db.all<VoteRow>('SELECT account, vote FROM release_votes WHERE job = ? ORDER BY seq', job);
}

/** Jobs whose result was held, or taken back by the agency, newest first. */
export function releaseRows(db: Reader, scope: Scope, state: JobState, before: number, limit: number): JobRow[] {
  const { where, parameters } = within(scope);
  return db.all<JobRow>(`SELECT * FROM jobs WHERE ${where} AND seq < ? AND state = ? AND (held_at IS NOT NULL OR cause = 'agency') ORDER BY seq DESC LIMIT ?`, ...parameters, before, state, limit);
}

/** Jobs of a state, oldest first. */
export function jobsIn(db: Reader, state: JobState): JobRow[] {
  return db.all<JobRow>('SELECT * FROM jobs WHERE state = ? ORDER BY seq', state);
}

/** Jobs on a dataset that came to a table or a refusal, newest first. */
export function answeredJobs(db: Reader, dataset: DatasetId, limit: number): JobRow[] {
  return db.all<JobRow>(
    "SELECT * FROM jobs WHERE id IN (SELECT job FROM job_datasets WHERE dataset = ?) AND (answer_seq IS NOT NULL OR state = 'refused') ORDER BY seq DESC LIMIT ?", dataset, limit);
}

/** Jobs that a grant or a dataset still has underway or under review. */
export function unfinishedJobs(db: Reader, of: { readonly grant: GrantId } | { readonly dataset: DatasetId }): JobRow[] {
  const unfinished = "state IN ('queued', 'running', 'held')";
  return 'grant' in of
    ? db.all<JobRow>(`SELECT * FROM jobs WHERE grant_id = ? AND ${unfinished} ORDER BY seq`, of.grant)
    : db.all<JobRow>(`SELECT * FROM jobs WHERE ${unfinished} AND id IN (SELECT job FROM job_datasets WHERE dataset = ?) ORDER BY seq`, of.dataset);
}

export interface Waiting {
  readonly grant: GrantId;
  readonly organisation: OrganisationId;
  /** Its oldest job. */
  readonly job: JobId;
  readonly seq: number;
}

/** The oldest queued job of every grant that has one, leaving out those named. */
export function waitingByGrant(db: Reader, except: readonly JobId[]): Waiting[] {
  return db.all<Waiting>(
    "SELECT grant_id AS \"grant\", organisation, id AS job, min(seq) AS seq FROM jobs WHERE state = 'queued' AND id NOT IN (SELECT value FROM json_each(?)) GROUP BY grant_id",
    JSON.stringify(except));
}

export function queueLength(db: Reader): number {
  return db.get<{ n: number }>("SELECT count(*) AS n FROM jobs WHERE state = 'queued'")?.n ?? 0;
}

/** Jobs that wait, of a grant and of an organisation. */
export function countQueued(db: Reader, grant: GrantId, organisation: OrganisationId): { readonly ofGrant: number; readonly ofOrganisation: number } {
  return db.get(
    "SELECT (SELECT count(*) FROM jobs WHERE grant_id = ? AND state = 'queued') AS ofGrant, (SELECT count(*) FROM jobs WHERE organisation = ? AND state = 'queued') AS ofOrganisation", grant, organisation)
    ?? { ofGrant: 0, ofOrganisation: 0 };
}

/** Jobs of an organisation on a dataset since `since`, and when the oldest of them came. */
export function submittedSince(db: Reader, dataset: DatasetId, organisation: OrganisationId, since: string): { readonly jobs: number; readonly oldest: string | null } {
  return db.get('SELECT count(*) AS jobs, min(submitted_at) AS oldest FROM job_datasets WHERE dataset = ? AND organisation = ? AND submitted_at > ?', dataset, organisation, since)
    ?? { jobs: 0, oldest: null };
}

export function replayRow(db: Reader, id: ReplayId): ReplayRow | undefined {
  return db.get<ReplayRow>('SELECT * FROM replays WHERE id = ?', id);
}

export function replayRows(db: Reader, job: JobId | null, before: number, limit: number): ReplayRow[] {
  return db.all<ReplayRow>('SELECT * FROM replays WHERE seq < ? AND job = ifnull(?, job) ORDER BY seq DESC LIMIT ?', before, job, limit);
}
