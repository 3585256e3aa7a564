/** Accepted rows with their row keys and the pseudonyms of their units; the identities themselves stay behind. */
import type { IngestProblem } from '#contract/job.ts';
import { hmacSql, uint127Sql, uint32Sql, uint64Sql } from '../deidentify/keyed-hash.ts';
import { rowDigestSql, unitNamespace } from '../deidentify/pseudonym.ts';
import { quoteIdentifier } from '../engine/identifier.ts';
import type { IngestEngine } from '../engine/ingest-engine.ts';
import type { TablePlan, UnitPath } from './plan.ts';
import { problem } from './problem.ts';
import type { StagedTable } from './stage.ts';

export const pseudonymColumn = (kind: string): string => quoteIdentifier(`__pseudonym_${kind}`);

/** Record key of a row that is a unit of its own, cut from the row's digest. */
export const ROW_RECORD_KEY = '__row_record_key';
/** Of a row, before its keys are made of it. */
const DIGEST = '__digest';

export interface UnitKeys {
  readonly pseudonym: Uint8Array;
  readonly record: Uint8Array;
}

export interface KeyedTable {
  readonly plan: TablePlan;
  readonly staged: StagedTable;
  /** Engine table: columns that are kept or referred to, `__row_key`, one pseudonym for each unit kind. */
  readonly name: string;
  /** Engine tables with `pseudonym` and `record_key` of the units that the table names by a column, by kind. */
  readonly identities: ReadonlyMap<string, string>;
  /** Rows dropped because their unit had more rows than declared. */
  readonly excess: number;
}

export type KeyedResult = { readonly keyed: KeyedTable } | { readonly problems: readonly IngestProblem[] };

export interface KeyRowsInput {
  readonly engine: IngestEngine;
  readonly dataset: string;
  readonly staged: StagedTable;
  /** Prefix of every engine table that belongs to this one. */
  readonly prefix: string;
  readonly keys: UnitKeys;
  /** Engine table of a parent that was keyed before. */
  readonly keyedParent: (table: string) => string;
}

/**
 * Row key: the first 64 bits of a keyed digest of the row's contents; of rows that are equal, the second and later ones get
 * a digest of that and their number. So the keys do not depend on the order of the file.
 */
export async function keyRows({ engine, dataset, staged, prefix, keys, keyedParent }: KeyRowsInput): Promise<KeyedResult> {
  const { plan } = staged;
  const identities = await hashIdentities(engine, staged, prefix, keys);
  const joins: string[] = [];
  const pseudonyms: string[] = [];
  for (const [i, path] of plan.units.entries()) {
    if (path.by === 'row') continue;
    const value = `s.${quoteIdentifier(path.column)}`;
    joins.push(path.by === 'column'
      ? `JOIN ${identities.get(path.kind)!} u${i} ON u${i}.id = CAST(${value} AS VARCHAR)`
      : `JOIN ${keyedParent(path.parent)} u${i} ON u${i}.${quoteIdentifier(path.key)} = ${value}`);
    pseudonyms.push(`u${i}.${path.by === 'column' ? 'pseudonym' : pseudonymColumn(path.kind)} AS ${pseudonymColumn(path.kind)}`);
  }
  const needed = new Set([...plan.kept.map(([column]) => column), ...plan.keys, ...(plan.declared.recordKey === undefined ? [] : [plan.declared.recordKey])]);
  const columns = plan.columns.flatMap(([column]) => (needed.has(column) ? [`s.${quoteIdentifier(column)}`] : []));
  const contents = plan.columns.map(([column]) => `CAST(s.${quoteIdentifier(column)} AS VARCHAR)`);
  const name = await distinguishEqualRows(engine, `${prefix}_keyed`, keys.record, plan, dataset, async (table) => {
    await engine.run(`CREATE TABLE ${table} AS SELECT * EXCLUDE (${DIGEST}), ${keyColumns(DIGEST, plan.units)} FROM (`
      + `SELECT ${[...columns, ...pseudonyms, `${rowDigestSql(keys.record, `${dataset}.${plan.name}`, contents)} AS ${DIGEST}`].join(', ')} FROM ${staged.name} s ${joins.join(' ')})`);
  });
  const limited = await limitRowsPerUnit(engine, staged, name);
  return 'problems' in limited ? limited : { keyed: { plan, staged, name, identities, excess: limited.excess } };
}

/** Hashing is the expensive part, so each identity is hashed once and not each row. Tables `id`, `pseudonym`, `record_key`. */
async function hashIdentities(engine: IngestEngine, { plan, name }: StagedTable, prefix: string, keys: UnitKeys): Promise<ReadonlyMap<string, string>> {
  const tables = new Map<string, string>();
  for (const [i, path] of plan.units.entries()) {
    if (path.by !== 'column') continue;
    const table = `${prefix}_ids${i}`;
    const message = `${unitNamespace(path.kind)} || id`;
    await engine.run(`CREATE TABLE ${table} AS SELECT id, ${uint127Sql('p', 0)} AS pseudonym, ${uint32Sql('r', 0)} AS record_key FROM (`
      + `SELECT id, ${hmacSql(keys.pseudonym, message)} AS p, ${hmacSql(keys.record, message)} AS r FROM (SELECT DISTINCT CAST(${quoteIdentifier(path.column)} AS VARCHAR) AS id FROM ${name}))`);
    tables.set(path.kind, table);
  }
  return tables;
}

