/** Runs the tests of a policy's version on the snapshot in force, in a worker of their own. The results are on record before they are told. */
import { join } from 'node:path';
import type { PolicyTestRun, PolicyTestsView } from '#contract/api/policies.ts';
import type { Digest } from '#contract/canonical.ts';
import { newId, type JobId, type OrganisationId, type ProposalId } from '#contract/id.ts';
import type { Answer, ResultContents, SqlJob } from '#contract/job.ts';
import type { Manifest } from '#contract/manifest.ts';
import { judgeTest, PolicyTestResult, type Tried } from '#contract/policy-tests.ts';
import { policyDigest } from '#contract/policy-digest.ts';
import type { Policy } from '#contract/policy.ts';
import { fail, type Failure } from '#contract/problem.ts';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import { actorOf, type Principal } from '#src/accounts/principal.ts';
import { absent } from '#src/absent.ts';
import { mayAct } from '#src/approvals/permissions.ts';
import { feedOf } from '#src/jobs/chains.ts';
import type { JobParts } from '#src/jobs/parts.ts';
import { limitsOf, tableFor } from '#src/jobs/pins.ts';
import { listPin } from '#src/jobs/spec.ts';
import { openAnswer } from '#src/releases/reveal.ts';
import { apart } from '#src/store/alongside.ts';
import { datasetRow, lastTestRun, manifestOf, policyOf, policyRow, testsOf, type DatasetRow, type PolicyRow } from '#src/store/catalog.ts';
import { chainHead } from '#src/store/chains.ts';
import type { Reader } from '#src/store/db.ts';
import { unseal } from '#src/store/seal.ts';
import type { WorkerKey } from '#src/workers/pool.ts';
import { isInside } from './views.ts';

/** Milliseconds for all tests together; those that are left then are without an answer. */
const BUDGET_MS = 240_000;

export type TestParts = Pick<JobParts, 'store' | 'pool' | 'random' | 'snapshotStore' | 'wallMs'>;

/** On demand. Fails only where there is no such version for the caller. */
export async function testPolicy(parts: TestParts, principal: Principal, proposal: ProposalId): Promise<Result<PolicyTestsView, Failure>> {
  const row = policyRow(parts.store.read, proposal);
  if (row === undefined || !mayAct('policy.test', principal, { provider: row.organisation })) return absent();
  await runTests(parts, principal, row);
  return ok(testsView(parts.store.read, row));
}

/** Runs what has not been run on the snapshot in force: before a version is approved, and when it is proposed. */
export async function ensureTested(parts: TestParts, principal: Principal, proposal: ProposalId): Promise<void> {
  const { read } = parts.store;
  const row = policyRow(read, proposal);
  if (row === undefined || row.tests === null || !mayAct('policy.test', principal, { provider: row.organisation })) return;
  if (lastTestRun(read, proposal, known(read, row).snapshot) === undefined) await runTests(parts, principal, row);
}

/** INVARIANT (tested before approved): every test passed on the snapshot in force. Fails `policies/tests-failed` with the first that does not. */
export function testsPassed(db: Reader, row: PolicyRow): Result<null, Failure> {
  if (row.tests === null) return ok(null);
  const run = lastTestRun(db, row.proposal, known(db, row).snapshot);
  if (run === undefined) return fail('policies/tests-failed', text('The tests of this version have not been run on the snapshot in force. Approve it again to run them.', '该版本的测试尚未在现行快照上运行。请重新批准以运行测试。'));
  if (run.failed === 0) return ok(null);
  const failing = (resultsOf(db, run.report) ?? []).filter(({ passed }) => !passed);
  const [first] = failing;
  const why = first?.message ?? text('Its report was erased.', '其报告已被清除。');
  return fail('policies/tests-failed', text(
    `The version cannot be approved: its test “${first?.name ?? ''}” fails. ${why.en} Propose a version with a policy or tests that agree.`,
    `该版本不能批准：其测试“${first?.name ?? ''}”未通过。${why.zh}请提出策略与测试一致的新版本。`,
  ), { errors: failing.map(({ name, message }) => ({ at: `tests/${name}`, message: message ?? why })) });
}

/** Which queries a policy is held to, and how far it was, is for the agency and the auditor. */
export function readTests(db: Reader, principal: Principal, proposal: ProposalId): Result<PolicyTestsView, Failure> {
  const row = policyRow(db, proposal);
  return row === undefined || !isInside(principal, row) ? absent() : ok(testsView(db, row));
}

