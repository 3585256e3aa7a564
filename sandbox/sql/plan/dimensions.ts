/** Which dimensions an expression below a gate reads: manifest columns whose values are atoms, and what is known of them beside the rows. */
import type { Column as ManifestColumn } from '#contract/manifest.ts';
import type { PinnedDataset } from '#contract/job.ts';
import { own } from '#contract/own.ts';
import type { Dimension } from '#contract/policy.ts';
import { canonicalExpr } from '../canonical.ts';
import { columnsIn, partsOf, withParts, type Bound } from '../expression.ts';
import type { Column } from '../relation.ts';
import { isInteger, storedType, type Type } from '../types.ts';
import { nameOf, type Beside, type GateRows } from './gate-rows.ts';
import { universeOf } from './universe-of-column.ts';

/** A manifest column whose values are atoms. */
export interface Root {
  readonly source: string;
  readonly name: string;
  readonly declared: ManifestColumn;
  readonly dimension: Dimension | null;
  readonly type: Type;
  /** Literals that it is compared with for equality, over the whole gate. */
  readonly literals: Set<string>;
}

/** Expressions larger than this are not followed. */
const MOST_PARTS = 500;

export class Reader {
  readonly #roots = new Map<string, Root | null>();
  readonly #datasets: readonly PinnedDataset[];
  readonly #rows: GateRows;
  readonly #known = new Map<Bound, readonly Root[] | null>();
  readonly #added: ReadonlyMap<Column, Beside>;

  constructor(rows: GateRows, datasets: readonly PinnedDataset[]) {
    this.#datasets = datasets;
    this.#rows = rows;
    this.#added = new Map(rows.beside.flatMap((beside) => beside.columns.map((column) => [column, beside] as const)));
  }

  /** The dimensions that an expression reads; null where it reads something else, or something of one that its atoms do not tell. */
  rootsOf(expr: Bound): readonly Root[] | null {
    const known = this.#known.get(expr);
    if (known !== undefined) return known;
    const found = this.#find(expr);
    this.#known.set(expr, found);
    return found;
  }

  /** Over stored columns and what is beside the rows. Null where too large. */
  expanded(expr: Bound): Bound | null {
    let parts = 0;
    const expand = (each: Bound): Bound => {
      if (++parts > MOST_PARTS) return each;
      if (each.kind === 'column') return each.column.from.kind === 'computed' && !this.#added.has(each.column) ? expand(each.column.from.expr) : each;
      return partsOf(each).length === 0 ? each : withParts(each, expand);
    };
    const result = expand(expr);
    return parts > MOST_PARTS ? null : result;
  }

  isBare(expr: Bound): boolean {
    const whole = this.expanded(expr);
    return whole?.kind === 'column' && isBase(whole.column) && !this.#added.has(whole.column);
  }

