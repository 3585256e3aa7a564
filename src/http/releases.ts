/** `/releases`: held results before the agency's reviewer. */
import { JobParams } from '#contract/api/jobs.ts';
import { Reason } from '#contract/api/datasets.ts';
import { ReleasePage, ReleaseQuery, ReleaseReview, ReleaseSummary } from '#contract/api/releases.ts';
import type { OrganisationId } from '#contract/id.ts';
import { ok } from '#contract/result.ts';
import { decideRelease, withdrawRelease } from '#src/releases/review-decide.ts';
import { releaseSummary } from '#src/releases/review-views.ts';
import { heldReleases, viewRelease, type ReviewParts } from '#src/releases/review.ts';
import { inTurnOf } from '#src/workers/in-turn.ts';
import type { Api } from './api.ts';
import { page, readBefore } from './page.ts';
import { route } from './route.ts';

const tag = 'releases';

const listReleases = route({
  method: 'get', path: '/api/v1/releases', id: 'listReleases', tag, summary: 'Results that were held or withdrawn; those that wait unless `state` says otherwise', access: { roles: ['agency', 'auditor'], scope: 'releases:read' },
  query: ReleaseQuery, answer: { status: 200, description: 'Releases, newest first.', schema: ReleasePage },
});
const readRelease = route({
  method: 'get', path: '/api/v1/releases/{job}', id: 'readRelease', tag, summary: 'What would be released, with the evidence of every cell; looking at it is in the log', access: { roles: ['agency'], scope: 'releases:read' },
  params: JobParams, recorded: true, problems: ['releases/own-request', 'releases/state', 'releases/evidence', 'releases/altered'], answer: { status: 200, description: 'The held result with its evidence.', schema: ReleaseReview },
});
const decide = (decision: 'approve' | 'reject', summary: string) => route({
  method: 'post', path: `/api/v1/releases/{job}/${decision}`, id: `${decision}Release`, tag, summary, access: { roles: ['agency'], scope: 'releases:write' },
  params: JobParams, body: Reason, problems: ['releases/own-request', 'releases/four-eyes', 'releases/state', 'releases/evidence', 'releases/altered', 'grants/not-in-force', 'jobs/dataset-closed'],
  answer: { status: 200, description: 'Decided, or voted where another reviewer has to vote as well.', schema: ReleaseSummary },
});
const withdraw = route({
  method: 'post', path: '/api/v1/releases/{job}/withdraw', id: 'withdrawRelease', tag, summary: 'Take a released result back: it is served no more', access: { roles: ['agency'], scope: 'releases:write' },
  params: JobParams, body: Reason, problems: ['releases/state'], answer: { status: 200, description: 'Withdrawn.', schema: ReleaseSummary },
});

export function releaseRoutes(api: Api, parts: ReviewParts): void {
  const { store } = parts;
  api.on(listReleases, ({ principal, query }) => {
    const before = readBefore(query.cursor);
    if (!before.ok) return before;
    return ok(page(heldReleases(store.read, principal, query.state, before.value, query.limit + 1), query.limit, ({ seq }) => [seq], (row) => releaseSummary(store.read, row)));
  });
  const inTurn = (organisation: OrganisationId) => ({ ...parts, pool: inTurnOf(parts.pool, organisation) });
  api.on(readRelease, ({ principal, params }) => viewRelease(inTurn(principal.organisation), principal, params.job));
  api.on(decide('approve', 'Let a held result out'), ({ principal, params, body }) => decideRelease(inTurn(principal.organisation), principal, params.job, 'approve', body.reason));
  api.on(decide('reject', 'Keep a held result in'), ({ principal, params, body }) => decideRelease(inTurn(principal.organisation), principal, params.job, 'reject', body.reason));
  api.on(withdraw, ({ principal, params, body }) => withdrawRelease(store, principal, params.job, body.reason));
}
