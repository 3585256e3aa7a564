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
  const { column } = value;
  const { call } = value.column.from;
  const [arg] = call.args;
  if (call.distinct) return null;
  if (call.fn.gate === 'count') return { relation, base: null, rows: column };
  if (arg?.kind !== 'column' || arg.column.from.kind !== 'stored') return null;
  const base = canonicalColumn(arg.column);
  if (call.fn.gate === 'avg') return { relation, base, rows: null };
  if (call.fn.gate !== 'sum') return null;
  const fn = AGGREGATES.get('count');
  if (fn === undefined) return null;
  const counted: AggregateCall = { ...call, fn, type: 'BIGINT' };
  const rows = context.column('rows', 'BIGINT', { kind: 'aggregate', call: counted });
  const beside = besideOf(relation, column, { column: rows, call: counted });
  return beside === null ? null : { relation: beside, base, rows };
}

/** The relation with one more aggregate where the column is made. */
function besideOf(relation: Relation, column: Column, added: { readonly column: Column; readonly call: AggregateCall }): Relation | null {
  switch (relation.kind) {
    case 'aggregate': return relation.aggregates.some((each) => each.column === column) ? { ...relation, aggregates: [...relation.aggregates, added] } : null;
    case 'filter': case 'test': case 'lookup': case 'sort': case 'limit': case 'window': {
      const input = besideOf(relation.input, column, added);
      return input === null ? null : { ...relation, input };
    }
    case 'project': {
      const input = relation.items.some((item) => item.column === column) ? besideOf(relation.input, column, added) : null;
      return input === null ? null : expose({ ...relation, input }, added.column);
    }
    case 'join': {
      const left = besideOf(relation.left, column, added);
      if (left !== null) return { ...relation, left };
      const right = besideOf(relation.right, column, added);
      return right === null ? null : { ...relation, right };
    }
    default: return null;
  }
}
