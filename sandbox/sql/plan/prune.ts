/** Leaves out of scans and projections what nothing reads. */
import { columnsIn } from '../expression.ts';
import { expressionsOf, inputsOf } from '../bind/hoist.ts';
import { columnsOf, type Column, type Relation } from '../relation.ts';

/** @param shown columns that are read from the relation's result */
export function prune(relation: Relation, shown: readonly Column[]): Relation {
  const used = new Set(shown);
  const visit = (node: Relation): void => {
    if (node.kind !== 'project') for (const expr of expressionsOf(node)) columnsIn(expr).forEach((column) => used.add(column));
    // Rows of these are compared, or matched by position, in all columns.
    if (node.kind === 'distinct') columnsOf(node.input).forEach((column) => used.add(column));
    if (node.kind === 'set-operation') for (const side of [node.left, node.right]) columnsOf(side).forEach((column) => used.add(column));
    if (node.kind === 'test' && node.test.kind === 'any') used.add(node.test.right);
    if (node.kind === 'lookup') used.add(node.value);
    if (node.kind === 'project') for (const { column, expr } of node.items) if (used.has(column)) columnsIn(expr).forEach((read) => used.add(read));
    inputsOf(node).forEach(visit);
  };
  // A subquery beside the input may read columns that are projected below the input: go on until nothing is added.
  for (let before = -1; before !== used.size;) {
    before = used.size;
    visit(relation);
  }
  return trim(relation, used);
}

function trim(relation: Relation, used: ReadonlySet<Column>): Relation {
  switch (relation.kind) {
    case 'scan': return { ...relation, columns: relation.columns.filter((column) => used.has(column)) };
    case 'values': case 'single': case 'gate': return relation;
    case 'project': {
      const items = relation.items.filter(({ column }) => used.has(column));
      return { ...relation, input: trim(relation.input, used), items };
    }
    case 'join': case 'set-operation': return { ...relation, left: trim(relation.left, used), right: trim(relation.right, used) };
    case 'test': case 'lookup': return { ...relation, input: trim(relation.input, used), sub: trim(relation.sub, used) };
    default: return { ...relation, input: trim(relation.input, used) };
  }
}
