/**
 * Any linked tables: several hierarchies, three and more dimensions. A witness is found as a small integer program, the cheapest
 * change that moves the cell. The solver calculates in floating point and is only asked for a proposal; what it says is
 * rounded and proved exactly by `isWitness`.
 */
import type { Flow, FlowState } from './network.ts';
import type { Problem } from './problem.ts';

/** Solves a program in CPLEX LP format; values by variable, or null where it has no optimal solution. Deterministic. */
export type LinearSolver = (program: string) => ReadonlyMap<string, number> | null;

/** Steps that a change is divided into: enough for proportions, few enough to be exact in floating point. */
const RESOLUTION = 1000;

export function solveForFlow(problem: Problem, state: FlowState, solver: LinearSolver, cell: number, direction: 1 | -1, amount: number): Flow {
  const none: Flow = { steps: 0, change: new Map([[cell, 0]]), cost: 0 };
  const possible = Math.min(amount, (direction > 0 ? state.rise[cell] : state.room[cell]) ?? 0);
  const step = Math.max(1, Math.ceil(amount / RESOLUTION));
  const wanted = Math.ceil(possible / step);
  const usable = problem.cells.map((_, i) => i).filter((i) => i === cell || (state.cost[i] ?? Infinity) < Infinity);
  const steps = (room: number | undefined) => Math.min(Math.floor((room ?? 0) / step), RESOLUTION * RESOLUTION);
  const room = (i: number) => steps(state.room[i]);
  const rise = (i: number) => steps(state.rise[i]);

  const equations = problem.equations.map((equation) => equation.filter(([i]) => i === cell || (state.cost[i] ?? Infinity) < Infinity)).filter((equation) => equation.length > 0);
  const constraints = equations.map((equation, e) =>
    ` e${e}: ${equation.map(([i, coefficient]) => (coefficient > 0 ? `+ u${i} - d${i}` : `- u${i} + d${i}`)).join(' ')} = 0`);
  const others = usable.filter((i) => i !== cell);
  const reach = direction > 0 ? `u${cell}` : `d${cell}`;
  const still = direction > 0 ? `d${cell}` : `u${cell}`;
  const bounds = [
    ` ${still} = 0`,
    ...others.flatMap((i) => [` 0 <= u${i} <= ${rise(i)}`, ` 0 <= d${i} <= ${room(i)}`]),
  ];
  const integers = [reach, still, ...others.flatMap((i) => [`u${i}`, `d${i}`])];
  const program = (objective: string, target: string) =>
    ['Minimize', ` obj: ${objective}`, 'Subject To', ...constraints, 'Bounds', target, ...bounds, 'Generals', ` ${integers.join(' ')}`, 'End'].join('\n');

  const limit = Math.min(wanted, direction > 0 ? rise(cell) : room(cell));
  const cheapest = others.map((i) => `${((state.cost[i] ?? 0) + 0.001).toFixed(6)} u${i} + ${((state.cost[i] ?? 0) + 0.001).toFixed(6)} d${i}`).join(' + ') || `0 ${reach}`;
  let solution = solver(program(cheapest, ` ${reach} = ${limit}`));
  if (solution === null) {
    // Not that far: how far at all, and then as cheaply as possible.
    const most = Math.round(solver(program(`- ${reach}`, ` 0 <= ${reach} <= ${limit}`))?.get(reach) ?? 0);
    solution = most <= 0 ? null : solver(program(cheapest, ` ${reach} = ${most}`));
  }
  if (solution === null) return none;

  const change = new Map<number, number>();
  let cost = 0;
  for (const i of usable) {
    const moved = (Math.round(solution.get(`u${i}`) ?? 0) - Math.round(solution.get(`d${i}`) ?? 0)) * step;
    if (moved === 0) continue;
    change.set(i, moved);
    if (i !== cell) cost += state.cost[i] ?? 0;
  }
  return { steps: Math.abs(change.get(cell) ?? 0), change, cost };
}