function testsView(db: Reader, row: PolicyRow): PolicyTestsView {
  const run = lastTestRun(db, row.proposal, null);
  const shown: PolicyTestRun | null = run === undefined ? null : {
    at: run.at, snapshot: run.snapshot, current: run.snapshot === known(db, row).snapshot, passed: run.passed, failed: run.failed, results: resultsOf(db, run.report),
  };
  return { proposal: row.proposal, tests: row.tests === null ? [] : testsOf(db, row.tests), run: shown };
}

async function runTests(parts: TestParts, principal: Principal, row: PolicyRow): Promise<void> {
  const { store } = parts;
  const { tests } = row;
  if (tests === null) return;
  const dataset = known(store.read, row);
  const under = { manifest: manifestOf(store.read, dataset.manifest), snapshot: dataset.snapshot, policy: policyOf(store.read, row.document), provider: dataset.organisation };
  const results: PolicyTestResult[] = [];
  const worker = newId('test', parts.random);
  const signal = AbortSignal.timeout(BUDGET_MS);
  try {
    for (const test of testsOf(store.read, tests)) results.push(judgeTest(test, await tryQuery(parts, worker, under, test.sql, signal)));
  } finally {
    parts.pool.killGrant(worker);
  }
  const failed = results.filter(({ passed }) => !passed).length;
  await apart(() => store.transact(actorOf(principal), (tx) => {
    tx.record({
      kind: 'policy.tested', proposal: row.proposal, tests, snapshot: dataset.snapshot, passed: results.length - failed, failed, report: tx.seal(JSON.stringify(results)),
    });
    return ok(null);
  }));
}

interface TestedOn {
  readonly manifest: Manifest;
  readonly snapshot: Digest;
  readonly policy: Policy;
  readonly provider: OrganisationId;
}

async function tryQuery({ store, pool, random, snapshotStore, wallMs }: TestParts, worker: string, { manifest, snapshot, policy, provider }: TestedOn, sql: string, signal: AbortSignal): Promise<Tried> {
  const spec: SqlJob = {
    kind: 'sql', job: newId('job', random) as JobId, sql, datasets: [{ manifest, snapshot, policy, policyDigest: policyDigest(policy), ...tableFor(store.read, policy) }], columns: everyColumn(manifest),
    limits: limitsOf([policy]), ledgerHead: null, withdrawals: listPin(chainHead(store.read, 'withdrawals'), provider), evidence: false,
  };
  const key: WorkerKey = { kind: 'grant', grant: worker, snapshots: [{ dataset: manifest.id, snapshot, directory: join(snapshotStore, snapshot) }], verify: false };
  // Tests are judged as if nothing had been released before: the ledger is not told.
  const answer = await pool.run(key, spec, { wallMs, signal, aside: true, feeds: [feedOf(store, 'withdrawals', spec.withdrawals?.head ?? null)] });
  return triedOf({ answer, ...await openAnswer(pool, spec.job, answer, false, { wallMs, signal }) });
}

/** The result itself goes no further than this. */
export function triedOf({ answer, result }: { readonly answer: Answer; readonly result: ResultContents | null }): Tried {
  switch (answer.kind) {
    case 'released':
    case 'held':
      return result === null ? { outcome: 'failed' } : { outcome: answer.kind, table: result.table };
    case 'refused':
      return { outcome: 'refused', codes: answer.refusals.map(({ code }) => code) };
    default:
      return { outcome: 'failed' };
  }
}

/** Direct identifiers are not kept when data is loaded, so no grant has them. */
function everyColumn({ id, tables }: Manifest): string[] {
  return Object.entries(tables).flatMap(([table, { columns }]) => Object.entries(columns).flatMap(([column, { role }]) => (role === 'identifier' ? [] : [`${id}.${table}.${column}`])));
}

function resultsOf(db: Reader, report: Parameters<typeof unseal>[1]): PolicyTestResult[] | null {
  const sealed = unseal(db, report);
  return sealed === null ? null : PolicyTestResult.array().parse(JSON.parse(sealed));
}

function known(db: Reader, { dataset }: PolicyRow): DatasetRow {
  const row = datasetRow(db, dataset);
  if (row === undefined) throw new Error('a policy without its dataset');
  return row;
}
