/** `/jobs`: submit, follow, cancel, check, and fetch what was released. */
import { CheckView, JobPage, JobParams, JobQuery, JobView, RESULT_MEDIA, ResultView, SubmitJob, WaitQuery } from '#contract/api/jobs.ts';
import { fail } from '#contract/problem.ts';
import { ok } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import { absent } from '#src/absent.ts';
import { scopeOf, sees } from '#src/approvals/permissions.ts';
import { cancelJob } from '#src/jobs/cancel.ts';
import { checkQuery } from '#src/jobs/check.ts';
import type { JobParts } from '#src/jobs/parts.ts';
import type { Runner } from '#src/jobs/runner.ts';
import { submitJob } from '#src/jobs/submit.ts';
import type { JobWaits } from '#src/jobs/waits.ts';
import { jobView } from '#src/jobs/views.ts';
import { download, releasedDigest } from '#src/releases/download.ts';
import { formatAccepted } from '#src/releases/negotiate.ts';
import { jobRow, jobRows } from '#src/store/jobs.ts';
import type { Limits } from '#src/limits/limits.ts';
import { inTurnOf } from '#src/workers/in-turn.ts';
import type { Api } from './api.ts';
import { page, readBefore } from './page.ts';
import { route } from './route.ts';

const tag = 'jobs';
const read = { roles: ['operator', 'agency', 'auditor'], scope: 'jobs:read' } as const;
const write = { roles: ['operator'], scope: 'jobs:write' } as const;
const GRANT_PROBLEMS = ['request/not-found', 'grants/not-in-force', 'jobs/sharing', 'jobs/dataset-closed', 'applications/purpose'] as const;

const submit = route({
  method: 'post', path: '/api/v1/jobs', id: 'submitJob', tag, summary: 'Submit a query under a grant', access: write, body: SubmitJob, idempotent: true,
  problems: [...GRANT_PROBLEMS, 'jobs/quota'],
  answer: { status: 201, description: 'Accepted and queued.', schema: JobView, location: ({ id }) => `/api/v1/jobs/${id}` },
});
const check = route({
  method: 'post', path: '/api/v1/jobs:check', id: 'checkJob', tag, summary: 'Explain a query without running it', access: write, body: SubmitJob,
  problems: [...GRANT_PROBLEMS, 'jobs/check-failed'], answer: { status: 200, description: 'What it would do, and every reason why it would be refused.', schema: CheckView },
});
const listJobs = route({
  method: 'get', path: '/api/v1/jobs', id: 'listJobs', tag, summary: 'Jobs that concern you', access: read, query: JobQuery,
  answer: { status: 200, description: 'Jobs, newest first.', schema: JobPage },
});
const readJob = route({
  method: 'get', path: '/api/v1/jobs/{job}', id: 'readJob', tag, summary: 'One job; with `wait` as soon as it is neither queued nor running', access: read, params: JobParams, query: WaitQuery,
  answer: { status: 200, description: 'The job.', schema: JobView, etag: true },
});
const cancel = route({
  method: 'post', path: '/api/v1/jobs/{job}/cancel', id: 'cancelJob', tag, summary: 'Take a job back', access: write, params: JobParams,
  problems: ['jobs/state'], answer: { status: 200, description: 'Cancelled, or withdrawn where its result was held.', schema: JobView },
});
const readResult = route({
  method: 'get', path: '/api/v1/jobs/{job}/result', id: 'readResult', tag, summary: 'The released table, in the format that Accept asks for; every download is in the log',
  access: { roles: ['operator'], scope: 'releases:read' }, params: JobParams, query: WaitQuery, recorded: true, problems: ['jobs/no-result', 'jobs/rendering-failed', 'request/not-acceptable'],
  answer: { status: 200, description: 'The table; as JSON with its statement. Its ETag is the digest of the result.', schema: null, media: Object.values(RESULT_MEDIA), documents: { [RESULT_MEDIA.json]: ResultView } },
});

export interface JobRouteParts extends JobParts {
  readonly runner: Runner;
  readonly waits: JobWaits;
  readonly limits: Limits;
  readonly clock: () => Date;
}

export function jobRoutes(api: Api, parts: JobRouteParts): void {
  const { store, runner, waits, limits, pool, clock } = parts;
  const db = store.read;
  api.on(submit, ({ principal, body }) => submitJob(parts, runner, principal, body));
  api.on(check, async ({ principal, body }) => {
    const free = limits.rate('checksPerMinute', principal.organisation);
    return free.ok ? checkQuery({ ...parts, pool: inTurnOf(pool, principal.organisation) }, principal, body, clock) : free;
  });
  api.on(listJobs, ({ principal, query }) => {
    const before = readBefore(query.cursor);
    if (!before.ok) return before;
    const scope = scopeOf(principal);
    const filter = { grant: query.grant ?? null, states: query.state === undefined ? null : [query.state] };
    const rows = scope === null ? [] : jobRows(db, scope, filter, before.value, query.limit + 1);
    return ok(page(rows, query.limit, ({ seq }) => [seq], (row) => jobView(db, row, principal)));
  });
  api.on(readJob, async ({ principal, params, query, request }) => {
    const seen = jobRow(db, params.job);
    if (seen === undefined || !sees(principal, seen)) return absent();
    await waits.settled(params.job, (query.wait ?? 0) * 1000, request.signal);
    return ok(jobView(db, jobRow(db, params.job) ?? seen, principal));
  });
  api.on(cancel, ({ principal, params }) => cancelJob(store, runner, principal, params.job));
  api.on(readResult, async ({ principal, params, query, request }) => {
    const row = jobRow(db, params.job);
    if (row === undefined || !sees(principal, row)) return absent();
    await waits.settled(params.job, (query.wait ?? 0) * 1000, request.signal);
    const digest = releasedDigest(db, principal, params.job);
    if (!digest.ok) return digest;
    const headers = { etag: `"${digest.value}"`, vary: 'accept', 'cache-control': 'private, no-cache' };
    const known = (request.headers.get('if-none-match') ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
    if (known.includes(headers.etag)) return ok(new Response(null, { status: 304, headers }));
    const format = formatAccepted(request.headers.get('accept'));
    if (format === null) {
      return fail('request/not-acceptable', text(
        `A result comes as ${Object.values(RESULT_MEDIA).join(', ')}; name one of them in Accept.`,
        `结果可提供的格式为 ${Object.values(RESULT_MEDIA).join('、')}；请在 Accept 中指定其一。`,
      ));
    }
    const free = format === 'parquet' ? limits.rate('checksPerMinute', principal.organisation) : ok(null);
    if (!free.ok) return free;
    const file = await download({ ...parts, pool: inTurnOf(pool, principal.organisation) }, principal, params.job, format);
    if (!file.ok) return file;
    return ok(new Response(file.value.bytes, { headers: { ...headers, 'content-type': file.value.mediaType } }));
  });
}
