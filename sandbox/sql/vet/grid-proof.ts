/**
 * Whether an expression is constant on every cell of the policy's grid, so that filtering or grouping by it makes unions of
 * cells. Columns that are dimensions at their own values may be used in any way; others only in the forms proved here.
 */
import { columnsIn, partsOf, type Bound } from '../expression.ts';
import type { Grid, TimeLevel } from '../grid.ts';
import type { Column } from '../relation.ts';
import { decimal, isInteger } from '../types.ts';
import { dayBefore, isStartOf, nextDay } from './calendar.ts';
import { castFits } from './presence.ts';

/** The column that is used more finely than its grid, or null where the expression is proved. */
export function tooFine(expr: Bound, released: ReadonlySet<Column>): Column | null {
  const seen = new Map<Column, Column | null>();
  const ofColumn = (column: Column): Column | null => {
    const known = seen.get(column);
    if (known !== undefined) return known;
    seen.set(column, column);
    const found = columnTooFine(column);
    seen.set(column, found);
    return found;
  };
  const columnTooFine = (column: Column): Column | null => {
    if (released.has(column)) return null;
    const { from } = column;
    switch (from.kind) {
      case 'stored': return from.column.grid.kind === 'free' ? null : column;
      case 'computed': return visit(from.expr);
      case 'combined': return firstOf(from.parts.map(ofColumn));
      case 'lookup': return ofColumn(from.column);
      // A subquery about the same unit is a join; what it filters on is proved for itself.
      case 'test': return null;
      case 'constant': case 'released': case 'grouping': return null;
      // A value made of several rows of a unit is as fine as its rows.
      case 'aggregate': case 'window': case 'unit': case 'fixed': case 'record-key': return column;
    }
  };
  const visit = (part: Bound): Column | null => {
    if (isProvedForm(part, released)) return null;
    if (part.kind === 'column') return ofColumn(part.column);
    return firstOf(partsOf(part).map(visit));
  };
  return visit(expr);
}

const firstOf = (found: readonly (Column | null)[]): Column | null => found.find((column) => column !== null) ?? null;

/** Forms that are constant on cells although the column itself is not. */
function isProvedForm(expr: Bound, released: ReadonlySet<Column>): boolean {
  switch (expr.kind) {
    case 'is-null': case 'is-not-null': {
      const grid = gridOf(expr.arg, released);
      return grid !== null && grid.kind !== 'none' && grid.kind !== 'levels';
    }
    case 'compare': {
      const [left, right] = [gridOf(expr.left, released), gridOf(expr.right, released)];
      if (left !== null) return isEdgeComparison(left, expr.op, literalText(expr.right), expr.left);
      return right !== null && isEdgeComparison(right, MIRRORED[expr.op] ?? expr.op, literalText(expr.left), expr.right);
    }
    case 'between': {
      const grid = gridOf(expr.arg, released);
      return grid !== null && isEdgeComparison(grid, '>=', literalText(expr.low), expr.arg) && isEdgeComparison(grid, '<=', literalText(expr.high), expr.arg);
    }
    case 'in': {
      const grid = gridOf(expr.arg, released);
      return grid !== null && expr.list.every((value) => isEdgeComparison(grid, '=', literalText(value), expr.arg));
    }
    case 'call': return isTimePart(expr, released);
    case 'case': return categoriesKept(expr, released);
    default: return false;
  }
}

const MIRRORED: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/** `CASE WHEN c IN (listed) THEN c END` shows listed values only. */
function categoriesKept(expr: Extract<Bound, { kind: 'case' }>, released: ReadonlySet<Column>): boolean {
  return expr.branches.every(({ when, then }) => isProvedForm(when, released) && then.kind === 'column' && gridOf(then, released)?.kind === 'categories' && columnsIn(when).has(then.column) && when.kind === 'in' && !when.negated)
    && isConstant(expr.otherwise);
}

const isConstant = (expr: Bound): boolean => (expr.kind === 'cast' ? isConstant(expr.arg) : expr.kind === 'literal');

/** The grid of a bare column, through casts that lose nothing that the grid sees. */
function gridOf(expr: Bound, released: ReadonlySet<Column>): Grid | null {
  if (expr.kind === 'cast' && !expr.try) return isHarmlessCast(expr) ? gridOf(expr.arg, released) : null;
  if (expr.kind !== 'column' || released.has(expr.column)) return null;
  const { from } = expr.column;
  if (from.kind === 'computed') return gridOf(from.expr, released);
  return from.kind === 'stored' ? from.column.grid : null;
}

