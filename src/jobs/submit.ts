/** Accepts a job: checks grant and quota, pins what it runs on, and answers with its event on disk. */
import type { JobView, SubmitJob } from '#contract/api/jobs.ts';
import { newId, type JobId } from '#contract/id.ts';
import type { Failure } from '#contract/problem.ts';
import { ok, type Result } from '#contract/result.ts';
import { actorOf, type Principal } from '#src/accounts/principal.ts';
import { absent } from '#src/absent.ts';
import { recordingDenial } from '#src/approvals/denied.ts';
import { mayAct } from '#src/approvals/permissions.ts';
import { grantRow } from '#src/store/approvals.ts';
import { policyOf } from '#src/store/catalog.ts';
import { chainHead } from '#src/store/chains.ts';
import { countQueued, jobRow } from '#src/store/jobs.ts';
import type { Limits } from '#src/limits/limits.ts';
import type { JobParts } from './parts.ts';
import { pinDatasets } from './pins.ts';
import { withinQuota } from './quota.ts';
import { jobView } from './views.ts';

/** Seconds: jobs take milliseconds as a rule. */
const QUEUE_RETRY = 1;

/** Fails as `pinDatasets` does, `limit/reached` and `jobs/quota`. Another's grant is absent. */
export async function submitJob(parts: Pick<JobParts, 'store' | 'program'> & { readonly limits: Limits }, runner: { wake(): void }, principal: Principal, { grant, sql }: SubmitJob): Promise<Result<JobView, Failure>> {
  const result = await parts.store.transact<JobView, Failure>(actorOf(principal), (tx) => {
    const granted = grantRow(tx.db, grant);
    if (granted === undefined || !mayAct('job.submit', principal, granted)) return absent();
    const pins = pinDatasets(tx.db, granted, tx.now);
    if (!pins.ok) return pins;
    const queued = countQueued(tx.db, grant, granted.organisation);
    const ofGrant = parts.limits.count('queuedJobsPerGrant', queued.ofGrant, QUEUE_RETRY);
    if (!ofGrant.ok) return ofGrant;
    const ofOrganisation = parts.limits.count('queuedJobsPerOrganisation', queued.ofOrganisation, QUEUE_RETRY);
    if (!ofOrganisation.ok) return ofOrganisation;
    const quota = withinQuota(tx.db, granted.organisation, pins.value.map(({ policy }) => policyOf(tx.db, policy)), tx.now);
    if (!quota.ok) return quota;

    const job = newId('job', tx.random) as JobId;
    tx.record({
      kind: 'job.accepted', job, grant, grantVersion: granted.version, terms: granted.terms, organisation: granted.organisation, provider: granted.provider,
      sql: tx.seal(sql), datasets: pins.value, withdrawals: chainHead(tx.db, 'withdrawals'), program: parts.program,
    });
    const row = jobRow(tx.db, job);
    if (row === undefined) throw new Error('a job is missing after its event');
    return ok(jobView(tx.db, row, principal));
  });
  if (result.ok) runner.wake();
  return recordingDenial(parts.store, principal, 'job.submit', grant, result);
}
