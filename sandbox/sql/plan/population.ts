/**
 * Who is behind the cells of a gate, for the disclosure ledger: one row for each unit in each group, with what it adds to each
 * measure. Units are named by their pseudonyms, which are the same in every snapshot and dataset of a domain.
 */
import { and } from '../normal.ts';
import type { Expr, Query, SelectItem } from '../query.ts';
import type { Column } from '../relation.ts';
import { asQuery } from './blocks.ts';
import { columnExpr, countRows, empty, rowForm, type RowForm, type Rows } from './cell-query.ts';
import type { PlannedMeasure } from './measures.ts';
import type { Made } from './multiplicity.ts';
import * as sql from './syntax.ts';

export interface PlannedPopulation {
  /** Of the units. */
  readonly kind: string;
  /**
   * Columns `k0` … (group keys; of windows the size of the smallest that holds the row comes last), `u` (pseudonym), `r` (record key), then for each measure `n<id>` (rows with a value) and, of a column, `s<id>`
   * (their sum, a DOUBLE, whatever the type and scale of the values) and `m<id>` (of how many of the base column's values it is the sum).
   */
  readonly query: Query;
  /** A unit has one row, with one value: nothing is grouped. */
  readonly flat: boolean;
  /** By measure: `Measure.base`; undefined where the values are its column's own. */
  readonly bases: readonly (string | null | undefined)[];
}

/** @param rows written with units as pseudonyms (`BlockOptions.acrossDatasets`) */
export function populationQuery(rows: Rows, keys: readonly Expr[], measures: readonly (PlannedMeasure & { readonly made: Made | null })[], unit: { readonly kind: string; readonly column: Column; readonly recordKey: Column; readonly nullable: boolean; readonly oneRow: boolean }): PlannedPopulation {
  const u = columnExpr(rows, unit.column);
  const r = columnExpr(rows, unit.recordKey);
  const grouped = [...keys.map((expr, i) => ({ name: `k${i}`, expr })), { name: 'u', expr: u }];
  const added = measures.flatMap((measure) => {
    const { id } = measure.measure;
    const row = rowForm(rows, measure);
    const each = timesOf(rows, measure.made);
    const read = unit.oneRow ? ofOneRow(row, each) : ofRows(row, each);
    return [
      { name: `n${id}`, expr: read.count },
      ...(read.sum === null ? [] : [{ name: `s${id}`, expr: inValues(read.sum, measure) }, { name: `m${id}`, expr: read.made }]),
    ];
  });
  const named = [...grouped, { name: 'r', expr: unit.oneRow ? r : sql.call('max', [r]) }, ...added];
  const written = sql.fewFilters(named.map(({ expr }) => expr));
  const items = named.map(({ name, expr }, i): SelectItem => ({ kind: 'expr', expr: written[i] ?? expr, alias: name }));
  const where = and([...rows.block.where, ...(unit.nullable ? [sql.isNotNull(u)] : [])]);
  return {
    kind: unit.kind, flat: unit.oneRow && measures.every(({ made }) => made === null || made.rows.length === 0), bases: measures.map(({ made }) => made?.base),
    query: asQuery({ ...empty(items, rows.block), where, ...(unit.oneRow ? {} : { group: sql.groupBy(grouped.map(({ expr }) => expr)) }) }),
  };
}

interface Added {
  readonly count: Expr;
  readonly sum: Expr | null;
  readonly made: Expr;
}

function ofRows(row: RowForm, each: Expr | null): Added {
  const count = countRows(row, null);
  return {
    count,
    sum: row.value === null ? null : sql.call('sum', [row.value], { filter: row.condition }),
    // A factor may have a value where the product has none.
    made: each === null ? count : sql.cast(sql.call('sum', [each], { filter: counting(row) }), 'BIGINT'),
  };
}

/** What the only row of a unit adds: nothing is to be grouped. Its sum is its value, whether it counts or not: many conditions share it. */
function ofOneRow(row: RowForm, each: Expr | null): Added {
  const { value } = row;
  const counts = counting(row);
  const one = sql.cast(sql.integer(1), 'BIGINT');
  const ifCounted = (then: Expr): Expr => (counts === null ? then : sql.when(counts, then, sql.cast(sql.integer(0), 'BIGINT')));
  return { count: ifCounted(one), sum: value, made: ifCounted(each === null ? one : sql.cast(each, 'BIGINT')) };
}

/** The condition that a row has a value. */
const counting = ({ value, condition }: RowForm): Expr | null => and([condition, value === null ? null : sql.isNotNull(value)].filter((part) => part !== null));

/** Of how many values of its base each value is made; null: of one. */
function timesOf(rows: Rows, made: Made | null): Expr | null {
  const [first, ...others] = (made?.rows ?? []).map((column) => columnExpr(rows, column));
  return first === undefined ? null : others.reduce((product, each) => sql.operator('*', product, each), first);
}

/** A sum of units of 10^-scale as a sum of values: the same contribution is the same number, however it was written. */
function inValues(sum: Expr, { measure: { of }, exact }: PlannedMeasure): Expr {
  const values = sql.cast(sum, 'DOUBLE');
  return exact?.kind === 'as-is' || of.kind === 'rows' || of.scale === 0 ? values : sql.operator('/', values, sql.double(10 ** of.scale));
}
