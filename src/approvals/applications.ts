/** Applications: an operator applies for columns of one agency's datasets; the agency decides; an approval issues the grant. */
import type { ApplicationView, Apply, ApproveApplication } from '#contract/api/applications.ts';
import { digestOf } from '#contract/canonical.ts';
import { newId, type ApplicationId, type GrantId, type OrganisationId } from '#contract/id.ts';
import { fail, type Failure, type FieldError } from '#contract/problem.ts';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import type { Limits } from '#src/limits/limits.ts';
import { actorOf, type Principal } from '#src/accounts/principal.ts';
import { absent } from '#src/absent.ts';
import { applicationRow, columnsOf, countPending, datasetsOf, type ApplicationRow } from '#src/store/approvals.ts';
import { datasetRow, manifestOf, policyInForce, policyOf } from '#src/store/catalog.ts';
import type { Reader } from '#src/store/db.ts';
import type { Store } from '#src/store/store.ts';
import type { Tx } from '#src/store/transaction.ts';
import { nextState } from '#src/transitions.ts';
import { columnProblem, purposeIsAllowed, untilIsPossible } from './conditions.ts';
import { recordingDenial } from './denied.ts';
import { mayAct, sees, type ApprovalAction } from './permissions.ts';
import { APPLICATION_TRANSITIONS, type ApplicationAction } from './transitions.ts';
import { applicationView } from './views.ts';

/** Fails `applications/columns`, `applications/dataset-closed`, `applications/purpose`, `applications/until`, `limit/reached`. */
export async function apply({ store, limits }: { readonly store: Store; readonly limits: Limits }, principal: Principal, asked: Apply): Promise<Result<ApplicationView, Failure>> {
  const result = await store.transact<ApplicationView, Failure>(actorOf(principal), (tx) => {
    if (!mayAct('application.submit', principal, {})) return absent();
    const free = limits.count('pendingApplications', countPending(tx.db, principal.organisation));
    if (!free.ok) return free;
    const provider = providerOf(tx.db, asked.columns);
    if (!provider.ok) return provider;
    const until = new Date(asked.until);
    const possible = untilIsPossible(until, tx.now, null);
    if (!possible.ok) return possible;
    const allowed = datasetsAllow(tx.db, asked.columns, asked.purpose);
    if (!allowed.ok) return allowed;

    const application = newId('app', tx.random) as ApplicationId;
    tx.record({
      kind: 'application.submitted', application, organisation: principal.organisation, provider: provider.value,
      columns: asked.columns, purpose: asked.purpose, sharing: asked.sharing, until: until.toISOString(),
      text: tx.seal(JSON.stringify({ userUnit: asked.userUnit, scenario: asked.scenario })),
    });
    return ok(applicationView(tx.db, known(tx.db, application)));
  });
  return recordingDenial(store, principal, 'application.submit', asked.purpose, result);
}

/** Issues the grant. Fails as `apply` does, and `applications/state`. */
export function approveApplication(store: Store, principal: Principal, id: ApplicationId, less: ApproveApplication): Promise<Result<ApplicationView, Failure>> {
  return decide(store, principal, id, 'approve', (tx, row) => {
    const asked = columnsOf(row);
    const columns = less.columns ?? asked;
    const beyond = columns.flatMap((column, i): FieldError[] => (asked.includes(column) ? [] : [{ at: `body/columns/${i}`, message: text(`The column ${column} was not applied for.`, `未申请列 ${column}。`) }]));
    if (beyond.length > 0) return fail('applications/columns', text('An approval gives at most the columns that were applied for.', '批准的列不得超出申请范围。'), { errors: beyond });
    const until = new Date(less.until ?? row.until);
    const possible = untilIsPossible(until, tx.now, new Date(row.until));
    if (!possible.ok) return possible;
    const known = providerOf(tx.db, columns);
    if (!known.ok) return known;
    const allowed = datasetsAllow(tx.db, columns, row.purpose);
    if (!allowed.ok) return allowed;

    const grant = newId('grant', tx.random) as GrantId;
    const terms = { organisation: row.organisation, provider: row.provider, columns, purpose: row.purpose, sharing: row.sharing, until: until.toISOString() };
    tx.record({ kind: 'application.approved', application: id, grant });
    tx.record({ kind: 'grant.issued', grant, application: id, ...terms, terms: digestOf({ grant, ...terms }) });
    return ok(null);
  });
}

