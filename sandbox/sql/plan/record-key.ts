/** The record key of a unit goes wherever its unit column goes: through joins, unions and aggregates of the unit's rows. */
import type { BindContext } from '../bind/context.ts';
import { columnRef, type Bound } from '../expression.ts';
import { columnsOf, type Column, type Item, type Relation } from '../relation.ts';

export interface WithRecordKey {
  readonly relation: Relation;
  readonly key: Column;
}

/** The relation with the record key of the unit that `unit` shows, for cell keys and the ledger. Throws where no table's unit leads there. */
export function withRecordKey(context: BindContext, relation: Relation, unit: Column): WithRecordKey {
  return find(context, relation, unit) ?? missing();
}

function find(context: BindContext, relation: Relation, unit: Column): WithRecordKey | null {
  switch (relation.kind) {
    case 'scan': {
      if (!relation.columns.includes(unit) || unit.from.kind !== 'unit') return null;
      const key = context.column('record', 'UINTEGER', { kind: 'record-key', unit: unit.from.unit, scan: relation.scan });
      return { relation: { ...relation, columns: [...relation.columns, key] }, key };
    }
    // Of rows that are alike the units are, and so are their record keys.
    case 'filter': case 'test': case 'lookup': case 'window': case 'distinct': case 'sort': case 'limit': {
      const found = find(context, relation.input, unit);
      return found === null ? null : { relation: { ...relation, input: found.relation }, key: found.key };
    }
    case 'join': {
      const left = find(context, relation.left, unit);
      if (left !== null) return { relation: { ...relation, left: left.relation }, key: left.key };
      const right = find(context, relation.right, unit);
      return right === null ? null : { relation: { ...relation, right: right.relation }, key: right.key };
    }
    case 'project': return inProjection(context, relation, unit);
    case 'aggregate': {
      const item = relation.keys.find(({ column }) => column === unit);
      const found = item?.expr.kind === 'column' ? find(context, relation.input, item.expr.column) : null;
      // A unit has one record key: as a further key it changes no group.
      return found === null ? null : { relation: { ...relation, input: found.relation, keys: [...relation.keys, itself(found.key)] }, key: found.key };
    }
    case 'set-operation': {
      const at = relation.columns.indexOf(unit);
      const [own, other] = [columnsOf(relation.left)[at], columnsOf(relation.right)[at]];
      const left = own === undefined ? null : find(context, relation.left, own);
      const right = other === undefined ? null : find(context, relation.right, other);
      if (left === null || right === null) return null;
      const key = context.column('record', 'UINTEGER', { kind: 'combined', parts: [left.key, right.key] });
      return { relation: { ...relation, left: left.relation, right: right.relation, columns: [...relation.columns, key] }, key };
    }
    default: return null;
  }
}

/** FULL JOIN shows whichever unit is there: so with its key. */
function inProjection(context: BindContext, relation: Extract<Relation, { kind: 'project' }>, unit: Column): WithRecordKey | null {
  const item = relation.items.find(({ column }) => column === unit);
  const sources = item?.expr.kind === 'column' ? [item.expr] : item?.expr.kind === 'coalesce' ? item.expr.args : [];
  let { input } = relation;
  const keys: Column[] = [];
  for (const source of sources) {
    const found = source.kind === 'column' ? find(context, input, source.column) : null;
    if (found === null) return null;
    input = found.relation;
    keys.push(found.key);
  }
  const [only, ...others] = keys;
  if (only === undefined) return null;
  if (others.length === 0) return { relation: { ...relation, input, items: [...relation.items, itself(only)] }, key: only };
  const expr: Bound = { kind: 'coalesce', args: keys.map((key) => columnRef(key)), type: only.type, at: null };
  const key = context.column('record', only.type, { kind: 'computed', expr });
  return { relation: { ...relation, input, items: [...relation.items, { column: key, expr }] }, key };
}

const itself = (column: Column): Item => ({ column, expr: columnRef(column) });

function missing(): never {
  throw new Error('a unit of a gate comes from some table');
}
