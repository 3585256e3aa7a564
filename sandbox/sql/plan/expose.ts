/** Makes a further stored column of a scan available at the top of a relation, through everything above the scan that hands rows on. */
import { columnRef } from '../expression.ts';
import type { Column, Relation } from '../relation.ts';

/** Null where the rows of the scan are grouped on the way, so that the column has no value of its own above. */
export function expose(relation: Relation, scan: number, column: Column): Relation | null {
  switch (relation.kind) {
    case 'scan': return relation.scan === scan ? { ...relation, columns: relation.columns.includes(column) ? relation.columns : [...relation.columns, column] } : null;
    case 'filter': case 'test': case 'lookup': {
      const input = expose(relation.input, scan, column);
      return input === null ? null : { ...relation, input };
    }
    case 'project': {
      const input = expose(relation.input, scan, column);
      if (input === null) return null;
      return { ...relation, input, items: relation.items.some((item) => item.column === column) ? relation.items : [...relation.items, { column, expr: columnRef(column) }] };
    }
    case 'join': {
      const left = expose(relation.left, scan, column);
      if (left !== null) return { ...relation, left };
      const right = expose(relation.right, scan, column);
      return right === null ? null : { ...relation, right };
    }
    default: return null;
  }
}
