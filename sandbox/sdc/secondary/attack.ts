/**
 * The attacker's own programs: how far can a demanded cell be moved, by what is hidden? Either far enough, and the movement is a
 * witness; or not, and what holds it back is a capacity cut that the pattern lacks. Of patterns in shares (between 0 and 1,
 * as the relaxed program has them) only cuts are asked for.
 */
import { capacityCut, isLacking, type CapacityCut } from './capacity-cut.ts';
import { roleIn, type Demand } from './demand.ts';
import type { LinearSolver } from './linear.ts';
import type { Work } from './movement.ts';
import type { Flow, FlowState, Network } from './network.ts';
import type { Problem, Uses } from './problem.ts';

export interface Attack {
  /** Whether it costs much less than the programs over shares. */
  readonly isQuick: boolean;
  /** Cuts that the shares lack; none where none was found. */
  readonly cuts: (demand: Demand, share: (cell: number) => number) => readonly CapacityCut[];
}

/** A cell that is looked at, in cells of a program: that one is read, written and calculated with. */
const LOOK = 0.001;
/** Of larger tables only cuts at either end are looked for. */
const FEW_CELLS = 500;
/** Shares of cells that are shown: of the cuts that hold the attacker back alike, those that ask the fewest cells. */
const SLIGHT = 1e-4;

interface Pushed {
  readonly steps: number;
  /** Steps that the cell itself can go, where that holds it back. */
  readonly own: number;
  /** Else nodes that cells which hold it back lead out of, from either end. */
  readonly sides: readonly [Uint8Array | null, Uint8Array | null];
  readonly flow: Flow;
}

/** Tables that are a network: maximal flows and minimal cuts, without a solver and in whole numbers where shares are 0 and 1. */
export class NetworkAttack implements Attack {
  readonly isQuick = true;
  readonly #problem: Problem;
  readonly #network: Network;
  readonly #state: Pick<FlowState, 'rise' | 'room'>;
  readonly #work: Work;
  readonly #through: Int32Array;

  constructor(problem: Problem, network: Network, state: Pick<FlowState, 'rise' | 'room'>, work: Work) {
    this.#problem = problem;
    this.#network = network;
    this.#state = state;
    this.#work = work;
    this.#through = new Int32Array(network.nodes);
  }

  /** Movements of what is hidden in any case and of the pattern that meet the demand; null where there are none, or no work is left. */
  flows(demand: Demand, pattern: ReadonlySet<number>): readonly Flow[] | null {
    const shares = this.#shares(demand, (cell) => (pattern.has(cell) ? 1 : 0));
    const up = this.#push(demand, 1, demand.need, shares);
    if (up.steps >= demand.need) return [up.flow];
    const down = this.#push(demand, -1, demand.need - up.steps, shares);
    return up.steps + down.steps < demand.need ? null : [up.flow, down.flow].filter(({ steps }) => steps > 0);
  }

