/**
 * Any linked tables: several hierarchies, three and more dimensions. A witness is found as a small linear program, the cheapest
 * change that moves the cell; only where its solution is not whole, as an integer program. The solver calculates in floating
 * point and is only asked for a proposal; what it says is rounded and proved exactly by `isWitness`.
 */
import { NO_FLOW, type Flow, type FlowState } from './network.ts';
import type { Problem, Uses } from './problem.ts';

/** Solves a program in CPLEX LP format; values by variable, or null where it has no optimal solution. Deterministic. */
export type LinearSolver = (program: string) => ReadonlyMap<string, number> | null;

/** Steps that a change is divided into: enough for proportions, few enough to be exact in floating point. */
const RESOLUTION = 1000;
/** Where that is too coarse to move small cells. */
const FINE = 100;
/** Cells around the one to be moved that a program is about: a witness among them is one for all. */
const NEAR = 600;
const FAR = 4000;
/** Open cells of one equation that are looked at first: one or two are enough to make up for a change. */
const OPEN_OF_EQUATION = 12;
/** Cells in all programs for one problem together; about ten seconds. */
const WORK = 1_500_000;

export class LinearRouter {
  readonly #problem: Problem;
  readonly #uses: Uses;
  readonly #state: FlowState;
  readonly #solver: LinearSolver;
  #work = WORK;

  constructor(problem: Problem, uses: Uses, state: FlowState, solver: LinearSolver) {
    this.#problem = problem;
    this.#uses = uses;
    this.#state = state;
    this.#solver = solver;
  }

