/**
 * The rows of a gate of windows: each with its rank among the values of its group, the position whose region that falls into, and
 * the smallest window around the position that holds it. Ties are broken by unit (by its record key, which is the same in whatever query), so that the same rows are always in the same window.
 */
import { boundaryOf, centreOf, reachOf, WINDOW_SIZES, type Positions } from '#sandbox/sdc/trimmed.ts';
import type { Expr, Frame, Over, Query, SelectItem } from '../query.ts';
import { DEFAULT_FRAME } from '../query.ts';
import type { Column } from '../relation.ts';
import { asQuery, type Block, type Blocks } from './blocks.ts';
import { columnExpr, empty, rowForm, type Rows } from './cell-query.ts';
import type { PlannedMeasure } from './measures.ts';
import * as sql from './syntax.ts';

export interface Ranked {
  readonly block: Block;
  /** Index of the smallest window that holds the row; `WINDOW_SIZES` for a row without a value. */
  readonly size: Expr;
}

/**
 * @param keys written over `rows`
 * @param ties what orders rows with the same value
 * @param read columns of the rows that the cell query needs
 * @param smallest units of the smallest window, ≥ 1
 * @param position shown by the new block
 */
export function rankedRows(blocks: Blocks, rows: Rows, keys: readonly Expr[], measure: PlannedMeasure, ties: readonly Column[], read: readonly Column[], positions: Positions, smallest: number, position: Column): Ranked {
  const { value } = rowForm(rows, measure);
  if (value === null) throw new Error('windows are of values');
  const shown = read.filter((column) => rows.block.columns.has(column));
  const items = shown.map((column, i): SelectItem => ({ kind: 'expr', expr: columnExpr(rows, column), alias: `c${i}` }));
  const over = (order: readonly Expr[], frame: Frame): Over => ({ partition: keys, order: order.map((expr) => ({ expr, descending: false, nulls: 'last' })), frame });
  const window = (name: string, args: readonly Expr[], of: Over): Expr => ({ kind: 'window', name, args, distinct: false, filter: null, ignoreNulls: false, order: [], over: of, at: null });
  const [rank, count] = ['r', 'n'];
  const ranked: Query = asQuery({
    ...empty([
      ...items,
      { kind: 'expr', alias: rank, expr: sql.operator('-', window('row_number', [], over([value, ...ties.map((tie) => columnExpr(rows, tie))], DEFAULT_FRAME)), sql.integer(1)) },
      { kind: 'expr', alias: count, expr: window('count', [value], over([], DEFAULT_FRAME)) },
    ], rows.block),
  });
  const inner = blocks.alias();
  const [r, n] = [sql.column(inner, rank), sql.column(inner, count)];
  const placed: Query = asQuery(empty([
    ...shown.map((_, i): SelectItem => ({ kind: 'expr', expr: sql.column(inner, `c${i}`), alias: `c${i}` })),
    { kind: 'expr', alias: rank, expr: r }, { kind: 'expr', alias: count, expr: n },
    { kind: 'expr', alias: 'p', expr: sql.when(sql.compare(r, '<', n), regionOf(positions, r, n), zero) },
  ], { from: { kind: 'derived', query: ranked, alias: inner, columns: [], at: null }, where: [] }));
  const outer = blocks.alias();
  const column = (name: string): Expr => sql.column(outer, name);
  return {
    block: {
      from: { kind: 'derived', query: placed, alias: outer, columns: [], at: null }, where: [],
      columns: new Map([...shown.map((each, i) => [each, column(`c${i}`)] as const), [position, column('p')]]),
    },
    // Rows without a value are in no window; they come last.
    size: sql.when(sql.compare(column(rank), '<', column(count)), sizeOf(positions, column('p'), column(rank), column(count), smallest), sql.integer(WINDOW_SIZES)),
  };
}

const zero = sql.integer(0);
const added = (parts: readonly Expr[]): Expr => parts.reduce((sum, part) => sql.operator('+', sum, part));
const one = (condition: Expr): Expr => sql.when(condition, sql.integer(1), zero);

/** How many boundaries the rank has reached. */
function regionOf(positions: Positions, r: Expr, n: Expr): Expr {
  const reached = positions.at.slice(1).map((_, i) => one(sql.compare(sql.operator('*', r, sql.integer(2n * positions.of)), '>=', sql.operator('*', n, sql.integer(boundaryOf(positions, i + 1))))));
  return reached.length === 0 ? zero : added(reached);
}

/** How many windows of the position do not hold the rank. */
function sizeOf(positions: Positions, p: Expr, r: Expr, n: Expr, smallest: number): Expr {
  const [first = zero, ...others] = positions.at.map((_, i): Expr => {
    const distance = sql.call('abs', [sql.operator('-', sql.operator('*', r, sql.integer(2n * positions.of)), sql.operator('*', sql.operator('-', n, sql.integer(1)), sql.integer(centreOf(positions, i))))]);
    return added(Array.from({ length: WINDOW_SIZES - 1 }, (_, j) => one(sql.compare(distance, '>', sql.integer(reachOf(positions, i, j, smallest))))));
  });
  if (others.length === 0) return first;
  return { kind: 'case', branches: others.map((then, i) => ({ when: sql.compare(p, '=', sql.integer(i + 1)), then })), otherwise: first, at: null };
}
