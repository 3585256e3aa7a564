/** `/applications`: operators apply, agencies decide. */
import { ApplicationPage, ApplicationParams, ApplicationQuery, ApplicationView, Apply, ApproveApplication } from '#contract/api/applications.ts';
import { Reason } from '#contract/api/datasets.ts';
import type { GrantId } from '#contract/id.ts';
import { ok } from '#contract/result.ts';
import { absent } from '#src/absent.ts';
import { apply, approveApplication, rejectApplication, withdrawApplication } from '#src/approvals/applications.ts';
import { scopeOf, sees } from '#src/approvals/permissions.ts';
import { applicationView } from '#src/approvals/views.ts';
import { applicationRow, applicationRows } from '#src/store/approvals.ts';
import type { Limits } from '#src/limits/limits.ts';
import type { Store } from '#src/store/store.ts';
import type { Api } from './api.ts';
import { page, readBefore } from './page.ts';
import { route } from './route.ts';

const tag = 'applications';
const read = { roles: ['operator', 'agency', 'auditor'], scope: 'approvals:read' } as const;
const one = '/api/v1/applications/{application}';
const CONDITIONS = ['applications/columns', 'applications/dataset-closed', 'applications/purpose', 'applications/until'] as const;

const submit = route({
  method: 'post', path: '/api/v1/applications', id: 'apply', tag, summary: 'Apply: 使用单位, 应用场景, 所需数据, 共享模式, 截止时间, and the purpose', access: { roles: ['operator'], scope: 'approvals:write' },
  body: Apply, idempotent: true, problems: CONDITIONS,
  answer: { status: 201, description: 'Submitted; the agency decides.', schema: ApplicationView, location: ({ id }) => `/api/v1/applications/${id}` },
});
const listApplications = route({
  method: 'get', path: '/api/v1/applications', id: 'listApplications', tag, summary: 'Applications that concern you', access: read, query: ApplicationQuery,
  answer: { status: 200, description: 'Applications, newest first.', schema: ApplicationPage },
});
const readApplication = route({
  method: 'get', path: one, id: 'readApplication', tag, summary: 'One application', access: read, params: ApplicationParams,
  answer: { status: 200, description: 'The application.', schema: ApplicationView, etag: true },
});
const approve = route({
  method: 'post', path: `${one}/approve`, id: 'approveApplication', tag, summary: 'Approve, in whole or in part; a grant is issued', access: { roles: ['agency'], scope: 'approvals:write' },
  params: ApplicationParams, body: ApproveApplication, problems: [...CONDITIONS, 'applications/state'], answer: { status: 200, description: 'Approved.', schema: ApplicationView },
});
const reject = route({
  method: 'post', path: `${one}/reject`, id: 'rejectApplication', tag, summary: 'Reject', access: { roles: ['agency'], scope: 'approvals:write' },
  params: ApplicationParams, body: Reason, problems: ['applications/state'], answer: { status: 200, description: 'Rejected.', schema: ApplicationView },
});
const withdraw = route({
  method: 'post', path: `${one}/withdraw`, id: 'withdrawApplication', tag, summary: 'Take an own application back', access: { roles: ['operator'], scope: 'approvals:write' },
  params: ApplicationParams, problems: ['applications/state'], answer: { status: 200, description: 'Withdrawn.', schema: ApplicationView },
});

export interface ApplicationRouteParts {
  readonly store: Store;
  readonly limits: Limits;
  /** Told of every grant that is issued. */
  readonly granted: (grant: GrantId) => void;
}

export function applicationRoutes(api: Api, { store, limits, granted }: ApplicationRouteParts): void {
  const db = store.read;
  api.on(submit, ({ principal, body }) => apply({ store, limits }, principal, body));
  api.on(listApplications, ({ principal, query }) => {
    const before = readBefore(query.cursor);
    if (!before.ok) return before;
    const scope = scopeOf(principal);
    const rows = scope === null ? [] : applicationRows(db, scope, query.state ?? null, before.value, query.limit + 1);
    return ok(page(rows, query.limit, ({ seq }) => [seq], (row) => applicationView(db, row)));
  });
  api.on(readApplication, ({ principal, params }) => {
    const row = applicationRow(db, params.application);
    return row === undefined || !sees(principal, row) ? absent() : ok(applicationView(db, row));
  });
  api.on(approve, async ({ principal, params, body }) => {
    const approved = await approveApplication(store, principal, params.application, body);
    if (approved.ok && approved.value.grant !== null) granted(approved.value.grant);
    return approved;
  });
  api.on(reject, ({ principal, params, body }) => rejectApplication(store, principal, params.application, body.reason));
  api.on(withdraw, ({ principal, params }) => withdrawApplication(store, principal, params.application));
}
