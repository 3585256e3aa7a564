/**
 * Linear programs about cells that move up and down together, as text for the solver. It is kept short: reading it takes the
 * solver longer than solving it.
 */
import type { LinearSolver } from './linear.ts';
import type { Problem, Uses } from './problem.ts';

/** A cell that may move, by how many steps, and what each step costs. */
export interface Mover {
  readonly cell: number;
  readonly up: number;
  readonly down: number;
  readonly costUp: number;
  readonly costDown: number;
}

/** Movements beyond this are not looked for; floating point stays exact below. */
export const MOST_STEPS = 1_000_000;

/** Cells in programs that may still be solved; whole numbers count several times. */
export interface Work {
  left: number;
}

/** How much longer the solver takes for whole numbers, roughly. */
const WHOLE_COSTS = 4;

export class Movement {
  readonly #problem: Problem;
  readonly #uses: Uses;
  readonly #solver: LinearSolver;
  readonly #work: Work;

  constructor(problem: Problem, uses: Uses, solver: LinearSolver, work: Work) {
    this.#problem = problem;
    this.#uses = uses;
    this.#solver = solver;
    this.#work = work;
  }

  /**
   * The cheapest movement that keeps every equation, by cell; null where there is none, or no work is left to find it.
   * @param given cells that move by so much in any case. @param whole whether all movements are to be whole; they may be anyway
   */
  cheapest(movers: readonly Mover[], given: ReadonlyMap<number, number>, whole: boolean): ReadonlyMap<number, number> | null {
    const variables = new Map(movers.map(({ cell, up, down }) => [cell, [up > 0 ? `u${cell}` : null, down > 0 ? `d${cell}` : null] as const]));
    this.#work.left -= movers.length * (whole ? WHOLE_COSTS : 1);
    if (this.#work.left < 0) return null;
    const constraints: string[] = [];
    const used = new Set([...variables.keys(), ...given.keys()].flatMap((cell) => this.#uses[cell]?.map(([equation]) => equation) ?? []));
    for (const e of [...used].sort((a, b) => a - b)) {
      let [terms, right] = ['', 0];
      for (const [cell, coefficient] of this.#problem.equations[e] ?? []) {
        right -= coefficient * (given.get(cell) ?? 0);
        const [up = null, down = null] = variables.get(cell) ?? [];
        const [plus, minus] = coefficient > 0 ? [up, down] : [down, up];
        if (plus !== null) terms += ` + ${plus}`;
        if (minus !== null) terms += ` - ${minus}`;
      }
      if (terms !== '') constraints.push(`${terms} = ${right}`);
      else if (right !== 0) return null;
    }
    const objective: string[] = [];
    const bounds: string[] = [];
    for (const { cell, up, down, costUp, costDown } of movers) {
      if (up > 0) objective.push(` ${term(costUp)} u${cell}`);
      if (down > 0) objective.push(` ${term(costDown)} d${cell}`);
      if (up > 0 && up < MOST_STEPS) bounds.push(` u${cell} <= ${up}`);
      if (down > 0 && down < MOST_STEPS) bounds.push(` d${cell} <= ${down}`);
    }
    const names = [...variables.values()].flat().filter((name) => name !== null);
    if (names.length === 0) return new Map(given);
    const solution = this.#solver(['Minimize', ` obj:${objective.join('')}`, 'Subject To', ...constraints, 'Bounds', ...bounds, ...(whole ? ['Generals', ` ${names.join(' ')}`] : []), 'End'].join('\n'));
    if (solution === null) return null;
    const moved = new Map(given);
    for (const { cell } of movers) {
      const net = (solution.get(`u${cell}`) ?? 0) - (solution.get(`d${cell}`) ?? 0);
      if (Math.abs(net) > TOLERANCE) moved.set(cell, (given.get(cell) ?? 0) + (isWhole(net) ? Math.round(net) : net));
    }
    return moved;
  }
}

export const isWhole = (value: number): boolean => Math.abs(value - Math.round(value)) < TOLERANCE;

const TOLERANCE = 1e-6;

function term(cost: number): string {
  const rounded = Number(Math.abs(cost).toFixed(9));
  return `${cost < 0 ? '-' : '+'} ${rounded < 1e-6 ? rounded.toFixed(9) : rounded}`;
}