  cuts(demand: Demand, share: (cell: number) => number): readonly CapacityCut[] {
    return (this.#problem.cells.length > FEW_CELLS ? [0] : [SLIGHT, 0]).flatMap((least) => {
      const shares = this.#shares(demand, (cell) => Math.max(least, share(cell)));
      const [up, down] = [this.#push(demand, 1, demand.need, shares), this.#push(demand, -1, demand.need, shares)];
      if (this.#work.left < 0) return [];
      const own = up.own + down.own;
      // Nearest to one end of the movement, and to the other.
      return ([0, 1] as const).map((end) => capacityCut(this.#problem, demand, own, [...this.#across(demand.cell, up.sides[end]), ...this.#across(demand.cell, down.sides[end])]))
        .filter((cut) => cut !== null).filter((cut) => isLacking(cut, share));
    });
  }

  #shares(demand: Demand, share: (cell: number) => number): Float64Array {
    return Float64Array.from(this.#problem.cells, (_, cell) => {
      const role = roleIn(this.#problem, demand, cell);
      return role === 'hidden' ? 1 : role === 'open' ? share(cell) : 0;
    });
  }

  /** Shortest augmenting paths, until what is around holds the cell back (`sides`) or its own range does (`own`). */
  #push({ cell: target, need }: Demand, direction: 1 | -1, amount: number, shares: Float64Array): Pushed {
    const { from, to } = this.#network;
    const { rise, room } = this.#state;
    const own = (direction > 0 ? rise[target] : room[target]) ?? 0;
    const possible = Math.min(amount, own);
    const [source, sink] = direction > 0 ? [to[target] ?? 0, from[target] ?? 0] : [from[target] ?? 0, to[target] ?? 0];
    const change = new Map<number, number>();
    const least = need * 1e-9;
    const left = (cell: number, raise: boolean): number => {
      if (cell === target) return 0;
      // No path carries more than is needed.
      const most = Math.min(need, (raise ? rise[cell] : room[cell]) ?? 0) * (shares[cell] ?? 0);
      return raise ? most - (change.get(cell) ?? 0) : most + (change.get(cell) ?? 0);
    };
    let steps = 0;
    while (possible - steps > least && source !== sink) {
      const reached = this.#reach(source, sink, (cell, raise) => left(cell, raise) > least);
      if (reached[sink] === 0 || this.#work.left < 0) {
        const back = this.#reach(sink, source, (cell, raise) => left(cell, !raise) > least);
        return { steps, own: 0, sides: [reached, back.map((is) => 1 - is)], flow: this.#flow(target, direction * steps, change) };
      }
      let width = possible - steps;
      const path: (readonly [cell: number, raise: boolean])[] = [];
      for (let node = sink; node !== source;) {
        const cell = this.#through[node] ?? 0;
        const raise = to[cell] === node;
        path.push([cell, raise]);
        width = Math.min(width, left(cell, raise));
        node = (raise ? from[cell] : to[cell]) ?? 0;
      }
      for (const [cell, raise] of path) change.set(cell, (change.get(cell) ?? 0) + (raise ? width : -width));
      steps += width;
    }
    return { steps, own, sides: [null, null], flow: this.#flow(target, direction * steps, change) };
  }

  #flow(target: number, by: number, change: ReadonlyMap<number, number>): Flow {
    return { steps: Math.abs(by), change: new Map([...change, [target, by]]), cost: 0, certain: true };
  }

  /** Breadth first, up to the end. The way to each node is in `#through`. */
  #reach(start: number, end: number, isOpen: (cell: number, raise: boolean) => boolean): Uint8Array {
    const { from, to, at, nodes } = this.#network;
    const reached = new Uint8Array(nodes);
    reached[start] = 1;
    const queue = [start];
    for (let head = 0; head < queue.length && reached[end] === 0; head++) {
      const node = queue[head] ?? 0;
      const cells = at[node] ?? [];
      this.#work.left -= cells.length * LOOK;
      for (let k = 0; k < cells.length; k++) {
        const cell = cells[k] ?? 0;
        const raise = from[cell] === node;
        const other = (raise ? to[cell] : from[cell]) ?? 0;
        if (reached[other] === 1 || !isOpen(cell, raise)) continue;
        reached[other] = 1;
        this.#through[other] = cell;
        queue.push(other);
      }
    }
    return reached;
  }

  /** Cells that lead out of the side, with how much. */
  *#across(target: number, side: Uint8Array | null = null): Generator<readonly [number, number]> {
    if (side === null) return;
    const { from, to } = this.#network;
    const { rise, room } = this.#state;
    for (let cell = 0; cell < from.length; cell++) {
      const [start, end] = [side[from[cell] ?? 0], side[to[cell] ?? 0]];
      if (cell !== target && start !== end) yield [cell, (start === 1 ? rise[cell] : room[cell]) ?? 0];
    }
  }
}

/** Ranges in a program, in multiples of the need: more makes it inexact and helps nobody. */
const MOST_NEEDS = 1000;
/** Multipliers of a corner of the attacker's program are fractions with one small denominator. */
const DENOMINATORS = [1, 2, 3, 4, 5, 6, 8, 10, 12, 24, 60];

/** What a program counts as beside its cells. */
const OVERHEAD = 50;

/** Any tables: the attacker's linear program, with the multipliers of its optimum. */
export class LinearAttack implements Attack {
  readonly isQuick = false;
  readonly #problem: Problem;
  readonly #uses: Uses;
  readonly #state: Pick<FlowState, 'rise' | 'room'>;
  readonly #solver: LinearSolver;
  readonly #work: Work;

