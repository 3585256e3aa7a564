/** What the checks of a policy look at, and how they find a column in the manifest. */
import type { Column, Manifest } from '../manifest.ts';
import type { Policy } from '../policy.ts';
import { policyProblem } from '../policy-problem.ts';
import type { PolicyProblem } from '../policy-problem.ts';

export interface PolicySubject {
  readonly policy: Policy;
  readonly manifest: Manifest;
  readonly trial: boolean;
  readonly levels: Readonly<Record<string, readonly string[]>>;
  /** Perturbation tables that the agency loaded, as a policy names them. */
  readonly tables: readonly string[];
}

/** `path`: `table.column`. */
export function columnOf(manifest: Manifest, path: string): Column | null {
  const [table = '', column = ''] = path.split('.');
  const columns = Object.hasOwn(manifest.tables, table) ? manifest.tables[table]?.columns : undefined;
  return columns !== undefined && Object.hasOwn(columns, column) ? columns[column] ?? null : null;
}

/**
 * The problem with a column that a rule names, or null. Under trial one policy serves several datasets, so a table that this
 * one lacks may be another's; a column that a known table lacks is wrong everywhere.
 */
export function columnProblem({ manifest, trial }: PolicySubject, place: string, path: string): PolicyProblem | null {
  const [table = '', column = ''] = path.split('.');
  if (!Object.hasOwn(manifest.tables, table)) return trial ? null : unknownTable(place, table, manifest);
  if (columnOf(manifest, path) !== null) return null;
  return policyProblem('policy/unknown-column', place,
    `The table “${table}” of the dataset “${manifest.id}” has no column “${column}”.`,
    `数据集“${manifest.id}”的表“${table}”没有字段“${column}”。`);
}

export function unknownTable(place: string, table: string, manifest: Manifest): PolicyProblem {
  return policyProblem('policy/unknown-table', place,
    `The dataset “${manifest.id}” has no table “${table}”.`, `数据集“${manifest.id}”没有表“${table}”。`);
}

export function kindsOf(manifest: Manifest): readonly string[] {
  const kinds = Object.values(manifest.tables).flatMap(({ units }) => (units === undefined ? [] : units === 'row' ? ['row'] : Object.keys(units)));
  return [...new Set(kinds)].sort();
}

export const isNumeric = (column: Column): boolean => /^(tinyint|smallint|integer|bigint|double|decimal)/.test(column.type);
export const isTemporal = (column: Column): boolean => column.type === 'date' || column.type === 'timestamp';
