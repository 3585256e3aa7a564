/**
 * The rows of a gate without what only picks some of them: which stored rows there are, the conditions that hold in each, and what
 * public tables, released tables and subqueries over either say of them. A join that gives each row exactly one of a table
 * that it refers to leaves the rows as they are.
 */
import type { PinnedDataset } from '#contract/job.ts';
import type { Manifest } from '#contract/manifest.ts';
import { own } from '#contract/own.ts';
import { inputsOf } from '../bind/hoist.ts';
import type { BindContext } from '../bind/context.ts';
import { canonicalExpr, canonicalRelation } from '../canonical.ts';
import { unitsOf, type CatalogTable } from '../catalog.ts';
import { boundLiteral, columnRef, columnsIn, conjunction, conjuncts, type Bound } from '../expression.ts';
import { columnsOf, type Column, type Relation } from '../relation.ts';
import { isProtected } from '../vet/multiplicity.ts';

/** What is known of each row by something that is not protected: at most one value of each column. */
export interface Beside {
  /** What it adds. */
  readonly columns: readonly Column[];
  /** What it asks of the row. */
  readonly reads: readonly Bound[];
  /** Canonical. */
  readonly text: string;
  /** Whether released tables of other gates are in it: what it says is another thing in each job. */
  readonly ofGates: boolean;
  /** The rows with its columns. @param written how `reads` are written over them */
  readonly over: (input: Relation, written: (expr: Bound) => Bound) => Relation;
}

export interface GateRows {
  /** Canonical text of what the rows are. */
  readonly text: string;
  /** Whether they are those of one stored table. */
  readonly plain: boolean;
  /** Conditions that hold in each row. */
  readonly predicates: readonly Bound[];
  /** Each asks for columns of the rows, or of those before it. */
  readonly beside: readonly Beside[];
  /** Whether a row has its like in another protected table: a property of its own, as if of a column that no other tells. By text. */
  readonly properties: ReadonlyMap<Column, string>;
  /** Protected tables that are read once, and of which every row has one: what their columns mean is certain. */
  readonly tables: ReadonlySet<string>;
}

export function rowsOfGate(context: BindContext, input: Relation, datasets: readonly PinnedDataset[]): GateRows {
  const { leaves, predicates, extras, beside } = flat(input, datasets);
  const left = new Parts(context, datasets, leaves, predicates, scansIn(input));
  while (left.reduce());
  const ties = left.leaves.length < 2 ? [] : left.predicates.filter((each) => columnsIn(each).size > 1 && left.leaves.filter((leaf) => reads(each, leaf)).length > 1);
  const text = left.leaves.length === 1 ? left.leaves.map(canonicalRelation).join('') : `(${left.leaves.map(canonicalRelation).sort().join(' inner join ')}${ties.length === 0 ? '' : ` on ${ties.map(canonicalExpr).sort().join(' and ')}`})`;
  const scans = scansIn(input);
  const own = new Set([...left.leaves, ...left.dropped].flatMap(scansIn));
  const properties = new Map(extras.flatMap(({ node, text: name }) => (node.kind === 'test' && !readsGates(node.sub) && scansIn(node.sub).every((table) => !own.has(table)) ? [[node.column, name]] : [])));
  const others = extras.filter(({ node }) => !properties.has(node.column));
  return {
    text: [text, ...others.map((extra) => extra.text).sort()].join('; '), properties,
    plain: others.length === 0 && left.leaves.length === 1 && left.leaves[0]?.kind === 'scan',
    predicates: left.predicates.filter((each) => !ties.includes(each)),
    beside: [...left.beside, ...beside],
    tables: new Set([...left.leaves, ...left.dropped].flatMap((leaf) => (leaf.kind === 'scan' && scans.filter((name) => name === nameOf(leaf.table)).length === 1 ? [nameOf(leaf.table)] : []))),
  };
}

export const nameOf = ({ dataset, name }: CatalogTable): string => `${dataset}.${name}`;

/** Protected tables, as often as they are read. */
export const scansIn = (relation: Relation): readonly string[] => [...(relation.kind === 'scan' && relation.table.units.length > 0 ? [nameOf(relation.table)] : []), ...inputsOf(relation).flatMap(scansIn)];
export const readsGates = (relation: Relation): boolean => relation.kind === 'gate' || inputsOf(relation).some(readsGates);
const reads = (expr: Bound, relation: Relation): boolean => columnsOf(relation).some((column) => columnsIn(expr).has(column));

