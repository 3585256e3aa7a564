/** `/policies`: versions of release policies, their approval, reading and comparing. */
import {
  DryRunView, PolicyDiffQuery, PolicyDiffView, PolicyDraft, PolicyPage, PolicyParams, PolicyQuery, PolicyTestsView, PolicyView, PresetList, ProposePolicy, StartDryRun, StartFromPreset,
} from '#contract/api/policies.ts';
import { Reason } from '#contract/api/datasets.ts';
import { ROLES } from '#contract/api/common.ts';
import type { Failure } from '#contract/problem.ts';
import { ok, type Result } from '#contract/result.ts';
import type { Principal } from '#src/accounts/principal.ts';
import { absent } from '#src/absent.ts';
import { dryRun, type DryRunParts } from '#src/catalog/policy-dry-run.ts';
import { readTests, testPolicy } from '#src/catalog/policy-tests.ts';
import { approvePolicy, diffOf, proposePolicy, rejectPolicy, retractPolicy } from '#src/catalog/policies.ts';
import { draftForDataset, presets, presetSummary } from '#src/catalog/presets.ts';
import { policySummary, policyView, policyVisibility, seesPolicy } from '#src/catalog/views.ts';
import { policyRow, policyRows } from '#src/store/catalog.ts';
import type { Limits } from '#src/limits/limits.ts';
import { inTurnOf } from '#src/workers/in-turn.ts';
import type { Api } from './api.ts';
import { page, readBefore } from './page.ts';
import { route } from './route.ts';

const tag = 'policies';
const write = { roles: ['agency'], scope: 'approvals:write' } as const;
const read = { roles: ROLES, scope: 'catalog:read' } as const;
const one = '/api/v1/policies/{proposal}';

const propose = route({
  method: 'post', path: '/api/v1/policies', id: 'proposePolicy', tag, summary: 'Propose a version, with its tests; they are run at once', access: write, body: ProposePolicy, idempotent: true,
  problems: ['policies/invalid', 'policies/name-taken', 'policies/version', 'datasets/state'],
  answer: { status: 201, description: 'Proposed; another person approves.', schema: PolicyView, location: ({ proposal }) => `/api/v1/policies/${proposal}` },
});
const listPolicies = route({
  method: 'get', path: '/api/v1/policies', id: 'listPolicies', tag, summary: 'Versions that are or were in force; agencies: their own drafts too', access: read, query: PolicyQuery,
  answer: { status: 200, description: 'Versions, newest first.', schema: PolicyPage },
});
const readPolicy = route({
  method: 'get', path: one, id: 'readPolicy', tag, summary: 'One version with its document; operators: without the parameters of dominance rules', access: read, params: PolicyParams,
  answer: { status: 200, description: 'The version.', schema: PolicyView, etag: true },
});
const diffPolicy = route({
  method: 'get', path: `${one}/diff`, id: 'diffPolicy', tag, summary: 'What changed, and in which direction', access: read, params: PolicyParams, query: PolicyDiffQuery,
  answer: { status: 200, description: 'The changes in the order of the document.', schema: PolicyDiffView },
});
const approve = route({
  method: 'post', path: `${one}/approve`, id: 'approvePolicy', tag, summary: 'Approve a version that another person proposed', access: write, params: PolicyParams,
  problems: ['policies/four-eyes', 'policies/outdated', 'policies/invalid', 'policies/tests-failed', 'policies/state'], answer: { status: 200, description: 'Approved.', schema: PolicyView },
});
const reject = route({
  method: 'post', path: `${one}/reject`, id: 'rejectPolicy', tag, summary: 'Reject a proposed version', access: write, params: PolicyParams, body: Reason,
  problems: ['policies/state'], answer: { status: 200, description: 'Rejected.', schema: PolicyView },
});
const retract = route({
  method: 'post', path: `${one}/retract`, id: 'retractPolicy', tag, summary: 'Take back a version that you proposed', access: write, params: PolicyParams,
  problems: ['policies/four-eyes', 'policies/state'], answer: { status: 200, description: 'Taken back.', schema: PolicyView },
});

