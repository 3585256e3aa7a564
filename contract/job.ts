/**
 * What crosses between the planes: one JobSpec in, one Answer out, as length-prefixed JSON frames on descriptor 3.
 * Nothing else crosses: no log line, no exception text, no file.
 */
import { z } from 'zod';
import { PublishedTable } from './api/ledger.ts';
import { Digest } from './canonical.ts';
import { Chain, ChainEntry } from './chain.ts';
import { ReviewEvidence } from './evidence.ts';
import { Explanation } from './explanation.ts';
import { BatchId, EntryWithdrawalId, JobId, LedgerEntryId, OrganisationId } from './id.ts';
import { DatasetId, Manifest } from './manifest.ts';
import { Name } from './name.ts';
import { OnsTable } from './ons-table.ts';
import { Policy } from './policy.ts';
import { Refusal } from './refusal.ts';
import { Statement } from './statement.ts';
import { ResultTable } from './table.ts';
import { Text } from './text.ts';
import { WithdrawalChange, WithdrawalGround } from './withdrawal.ts';

/** A dataset as a job sees it: everything pinned by digest. */
export const PinnedDataset = z.strictObject({
  manifest: Manifest,
  snapshot: Digest.nullable(),
  policy: Policy,
  policyDigest: Digest,
  /** The perturbation table that the policy names by digest; left out where it names none. */
  perturbation: OnsTable.optional(),
});
export type PinnedDataset = z.infer<typeof PinnedDataset>;

/** `dataset.table.column` of a grant. */
export const GrantedColumn = z.string().regex(/^[^.]+\.[^.]+\.[^.]+$/);

export const JobLimits = z.strictObject({
  /** Cells of the final result, and rows × columns of any gate. */
  resultCells: z.int().min(1),
  gates: z.int().min(1),
});

/** The withdrawal list that a job runs on, and whose records on it count: those of the agency whose data they are. */
export const ListPin = z.strictObject({ head: Digest, by: OrganisationId });
export type ListPin = z.infer<typeof ListPin>;

const query = {
  sql: z.string(),
  datasets: z.array(PinnedDataset).min(1),
  columns: z.array(GrantedColumn),
  limits: JobLimits,
};

export const SqlJob = z.strictObject({
  kind: z.literal('sql'),
  job: JobId,
  ...query,
  /** Where the chains stand that the worker has to know for it; null: nothing is in them. */
  ledgerHead: Digest.nullable(),
  withdrawals: ListPin.nullable(),
  /** Whether to send the reviewer's evidence, sealed. */
  evidence: z.boolean(),
});
export type SqlJob = z.infer<typeof SqlJob>;

/** Explains without running; needs no snapshot and no grant beyond its columns. */
export const CheckJob = z.strictObject({ kind: z.literal('check'), ...query });
export type CheckJob = z.infer<typeof CheckJob>;

/** Renders a released table as Parquet in a scratch instance. */
export const ParquetJob = z.strictObject({ kind: z.literal('parquet'), table: ResultTable });
export type ParquetJob = z.infer<typeof ParquetJob>;

/**
 * Opens what the data plane sealed of a job: its review evidence, and a held result, for a reviewer or for its release. `digest`: what
 * the result was committed to when it was held.
 */
export const RevealJob = z.strictObject({
  kind: z.literal('reveal'), job: JobId, evidence: z.base64().nullable(), result: z.strictObject({ sealed: z.base64(), digest: Digest }).nullable(),
});
export type RevealJob = z.infer<typeof RevealJob>;

/** What a chain holds that the worker has not been told yet, in order: it has to know all of it up to the head that a job names. */
export const ChainJob = z.strictObject({ kind: z.literal('chain'), chain: Chain, entries: z.array(ChainEntry).min(1) });
export type ChainJob = z.infer<typeof ChainJob>;

/** Looks up who is behind the cells of a table that was published elsewhere. `of`: what its addition to the ledger is sealed for. */
export const EnterJob = z.strictObject({ kind: z.literal('enter'), of: LedgerEntryId, dataset: PinnedDataset, withdrawals: ListPin.nullable(), published: PublishedTable });
export type EnterJob = z.infer<typeof EnterJob>;

/** Makes an addition to the ledger that takes an entry of the agency out of what is compared with. `of`: what it is sealed for. */
export const WithdrawEntryJob = z.strictObject({ kind: z.literal('withdraw-entry'), of: EntryWithdrawalId, entry: LedgerEntryId });
export type WithdrawEntryJob = z.infer<typeof WithdrawEntryJob>;

/**
 * Makes an addition to the withdrawal list of identifiers as the agency's files have them. `of`: what it is sealed for. `by`: the agency whose
 * record it is, and in whose datasets it counts.
 */
export const WithdrawJob = z.strictObject({
  kind: z.literal('withdraw'), of: BatchId, by: OrganisationId, change: WithdrawalChange, ground: WithdrawalGround,
  manifest: Manifest, snapshot: Digest, unit: Name, identifiers: z.array(z.string().min(1)).min(1),
});
export type WithdrawJob = z.infer<typeof WithdrawJob>;

/** Checks and de-identifies the files beside a manifest into a snapshot below `snapshots`. */
export const IngestJob = z.strictObject({
  kind: z.literal('ingest'),
  manifest: Manifest,
  /** Directory with the files that the manifest names. */
  source: z.string(),
  /** `sluice try` accepts supplied record keys and does without catalogue fields. */
  trial: z.boolean(),
});
export type IngestJob = z.infer<typeof IngestJob>;