interface Flat {
  /** What is joined, one row with every row, under the predicates. */
  readonly leaves: readonly Relation[];
  readonly predicates: readonly Bound[];
  /** Subqueries over protected tables. */
  readonly extras: readonly { readonly node: Extract<Relation, { kind: 'test' | 'lookup' }>; readonly text: string }[];
  readonly beside: readonly Beside[];
}

function flat(relation: Relation, datasets: readonly PinnedDataset[]): Flat {
  switch (relation.kind) {
    case 'filter': {
      const inner = flat(relation.input, datasets);
      return { ...inner, predicates: [...inner.predicates, ...conjuncts(relation.predicate)] };
    }
    case 'project': case 'sort': return flat(relation.input, datasets);
    case 'join': return flatJoin(relation, datasets);
    case 'test': case 'lookup': {
      const inner = flat(relation.input, datasets);
      if (isProtected(relation.sub)) return { ...inner, extras: [...inner.extras, { node: relation, text: canonicalRelation({ ...relation, input: { kind: 'single' } }) }] };
      const { on, sub } = relation;
      const test = relation.kind === 'test' ? relation.test : null;
      const outer = on === null ? [] : [...columnsIn(on)].filter((column) => !columnsOf(sub).includes(column)).map((column) => columnRef(column));
      return { ...inner, beside: [...inner.beside, {
        columns: [relation.column], reads: [...(test?.kind === 'any' ? [test.left] : []), ...outer], ofGates: readsGates(sub),
        text: canonicalRelation({ ...relation, input: { kind: 'single' } }),
        over: (input, written) => {
          const onWritten = on === null ? null : written(on);
          return relation.kind === 'lookup' ? { ...relation, input, on: onWritten } : { ...relation, input, on: onWritten, test: test?.kind === 'any' ? { ...test, left: written(test.left) } : relation.test };
        },
      }] };
    }
    default: return { leaves: [relation], predicates: [], extras: [], beside: [] };
  }
}

function flatJoin(relation: Extract<Relation, { kind: 'join' }>, datasets: readonly PinnedDataset[]): Flat {
  const { join, left, right, on } = relation;
  const [kept, added] = join === 'left' ? [left, right] : [right, left];
  const conditions = conjuncts(on);
  const [only, ...others] = conditions;
  const pair = only === undefined || others.length > 0 ? null : pairOf(only, new Set(columnsOf(added)));
  // Where every row has one of the other side, an outer join is an inner one.
  const isTotal = join !== 'full' && pair !== null && isStored(added) && alwaysHas(kept, pair.other) && refersTo(pair.other, pair.own, datasets);
  if (join === 'inner' || isTotal) {
    const [a, b] = [flat(left, datasets), flat(right, datasets)];
    return {
      leaves: [...a.leaves, ...b.leaves], predicates: [...a.predicates, ...b.predicates, ...conjuncts(on)],
      extras: [...a.extras, ...b.extras], beside: [...a.beside, ...b.beside],
    };
  }
  const whole: Flat = { leaves: [relation], predicates: [], extras: [], beside: [] };
  if (join === 'full' || isProtected(added) || !isProtected(kept)) return whole;
  if (!isOneRow(added, equated(conditions, added))) return whole;
  const inner = flat(kept, datasets);
  return { ...inner, beside: [...inner.beside, besideOf(added, conditions, canonicalRelation({ ...relation, join: 'left', left: { kind: 'single' }, right: added }))] };
}

function besideOf(added: Relation, conditions: readonly Bound[], text: string): Beside {
  const shown = columnsOf(added);
  const outer = new Set(conditions.flatMap((each) => [...columnsIn(each)]).filter((column) => !shown.includes(column)));
  return {
    columns: shown, reads: [...outer].map((column) => columnRef(column)), text, ofGates: readsGates(added),
    over: (input, written) => ({ kind: 'join', join: 'left', left: input, right: added, on: conjunction(conditions.map(written)), at: null }),
  };
}

