/** A job as those concerned see it: the operator its text and refusals, agency and auditor what happened. */
import type { JobView } from '#contract/api/jobs.ts';
import type { Refusal } from '#contract/refusal.ts';
import { text, type Text } from '#contract/text.ts';
import type { Principal } from '#src/accounts/principal.ts';
import { mayAct } from '#src/approvals/permissions.ts';
import { reasonText } from '#src/approvals/views.ts';
import type { Reader } from '#src/store/db.ts';
import { pinsOf, type JobRow } from '#src/store/jobs.ts';
import { unseal } from '#src/store/seal.ts';
import type { JobState } from './transitions.ts';

/** INVARIANT (constant failure): errors, kills and time-outs are told in these words and no others, for their difference may depend on data. */
export const FAILED = text(
  'The job failed. Submit it again; if it fails again, make it smaller (fewer groups, fewer joins).',
  '作业失败。请重新提交；若再次失败，请缩小查询规模（减少分组或连接）。',
);

const NOTES: Partial<Record<JobState, Text>> = {
  failed: FAILED,
  held: text('The result waits for review by the agency.', '结果正等待数据提供单位审核。'),
  cancelled: text('The job was cancelled before it had a result.', '作业在产生结果前已取消。'),
  rejected: text('The agency did not release the result.', '数据提供单位未予发布该结果。'),
  withdrawn: text('The result was withdrawn before the agency decided on it.', '结果在数据提供单位作出决定前已撤回。'),
};

/** Said wherever a result is asked for that the agency has taken back. */
export const TAKEN_BACK = text(
  'The agency has withdrawn this result after its release, for the reason given. It is no longer served and must not be used any more.',
  '数据提供单位已在发布后撤回该结果，原因如所述。该结果不再提供，不得继续使用。',
);

export function jobView(db: Reader, row: JobRow, principal: Principal): JobView {
  const own = mayAct('job.submit', principal, row);
  return {
    id: row.id, grant: row.grant_id, organisation: row.organisation, state: row.state,
    sql: own ? unseal(db, row.sql) : null,
    datasets: pinsOf(row).map(({ dataset, version, policyVersion }) => ({ dataset, version, policyVersion })),
    submittedAt: row.submitted_at, endedAt: row.ended_at,
    refusals: own ? refusalsOf(db, row) : [],
    note: row.cause === 'agency' ? TAKEN_BACK : NOTES[row.state] ?? null, cause: row.cause,
    // Of a result that was taken back too: with it an operator finds the copies they have.
    digest: row.state === 'released' || row.cause === 'agency' ? row.digest : null,
    reason: reasonText(db, row.reason),
  };
}

/** Of a refused job; empty once the text was erased. */
export function refusalsOf(db: Reader, row: JobRow): Refusal[] {
  const sealed = row.refusals === null ? null : unseal(db, row.refusals);
  return sealed === null ? [] : JSON.parse(sealed) as Refusal[];
}
