/**
 * The cheapest pattern the slow way: all patterns in the order of their cost, each against an attacker who tries all tables. No code of the
 * suppression takes part. For problems of a dozen open cells and small widths.
 */
import type { Problem } from '#sandbox/sdc/secondary/problem.ts';

/** By how much a cell is moved at most when tables are tried. */
const FARTHEST = 6;

interface View {
  readonly cell: number;
  readonly need: number;
  readonly still: (owner: number) => boolean;
}

/** By cell: `4 · tables − 3` inside a table and `4 · tables` for a margin, up to half as much again for the largest number that it hangs together with. */
export function pricesOf({ cells, equations }: Problem): readonly number[] {
  const known = new Set(cells.flatMap(({ state }, i) => (state === 'fixed' ? [i] : [])));
  const open = () => equations.map((equation) => equation.map(([i]) => i).filter((i) => !known.has(i)));
  for (let last = open().find((list) => list.length === 1); last !== undefined; last = open().find((list) => list.length === 1)) known.add(last[0]!);
  const size = (i: number): number => Math.max(1, Math.abs(Number(cells[i]!.value)), Number(cells[i]!.width));
  const largest = cells.map((_, i) => size(i));
  for (let round = 0; round < cells.length; round++) {
    for (const list of open()) {
      const most = Math.max(...list.map((i) => largest[i]!));
      for (const i of list) largest[i] = most;
    }
  }
  return cells.map((cell, i) => (1 + Math.abs(Number(cell.value)) / (largest[i]! + 1) / 2) * (4 * cell.cells - (cell.margin ? 0 : 3)));
}

/** Cost of the cheapest pattern that gives every protected cell its width, or as much of it as hiding everything gives. */
export function cheapestOfAll(problem: Problem): number {
  const open = problem.cells.flatMap(({ state, owner }, i) => (state === 'open' && owner === null ? [i] : []));
  const views = viewsOf(problem, new Set(open));
  const prices = pricesOf(problem);
  const patterns = Array.from({ length: 2 ** open.length }, (_, bits) => {
    const cells = open.filter((__, i) => (bits >> i) % 2 === 1);
    return { cells: new Set(cells), cost: cells.reduce((sum, cell) => sum + prices[cell]!, 0) };
  }).sort((a, b) => a.cost - b.cost);
  const cheapest = patterns.find(({ cells }) => views.every((view) => reaches(problem, cells, view)));
  if (cheapest === undefined) throw new Error('hiding everything is not enough');
  return cheapest.cost;
}

function viewsOf(problem: Problem, all: ReadonlySet<number>): readonly View[] {
  return problem.cells.flatMap(({ width, owner, value }, cell): View[] => {
    if (width === 0n) return [];
    const owners = [...new Set(problem.cells.flatMap((other) => (other.owner === null || other.owner === owner ? [] : [other.owner])))];
    const view = (still: View['still']): View => {
      let need = Number(width);
      while (!reaches(problem, all, { cell, need, still })) need--;
      return { cell, need, still };
    };
    const everybody = view((other) => other !== owner);
    if (everybody.need === Number(width)) return [everybody];
    const others = [view(() => false), ...(owners.length < 2 ? [] : owners.map((one) => view((other) => other === one)))];
    return value === 0n ? others.slice(0, 1) : [everybody, ...(owners.length === 0 ? [] : others)];
  });
}

function reaches(problem: Problem, pattern: ReadonlySet<number>, { cell, need, still }: View): boolean {
  const isMoving = problem.cells.map(({ state, owner }, i) => (state === 'hidden' || pattern.has(i)) && (owner === null || !still(owner)));
  const possible = (by: number): boolean => exists(problem, isMoving, cell, by);
  let [up, down] = [0, 0];
  while (up < need && possible(up + 1)) up++;
  while (up + down < need && possible(-down - 1)) down++;
  return up + down >= need;
}

/** Whether some table keeps all equations with the cell moved by so much. */
function exists({ cells, equations }: Problem, isMoving: readonly boolean[], cell: number, by: number): boolean {
  const moved = new Map<number, number>();
  const isIn = (i: number, change: number): boolean => {
    const { value, low, high } = cells[i]!;
    const now = value + BigInt(change);
    return Math.abs(change) <= FARTHEST && (low === null || now >= low) && (high === null || now <= high);
  };
  const search = (): boolean => {
    let free: number | null = null;
    for (const equation of equations) {
      const open = equation.filter(([i]) => isMoving[i] === true && !moved.has(i));
      const sum = equation.reduce((total, [i, coefficient]) => total + coefficient * (moved.get(i) ?? 0), 0);
      if (open.length === 0 && sum !== 0) return false;
      if (open.length === 1) return attempt(open[0]![0], [-sum * open[0]![1]]);
      if (open.length > 1 && sum !== 0) free ??= open[0]![0];
    }
    // Nothing has to be made up for: all others stay as they are.
    return free === null || attempt(free, [...Array(2 * FARTHEST + 1).keys()].map((i) => i - FARTHEST));
  };
  const attempt = (i: number, changes: readonly number[]): boolean => {
    for (const change of changes) {
      if (!isIn(i, change)) continue;
      moved.set(i, change);
      if (search()) return true;
      moved.delete(i);
    }
    return false;
  };
  return attempt(cell, [by]);
}
