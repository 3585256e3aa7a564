/** Jobs over HTTP. */
import { z } from 'zod';
import { Digest } from '../canonical.ts';
import { WithdrawalCause } from '../event/jobs.ts';
import { Explanation } from '../explanation.ts';
import { GrantId, JobId, OrganisationId } from '../id.ts';
import { DatasetId } from '../manifest.ts';
import { Refusal } from '../refusal.ts';
import { Statement } from '../statement.ts';
import { ResultTable } from '../table.ts';
import { Text } from '../text.ts';
import { PageQuery, pageOf, Timestamp } from './common.ts';

/** The gate has its own limit (32 KB) and its own sentence; this one only bounds what is stored. */
const Sql = z.string().min(1).max(65_536);

export const SubmitJob = z.strictObject({ grant: GrantId, sql: Sql });
export type SubmitJob = z.infer<typeof SubmitJob>;

export const JobStateView = z.enum(['queued', 'running', 'released', 'held', 'refused', 'failed', 'cancelled', 'rejected', 'withdrawn']);
export const JobParams = z.strictObject({ job: JobId });

/** Seconds that a request waits at most. */
export const MAX_WAIT = 60;
/** `wait`: answers when the job is neither queued nor running, at the latest after so many seconds; left out: at once. */
export const WaitQuery = z.strictObject({ wait: z.coerce.number().int().min(0).max(MAX_WAIT).optional() });

/**
 * A job as those concerned see it. No attempt numbers and no measured cost: both depend on the data or on others.
 * `sql`: null for auditors, and once the text was erased. `digest`: commitment to the result, once released.
 */
export const JobView = z.strictObject({
  id: JobId,
  grant: GrantId,
  organisation: OrganisationId,
  state: JobStateView,
  sql: z.string().nullable(),
  datasets: z.array(z.strictObject({ dataset: DatasetId, version: z.int().min(1), policyVersion: z.int().min(1) })),
  submittedAt: Timestamp,
  endedAt: Timestamp.nullable(),
  refusals: z.array(Refusal),
  /** One sentence for the states that have one: failed, cancelled, held. */
  note: Text.nullable(),
  cause: WithdrawalCause.nullable(),
  digest: Digest.nullable(),
  /** The reviewer's reason. */
  reason: z.string().nullable(),
});
export type JobView = z.infer<typeof JobView>;

export const JobQuery = z.strictObject({ ...PageQuery.shape, grant: GrantId.optional(), state: JobStateView.optional() });
export const JobPage = pageOf(JobView);

/** Answer of `POST /jobs:check`. `accepted`: it would run as it stands. `explanation` is null where the text could not be understood. */
export const CheckView = z.strictObject({ accepted: z.boolean(), explanation: Explanation.nullable(), refusals: z.array(Refusal) });
export type CheckView = z.infer<typeof CheckView>;

/** The JSON form of a result. */
export const ResultView = z.strictObject({ job: JobId, digest: Digest, table: ResultTable, statement: Statement });
export type ResultView = z.infer<typeof ResultView>;

/** Media types of `GET /jobs/{job}/result`, the first where the request accepts anything. */
export const RESULT_MEDIA = {
  json: 'application/json',
  csv: 'text/csv',
  arrow: 'application/vnd.apache.arrow.stream',
  parquet: 'application/vnd.apache.parquet',
} as const;
