/** What a gate does with each column of its tables: uses are traced to manifest columns through everything between. */
import { callParts, columnRef, columnsIn, conjuncts, type Bound } from '../expression.ts';
import { inputsOf } from '../bind/hoist.ts';
import type { AggregateCall, Column, Relation } from '../relation.ts';
import type { Gate } from '../split/gates.ts';

export type Use = 'filter' | 'group' | 'measure' | 'join';

/** An expression of a gate and what it is for. */
export interface Used {
  readonly use: Use;
  readonly expr: Bound;
}

/** Everything that decides which rows count, how they are grouped and what is added up. */
export function usesOf(gate: Gate): readonly Used[] {
  return [
    ...usesIn(gate.input),
    ...gate.keys.map(({ expr }): Used => ({ use: 'group', expr })),
    ...gate.aggregates.flatMap(({ call }) => aggregateUses(call)),
  ];
}

export function usesIn(relation: Relation): readonly Used[] {
  const own = ownUses(relation);
  // What is beside the rows of a released table is no matter of the gate's columns.
  return relation.kind === 'gate' ? [] : [...inputsOf(relation).flatMap(usesIn), ...own];
}

function ownUses(relation: Relation): readonly Used[] {
  switch (relation.kind) {
    case 'filter': return conjuncts(relation.predicate).map((expr): Used => ({ use: isLink(expr) ? 'join' : 'filter', expr }));
    case 'join': return conjuncts(relation.on).map((expr): Used => ({ use: isLink(expr) ? 'join' : 'filter', expr }));
    case 'test': {
      const { test } = relation;
      const compared: Bound[] = test.kind === 'any' ? [{ kind: 'compare', op: test.op, left: test.left, right: columnRef(test.right), type: 'BOOLEAN', at: test.left.at ?? relation.at }] : [];
      return [...compared, ...conjuncts(relation.on)].map((expr): Used => ({ use: 'join', expr }));
    }
    case 'lookup': return conjuncts(relation.on).map((expr): Used => ({ use: 'join', expr }));
    // Below a gate, rows are grouped within one unit: the unit among the keys makes no group of units.
    case 'aggregate': return [...relation.keys.filter(({ expr }) => !isUnit(expr)).map(({ expr }): Used => ({ use: 'group', expr })), ...relation.aggregates.flatMap(({ call }) => aggregateUses(call))];
    default: return [];
  }
}

const isUnit = (expr: Bound): boolean => expr.kind === 'column' && expr.column.from.kind === 'unit';

const aggregateUses = (call: AggregateCall): readonly Used[] => [
  ...call.args.map((expr): Used => ({ use: 'measure', expr })),
  ...(call.filter === null ? [] : [{ use: 'filter', expr: call.filter } as const]),
];

/** The equality of two columns links rows; it is no condition on one of them. */
export function isLink(expr: Bound): boolean {
  return expr.kind === 'compare' && (expr.op === '=' || expr.op === 'IS NOT DISTINCT FROM') && expr.left.kind === 'column' && expr.right.kind === 'column';
}

/** Stored columns of tables, protected and public, that an expression is computed from. Released tables end the trace. */
export function storedColumns(expr: Bound, released: ReadonlySet<Column>): ReadonlySet<Column> {
  const found = new Set<Column>();
  const seen = new Set<Column>();
  const visit = (column: Column): void => {
    if (seen.has(column) || released.has(column)) return;
    seen.add(column);
    const { from } = column;
    switch (from.kind) {
      case 'stored': case 'unit': found.add(column); return;
      case 'computed': columnsIn(from.expr).forEach(visit); return;
      case 'aggregate': for (const part of callParts(from.call)) columnsIn(part).forEach(visit); return;
      case 'combined': from.parts.forEach(visit); return;
      case 'lookup': visit(from.column); return;
      case 'test': for (const part of from.uses) columnsIn(part).forEach(visit); return;
      case 'grouping': from.keys.forEach(visit); return;
      case 'window': case 'constant': case 'released': case 'fixed': case 'record-key': return;
    }
  };
  columnsIn(expr).forEach(visit);
  return found;
}

/** Columns that released tables show inside a gate's input. */
export function releasedColumns(relation: Relation): ReadonlySet<Column> {
  const found = new Set<Column>();
  const visit = (node: Relation): void => {
    if (node.kind === 'gate') node.columns.forEach((column) => found.add(column));
    inputsOf(node).forEach(visit);
  };
  visit(relation);
  return found;
}
