/** Rows of units of the same kinds, one below the other. */
import type { BindContext } from '../bind/context.ts';
import { columnRef } from '../expression.ts';
import { columnsOf, type Column, type Relation } from '../relation.ts';
import type { RowBound } from './bounds.ts';
import type { Protected } from './protected.ts';
import type { UnitClass } from './units.ts';

type Union = Extract<Relation, { kind: 'set-operation' }>;

/** A unit of the union, and where it comes from on either side. */
interface UnitOfBoth {
  readonly unit: UnitClass;
  readonly left: Column;
  readonly right: Column;
}

/**
 * UNION ALL: each kind's unit is one more column of both sides.
 * @param left rows of the left side with one unit of each kind
 * @param right the same of the right side: the same kinds, in the same order
 */
export function unionAll(context: BindContext, relation: Union, left: Protected, right: Protected): Protected {
  const [leftColumns, rightColumns] = [columnsOf(relation.left), columnsOf(relation.right)];
  const units = left.units.map((unit, i): UnitOfBoth => {
    const other = right.units[i];
    if (other?.kind !== unit.kind) throw new Error('both sides of a union have the same kinds of unit');
    const { from } = unit.column;
    const column = context.column(unit.kind, unit.column.type, from.kind === 'unit' ? { ...from, scan: context.scan() ?? -1 } : from);
    // A column that shows the unit of either side shows the unit of the union.
    const same = relation.columns.filter((_, c) => shows(unit, leftColumns[c]) && shows(other, rightColumns[c]));
    const nullable = unit.nullable || other.nullable;
    const members = new Set([column, ...same]);
    return { unit: { kind: unit.kind, column, equals: nullable ? new Set() : members, members, nullable }, left: unit.column, right: other.column };
  });
  const withUnits = (side: Protected, columns: readonly Column[], which: 'left' | 'right'): Relation => ({
    kind: 'project',
    input: side.relation,
    items: [...columns.map((column) => ({ column, expr: columnRef(column) })), ...units.map((entry) => {
      const expr = columnRef(entry[which]);
      return { column: context.column('unit', entry[which].type, { kind: 'computed', expr }), expr };
    })],
  });
  return {
    relation: { ...relation, left: withUnits(left, leftColumns, 'left'), right: withUnits(right, rightColumns, 'right'), columns: [...relation.columns, ...units.map(({ unit }) => unit.column)] },
    units: units.map(({ unit }) => unit),
    bounds: units.map(({ unit: { kind } }) => added(kind, left.bounds, right.bounds)),
  };
}

const shows = (unit: UnitClass, column: Column | undefined): boolean => column !== undefined && unit.equals.has(column);

/** A unit may have its rows on both sides. */
function added(kind: string, left: readonly RowBound[], right: readonly RowBound[]): RowBound {
  const [a, b] = [left, right].map((bounds) => bounds.find((bound) => bound.kind === kind) ?? { kind, rows: null, from: '' });
  const rows = a === undefined || b === undefined || a.rows === null || b.rows === null ? null : a.rows + b.rows;
  return { kind, rows, from: [a?.from, b?.from].filter((text) => text !== undefined && text !== '').join('; ') };
}
