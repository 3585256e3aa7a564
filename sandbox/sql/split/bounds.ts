/** How many rows of one unit a protected relation can have, from declared facts; null where nothing bounds them. */
import type { CatalogTable } from '../catalog.ts';
import { conjuncts } from '../expression.ts';
import { columnsOf, type Column, type Relation } from '../relation.ts';

export interface RowBound {
  readonly kind: string;
  readonly rows: number | null;
  /** The declared facts that it comes from. */
  readonly from: string;
}

export function scanBounds(table: CatalogTable): readonly RowBound[] {
  return table.units.map(({ kind, maxRows, clause }) => ({ kind, rows: maxRows, from: clause }));
}

/**
 * Rows of a unit in a join: rows on its own side times how many rows of the other side each can meet. Null for a side
 * without units. A kind that both sides have is the same unit on both, so its rows multiply.
 */
export function joinBounds(join: Extract<Relation, { kind: 'join' }>, left: readonly RowBound[] | null, right: readonly RowBound[] | null): readonly RowBound[] {
  const kinds = new Set([...(left ?? []), ...(right ?? [])].map(({ kind }) => kind));
  const ofSide = (side: readonly RowBound[] | null, kind: string): RowBound | undefined => side?.find((bound) => bound.kind === kind);
  // Each row meets at most one of the other side where it refers to a column that has no value twice.
  const once = { left: meetsOne(join, 'left'), right: meetsOne(join, 'right') };
  return [...kinds].sort().map((kind): RowBound => {
    const [l, r] = [ofSide(left, kind), ofSide(right, kind)];
    const from = [...new Set([l?.from, r?.from].filter((text) => text !== undefined))].join('; ');
    if (l !== undefined && once.left) return { kind, rows: l.rows, from };
    if (r !== undefined && once.right) return { kind, rows: r.rows, from };
    if (l !== undefined && r !== undefined) return { kind, rows: l.rows === null || r.rows === null ? null : paired(join, l.rows, r.rows), from };
    return { kind, rows: null, from };
  });
}

/** A FULL JOIN that pairs none of a unit's rows keeps those of both sides. */
const paired = (join: Extract<Relation, { kind: 'join' }>, left: number, right: number): number => (join.join === 'full' ? Math.max(left * right, left + right) : left * right);

/** Whether every row of `side` meets at most one row of the other, by a declared reference. Rows without a partner do not add. */
function meetsOne(join: Extract<Relation, { kind: 'join' }>, side: 'left' | 'right'): boolean {
  const keepsOther = join.join === 'full' || join.join === (side === 'left' ? 'right' : 'left');
  if (keepsOther) return false;
  const other = join[side === 'left' ? 'right' : 'left'];
  const own = new Set(columnsOf(join[side]));
  // An equality within the other side picks no row for this one.
  return conjuncts(join.on).some((part) => part.kind === 'compare' && part.op === '=' && part.left.kind === 'column' && part.right.kind === 'column'
    && ((own.has(part.left.column) && isUniqueIn(other, part.right.column)) || (own.has(part.right.column) && isUniqueIn(other, part.left.column))));
}

/** Whether no two rows of the relation have the same value of the column: a scanned table's referenced column. */
function isUniqueIn(relation: Relation, column: Column): boolean {
  switch (relation.kind) {
    case 'scan': return relation.columns.includes(column) && column.from.kind === 'stored' && column.from.column.unique;
    case 'filter': return isUniqueIn(relation.input, column);
    case 'project': return relation.items.some((item) => item.column === column && item.expr.kind === 'column') && isUniqueIn(relation.input, column);
    default: return false;
  }
}
