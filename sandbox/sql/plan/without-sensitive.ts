/** The rows of a gate whatever their sensitive attributes are: its relation without the conditions that tell something of a sensitive column. */
import { columnRef, conjunction, conjuncts, type Bound } from '../expression.ts';
import { columnsOf, type Relation } from '../relation.ts';
import type { Sensitivity } from './sensitivity.ts';

/** The same object where there are none. */
export function withoutSensitive(relation: Relation, sensitivity: Sensitivity): Relation {
  const again = (input: Relation): Relation => withoutSensitive(input, sensitivity);
  switch (relation.kind) {
    case 'filter': {
      const input = again(relation.input);
      const predicate = kept(relation.predicate, sensitivity);
      if (predicate === relation.predicate && input === relation.input) return relation;
      return predicate === null ? input : { ...relation, input, predicate };
    }
    // Of a unit, what it is aggregated to tells nothing that a condition on it does not.
    case 'project': case 'test': case 'lookup': case 'aggregate': case 'distinct': {
      const input = again(relation.input);
      return input === relation.input ? relation : { ...relation, input };
    }
    case 'join': {
      if (relation.join !== 'inner' && relation.join !== 'left') return relation;
      // A table that is there to tell the sensitive column leaves everybody whom it would leave.
      const [left, right] = [again(relation.left), relation.join === 'inner' ? again(relation.right) : relation.right];
      if (relation.join === 'inner' && sensitivity.isTelling(relation.right)) return left;
      if (relation.join === 'inner' && sensitivity.isTelling(relation.left)) return right;
      const on = relation.join === 'inner' && relation.on !== null ? kept(relation.on, sensitivity) : relation.on;
      return left === relation.left && right === relation.right && on === relation.on ? relation : { ...relation, left, right, on };
    }
    case 'set-operation': {
      const [left, right] = [again(relation.left), again(relation.right)];
      if (left === relation.left && right === relation.right) return relation;
      if (relation.op !== 'except' || right === relation.right) return { ...relation, left, right };
      const columns = columnsOf(left);
      return { kind: 'project', input: left, items: relation.columns.map((column, i) => ({ column, expr: columnRef(columns[i] ?? column) })) };
    }
    default: return relation;
  }
}

/** The same where nothing is left out; null where everything is. */
function kept(predicate: Bound, sensitivity: Sensitivity): Bound | null {
  const all = conjuncts(predicate);
  const rest = all.filter((part) => !sensitivity.isCondition(part));
  return rest.length === all.length ? predicate : conjunction(rest);
}
