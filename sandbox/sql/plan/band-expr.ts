/** A band column below the gate: a CASE over the edges of the policy. */
import type { Expr } from '../query.ts';
import { decimal, isInteger, type Type } from '../types.ts';
import * as sql from './syntax.ts';

/** Labels of ascending edges; NULL stays NULL. NaN counts as greater than everything, as the engine orders it. */
export function bandExpr(value: Expr, type: Type, edges: readonly string[], labels: readonly string[]): Expr {
  const last = labels.at(-1) ?? '';
  return {
    kind: 'case',
    branches: [{ when: sql.isNull(value), then: sql.NULL }, ...edges.map((edge, i) => ({ when: sql.compare(value, '<', edgeLiteral(edge, type)), then: sql.text(labels[i] ?? '') }))],
    otherwise: sql.text(last),
    at: null,
  };
}

/** An edge in the type of the column: the text of the policy as an exact number, or as a date. */
export function edgeLiteral(edge: string, type: Type): Expr {
  if (isInteger(type) && /^-?\d+$/.test(edge)) return sql.integer(BigInt(edge));
  if (isInteger(type) || decimal(type) !== null || type === 'DOUBLE') return sql.cast(sql.text(edge), type === 'DOUBLE' ? 'DOUBLE' : 'DECIMAL(38,9)');
  return sql.cast(sql.text(edge), type);
}
