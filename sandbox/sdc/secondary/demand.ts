/**
 * What a pattern of hidden cells has to give: that a protected cell keeps its range, seen by those who know some cells themselves.
 * The demands come from the search for a first pattern, which also finds how much of a range what is fixed leaves.
 */
import type { Problem } from './problem.ts';

/** Those who are alone in some cell: all of them, none, or the one of this number. */
export type Owners = 'all' | 'none' | number;

/** That a cell keeps a range of so many steps. */
export interface Demand {
  readonly cell: number;
  /** Steps, > 0; fewer than the cell's width where what is fixed leaves no more. */
  readonly need: number;
  /** Owners against whom it holds, beside everybody who is alone in no cell. */
  readonly against: Owners;
}

/** `hidden`: moves whatever is hidden besides; `open`: moves where the pattern hides it; `still`: never. */
export type Role = 'hidden' | 'open' | 'still';

/** What the cell can do for the demand. A cell that fails itself is hidden in any case. */
export function roleIn({ cells }: Problem, { cell: target, against }: Demand, cell: number): Role {
  const of = cells[cell];
  if (of === undefined || of.state === 'fixed') return 'still';
  if (of.state === 'open' && of.width === 0n) return of.owner === null ? 'open' : 'still';
  const moves = of.owner === null || of.owner === cells[target]?.owner || (against !== 'all' && of.owner !== against);
  return moves ? 'hidden' : 'still';
}
