/** A query: compile → gates (execute, release, load) → rest → envelope. */
import { createHmac } from 'node:crypto';
import { canonical, digestOf, type Digest } from '#contract/canonical.ts';
import type { Answer, ReleaseEnvelope, SqlJob } from '#contract/job.ts';
import type { Refusal } from '#contract/refusal.ts';
import { err, ok, type Result } from '#contract/result.ts';
import type { ResultTable } from '#contract/table.ts';
import { text } from '#contract/text.ts';
import type { ScratchSession } from '../engine/scratch-engine.ts';
import { engineVersion } from '../engine/version.ts';
import { readKey } from '../keys.ts';
import { evidenceOf } from '../release/evidence.ts';
import type { Release } from '../release/release.ts';
import { ReleasedResult } from '../release/released-table.ts';
import { statementOf } from '../release/statement.ts';
import { evidenceContext, seal } from '../seal.ts';
import { compile, type CompiledQuery, type RestPlan } from '../sql/compile.ts';
import { requirePinned, type Workspace } from '../workspace.ts';
import type { JobLedger } from '../ledger/job-ledger.ts';
import { runGates } from './gates.ts';
import { ledgerEvidence, ledgerFor, ledgerVerdict, sealedLedger } from './ledger.ts';
import { isHeld } from './review.ts';

export async function runSql(spec: SqlJob, workspace: Workspace): Promise<Answer> {
  requirePinned(workspace, spec.datasets);
  const { sql, datasets, columns, limits } = spec;
  const compiled = await compile({ text: sql, datasets, columns, limits, parse: (query) => workspace.scratch.parse(query) });
  if (!compiled.ok) return { kind: 'refused', refusals: [...compiled.error.refusals] };

  const data = (await workspace.data?.session()) ?? null;
  const scratch = await workspace.scratch.session();
  try {
    const ledger = ledgerFor(spec, compiled.value.gates, data, workspace);
    const releases = await runGates(compiled.value.gates, datasets, limits.resultCells, { data, scratch, ledger });
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

/** What is refused here depends on released tables and the text of the query, so it may be told. */
async function runRest(rest: RestPlan, releases: readonly Release[], resultCells: number, scratch: ScratchSession): Promise<Result<ReleasedResult, Refusal>> {
  // Flag columns are not part of the result.
  const width = Math.max(1, rest.columns.length);
  const flags = new Set(rest.columns.flatMap(({ flag }) => (flag === null ? [] : [flag])));
  const read = await scratch.query(rest.sql, Math.floor(resultCells / width) * (width + flags.size));
  if (!read.ok) {
    switch (read.error.code) {
      case 'engine/failed':
        throw new Error(read.error.code);
      case 'engine/too-much':
        return err({
          code: 'cap/result-cells', position: null, clause: 'limits.resultCells',
          message: text(`The result has more than ${resultCells} cells (rows × columns).`, `结果超过 ${resultCells} 个单元格(行数 × 列数)。`),
          suggestion: text('Group more coarsely, or add a LIMIT.', '请使用更粗的分组,或加上 LIMIT。'),
        });
      case 'engine/result-type':
        return err({
          code: 'rest/result-type', position: null, clause: null,
          message: text(`Column ${read.error.column + 1} of the result has a type that a result cannot have, such as a list.`, `结果的第 ${read.error.column + 1} 列为列表等不能作为结果的类型。`),
          suggestion: text('Cast it to VARCHAR.', '请转换为 VARCHAR。'),
        });
    }
  }
  const columns = rest.columns.map(({ name, flag }, c) => ({ name, type: read.value.columns[c]!.type, flag }));
  return ok(ReleasedResult.of(releases.flatMap(({ tables }) => tables), { columns, rows: read.value.rows, ordered: rest.ordered }));
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
