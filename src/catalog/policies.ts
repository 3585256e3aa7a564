/** Release policies: one person of the agency proposes a version, another approves; one that loosens anything needs a second approver. */
import type { PolicyDiffView, PolicyView, ProposePolicy } from '#contract/api/policies.ts';
import type { Digest } from '#contract/canonical.ts';
import { newId, type AccountId, type ProposalId } from '#contract/id.ts';
import { checkPolicy } from '#contract/policy-check.ts';
import { diffPolicies, loosens, type PolicyChange } from '#contract/policy-diff.ts';
import { redactChanges } from '#contract/policy-redacted.ts';
import { diffTests } from '#contract/policy-tests-diff.ts';
import type { PolicyTests } from '#contract/policy-tests.ts';
import { ownTableOf } from '#contract/perturbation-table.ts';
import type { Policy } from '#contract/policy.ts';
import { fail, type Failure } from '#contract/problem.ts';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import { actorOf, type Principal } from '#src/accounts/principal.ts';
import { absent } from '#src/absent.ts';
import { recordingDenial } from '#src/approvals/denied.ts';
import { isAnotherPerson, mayAct, type ApprovalAction } from '#src/approvals/permissions.ts';
import { POLICY_TRANSITIONS, type PolicyAction, type PolicyState } from '#src/approvals/transitions.ts';
import { approversOf, datasetRow, keepDocument, latestOfPolicy, manifestOf, policyByDocument, policyInForce, policyOf, policyRow, testsOf, type PolicyRow } from '#src/store/catalog.ts';
import type { Reader } from '#src/store/db.ts';
import type { Store } from '#src/store/store.ts';
import type { Tx } from '#src/store/transaction.ts';
import { nextState } from '#src/transitions.ts';
import { asKept, loadedTables } from './perturbation-tables.ts';
import { ensureTested, testsPassed, type TestParts } from './policy-tests.ts';
import { isInside, policyView, seesPolicy, seesWhole } from './views.ts';

/** Kept with its perturbation table by digest. Its tests are run at once, and block the approval where they fail. Fails `policies/invalid`, `policies/name-taken`, `policies/version`, `datasets/state`. */
export async function proposePolicy(parts: TestParts, principal: Principal, { tests, ...written }: ProposePolicy): Promise<Result<PolicyView, Failure>> {
  const proposed = await parts.store.transact<PolicyView, Failure>(actorOf(principal), (tx) => {
    const dataset = datasetRow(tx.db, written.dataset);
    if (dataset === undefined || !mayAct('policy.propose', principal, { provider: dataset.organisation })) return noSuchDataset(written);
    if (dataset.state === 'withdrawn') return fail('datasets/state', text('A withdrawn dataset takes no policy.', '已撤回的数据集不再接受策略。'));
    const numbered = versionGoesUp(tx.db, written);
    if (!numbered.ok) return numbered;
    const valid = fitsManifest(written, tx.db);
    if (!valid.ok) return valid;
    const policy = asKept(tx.db, dataset.organisation, written);

    const base = policyInForce(tx.db, policy.dataset);
    const kept = keptTests(tx, tests, base);
    const looser = base !== undefined && loosens([...diffPolicies(policyOf(tx.db, base.document), policy), ...testChanges(tx.db, base.tests, kept.tests ?? null)]);
    const proposal = newId('prop', tx.random) as ProposalId;
    tx.record({
      kind: 'policy.proposed', proposal, policy: policy.policy, version: policy.version, dataset: policy.dataset, document: keepDocument(tx, policy),
      base: base?.document ?? null, loosens: looser, approvalsNeeded: looser ? 2 : 1, ...kept, ...namedTable(policy),
    });
    return ok(policyView(tx.db, known(tx.db, proposal), principal));
  });
  if (proposed.ok) await ensureTested(parts, principal, proposed.value.proposal);
  return proposed;
}

function namedTable(policy: Policy): { readonly perturbationTable?: Digest } {
  const table = ownTableOf(policy);
  return table === null ? {} : { perturbationTable: table };
}