/** Columns of `added` that are the same as something that is not in it. */
function equated(conditions: readonly Bound[], added: Relation): ReadonlySet<Column> {
  const shown = new Set(columnsOf(added));
  return new Set(conditions.flatMap((each) => {
    if (each.kind !== 'compare' || each.op !== '=') return [];
    return [[each.left, each.right], [each.right, each.left]].flatMap(([own, other]) =>
      (own?.kind === 'column' && shown.has(own.column) && other !== undefined && ![...columnsIn(other)].some((column) => shown.has(column)) ? [own.column] : []));
  }));
}

/** Whether no two rows have the same values of these columns. */
function isOneRow(relation: Relation, columns: ReadonlySet<Column>): boolean {
  switch (relation.kind) {
    case 'filter': case 'sort': case 'test': case 'lookup': case 'limit': return isOneRow(relation.input, columns);
    case 'project': return isOneRow(relation.input, new Set(relation.items.flatMap(({ column, expr }) => (columns.has(column) ? [column, ...(expr.kind === 'column' ? [expr.column] : [])] : []))));
    case 'scan': return columns.values().some(({ from }) => from.kind === 'stored' && from.column.unique && from.column.stored.kind === 'column');
    case 'gate': return relation.columns.slice(0, relation.keys).every((key) => columns.has(key));
    case 'aggregate': return relation.sets === null && relation.keys.every(({ column }) => columns.has(column));
    case 'distinct': return relation.on.length === 0 && columnsOf(relation).every((column) => columns.has(column));
    case 'single': return true;
    case 'values': return relation.rows.length === 1;
    default: return false;
  }
}

/** Takes away from joined tables those that say something of each row and add none. */
class Parts {
  leaves: readonly Relation[];
  predicates: readonly Bound[];
  readonly beside: Beside[] = [];
  readonly dropped: Relation[] = [];
  readonly #context: BindContext;
  readonly #datasets: readonly PinnedDataset[];
  readonly #scans: readonly string[];

  constructor(context: BindContext, datasets: readonly PinnedDataset[], leaves: readonly Relation[], predicates: readonly Bound[], scans: readonly string[]) {
    this.#context = context;
    this.#datasets = datasets;
    this.leaves = leaves;
    this.predicates = predicates;
    this.#scans = scans;
  }

