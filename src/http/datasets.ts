/** `/datasets`: the catalogue, and what agencies do with their own part of it. */
import { DatasetPage, DatasetParams, DatasetQuery, DatasetVersionPage, DatasetView, Reason } from '#contract/api/datasets.ts';
import { PageQuery, ROLES } from '#contract/api/common.ts';
import { WithdrawalBatch, WithdrawalPage, WithdrawalQuery, WithdrawalRecorded } from '#contract/api/withdrawals.ts';
import type { OrganisationId } from '#contract/id.ts';
import { ok } from '#contract/result.ts';
import { absent } from '#src/absent.ts';
import { changeDataset, type DatasetChange } from '#src/catalog/life.ts';
import type { CatalogParts } from '#src/catalog/parts.ts';
import { addSnapshot, registerDataset } from '#src/catalog/register.ts';
import { datasetSummary, datasetVersion, datasetView, visibleStates } from '#src/catalog/views.ts';
import { recordWithdrawals, withdrawalsIn, withdrawalView } from '#src/catalog/withdrawals.ts';
import type { JobParts } from '#src/jobs/parts.ts';
import { datasetRow, datasetRows, datasetVersionRows } from '#src/store/catalog.ts';
import type { Limits } from '#src/limits/limits.ts';
import { inTurnOf } from '#src/workers/in-turn.ts';
import type { Api } from './api.ts';
import { page, readBefore } from './page.ts';
import { route } from './route.ts';

const tag = 'datasets';
/** A million identifiers of the length of a citizen's number. */
const MAX_BATCH_BYTES = 32 * 1024 * 1024;
const UPLOAD_PROBLEMS = ['request/bad-utf8', 'request/malformed-json', 'datasets/upload', 'datasets/manifest', 'datasets/ingest-refused', 'datasets/ingest-failed'] as const;

const listDatasets = route({
  method: 'get', path: '/api/v1/datasets', id: 'listDatasets', tag, summary: 'The catalogue', access: { roles: ROLES, scope: 'catalog:read' },
  query: DatasetQuery, answer: { status: 200, description: 'Datasets, newest first.', schema: DatasetPage },
});
const readDataset = route({
  method: 'get', path: '/api/v1/datasets/{dataset}', id: 'readDataset', tag, summary: 'One dataset with its manifest', access: { roles: ROLES, scope: 'catalog:read' },
  params: DatasetParams, answer: { status: 200, description: 'The dataset.', schema: DatasetView, etag: true },
});
const listVersions = route({
  method: 'get', path: '/api/v1/datasets/{dataset}/versions', id: 'listDatasetVersions', tag, summary: 'Versions of a dataset: snapshots with what was counted at ingest',
  access: { roles: ['agency', 'auditor'], scope: 'catalog:read' }, params: DatasetParams, query: PageQuery,
  answer: { status: 200, description: 'Versions, newest first.', schema: DatasetVersionPage },
});
const register = route({
  method: 'post', path: '/api/v1/datasets', id: 'registerDataset', tag, summary: 'Register a dataset: multipart, a part "manifest" and the files it names', access: { roles: ['agency'], scope: 'catalog:write' },
  upload: ['multipart/form-data'], problems: [...UPLOAD_PROBLEMS, 'datasets/id-taken'],
  answer: { status: 201, description: 'Registered.', schema: DatasetView, location: ({ id }) => `/api/v1/datasets/${id}` },
});
const snapshot = route({
  method: 'post', path: '/api/v1/datasets/{dataset}/snapshots', id: 'addSnapshot', tag, summary: 'A new snapshot: the files, and a new manifest where it changed', access: { roles: ['agency'], scope: 'catalog:write' },
  params: DatasetParams, upload: ['multipart/form-data'], problems: [...UPLOAD_PROBLEMS, 'datasets/state'],
  answer: { status: 201, description: 'Taken in.', schema: DatasetView },
});
const listWithdrawals = route({
  method: 'get', path: '/api/v1/datasets/{dataset}/withdrawals', id: 'listWithdrawals', tag, summary: 'Batches of units that withdrew consent or objected, or were reinstated, as far as they count in this dataset',
  access: { roles: ['agency', 'auditor'], scope: 'catalog:read' }, params: DatasetParams, query: WithdrawalQuery,
  answer: { status: 200, description: 'Batches, newest first.', schema: WithdrawalPage },
});
const withdrawUnits = route({
  method: 'post', path: '/api/v1/datasets/{dataset}/withdrawals', id: 'recordWithdrawals', tag, summary: 'Record that units withdrew consent or objected, or take that back: one batch; later jobs run without them', access: { roles: ['agency'], scope: 'catalog:write' },
  params: DatasetParams, body: WithdrawalBatch, bodyLimit: MAX_BATCH_BYTES, problems: ['datasets/state', 'withdrawals/refused', 'withdrawals/failed'],
  answer: { status: 201, description: 'Recorded.', schema: WithdrawalRecorded },
});
const change = (action: DatasetChange, summary: string) => route({
  method: 'post', path: `/api/v1/datasets/{dataset}/${action}`, id: `${action}Dataset`, tag, summary, access: { roles: ['agency'], scope: 'catalog:write' },
  params: DatasetParams, body: Reason, problems: ['datasets/state'], answer: { status: 200, description: 'Done.', schema: DatasetView },
});

