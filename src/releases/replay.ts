/**
 * Replay: a released job again from exactly what its entries in the log pin, in a worker that hashes every file first. The
 * outcome is recorded with digests only, and says where the first difference is.
 */
import type { ReplayView } from '#contract/api/releases.ts';
import { canonical, digestBytes, digestOf, type Digest } from '#contract/canonical.ts';
import type { EventBody, EventKind, EventOf } from '#contract/event.ts';
import type { Difference } from '#contract/event/jobs.ts';
import { newId, type JobId, type ReplayId } from '#contract/id.ts';
import type { Answer, ResultContents, SqlJob } from '#contract/job.ts';
import { fail, type Failure } from '#contract/problem.ts';
import { ownTableOf } from '#contract/perturbation-table.ts';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import { actorOf, type Principal } from '#src/accounts/principal.ts';
import { absent } from '#src/absent.ts';
import { feedOf, feedsFor, leadsTo } from '#src/jobs/chains.ts';
import type { JobParts } from '#src/jobs/parts.ts';
import { snapshotReferences } from '#src/jobs/pins.ts';
import { sqlJob } from '#src/jobs/spec.ts';
import { columnsOf, grantRow } from '#src/store/approvals.ts';
import { documentText, policyOf } from '#src/store/catalog.ts';
import type { Reader } from '#src/store/db.ts';
import { jobRow, replayRow, type JobRow, type ReplayRow } from '#src/store/jobs.ts';
import type { Store } from '#src/store/store.ts';
import type { WorkerKey } from '#src/workers/pool.ts';
import { openAnswer } from './reveal.ts';
import { openResult, type StoredResult } from './sealed-result.ts';

type Parts = Pick<JobParts, 'store' | 'pool' | 'random' | 'program' | 'snapshotStore' | 'sealingKey' | 'wallMs'>;

/** Hashing the files of large snapshots takes its time as well. */
const SLOWER = 10;

interface Pinned {
  readonly row: JobRow;
  readonly accepted: EventOf<'job.accepted'>['body'];
  readonly answer: EventOf<'job.released' | 'job.held'>['body'];
  /** Where the result is stored. */
  readonly result: string;
}

type Finding =
  | { readonly outcome: 'matched'; readonly actual: Digest }
  | { readonly outcome: 'differed'; readonly difference: Difference; readonly actual: Digest | null }
  | { readonly outcome: 'failed' };

/** Fails `replays/not-released`, `replays/text-erased`. */
export async function replayJob(parts: Parts, principal: Principal, id: JobId): Promise<Result<ReplayView, Failure>> {
  const { store, program } = parts;
  const pinned = pinnedBy(store, id);
  if (!pinned.ok) return pinned;
  const replay = newId('rep', parts.random) as ReplayId;
  const finding = await findDifference(parts, replay, pinned.value);
  if (!finding.ok) return finding;

  const { digest: expected, program: recorded } = pinned.value.answer;
  return store.transact<ReplayView, Failure>(actorOf(principal), (tx) => {
    tx.record(eventOf(finding.value, { replay, job: id, program, programDiffers: recorded !== program }, expected));
    const row = replayRow(tx.db, replay);
    if (row === undefined) throw new Error('a replay is missing after its event');
    return ok(replayView(row));
  });
}

export function replayView(row: ReplayRow): ReplayView {
  return {
    id: row.id, job: row.job, outcome: row.outcome, expected: row.expected, actual: row.actual, difference: row.difference,
    program: row.program, programDiffers: row.program_differs === 1, at: row.at,
  };
}

function eventOf(finding: Finding, of: { replay: ReplayId; job: JobId; program: string; programDiffers: boolean }, expected: Digest): EventBody {
  switch (finding.outcome) {
    case 'matched': return { kind: 'replay.matched', ...of, expected, actual: finding.actual };
    case 'differed': return { kind: 'replay.differed', ...of, expected, actual: finding.actual, difference: finding.difference };
    case 'failed': return { kind: 'replay.failed', ...of };
    default: return finding satisfies never;
  }
}

/** The pins as the log has them, not as the tables do. */
function pinnedBy(store: Store, id: JobId): Result<Pinned, Failure> {
  const row = jobRow(store.read, id);
  if (row === undefined) return absent();
  if ((row.state !== 'released' && row.cause !== 'agency') || row.answer_seq === null) {
    return fail('replays/not-released', text(`The job is ${row.state}; only a released one has a result to compare with.`, `该作业状态为 ${row.state}；仅已发布的作业有结果可供比对。`));
  }
  const answer = entry(store, row.answer_seq, ['job.released', 'job.held']);
  const { result } = answer.result === undefined && row.approved_seq !== null ? entry(store, row.approved_seq, ['release.approved']) : answer;
  if (result === undefined) throw new Error('the log does not say where a result is stored');
  return ok({ row, accepted: entry(store, row.seq, ['job.accepted']), answer, result });
}