  /** False where nothing more can be taken away. */
  reduce(): boolean {
    return this.leaves.some((leaf) => (this.leaves.length > 1) && (isProtected(leaf) ? this.#referred(leaf) : this.#public(leaf)));
  }

  /** A protected table of which each row refers to exactly one row, and by one way only. */
  #referred(leaf: Relation): boolean {
    if (leaf.kind !== 'scan' || this.#scans.filter((name) => name === nameOf(leaf.table)).length > 1) return false;
    const shown = new Set(leaf.columns);
    const tie = this.predicates.find((each) => {
      const pair = pairOf(each, shown);
      return pair !== null && this.leaves.some((other) => other !== leaf && other.kind === 'scan' && columnsOf(other).includes(pair.other)) && this.#refers(pair.other, pair.own);
    });
    if (tie === undefined) return false;
    this.#drop(leaf, [tie]);
    this.dropped.push(leaf);
    return true;
  }

  /** And by one way only: a column of the other table means one thing then. */
  #refers(from: Column, to: Column): boolean {
    const [source, target] = [manifestColumn(from, this.#datasets), manifestColumn(to, this.#datasets)];
    return source !== null && target !== null && refersTo(from, to, this.#datasets) && waysTo(source.manifest, source.table, target.table) === 1
      && this.leaves.every((leaf) => leaf.kind !== 'scan' || leaf.table.name === target.table || waysTo(source.manifest, leaf.table.name, target.table) <= 1);
  }

  #public(leaf: Relation): boolean {
    const shown = new Set(columnsOf(leaf));
    const ties = this.predicates.filter((each) => each.kind === 'compare' && each.op === '=' && equated([each], leaf).size > 0);
    if (!isOneRow(leaf, equated(ties, leaf))) return false;
    // Where every row has one, none is left out.
    const isTotal = ties.length === 1 && ties.every((tie) => {
      const pair = pairOf(tie, shown);
      return pair !== null && leaf.kind === 'scan' && this.leaves.some((other) => other.kind === 'scan' && columnsOf(other).includes(pair.other)) && this.#refers(pair.other, pair.own);
    });
    const text = `(${canonicalRelation(leaf)} on ${ties.map(canonicalExpr).sort().join(' and ')})`;
    this.#drop(leaf, ties);
    if (isTotal) {
      this.beside.push(besideOf(leaf, ties, text));
      return true;
    }
    const mark = this.#context.column('met', 'BOOLEAN', { kind: 'constant' });
    const marked: Relation = { kind: 'project', input: leaf, items: [...columnsOf(leaf).map((column) => ({ column, expr: columnRef(column) })), { column: mark, expr: boundLiteral('BOOLEAN', 'true') }] };
    this.beside.push(besideOf(marked, ties, text));
    this.predicates = [...this.predicates, { kind: 'is-not-null', arg: columnRef(mark), type: 'BOOLEAN', at: null }];
    return true;
  }

  #drop(leaf: Relation, ties: readonly Bound[]): void {
    this.leaves = this.leaves.filter((other) => other !== leaf);
    this.predicates = this.predicates.filter((each) => !ties.includes(each));
  }
}

/** A stored table, whole. */
const isStored = (relation: Relation): boolean => relation.kind === 'scan' || (relation.kind === 'project' && isStored(relation.input));

/** Whether the column is that of a table of which every row has one. */
function alwaysHas(relation: Relation, column: Column): boolean {
  switch (relation.kind) {
    case 'scan': return relation.columns.includes(column);
    case 'filter': case 'project': case 'sort': case 'test': case 'lookup': return alwaysHas(relation.input, column);
    case 'join': return (relation.join === 'inner' || relation.join === 'left' ? alwaysHas(relation.left, column) : false) || (relation.join === 'inner' || relation.join === 'right' ? alwaysHas(relation.right, column) : false);
    default: return false;
  }
}

/** Whether the one column is a foreign key to the other, which every row has a value of. */
function refersTo(from: Column, to: Column, datasets: readonly PinnedDataset[]): boolean {
  const [source, target] = [manifestColumn(from, datasets), manifestColumn(to, datasets)];
  if (source === null || target === null || source.manifest.id !== target.manifest.id) return false;
  const declared = own(own(source.manifest.tables, source.table)?.columns ?? {}, source.column);
  if (declared?.references === undefined || (declared.nullable !== false && from.from.kind !== 'unit')) return false;
  const parts = declared.references.split('.');
  return parts.slice(-2).join('.') === `${target.table}.${target.column}` && (parts.length === 2 || parts[0] === source.manifest.id);
}

/** Of an equality of two columns, the one that is among these and the one that is not. */
function pairOf(expr: Bound, shown: ReadonlySet<Column>): { readonly own: Column; readonly other: Column } | null {
  if (expr.kind !== 'compare' || expr.op !== '=' || expr.left.kind !== 'column' || expr.right.kind !== 'column') return null;
  const [a, b] = [expr.left.column, expr.right.column];
  if (shown.has(a) === shown.has(b)) return null;
  return shown.has(a) ? { own: a, other: b } : { own: b, other: a };
}

/** The manifest's own column, not a level or a band of it. */
function manifestColumn({ from }: Column, datasets: readonly PinnedDataset[]): { readonly manifest: Manifest; readonly table: string; readonly column: string } | null {
  if (from.kind !== 'stored' && from.kind !== 'unit') return null;
  const manifest = datasets.find((each) => each.manifest.id === from.table.dataset)?.manifest;
  const table = manifest === undefined ? undefined : own(manifest.tables, from.table.name);
  if (manifest === undefined || table === undefined) return null;
  const column = from.kind === 'unit' ? unitsOf(table)[from.unit] : from.column.source.endsWith(`.${from.column.name}`) && from.column.stored.kind === 'column' ? from.column.name : undefined;
  return column === undefined || column === 'row' ? null : { manifest, table: from.table.name, column };
}

/** How many chains of references lead from one table to another; counted up to two. */
function waysTo(manifest: Manifest, from: string, to: string, depth = 8): number {
  if (depth === 0) return 2;
  let ways = 0;
  for (const { references } of Object.values(own(manifest.tables, from)?.columns ?? {})) {
    const parts = references?.split('.') ?? [];
    const parent = parts.at(-2);
    if (parent === undefined || (parts.length === 3 && parts[0] !== manifest.id)) continue;
    ways += parent === to ? 1 : parent === from ? 0 : waysTo(manifest, parent, to, depth - 1);
    if (ways > 1) return 2;
  }
  return ways;
}
