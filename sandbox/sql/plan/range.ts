/** What values an exact number below the gate can have, from declared bounds and the range of its type. */
import type { Bound } from '../expression.ts';
import type { Column } from '../relation.ts';
import { asDecimal, decimal, integerRange, isInteger, type Type } from '../types.ts';

/** Inclusive, in units of 10^-scale. */
export interface Range {
  readonly min: bigint;
  readonly max: bigint;
  readonly scale: number;
}

/** Null where the value is not an exact number, or nothing bounds it. */
export function rangeOf(expr: Bound): Range | null {
  switch (expr.kind) {
    case 'column': return columnRange(expr.column);
    case 'literal': return expr.value === null ? null : literalRange(expr.value, expr.type);
    case 'cast': {
      const inner = rangeOf(expr.arg);
      // A number outside the type becomes NULL; rounding to fewer digits moves it by less than one unit of the new scale.
      return inner === null ? typeRange(expr.type) : intersect(widen(inner, asDecimal(expr.type)?.scale ?? 0), typeRange(expr.type));
    }
    case 'call': {
      const args = expr.args.map(rangeOf);
      const [a, b] = args;
      if (expr.fn.name === 'greatest' || expr.fn.name === 'least') return args.includes(null) ? null : union(expr.args);
      if (a === null || a === undefined) return typeRange(expr.type);
      if (expr.fn.name === '-' && args.length === 1) return { min: -a.max, max: -a.min, scale: a.scale };
      if (expr.fn.name === 'abs') return { min: 0n, max: magnitude(a), scale: a.scale };
      if (b === null || b === undefined || !isExactCall(expr.fn.name)) return atLeastOf(expr.type, a);
      return combine(expr.fn.name, a, b);
    }
    case 'case': return union([...expr.branches.map(({ then }) => then), expr.otherwise]);
    case 'coalesce': return union(expr.args);
    default: return typeRange(expr.type);
  }
}

/** What a function makes of a number that may be wider than its type: nothing further from zero than that number, or than the function's own type. */
function atLeastOf(type: Type, { min, max, scale }: Range): Range | null {
  const own = typeRange(type);
  if (own === null) return null;
  const most = magnitude(rescaled({ min, max, scale }, Math.max(scale, own.scale)));
  const wide = rescaled(own, Math.max(scale, own.scale));
  return { min: least([wide.min, -most - 1n]), max: greatest([wide.max, most + 1n]), scale: Math.max(scale, own.scale) };
}

export const isExactCall = (name: string): boolean => name === '+' || name === '-' || name === '*';

export function combine(name: string, a: Range, b: Range): Range {
  if (name === '*') {
    const products = [a.min * b.min, a.min * b.max, a.max * b.min, a.max * b.max];
    return { min: least(products), max: greatest(products), scale: a.scale + b.scale };
  }
  const scale = Math.max(a.scale, b.scale);
  const [x, y] = [rescaled(a, scale), rescaled(b, scale)];
  return name === '+' ? { min: x.min + y.min, max: x.max + y.max, scale } : { min: x.min - y.max, max: x.max - y.min, scale };
}

export const magnitude = ({ min, max }: Range): bigint => greatest([min < 0n ? -min : min, max < 0n ? -max : max]);

function rescaled({ min, max, scale }: Range, to: number): Range {
  const factor = 10n ** BigInt(to - scale);
  return { min: min * factor, max: max * factor, scale: to };
}

/** At another scale, rounded outwards. */
function widen(range: Range, scale: number): Range {
  if (scale >= range.scale) return rescaled(range, scale);
  const factor = 10n ** BigInt(range.scale - scale);
  return { min: range.min / factor - 1n, max: range.max / factor + 1n, scale };
}

function intersect(a: Range, b: Range | null): Range {
  return b === null ? a : { min: greatest([a.min, b.min]), max: least([a.max, b.max]), scale: a.scale };
}

function union(exprs: readonly Bound[]): Range | null {
  const ranges: Range[] = [];
  for (const expr of exprs) {
    if (expr.kind === 'literal' && expr.value === null) continue;
    const range = rangeOf(expr);
    if (range === null) return null;
    ranges.push(range);
  }
  if (ranges.length === 0) return null;
  const scale = Math.max(...ranges.map((range) => range.scale));
  const all = ranges.map((range) => rescaled(range, scale));
  return { min: least(all.map(({ min }) => min)), max: greatest(all.map(({ max }) => max)), scale };
}