  neverNull(column: Column): boolean {
    return column.from.kind === 'unit' || (column.from.kind === 'stored' && !column.from.column.nullable && this.#rows.tables.has(nameOf(column.from.table)));
  }

  /** Canonical, with what it reads beside the rows. */
  textOf(expr: Bound): string {
    return [canonicalExpr(expr), ...new Set(this.besideIn([expr]).map(({ text }) => text))].join(' beside ');
  }

  /** What is beside the rows that these read, in an order in which each comes after those that it reads itself. */
  besideIn(exprs: readonly Bound[]): readonly Beside[] {
    const found = new Set<Beside>();
    const visit = (expr: Bound): void => {
      for (const column of columnsIn(this.expanded(expr) ?? expr)) {
        const beside = this.#added.get(column);
        if (beside === undefined || found.has(beside)) continue;
        beside.reads.forEach(visit);
        found.add(beside);
      }
    };
    exprs.forEach(visit);
    return [...found];
  }

  /** Stored columns that these read, through what is beside the rows. */
  columnsOf(exprs: readonly Bound[]): readonly Column[] {
    const read = [...exprs, ...this.besideIn(exprs).flatMap(({ reads }) => reads)];
    return [...new Set(read.flatMap((expr) => [...columnsIn(this.expanded(expr) ?? expr)]))].filter((column) => !this.#added.has(column));
  }

  isOf(root: Root, column: Column): boolean {
    return this.#rows.properties.get(column) === root.source || column.from.kind === 'stored' && column.from.column.source === root.source;
  }

  /** Combinations of their values. */
  sizeOf(roots: readonly Root[]): number {
    return roots.reduce((product, root) => product * (universeOf(root.declared, root.type, root.dimension, [...root.literals]).atoms.length + 1), 1);
  }

  #find(expr: Bound): readonly Root[] | null {
    const whole = this.expanded(expr);
    if (whole === null || hasSubquery(whole)) return null;
    // What joins conditions is known of each; a condition may be about several dimensions at once where all their values are declared.
    if (whole.kind === 'and' || whole.kind === 'or' || whole.kind === 'not') {
      const single = this.#findOne(whole);
      if (single !== null) return [single];
      const parts = partsOf(whole).map((part) => this.#find(part));
      return parts.some((roots) => roots === null) ? null : [...new Set(parts.flatMap((roots) => roots ?? []))];
    }
    const single = this.#findOne(whole);
    if (single !== null) return [single];
    const roots = this.#rootsOfColumns(this.columnsOf([whole]));
    return roots === null || roots.some((root) => this.#isOpen(root)) ? null : roots;
  }

  #rootsOfColumns(columns: readonly Column[]): readonly Root[] | null {
    const roots = new Set(columns.map((column) => this.#rootOfColumn(column)));
    return roots.has(null) ? null : [...roots].filter((root) => root !== null);
  }

  #isOpen(root: Root): boolean {
    return universeOf(root.declared, root.type, root.dimension, []).others;
  }

  #findOne(whole: Bound): Root | null {
    const columns = this.columnsOf([whole]);
    const [root, ...others] = this.#rootsOfColumns(columns) ?? [];
    if (root === undefined || others.length > 0) return null;
    if (!this.#isOpen(root)) return root;
    // Of values that nobody declared: the value itself, its equality with literals, or its levels only.
    if (this.besideIn([whole]).length > 0) return null;
    if (!columns.some(isBase)) return root;
    if (whole.kind === 'column') return root;
    const literals = equalities(whole);
    if (literals === null || columns.length > 1) return null;
    literals.forEach((literal) => root.literals.add(literal));
    return root;
  }

  #rootOfColumn(column: Column): Root | null {
    const { from } = column;
    const property = this.#rows.properties.get(column);
    if (property !== undefined) return this.#propertyOf(property);
    if (from.kind !== 'stored' || from.table.units.length === 0 || !this.#rows.tables.has(nameOf(from.table)) || from.column.stored.kind === 'unit') return null;
    const { source } = from.column;
    const known = this.#roots.get(source);
    if (known !== undefined) return known;
    const name = source.slice(from.table.dataset.length + from.table.name.length + 2);
    const pinned = this.#datasets.find(({ manifest }) => manifest.id === from.table.dataset);
    const table = pinned === undefined ? undefined : own(pinned.manifest.tables, from.table.name);
    const declared = table === undefined ? undefined : own(table.columns, name);
    const { dimensions } = pinned?.policy.statistics ?? {};
    const dimension = dimensions === undefined || dimensions === 'any' ? null : own(dimensions, `${from.table.name}.${name}`) ?? null;
    const root = declared === undefined ? null : { source, name, declared, dimension, type: storedType(declared.type), literals: new Set<string>() };
    this.#roots.set(source, root);
    return root;
  }

  #propertyOf(text: string): Root {
    const known = this.#roots.get(text);
    if (known !== undefined && known !== null) return known;
    const root: Root = { source: text, name: text, declared: { type: 'boolean', role: 'plain' }, dimension: null, type: 'BOOLEAN', literals: new Set() };
    this.#roots.set(text, root);
    return root;
  }
}

const hasSubquery = (expr: Bound): boolean => expr.kind === 'subquery' || expr.kind === 'aggregate' || expr.kind === 'window' || partsOf(expr).some(hasSubquery);

/** The manifest's own column, not a level or a band of it. */
export function isBase({ from }: Column): boolean {
  return from.kind === 'stored' && from.column.stored.kind === 'column' && from.column.source.endsWith(`.${from.column.name}`);
}

/** The literals that the column is compared with, where the expression asks for nothing but equality; null otherwise. */
function equalities(expr: Bound): readonly string[] | null {
  const all = (parts: readonly Bound[]): readonly string[] | null => {
    const found = parts.map(equalities);
    return found.some((each) => each === null) ? null : found.flatMap((each) => each ?? []);
  };
  switch (expr.kind) {
    case 'and': case 'or': return all(expr.args);
    case 'not': return all([expr.arg]);
    case 'is-null': case 'is-not-null': return isValue(expr.arg) ? [] : null;
    case 'compare': {
      if (!['=', '<>', 'IS DISTINCT FROM', 'IS NOT DISTINCT FROM'].includes(expr.op)) return null;
      const literal = isValue(expr.left) ? literalOf(expr.right) : isValue(expr.right) ? literalOf(expr.left) : null;
      return literal === null ? null : [literal];
    }
    case 'in': {
      const literals = isValue(expr.arg) ? expr.list.map(literalOf) : [null];
      return literals.some((each) => each === null) ? null : literals.flatMap((each) => (each === null ? [] : [each]));
    }
    default: return null;
  }
}

const isComparable = (type: Type): boolean => type === 'VARCHAR' || isInteger(type);

function isValue(expr: Bound): boolean {
  if (expr.kind === 'cast') return isInteger(expr.type) && isInteger(expr.arg.type) && isValue(expr.arg);
  return expr.kind === 'column' && isComparable(expr.type);
}

/** Text as the engine would show the value. */
function literalOf(expr: Bound): string | null {
  if (expr.kind === 'cast') return isComparable(expr.type) && isComparable(expr.arg.type) && isInteger(expr.type) === isInteger(expr.arg.type) ? literalOf(expr.arg) : null;
  if (expr.kind !== 'literal' || expr.value === null || !isComparable(expr.type)) return null;
  return isInteger(expr.type) ? BigInt(expr.value).toString() : expr.value;
}
