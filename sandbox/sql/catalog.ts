/**
 * The catalogue as one operator's query sees it: built from manifests, policies and the columns of the grant. What is not
 * here does not exist for this operator: a column outside the grant and a wrong name are refused in the same words.
 */
import type { PinnedDataset } from '#contract/job.ts';
import type { Column as ManifestColumn, Table as ManifestTable } from '#contract/manifest.ts';
import type { Dimension, Policy } from '#contract/policy.ts';
import { bandLabels } from './bands.ts';
import { gridOf, type Grid } from './grid.ts';
import { storedType, type Type } from './types.ts';

export interface Catalog {
  readonly tables: readonly CatalogTable[];
  readonly policies: ReadonlyMap<string, Policy>;
}

export interface CatalogTable {
  readonly dataset: string;
  readonly name: string;
  /** Empty: a public table. */
  readonly units: readonly UnitPath[];
  readonly columns: readonly CatalogColumn[];
}

/** How a row of the table belongs to a protected party. */
export interface UnitPath {
  readonly kind: string;
  /** At most so many rows of one unit; null where nothing is declared. */
  readonly maxRows: number | null;
  /** The clause that says so. */
  readonly clause: string;
}

/**
 * What the equality of two columns proves. `unit`: the same unit of that kind. `key`: the same row of a protected table,
 * and so the same unit of those kinds.
 */
export type Identity =
  | { readonly kind: 'unit'; readonly unit: string }
  | { readonly kind: 'key'; readonly of: string; readonly units: readonly string[] };

export interface CatalogColumn {
  readonly name: string;
  /** `dataset.table.column` of the manifest column that it shows. */
  readonly source: string;
  readonly type: Type;
  readonly stored: Stored;
  readonly nullable: boolean;
  /** What must not be learnt about a unit, by its declared role. */
  readonly sensitive: boolean;
  /** No value occurs twice: other columns refer to it, and ingest checks that (`ingest/not-unique`). */
  readonly unique: boolean;
  /** Declared inclusive bounds, as the manifest writes them. */
  readonly min: string | null;
  readonly max: string | null;
  /** Declared closed set of values, as text. */
  readonly domain: readonly string[] | null;
  readonly identity: Identity | null;
  readonly grid: Grid;
}

export type Stored =
  | { readonly kind: 'column'; readonly name: string; readonly fixed: { readonly name: string; readonly scale: number } | null }
  | { readonly kind: 'band'; readonly of: string; readonly ofType: Type; readonly edges: readonly string[]; readonly labels: readonly string[] }
  /** A unit's key. It has a number of its own in every dataset, and a pseudonym that is the same in all of a domain. */
  | { readonly kind: 'unit'; readonly unit: string };

export const unitColumn = (kind: string): string => `__unit_${kind}`;
export const pseudonymColumn = (kind: string): string => `__pseudonym_${kind}`;
export const recordKeyColumn = (kind: string): string => `__record_key_${kind}`;
export const fixedColumn = (column: string): string => `__fixed_${column}`;

/** Digits of a double measure whose manifest names no scale. */
const DEFAULT_SCALE = 6;

export function buildCatalog(datasets: readonly PinnedDataset[], granted: readonly string[]): Catalog {
  const allowed = new Set(granted);
  const tables = datasets.flatMap(({ manifest, policy }) => Object.entries(manifest.tables).map(([name, table]): CatalogTable => {
    const keys = identities(manifest.id, manifest.tables);
    const referenced = referencedColumns(manifest.id, manifest.tables);
    const columns = Object.entries(table.columns)
      .filter(([column]) => allowed.has(`${manifest.id}.${name}.${column}`))
      .flatMap(([column, declared]) => columnsOf({ unique: referenced.has(`${name}.${column}`), dataset: manifest.id, table: name, column, declared, isPublic: table.units === undefined, policy, identity: keys.get(`${name}.${column}`) ?? null, names: Object.keys(table.columns) }));
    return { dataset: manifest.id, name, units: unitPaths(manifest.id, name, table), columns };
  }));
  return {
    tables: tables.filter(({ columns }) => columns.length > 0),
    policies: new Map(datasets.map(({ manifest, policy }) => [manifest.id, policy])),
  };
}

/** Kind → column, with the short form written out. */
export function unitsOf(table: ManifestTable): Readonly<Record<string, string>> {
  return table.units === 'row' ? { row: 'row' } : (table.units ?? {});
}

function unitPaths(dataset: string, name: string, table: ManifestTable): UnitPath[] {
  return Object.entries(unitsOf(table)).map(([kind, column]) => (column === 'row'
    ? { kind, maxRows: 1, clause: `${dataset} tables.${name}.units` }
    : { kind, maxRows: table.maxRowsPerUnit?.[kind] ?? null, clause: `${dataset} tables.${name}.maxRowsPerUnit.${kind}` }));
}

/** `table.column` of every column that another refers to within the dataset. */
function referencedColumns(dataset: string, tables: Readonly<Record<string, ManifestTable>>): ReadonlySet<string> {
  const targets = Object.values(tables).flatMap(({ columns }) => Object.values(columns).flatMap(({ references }) => references?.split('.') === undefined ? [] : [references.split('.')]));
  return new Set(targets.filter((parts) => parts.length === 2 || parts[0] === dataset).map((parts) => parts.slice(-2).join('.')));
}

