/**
 * A draft tried on what was asked before: the dataset's latest answered jobs run again in workers, each on what it pins but for the
 * draft in the place of its policy, and without the units that have withdrawn by now. Nothing is released or kept; what is told are outcomes, counts and clauses, never a value.
 */
import type { DryRunEntry, DryRunSide, DryRunView } from '#contract/api/policies.ts';
import type { ReviewEvidence } from '#contract/evidence.ts';
import { newId } from '#contract/id.ts';
import type { Answer, ResultContents, SqlJob } from '#contract/job.ts';
import { checkPolicy } from '#contract/policy-check.ts';
import { policyDigest } from '#contract/policy-digest.ts';
import type { Policy } from '#contract/policy.ts';
import type { Failure } from '#contract/problem.ts';
import { ok, type Result } from '#contract/result.ts';
import { actorOf, type Principal } from '#src/accounts/principal.ts';
import { mayAct } from '#src/approvals/permissions.ts';
import { feedsFor } from '#src/jobs/chains.ts';
import type { JobParts } from '#src/jobs/parts.ts';
import { limitsOf, snapshotReferences, tableFor } from '#src/jobs/pins.ts';
import { sqlJob } from '#src/jobs/spec.ts';
import { refusalsOf } from '#src/jobs/views.ts';
import { storedResult } from '#src/releases/download.ts';
import { peekHeld } from '#src/releases/held-result.ts';
import { openAnswer } from '#src/releases/reveal.ts';
import type { StoredResult } from '#src/releases/sealed-result.ts';
import { columnsOf, grantRow } from '#src/store/approvals.ts';
import { datasetRow } from '#src/store/catalog.ts';
import { chainHead } from '#src/store/chains.ts';
import type { Reader } from '#src/store/db.ts';
import { answeredJobs, pinsOf, type JobRow } from '#src/store/jobs.ts';
import { asKept, loadedTables } from './perturbation-tables.ts';
import { fitsManifest, noSuchDataset } from './policies.ts';

/** Milliseconds for all jobs together; those that are left then have no answer. */
const BUDGET_MS = 240_000;

export type DryRunParts = Pick<JobParts, 'store' | 'pool' | 'random' | 'snapshotStore' | 'sealingKey' | 'wallMs' | 'checkWallMs'>;

/** `last`: how many jobs, newest first. Fails `policies/invalid`. */
export async function dryRun(parts: DryRunParts, principal: Principal, written: Policy, last: number): Promise<Result<DryRunView, Failure>> {
  const { store } = parts;
  const dataset = datasetRow(store.read, written.dataset);
  if (dataset === undefined || !mayAct('policy.try', principal, { provider: dataset.organisation })) return noSuchDataset(written);
  const valid = fitsManifest(written, store.read);
  if (!valid.ok) return valid;
  const draft = asKept(store.read, dataset.organisation, written);
  const signal = AbortSignal.timeout(BUDGET_MS);
  const jobs: DryRunEntry[] = [];
  for (const row of answeredJobs(store.read, draft.dataset, last)) {
    const entry = await tryJob(parts, row, draft, signal);
    if (entry !== null) jobs.push(entry);
  }
  const changed = jobs.filter((job) => job.changed).length;
  return store.transact<DryRunView, Failure>(actorOf(principal), (tx) => {
    const document = policyDigest(draft);
    tx.record({ kind: 'policy.tried', dataset: draft.dataset, document, jobs: jobs.length, changed });
    return ok({ dataset: draft.dataset, document, changed, jobs });
  });
}

/** Null where the text of the job was erased. */
async function tryJob(parts: DryRunParts, row: JobRow, draft: Policy, signal: AbortSignal): Promise<DryRunEntry | null> {
  const { store } = parts;
  const sql = store.unseal(row.sql);
  const grant = grantRow(store.read, row.grant_id);
  if (grant === undefined) throw new Error('a job without its grant');
  if (sql === null) return null;
  const before = await sideBefore(parts, row);
  // A refused job recorded no ledger: it is asked as it would be now.
  const head = row.answer_seq === null ? chainHead(store.read, 'ledger') : row.ledger_head;
  const spec = withDraft(store.read, sqlJob(store.read, { job: row.id, sql, pins: pinsOf(row), columns: columnsOf(grant), provider: row.provider, ledgerHead: head, withdrawals: chainHead(store.read, 'withdrawals') }), draft);
  const { after, rules } = await sideAfter(parts, row, spec, draft, signal);
  return { job: row.id, submittedAt: row.submitted_at, changed: !isSame(before, after), before, after, rules };
}

