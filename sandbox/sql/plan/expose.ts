/** Makes a column that some part of a relation has available at its top, through everything that hands rows on. */
import { columnRef } from '../expression.ts';
import { columnsOf, type Column, type Relation } from '../relation.ts';

/** Null where no row of the result has one value of the column: its rows are grouped on the way, or it is not there at all. */
export function expose(relation: Relation, column: Column): Relation | null {
  if (columnsOf(relation).includes(column)) return relation;
  switch (relation.kind) {
    case 'scan': return storedIn(relation, column) ? { ...relation, columns: [...relation.columns, column] } : null;
    case 'filter': case 'test': case 'lookup': {
      const input = expose(relation.input, column);
      return input === null ? null : { ...relation, input };
    }
    case 'project': {
      const input = expose(relation.input, column);
      return input === null ? null : { ...relation, input, items: [...relation.items, { column, expr: columnRef(column) }] };
    }
    case 'join': {
      const left = expose(relation.left, column);
      if (left !== null) return { ...relation, left };
      const right = expose(relation.right, column);
      return right === null ? null : { ...relation, right };
    }
    default: return null;
  }
}

/** Companion columns are not among those that a scan shows at first. */
function storedIn({ scan }: Extract<Relation, { kind: 'scan' }>, { from }: Column): boolean {
  return (from.kind === 'fixed' || from.kind === 'record-key' || from.kind === 'stored' || from.kind === 'unit') && from.scan === scan;
}