/** Fails `applications/state`. */
export function rejectApplication(store: Store, principal: Principal, id: ApplicationId, reason: string): Promise<Result<ApplicationView, Failure>> {
  return decide(store, principal, id, 'reject', (tx) => {
    tx.record({ kind: 'application.rejected', application: id, reason: tx.seal(reason) });
    return ok(null);
  });
}

/** Fails `applications/state`. */
export function withdrawApplication(store: Store, principal: Principal, id: ApplicationId): Promise<Result<ApplicationView, Failure>> {
  return decide(store, principal, id, 'withdraw', (tx) => {
    tx.record({ kind: 'application.withdrawn', application: id });
    return ok(null);
  });
}

async function decide(
  store: Store, principal: Principal, id: ApplicationId, action: ApplicationAction, act: (tx: Tx, row: ApplicationRow) => Result<null, Failure>,
): Promise<Result<ApplicationView, Failure>> {
  const permission: ApprovalAction = `application.${action}`;
  const result = await store.transact<ApplicationView, Failure>(actorOf(principal), (tx) => {
    const row = applicationRow(tx.db, id);
    if (row === undefined || !sees(principal, row) || !mayAct(permission, principal, row)) return absent();
    if (nextState(APPLICATION_TRANSITIONS, row.state, action) === null) {
      return fail('applications/state', text(`The application is ${row.state}; only a submitted one can be decided or withdrawn.`, `该申请状态为 ${row.state}；仅待审申请可审批或撤回。`));
    }
    const done = act(tx, row);
    return done.ok ? ok(applicationView(tx.db, known(tx.db, id))) : done;
  });
  return recordingDenial(store, principal, permission, id, result);
}

/** The agency whose datasets the columns are of. Fails `applications/columns` for unknown columns and for datasets of several agencies. */
function providerOf(db: Reader, columns: readonly string[]): Result<OrganisationId, Failure> {
  const datasets = new Map(datasetsOf(columns).map((id) => {
    const row = datasetRow(db, id);
    return [id as string, row === undefined || row.state === 'withdrawn' ? null : { provider: row.organisation, manifest: manifestOf(db, row.manifest) }];
  }));
  const errors = columns.flatMap((column, i): FieldError[] => {
    const problem = columnProblem(column, datasets.get(column.slice(0, column.indexOf('.')))?.manifest ?? null, `body/columns/${i}`);
    return problem === null ? [] : [problem];
  });
  const first = errors[0];
  if (first !== undefined) return fail('applications/columns', first.message, { errors: errors.slice(0, 20) });
  const providers = new Set([...datasets.values()].flatMap((dataset) => (dataset === null ? [] : [dataset.provider])));
  const [provider] = providers;
  if (provider === undefined || providers.size > 1) {
    return fail('applications/columns', text(
      'The datasets belong to different agencies, and each decides on its own data. Apply to each of them separately.',
      '所需数据集属于不同的数据提供单位，各单位仅审批本单位数据。请分别申请。',
    ));
  }
  return ok(provider);
}

/** Every dataset is open and its policy allows the purpose. Fails `applications/dataset-closed`, `applications/purpose`. */
function datasetsAllow(db: Reader, columns: readonly string[], purpose: string): Result<null, Failure> {
  for (const id of datasetsOf(columns)) {
    const policy = policyInForce(db, id);
    if (datasetRow(db, id)?.state !== 'active' || policy === undefined) {
      return fail('applications/dataset-closed', text(
        `The dataset ${id} takes no applications: it is ${policy === undefined ? 'without a release policy in force' : 'suspended'}.`,
        `数据集 ${id} 暂不受理申请：${policy === undefined ? '尚无生效的发布策略' : '已暂停'}。`,
      ));
    }
    const allowed = purposeIsAllowed(purpose, policyOf(db, policy.document));
    if (!allowed.ok) return allowed;
  }
  return ok(null);
}

function known(db: Reader, id: ApplicationId): ApplicationRow {
  const row = applicationRow(db, id);
  if (row === undefined) throw new Error('an application is missing after its event');
  return row;
}