function withDraft(db: Reader, spec: SqlJob, draft: Policy): SqlJob {
  const datasets = spec.datasets.map((dataset) => (dataset.manifest.id === draft.dataset ? { manifest: dataset.manifest, snapshot: dataset.snapshot, policy: draft, policyDigest: policyDigest(draft), ...tableFor(db, draft) } : dataset));
  return { ...spec, datasets, limits: limitsOf(datasets.map(({ policy }) => policy)), evidence: true };
}

async function sideAfter({ store, pool, random, snapshotStore, wallMs }: DryRunParts, row: JobRow, spec: SqlJob, draft: Policy, signal: AbortSignal): Promise<Pick<DryRunEntry, 'after' | 'rules'>> {
  const ranUnder = spec.datasets.find(({ manifest }) => manifest.id === draft.dataset);
  if (ranUnder === undefined || checkPolicy(draft, ranUnder.manifest, { tables: loadedTables(store.read, row.provider) }).length > 0) return { after: without('unfit'), rules: [] };
  // A worker of its own for each job: one that knows a later ledger could not answer for an earlier one.
  const worker = newId('try', random);
  try {
    const key = { kind: 'grant', grant: worker, snapshots: snapshotReferences(snapshotStore, pinsOf(row)), verify: false } as const;
    const answer = await pool.run(key, spec, { wallMs, signal, aside: true, feeds: feedsFor(store, spec) });
    const { result, evidence } = await openAnswer(pool, spec.job, answer, true, { wallMs, signal });
    return { after: sideOf(answer, result), rules: evidence === null ? [] : cellsByClause(evidence) };
  } finally {
    pool.killGrant(worker);
  }
}

async function sideBefore(parts: DryRunParts, row: JobRow): Promise<DryRunSide> {
  if (row.answer_seq === null) return { ...without('refused'), codes: refusalsOf(parts.store.read, row).map(({ code }) => code) };
  const outcome = row.held_at === null ? 'released' : 'held';
  const result = row.held === null ? storedResult(parts, row) : await peekHeld(parts, row);
  return result === null ? without(outcome) : counted(outcome, result);
}

function sideOf(answer: Answer, result: ResultContents | null): DryRunSide {
  switch (answer.kind) {
    case 'released':
    case 'held':
      return result === null ? without('failed') : counted(answer.kind, result);
    case 'refused':
      return { ...without('refused'), codes: answer.refusals.map(({ code }) => code) };
    default:
      return without('failed');
  }
}

const without = (outcome: DryRunSide['outcome']): DryRunSide => ({ outcome, codes: [], withheld: null, marked: null, rows: null });

function counted(outcome: 'released' | 'held', { table, statement: { withheld } }: StoredResult): DryRunSide {
  return { outcome, codes: [], withheld, marked: table.withheld.length, rows: table.rows.length };
}

function isSame(a: DryRunSide, b: DryRunSide): boolean {
  return a.outcome === b.outcome && a.codes.join() === b.codes.join() && a.withheld === b.withheld && a.marked === b.marked && a.rows === b.rows;
}

/** How many cells each clause has a part in withholding, those that do not exist for the operator included. */
function cellsByClause({ gates }: ReviewEvidence): DryRunEntry['rules'] {
  const cells = new Map<string, number>();
  for (const cell of gates.flatMap((gate) => gate.cells)) {
    for (const clause of new Set(cell.measures.flatMap(({ decidedBy }) => decidedBy))) cells.set(clause, (cells.get(clause) ?? 0) + 1);
  }
  return [...cells].sort(([a], [b]) => (a < b ? -1 : 1)).map(([clause, count]) => ({ clause, cells: count }));
}
