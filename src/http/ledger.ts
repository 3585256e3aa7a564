/** `/ledger`: tables published elsewhere, for the disclosure ledger. What is in the ledger nobody reads here: it is sealed. */
import { LedgerEntryView, PublishedTable } from '#contract/api/ledger.ts';
import { enterTable } from '#src/jobs/enter.ts';
import type { JobParts } from '#src/jobs/parts.ts';
import { inTurnOf } from '#src/workers/in-turn.ts';
import type { Api } from './api.ts';
import { route } from './route.ts';

const enter = route({
  method: 'post', path: '/api/v1/ledger/entries', id: 'enterPublishedTable', tag: 'ledger', summary: 'Enter a table published elsewhere: later releases are compared with it', access: { roles: ['agency'], scope: 'catalog:write' },
  body: PublishedTable, idempotent: true, problems: ['request/not-found', 'datasets/state', 'ledger/refused', 'ledger/failed'],
  answer: { status: 201, description: 'Entered.', schema: LedgerEntryView },
});

export function ledgerRoutes(api: Api, parts: Pick<JobParts, 'store' | 'pool' | 'random' | 'snapshotStore' | 'wallMs'>): void {
  api.on(enter, ({ principal, body }) => enterTable({ ...parts, pool: inTurnOf(parts.pool, principal.organisation) }, principal, body));
}
