/**
 * Any linked tables: several hierarchies, three and more dimensions. A witness is found as a small linear program, the cheapest
 * change that moves the cell; only where its solution is not whole, as an integer program. The solver calculates in floating
 * point and is only asked for a proposal; what it says is rounded and proved exactly by `isWitness`.
 */
import { NO_FLOW, type Flow, type FlowState } from './network.ts';
import { isWhole, MOST_STEPS, Movement, type Mover, type Work } from './movement.ts';
import type { Problem, Uses } from './problem.ts';

/** Solves a program in CPLEX LP format; values by variable, or null where it has no optimal solution. Deterministic. */
export interface LinearSolver {
  (program: string): ReadonlyMap<string, number> | null;
  /** Of a linear program with named constraints also what each is worth at the optimum: its multiplier in the dual program. */
  readonly withMultipliers: (program: string) => { readonly values: ReadonlyMap<string, number>; readonly multipliers: ReadonlyMap<string, number> } | null;
}

/** Steps that a change is divided into: enough for proportions, few enough to be exact in floating point. */
const RESOLUTION = 1000;
/** Where that is too coarse to move small cells. */
const FINE = 100;
/** Cells around the one to be moved that a program is about: a witness among them is one for all. */
const NEAR = [600, 4000];
/** Open cells of one equation that are looked at first: one or two are enough to make up for a change. */
const OPEN_OF_EQUATION = 12;
/** Cheapest solutions that are looked at before whole numbers are asked for. */
const CORNERS = 4;
/** Hidden cells that one program moves for many cells together. */
const MOST_AT_ONCE = 8000;
export class LinearRouter {
  readonly #problem: Problem;
  readonly #uses: Uses;
  readonly #state: FlowState;
  readonly #movement: Movement;
  readonly #work: Work;

  constructor(problem: Problem, uses: Uses, state: FlowState, solver: LinearSolver, work: Work) {
    this.#problem = problem;
    this.#uses = uses;
    this.#state = state;
    this.#work = work;
    this.#movement = new Movement(problem, uses, solver, work);
  }

