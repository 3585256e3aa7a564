/** Functions below the gate: those that have a total form, with arguments for which the form holds. */
import { expressionsOf, inputsOf } from '../bind/hoist.ts';
import { callParts, partsOf, type Bound } from '../expression.ts';
import { MOST_DAYS } from '../plan/total.ts';
import type { Refusals } from '../refusals.ts';
import type { Relation } from '../relation.ts';
import type { Gate } from '../split/gates.ts';
import { isConstant } from './constants.ts';
import { isExactNumber } from '../types.ts';

/** Walks every expression that the cell query computes. */
export function checkFunctions(gate: Gate, refusals: Refusals): void {
  const check = (expr: Bound): void => {
    if (expr.kind === 'call' && !isConstant(expr)) checkCall(expr, refusals);
    partsOf(expr).forEach(check);
  };
  const visit = (relation: Relation): void => {
    if (relation.kind === 'gate') return;
    expressionsOf(relation).forEach(check);
    inputsOf(relation).forEach(visit);
  };
  visit(gate.input);
  gate.keys.forEach(({ expr }) => check(expr));
  gate.aggregates.forEach(({ call }) => callParts(call).forEach(check));
}

function checkCall(expr: Extract<Bound, { kind: 'call' }>, refusals: Refusals): void {
  const { fn, args, at } = expr;
  const refuse = (): void => refusals.add('gate/partial', at, { name: fn.name });
  if (fn.below === 'above') refuse();
  // A pattern that ends with the escape character fails where a row is compared with it.
  if (PATTERNS.includes(fn.name) && !isWholePattern(args[1])) refuse();
  // Steps of time are bounded constants; the moments themselves are kept within the calendar (`plan/total.ts`).
  if (fn.below === 'arithmetic' && !isExactNumber(expr.type) && expr.type !== 'DOUBLE' && expr.type !== 'FLOAT') {
    for (const arg of args) if (arg.type === 'INTERVAL' && !isBoundedStep(arg)) refuse();
    for (const arg of args) if (arg.kind === 'literal' && expr.type === 'DATE' && arg.value !== null && !isSmall(arg.value, MOST_DAYS)) refuse();
    if (expr.type === 'INTERVAL') refuse();
  }
  if (['substring', 'substr', 'left', 'right'].includes(fn.name) && !args.slice(1).every((arg) => arg.kind === 'literal' && arg.value !== null && isSmall(arg.value, 1_000_000n))) refuse();
}

const PATTERNS = ['~~', '!~~', '~~*', '!~~*'];

const isWholePattern = (pattern: Bound | undefined): boolean => pattern?.kind === 'literal' && !(pattern.value ?? '').endsWith('\\');

const isSmall = (value: string, most: bigint): boolean => /^-?\d+$/.test(value) && BigInt(value) <= most && BigInt(value) >= -most;

/** `INTERVAL 3 MONTH` with a number of at most about a thousand years. */
function isBoundedStep(expr: Bound): boolean {
  if (expr.kind !== 'call') return false;
  const most = { to_years: 1_000n, to_months: 12_000n, to_weeks: 50_000n, to_days: MOST_DAYS, to_hours: 9_000_000n, to_minutes: 500_000_000n, to_seconds: 30_000_000_000n }[expr.fn.name];
  const amount = constantText(expr.args[0]);
  return most !== undefined && amount !== null && isSmall(amount, most);
}

/** The number that the parser wraps into casts and `trunc`. */
function constantText(expr: Bound | undefined): string | null {
  if (expr === undefined) return null;
  if (expr.kind === 'literal') return expr.value;
  if (expr.kind === 'cast') return constantText(expr.arg);
  return expr.kind === 'call' && expr.fn.name === 'trunc' ? constantText(expr.args[0]) : null;
}
