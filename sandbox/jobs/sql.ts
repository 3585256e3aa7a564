/** A query: compile → gates (execute, release, load) → rest → envelope. */
import { createHmac } from 'node:crypto';
import { canonical, digestOf, type Digest } from '#contract/canonical.ts';
import type { Answer, ReleaseEnvelope, SqlJob } from '#contract/job.ts';
import { ok, type Result } from '#contract/result.ts';
import type { ResultTable } from '#contract/table.ts';
import { engineVersion } from '../engine/version.ts';
import { readKey } from '../keys.ts';
import { evidenceOf } from '../release/evidence.ts';
import type { Release } from '../release/release.ts';
import { statementOf } from '../release/statement.ts';
import { evidenceContext, seal } from '../seal.ts';
import { compile, type CompiledQuery, type CompileRefused } from '../sql/compile.ts';
import { requirePinned, type Workspace } from '../workspace.ts';
import type { JobLedger } from '../ledger/job-ledger.ts';
import { runGates } from './gates.ts';
import { runRest } from './rest.ts';
import { ledgerEvidence, ledgerFor, ledgerVerdict, sealedLedger } from './ledger.ts';
import { isHeld } from './review.ts';

export async function runSql(spec: SqlJob, workspace: Workspace): Promise<Answer> {
  requirePinned(workspace, spec.datasets);
  const { datasets, limits } = spec;
  const compiled = await compiledOnce(spec, workspace);
  if (!compiled.ok) return { kind: 'refused', refusals: [...compiled.error.refusals] };

  const data = (await workspace.data?.session()) ?? null;
  const scratch = await workspace.scratch.session();
  try {
    const ledger = ledgerFor(spec, compiled.value.gates, data, workspace);
    const releases = await runGates(compiled.value.gates, datasets, limits.resultCells, { data, scratch, ledger }, compiled.value.rest.shows === null);
    if (!releases.ok) return { kind: 'refused', refusals: [...releases.error] };
    const verdict = ledgerVerdict(ledger, releases.value);
    if (verdict.refusal !== null) return { kind: 'refused', refusals: [verdict.refusal] };
    const result = await runRest(compiled.value.rest, releases.value, limits.resultCells, scratch);
    if (!result.ok) return { kind: 'refused', refusals: [result.error] };
    const envelope = envelopeOf(spec, compiled.value, releases.value, result.value.table, ledger, workspace);
    return { kind: verdict.held || isHeld(releases.value) ? 'held' : 'released', envelope };
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
  const compiled = await compile({ text: sql, datasets, columns, limits, parse: (query) => scratch.parse(query) });
  if (compiled.ok) plans.set(key, compiled.value);
  return compiled;
}

function envelopeOf(spec: SqlJob, compiled: CompiledQuery, releases: readonly Release[], table: ResultTable, ledger: JobLedger | null, { setup, random }: Workspace): ReleaseEnvelope {
  const tables = releases.flatMap((release) => release.tables);
  const evidence = spec.evidence && tables.length > 0 ? Buffer.from(JSON.stringify({ ...evidenceOf(releases), ...ledgerEvidence(ledger) }), 'utf8') : null;
  return {
    table,
    digest: commitmentTo(table, spec.job, keysOf(setup.keys)),
    executed: digestOf([...compiled.gates.flatMap(({ sql, counting, classes, universe }) => [sql, ...(classes === null ? [] : [classes.sql]), ...(counting === null ? [] : [counting.sql]), universe]), compiled.rest.sql]),
    engine: engineVersion(),
    statement: statementOf(releases),
    cost: {
      gates: compiled.gates.length,
      cells: tables.reduce((sum, { load }) => sum + load.rows.length * load.columns.filter(({ role }) => role === 'value').length, 0),
      rows: table.rows.length,
    },
    sealed: {
      evidence: evidence === null ? null : seal(readKey(keysOf(setup.keys), 'sealing'), evidenceContext(spec.job), evidence, random),
      ledger: sealedLedger(ledger, spec.job, () => readKey(keysOf(setup.keys), 'sealing'), random),
    },
  };
}

/** HMAC-SHA-256 under a key of the job's own, made from the domain key: a bare digest of a small count could be guessed. */
function commitmentTo(table: ResultTable, job: string, keys: string): Digest {
  const key = createHmac('sha256', readKey(keys, 'domain')).update(job).digest();
  return createHmac('sha256', key).update(canonical(table)).digest('hex') as Digest;
}

function keysOf(keys: string | null): string {
  if (keys === null) throw new Error('a worker that releases needs the domain’s keys');
  return keys;
}
