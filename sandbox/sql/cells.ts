/** The cells of a gate: the first answer; where declared bounds do not prove enough of a cell, its units counted; windows settled. */
import type { ResultColumn, Value } from '#contract/table.ts';
import type { EngineValue } from '../engine/value.ts';
import type { Cell, ClassCell } from '../release/cells.ts';
import type { GatePlan } from './compile.ts';

/** An engine that holds the raw rows. */
export interface RawRows {
  /** Throws where the engine fails. */
  readonly query: (sql: string) => Promise<readonly (readonly EngineValue[])[]>;
  /** Makes a temporary table. */
  readonly load: (table: string, columns: readonly ResultColumn[], rows: readonly (readonly Value[])[]) => Promise<void>;
  readonly drop: (table: string) => Promise<void>;
}

export async function cellsOf(gate: GatePlan, rows: RawRows): Promise<readonly Cell[]> {
  if (gate.windows === null) return countedCells(gate, rows);
  return gate.windows.settle((await rows.query(gate.sql)).map(gate.decode));
}

/** Absent where nothing sensitive is asked for. */
export async function classesOf({ classes }: GatePlan, rows: Pick<RawRows, 'query'>): Promise<{ readonly classes?: readonly ClassCell[] }> {
  return classes === null ? {} : { classes: (await rows.query(classes.sql)).map(classes.decode) };
}

async function countedCells({ sql, decode, counting }: GatePlan, rows: RawRows): Promise<readonly Cell[]> {
  const cells = (await rows.query(sql)).map(decode);
  if (counting === null) return cells;
  const unproved = new Set(cells.flatMap((cell, i) => (counting.proved(cell) ? [] : [i])));
  if (unproved.size === 0) return cells;
  const { groups, counted } = counting;
  if (groups !== null) await rows.load(groups.table, groups.columns, [...unproved].map((i) => [i, ...(cells[i]?.keys ?? [])]));
  const answer = await rows.query(counting.sql);
  if (groups !== null) await rows.drop(groups.table);
  const known = new Map(answer.map((row) => [groups === null ? 0 : Number(row[0]), row]));
  return cells.map((cell, i) => {
    if (!unproved.has(i)) return cell;
    const row = known.get(i);
    if (row === undefined) throw new Error('a group that was there is not found again');
    return counted(row, cell);
  });
}
