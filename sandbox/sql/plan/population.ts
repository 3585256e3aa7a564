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
import * as sql from './syntax.ts';

export interface PlannedPopulation {
  /** Of the units. */
  readonly kind: string;
  /** Columns `k0` … (group keys), `u` (pseudonym), `r` (record key), then for each measure `n<id>` (rows with a value) and, of a column, `s<id>` (their sum). */
  readonly query: Query;
  /** A unit has one row: nothing is grouped. */
  readonly flat: boolean;
}

/** @param rows written with units as pseudonyms (`BlockOptions.acrossDatasets`) */
export function populationQuery(rows: Rows, keys: readonly Expr[], measures: readonly PlannedMeasure[], unit: { readonly kind: string; readonly column: Column; readonly recordKey: Column; readonly nullable: boolean; readonly oneRow: boolean }): PlannedPopulation {
  const u = columnExpr(rows, unit.column);
  const r = columnExpr(rows, unit.recordKey);
  const grouped = [...keys.map((expr, i) => ({ name: `k${i}`, expr })), { name: 'u', expr: u }];
  const added = measures.flatMap((measure) => {
    const { id } = measure.measure;
    const row = rowForm(rows, measure);
    if (unit.oneRow) return singleRow(id, row);
    return [
      { name: `n${id}`, expr: countRows(row, null) },
      ...(row.value === null ? [] : [{ name: `s${id}`, expr: sql.call('sum', [row.value], { filter: row.condition }) }]),
    ];
  });
  const named = [...grouped, { name: 'r', expr: unit.oneRow ? r : sql.call('max', [r]) }, ...added];
  const written = sql.fewFilters(named.map(({ expr }) => expr));
  const items = named.map(({ name, expr }, i): SelectItem => ({ kind: 'expr', expr: written[i] ?? expr, alias: name }));
  const where = and([...rows.block.where, ...(unit.nullable ? [sql.isNotNull(u)] : [])]);
  return { kind: unit.kind, flat: unit.oneRow, query: asQuery({ ...empty(items, rows.block), where, ...(unit.oneRow ? {} : { group: sql.groupBy(grouped.map(({ expr }) => expr)) }) }) };
}

/** What the only row of a unit adds: nothing is to be grouped. */
function singleRow(id: number, { value, condition }: RowForm): readonly { readonly name: string; readonly expr: Expr }[] {
  const counts = and([condition, value === null ? null : sql.isNotNull(value)].filter((part) => part !== null));
  const one = sql.cast(sql.integer(1), 'BIGINT');
  return [
    { name: `n${id}`, expr: counts === null ? one : sql.when(counts, one, sql.cast(sql.integer(0), 'BIGINT')) },
    ...(value === null ? [] : [{ name: `s${id}`, expr: condition === null ? value : sql.when(condition, value) }]),
  ];
}