/** Own tests, or those of the version in force; an empty list is none, and loosens where there were some. */
function keptTests(tx: Tx, tests: PolicyTests | undefined, base: PolicyRow | undefined): { readonly tests?: Digest } {
  if (tests === undefined) return base === undefined || base.tests === null ? {} : { tests: base.tests };
  return tests.length === 0 ? {} : { tests: keepDocument(tx, tests) };
}

/** Fails `policies/four-eyes`, `policies/outdated`, `policies/invalid`, `policies/tests-failed`, `policies/state`. */
export async function approvePolicy(parts: TestParts, principal: Principal, proposal: ProposalId): Promise<Result<PolicyView, Failure>> {
  await ensureTested(parts, principal, proposal);
  return decide(parts.store, principal, proposal, 'approve', (tx, row) => {
    const approvers = approversOf(tx.db, proposal);
    if (!isAnotherPerson(principal, [row.proposed_by, ...approvers])) {
      return fail('policies/four-eyes', text(
        `You have ${row.proposed_by === principal.account ? 'proposed' : 'already approved'} this version; another person of your organisation has to approve it.`,
        `您已${row.proposed_by === principal.account ? '提出' : '批准'}该版本；须由本单位的另一人批准。`,
      ));
    }
    const base = policyInForce(tx.db, row.dataset);
    if ((base?.document ?? null) !== row.base) {
      return fail('policies/outdated', text(
        'Since this version was proposed another one came into force, so that the comparison that was approved no longer holds. Propose it again under a new version number.',
        '该版本提出后已有其他版本生效，原比对不再成立。请以新的版本号重新提出。',
      ));
    }
    // The manifest may have changed since.
    const valid = fitsManifest(policyOf(tx.db, row.document), tx.db);
    if (!valid.ok) return valid;
    const passed = testsPassed(tx.db, row);
    if (!passed.ok) return passed;
    const all: AccountId[] = [...approvers, principal.account];
    const { policy, version, dataset, document } = row;
    if (all.length < row.approvals_needed) tx.record({ kind: 'policy.endorsed', proposal });
    else tx.record({ kind: 'policy.approved', proposal, policy, version, dataset, document, approvers: all });
    return ok(null);
  });
}

/** Fails `policies/state`. */
export function rejectPolicy(store: Store, principal: Principal, proposal: ProposalId, reason: string): Promise<Result<PolicyView, Failure>> {
  return decide(store, principal, proposal, 'reject', (tx) => {
    tx.record({ kind: 'policy.rejected', proposal, reason: tx.seal(reason) });
    return ok(null);
  });
}

/** Taken back by whoever proposed it. Fails `policies/four-eyes` for others, `policies/state`. */
export function retractPolicy(store: Store, principal: Principal, proposal: ProposalId): Promise<Result<PolicyView, Failure>> {
  return decide(store, principal, proposal, 'retract', (tx, row) => {
    if (row.proposed_by !== principal.account) return fail('policies/four-eyes', text('Only whoever proposed a version takes it back; others reject it.', '仅提出人可撤回该版本；他人可予以驳回。'));
    tx.record({ kind: 'policy.retracted', proposal });
    return ok(null);
  });
}

/** `against`: null for the version that was in force when this one was proposed. What a caller may not see is absent. */
export function diffOf(db: Reader, principal: Principal, proposal: ProposalId, against: ProposalId | null): Result<PolicyDiffView, Failure> {
  const row = policyRow(db, proposal);
  if (row === undefined || !seesPolicy(principal, row)) return absent();
  const other = against === null ? null : policyRow(db, against);
  if (other === undefined || (other !== null && (!seesPolicy(principal, other) || other.dataset !== row.dataset))) return absent();
  const base = other?.document ?? row.base;
  const rules = base === null ? [] : diffPolicies(policyOf(db, base), policyOf(db, row.document));
  const before = other ?? (base === null ? undefined : policyByDocument(db, row.dataset, base));
  const ofTests = before === undefined ? [] : testChanges(db, before.tests, row.tests);
  // That something is loosened everybody is told who sees the version; which tests there are, is for the agency and the auditor.
  const changes = isInside(principal, row) ? [...rules, ...ofTests] : rules;
  return ok({ against, loosens: loosens([...rules, ...ofTests]), changes: [...(seesWhole(principal) ? changes : redactChanges(changes))] });
}

