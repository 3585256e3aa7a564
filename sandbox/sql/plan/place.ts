/**
 * Plans where the cells of a gate lie (`release/place.ts`): filters, keys and conditions that read one dimension each are asked
 * of the dimension's values, in the scratch engine, so that they mean exactly what they mean below the gate. What reads several
 * columns, or columns whose values nobody declared, stays in the text of the relation.
 */
import { own } from '#contract/own.ts';
import type { PinnedDataset } from '#contract/job.ts';
import type { Column as ManifestColumn } from '#contract/manifest.ts';
import type { Dimension } from '#contract/policy.ts';
import type { BindContext } from '../bind/context.ts';
import { inputsOf } from '../bind/hoist.ts';
import { canonicalExpr, canonicalRelation } from '../canonical.ts';
import { boundLiteral, columnRef, columnsIn, conjunction, conjuncts, partsOf, withParts, type Bound } from '../expression.ts';
import { cast } from '../functions/parameter.ts';
import type { Query } from '../query.ts';
import type { Column, Relation } from '../relation.ts';
import type { Gate } from '../split/gates.ts';
import { isInteger, type Type } from '../types.ts';
import { Blocks, type BlockOptions } from './blocks.ts';
import type { PlannedMeasure } from './measures.ts';
import { universeOf, type Universe } from './universe-of-column.ts';

/** What is asked of the values of one dimension. */
export interface PlannedRoot {
  readonly root: string;
  /** Of the query's rows, by number. The last is that of all other values, where there may be others. */
  readonly atoms: readonly string[];
  readonly others: boolean;
  /** Columns: number of the row; whether the filters leave it (if `filtered`); the keys; whether the conditions hold. Null where nothing is asked. */
  readonly query: Query | null;
  readonly filtered: boolean;
  readonly keys: readonly number[];
  readonly conditions: readonly number[];
}

export interface PlannedPlace {
  readonly base: string;
  readonly roots: readonly PlannedRoot[];
  /** By key: the dimension that it is itself a value of; null where `roots` tell, or nobody. */
  readonly keys: readonly { readonly root: string; readonly bare: boolean }[];
  readonly measures: readonly { readonly rest: readonly string[]; readonly present: string | null }[];
}

export function planPlace(context: BindContext, gate: Gate, measures: readonly PlannedMeasure[], datasets: readonly PinnedDataset[], options: BlockOptions): PlannedPlace {
  const reader = new Reader(gate.input, datasets);
  const { text, predicates } = baseOf(gate.input);
  const described = Map.groupBy(predicates, (predicate) => reader.rootOf(predicate));
  const opaque = (described.get(null) ?? []).map(canonicalExpr);
  const conditions = measures.map((measure) => ({ ...measure, of: Map.groupBy(measure.conditions, (condition) => reader.rootOf(condition)) }));
  const keyRoots = gate.keys.map(({ expr }) => reader.rootOf(expr));

  const used = [...new Set([...described.keys(), ...keyRoots, ...conditions.flatMap(({ of }) => [...of.keys()])])].filter((root) => root !== null);
  const planned = used.map((root) => plannedRoot(context, root, reader, {
    filter: conjunction((described.get(root) ?? []).map((part) => reader.expanded(part) ?? part)),
    keys: keyRoots.flatMap((of, i) => (of === root ? [{ i, expr: reader.expanded(gate.keys[i]?.expr ?? part()) ?? part() }] : [])),
    conditions: conditions.flatMap(({ of }, i) => {
      const all = conjunction((of.get(root) ?? []).map((each) => reader.expanded(each) ?? each));
      return all === null ? [] : [{ i, expr: all }];
    }),
  }, options));
  return {
    base: opaque.length === 0 ? text : `${text} where ${opaque.toSorted().join(' and ')}`,
    roots: planned,
    keys: gate.keys.map(({ expr }, i) => {
      const root = keyRoots[i] ?? null;
      return root === null ? { root: canonicalExpr(expr), bare: true } : { root: root.source, bare: reader.isBare(expr) };
    }),
    measures: conditions.map(({ of, value, measure }) => ({
      rest: (of.get(null) ?? []).map(canonicalExpr).toSorted(),
      present: measure.of.kind === 'rows' || value === null || (value.kind === 'column' && reader.neverNull(value.column)) ? null : `is-not-null(${measure.of.column})`,
    })),
  };
}

function part(): never {
  throw new Error('a key without its expression');
}

