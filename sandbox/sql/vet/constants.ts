/**
 * Constants below the gate. The engine computes one where some row gets to it, so that one which cannot be computed fails where such a row
 * exists, and tells that it does. What can be computed is found out before, where there are no rows.
 */
import { expressionsOf, inputsOf } from '../bind/hoist.ts';
import { callParts, partsOf, type Bound } from '../expression.ts';
import { printQuery } from '../print.ts';
import type { Refusals } from '../refusals.ts';
import type { Relation } from '../relation.ts';
import type { Gate } from '../split/gates.ts';
import { asQuery } from '../plan/blocks.ts';
import { empty } from '../plan/cell-query.ts';
import { toExpr } from '../plan/scalar.ts';

/** Its outcome is the same whatever the data. */
export function isConstant(expr: Bound): boolean {
  return expr.kind !== 'column' && expr.kind !== 'aggregate' && partsOf(expr).every(isConstant);
}

/** @param computes whether a query without tables can be executed */
export async function checkConstants(gates: readonly Gate[], computes: (sql: string) => Promise<boolean>, refusals: Refusals): Promise<void> {
  const all = new Map(gates.flatMap(constantsIn).map((expr) => [selecting([expr]), expr]));
  if (all.size === 0 || await computes(selecting([...all.values()]))) return;
  const failing = new Set<Bound>();
  const isToBlame = (expr: Bound): boolean => !partsOf(expr).some((part) => failing.has(part) || !isToBlame(part));
  // Parts come after what they are part of.
  for (const [sql, expr] of [...all].toReversed()) {
    if (!isToBlame(expr) || await computes(sql)) continue;
    failing.add(expr);
    refusals.add('gate/constant', expr.at, {});
  }
}

/** Every part that has to be computed: which of them the engine gets to is for it to choose. */
function constantsIn(gate: Gate): readonly Bound[] {
  const found: Bound[] = [];
  const look = (expr: Bound): void => {
    if (expr.kind !== 'literal' && isConstant(expr)) found.push(expr);
    partsOf(expr).forEach(look);
  };
  const visit = (relation: Relation): void => {
    if (relation.kind === 'gate') return;
    expressionsOf(relation).forEach(look);
    inputsOf(relation).forEach(visit);
  };
  visit(gate.input);
  gate.keys.forEach(({ expr }) => look(expr));
  gate.aggregates.forEach(({ call }) => callParts(call).forEach(look));
  return found;
}

function selecting(exprs: readonly Bound[]): string {
  const items = exprs.map((expr) => ({ kind: 'expr', expr: toExpr(expr, { below: true, column: noColumn }), alias: null }) as const);
  return printQuery(asQuery(empty(items, { from: null, where: [] })));
}

function noColumn(): never {
  throw new Error('a constant reads no column');
}
