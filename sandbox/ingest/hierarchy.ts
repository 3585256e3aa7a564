/** Hierarchy files: from a column's values to coarser levels, as tables of the ingest engine. */
import type { IngestProblem } from '#contract/job.ts';
import type { Column } from '#contract/manifest.ts';
import { isPlainName } from '#contract/name.ts';
import { quoteIdentifier } from '../engine/identifier.ts';
import type { IngestEngine } from '../engine/ingest-engine.ts';
import { readSql, unreadableSql } from './column-type.ts';
import { scanCsv } from './csv-scan.ts';
import { datasetFile } from './dataset-file.ts';
import { problem } from './problem.ts';
import { describeDefect, readCsvSql } from './source.ts';

export interface Hierarchy {
  readonly column: string;
  /** Table with the columns `value` (of the column's type) and `l0`, `l1`, … (VARCHAR), finest first. */
  readonly table: string;
  readonly levels: readonly string[];
  /** Values of each level that a value of the column can have, sorted. */
  readonly domains: readonly (readonly string[])[];
  /** Each value as text with its levels, sorted; null where there are too many for a manifest. */
  readonly rows: readonly (readonly string[])[] | null;
}

/** As many as `levelRows` of a manifest's column may have. */
const MOST_ROWS = 5_000;

export type HierarchyResult = { readonly hierarchy: Hierarchy } | { readonly problems: readonly IngestProblem[] };

const DIALECT = { delimiter: ',', quote: '"' } as const;

/**
 * Comma-separated UTF-8, with a header: the column's values, then one column for each coarser level, all filled.
 * @param as name of the table to create
 * @param domain table with the declared domain in column `v`, null where none is declared
 */
export async function loadHierarchy(engine: IngestEngine, directory: string, table: string, column: string, declared: Column & { hierarchy: string }, as: string, domain: string | null): Promise<HierarchyResult> {
  const place = { table, column };
  const file = datasetFile(directory, declared.hierarchy);
  if (file === null) {
    return { problems: [problem('ingest/no-file', place, `the hierarchy file “${declared.hierarchy}” is not beside the manifest.`, `清单所在目录中没有层级文件“${declared.hierarchy}”。`)] };
  }
  const shape = scanCsv(file, DIALECT);
  if (shape.defects.length > 0) return { problems: shape.defects.map((defect) => ({ ...describeDefect(table, defect, shape), column })) };
  const levels = shape.header.slice(1);
  const headerProblem = checkHeader(place, declared, levels);
  if (headerProblem !== null) return { problems: [headerProblem] };

  const csv = readCsvSql(file, DIALECT, shape, '');
  await engine.run(`CREATE TABLE ${as} AS SELECT ${readSql('c0', declared.type)} AS value, ${unreadableSql('c0', declared.type)} OR c0 IS NULL AS bad, `
    + `${levels.map((_, i) => `c${i + 1} AS l${i}`).join(', ')} FROM ${csv}`);
  const found = await engine.rows(`SELECT count_if(bad), min(rowid) FILTER (WHERE bad), count_if(${levels.map((_, i) => `l${i} IS NULL`).join(' OR ')}), `
    + `min(rowid) FILTER (WHERE ${levels.map((_, i) => `l${i} IS NULL`).join(' OR ')}), count(value) - count(DISTINCT value) FROM ${as}`);
  const [bad = 0, badRow, empty = 0, emptyRow, repeated = 0] = found[0] ?? [];
  const problems: IngestProblem[] = [];
  if (Number(bad) > 0) {
    problems.push(problem('ingest/hierarchy-value', { ...place, line: shape.lineOf(Number(badRow)), count: Number(bad) },
      `the first field in the hierarchy file is not a value of type ${declared.type}.`, `层级文件首列不是 ${declared.type} 类型的值。`));
  }
  if (Number(empty) > 0) {
    problems.push(problem('ingest/hierarchy-gap', { ...place, line: shape.lineOf(Number(emptyRow)), count: Number(empty) },
      'a level is empty in the hierarchy file.', '层级文件中有空的层级。'));
  }
  if (Number(repeated) > 0) {
    problems.push(problem('ingest/hierarchy-repeat', { ...place, count: Number(repeated) },
      'a value occurs twice in the hierarchy file, so its levels are not defined.', '层级文件中同一取值出现多次,其层级无法确定。'));
  }
  if (domain !== null && problems.length === 0) {
    const missing = await engine.count(`SELECT count(*) FROM ${domain} WHERE v NOT IN (SELECT value FROM ${as})`);
    if (missing > 0) {
      problems.push(problem('ingest/hierarchy-incomplete', { ...place, count: missing },
        `${missing} values of the declared domain are not in the hierarchy file.`, `声明的取值范围中有 ${missing} 个值不在层级文件中。`));
    }
    await engine.run(`DELETE FROM ${as} WHERE value NOT IN (SELECT v FROM ${domain})`);
  }
  if (problems.length > 0) return { problems };
  const domains: string[][] = [];
  for (const i of levels.keys()) {
    domains.push((await engine.rows(`SELECT DISTINCT l${i} FROM ${as} ORDER BY 1`)).map(([value]) => String(value)));
  }
  const contradicted = levels.find((level, i) => declared.levelDomains !== undefined && !sameSet(declared.levelDomains[level] ?? [], domains[i]!));
  if (contradicted !== undefined) {
    return { problems: [problem('ingest/level-domain', place, `the level “${contradicted}” has other values in the hierarchy file than the manifest declares.`, `层级“${contradicted}”在层级文件中的取值与清单声明不一致。`)] };
  }
  const few = (await engine.count(`SELECT count(*) FROM ${as}`)) <= MOST_ROWS;
  const rows = few ? (await engine.rows(`SELECT value::VARCHAR, ${levels.map((_, i) => `l${i}`).join(', ')} FROM ${as} ORDER BY ALL`)).map((row) => row.map(String)) : null;
  return { hierarchy: { column, table: as, levels, domains, rows } };
}

function checkHeader(place: { table: string; column: string }, declared: Column, levels: readonly string[]): IngestProblem | null {
  if (levels.length === 0) {
    return problem('ingest/hierarchy-header', { ...place, line: 1 }, 'a hierarchy file needs at least two columns, separated by commas, and a header.', '层级文件至少需要两列(以逗号分隔)并带表头。');
  }
  if (!levels.every(isPlainName) || new Set(levels).size !== levels.length) {
    return problem('ingest/hierarchy-header', { ...place, line: 1 }, 'levels in the hierarchy file’s header must be different plain identifiers.', '层级文件表头中的层级名必须是互不相同的普通标识符。');
  }
  if (declared.levels !== undefined && declared.levels.join('\n') !== levels.join('\n')) {
    return problem('ingest/hierarchy-header', { ...place, line: 1 }, `the manifest declares the levels ${declared.levels.join(', ')}; the file’s header differs.`, `清单声明的层级为 ${declared.levels.join('、')},与文件表头不一致。`);
  }
  return null;
}

const sameSet = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && new Set([...a, ...b]).size === new Set(a).size;

/** Name of a level's column in the snapshot: its own, unless the table has a column of that name. */
export const levelColumn = (columns: readonly string[], column: string, level: string): string => (columns.includes(level) ? `${column}_${level}` : level);

/** LEFT JOIN that adds the levels to a relation `k`. */
export const hierarchyJoin = ({ column, table }: Hierarchy, alias: string): string => `LEFT JOIN ${table} ${alias} ON ${alias}.value = k.${quoteIdentifier(column)}`;
