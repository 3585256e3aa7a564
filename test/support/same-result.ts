/**
 * Whether two results are the same: the same rows as often, in the same order where the order is total. Numbers are the same
 * within a relative error, dates and timestamps as moments, so that a type may widen. Values in their wire form.
 */
import type { Value } from '#contract/table.ts';

export interface PlainResult {
  readonly types: readonly string[];
  readonly rows: readonly (readonly Value[])[];
}

/** Relative error that two numbers may have. */
export const TOLERANCE = 1e-9;

type Kind = 'number' | 'moment' | 'other';

const kindOf = (type: string): Kind =>
  /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL)/.test(type) && type !== 'INTERVAL' ? 'number' : /^(DATE|TIMESTAMP)/.test(type) ? 'moment' : 'other';

/** Null if they are the same, else what differs, for people. */
export function difference(actual: PlainResult, expected: PlainResult, ordered: boolean): string | null {
  if (actual.types.length !== expected.types.length) return `${actual.types.length} columns instead of ${expected.types.length}`;
  if (actual.rows.length !== expected.rows.length) return `${actual.rows.length} rows instead of ${expected.rows.length}:\n${show(actual.rows)}\ninstead of\n${show(expected.rows)}`;
  const kinds = expected.types.map((type, c) => common(kindOf(type), kindOf(actual.types[c] ?? '')));
  const wrong = kinds.findIndex((kind) => kind === null);
  // A column of NULLs has whatever type.
  if (wrong >= 0 && [...actual.rows, ...expected.rows].some((row) => row[wrong] !== null)) return `column ${wrong + 1} is ${actual.types[wrong]} instead of ${expected.types[wrong]}`;
  const settled = kinds.map((kind) => kind ?? 'other');
  const [a, b] = [actual.rows, expected.rows].map((rows) => (ordered ? rows : sorted(rows, settled)));
  if (a === undefined || b === undefined) return null;
  const at = a.findIndex((row, r) => !sameRow(row, b[r] ?? [], settled));
  if (at < 0 || (!ordered && matches(a, b, settled))) return null;
  return `row ${at + 1}: ${JSON.stringify(a[at])} instead of ${JSON.stringify(b[at])}\n${show(a)}\ninstead of\n${show(b)}`;
}

const common = (a: Kind, b: Kind): Kind | null => (a === b ? a : null);

const show = (rows: readonly (readonly Value[])[]): string => rows.slice(0, 20).map((row) => `  ${JSON.stringify(row)}`).join('\n');

function sameRow(a: readonly Value[], b: readonly Value[], kinds: readonly Kind[]): boolean {
  return kinds.every((kind, c) => sameValue(a[c] ?? null, b[c] ?? null, kind));
}

function sameValue(a: Value, b: Value, kind: Kind): boolean {
  if (a === b) return true;
  if (a === null || b === null) return false;
  if (kind === 'moment') return moment(a) === moment(b);
  if (kind !== 'number') return false;
  const [x, y] = [Number(a), Number(b)];
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) && Number.isNaN(y);
  return x === y || Math.abs(x - y) <= TOLERANCE * Math.max(1, Math.abs(x), Math.abs(y));
}

/** Midnight, and fractions of seconds that are zero, need not be written. */
const moment = (value: Value): string => String(value).replace(/\.0+$/, '').replace(/T00:00:00$/, '');

function sorted(rows: readonly (readonly Value[])[], kinds: readonly Kind[]): readonly (readonly Value[])[] {
  const exact = (row: readonly Value[]): string => JSON.stringify(row.map((value, c) => (kinds[c] === 'number' ? null : kinds[c] === 'moment' && value !== null ? moment(value) : value)));
  const rough = (value: Value): number => (value === null ? Infinity : Number(Number(value).toPrecision(7)));
  return rows.map((row) => ({ row, text: exact(row), numbers: row.filter((_, c) => kinds[c] === 'number').map(rough) }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : (a.numbers.map((x, i) => compare(x, b.numbers[i] ?? 0)).find((order) => order !== 0) ?? 0)))
    .map(({ row }) => row);
}

const compare = (a: number, b: number): number => (Object.is(a, b) || a === b ? 0 : Number.isNaN(a) ? 1 : Number.isNaN(b) ? -1 : a - b);

/** Each row of one with a row of the other, where sorting by rounded numbers put neighbours in another order. */
function matches(a: readonly (readonly Value[])[], b: readonly (readonly Value[])[], kinds: readonly Kind[]): boolean {
  if (a.length > 2_000) return false;
  const left = [...b];
  return a.every((row) => {
    const at = left.findIndex((other) => sameRow(row, other, kinds));
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
}
