/** `POST /jobs:check`: explains a query without running it, in a worker that has the catalogue's schema and no data. */
import type { CheckView, SubmitJob } from '#contract/api/jobs.ts';
import { fail, type Failure } from '#contract/problem.ts';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import type { Principal } from '#src/accounts/principal.ts';
import { absent } from '#src/absent.ts';
import { mayAct } from '#src/approvals/permissions.ts';
import { columnsOf, grantRow } from '#src/store/approvals.ts';
import type { JobParts } from './parts.ts';
import { limitsOf, pinDatasets, pinnedDatasets } from './pins.ts';

/** `clock`: for the end of the grant. Fails as `pinDatasets` does, and `jobs/check-failed`. Another's grant is absent. */
export async function checkQuery({ store, pool, checkWallMs }: Pick<JobParts, 'store' | 'pool' | 'checkWallMs'>, principal: Principal, { grant, sql }: SubmitJob, clock: () => Date): Promise<Result<CheckView, Failure>> {
  const granted = grantRow(store.read, grant);
  if (granted === undefined || !mayAct('job.check', principal, granted)) return absent();
  const pinned = () => pinDatasets(store.read, grantRow(store.read, grant) ?? granted, clock());
  const pins = pinned();
  if (!pins.ok) return pins;
  const datasets = pinnedDatasets(store.read, pins.value, false);
  const answer = await pool.run(
    { kind: 'check' },
    { kind: 'check', sql, datasets, columns: columnsOf(granted), limits: limitsOf(datasets.map(({ policy }) => policy)) },
    { wallMs: checkWallMs },
  );
  // Nothing is explained under a grant that was suspended while the worker thought.
  const still = pinned();
  if (!still.ok) return still;
  if (answer.kind === 'checked') return ok({ accepted: answer.refusals.length === 0, explanation: answer.explanation, refusals: answer.refusals });
  if (answer.kind === 'refused') return ok({ accepted: false, explanation: null, refusals: answer.refusals });
  return fail('jobs/check-failed', text('The check gave no answer. Try again; if that does not help, make the query smaller.', '检查未给出应答。请重试；若仍无应答，请缩小查询。'), { retryAfter: 1 });
}