/** The relation without the conditions that hold in each of its rows, and those. */
function baseOf(relation: Relation): { readonly text: string; readonly predicates: readonly Bound[] } {
  switch (relation.kind) {
    case 'filter': {
      const inner = baseOf(relation.input);
      return { text: inner.text, predicates: [...inner.predicates, ...conjuncts(relation.predicate)] };
    }
    case 'project': case 'sort': return baseOf(relation.input);
    case 'join': {
      if (relation.join !== 'inner') return { text: canonicalRelation(relation), predicates: [] };
      const [left, right] = [baseOf(relation.left), baseOf(relation.right)];
      const own = conjuncts(relation.on);
      const ties = own.filter((each) => columnsIn(each).size > 1).map(canonicalExpr).toSorted();
      return {
        text: `(${left.text} inner join ${right.text}${ties.length === 0 ? '' : ` on ${ties.join(' and ')}`})`,
        predicates: [...left.predicates, ...right.predicates, ...own.filter((each) => columnsIn(each).size <= 1)],
      };
    }
    default: return { text: canonicalRelation(relation), predicates: [] };
  }
}

/** A manifest column whose values are atoms. */
interface Root {
  readonly source: string;
  readonly name: string;
  readonly declared: ManifestColumn;
  readonly dimension: Dimension | null;
  /** Literals that it is compared with for equality, over the whole gate. */
  readonly literals: Set<string>;
}

/** Expressions larger than this are not followed. */
const MOST_PARTS = 500;

class Reader {
  readonly #roots = new Map<string, Root | null>();
  readonly #datasets: readonly PinnedDataset[];
  /** Tables that are read once, and of which every row of the gate has one: what their columns mean is certain. */
  readonly #plain: ReadonlySet<string>;
  readonly #known = new Map<Bound, Root | null>();

  constructor(input: Relation, datasets: readonly PinnedDataset[]) {
    this.#datasets = datasets;
    const scans = (relation: Relation): readonly string[] => [...(relation.kind === 'scan' ? [tableOf(relation)] : []), ...inputsOf(relation).flatMap(scans)];
    const inner = (relation: Relation): readonly string[] => {
      switch (relation.kind) {
        case 'scan': return [tableOf(relation)];
        case 'filter': case 'project': case 'sort': case 'test': case 'lookup': return inner(relation.input);
        case 'join': return relation.join === 'inner' ? [...inner(relation.left), ...inner(relation.right)] : [];
        default: return [];
      }
    };
    const all = scans(input);
    this.#plain = new Set(inner(input).filter((table) => all.filter((other) => other === table).length === 1));
  }

  /** The one dimension that an expression reads; null where it reads several, none, or something else. */
  rootOf(expr: Bound): Root | null {
    const known = this.#known.get(expr);
    if (known !== undefined) return known;
    const found = this.#find(expr);
    this.#known.set(expr, found);
    return found;
  }

  /** Over stored columns. Null where too large. */
  expanded(expr: Bound): Bound | null {
    let parts = 0;
    const expand = (each: Bound): Bound => {
      if (++parts > MOST_PARTS) return each;
      if (each.kind === 'column') return each.column.from.kind === 'computed' ? expand(each.column.from.expr) : each;
      return partsOf(each).length === 0 ? each : withParts(each, expand);
    };
    const result = expand(expr);
    return parts > MOST_PARTS ? null : result;
  }

  isBare(expr: Bound): boolean {
    const whole = this.expanded(expr);
    return whole?.kind === 'column' && isBase(whole.column);
  }

