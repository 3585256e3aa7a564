/**
 * What the manifest alone says about a load: tables in the order in which they can be checked (parents first), how each
 * row gets its units, what is kept. Contradictions within the manifest are found here, before any file is opened.
 */
import type { IngestProblem } from '#contract/job.ts';
import type { Column, Manifest, Table } from '#contract/manifest.ts';
import { problem } from './problem.ts';

/** How a row belongs to a unit of one kind. */
export type UnitPath =
  | { readonly kind: string; readonly by: 'row' }
  /** The column's own value identifies the unit. */
  | { readonly kind: string; readonly by: 'column'; readonly column: string }
  /** The unit is that of the row of `parent` whose `key` has the column's value. */
  | { readonly kind: string; readonly by: 'parent'; readonly column: string; readonly parent: string; readonly key: string };

export interface Reference {
  readonly column: string;
  readonly parent: string;
  readonly key: string;
}

export interface TablePlan {
  readonly name: string;
  readonly declared: Table;
  readonly onViolation: 'refuse' | 'drop' | 'clamp';
  /** In the order of their names: the order of members in a manifest has no meaning. Rows are clustered by the first. */
  readonly columns: readonly (readonly [string, Column])[];
  readonly units: readonly UnitPath[];
  /** Within the dataset; a reference to another dataset cannot be checked here. */
  readonly references: readonly Reference[];
  /** Columns that another table refers to. */
  readonly keys: readonly string[];
  /** Columns that stay in the snapshot under their own names. */
  readonly kept: readonly (readonly [string, Column])[];
}

export interface IngestPlan {
  readonly dataset: string;
  readonly manifest: Manifest;
  /** Parents before the tables that refer to them. */
  readonly tables: readonly TablePlan[];
}

