/**
 * Capacity inequalities: what every pattern has to hide of some cells, whichever they are, so that a demand is met.
 *
 * For any multipliers of the equations, the cell's movement is a sum of multiples of other movements, and none of these goes further
 * than its cell's bounds, nor anywhere where the cell is shown. So the multiples of the ranges of what is hidden make up for the
 * need, or the demand is not met. True for any multipliers, whoever proposed them; the best come from the attacker's linear program.
 *
 * Source: Fischetti and Salazar, "Models and algorithms for optimizing cell suppression in tabular data with linear
 * constraints", Journal of the American Statistical Association 95 (2000), 916–928, (13).
 */
import { roleIn, type Demand } from './demand.ts';
import type { FlowState } from './network.ts';
import type { Problem, Uses } from './problem.ts';

/** Σ share·(1 where the pattern hides the cell) ≥ 1 over open cells; shares are in (0, 1]. */
export type CapacityCut = ReadonlyMap<number, number>;

/** Σ coefficient·(1 where the pattern hides the cell) ≥ `atLeast` over open cells. */
export interface Row {
  readonly terms: ReadonlyMap<number, number>;
  readonly atLeast: number;
}

/** Ranges beyond this are without a limit. */
export const ENDLESS = 2 ** 51;

/** Shares are rounded up to multiples of this: what is asked for gets no more. */
const GRAIN = 1e-9;
/** Shares lack a cut by more than this, or it tells nothing new. */
export const LACKS = 1e-4;
/** Smaller ones a solver may overlook. */
const LEAST = 1e-6;

/**
 * @param bounds how far each cell can move the demanded one at most, in steps; the same cell may come several times
 * @returns null where what is hidden in any case may be enough
 */
export function capacityCut(problem: Problem, demand: Demand, own: number, bounds: Iterable<readonly [cell: number, by: number]>): CapacityCut | null {
  const open = new Map<number, number>();
  let rest = demand.need - own;
  for (const [cell, by] of bounds) {
    if (by <= 0) continue;
    const role = roleIn(problem, demand, cell);
    if (role === 'hidden') rest -= by;
    else if (role === 'open') open.set(cell, (open.get(cell) ?? 0) + by);
    if (rest <= 0) return null;
  }
  if (rest <= 0 || open.size === 0) return null;
  return new Map([...open].map(([cell, by]) => [cell, Math.min(1, Math.max(LEAST, Math.ceil(Math.min(by, rest) / rest / GRAIN) * GRAIN))]));
}

/** What each single equation around the demanded cell asks for: found without a program. */
export function cutsAround(problem: Problem, uses: Uses, { rise, room }: Pick<FlowState, 'rise' | 'room'>, demand: Demand): readonly CapacityCut[] {
  const [up, down] = [rise[demand.cell] ?? 0, room[demand.cell] ?? 0];
  return (uses[demand.cell] ?? []).flatMap(([equation, of]) => {
    const others = (problem.equations[equation] ?? []).filter(([cell]) => cell !== demand.cell);
    const along = (direction: 1 | -1) => others.map(([cell, coefficient]) => [cell, (coefficient * of * direction < 0 ? rise[cell] : room[cell]) ?? 0] as const);
    return [capacityCut(problem, demand, 0, [...along(1), ...along(-1)]), capacityCut(problem, demand, up, along(-1)), capacityCut(problem, demand, down, along(1))].filter((cut) => cut !== null);
  });
}

/** Whether a pattern, or the shares of several, has what the cut asks for. */
export function isLacking(cut: CapacityCut, share: (cell: number) => number): boolean {
  let sum = 0;
  for (const [cell, of] of cut) sum += of * share(cell);
  return sum < 1 - LACKS;
}

/**
 * Of an equation in which nothing is hidden but one cell, everybody knows that cell: it covers nothing, and no cheapest pattern has it. So
 * in each equation with nothing hidden in any case, as much as a cell is, others are together (bridgeless inequalities, ibid.).
 * @returns those that the shares lack
 */
export function bridgeless(problem: Problem, share: (cell: number) => number, most: number): readonly Row[] {
  const found: Row[] = [];
  for (const equation of problem.equations) {
    const open = equation.flatMap(([cell]) => {
      const of = problem.cells[cell];
      return of?.state === 'open' && of.width === 0n && of.owner === null ? [cell] : [];
    });
    if (equation.some(([cell]) => problem.cells[cell]?.state === 'hidden' || (problem.cells[cell]?.width ?? 0n) > 0n)) continue;
    const all = open.reduce((sum, cell) => sum + share(cell), 0);
    for (const cell of open) {
      if (2 * share(cell) - all <= LACKS) continue;
      found.push({ terms: new Map(open.map((other) => [other, other === cell ? -1 : 1])), atLeast: 0 });
      if (found.length >= most) return found;
    }
  }
  return found;
}

/**
 * No pattern that has what all cuts ask for costs less. Each cut in turn takes from the prices of its cells as much as the cheapest
 * has left (dual ascent): a feasible solution of the dual program, found without a solver.
 */
export function cheapBound(cuts: readonly CapacityCut[], price: ArrayLike<number>): number {
  const left = Float64Array.from(price);
  let bound = 0;
  // Those with few cells first: they share the fewest.
  for (const cut of [...cuts].sort((a, b) => a.size - b.size)) {
    let most = Infinity;
    for (const [cell, share] of cut) most = Math.min(most, (left[cell] ?? Infinity) / share);
    if (most <= 0 || most === Infinity) continue;
    bound += most;
    for (const [cell, share] of cut) left[cell] = Math.max(0, (left[cell] ?? Infinity) - most * share);
  }
  return bound;
}
