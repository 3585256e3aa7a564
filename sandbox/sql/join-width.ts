/**
 * How many relations the engine's planner has to bring into one order: those that joins, filters, projections and subqueries in conditions
 * put side by side. Its time grows with the third power of their number and more; what an aggregation or a set operation keeps apart
 * is planned by itself.
 */
import { inputsOf } from './bind/hoist.ts';
import type { Relation } from './relation.ts';

/** The largest number in any part of the relation. */
export function joinWidth(relation: Relation): number {
  let widest = 0;
  const width = (node: Relation): number => {
    switch (node.kind) {
      case 'join': case 'test': case 'lookup': case 'filter': case 'project': return inputsOf(node).reduce((sum, input) => sum + width(input), 0);
      default:
        for (const input of inputsOf(node)) widest = Math.max(widest, width(input));
        return 1;
    }
  };
  return Math.max(width(relation), widest);
}
