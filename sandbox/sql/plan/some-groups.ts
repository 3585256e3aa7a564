/** A query about some of the groups only, for those of which not enough is known. */
import type { ResultColumn } from '#contract/table.ts';
import { and } from '../normal.ts';
import type { Expr, From } from '../query.ts';
import type { Type } from '../types.ts';
import type { Blocks } from './blocks.ts';
import type { Rows } from './cell-query.ts';
import * as sql from './syntax.ts';

/** The temporary table in which the query finds the groups: their number in the column `g`, then their keys. */
export interface SomeGroups {
  readonly table: string;
  readonly columns: readonly ResultColumn[];
}

export interface RowsOfSomeGroups {
  readonly groups: SomeGroups;
  readonly rows: Rows;
  /** The number of a row's group. */
  readonly number: Expr;
}

/** Null where there is one group whatever the data. */
export function ofSomeGroups(blocks: Blocks, rows: Rows, keys: readonly Expr[], types: readonly Type[], table: string): RowsOfSomeGroups | null {
  const { from } = rows.block;
  const alias = blocks.alias();
  const on = and(keys.map((key, i) => sql.compare(key, 'IS NOT DISTINCT FROM', sql.column(alias, `k${i}`))));
  if (on === null || from === null) return null;
  const right: From = { kind: 'table', path: [table], alias, columns: [], at: null };
  return {
    groups: { table, columns: [{ name: 'g', type: 'INTEGER' }, ...types.map((type, i): ResultColumn => ({ name: `k${i}`, type }))] },
    rows: { ...rows, block: { ...rows.block, from: { kind: 'join', join: 'inner', left: from, right, condition: { kind: 'on', expr: on }, at: null } } },
    number: sql.column(alias, 'g'),
  };
}