export function datasetRoutes(api: Api, parts: CatalogParts & Pick<JobParts, 'pool' | 'snapshotStore' | 'wallMs'> & { readonly limits: Limits }): void {
  const { limits } = parts;
  const db = parts.store.read;

  api.on(listDatasets, ({ principal, query }) => {
    const before = readBefore(query.cursor);
    if (!before.ok) return before;
    const states = visibleStates(principal).filter((state) => query.state === undefined || state === query.state);
    return ok(page(datasetRows(db, states, before.value, query.limit + 1), query.limit, ({ seq }) => [seq], (row) => datasetSummary(db, row)));
  });

  api.on(readDataset, ({ principal, params }) => {
    const row = datasetRow(db, params.dataset);
    return row === undefined || !visibleStates(principal).includes(row.state) ? absent() : ok(datasetView(db, row, principal));
  });

  api.on(listVersions, ({ principal, params, query }) => {
    const row = datasetRow(db, params.dataset);
    if (row === undefined || (principal.role === 'agency' && row.organisation !== principal.organisation)) return absent();
    const before = readBefore(query.cursor);
    if (!before.ok) return before;
    return ok(page(datasetVersionRows(db, row.id, before.value, query.limit + 1), query.limit, ({ version }) => [version], (version) => datasetVersion(db, version)));
  });

  const inTurn = (organisation: OrganisationId) => ({ ...parts, pool: inTurnOf(parts.pool, organisation) });
  api.on(register, ({ principal, request }) => {
    const { organisation } = principal;
    return limits.atOnce('uploadsAtOnce', organisation, () => registerDataset(inTurn(organisation), principal, request));
  });
  api.on(snapshot, ({ principal, params, request }) => {
    const { organisation } = principal;
    return limits.atOnce('uploadsAtOnce', organisation, () => addSnapshot(inTurn(organisation), principal, params.dataset, request));
  });
  api.on(withdrawUnits, ({ principal, params, body }) => recordWithdrawals(inTurn(principal.organisation), principal, params.dataset, body));
  api.on(listWithdrawals, ({ principal, params, query }) => {
    const before = readBefore(query.cursor);
    if (!before.ok) return before;
    const rows = withdrawalsIn(db, principal, params.dataset, before.value, query.limit + 1);
    return rows === null ? absent() : ok(page(rows, query.limit, ({ seq }) => [seq], withdrawalView));
  });
  for (const [action, summary] of CHANGES) {
    api.on(change(action, summary), ({ principal, params, body }) => changeDataset(parts, principal, params.dataset, action, body.reason));
  }
}

const CHANGES = [
  ['suspend', 'Close a dataset for the time being; what runs on it is killed'],
  ['resume', 'Open a suspended dataset again'],
  ['withdraw', 'Take a dataset away for good; what runs on it is killed'],
] as const satisfies readonly (readonly [DatasetChange, string])[];
