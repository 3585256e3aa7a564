/**
 * The SQL of a gate: one row for each group, with its keys and the evidence of each measure. How units are counted depends
 * on what is declared:
 * - `one-row-per-unit`: each row is another unit, so counting rows counts units;
 * - `per-unit`: rows are added up for each unit first, then over units. One such query for each kind of unit that needs it.
 * `certified.ts` asks the second kind of query only about groups for which declared bounds do not say enough.
 */
import { assertNever } from '#contract/result.ts';
import { extremesNeeded } from '#sandbox/sdc/leverage.ts';
import { and } from '../normal.ts';
import type { Expr, From, Query, Select, SelectItem } from '../query.ts';
import type { Bound } from '../expression.ts';
import type { Column } from '../relation.ts';
import { decimal } from '../types.ts';
import { asQuery, type Block, type Blocks } from './blocks.ts';
import { MOST_UNITS, type ExactForm, type Factor, type PlannedMeasure } from './measures.ts';
import { rangeOf } from './range.ts';
import * as sql from './syntax.ts';

/** What the release needs to know about one kind of unit. */
export interface UnitNeed {
  readonly kind: string;
  readonly column: Column;
  readonly nullable: boolean;
  /** Each row is a unit of its own. */
  readonly oneRow: boolean;
  /** Distinct units, by measure. */
  readonly counts: ReadonlySet<number>;
  /** How many of the largest unit totals, by measure. */
  readonly largest: ReadonlyMap<number, number>;
  /** The minimum of units of which a fit must tell, by measure of its columns. */
  readonly fits: ReadonlyMap<number, number>;
  /** Record keys, where the mechanism needs them. */
  readonly recordKey: Column | null;
}

/** What a column of the cell query holds. */
export type Slot =
  | { readonly kind: 'key' }
  /** `peak`: the largest magnitude of a row. */
  | { readonly kind: 'count' | 'sum' | 'peak'; readonly measure: number }
  /** Of values that are too large for one sum: a further part of it, in units of 10^`digits` of the measure's. */
  | { readonly kind: 'part'; readonly measure: number; readonly digits: number }
  | { readonly kind: 'units' | 'absolute' | 'record-key'; readonly measure: number; readonly unit: string }
  | { readonly kind: 'largest'; readonly measure: number; readonly unit: string }
  /** Lists of values as text, with commas (`sdc/leverage.ts`). */
  | { readonly kind: 'greatest' | 'least'; readonly measure: number; readonly unit: string };

export interface CellQuery {
  readonly query: Query;
  /** By column of a row. */
  readonly slots: readonly Slot[];
}

/** The rows of a gate, and how an expression over them is written. */
export interface Rows {
  readonly block: Block;
  readonly write: (expr: Bound) => Expr;
}

interface Shown {
  readonly slot: Slot;
  readonly expr: Expr;
}

/** @param totals whether counts and sums are asked for, or only what is known of units */
export function cellQuery(blocks: Blocks, rows: Rows, keys: readonly Expr[], measures: readonly PlannedMeasure[], needs: readonly UnitNeed[], totals = true): CellQuery {
  const perUnit = needs.filter((need) => !need.oneRow && isNeeded(need));
  const [main, ...others] = perUnit;
  const simple = needs.filter((need) => need.oneRow && isNeeded(need));
  if (main === undefined) return shown(directQuery(rows, keys, measures, simple, totals));
  // Each kind has a query of its own over the same rows; they have the same groups and are put side by side.
  const parts = [perUnitQuery(blocks, rows, keys, measures, main, totals), ...others.map((need) => perUnitQuery(blocks, rows, keys, measures, need, false))];
  const direct = directQuery(rows, keys, measures, simple, false);
  // Where counting rows counts units, nothing is left to ask about them.
  if (direct.shown.some(({ slot }) => slot.kind !== 'key')) parts.push(direct);
  return sideBySide(blocks, parts, keys.length);
}

