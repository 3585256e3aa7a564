/** A query: compile → gates (execute, release, load) → rest → envelope. */
import { digestOf } from '#contract/canonical.ts';
import type { Answer, ResultContents, SqlJob } from '#contract/job.ts';
import { ok, type Result } from '#contract/result.ts';
import type { ResultTable } from '#contract/table.ts';
import { commitmentTo } from '../commitment.ts';
import { engineVersion } from '../engine/version.ts';
import { readKey } from '../keys.ts';
import { paddedJson } from '../padding.ts';
import { evidenceOf } from '../release/evidence.ts';
import type { Release } from '../release/release.ts';
import { statementOf } from '../release/statement.ts';
import { evidenceContext, heldContext, seal } from '../seal.ts';
import { compile, type CompiledQuery, type CompileRefused, type GatePlan } from '../sql/compile.ts';
import { openData, type Workspace } from '../workspace.ts';
import type { JobLedger } from '../ledger/job-ledger.ts';
import { runGates } from './gates.ts';
import { runRest } from './rest.ts';
import { ledgerEvidence, ledgerFor, ledgerVerdict, sealedLedger } from './ledger.ts';
import { isHeld } from './review.ts';

export async function runSql(spec: SqlJob, workspace: Workspace): Promise<Answer> {
  const { datasets, limits } = spec;
  // Before anything is made of the query: what is pinned is checked here.
  const data = await openData(workspace, spec);
  const scratch = await workspace.scratch.session();
  try {
    const compiled = await compiledOnce(spec, workspace);
    if (!compiled.ok) return { kind: 'refused', refusals: [...compiled.error.refusals] };
    const ledger = ledgerFor(spec, compiled.value.gates, data, workspace);
    const releases = await runGates(compiled.value.gates, datasets, limits.resultCells, { data, scratch, ledger, secret: (name) => readKey(keysOf(workspace.setup.keys), name) }, compiled.value.rest.shows === null);
    if (!releases.ok) return { kind: 'refused', refusals: [...releases.error] };
    const verdict = ledgerVerdict(ledger, releases.value);
    if (verdict.refusal !== null) return { kind: 'refused', refusals: [verdict.refusal] };
    const result = await runRest(compiled.value.rest, releases.value, limits.resultCells, scratch);
    if (!result.ok) return { kind: 'refused', refusals: [result.error] };
    return answerOf(spec, compiled.value, releases.value, result.value.table, ledger, verdict.held || isHeld(releases.value), workspace);
  } finally {
    data?.close();
    scratch.close();
  }
}

/** The same question under the same policies has the same plan: people ask again, with the data of a day or to compare. */
async function compiledOnce({ sql, datasets, columns, limits }: SqlJob, { scratch, plans }: Workspace): Promise<Result<CompiledQuery, CompileRefused>> {
  // Manifests are pinned by their snapshots.
  const key = JSON.stringify([sql, datasets.map(({ manifest: { id }, snapshot, policy }) => [id, snapshot, policy]), columns, limits]);
  const known = plans.get(key);
  if (known !== undefined) return ok(known);
  const compiled = await compile({ text: sql, datasets, columns, limits, engine: scratch.empty });
  if (compiled.ok) plans.set(key, compiled.value);
  return compiled;
}

function answerOf(spec: SqlJob, compiled: CompiledQuery, releases: readonly Release[], table: ResultTable, ledger: JobLedger | null, held: boolean, { setup, random }: Workspace): Answer {
  const keys = keysOf(setup.keys);
  const sealing = (): Uint8Array => readKey(keys, 'sealing');
  const tables = releases.flatMap((release) => release.tables);
  const contents: ResultContents = {
    table,
    statement: statementOf(releases),
    cost: {
      gates: compiled.gates.length,
      cells: tables.reduce((sum, { load }) => sum + load.rows.length * load.columns.filter(({ role }) => role === 'value').length, 0),
      rows: table.rows.length,
    },
  };
  const answered = {
    digest: commitmentTo(table, spec.job, keys),
    executed: digestOf([...compiled.gates.flatMap(queriesOf), compiled.rest.sql]),
    engine: engineVersion(),
  };
  const evidence = spec.evidence && tables.length > 0 ? paddedJson({ ...evidenceOf(releases), ...ledgerEvidence(ledger) }) : null;
  const sealed = {
    evidence: evidence === null ? null : seal(sealing(), evidenceContext(spec.job), evidence, random),
    ledger: sealedLedger(ledger, spec.job, sealing, random),
  };
  // INVARIANT (held results are sealed): of what depends on data nothing leaves in clear before reviewers let it out.
  return held
    ? { kind: 'held', envelope: { ...answered, sealed: { ...sealed, result: seal(sealing(), heldContext(spec.job), paddedJson(contents), random) } } }
    : { kind: 'released', envelope: { ...contents, ...answered, sealed } };
}

const queriesOf = ({ sql, counting, classes, witnesses, universe }: GatePlan): readonly (string | null)[] =>
  [sql, counting?.sql ?? null, classes?.kind === 'asked' ? classes.sql : null, ...witnesses.flatMap(({ cells, classes: inGroups }) => [cells.sql, inGroups?.sql ?? null]), universe];

function keysOf(keys: string | null): string {
  if (keys === null) throw new Error('a worker that releases needs the domain’s keys');
  return keys;
}