function testChanges(db: Reader, before: Digest | null, after: Digest | null): readonly PolicyChange[] {
  if (before === after) return [];
  const [a, b] = [before, after].map((digest) => (digest === null ? [] : testsOf(db, digest)));
  return diffTests(a ?? [], b ?? []);
}

async function decide(
  store: Store, principal: Principal, proposal: ProposalId, action: Extract<PolicyAction, 'approve' | 'reject' | 'retract'>,
  act: (tx: Tx, row: PolicyRow) => Result<null, Failure>,
): Promise<Result<PolicyView, Failure>> {
  const permission: ApprovalAction = `policy.${action}`;
  const result = await store.transact<PolicyView, Failure>(actorOf(principal), (tx) => {
    const row = policyRow(tx.db, proposal);
    if (row === undefined || !seesPolicy(principal, row) || !mayAct(permission, principal, { provider: row.organisation })) return absent();
    if (nextState<PolicyState, PolicyAction>(POLICY_TRANSITIONS, row.state, action) === null) {
      return fail('policies/state', text(`The version is ${row.state}; "${action}" is not possible then.`, `该版本状态为 ${row.state}，不可执行 ${action}。`));
    }
    const done = act(tx, row);
    return done.ok ? ok(policyView(tx.db, known(tx.db, proposal), principal)) : done;
  });
  return recordingDenial(store, principal, permission, proposal, result);
}

export const noSuchDataset = ({ dataset }: Pick<Policy, 'dataset'>) => fail('policies/invalid', text(
  `Your organisation has no dataset "${dataset}".`, `贵单位没有数据集“${dataset}”。`,
), { errors: [{ at: 'body/dataset', message: text('must be a dataset of your organisation', '须为本单位的数据集') }] });

/** Version numbers of a policy go up, whatever became of the earlier ones; a name belongs to one dataset. */
function versionGoesUp(db: Reader, { policy, version, dataset }: Policy): Result<null, Failure> {
  const latest = latestOfPolicy(db, policy);
  if (latest === undefined) return ok(null);
  if (latest.dataset !== dataset) return fail('policies/name-taken', text(`The policy name "${policy}" belongs to another dataset; choose another name.`, `策略名称“${policy}”属于另一数据集，请更换名称。`));
  if (version > latest.version) return ok(null);
  return fail('policies/version', text(
    `Version ${version} of ${policy} is not after version ${latest.version}, the latest that was proposed. Use ${latest.version + 1}.`,
    `${policy} 的第 ${version} 版不晚于已提出的第 ${latest.version} 版。请使用第 ${latest.version + 1} 版。`,
  ));
}

export function fitsManifest(policy: Policy, db: Reader): Result<null, Failure> {
  const dataset = datasetRow(db, policy.dataset);
  if (dataset === undefined) return noSuchDataset(policy);
  const problems = checkPolicy(policy, manifestOf(db, dataset.manifest), { tables: loadedTables(db, dataset.organisation) });
  const first = problems[0];
  if (first === undefined) return ok(null);
  return fail('policies/invalid', text(`The policy cannot be used, at ${first.path}: ${first.message.en}`, `策略无法使用，位置 ${first.path}：${first.message.zh}`), {
    errors: problems.slice(0, 50).map(({ path, message }) => ({ at: `body/${path.replaceAll('.', '/')}`, message })),
  });
}

function known(db: Reader, proposal: ProposalId): PolicyRow {
  const row = policyRow(db, proposal);
  if (row === undefined) throw new Error('a proposal is missing after its event');
  return row;
}
