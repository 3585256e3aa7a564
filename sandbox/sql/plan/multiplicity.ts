/**
 * What values are made of that aggregates below the gate have made (`SELECT sum(s) FROM (SELECT id, sum(income) AS s … GROUP BY id)`), for
 * the disclosure ledger: each is a sum of so many values of a column, or a number of rows. Told apart from the column's own sums by name
 * only, they would never be compared with them.
 */
import type { BindContext } from '../bind/context.ts';
import { canonicalColumn } from '../canonical.ts';
import { columnRef, type Bound } from '../expression.ts';
import { AGGREGATES } from '../functions/aggregates.ts';
import type { AggregateCall, Column, Relation } from '../relation.ts';
import { expose } from './expose.ts';

export interface Multiplicity {
  /** Shows `rows` as well. */
  readonly relation: Relation;
  /** Canonical text of the column whose values are added up; null: rows are counted. */
  readonly base: string | null;
  /** How many of its values each is the sum of; null: one. */
  readonly rows: Column | null;
}

/** Null where the value is no such aggregate, or how many values it is made of cannot be shown beside it. */
export function multiplicityOf(context: BindContext, relation: Relation, value: Bound): Multiplicity | null {
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
