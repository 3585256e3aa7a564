/** `/perturbation-tables`: tables of cell-key noise that agencies load, for their policies to name. */
import { LoadTable, TABLE_MEDIA, TableLoaded, TablePage, TableParams, TableQuery, TableView } from '#contract/api/perturbation-tables.ts';
import { MAX_ONS_LENGTH } from '#contract/ons-table.ts';
import { ok } from '#contract/result.ts';
import { loadTable, readTable, tableAsCsv, tablesSeenBy, tableSummary } from '#src/catalog/perturbation-tables.ts';
import { tableRows } from '#src/store/perturbation-tables.ts';
import type { Store } from '#src/store/store.ts';
import type { Api } from './api.ts';
import { page, readBefore } from './page.ts';
import { route } from './route.ts';

const tag = 'perturbation-tables';
const read = { roles: ['agency', 'auditor'], scope: 'catalog:read' } as const;
const all = '/api/v1/perturbation-tables';

const load = route({
  method: 'post', path: all, id: 'loadPerturbationTable', tag, summary: 'Load a perturbation table in the form of the ONS; policies of your organisation may name it from then on', access: { roles: ['agency'], scope: 'catalog:write' },
  // Line ends are two characters each in JSON.
  body: LoadTable, bodyLimit: 2 * MAX_ONS_LENGTH, idempotent: true, problems: ['perturbation-tables/invalid', 'perturbation-tables/name-taken'],
  answer: { status: 201, description: 'Loaded.', schema: TableLoaded, location: ({ table }) => `${all}/${table}` },
});
const list = route({
  method: 'get', path: all, id: 'listPerturbationTables', tag, summary: 'Tables of your organisation; the auditor: of all', access: read, query: TableQuery,
  answer: { status: 200, description: 'Tables, newest first.', schema: TablePage },
});
const one = route({
  method: 'get', path: `${all}/{table}`, id: 'readPerturbationTable', tag, summary: 'One table by its digest: mean, variance and largest deviation of each count', access: read, params: TableParams,
  answer: { status: 200, description: 'The table.', schema: TableView, etag: true },
});
const lines = route({
  method: 'get', path: `${all}/{table}/csv`, id: 'readPerturbationTableLines', tag, summary: 'The lines of a table, by pcv and key', access: read, params: TableParams,
  answer: { status: 200, description: 'pcv,ckey,pvalue.', schema: null, media: [TABLE_MEDIA] },
});

export function perturbationTableRoutes(api: Api, { store }: { readonly store: Store }): void {
  const db = store.read;
  api.on(load, ({ principal, body }) => loadTable(store, principal, body));
  api.on(list, ({ principal, query }) => {
    const before = readBefore(query.cursor);
    if (!before.ok) return before;
    return ok(page(tableRows(db, tablesSeenBy(principal), query.name ?? null, before.value, query.limit + 1), query.limit, ({ seq }) => [seq], tableSummary));
  });
  api.on(one, ({ principal, params }) => readTable(db, principal, params.table));
  api.on(lines, ({ principal, params }) => {
    const csv = tableAsCsv(db, principal, params.table);
    return csv.ok ? ok(new Response(csv.value, { headers: { 'content-type': `${TABLE_MEDIA}; charset=utf-8; header=present` } })) : csv;
  });
}
