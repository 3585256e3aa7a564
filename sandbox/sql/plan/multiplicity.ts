/**
 * What values are made of that aggregates below the gate have made (`SELECT sum(s) FROM (SELECT id, sum(income) AS s … GROUP BY id)`), for
 * the disclosure ledger: each is a sum of so many values of a column, or a number of rows. Told apart from the column's own sums by name
 * only, they would never be compared with them.
 */
import type { BindContext } from '../bind/context.ts';
import { canonicalColumn, canonicalExpr } from '../canonical.ts';
import { columnRef, type Bound } from '../expression.ts';
import { AGGREGATES } from '../functions/aggregates.ts';
import type { AggregateCall, Column, Relation } from '../relation.ts';
import { expose } from './expose.ts';
import type { PlannedMeasure } from './measures.ts';

/** What the values of a measure are made of. */
export interface Made {
  /** Canonical text of the column whose values are added up, or of both whose products are; null: rows are counted. */
  readonly base: string | null;
  /** Each value counts as often as these say together; none: once. */
  readonly rows: readonly Column[];
}

/** Null where the values are a column's own, or nobody knows. @returns the relation shows `rows` as well */
export function madeOf(context: BindContext, relation: Relation, { value, exact }: Pick<PlannedMeasure, 'value' | 'exact'>): { readonly relation: Relation; readonly made: Made | null } {
  if (exact?.kind === 'product') return productOf(context, relation, exact.factors.map((factor) => factor.value));
  const found = value === null ? null : multiplicityOf(context, relation, value);
  return found === null ? { relation, made: null } : { relation: found.relation, made: { base: found.base, rows: found.rows === null ? [] : [found.rows] } };
}

function productOf(context: BindContext, input: Relation, factors: readonly Bound[]): { readonly relation: Relation; readonly made: Made | null } {
  let relation = input;
  const bases: string[] = [];
  const rows: Column[] = [];
  let isMade = false;
  for (const factor of factors) {
    const found = multiplicityOf(context, relation, factor);
    // A number of rows is so many times one, and so is a product with it.
    if (found?.base !== null) bases.push(found?.base ?? canonicalExpr(factor));
    if (found === null) continue;
    relation = found.relation;
    isMade = true;
    if (found.rows !== null) rows.push(found.rows);
  }
  return { relation, made: isMade ? { base: bases.length === 0 ? null : bases.toSorted().join(' · '), rows } : null };
}

interface Multiplicity {
  /** Shows `rows` as well. */
  readonly relation: Relation;
  /** Canonical text of the column whose values are added up; null: rows are counted. */
  readonly base: string | null;
  /** How many of its values each is the sum of; null: one. */
  readonly rows: Column | null;
}

/** Null where the value is no such aggregate, or how many values it is made of cannot be shown beside it. */
function multiplicityOf(context: BindContext, relation: Relation, value: Bound): Multiplicity | null {
  if (value.kind !== 'column' || value.column.from.kind !== 'aggregate') return null;
  return beside(context, relation, value.column, value.column.from.call);
}

/** @param column made by this call somewhere in the relation */
function beside(context: BindContext, relation: Relation, column: Column, call: AggregateCall): Multiplicity | null {
  switch (relation.kind) {
    case 'aggregate': return relation.aggregates.some((each) => each.column === column) ? ofCall(context, relation, column, call) : null;
    case 'filter': case 'test': case 'lookup': case 'sort': case 'limit': case 'window': {
      const found = beside(context, relation.input, column, call);
      return found === null ? null : { ...found, relation: { ...relation, input: found.relation } };
    }
    case 'project': {
      const found = relation.items.some((item) => item.column === column) ? beside(context, relation.input, column, call) : null;
      if (found === null) return null;
      const below: Relation = { ...relation, input: found.relation };
      const shown = found.rows === null ? below : expose(below, found.rows);
      return shown === null ? null : { ...found, relation: shown };
    }
    case 'join': {
      const left = beside(context, relation.left, column, call);
      if (left !== null) return { ...left, relation: { ...relation, left: left.relation } };
      const right = beside(context, relation.right, column, call);
      return right === null ? null : { ...right, relation: { ...relation, right: right.relation } };
    }
    default: return null;
  }
}

function ofCall(context: BindContext, relation: Extract<Relation, { kind: 'aggregate' }>, column: Column, call: AggregateCall): Multiplicity | null {
  const [arg] = call.args;
  if (call.distinct) return null;
  if (call.fn.gate === 'count') return { relation, base: null, rows: column };
  if (arg?.kind !== 'column' || (call.fn.gate !== 'sum' && call.fn.gate !== 'avg')) return null;
  const inner = arg.column.from.kind === 'stored' ? { relation: relation.input, base: canonicalColumn(arg.column), rows: null } : multiplicityOf(context, relation.input, arg);
  if (inner === null) return null;
  const { base, rows } = inner;
  // A mean of values is as one of them; a mean of sums is as no number of them.
  if (call.fn.gate === 'avg') return rows === null ? { relation: { ...relation, input: inner.relation }, base, rows } : null;
  const fn = AGGREGATES.get(rows === null ? 'count' : 'sum');
  const bound = fn?.bind([columnRef(rows ?? arg.column)]) ?? null;
  if (fn === undefined || bound === null) return null;
  const counted: AggregateCall = { ...call, fn, ...bound };
  const added = context.column('rows', bound.type, { kind: 'aggregate', call: counted });
  return { relation: { ...relation, input: inner.relation, aggregates: [...relation.aggregates, { column: added, call: counted }] }, base, rows: added };
}
