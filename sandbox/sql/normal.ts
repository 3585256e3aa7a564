/** The normal form that DuckDB's parser gives to logical operators: what is lowered and what is printed both have it. */
import type { Comparison, Expr } from './query.ts';
import type { Position } from './source-text.ts';

const OPPOSITE: Readonly<Partial<Record<Comparison, Comparison>>> = {
  '=': '<>', '<>': '=', '<': '>=', '>=': '<', '>': '<=', '<=': '>',
  'IS DISTINCT FROM': 'IS NOT DISTINCT FROM', 'IS NOT DISTINCT FROM': 'IS DISTINCT FROM',
};

/** `AND` inside `AND` is one `AND`; one argument stands for itself. */
export function flatten(kind: 'and' | 'or', args: readonly Expr[], at: Position = null): Expr {
  const flat = args.flatMap((arg) => (arg.kind === kind ? arg.args : [arg]));
  const [only, ...others] = flat;
  return only !== undefined && others.length === 0 ? only : { kind, args: flat, at };
}

export const and = (args: readonly Expr[]): Expr | null => (args.length === 0 ? null : flatten('and', args));

export function negate(arg: Expr, at: Position = null): Expr {
  if (arg.kind === 'compare') {
    const op = OPPOSITE[arg.op];
    if (op !== undefined) return { ...arg, op };
  }
  if (arg.kind === 'in') return { ...arg, negated: !arg.negated };
  if (arg.kind === 'is-null') return { ...arg, kind: 'is-not-null' };
  if (arg.kind === 'is-not-null') return { ...arg, kind: 'is-null' };
  return { kind: 'not', arg, at };
}