  neverNull(column: Column): boolean {
    return column.from.kind === 'unit' || (column.from.kind === 'stored' && !column.from.column.nullable && this.#plain.has(`${column.from.table.dataset}.${column.from.table.name}`));
  }

  #find(expr: Bound): Root | null {
    const whole = this.expanded(expr);
    if (whole === null) return null;
    const columns = [...columnsIn(whole)];
    const [first] = columns;
    if (first === undefined || hasSubquery(whole)) return null;
    const roots = columns.map((column) => this.#rootOfColumn(column));
    const [root] = roots;
    if (root === undefined || root === null || roots.some((other) => other !== root)) return null;
    const base = columns.find(isBase);
    const universe = universeOf(root.declared, base?.type ?? first.type, root.dimension, []);
    if (!universe.others) return root;
    // Of values that nobody declared: the value itself, its equality with literals, or its levels only.
    if (base === undefined) return root;
    if (whole.kind === 'column') return root;
    const literals = equalities(whole);
    if (literals === null || columns.length > 1) return null;
    literals.forEach((literal) => root.literals.add(literal));
    return root;
  }

  #rootOfColumn({ from }: Column): Root | null {
    if (from.kind !== 'stored' || from.table.units.length === 0 || !this.#plain.has(`${from.table.dataset}.${from.table.name}`) || from.column.stored.kind === 'unit') return null;
    const { source } = from.column;
    const known = this.#roots.get(source);
    if (known !== undefined) return known;
    const name = source.slice(from.table.dataset.length + from.table.name.length + 2);
    const pinned = this.#datasets.find(({ manifest }) => manifest.id === from.table.dataset);
    const table = pinned === undefined ? undefined : own(pinned.manifest.tables, from.table.name);
    const declared = table === undefined ? undefined : own(table.columns, name);
    const { dimensions } = pinned?.policy.statistics ?? {};
    const dimension = dimensions === undefined || dimensions === 'any' ? null : own(dimensions, `${from.table.name}.${name}`) ?? null;
    const root = declared === undefined ? null : { source, name, declared, dimension, literals: new Set<string>() };
    this.#roots.set(source, root);
    return root;
  }
}

const tableOf = ({ table }: Extract<Relation, { kind: 'scan' }>): string => `${table.dataset}.${table.name}`;
const hasSubquery = (expr: Bound): boolean => expr.kind === 'subquery' || expr.kind === 'aggregate' || expr.kind === 'window' || partsOf(expr).some(hasSubquery);

/** The manifest's own column, not a level or a band of it. */
function isBase({ from }: Column): boolean {
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

interface Asked {
  readonly filter: Bound | null;
  readonly keys: readonly { readonly i: number; readonly expr: Bound }[];
  readonly conditions: readonly { readonly i: number; readonly expr: Bound }[];
}

function plannedRoot(context: BindContext, root: Root, reader: Reader, asked: Asked, options: BlockOptions): PlannedRoot {
  const exprs = [...(asked.filter === null ? [] : [asked.filter]), ...asked.keys.map(({ expr }) => expr), ...asked.conditions.map(({ expr }) => expr)];
  const columns = [...new Set(exprs.flatMap((expr) => [...columnsIn(expr)]))];
  const type = columns.find(isBase)?.type ?? typeOf(columns) ?? 'VARCHAR';
  const universe = universeOf(root.declared, type, root.dimension, [...root.literals]);
  // A key that is the column itself is its own atom: nothing is to be asked.
  const keys = asked.keys.filter(({ expr }) => !(reader.isBare(expr) && root.dimension !== null && !('bands' in root.dimension)) && !(reader.isBare(expr) && root.dimension === null));
  const named = { root: root.source, atoms: universe.atoms.map(({ name }) => name), others: universe.others };
  if (asked.filter === null && keys.length === 0 && asked.conditions.length === 0) return { ...named, query: null, filtered: false, keys: [], conditions: [] };
  return {
    ...named,
    query: questionOf(context, columns, universe, root, [...(asked.filter === null ? [] : [asked.filter]), ...keys.map(({ expr }) => expr), ...asked.conditions.map(({ expr }) => expr)], options),
    filtered: asked.filter !== null, keys: keys.map(({ i }) => i), conditions: asked.conditions.map(({ i }) => i),
  };
}

/** Of a banded column only the band may be read; the edges are in the type of the column. */
const typeOf = (columns: readonly Column[]): Type | null => columns.flatMap(({ from }) => (from.kind === 'stored' && from.column.stored.kind === 'band' ? [from.column.stored.ofType] : []))[0] ?? null;

function questionOf(context: BindContext, columns: readonly Column[], universe: Universe, root: Root, asked: readonly Bound[], options: BlockOptions): Query {
  const number = context.column('atom', 'INTEGER', { kind: 'constant' });
  const stand = new Map(columns.map((column) => [column, context.column(column.name, column.type, { kind: 'constant' })]));
  const atoms = universe.others ? [...universe.atoms, null] : universe.atoms;
  const rows = atoms.map((atom, i) => [boundLiteral('INTEGER', String(i)), ...columns.map((column) => {
    const text = atom === null ? otherValue(column, root) : valueOf(column, atom, root);
    return cast(boundLiteral(text === null ? 'NULL' : 'VARCHAR', text), column.type);
  })]);
  const replace = (expr: Bound): Bound => {
    if (expr.kind === 'column') return columnRef(stand.get(expr.column) ?? expr.column);
    return partsOf(expr).length === 0 ? expr : withParts(expr, replace);
  };
  const values: Relation = { kind: 'values', columns: [number, ...columns.map((column) => stand.get(column) ?? column)], rows };
  const items = asked.map((expr) => ({ column: context.column('asked', expr.type, { kind: 'computed', expr: replace(expr) }), expr: replace(expr) }));
  return new Blocks(options).query({ kind: 'project', input: values, items: [{ column: number, expr: columnRef(number) }, ...items] }, [number, ...items.map(({ column }) => column)]);
}

function valueOf(column: Column, atom: Universe['atoms'][number], { declared }: Root): string | null {
  if (isBase(column) || column.from.kind !== 'stored') return atom.value;
  if (column.from.column.stored.kind === 'band') return atom.band;
  const { name } = column.from.column;
  const level = declared.levels?.find((each) => name === each || name.endsWith(`_${each}`));
  return level === undefined ? null : atom.levels.get(level) ?? null;
}

/** A value that none of the literals is; levels of a value that is in no hierarchy file are NULL. */
function otherValue(column: Column, { literals }: Root): string | null {
  if (!isBase(column)) return null;
  if (!isInteger(column.type)) return `${[...literals].reduce((longest, each) => (each.length > longest.length ? each : longest), '')}\u0001`;
  for (let value = 0; ; value++) if (!literals.has(String(value))) return String(value);
}

