/** Accepted rows with their row keys and the identities of their units. */
import { quoteIdentifier } from '../engine/identifier.ts';
import type { IngestEngine } from '../engine/ingest-engine.ts';
import { rowDigestSql } from '../deidentify/pseudonym.ts';
import { uint127Sql, uint32Sql, uint64Sql } from '../deidentify/keyed-hash.ts';
import type { IngestProblem } from '#contract/job.ts';
import type { TablePlan, UnitPath } from './plan.ts';
import { problem } from './problem.ts';
import type { StagedTable } from './stage.ts';

/** Column with the identity of a row's unit, as text. Only inside the ingest engine. */
export const identityColumn = (kind: string): string => quoteIdentifier(`__id_${kind}`);

/** Of a row that is a unit of its own: pseudonym and record key, cut from the row's digest. */
export const ROW_PSEUDONYM = '__row_pseudonym';
export const ROW_RECORD_KEY = '__row_record_key';

export interface KeyedTable {
  readonly plan: TablePlan;
  readonly staged: StagedTable;
  /** Engine table: the manifest's columns, `__row_key`, one identity for each unit kind. */
  readonly name: string;
  /** Rows dropped because their unit had more rows than declared. */
  readonly excess: number;
}

export type KeyedResult = { readonly keyed: KeyedTable } | { readonly problems: readonly IngestProblem[] };

export interface KeyRowsInput {
  readonly engine: IngestEngine;
  readonly dataset: string;
  readonly staged: StagedTable;
  /** Name of the engine table to create. */
  readonly name: string;
  readonly recordKey: Uint8Array;
  readonly keyedParent: (table: string) => string;
  /** Unit kinds whose units some table names by a column: a row that is such a unit needs an identity too. */
  readonly namedKinds: ReadonlySet<string>;
}

/**
 * Row key: the first 64 bits of a keyed digest of the row's contents; of rows that are equal, the second and later ones get
 * a digest of that and their number. So the keys do not depend on the order of the file.
 */
export async function keyRows({ engine, dataset, staged, name, recordKey, keyedParent, namedKinds }: KeyRowsInput): Promise<KeyedResult> {
  const { plan } = staged;
  const parents = plan.units.filter((path) => path.by === 'parent');
  const contents = plan.columns.map(([column]) => `CAST(s.${quoteIdentifier(column)} AS VARCHAR)`);
  const joins = parents.map((path, i) => `JOIN ${keyedParent(path.parent)} p${i} ON p${i}.${quoteIdentifier(path.key)} = s.${quoteIdentifier(path.column)}`);
  const identities = plan.units.flatMap((path) => identitySql(path, parents));
  const isRowUnit = plan.units.some((path) => path.by === 'row');
  await engine.run(`CREATE TABLE ${name} AS SELECT * EXCLUDE (h), ${rowKeyColumns('h', isRowUnit)} FROM (`
    + `SELECT ${[...plan.columns.map(([column]) => `s.${quoteIdentifier(column)}`), ...identities, `${rowDigestSql(recordKey, `${dataset}.${plan.name}`, contents)} AS h`].join(', ')} `
    + `FROM ${staged.name} s ${joins.join(' ')})`);
  await distinguishEqualRows(engine, name, recordKey, `${dataset}.${plan.name}`, isRowUnit);
  for (const { kind } of plan.units.filter((path) => path.by === 'row' && namedKinds.has(path.kind))) {
    await engine.run(`ALTER TABLE ${name} ADD COLUMN ${identityColumn(kind)} VARCHAR`);
    await engine.run(`UPDATE ${name} SET ${identityColumn(kind)} = CAST(${ROW_PSEUDONYM} AS VARCHAR)`);
  }
  const limited = await limitRowsPerUnit(engine, staged, name);
  return 'problems' in limited ? limited : { keyed: { plan, staged, name, excess: limited.excess } };
}

function identitySql(path: UnitPath, parents: readonly UnitPath[]): string[] {
  switch (path.by) {
    case 'row':
      return [];
    case 'column':
      return [`CAST(s.${quoteIdentifier(path.column)} AS VARCHAR) AS ${identityColumn(path.kind)}`];
    case 'parent':
      return [`p${parents.indexOf(path)}.${identityColumn(path.kind)} AS ${identityColumn(path.kind)}`];
  }
}

function rowKeyColumns(digest: string, isRowUnit: boolean): string {
  const key = `${uint64Sql(digest, 0)} AS __row_key`;
  return isRowUnit ? `${key}, ${uint127Sql(digest, 8)} AS ${ROW_PSEUDONYM}, ${uint32Sql(digest, 24)} AS ${ROW_RECORD_KEY}` : key;
}

async function distinguishEqualRows(engine: IngestEngine, name: string, recordKey: Uint8Array, table: string, isRowUnit: boolean): Promise<void> {
  if ((await engine.count(`SELECT count(*) - count(DISTINCT __row_key) FROM ${name}`)) === 0) return;
  const again = `${name}_again`;
  await engine.run(`CREATE TABLE ${again} AS SELECT r, ${rowKeyColumns('h', isRowUnit)} FROM (`
    + `SELECT r, ${rowDigestSql(recordKey, `${table}\nagain`, ['first::VARCHAR', 'n::VARCHAR'])} AS h FROM (`
    + `SELECT rowid AS r, __row_key AS first, row_number() OVER (PARTITION BY __row_key) AS n FROM ${name} `
    + `WHERE __row_key IN (SELECT __row_key FROM ${name} GROUP BY __row_key HAVING count(*) > 1)) WHERE n > 1)`);
  const columns = ['__row_key', ...(isRowUnit ? [ROW_PSEUDONYM, ROW_RECORD_KEY] : [])];
  await engine.run(`UPDATE ${name} SET ${columns.map((column) => `${column} = a.${column}`).join(', ')} FROM ${again} a WHERE ${name}.rowid = a.r`);
  await engine.run(`DROP TABLE ${again}`);
}

/** The rows with the lowest row keys stay, so that the choice does not depend on the order of the file. */
async function limitRowsPerUnit(engine: IngestEngine, staged: StagedTable, name: string): Promise<{ readonly excess: number } | { readonly problems: readonly IngestProblem[] }> {
  const { plan } = staged;
  const problems: IngestProblem[] = [];
  let excess = 0;
  for (const path of plan.units) {
    const most = plan.declared.maxRowsPerUnit?.[path.kind];
    if (most === undefined || path.by === 'row') continue;
    const identity = identityColumn(path.kind);
    const crowded = `SELECT ${identity} FROM ${name} GROUP BY ${identity} HAVING count(*) > ${most}`;
    const units = await engine.count(`SELECT count(*) FROM (${crowded})`);
    if (units === 0) continue;
    if (plan.onViolation === 'refuse') {
      problems.push(problem('ingest/max-rows-per-unit', { table: plan.name, column: path.column, count: units, ...(await crowdedLine(engine, staged, path, most)) },
        `${units} units of kind “${path.kind}” have more than the declared ${most} rows.`, `有 ${units} 个“${path.kind}”类主体的行数超过声明的 ${most} 行。`));
      continue;
    }
    const surplus = `SELECT r FROM (SELECT rowid AS r, row_number() OVER (PARTITION BY ${identity} ORDER BY __row_key) AS n FROM ${name} WHERE ${identity} IN (${crowded})) WHERE n > ${most}`;
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