/** Counts and sums of rows as they are, and the largest magnitude of a row for the measures in `peaks`. */
export function totalsQuery(rows: Rows, keys: readonly Expr[], measures: readonly PlannedMeasure[], peaks: ReadonlySet<number>): CellQuery {
  const columns = [...directQuery(rows, keys, measures, [], true).shown];
  for (const measure of measures) {
    const { value, magnitude, condition } = rowForm(rows, measure);
    if (value !== null && magnitude !== null && peaks.has(measure.measure.id)) columns.push({ slot: { kind: 'peak', measure: measure.measure.id }, expr: sql.call('max', [magnitude], { filter: condition }) });
  }
  return shown({ select: grouped(rows.block, columns, keys.length), shown: columns });
}

/** The count of rows with a value is the count of units with a value. */
export const rowsAreUnits = (need: UnitNeed): boolean => need.oneRow && !need.nullable;

const isNeeded = (need: UnitNeed): boolean => need.counts.size > 0 || need.largest.size > 0 || need.recordKey !== null;

interface Part {
  readonly select: Select;
  readonly shown: readonly Shown[];
}

const shown = ({ select, shown: columns }: Part): CellQuery => ({ query: asQuery(select), slots: columns.map(({ slot }) => slot) });

/** Rows are aggregated as they are. */
function directQuery(rows: Rows, keys: readonly Expr[], measures: readonly PlannedMeasure[], needs: readonly UnitNeed[], totals: boolean): Part {
  const columns: Shown[] = keys.map((expr) => ({ slot: { kind: 'key' }, expr }));
  for (const measure of measures) {
    const { id } = measure.measure;
    const row = rowForm(rows, measure);
    if (totals) {
      columns.push({ slot: { kind: 'count', measure: id }, expr: countRows(row, null) });
      if (row.value !== null) columns.push({ slot: { kind: 'sum', measure: id }, expr: sql.call('sum', [row.value], { filter: row.condition }) });
      for (const { expr, digits } of row.parts) columns.push({ slot: { kind: 'part', measure: id, digits }, expr: sql.call('sum', [expr], { filter: row.condition }) });
    }
    for (const need of needs) {
      const unit = need.nullable ? sql.isNotNull(columnExpr(rows, need.column)) : null;
      const present = and([row.condition, unit].filter((part) => part !== null));
      if (need.counts.has(id) && !rowsAreUnits(need)) columns.push({ slot: { kind: 'units', measure: id, unit: need.kind }, expr: countRows(row, unit) });
      if (row.value === null) columns.push(...concentration(id, need, ONE_ROW, present));
      else if (row.magnitude !== null) columns.push(...concentration(id, need, row.magnitude, present), ...extremes(id, need, row.value, row.value, present));
      if (need.recordKey !== null) {
        const counted = and([row.condition, row.value === null ? null : sql.isNotNull(row.value), unit].filter((part) => part !== null));
        columns.push({ slot: { kind: 'record-key', measure: id, unit: need.kind }, expr: sql.call('sum', [columnExpr(rows, need.recordKey)], { filter: counted }) });
      }
    }
  }
  return { select: grouped(rows.block, columns, keys.length), shown: columns };
}

/** What the only row of a unit adds to a count of rows. */
const ONE_ROW = sql.cast(sql.integer(1), 'BIGINT');

function concentration(id: number, need: UnitNeed, magnitude: Expr, filter: Expr | null): Shown[] {
  const largest = need.largest.get(id);
  if (largest === undefined) return [];
  const top = sql.call('max', [magnitude, sql.integer(largest)], { filter });
  return [
    { slot: { kind: 'absolute', measure: id, unit: need.kind }, expr: sql.call('sum', [magnitude], { filter }) },
    ...Array.from({ length: largest }, (_, i): Shown => ({ slot: { kind: 'largest', measure: id, unit: need.kind }, expr: sql.call('list_extract', [top, sql.integer(i + 1)]) })),
  ];
}

function extremes(id: number, need: UnitNeed, greatest: Expr, least: Expr, filter: Expr | null): Shown[] {
  const min = need.fits.get(id);
  if (min === undefined) return [];
  const wanted = extremesNeeded(min);
  const listed = (name: string, of: Expr, most: number): Expr => sql.call('array_to_string', [sql.call(name, [of, sql.integer(most)], { filter }), sql.text(',')]);
  return [
    { slot: { kind: 'greatest', measure: id, unit: need.kind }, expr: listed('max', greatest, wanted.largest) },
    { slot: { kind: 'least', measure: id, unit: need.kind }, expr: listed('min', least, wanted.smallest) },
  ];
}