  /** As `Rerouting.reroute`. */
  route(cell: number, direction: 1 | -1, amount: number, free: boolean): Flow {
    let best: Flow = { ...NO_FLOW, certain: false };
    for (const near of NEAR) {
      const { cells, all } = this.#around(cell, free, near);
      for (const fineness of [1, FINE]) {
        if (this.#work.left <= 0) return { ...NO_FLOW, certain: false };
        const step = Math.max(1, Math.ceil(amount / (RESOLUTION * fineness)));
        const found = new Program(this.#movement, this.#state, cells, cell, direction, step).flow(amount, all || near === NEAR.at(-1));
        if (found.steps >= Math.min(amount, this.#reach(cell, direction))) return { ...found, certain: true };
        if (found.steps >= best.steps) best = { ...found, certain: found.certain && all };
        if (step === 1) break;
      }
      if (all) break;
    }
    return best;
  }

  /**
   * One change of hidden cells that moves these cells as far as they need, or as many of them as far as it can be.
   * @param needs steps by cell, up or down. Empty where none was found
   */
  spread(needs: ReadonlyMap<number, number>): ReadonlyMap<number, number> {
    const { cost, rise, room } = this.#state;
    const step = Math.max(1, Math.ceil(needs.values().reduce((least, need) => Math.min(least, Math.abs(need)), Infinity) / RESOLUTION));
    const movers = [...cost.keys()].filter((cell) => cost[cell] === 0).map((cell): Mover => {
      const need = needs.get(cell);
      const [up, down] = [steps(rise[cell], step), steps(room[cell], step)];
      if (need === undefined) return { cell, up, down, costUp: 1e-6, costDown: 1e-6 };
      const most = Math.ceil(Math.abs(need) / step);
      // As far as its need each counts alike.
      return { cell, up: Math.min(up, most), down: Math.min(down, most), costUp: -step / need, costDown: step / need };
    });
    if (movers.length > MOST_AT_ONCE) return new Map();
    const any = this.#movement.cheapest(movers, new Map(), false);
    const moved = any === null || any.values().every(isWhole) ? any : this.#movement.cheapest(movers.filter(({ cell }) => any.has(cell)), new Map(), true);
    return new Map([...moved ?? []].map(([cell, by]) => [cell, by * step]));
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
        const taken = [...hidden, ...(limit < (NEAR.at(-1) ?? 0) ? open.slice(0, OPEN_OF_EQUATION) : open)].slice(0, limit - found.size);
        all &&= taken.length === hidden.length + open.length;
        taken.forEach((other) => found.add(other));
      }
    }
    return { cells: [...found], all };
  }
}

/** A change of one cell among the others, in steps of `step` units. */
class Program {
  readonly #movement: Movement;
  readonly #state: FlowState;
  readonly #others: readonly number[];
  readonly #cell: number;
  readonly #direction: 1 | -1;
  readonly #step: number;

  constructor(movement: Movement, state: FlowState, cells: readonly number[], cell: number, direction: 1 | -1, step: number) {
    this.#movement = movement;
    this.#state = state;
    this.#cell = cell;
    this.#direction = direction;
    this.#step = step;
    this.#others = cells.filter((i) => i !== cell);
  }

  /** @param last whether no larger program comes after this: then it is looked how far it goes where that is less, and for whole numbers among all cells */
  flow(amount: number, last: boolean): Flow {
    const { rise, room } = this.#state;
    const wanted = Math.min(Math.ceil(amount / this.#step), steps((this.#direction > 0 ? rise : room)[this.#cell], this.#step));
    if (wanted <= 0) return NO_FLOW;
    const whole = this.#whole(wanted, false);
    if (whole !== null) return whole;
    if (!last) return { ...NO_FLOW, certain: false };
    // Not that far: how far at all, and then as cheaply as possible.
    const isUp = this.#direction > 0;
    const target: Mover = { cell: this.#cell, up: isUp ? wanted : 0, down: isUp ? 0 : wanted, costUp: -1, costDown: -1 };
    const most = this.#movement.cheapest([target, ...this.#others.map((i) => this.#mover(i, 0))], new Map(), false);
    if (most === null) return { ...NO_FLOW, certain: false };
    const reached = Math.floor(Math.abs(most.get(this.#cell) ?? 0) + 1e-6);
    return reached <= 0 ? NO_FLOW : this.#whole(reached, true) ?? { ...NO_FLOW, certain: false };
  }

  /** The cheapest change, where a corner of the solutions or one among the cells that such corners move is whole. */
  #whole(reached: number, among: boolean): Flow | null {
    const given = new Map([[this.#cell, this.#direction * reached]]);
    const moved = new Set<number>();
    for (let corner = 0; corner < CORNERS; corner++) {
      const found = this.#movement.cheapest(this.#others.map((i) => this.#mover(i, this.#cost(i, corner))), given, false);
      if (found === null) return null;
      if (found.values().every(isWhole)) return this.#flow(reached, found);
      found.keys().forEach((i) => moved.add(i));
    }
    const movers = this.#others.map((i) => this.#mover(i, this.#cost(i, 0)));
    const found = this.#movement.cheapest(movers.filter(({ cell }) => moved.has(cell)), given, true) ?? (among ? this.#movement.cheapest(movers, given, true) : null);
    return found === null ? null : this.#flow(reached, found);
  }

  #flow(reached: number, moved: ReadonlyMap<number, number>): Flow {
    let cost = 0;
    const change = new Map<number, number>();
    for (const [cell, by] of moved) {
      change.set(cell, by * this.#step);
      if (cell !== this.#cell) cost += this.#state.cost[cell] ?? 0;
    }
    return { steps: reached * this.#step, change, cost, certain: true };
  }

  /** Each corner prefers other ones among cells that cost the same. */
  #cost(cell: number, corner: number): number {
    return (this.#state.cost[cell] ?? 0) + 0.001 * (1 + (corner === 0 ? 0 : (cell * 7919 + corner * 104_729) % 97));
  }

  #mover(cell: number, cost: number): Mover {
    const { rise, room } = this.#state;
    return { cell, up: steps(rise[cell], this.#step), down: steps(room[cell], this.#step), costUp: cost, costDown: cost };
  }
}

const steps = (room: number | undefined, step: number): number => Math.min(Math.floor((room ?? 0) / step), MOST_STEPS);