export const JobSpec = z.discriminatedUnion('kind', [SqlJob, CheckJob, ParquetJob, RevealJob, ChainJob, EnterJob, WithdrawEntryJob, WithdrawJob, IngestJob]);
export type JobSpec = z.infer<typeof JobSpec>;

/** First frame to a worker: what it may open, for its whole life. `null` snapshots: a worker without data. */
export const WorkerSetup = z.strictObject({
  kind: z.literal('setup'),
  /** Directory of the domain's keys, null where the worker needs none. */
  keys: z.string().nullable(),
  snapshots: z.array(z.strictObject({ dataset: DatasetId, snapshot: Digest, directory: z.string() })),
  /** Hash every file of the snapshots before opening them (replay), not only the small ones. */
  verify: z.boolean(),
  /** Where an ingest worker writes snapshots; null otherwise. */
  snapshotStore: z.string().nullable(),
  memoryMb: z.int().min(64),
  threads: z.int().min(1).max(64),
});
export type WorkerSetup = z.infer<typeof WorkerSetup>;

export const Cost = z.strictObject({
  gates: z.int().nonnegative(),
  cells: z.int().nonnegative(),
  rows: z.int().nonnegative(),
});
export type Cost = z.infer<typeof Cost>;

/** Whatever of a result depends on data: the table, how much of it was withheld, and how large it was. */
export const ResultContents = z.strictObject({ table: ResultTable, statement: Statement, cost: Cost });
export type ResultContents = z.infer<typeof ResultContents>;

const answered = {
  /** Salted commitment to the table (`audit.md`, Replay). */
  digest: Digest,
  /** Digest of the SQL that was executed, gates first, then the rest. */
  executed: Digest,
  engine: z.string(),
};
/** Sealed to the data plane: base64 of AES-256-GCM, which the control plane stores and cannot read. */
const Sealed = z.strictObject({ evidence: z.base64().nullable(), ledger: z.base64().nullable() });

export const ReleaseEnvelope = z.strictObject({ ...ResultContents.shape, ...answered, sealed: Sealed });
export type ReleaseEnvelope = z.infer<typeof ReleaseEnvelope>;

/** `sealed.result`: `ResultContents`. Of a held result the control plane learns that there is one, and what follows from the query alone. */
export const HeldEnvelope = z.strictObject({ ...answered, sealed: Sealed.extend({ result: z.base64() }) });
export type HeldEnvelope = z.infer<typeof HeldEnvelope>;

/** Facts about an ingested table that the catalogue may show: declared or counted over the whole table. */
export const IngestedTable = z.strictObject({
  table: z.string(),
  rows: z.int().nonnegative(),
  dropped: z.int().nonnegative(),
  clamped: z.int().nonnegative(),
  units: z.record(z.string(), z.int().nonnegative()),
});
export type IngestedTable = z.infer<typeof IngestedTable>;

/** `manifest`: as given, with the levels of every hierarchy filled in from its file; the snapshot's address covers it. */
export const Ingested = z.strictObject({ snapshot: Digest, bytes: z.int().nonnegative(), manifest: Manifest, tables: z.array(IngestedTable) });
export type Ingested = z.infer<typeof Ingested>;

/**
 * Why a load is refused: what, where, which rule. `line` is the first line of the file (CSV, the header is line 1) or the
 * first row (Parquet) that breaks it; `count` how many do. Never a value of the data.
 */
export const IngestProblem = z.strictObject({
  code: z.string().regex(/^ingest\/[a-z0-9]+(-[a-z0-9]+)*$/),
  table: z.string().nullable(),
  column: z.string().nullable(),
  line: z.int().min(1).nullable(),
  count: z.int().min(1),
  message: Text,
});
export type IngestProblem = z.infer<typeof IngestProblem>;

/** A worker's only way to speak. `failed` is one constant: errors, kills and time-outs look alike. */
export const Answer = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ready'), isolation: z.enum(['bubblewrap', 'process']), engine: z.string() }),
  z.strictObject({ kind: z.literal('released'), envelope: ReleaseEnvelope }),
  z.strictObject({ kind: z.literal('held'), envelope: HeldEnvelope }),
  z.strictObject({ kind: z.literal('refused'), refusals: z.array(Refusal).min(1) }),
  z.strictObject({ kind: z.literal('checked'), explanation: Explanation, refusals: z.array(Refusal) }),
  z.strictObject({ kind: z.literal('parquet'), bytes: z.base64() }),
  /** Null: was not asked for, or was altered, belongs to another job, was sealed under another key, or is not what was committed to. */
  z.strictObject({ kind: z.literal('revealed'), evidence: ReviewEvidence.nullable(), result: ResultContents.nullable() }),
  z.strictObject({ kind: z.literal('chain-kept'), head: Digest }),
  /** `sealed`: null where no row of the data has the keys of any cell. */
  z.strictObject({ kind: z.literal('entered'), known: z.int().nonnegative(), unknown: z.int().nonnegative(), sealed: z.base64().nullable() }),
  z.strictObject({ kind: z.literal('entry-withdrawn'), sealed: z.base64() }),
  /** `units`: different ones. `known`: those that the snapshot has rows of. */
  z.strictObject({ kind: z.literal('withdrawal-sealed'), units: z.int().min(1), known: z.int().nonnegative(), sealed: z.base64() }),
  z.strictObject({ kind: z.literal('ingested'), ingested: Ingested }),
  z.strictObject({ kind: z.literal('ingest-refused'), problems: z.array(IngestProblem).min(1).max(20) }),
  z.strictObject({ kind: z.literal('failed') }),
]);
export type Answer = z.infer<typeof Answer>;
