/**
 * Units of a small slice of the data as witnesses. That ten units are in a cell, or in its group and not in the cell, is proved by any ten
 * of them, so that a cell of thousands need not be counted. A unit's dense key is its rank by pseudonym: a slice of keys is a sample without
 * design, and rows are stored in its order, so that only that part of a table is read.
 */
import type { Cell, ClassCell } from '../../release/cells.ts';
import type { EngineValue } from '../../engine/value.ts';
import type { Expr, Query } from '../query.ts';
import { columnExpr, type Rows, type UnitNeed } from './cell-query.ts';
import * as sql from './syntax.ts';

/** Dense keys below it are in the slice. */
const SLICE = 2n ** 12n;
/** Pseudonyms of 127 bits below it are: one in 64. */
const PSEUDONYM_SLICE = 2n ** 121n;

export interface Asked<Row> {
  readonly query: Query;
  readonly decode: (row: readonly EngineValue[]) => Row;
}

/** Those of one kind: in each cell, and in each group whatever their sensitive attributes are (null where nothing sensitive is asked for). */
export interface PlannedWitnesses {
  readonly kind: string;
  /** Of units, ≥ 0. */
  readonly minimum: number;
  readonly cells: Asked<Cell>;
  readonly classes: Asked<ClassCell> | null;
}

/** The rows of the slice. @param pseudonyms whether rows name units by their pseudonyms */
export function inSlice(rows: Rows, { column }: UnitNeed, pseudonyms: boolean): Rows {
  const limit: Expr = pseudonyms ? sql.cast(sql.integer(PSEUDONYM_SLICE), 'HUGEINT') : sql.integer(SLICE);
  return { ...rows, block: { ...rows.block, where: [...rows.block.where, sql.compare(columnExpr(rows, column), '<', limit)] } };
}