  /** As `reroute`. */
  route(cell: number, direction: 1 | -1, amount: number, free: boolean): Flow {
    let best: Flow = { ...NO_FLOW, certain: false };
    for (const near of free ? [FAR] : [NEAR, FAR]) {
      const { cells, all } = this.#around(cell, free, near);
      for (const fineness of [1, FINE]) {
        this.#work -= cells.length;
        if (this.#work < 0) return { ...NO_FLOW, certain: false };
        const step = Math.max(1, Math.ceil(amount / (RESOLUTION * fineness)));
        const found = new Program(this.#problem, this.#state, this.#solver, cells, cell, direction, step).flow(amount);
        if (found.steps >= Math.min(amount, this.#reach(cell, direction))) return { ...found, certain: true };
        if (found.steps >= best.steps) best = { ...found, certain: found.certain && all };
        if (step === 1) break;
      }
      if (all) break;
    }
    return best;
  }

  #reach(cell: number, direction: 1 | -1): number {
    return (direction > 0 ? this.#state.rise[cell] : this.#state.room[cell]) ?? 0;
  }

  /** Cells that may move, from equation to equation; hidden ones first. `all`: none was left out. */
  #around(start: number, free: boolean, limit: number): { readonly cells: readonly number[]; readonly all: boolean } {
    const { cost } = this.#state;
    const found = new Set([start]);
    const seen = new Set<number>();
    let all = true;
    for (const cell of found) {
      for (const [equation] of this.#uses[cell] ?? []) {
        if (seen.has(equation)) continue;
        seen.add(equation);
        const others = (this.#problem.equations[equation] ?? []).map(([other]) => other).filter((other) => !found.has(other));
        const hidden = others.filter((other) => cost[other] === 0);
        const open = free ? [] : others.filter((other) => cost[other] !== 0 && (cost[other] ?? Infinity) < Infinity);
        const taken = [...hidden, ...(limit < FAR ? open.slice(0, OPEN_OF_EQUATION) : open)].slice(0, limit - found.size);
        all &&= taken.length === hidden.length + open.length;
        taken.forEach((other) => found.add(other));
      }
    }
    return { cells: [...found], all };
  }
}

/** A change of one cell among the others, in steps of `step` units. */
class Program {
  readonly #state: FlowState;
  readonly #solver: LinearSolver;
  readonly #others: readonly number[];
  readonly #cell: number;
  readonly #direction: 1 | -1;
  readonly #step: number;
  readonly #constraints: readonly string[];

  constructor(problem: Problem, state: FlowState, solver: LinearSolver, cells: readonly number[], cell: number, direction: 1 | -1, step: number) {
    this.#state = state;
    this.#solver = solver;
    this.#cell = cell;
    this.#direction = direction;
    this.#step = step;
    // A cell that can't move by a step is left out.
    this.#others = cells.filter((i) => i !== cell && (this.#steps(state.rise[i]) > 0 || this.#steps(state.room[i]) > 0));
    const moving = new Set([cell, ...this.#others]);
    this.#constraints = problem.equations.flatMap((equation, e) => {
      const terms = equation.filter(([i]) => moving.has(i));
      return terms.length === 0 ? [] : [` e${e}: ${terms.map(([i, coefficient]) => this.#term(i, coefficient)).join(' ')} = 0`];
    });
  }

  flow(amount: number): Flow {
    const wanted = Math.min(Math.ceil(amount / this.#step), this.#limit);
    if (wanted <= 0) return NO_FLOW;
    const whole = this.#whole(wanted);
    if (whole !== null) return whole;
    // Not that far: how far at all, and then as cheaply as possible.
    const most = this.#solve('- t', ` 0 <= t <= ${wanted}`, false)?.get('t');
    if (most === undefined) return { ...NO_FLOW, certain: false };
    const reached = Math.floor(most + 1e-6);
    return reached <= 0 ? NO_FLOW : this.#whole(reached) ?? { ...NO_FLOW, certain: false };
  }

  #whole(reached: number): Flow | null {
    const cheapest = this.#others.map((i) => {
      const cost = ((this.#state.cost[i] ?? 0) + 0.001).toFixed(6);
      return `${cost} u${i} + ${cost} d${i}`;
    }).join(' + ') || '0 t';
    const target = ` t = ${reached}`;
    const relaxed = this.#solve(cheapest, target, false);
    if (relaxed === null) return null;
    const solution = relaxed.values().every((value) => Math.abs(value - Math.round(value)) < 1e-6) ? relaxed : this.#solve(cheapest, target, true);
    if (solution === null) return null;
    const change = new Map([[this.#cell, this.#direction * reached * this.#step]]);
    let cost = 0;
    for (const i of this.#others) {
      const moved = (Math.round(solution.get(`u${i}`) ?? 0) - Math.round(solution.get(`d${i}`) ?? 0)) * this.#step;
      if (moved === 0) continue;
      change.set(i, moved);
      cost += this.#state.cost[i] ?? 0;
    }
    return { steps: reached * this.#step, change, cost, certain: true };
  }

  #solve(objective: string, target: string, whole: boolean): ReadonlyMap<string, number> | null {
    const { rise, room } = this.#state;
    const bounds = this.#others.map((i) => ` 0 <= u${i} <= ${this.#steps(rise[i])}\n 0 <= d${i} <= ${this.#steps(room[i])}`);
    const integers = whole ? ['Generals', ` ${['t', ...this.#others.flatMap((i) => [`u${i}`, `d${i}`])].join(' ')}`] : [];
    return this.#solver(['Minimize', ` obj: ${objective}`, 'Subject To', ...this.#constraints, 'Bounds', target, ...bounds, ...integers, 'End'].join('\n'));
  }

  #term(i: number, coefficient: 1 | -1): string {
    if (i === this.#cell) return coefficient * this.#direction > 0 ? '+ t' : '- t';
    return coefficient > 0 ? `+ u${i} - d${i}` : `- u${i} + d${i}`;
  }

  get #limit(): number {
    return this.#steps(this.#direction > 0 ? this.#state.rise[this.#cell] : this.#state.room[this.#cell]);
  }

  #steps(room: number | undefined): number {
    return Math.min(Math.floor((room ?? 0) / this.#step), RESOLUTION * RESOLUTION);
  }
}
