/** A released table, in the format asked for. Every download is an event, on disk before the first byte leaves. */
import { RESULT_MEDIA, type ResultView } from '#contract/api/jobs.ts';
import type { Digest } from '#contract/canonical.ts';
import type { DownloadFormat } from '#contract/event/jobs.ts';
import type { JobId } from '#contract/id.ts';
import type { ResultTable } from '#contract/table.ts';
import { fail, type Failure } from '#contract/problem.ts';
import { assertNever, ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import { actorOf, type Principal } from '#src/accounts/principal.ts';
import { absent } from '#src/absent.ts';
import { mayAct } from '#src/approvals/permissions.ts';
import type { JobParts } from '#src/jobs/parts.ts';
import type { JobState } from '#src/jobs/transitions.ts';
import { FAILED, refusalsOf, TAKEN_BACK } from '#src/jobs/views.ts';
import type { Reader } from '#src/store/db.ts';
import { jobRow, type JobRow } from '#src/store/jobs.ts';
import { withCompanion } from './companion.ts';
import { renderCsv } from './formats/csv.ts';
import { openResult, type StoredResult } from './sealed-result.ts';

type Parts = Pick<JobParts, 'store' | 'pool' | 'sealingKey' | 'checkWallMs'>;

export interface Download {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Digest of a released result, for conditional requests. Fails as `download` does. */
export function releasedDigest(db: Reader, principal: Principal, id: JobId): Result<Digest, Failure> {
  const row = released(db, principal, id);
  return row.ok ? ok(row.value.digest) : row;
}

/** Fails `jobs/no-result` (with the refusals of a refused job), `jobs/rendering-failed`. Another's job is absent. */
export async function download(parts: Parts, principal: Principal, id: JobId, format: DownloadFormat): Promise<Result<Download, Failure>> {
  const { store } = parts;
  const row = released(store.read, principal, id);
  if (!row.ok) return row;
  const { digest } = row.value;
  const rendered = await render(parts, id, digest, storedResult(parts, row.value), format);
  if (!rendered.ok) return rendered;
  const recorded = await store.transact<null, Failure>(actorOf(principal), (tx) => {
    // Rendering takes a worker and its time: the result may have been taken back meanwhile.
    const still = released(tx.db, principal, id);
    if (!still.ok) return still;
    tx.record({ kind: 'result.downloaded', job: id, format, digest });
    return ok(null);
  });
  if (!recorded.ok) return recorded;
  return ok({ digest, mediaType: MEDIA_TYPES[format], bytes: rendered.value });
}

const MEDIA_TYPES = { ...RESULT_MEDIA, csv: `${RESULT_MEDIA.csv}; charset=utf-8; header=present` } as const satisfies Record<DownloadFormat, string>;

/** Throws where the stored result was altered: nothing of it leaves. */
export function storedResult({ store, sealingKey }: Pick<JobParts, 'store' | 'sealingKey'>, row: JobRow): StoredResult {
  const sealed = row.result === null ? null : store.blob(row.result);
  const result = sealed === null ? null : openResult(sealingKey, row.id, sealed);
  if (result === null) throw new Error('a stored result is missing or was altered');
  return result;
}

async function render(parts: Parts, job: JobId, digest: Digest, { table, statement }: StoredResult, format: DownloadFormat): Promise<Result<Uint8Array<ArrayBuffer>, Failure>> {
  switch (format) {
    case 'json':
      return ok(Buffer.from(JSON.stringify({ job, digest, table, statement } satisfies ResultView), 'utf8'));
    case 'csv':
      return ok(new Uint8Array(renderCsv(table)));
    case 'arrow': {
      // Loaded when first needed: the library is large, and most servers give out JSON.
      const { renderArrow } = await import('./formats/arrow.ts');
      return ok(new Uint8Array(renderArrow(table)));
    }
    case 'parquet':
      return renderParquet(parts, table);
    default:
      return assertNever(format);
  }
}

async function renderParquet({ pool, checkWallMs }: Parts, table: ResultTable): Promise<Result<Uint8Array<ArrayBuffer>, Failure>> {
  const answer = await pool.run({ kind: 'check' }, { kind: 'parquet', table: withCompanion(table) }, { wallMs: checkWallMs });
  if (answer.kind === 'parquet') return ok(Buffer.from(answer.bytes, 'base64'));
  return fail('jobs/rendering-failed', text('The Parquet file could not be made. Try again, or take another format.', '未能生成 Parquet 文件。请重试，或选择其他格式。'), { retryAfter: 1 });
}

function released(db: Reader, principal: Principal, id: JobId): Result<JobRow & { readonly digest: Digest }, Failure> {
  const row = jobRow(db, id);
  if (row === undefined || !mayAct('result.download', principal, row)) return absent();
  if (row.state === 'released' && row.digest !== null) return ok({ ...row, digest: row.digest });
  const refusals = refusalsOf(db, row);
  const waiting = row.state === 'queued' || row.state === 'running';
  return fail('jobs/no-result', row.cause === 'agency' ? TAKEN_BACK : WHY[row.state], { ...(refusals.length > 0 && { refusals }), ...(waiting && { retryAfter: 1 }) });
}

const WHY = {
  queued: text('The job waits for its turn; it has no result yet.', '作业正在排队，尚无结果。'),
  running: text('The job is running; it has no result yet.', '作业正在运行，尚无结果。'),
  held: text('The result waits for review by the agency.', '结果正等待数据提供单位审核。'),
  refused: text('The query was refused, for the reasons given; it has no result.', '查询因所列原因被拒绝，没有结果。'),
  failed: FAILED,
  cancelled: text('The job was cancelled; it has no result.', '作业已取消，没有结果。'),
  rejected: text('The agency did not release the result.', '数据提供单位未予发布该结果。'),
  withdrawn: text('The result was withdrawn.', '结果已撤回。'),
  released: text('The result is not there.', '结果不存在。'),
} as const satisfies Record<JobState, unknown>;