function entry<Kind extends EventKind>(store: Store, seq: number, kinds: readonly Kind[]): EventOf<Kind>['body'] {
  const [bytes] = store.entries(seq, seq + 1);
  const event = bytes === undefined ? null : JSON.parse(Buffer.from(bytes).toString('utf8')) as EventOf<Kind>;
  if (event === null || !kinds.some((kind) => kind === event.body.kind)) throw new Error('the log does not hold the entry of a job where its table says');
  return event.body;
}

/** Fails `replays/text-erased`. */
async function findDifference(parts: Parts, replay: ReplayId, pinned: Pinned): Promise<Result<Finding, Failure>> {
  const { store, sealingKey } = parts;
  const { accepted, answer } = pinned;
  const changed = changedDocument(store.read, pinned);
  if (changed !== null) return ok(differed(changed));
  const sql = readSql(store, pinned);
  if (sql === 'altered') return ok(differed('sql'));
  if (sql === null) return fail('replays/text-erased', text('The text of the job was erased, so that it cannot be run again.', '作业文本已被清除，无法重新运行。'));
  const sealed = store.blob(pinned.result);
  const stored = sealed === null ? null : openResult(sealingKey, accepted.job, sealed);
  if (stored === null) return ok(differed('result'));
  const grant = grantRow(store.read, accepted.grant);
  if (grant === undefined) return ok(differed('grant'));

  const withdrawals = answer.withdrawals ?? null;
  if (!leadsTo(store, 'withdrawals', withdrawals)) return ok(differed('withdrawals'));
  if (!leadsTo(store, 'ledger', answer.ledgerHead)) return ok(differed('ledger'));
  const spec = sqlJob(store.read, { job: accepted.job, sql, pins: accepted.datasets, columns: columnsOf(grant), provider: accepted.provider, ledgerHead: answer.ledgerHead, withdrawals });
  const key: WorkerKey = { kind: 'grant', grant: replay, snapshots: snapshotReferences(parts.snapshotStore, accepted.datasets), verify: true };
  try {
    const again = await parts.pool.run(key, spec, { wallMs: parts.wallMs * SLOWER, feeds: feedsFor(store, spec) });
    if (again.kind === 'failed') return ok(await whyFailed(parts, key, spec));
    return ok(compare(again, (await openAnswer(parts.pool, accepted.job, again, false, { wallMs: parts.wallMs })).result, answer, stored));
  } finally {
    parts.pool.killGrant(replay);
  }
}

const differed = (difference: Difference, actual: Digest | null = null): Finding => ({ outcome: 'differed', difference, actual });

/** The first document that is no longer what the log pins. */
function changedDocument(db: Reader, { accepted }: Pinned): Difference | null {
  const isAsPinned = (digest: Digest) => {
    const body = documentText(db, digest);
    return body !== null && digestBytes(Buffer.from(body, 'utf8')) === digest;
  };
  for (const { manifest, policy } of accepted.datasets) {
    if (!isAsPinned(manifest)) return 'manifest';
    if (!isAsPinned(policy)) return 'policy';
    const table = ownTableOf(policyOf(db, policy));
    if (table !== null && !isAsPinned(table)) return 'perturbation-table';
  }
  const grant = grantRow(db, accepted.grant);
  if (grant === undefined) return 'grant';
  const { id, organisation, provider, purpose, sharing, until } = grant;
  return digestOf({ grant: id, organisation, provider, columns: columnsOf(grant), purpose, sharing, until }) === accepted.terms ? null : 'grant';
}

/** Null where it was erased. */
function readSql(store: Store, { accepted }: Pinned): string | 'altered' | null {
  try {
    return store.unseal(accepted.sql);
  } catch {
    return 'altered';
  }
}

/** A released and a held job gave a table; what else comes now is another outcome. */
function compare(again: Answer, result: ResultContents | null, { digest, kind }: Pinned['answer'], stored: StoredResult): Finding {
  const wanted = kind === 'job.released' ? 'released' : 'held';
  if (again.kind !== wanted) return differed('outcome');
  const actual = again.envelope.digest;
  if (actual !== digest) return differed('digest', actual);
  if (result === null) return { outcome: 'failed' };
  // The digest is the data plane's commitment; that it belongs to the stored table is checked here.
  return canonical(result.table) === canonical(stored.table) ? { outcome: 'matched', actual } : differed('result', actual);
}

/**
 * A worker says nothing about why. Where one with the same snapshots cannot answer the smallest question either, while one
 * without data can, the snapshots are what it refuses to open.
 */
async function whyFailed({ store, pool, wallMs }: Parts, key: WorkerKey, spec: SqlJob): Promise<Finding> {
  const smallest = { ...spec, sql: 'SELECT 1', evidence: false };
  const opens = await pool.run(key, smallest, { wallMs: wallMs * SLOWER, feeds: [feedOf(store, 'withdrawals', spec.withdrawals?.head ?? null)] });
  if (opens.kind !== 'failed') return { outcome: 'failed' };
  const { sql, columns, limits } = smallest;
  const checks = await pool.run({ kind: 'check' }, { kind: 'check', sql, columns, limits, datasets: spec.datasets.map((dataset) => ({ ...dataset, snapshot: null })) }, { wallMs });
  return checks.kind === 'failed' ? { outcome: 'failed' } : differed('snapshot');
}
