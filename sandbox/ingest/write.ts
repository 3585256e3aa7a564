/** The final form of a table: kept columns, levels, grid companions, unit keys, row key; clustered by the first unit. */
import { quoteIdentifier } from '../engine/identifier.ts';
import { DEFAULT_SCALE, isDouble } from './column-type.ts';
import { hierarchyJoin, levelColumn } from './hierarchy.ts';
import { pseudonymColumn, type KeyedTable } from './keyed.ts';
import type { UnitColumns } from './units.ts';

/** SELECT that gives the rows of the snapshot in their canonical order. */
export function finalSelect({ plan, staged, name }: KeyedTable, units: readonly UnitColumns[]): string {
  const names = plan.columns.map(([column]) => column);
  const kept = plan.kept.flatMap(([column, { type, scale = DEFAULT_SCALE }]) => {
    const value = `k.${quoteIdentifier(column)}`;
    // round() of the engine: half away from zero. The load was refused where the product does not fit 64 bits.
    return isDouble(type) ? [value, `CAST(round(${value} * ${10 ** scale}) AS BIGINT) AS ${quoteIdentifier(`__fixed_${column}`)}`] : [value];
  });
  const isKept = new Set(plan.kept.map(([column]) => column));
  const hierarchies = staged.hierarchies.filter(({ column }) => isKept.has(column));
  const levels = hierarchies.flatMap((hierarchy, h) => hierarchy.levels.map((level, i) => `h${h}.l${i} AS ${quoteIdentifier(levelColumn(names, hierarchy.column, level))}`));
  const { recordKey } = plan.declared;
  const keys = units.flatMap((unit) => [
    `CAST(${unit.unit} AS BIGINT) AS ${quoteIdentifier(`__unit_${unit.kind}`)}`,
    `${unit.pseudonym} AS ${quoteIdentifier(`__pseudonym_${unit.kind}`)}`,
    `${recordKey === undefined ? unit.recordKey : `CAST(k.${quoteIdentifier(recordKey)} AS UINTEGER)`} AS ${quoteIdentifier(`__record_key_${unit.kind}`)}`,
  ]);
  const joins = [...units.map(({ join }) => join), ...hierarchies.map((hierarchy, h) => hierarchyJoin(hierarchy, `h${h}`))];
  // Unit keys are ranks of pseudonyms, so this is the order of the first unit's keys.
  const order = [...units.slice(0, 1).map(({ kind }) => `k.${pseudonymColumn(kind)}`), 'k.__row_key'];
  return `SELECT ${[...kept, ...levels, ...keys, 'k.__row_key'].join(', ')} FROM ${name} k ${joins.join(' ')} ORDER BY ${order.join(', ')}`;
}
