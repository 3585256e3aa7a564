/**
 * An aggregated expression as branches without conditions inside. Each branch of a CASE, each part of a COALESCE and each
 * truth value has contributors of its own, so it becomes measures of its own (`release.md`: every branch is its own cell).
 */
import { boundLiteral, columnsIn, partsOf, withParts, type Bound } from '../expression.ts';
import { cast } from '../functions/parameter.ts';
import type { Column } from '../relation.ts';

/** Under `conditions` (all of them) the expression is `value`, which has no branches. */
export interface Branch {
  readonly conditions: readonly Bound[];
  readonly value: Bound;
}

/** More branches than this are refused. */
export const MOST_BRANCHES = 64;

/**
 * Null where there are too many.
 * @param reach whether what a computed column reads can be read where the branches are; if not, the column is taken as it is
 */
export function branchesOf(expr: Bound, reach: (column: Column) => boolean = () => true): readonly Branch[] | null {
  switch (expr.kind) {
    case 'case': {
      const branches: Branch[] = [];
      const before: Bound[] = [];
      for (const { when, then } of [...expr.branches, { when: null, then: expr.otherwise }]) {
        const inner = branchesOf(then, reach);
        if (inner === null) return null;
        for (const { conditions, value } of inner) branches.push({ conditions: [...before, ...(when === null ? [] : [when]), ...conditions], value });
        if (when !== null) before.push(isNotTrue(when));
        if (branches.length > MOST_BRANCHES) return null;
      }
      return branches;
    }
    case 'coalesce': {
      const [first, ...others] = expr.args;
      if (first === undefined) return [];
      if (others.length === 0) return branchesOf(first, reach);
      const present: Bound = { kind: 'is-not-null', arg: first, type: 'BOOLEAN', at: first.at };
      return branchesOf({ kind: 'case', branches: [{ when: present, then: first }], otherwise: { ...expr, args: others }, type: expr.type, at: expr.at }, reach);
    }
    case 'column': {
      const { from } = expr.column;
      return from.kind === 'computed' && hasBranch(from.expr) && [...columnsIn(from.expr)].every(reach) ? branchesOf(from.expr, reach) : [{ conditions: [], value: expr }];
    }
    case 'cast': {
      // A truth value is counted: 1 where true, 0 where false.
      if (expr.arg.type === 'BOOLEAN' && expr.arg.kind !== 'literal') return branchesOf(asNumber(expr.arg, expr.type), reach);
      return spread(expr, [expr.arg], reach);
    }
    case 'call': {
      const [a, b] = expr.args;
      if (expr.fn.name === 'nullif' && a !== undefined && b !== undefined) {
        const equal: Bound = { kind: 'compare', op: '=', left: a, right: b, type: 'BOOLEAN', at: expr.at };
        return branchesOf({ kind: 'case', branches: [{ when: equal, then: boundLiteral(expr.type, null) }], otherwise: cast(a, expr.type), type: expr.type, at: expr.at }, reach);
      }
      return spread(expr, expr.args, reach);
    }
    default: return [{ conditions: [], value: expr }];
  }
}

/** Every combination of the branches of the parts. */
function spread(expr: Bound, parts: readonly Bound[], reach: (column: Column) => boolean): readonly Branch[] | null {
  if (!parts.some(hasBranch)) return [{ conditions: [], value: expr }];
  let combinations: readonly { readonly conditions: readonly Bound[]; readonly parts: readonly Bound[] }[] = [{ conditions: [], parts: [] }];
  for (const part of parts) {
    const branches = branchesOf(part, reach);
    if (branches === null || combinations.length * branches.length > MOST_BRANCHES) return null;
    combinations = combinations.flatMap((combination) => branches.map(({ conditions, value }) => ({ conditions: [...combination.conditions, ...conditions], parts: [...combination.parts, value] })));
  }
  return combinations.map(({ conditions, parts: values }) => {
    let next = 0;
    return { conditions, value: withParts(expr, (part) => values[next++] ?? part) };
  });
}

/** `WHEN c` is passed over where c is false or NULL. */
export const isNotTrue = (condition: Bound): Bound => ({ kind: 'compare', op: 'IS DISTINCT FROM', left: condition, right: boundLiteral('BOOLEAN', 'true'), type: 'BOOLEAN', at: condition.at });

export function asNumber(condition: Bound, type: string): Bound {
  const number = (value: string): Bound => cast(boundLiteral('INTEGER', value), type);
  return { kind: 'case', branches: [{ when: condition, then: number('1') }, { when: { kind: 'not', arg: condition, type: 'BOOLEAN', at: condition.at }, then: number('0') }], otherwise: boundLiteral(type, null), type, at: condition.at };
}

/** Whether the value of the expression depends on a condition. */
export function hasBranch(expr: Bound): boolean {
  switch (expr.kind) {
    case 'case': case 'coalesce': return true;
    case 'column': return expr.column.from.kind === 'computed' && columnHasBranch(expr.column, expr.column.from.expr);
    case 'cast': return (expr.arg.type === 'BOOLEAN' && expr.arg.kind !== 'literal') || hasBranch(expr.arg);
    case 'call': return expr.fn.name === 'nullif' || expr.args.some(hasBranch);
    default: return partsOf(expr).some(hasBranch);
  }
}

/** NULL, however it is cast. */
export const isNull = (expr: Bound): boolean => (expr.kind === 'cast' ? isNull(expr.arg) : expr.kind === 'literal' && expr.value === null);

/** Each column once, however often it is read (`range.ts`). */
const BRANCHED = new WeakMap<Column, boolean>();

function columnHasBranch(column: Column, computed: Bound): boolean {
  const known = BRANCHED.get(column) ?? hasBranch(computed);
  BRANCHED.set(column, known);
  return known;
}
