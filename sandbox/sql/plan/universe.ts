/**
 * Which combinations of group keys exist by public facts alone: declared domains and public tables, under those conditions of
 * the query that read nothing else. They all come back, so that an empty group and a withheld one look alike.
 */
import { boundLiteral, columnsIn, conjuncts, conjunction, partsOf, withParts, type Bound } from '../expression.ts';
import { cast } from '../functions/parameter.ts';
import { inputsOf } from '../bind/hoist.ts';
import type { Query } from '../query.ts';
import type { Column, Relation } from '../relation.ts';
import type { Gate } from '../split/gates.ts';
import { asDecimal } from '../types.ts';
import { Blocks, type BlockOptions } from './blocks.ts';
import { prune } from './prune.ts';

/** Expressions larger than this are not followed to their columns. */
const MOST_PARTS = 2_000;

/** Null where some key is not public, or where there are more combinations than `most`. */
export function universeQuery(gate: Gate, options: BlockOptions, most: number): Query | null {
  if (gate.keys.length === 0) return null;
  const positions = gate.windows;
  const keys = (positions === null ? gate.keys : gate.keys.slice(0, -1)).map(({ column, expr }) => ({ column, expr: expanded(expr) }));
  const bases = new Map<Column, readonly string[] | Extract<Relation, { kind: 'scan' }>>();
  for (const { expr } of keys) {
    if (expr === null) return null;
    for (const column of columnsIn(expr)) {
      const base = publicBase(column, gate.input);
      if (base === null) return null;
      bases.set(column, base);
    }
  }
  const domains = [...bases].flatMap(([column, base]) => (Array.isArray(base) ? [{ column, values: base as readonly string[] }] : []));
  // A column beside its own level or band would pair every value with every band.
  const sources = domains.map(({ column }) => (column.from.kind === 'stored' ? `${column.from.scan} ${column.from.column.source}` : ''));
  if (new Set(sources).size < sources.length) return null;
  if (domains.reduce((product, { values }) => product * values.length, 1) > most) return null;
  const scans = [...new Set([...bases.values()].flatMap((base) => ('kind' in base ? [base] : [])))];
  const relations: Relation[] = [...scans, ...domains.map(({ column, values }): Relation => ({ kind: 'values', columns: [column], rows: values.map((value) => [cast(boundLiteral('VARCHAR', value), column.type)]) }))];
  if (positions !== null) {
    relations.push({ kind: 'values', columns: [positions.position], rows: positions.positions.at.map((_, i) => [boundLiteral('INTEGER', String(i))]) });
    keys.push(...gate.keys.slice(-1));
  }
  const crossed = relations.reduce<Relation | null>((joined, next) => (joined === null ? next : { kind: 'join', join: 'inner', left: joined, right: next, on: null, at: null }), null);
  const readable = new Set(relations.flatMap((relation) => ('columns' in relation ? relation.columns : [])));
  const predicate = conjunction(conditions(gate.input).flatMap((part) => {
    const expr = expanded(part);
    return expr !== null && [...columnsIn(expr)].every((column) => readable.has(column)) ? [expr] : [];
  }));
  const rows: Relation = crossed === null ? { kind: 'single' } : crossed;
  const input: Relation = predicate === null ? rows : { kind: 'filter', input: rows, predicate };
  // As the cell query writes them (`inOwnType`).
  const items = keys.flatMap(({ column, expr }) => (expr === null ? [] : [{ column: { ...column }, expr: asDecimal(expr.type) === null || expr.kind === 'column' ? expr : { kind: 'cast', arg: expr, try: true, type: expr.type, at: null } as const }]));
  const grouped: Relation = { kind: 'aggregate', input, keys: items, aggregates: [], sets: null, groupings: [], at: null };
  const columns = items.map(({ column }) => column);
  return new Blocks(options).query(prune(grouped, columns), columns);
}

/** The expression over stored columns. */
function expanded(expr: Bound): Bound | null {
  let parts = 0;
  const expand = (part: Bound): Bound => {
    if (++parts > MOST_PARTS) return part;
    if (part.kind === 'column') return part.column.from.kind === 'computed' ? expand(part.column.from.expr) : part;
    return partsOf(part).length === 0 ? part : withParts(part, expand);
  };
  const result = expand(expr);
  return parts > MOST_PARTS ? null : result;
}

/** The declared values of a column, or the public table that it is a column of; null where neither. */
function publicBase(column: Column, input: Relation): readonly string[] | Extract<Relation, { kind: 'scan' }> | null {
  const { from } = column;
  if (from.kind !== 'stored') return null;
  if (from.table.units.length === 0) return innerScan(input, from.scan);
  if (innerScan(input, from.scan) === null) return null;
  return from.column.domain ?? (column.type === 'BOOLEAN' ? ['true', 'false'] : null);
}

/** A scan that inner joins, filters and projections lead to: none of its columns can be filled with NULL. */
function innerScan(relation: Relation, scan: number): Extract<Relation, { kind: 'scan' }> | null {
  switch (relation.kind) {
    case 'scan': return relation.scan === scan ? relation : null;
    case 'filter': case 'project': case 'test': case 'lookup': case 'aggregate': return innerScan(relation.input, scan);
    case 'join': {
      const left = relation.join === 'inner' || relation.join === 'left' ? innerScan(relation.left, scan) : null;
      return left ?? (relation.join === 'inner' || relation.join === 'right' ? innerScan(relation.right, scan) : null);
    }
    default: return null;
  }
}

/** Conditions that hold in every row. */
function conditions(relation: Relation): readonly Bound[] {
  switch (relation.kind) {
    case 'filter': return [...conjuncts(relation.predicate), ...conditions(relation.input)];
    case 'project': case 'test': case 'lookup': case 'aggregate': return conditions(relation.input);
    case 'join': return relation.join === 'inner' ? [...conjuncts(relation.on), ...inputsOf(relation).flatMap(conditions)] : relation.join === 'left' ? conditions(relation.left) : relation.join === 'right' ? conditions(relation.right) : [];
    default: return [];
  }
}

