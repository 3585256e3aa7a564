/**
 * From an agency's files to a snapshot: plan → stage (read, check) → key rows → assign units → write → commit. Direct
 * identifiers and unit columns do not reach the snapshot. The same input and keys give the same address.
 */
import { statSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { digestOf } from '#contract/canonical.ts';
import type { IngestJob, IngestProblem, Ingested } from '#contract/job.ts';
import { Manifest } from '#contract/manifest.ts';
import { err, ok, type Result } from '#contract/result.ts';
import { IngestEngine } from '../engine/ingest-engine.ts';
import type { InstanceLimits } from '../engine/settings.ts';
import { readKey } from '../keys.ts';
import { datasetFile } from './dataset-file.ts';
import { keyRows, pseudonymColumn, type KeyedTable } from './keyed.ts';
import { planIngest } from './plan.ts';
import { MAX_PROBLEMS } from './problem.ts';
import { duckdbFile, parquetFile, sha256File, type SnapshotRecord } from './snapshot.ts';
import { stage, type StagedTable } from './stage.ts';
import { beginLoad, commitSnapshot, endLoad, snapshotDirectory } from './store.ts';
import { assignUnits } from './units.ts';
import { finalSelect } from './write.ts';

/** Files up to this many bytes in all are staged in memory: faster for small loads, and nothing raw touches the disk. */
const IN_MEMORY_BYTES = 128 * 1024 * 1024;

export interface IngestEnvironment {
  /** Directory of the domain's keys. */
  readonly keys: string;
  readonly snapshotStore: string;
  readonly limits: InstanceLimits;
  readonly random: (bytes: number) => Uint8Array;
}

/** Problems are values, up to 20 at once; a table whose parents are refused is not checked. Throws on anything unforeseen. */
export async function ingest(job: IngestJob, environment: IngestEnvironment): Promise<Result<Ingested, readonly IngestProblem[]>> {
  const { plan, problems } = planIngest(job.manifest, job.trial);
  if (problems.length > 0) return err(problems.slice(0, MAX_PROBLEMS));
  const work = beginLoad(environment.snapshotStore, environment.random);
  try {
    const engine = await IngestEngine.open(environment.limits, job.source, work, inputBytes(job) > IN_MEMORY_BYTES ? 'disk' : 'memory');
    try {
      const accepted = await acceptRows(engine, job, plan.tables, environment);
      return accepted.ok ? ok(await writeSnapshot(engine, job.manifest, accepted.value, environment, work)) : accepted;
    } finally {
      engine.close();
    }
  } finally {
    endLoad(work);
  }
}

function inputBytes({ manifest, source }: IngestJob): number {
  return Object.values(manifest.tables).reduce((sum, { file }) => {
    const path = datasetFile(source, file);
    return sum + (path === null ? 0 : statSync(path).size);
  }, 0);
}

async function acceptRows(engine: IngestEngine, job: IngestJob, plans: ReturnType<typeof planIngest>['plan']['tables'], environment: IngestEnvironment): Promise<Result<readonly KeyedTable[], readonly IngestProblem[]>> {
  const keys = { pseudonym: readKey(environment.keys, 'pseudonym'), record: readKey(environment.keys, 'record') };
  const problems: IngestProblem[] = [];
  const keyed = new Map<string, KeyedTable>();
  const acceptedName = (table: string): string => keyed.get(table)!.name;
  for (const [i, plan] of plans.entries()) {
    if (!plan.references.every(({ parent }) => parent === plan.name || keyed.has(parent))) continue;
    const staged = await stage({ engine, directory: job.source, plan, prefix: `t${i}`, accepted: acceptedName });
    if ('problems' in staged) {
      problems.push(...staged.problems);
      continue;
    }
    const result = await keyRows({ engine, dataset: job.manifest.id, staged: staged.staged, prefix: `t${i}`, keys, keyedParent: acceptedName });
    if ('problems' in result) problems.push(...result.problems);
    else keyed.set(plan.name, result.keyed);
    await engine.run(`DROP TABLE ${staged.staged.name}`);
  }
  return problems.length > 0 ? err(problems.slice(0, MAX_PROBLEMS)) : ok([...keyed.values()]);
}

async function writeSnapshot(engine: IngestEngine, declared: Manifest, tables: readonly KeyedTable[], environment: IngestEnvironment, work: string): Promise<Ingested> {
  const manifest = withLevels(declared, tables.map(({ staged }) => staged));
  const units = await assignUnits(engine, tables);
  const directory = snapshotDirectory(work);
  const records: SnapshotRecord['tables'] = [];
  const facts: Ingested['tables'] = [];
  let bytes = 0;
  for (const table of [...tables].sort((a, b) => (a.plan.name < b.plan.name ? -1 : 1))) {
    const { plan, staged, name, excess } = table;
    const unitColumns = units.get(plan.name) ?? [];
    const rows = await engine.count(`SELECT count(*) FROM ${name}`);
    const counts: Record<string, number> = {};
    for (const path of plan.units) counts[path.kind] = path.by === 'row' ? rows : await engine.count(`SELECT count(DISTINCT ${pseudonymColumn(path.kind)}) FROM ${name}`);
    const files = { duckdb: duckdbFile(directory, plan.name), parquet: parquetFile(directory, plan.name) };
    await engine.writeTable(finalSelect(table, unitColumns), files.duckdb, files.parquet);
    await rm(`${files.duckdb}.wal`, { force: true });
    await engine.run(`DROP TABLE ${name}`);
    const record = {
      name: plan.name, public: plan.units.length === 0, rows,
      parquet: { bytes: (await stat(files.parquet)).size, sha256: await sha256File(files.parquet) },
      duckdb: { bytes: (await stat(files.duckdb)).size, sha256: await sha256File(files.duckdb) },
    };
    records.push(record);
    bytes += record.parquet.bytes + record.duckdb.bytes;
    facts.push({ table: plan.name, rows, dropped: staged.dropped + excess, clamped: staged.clamped, units: counts });
  }
  const record: SnapshotRecord = { v: 1, dataset: manifest.id, manifest: digestOf(manifest), tables: records };
  const snapshot = await commitSnapshot(environment.snapshotStore, work, record, environment.keys);
  return { snapshot, bytes, manifest, tables: facts };
}

/** Levels of a hierarchy are public facts that the file declares: from here on the manifest says them. */
function withLevels(manifest: Manifest, staged: readonly StagedTable[]): Manifest {
  const completed = structuredClone(manifest);
  for (const { plan, hierarchies } of staged) {
    for (const { column, levels, domains, rows } of hierarchies) {
      const target = completed.tables[plan.name]?.columns[column];
      if (target === undefined) continue;
      target.levels = [...levels];
      target.levelDomains = Object.fromEntries(levels.map((level, i) => [level, [...domains[i]!]]));
      if (rows === null) delete target.levelRows;
      else target.levelRows = rows.map((row) => [...row]);
    }
  }
  return Manifest.parse(completed);
}