const isHarmlessCast = (cast: Extract<Bound, { kind: 'cast' }>): boolean => {
  const [from, to] = [cast.arg.type, cast.type];
  if (from === 'DATE') return to.startsWith('TIMESTAMP');
  return (isInteger(from) || decimal(from) !== null) && (isInteger(to) || decimal(to) !== null || to === 'DOUBLE') && castFits(cast);
};

/** Text of a constant, through casts. */
function literalText(expr: Bound): string | null {
  if (expr.kind === 'cast') return literalText(expr.arg);
  return expr.kind === 'literal' ? expr.value : null;
}

function isEdgeComparison(grid: Grid, op: string, value: string | null, side: Bound): boolean {
  if (value === null) return false;
  const whole = isInteger(innerType(side));
  switch (grid.kind) {
    case 'free': return true;
    case 'none': case 'levels': return false;
    case 'categories': return (op === '=' || op === '<>') && grid.values.includes(value);
    case 'bands': {
      const edge = (text: string): boolean => grid.edges.some((known) => sameValue(known, text));
      const after = whole ? plusOne(value) : isDay(value) && innerType(side) === 'DATE' ? nextDay(value) : null;
      switch (op) {
        case '<': case '>=': return edge(value) || (whole && !/^-?\d+$/.test(value) ? edge(String(Math.ceil(Number(value)))) : false);
        case '<=': case '>': return after !== null && edge(after);
        case '=': case '<>': return after !== null && edge(value) && edge(after);
        default: return false;
      }
    }
    case 'time': {
      const start = (text: string | null): boolean => text !== null && grid.levels.some((level) => isStartOf(level, text));
      const isDate = innerType(side) === 'DATE';
      switch (op) {
        case '<': case '>=': return start(value);
        case '<=': case '>': return isDate && start(nextDay(value));
        case '=': case '<>': return isDate && grid.levels.includes('day') && dayBefore(value) !== null;
        default: return false;
      }
    }
  }
}

const innerType = (expr: Bound): string => (expr.kind === 'cast' ? innerType(expr.arg) : expr.type);
const plusOne = (text: string): string | null => (/^-?\d+$/.test(text) ? (BigInt(text) + 1n).toString() : null);
const isDay = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text);

/** Equal as numbers where both are, else as text. */
function sameValue(a: string, b: string): boolean {
  const plain = (text: string): string | null => {
    const match = /^(-?)0*(\d+?)(?:\.(\d*?)0*)?$/.exec(text);
    return match === null ? null : `${match[1]}${match[2]}${match[3] === undefined || match[3] === '' ? '' : `.${match[3]}`}`;
  };
  return a === b || (plain(a) !== null && plain(a) === plain(b));
}

/** Levels that refine each part of a date: the part is constant within each of them. */
const REFINED_BY: Readonly<Record<string, readonly TimeLevel[]>> = {
  year: ['year', 'quarter', 'month', 'day', 'hour'], decade: ['year', 'quarter', 'month', 'day', 'hour'], century: ['year', 'quarter', 'month', 'day', 'hour'], millennium: ['year', 'quarter', 'month', 'day', 'hour'],
  quarter: ['quarter', 'month', 'day', 'hour'],
  month: ['month', 'day', 'hour'], monthname: ['month', 'day', 'hour'],
  week: ['week', 'day', 'hour'], weekofyear: ['week', 'day', 'hour'], isoyear: ['week', 'day', 'hour'], yearweek: ['week', 'day', 'hour'],
  day: ['day', 'hour'], dayofmonth: ['day', 'hour'], dayofweek: ['day', 'hour'], weekday: ['day', 'hour'], isodow: ['day', 'hour'], dow: ['day', 'hour'], doy: ['day', 'hour'], dayofyear: ['day', 'hour'], dayname: ['day', 'hour'],
  hour: ['hour'],
};

function isTimePart(expr: Extract<Bound, { kind: 'call' }>, released: ReadonlySet<Column>): boolean {
  const [first, second] = expr.args;
  const named = ['date_part', 'datepart', 'date_trunc', 'datetrunc'].includes(expr.fn.name);
  const part = named ? (first?.kind === 'literal' ? first.value?.toLowerCase() : undefined) : expr.fn.name;
  const value = named ? second : first;
  const grid = value === undefined ? null : gridOf(value, released);
  return grid?.kind === 'time' && part !== undefined && (REFINED_BY[part]?.some((level) => grid.levels.includes(level)) ?? false);
}