/** By column: computed columns of derived tables may each read the one below twice, and twenty of them would be read a million times. */
const RANGES = new WeakMap<Column, Range | null>();

function columnRange(column: Column): Range | null {
  const { from } = column;
  if (from.kind === 'computed') {
    const known = RANGES.get(column);
    if (known !== undefined) return known;
    const range = rangeOf(from.expr);
    RANGES.set(column, range);
    return range;
  }
  const type = typeRange(column.type);
  if (from.kind !== 'stored' || type === null) return type;
  // Declared bounds hold for every row: ingest refuses, drops or clamps what breaks them.
  const [min, max] = [from.column.min, from.column.max].map((bound) => (bound === null ? null : units(bound, type.scale)));
  return { min: min ?? type.min, max: max ?? type.max, scale: type.scale };
}

/** Each column once, as above. */
const DECLARED = new WeakMap<Column, boolean>();

/** Nothing further from zero than an argument. */
const KEEPS: ReadonlySet<string> = new Set(['abs', 'greatest', 'least']);

/** Whether what bounds the value is declared, and not only its type. */
export function isDeclared(expr: Bound): boolean {
  switch (expr.kind) {
    case 'literal': return true;
    case 'column': return isDeclaredColumn(expr.column);
    case 'cast': return isDeclared(expr.arg);
    case 'call': return (isExactCall(expr.fn.name) || KEEPS.has(expr.fn.name)) && expr.args.every(isDeclared);
    case 'case': return [...expr.branches.map(({ then }) => then), expr.otherwise].every(isDeclared);
    case 'coalesce': return expr.args.every(isDeclared);
    default: return false;
  }
}

function isDeclaredColumn(column: Column): boolean {
  const { from } = column;
  switch (from.kind) {
    case 'stored': return from.column.min !== null && from.column.max !== null;
    case 'lookup': return isDeclaredColumn(from.column);
    case 'combined': return from.parts.every(isDeclaredColumn);
    case 'computed': {
      const known = DECLARED.get(column) ?? isDeclared(from.expr);
      DECLARED.set(column, known);
      return known;
    }
    default: return false;
  }
}

/** The largest magnitude of a stored number, also of a double, in units of 10^-scale; null where it is not declared. */
export function declaredReach({ from }: Column, scale: number): bigint | null {
  if (from.kind !== 'stored') return null;
  const [min, max] = [from.column.min, from.column.max].map((bound) => (bound === null ? null : units(bound, scale)));
  return min == null || max == null ? null : magnitude({ min, max, scale });
}

/** Every value that the type can hold. */
export function typeRange(type: Type): Range | null {
  if (isInteger(type)) {
    const [min, max] = integerRange(type);
    return { min, max, scale: 0 };
  }
  const exact = decimal(type);
  if (exact === null) return null;
  const most = 10n ** BigInt(exact.width) - 1n;
  return { min: -most, max: most, scale: exact.scale };
}

function literalRange(value: string, type: Type): Range | null {
  const scale = isInteger(type) ? 0 : (decimal(type)?.scale ?? null);
  const exact = scale === null ? null : units(value, scale);
  return exact === null || scale === null ? null : { min: exact, max: exact, scale };
}

/** A decimal number as text in units of 10^-scale, rounded outwards from zero; null for anything else. */
export function units(text: string, scale: number): bigint | null {
  const match = /^(-?)(\d*)\.?(\d*)$/.exec(text);
  if (match === null || `${match[2]}${match[3]}` === '') return null;
  const [, sign, whole = '', fraction = ''] = match;
  const kept = BigInt(`${whole}${fraction.slice(0, scale).padEnd(scale, '0')}`) + (/[1-9]/.test(fraction.slice(scale)) ? 1n : 0n);
  return sign === '-' ? -kept : kept;
}

const least = (values: readonly bigint[]): bigint => values.reduce((a, b) => (a < b ? a : b));
const greatest = (values: readonly bigint[]): bigint => values.reduce((a, b) => (a > b ? a : b));