const byName = <T>(entries: readonly (readonly [string, T])[]): (readonly [string, T])[] =>
  [...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

/** Kind → column, with the short form written out, in the order of kinds. */
const unitEntries = (table: Table): (readonly [string, string])[] =>
  byName(Object.entries(table.units === 'row' ? { row: 'row' } : table.units ?? {}));

export function planIngest(manifest: Manifest, trial: boolean): { readonly plan: IngestPlan; readonly problems: readonly IngestProblem[] } {
  const problems: IngestProblem[] = [];
  const plans = new Map<string, TablePlan>();
  for (const [name, table] of byName(Object.entries(manifest.tables))) {
    problems.push(...tableProblems(manifest, name, table, trial));
    plans.set(name, planTable(manifest, name, table));
  }
  const { ordered, cyclic } = parentsFirst(plans);
  for (const table of cyclic) {
    problems.push(problem('ingest/reference-cycle', { table },
      'its references lead back to itself through other tables; a load needs an order of tables in which parents come first.',
      '其引用关系经其他表又回到自身;加载时必须能排出先父表后子表的顺序。'));
  }
  return { plan: { dataset: manifest.id, manifest, tables: ordered }, problems };
}

function planTable(manifest: Manifest, name: string, table: Table): TablePlan {
  const columns = byName(Object.entries(table.columns));
  const references = columns.flatMap(([column]) => referenceOf(manifest, table, column) ?? []);
  const units = unitEntries(table).map(([kind, column]) => unitPath(manifest, table, kind, column));
  const identities = new Set(units.flatMap((path) => (path.by === 'column' ? [path.column] : [])));
  const keys = Object.values(manifest.tables).flatMap((other) => Object.keys(other.columns).flatMap((column) => {
    const reference = referenceOf(manifest, other, column);
    return reference !== null && reference.parent === name ? [reference.key] : [];
  }));
  return {
    name, declared: table, onViolation: table.onViolation ?? 'refuse', columns, units, references,
    keys: [...new Set(keys)].sort(),
    kept: columns.filter(([column, { role }]) => role !== 'identifier' && role !== 'unit' && !identities.has(column)),
  };
}

/** Null where the column refers to nothing, or to another dataset. */
function referenceOf(manifest: Manifest, table: Table, column: string): Reference | null {
  const parts = table.columns[column]?.references?.split('.') ?? [];
  if (parts.length === 3 && parts[0] !== manifest.id) return null;
  const [parent, key] = parts.slice(-2);
  return parent === undefined || key === undefined ? null : { column, parent, key };
}

function unitPath(manifest: Manifest, table: Table, kind: string, column: string): UnitPath {
  if (column === 'row') return { kind, by: 'row' };
  const reference = referenceOf(manifest, table, column);
  const parent = reference === null ? undefined : manifest.tables[reference.parent];
  const parentUnit = parent === undefined ? undefined : unitEntries(parent).find(([k]) => k === kind)?.[1];
  // The parent's own unit column is the identity already: no need to go there.
  if (reference === null || parentUnit === undefined || parentUnit === reference.key) return { kind, by: 'column', column };
  return { kind, by: 'parent', column, parent: reference.parent, key: reference.key };
}

function parentsFirst(plans: ReadonlyMap<string, TablePlan>): { readonly ordered: readonly TablePlan[]; readonly cyclic: readonly string[] } {
  const ordered: TablePlan[] = [];
  const waiting = new Map(plans);
  for (;;) {
    const next = [...waiting.values()].filter((table) => table.references.every(({ parent }) => parent === table.name || !waiting.has(parent)));
    if (next.length === 0) return { ordered, cyclic: [...waiting.keys()] };
    for (const table of next) {
      ordered.push(table);
      waiting.delete(table.name);
    }
  }
}

const NUMERIC = /^(tinyint|smallint|integer|bigint|double|decimal\(.*)$/;
const BOUNDED = /^(tinyint|smallint|integer|bigint|double|decimal\(.*|date|timestamp|time)$/;

function tableProblems(manifest: Manifest, name: string, table: Table, trial: boolean): IngestProblem[] {
  const problems: IngestProblem[] = [];
  const units = unitEntries(table);
  for (const [kind, column] of units) {
    if (column !== 'row' && table.columns[column] === undefined) {
      problems.push(problem('ingest/unknown-unit-column', { table: name, column },
        `the unit “${kind}” names a column that the manifest does not describe.`, `主体“${kind}”指定的字段未在清单中说明。`));
    }
  }
  for (const [kind, column] of units) {
    const path = unitPath(manifest, table, kind, column);
    if (path.by === 'parent' && path.parent === name) {
      problems.push(problem('ingest/unit-cycle', { table: name, column }, `the unit “${kind}” leads back to the same table.`, `主体“${kind}”的引用又回到本表。`));
    }
  }
  for (const kind of Object.keys(table.maxRowsPerUnit ?? {})) {
    if (!units.some(([k]) => k === kind)) {
      problems.push(problem('ingest/unknown-unit-kind', { table: name },
        `maxRowsPerUnit names the unit kind “${kind}”, which the table does not have.`, `maxRowsPerUnit 指定了本表没有的主体类别“${kind}”。`));
    }
  }
  const { recordKey } = table;
  if (recordKey !== undefined && !trial) {
    problems.push(problem('ingest/record-key-not-allowed', { table: name, column: recordKey },
      'a supplied record key is accepted by “sluice try” only.', '仅“sluice try”接受外部提供的记录键。'));
  } else if (recordKey !== undefined && !/int|decimal/.test(table.columns[recordKey]?.type ?? '')) {
    problems.push(problem('ingest/record-key', { table: name, column: recordKey },
      'the supplied record key must be a column of an integer type.', '外部提供的记录键必须是整数类型字段。'));
  }
  for (const [column, declared] of Object.entries(table.columns)) problems.push(...columnProblems(manifest, name, table, column, declared));
  return problems;
}

function columnProblems(manifest: Manifest, table: string, declaredTable: Table, column: string, declared: Column): IngestProblem[] {
  const problems: IngestProblem[] = [];
  if ((declared.min !== undefined || declared.max !== undefined) && !BOUNDED.test(declared.type)) {
    problems.push(problem('ingest/bound-type', { table, column },
      `min and max apply to numbers, dates and times, not to ${declared.type}.`, `min 与 max 仅适用于数值、日期和时间,不适用于 ${declared.type}。`));
  }
  if (declared.scale !== undefined && declared.type !== 'double') {
    problems.push(problem('ingest/scale-type', { table, column }, 'scale applies to double only.', 'scale 仅适用于 double 类型。'));
  }
  const decimal = /^decimal\((\d+),(\d+)\)$/.exec(declared.type);
  if (decimal !== null && Number(decimal[2]) > Number(decimal[1])) {
    problems.push(problem('ingest/decimal-scale', { table, column }, 'a decimal has no more digits after the point than in all.', '小数位数不能超过总位数。'));
  }
  const reference = referenceOf(manifest, declaredTable, column);
  if (reference !== null) {
    const target = manifest.tables[reference.parent]?.columns[reference.key];
    if (target === undefined) {
      problems.push(problem('ingest/unknown-reference', { table, column },
        `it refers to “${reference.parent}.${reference.key}”, which the manifest does not describe.`, `其引用的“${reference.parent}.${reference.key}”未在清单中说明。`));
    } else if (target.type !== declared.type && !(NUMERIC.test(target.type) && NUMERIC.test(declared.type))) {
      problems.push(problem('ingest/reference-type', { table, column },
        `it is ${declared.type}, but “${reference.parent}.${reference.key}” is ${target.type}.`, `其类型为 ${declared.type},而“${reference.parent}.${reference.key}”为 ${target.type}。`));
    }
  }
  return problems;
}