/** Rows are added up by unit within each group, then units within each group. */
function perUnitQuery(blocks: Blocks, rows: Rows, keys: readonly Expr[], measures: readonly PlannedMeasure[], need: UnitNeed, totals: boolean): Part {
  const inner: { readonly name: string; readonly expr: Expr }[] = [
    ...keys.map((expr, i) => ({ name: `k${i}`, expr })),
    { name: 'u', expr: columnExpr(rows, need.column) },
  ];
  const grouping = inner.length;
  const alias = blocks.alias();
  const inside = (name: string): Expr => sql.column(alias, name);
  const columns: Shown[] = keys.map((_, i) => ({ slot: { kind: 'key' }, expr: inside(`k${i}`) }));
  if (need.recordKey !== null) inner.push({ name: 'r', expr: sql.call('max', [columnExpr(rows, need.recordKey)]) });
  for (const measure of measures) {
    const { id } = measure.measure;
    const row = rowForm(rows, measure);
    inner.push({ name: `n${id}`, expr: countRows(row, null) });
    if (row.value !== null && totals) inner.push({ name: `s${id}`, expr: sql.call('sum', [row.value], { filter: row.condition }) });
    if (totals) for (const { expr, digits } of row.parts) inner.push({ name: `p${id}_${digits}`, expr: sql.call('sum', [expr], { filter: row.condition }) });
    if (totals) {
      columns.push({ slot: { kind: 'count', measure: id }, expr: sql.call('sum', [inside(`n${id}`)]) });
      if (row.value !== null) columns.push({ slot: { kind: 'sum', measure: id }, expr: sql.call('sum', [inside(`s${id}`)]) });
      for (const { digits } of row.parts) columns.push({ slot: { kind: 'part', measure: id, digits }, expr: sql.call('sum', [inside(`p${id}_${digits}`)]) });
    }
    const hasUnit = need.nullable ? [sql.isNotNull(inside('u'))] : [];
    // The rows of a group without a condition are not none: the unit would not be in the group.
    const contributes = and([...(row.condition === null && row.value === null ? [] : [sql.compare(inside(`n${id}`), '>', sql.integer(0))]), ...hasUnit]);
    if (need.counts.has(id)) columns.push({ slot: { kind: 'units', measure: id, unit: need.kind }, expr: sql.call('count_star', [], { filter: contributes }) });
    if (row.value === null) columns.push(...concentration(id, need, inside(`n${id}`), contributes));
    else if (row.magnitude !== null && need.largest.has(id)) {
      inner.push({ name: `a${id}`, expr: sql.call('sum', [row.magnitude], { filter: row.condition }) });
      columns.push(...concentration(id, need, inside(`a${id}`), contributes));
    }
    if (row.value !== null && need.fits.has(id)) {
      inner.push({ name: `h${id}`, expr: sql.call('max', [row.value], { filter: row.condition }) }, { name: `l${id}`, expr: sql.call('min', [row.value], { filter: row.condition }) });
      columns.push(...extremes(id, need, inside(`h${id}`), inside(`l${id}`), contributes));
    }
    if (need.recordKey !== null) columns.push({ slot: { kind: 'record-key', measure: id, unit: need.kind }, expr: sql.call('sum', [inside('r')], { filter: contributes }) });
  }
  const written = sql.fewFilters(inner.map(({ expr }) => expr));
  const items = inner.map(({ name, expr }, i): SelectItem => ({ kind: 'expr', expr: written[i] ?? expr, alias: name }));
  const byUnit: Select = { ...empty(items, rows.block), group: sql.groupBy(inner.slice(0, grouping).map(({ expr }) => expr)) };
  const from: From = { kind: 'derived', query: asQuery(byUnit), alias, columns: [], at: null };
  return { select: grouped({ from, where: [] }, columns, keys.length), shown: columns };
}

/** What one row gives to a measure. */
export interface RowForm {
  /** Null: every row counts one. */
  readonly value: Expr | null;
  /** Of a number that may be too large: what `value` leaves out, in units of 10^`digits`. */
  readonly parts: readonly Digits[];
  /** No row is without a value. */
  readonly always: boolean;
  readonly condition: Expr | null;
  readonly magnitude: Expr | null;
}