const readPolicyTests = route({
  method: 'get', path: `${one}/tests`, id: 'readPolicyTests', tag, summary: 'The tests of a version, and how their last run went', access: { roles: ['agency', 'auditor'], scope: 'catalog:read' }, params: PolicyParams,
  answer: { status: 200, description: 'The tests.', schema: PolicyTestsView },
});
const runPolicyTests = route({
  method: 'post', path: `${one}/test`, id: 'testPolicy', tag, summary: 'Run the tests of a version on the snapshot in force', access: write, params: PolicyParams,
  answer: { status: 200, description: 'The tests with their results.', schema: PolicyTestsView },
});
const dryRunPolicy = route({
  method: 'post', path: '/api/v1/policies:dry-run', id: 'dryRunPolicy', tag, summary: 'Try a draft on the latest jobs of its dataset: what would come out otherwise, in counts; nothing is released', access: write, body: StartDryRun,
  problems: ['policies/invalid'], answer: { status: 200, description: 'Job by job, newest first.', schema: DryRunView },
});
const listPresets = route({
  method: 'get', path: '/api/v1/policies:presets', id: 'listPresets', tag, summary: 'Presets: release rules that others publish, with their sources', access: read,
  answer: { status: 200, description: 'The presets.', schema: PresetList },
});
const draft = route({
  method: 'post', path: '/api/v1/policies:draft', id: 'draftPolicy', tag, summary: 'A starting policy for a dataset from a preset; nothing is kept', access: write, body: StartFromPreset,
  problems: ['policies/invalid'], answer: { status: 200, description: 'The draft, and the columns that it leaves out.', schema: PolicyDraft },
});

export function policyRoutes(api: Api, parts: DryRunParts & { readonly limits: Limits }): void {
  const { store, limits } = parts;
  const db = store.read;
  /** Each of these may run queries, one after the other. */
  const running = <T>({ organisation }: Principal, work: (inTurn: DryRunParts) => Promise<Result<T, Failure>>) =>
    limits.atOnce('policyRunsAtOnce', organisation, () => work({ ...parts, pool: inTurnOf(parts.pool, organisation) }));
  api.on(propose, ({ principal, body }) => running(principal, (inTurn) => proposePolicy(inTurn, principal, body)));
  api.on(listPresets, () => ok({ items: presets().map(presetSummary) }));
  api.on(draft, ({ principal, body }) => draftForDataset(db, principal, body.preset, body.dataset));
  api.on(dryRunPolicy, ({ principal, body }) => running(principal, (inTurn) => dryRun(inTurn, principal, body.document, body.last)));
  api.on(readPolicyTests, ({ principal, params }) => readTests(db, principal, params.proposal));
  api.on(runPolicyTests, ({ principal, params }) => running(principal, (inTurn) => testPolicy(inTurn, principal, params.proposal)));
  api.on(listPolicies, ({ principal, query }) => {
    const before = readBefore(query.cursor);
    if (!before.ok) return before;
    const filter = { dataset: query.dataset ?? null, state: query.state ?? null };
    return ok(page(policyRows(db, policyVisibility(principal), filter, before.value, query.limit + 1), query.limit, ({ seq }) => [seq], (row) => policySummary(db, row, principal)));
  });
  api.on(readPolicy, ({ principal, params }) => {
    const row = policyRow(db, params.proposal);
    return row === undefined || !seesPolicy(principal, row) ? absent() : ok(policyView(db, row, principal));
  });
  api.on(diffPolicy, ({ principal, params, query }) => diffOf(db, principal, params.proposal, query.against ?? null));
  api.on(approve, ({ principal, params }) => running(principal, (inTurn) => approvePolicy(inTurn, principal, params.proposal)));
  api.on(reject, ({ principal, params, body }) => rejectPolicy(store, principal, params.proposal, body.reason));
  api.on(retract, ({ principal, params }) => retractPolicy(store, principal, params.proposal));
}
