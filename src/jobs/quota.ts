/** `limits.jobsPerDay` of a policy: jobs of one operator on one dataset within 24 hours, under all of its grants together. */
import type { OrganisationId } from '#contract/id.ts';
import type { Policy } from '#contract/policy.ts';
import { fail, type Failure } from '#contract/problem.ts';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import type { Reader } from '#src/store/db.ts';
import { submittedSince } from '#src/store/jobs.ts';

const DAY = 24 * 3600 * 1000;

/** Fails `jobs/quota` with the seconds until one more is possible. */
export function withinQuota(db: Reader, organisation: OrganisationId, policies: readonly Policy[], now: Date): Result<null, Failure> {
  const since = new Date(now.getTime() - DAY).toISOString();
  for (const { dataset, limits } of policies) {
    const { jobs, oldest } = submittedSince(db, dataset, organisation, since);
    if (jobs < limits.jobsPerDay) continue;
    const wait = oldest === null ? DAY : Date.parse(oldest) + DAY - now.getTime();
    return fail('jobs/quota', text(
      `The policy of the dataset ${dataset} allows ${limits.jobsPerDay} jobs in 24 hours, and your organisation has submitted ${jobs}.`,
      `数据集 ${dataset} 的策略允许 24 小时内 ${limits.jobsPerDay} 个作业，贵单位已提交 ${jobs} 个。`,
    ), { retryAfter: Math.max(1, Math.ceil(wait / 1000)) });
  }
  return ok(null);
}