export function rowForm(rows: Rows, { value, exact, conditions, always }: PlannedMeasure): RowForm {
  const condition = and(conditions.map(rows.write));
  if (value === null || exact === null) return { value: null, parts: [], always, condition, magnitude: null };
  const number = numberForm(rows, value, exact);
  return { value: number.expr, parts: number.parts ?? [], always, condition, magnitude: neverNegative(value, exact) ? number.expr : sql.call('abs', [number.widest]) };
}

/** By declared bounds. */
function neverNegative(value: Bound, exact: ExactForm): boolean {
  return exact.kind === 'as-is' && (rangeOf(value)?.min ?? -1n) >= 0n;
}

interface NumberForm {
  readonly expr: Expr;
  readonly widest: Expr;
  readonly parts?: readonly Digits[];
}

interface Digits {
  readonly expr: Expr;
  readonly digits: number;
}

/** Digits that the lower part of a wide number has, and each limb of a factor. */
const [LOW_DIGITS, LIMB_DIGITS] = [30, 9];

/** The value of a row as a number whose sums are exact; `widest` is the same in a type that holds its absolute value. */
function numberForm(rows: Rows, value: Bound, exact: ExactForm): NumberForm {
  switch (exact.kind) {
    case 'fixed': return twice(columnExpr(rows, exact.column));
    case 'rounded': {
      // Kept within what sums of 128 bits hold whatever the rows are; NaN is no value.
      const plain = rows.write(value);
      const whole = (number: Expr): Expr => sql.when(sql.call('isnan', [plain]), sql.NULL, sql.tryCast(sql.call('round', [clamped(number, sql.double(-1e30), sql.double(1e30))]), 'HUGEINT'));
      const narrow = whole(sql.operator('*', plain, sql.double(10 ** exact.scale)));
      if (!exact.wide) return twice(narrow);
      const edge = sql.double(10 ** (LOW_DIGITS - exact.scale));
      const high = sql.call('trunc', [sql.operator('/', plain, edge)]);
      const low = sql.operator('*', sql.operator('-', plain, sql.operator('*', high, edge)), sql.double(10 ** exact.scale));
      return { expr: whole(low), widest: narrow, parts: [{ expr: whole(high), digits: LOW_DIGITS }] };
    }
    case 'as-is': {
      const narrow = narrowed(rows.write(value), value.type);
      const range = rangeOf(value);
      // abs of the least integer of a type is outside it.
      const safe = decimal(value.type) !== null || (range !== null && range.min > -(2n ** 31n));
      return { expr: narrow, widest: safe ? narrow : sql.cast(narrow, 'HUGEINT') };
    }
    case 'product': {
      const [a, b] = exact.factors;
      const bounded = sql.operator('*', inUnits(rows, a, MOST_UNITS), inUnits(rows, b, MOST_UNITS));
      return exact.limbs ? { widest: bounded, ...limbs(inUnits(rows, a, MOST_64), inUnits(rows, b, MOST_64)) } : twice(bounded);
    }
    default: return assertNever(exact);
  }
}

const twice = (expr: Expr): { readonly expr: Expr; readonly widest: Expr } => ({ expr, widest: expr });

/** least and greatest pass over NULL. */
const clamped = (expr: Expr, least: Expr, most: Expr): Expr => sql.when(sql.isNotNull(expr), sql.call('least', [sql.call('greatest', [expr, least]), most]));

/** (a·10^9 + b)·(c·10^9 + d) by its digits: sums of each hold whatever 64-bit factors there are. */
function limbs(x: Expr, y: Expr): Pick<NumberForm, 'expr' | 'parts'> & { readonly expr: Expr } {
  const base = sql.cast(sql.integer(10n ** BigInt(LIMB_DIGITS)), 'HUGEINT');
  const [a, b] = [sql.operator('//', x, base), sql.operator('%', x, base)];
  const [c, d] = [sql.operator('//', y, base), sql.operator('%', y, base)];
  return {
    expr: sql.operator('*', b, d),
    parts: [{ expr: sql.operator('+', sql.operator('*', a, d), sql.operator('*', b, c)), digits: LIMB_DIGITS }, { expr: sql.operator('*', a, c), digits: 2 * LIMB_DIGITS }],
  };
}

