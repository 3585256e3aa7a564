/** `/grants`: what operators hold; agencies suspend, resume and revoke. */
import { Reason } from '#contract/api/datasets.ts';
import { GrantPage, GrantParams, GrantQuery, GrantView } from '#contract/api/grants.ts';
import { ok } from '#contract/result.ts';
import { absent } from '#src/absent.ts';
import { changeGrant } from '#src/approvals/grants.ts';
import { scopeOf, sees } from '#src/approvals/permissions.ts';
import type { GrantAction } from '#src/approvals/transitions.ts';
import { grantView } from '#src/approvals/views.ts';
import type { JobKiller } from '#src/jobs/ending.ts';
import { grantRow, grantRows } from '#src/store/approvals.ts';
import type { Store } from '#src/store/store.ts';
import type { Api } from './api.ts';
import { page, readBefore } from './page.ts';
import { route } from './route.ts';

const tag = 'grants';
const read = { roles: ['operator', 'agency', 'auditor'], scope: 'approvals:read' } as const;

const listGrants = route({
  method: 'get', path: '/api/v1/grants', id: 'listGrants', tag, summary: 'Grants that concern you', access: read, query: GrantQuery,
  answer: { status: 200, description: 'Grants, newest first.', schema: GrantPage },
});
const readGrant = route({
  method: 'get', path: '/api/v1/grants/{grant}', id: 'readGrant', tag, summary: 'One grant', access: read, params: GrantParams,
  answer: { status: 200, description: 'The grant.', schema: GrantView, etag: true },
});
const change = (action: GrantAction, summary: string) => route({
  method: 'post', path: `/api/v1/grants/{grant}/${action}`, id: `${action}Grant`, tag, summary, access: { roles: ['agency'], scope: 'approvals:write' },
  params: GrantParams, body: Reason, problems: ['grants/state'], answer: { status: 200, description: 'Done.', schema: GrantView },
});

const CHANGES = [
  ['suspend', 'Suspend a grant; its jobs are cancelled and their workers killed'],
  ['resume', 'Put a suspended grant in force again'],
  ['revoke', 'End a grant for good; its jobs are cancelled and their workers killed'],
] as const satisfies readonly (readonly [GrantAction, string])[];

export interface GrantParts {
  readonly store: Store;
  readonly killer: JobKiller;
  readonly clock: () => Date;
}

export function grantRoutes(api: Api, { store, killer, clock }: GrantParts): void {
  const db = store.read;
  api.on(listGrants, ({ principal, query }) => {
    const before = readBefore(query.cursor);
    if (!before.ok) return before;
    const scope = scopeOf(principal);
    const rows = scope === null ? [] : grantRows(db, scope, query.state ?? null, before.value, query.limit + 1);
    const now = clock();
    return ok(page(rows, query.limit, ({ seq }) => [seq], (row) => grantView(db, row, now)));
  });
  api.on(readGrant, ({ principal, params }) => {
    const row = grantRow(db, params.grant);
    return row === undefined || !sees(principal, row) ? absent() : ok(grantView(db, row, clock()));
  });
  for (const [action, summary] of CHANGES) {
    api.on(change(action, summary), ({ principal, params, body }) => changeGrant(store, killer, principal, params.grant, action, body.reason));
  }
}