/** A row that is a unit of its own takes its pseudonym and record key from the digest as well. */
function keyColumns(digest: string, units: readonly UnitPath[]): string {
  const rowUnits = units.filter(({ by }) => by === 'row');
  return [
    `${uint64Sql(digest, 0)} AS __row_key`,
    ...rowUnits.map(({ kind }) => `${uint127Sql(digest, 8)} AS ${pseudonymColumn(kind)}`),
    ...(rowUnits.length === 0 ? [] : [`${uint32Sql(digest, 24)} AS ${ROW_RECORD_KEY}`]),
  ].join(', ');
}

/** Returns the name of the table in which every row has another key. */
async function distinguishEqualRows(engine: IngestEngine, name: string, recordKey: Uint8Array, { name: table, units }: TablePlan, dataset: string, create: (name: string) => Promise<void>): Promise<string> {
  await create(name);
  if ((await engine.count(`SELECT count(*) - count(DISTINCT __row_key) FROM ${name}`)) === 0) return name;
  await engine.run(`CREATE TABLE ${name}_again AS SELECT r, ${keyColumns('h', units)} FROM (`
    + `SELECT r, ${rowDigestSql(recordKey, `${dataset}.${table}\nagain`, ['first::VARCHAR', 'n::VARCHAR'])} AS h FROM (`
    + `SELECT rowid AS r, __row_key AS first, row_number() OVER (PARTITION BY __row_key) AS n FROM ${name} `
    + `WHERE __row_key IN (SELECT __row_key FROM ${name} GROUP BY __row_key HAVING count(*) > 1)) WHERE n > 1)`);
  const rowUnits = units.filter(({ by }) => by === 'row');
  const replaced = ['__row_key', ...rowUnits.map(({ kind }) => pseudonymColumn(kind)), ...(rowUnits.length === 0 ? [] : [ROW_RECORD_KEY])];
  await engine.run(`CREATE TABLE ${name}_distinct AS SELECT k.* REPLACE (${replaced.map((column) => `coalesce(a.${column}, k.${column}) AS ${column}`).join(', ')}) `
    + `FROM ${name} k LEFT JOIN ${name}_again a ON a.r = k.rowid`);
  await engine.run(`DROP TABLE ${name}`);
  await engine.run(`DROP TABLE ${name}_again`);
  return `${name}_distinct`;
}

/** The rows with the lowest row keys stay, so that the choice does not depend on the order of the file. */
async function limitRowsPerUnit(engine: IngestEngine, staged: StagedTable, name: string): Promise<{ readonly excess: number } | { readonly problems: readonly IngestProblem[] }> {
  const { plan } = staged;
  const problems: IngestProblem[] = [];
  let excess = 0;
  for (const path of plan.units) {
    const most = plan.declared.maxRowsPerUnit?.[path.kind];
    if (most === undefined || path.by === 'row') continue;
    const unit = pseudonymColumn(path.kind);
    const crowded = `SELECT ${unit} FROM ${name} GROUP BY ${unit} HAVING count(*) > ${most}`;
    const units = await engine.count(`SELECT count(*) FROM (${crowded})`);
    if (units === 0) continue;
    if (plan.onViolation === 'refuse') {
      problems.push(problem('ingest/max-rows-per-unit', { table: plan.name, column: path.column, count: units, ...(await crowdedLine(engine, staged, path, most)) },
        `${units} units of kind “${path.kind}” have more than the declared ${most} rows.`, `有 ${units} 个“${path.kind}”类主体的行数超过声明的 ${most} 行。`));
      continue;
    }
    const surplus = `SELECT r FROM (SELECT rowid AS r, row_number() OVER (PARTITION BY ${unit} ORDER BY __row_key) AS n FROM ${name} WHERE ${unit} IN (${crowded})) WHERE n > ${most}`;
    const count = await engine.count(`SELECT count(*) FROM (${surplus})`);
    await engine.run(`DELETE FROM ${name} WHERE rowid IN (${surplus})`);
    excess += count;
  }
  return problems.length > 0 ? { problems } : { excess };
}

/** Line of the first row that is one too many, in the order of the file. */
async function crowdedLine(engine: IngestEngine, staged: StagedTable, path: UnitPath & { by: 'column' | 'parent' }, most: number): Promise<{ line?: number }> {
  if (path.by === 'parent') return {};
  const column = quoteIdentifier(path.column);
  const row = await engine.value(`SELECT min(r) FROM (SELECT rowid AS r, row_number() OVER (PARTITION BY ${column} ORDER BY rowid) AS n FROM ${staged.name} `
    + `WHERE ${column} IN (SELECT ${column} FROM ${staged.name} GROUP BY ${column} HAVING count(*) > ${most})) WHERE n > ${most}`);
  return { line: staged.source.lineOf(Number(row)) };
}