const MOST_64 = 2n ** 63n - 1n;

/** A factor as a 128-bit number of units, cut off beyond `most`. */
function inUnits(rows: Rows, { value, exact }: Factor, most: bigint): Expr {
  const { expr } = numberForm(rows, value, exact);
  const scale = exact.kind === 'as-is' ? (decimal(value.type)?.scale ?? 0) : 0;
  const whole = scale === 0 ? expr : sql.operator('*', sql.cast(expr, `DECIMAL(38,${scale})`), sql.integer(10n ** BigInt(scale)));
  const wide = sql.tryCast(whole, 'HUGEINT');
  const range = rangeOf(value);
  if (exact.kind === 'as-is' && range !== null && range.max <= most && range.min >= -most) return wide;
  return clamped(wide, sql.cast(sql.integer(-most), 'HUGEINT'), sql.cast(sql.integer(most), 'HUGEINT'));
}

/** Numbers of more than 64 bits are kept within what a sum of many of them can hold. */
function narrowed(expr: Expr, type: string): Expr {
  if (type === 'HUGEINT' || type === 'UHUGEINT') return clamped(expr, sql.cast(sql.integer(-(10n ** 30n)), 'HUGEINT'), sql.cast(sql.integer(10n ** 30n), 'HUGEINT'));
  const exact = decimal(type);
  return exact !== null && exact.width > 30 ? sql.tryCast(expr, `DECIMAL(${Math.max(30, exact.scale)},${exact.scale})`) : expr;
}

export function countRows({ value, always, condition }: RowForm, unit: Expr | null): Expr {
  const filter = and([condition, unit].filter((part) => part !== null));
  return value === null || always ? sql.call('count_star', [], { filter }) : sql.call('count', [value], { filter });
}

export function columnExpr({ block }: Rows, column: Column): Expr {
  const expr = block.columns.get(column);
  if (expr === undefined) throw new Error('the rows of a gate lack a column that its evidence needs');
  return expr;
}

function grouped(block: Pick<Block, 'from' | 'where'>, columns: readonly Shown[], keys: number): Select {
  const items = sql.fewFilters(columns.map(({ expr }) => expr)).map((expr, i): SelectItem => ({ kind: 'expr', expr, alias: `c${i}` }));
  return { ...empty(items, block), group: sql.groupBy(columns.slice(0, keys).map(({ expr }) => expr)) };
}

export const empty = (items: readonly SelectItem[], block: Pick<Block, 'from' | 'where'>): Select =>
  ({ kind: 'select', distinct: null, items, from: block.from, where: and(block.where), group: { kind: 'by', by: [], sets: [] }, having: null, qualify: null });

/** Queries with the same groups, joined on their keys. */
function sideBySide(blocks: Blocks, parts: readonly Part[], keys: number): CellQuery {
  const named = parts.map((part) => ({ ...part, alias: blocks.alias() }));
  const [first, ...others] = named;
  if (first === undefined) throw new Error('a cell query has a part');
  if (others.length === 0) return shown(first);
  const key = (alias: string, i: number): Expr => sql.column(alias, `c${i}`);
  let from: From = { kind: 'derived', query: asQuery(first.select), alias: first.alias, columns: [], at: null };
  for (const other of others) {
    const right: From = { kind: 'derived', query: asQuery(other.select), alias: other.alias, columns: [], at: null };
    const on = and(Array.from({ length: keys }, (_, i) => sql.compare(key(first.alias, i), 'IS NOT DISTINCT FROM', key(other.alias, i))));
    from = { kind: 'join', join: 'inner', left: from, right, condition: on === null ? { kind: 'cross' } : { kind: 'on', expr: on }, at: null };
  }
  const columns = named.flatMap((part, p) => part.shown.flatMap(({ slot }, i) => (p > 0 && slot.kind === 'key' ? [] : [{ slot, expr: sql.column(part.alias, `c${i}`) }])));
  const items = columns.map(({ expr }, i): SelectItem => ({ kind: 'expr', expr, alias: `c${i}` }));
  return { query: asQuery(empty(items, { from, where: [] })), slots: columns.map(({ slot }) => slot) };
}