/** What each column of a dataset proves about units, by `table.column`. */
function identities(dataset: string, tables: Readonly<Record<string, ManifestTable>>): Map<string, Identity> {
  const found = new Map<string, Identity>();
  for (const [name, table] of Object.entries(tables)) {
    for (const [kind, column] of Object.entries(unitsOf(table))) {
      if (column === 'row') continue;
      const target = parentKey(dataset, tables, table, kind, column);
      if (target === null) {
        found.set(`${name}.${column}`, { kind: 'unit', unit: kind });
        continue;
      }
      addKey(found, `${name}.${column}`, target, kind);
      const [parent = ''] = target.split('.');
      for (const parentKind of Object.keys(unitsOf(tables[parent] ?? table))) addKey(found, target, target, parentKind);
    }
  }
  return found;
}

function addKey(found: Map<string, Identity>, column: string, of: string, unit: string): void {
  const known = found.get(column);
  const units = known?.kind === 'key' && known.of === of ? known.units : [];
  found.set(column, { kind: 'key', of, units: [...new Set([...units, unit])] });
}

/** `table.column` of the parent that a unit path goes on through; null where the column is the identity itself. */
function parentKey(dataset: string, tables: Readonly<Record<string, ManifestTable>>, table: ManifestTable, kind: string, column: string): string | null {
  const references = table.columns[column]?.references;
  if (references === undefined) return null;
  const parts = references.split('.');
  if (parts.length === 3 && parts[0] !== dataset) return null;
  const [parent = '', key = ''] = parts.slice(-2);
  const own = tables[parent] === undefined ? undefined : unitsOf(tables[parent])[kind];
  return own === undefined || own === key ? null : `${parent}.${key}`;
}

interface ColumnContext {
  readonly unique: boolean;
  readonly dataset: string;
  readonly table: string;
  readonly column: string;
  readonly declared: ManifestColumn;
  readonly isPublic: boolean;
  readonly policy: Policy;
  readonly identity: Identity | null;
  /** All columns of the table, for names that levels must not take. */
  readonly names: readonly string[];
}

/** The column itself, and its levels and bands under the policy. */
function columnsOf({ unique, dataset, table, column, declared, isPublic, policy, identity, names }: ColumnContext): CatalogColumn[] {
  const source = `${dataset}.${table}.${column}`;
  if (identity?.kind === 'unit') {
    return [{ name: column, source, type: 'BIGINT', stored: { kind: 'unit', unit: identity.unit }, nullable: false, sensitive: false, unique: false, min: null, max: null, domain: null, identity, grid: { kind: 'none' } }];
  }
  // Identifiers are dropped at ingest; a unit column that no path uses is not kept either.
  if (declared.role === 'identifier' || declared.role === 'unit') return [];
  const { dimensions } = policy.statistics;
  const dimension = dimensions === 'any' ? null : (dimensions[`${table}.${column}`] ?? null);
  const grid: Grid = isPublic || dimensions === 'any' ? { kind: 'free' } : gridOf(column, storedType(declared.type), dimension);
  const type = storedType(declared.type);
  const nullable = declared.nullable !== false;
  const fixed = type === 'DOUBLE' ? { name: fixedColumn(column), scale: declared.scale ?? DEFAULT_SCALE } : null;
  const base: CatalogColumn = {
    name: column, source, type, stored: { kind: 'column', name: column, fixed }, nullable, sensitive: declared.role === 'sensitive', unique,
    min: declared.min ?? null, max: declared.max ?? null, domain: declared.domain ?? null, identity, grid,
  };
  const derived: CatalogColumn[] = [];
  if (dimension !== null && 'bands' in dimension) {
    const edges = dimension.bands.map(String);
    const labels = bandLabels(edges);
    derived.push({ ...base, name: `${column}_band`, type: 'VARCHAR', stored: { kind: 'band', of: column, ofType: type, edges, labels }, unique: false, min: null, max: null, domain: labels, identity: null, grid: { kind: 'free' } });
  }
  for (const level of visibleLevels(declared, column, dimension, grid)) {
    const name = names.includes(level) ? `${column}_${level}` : level;
    derived.push({ ...base, name, type: 'VARCHAR', stored: { kind: 'column', name, fixed: null }, unique: false, min: null, max: null, domain: declared.levelDomains?.[level] ?? null, identity: null, grid: { kind: 'free' } });
  }
  return [base, ...derived];
}

/** Levels of a column's hierarchy that its policy names; all of them where there is no grid or the column's own values are free. */
function visibleLevels(declared: ManifestColumn, column: string, dimension: Dimension | null, grid: Grid): readonly string[] {
  if (declared.hierarchy === undefined) return [];
  if (dimension !== null && 'levels' in dimension) return dimension.levels.filter((name) => name !== column && (declared.levels?.includes(name) ?? true));
  return grid.kind === 'free' ? (declared.levels ?? []) : [];
}