  constructor(problem: Problem, uses: Uses, state: Pick<FlowState, 'rise' | 'room'>, solver: LinearSolver, work: Work) {
    this.#problem = problem;
    this.#uses = uses;
    this.#state = state;
    this.#solver = solver;
    this.#work = work;
  }

  cuts(demand: Demand, share: (cell: number) => number): readonly CapacityCut[] {
    for (const least of [SLIGHT, 0]) {
      const [up, down] = [this.#held(demand, 1, share, least), this.#held(demand, -1, share, least)];
      if (up === null || down === null) return [];
      const cut = capacityCut(this.#problem, demand, 0, [...up, ...down]);
      if (cut !== null && isLacking(cut, share)) return [cut];
    }
    return [];
  }

  /** How far each cell can move the demanded one at most, by the multipliers that hold it back most; null where no work is left. */
  #held(demand: Demand, direction: 1 | -1, share: (cell: number) => number, least: number): readonly (readonly [number, number])[] | null {
    const { cell: target, need } = demand;
    const { rise, room } = this.#state;
    const bounds: string[] = [];
    const moves = new Set<number>();
    for (const cell of this.#problem.cells.keys()) {
      const role = roleIn(this.#problem, demand, cell);
      const of = role === 'hidden' ? 1 : role === 'open' ? Math.max(least, share(cell)) : 0;
      if (of === 0) continue;
      const [down, up] = [room[cell], rise[cell]].map((range = 0) => decimal(Math.min(range / need, cell === target || of === least ? 1 : MOST_NEEDS) * of));
      moves.add(cell);
      bounds.push(` -${down} <= v${cell} <= ${up}`);
    }
    this.#work.left -= moves.size + OVERHEAD;
    if (this.#work.left < 0) return null;
    const constraints = this.#problem.equations.flatMap((equation, e) => {
      const terms = equation.filter(([cell]) => moves.has(cell));
      return terms.length === 0 ? [] : [` e${e}: ${terms.map(([cell, coefficient]) => `${coefficient > 0 ? '+' : '-'} v${cell}`).join(' ')} = 0`];
    });
    const found = this.#solver.withMultipliers(['Minimize', ` obj: ${direction > 0 ? '-' : '+'} v${target}`, 'Subject To', ...constraints, 'Bounds', ...bounds, 'End'].join('\n'));
    if (found === null) return null;
    const multipliers = [...found.multipliers].map(([name, value]) => [Number(name.slice(1)), value] as const);
    const denominator = DENOMINATORS.find((by) => multipliers.every(([, value]) => Math.abs(value * by - Math.round(value * by)) < 1e-5));
    if (denominator === undefined) return [[target, direction > 0 ? rise[target] ?? 0 : room[target] ?? 0]];
    // Of both signs one holds back; which depends on the solver's convention.
    const [best = []] = ([1, -1] as const).map((sign) => this.#bounds(target, direction, denominator, multipliers.map(([e, value]) => [e, sign * Math.round(value * denominator)] as const)))
      .sort((a, b) => this.#total(a, demand, share) - this.#total(b, demand, share));
    return best;
  }

  #bounds(target: number, direction: 1 | -1, denominator: number, multipliers: readonly (readonly [equation: number, by: number])[]): readonly (readonly [number, number])[] {
    const { rise, room } = this.#state;
    const multiples = new Map([[target, direction * denominator]]);
    for (const [e, by] of multipliers) if (by !== 0) for (const [cell, coefficient] of this.#problem.equations[e] ?? []) multiples.set(cell, (multiples.get(cell) ?? 0) + by * coefficient);
    return [...multiples].map(([cell, by]) => [cell, (by > 0 ? by * (rise[cell] ?? 0) : -by * (room[cell] ?? 0)) / denominator] as const);
  }

  #total(bounds: readonly (readonly [number, number])[], demand: Demand, share: (cell: number) => number): number {
    return bounds.reduce((sum, [cell, by]) => {
      const role = roleIn(this.#problem, demand, cell);
      return sum + Math.min(by, MOST_NEEDS * demand.need) * (role === 'hidden' ? 1 : role === 'open' ? share(cell) : 0);
    }, 0);
  }
}

/** As the solver reads numbers. */
export const decimal = (value: number): string => (Math.abs(value) < 1e-5 ? value.toFixed(12) : String(value));
