/**
 * Chooses what else to hide. One protected cell after the other, the one that needs most first, gets a witness that hides as
 * little as possible; hidden cells are free for the next. Then every further cell that turns out not to be needed is shown again.
 * Deterministic. Every protected cell ends with witnesses that are checked exactly; if one cannot have any, the answer is null
 * and the caller hides the whole table.
 */
import { solveForFlow } from './linear.ts';
import type { LinearSolver } from './linear.ts';
import { FreeCells, networkOf, reroute, toWitness } from './network.ts';
import type { Flow, FlowState, Network } from './network.ts';
import { isWitness, usesOf } from './problem.ts';
import type { Problem, ProblemCell, Uses, Witness } from './problem.ts';

export interface Protection {
  /** Cells to hide that were open. */
  readonly secondary: ReadonlySet<number>;
  /** By protected cell: how far up and how far down it could be. */
  readonly witnesses: ReadonlyMap<number, readonly Witness[]>;
  /** No pattern hides fewer further cells than this: every equation with one hidden cell needs another. */
  readonly atLeast: number;
}

/** Problems beyond this many cells are not handed to the solver. */
const SOLVER_CELLS = 4000;
/** Work for showing cells again, in searches times cells: a few seconds at most. */
const CLEANUP_WORK = 2e8;

/** `free`: only hidden cells may move. */
type Router = (state: FlowState, cell: number, direction: 1 | -1, amount: number, free: boolean) => Flow;

export function protect(problem: Problem, solver: LinearSolver | null): Protection | null {
  const uses = usesOf(problem);
  const targets = problem.cells.map((_, i) => i).filter((i) => (uses[i]?.length ?? 0) > 0 && (problem.cells[i]?.width ?? 0n) > 0n)
    .sort((a, b) => compare(problem.cells[b]?.width ?? 0n, problem.cells[a]?.width ?? 0n) || a - b);
  const atLeast = fewest(problem, uses);
  if (targets.length === 0) return { secondary: new Set(), witnesses: new Map(), atLeast };

  const network = networkOf(problem, uses);
  if (network === null && (solver === null || problem.cells.length > SOLVER_CELLS)) return null;
  const search = new Search(problem, uses, network, solver);

  for (const target of targets) if (!search.protect(target)) return null;
  search.showAgain();
  const witnesses = search.proved();
  return witnesses === null ? null : { secondary: search.secondary, witnesses, atLeast };
}

class Search {
  readonly secondary = new Set<number>();
  readonly #problem: Problem;
  readonly #uses: Uses;
  readonly #route: Router;
  readonly #free: FreeCells | null;
  readonly #state: FlowState;
  readonly #flows = new Map<number, readonly Flow[]>();
  /** Cells that one unit is alone in: nobody's witness may move them but that of the unit's own cells. */
  readonly #owned: ReadonlyMap<number | null, readonly number[]>;
  /** Cell values are counted in steps of this many units, so that a step count is exact in a double. */
  readonly #unit: bigint;

  constructor(problem: Problem, uses: Uses, network: Network | null, solver: LinearSolver | null) {
    this.#problem = problem;
    this.#uses = uses;
    const free = network === null ? null : new FreeCells(network, problem.cells.keys().filter((i) => problem.cells[i]?.state === 'hidden'));
    this.#free = free;
    this.#route = (state, cell, direction, amount, freeOnly) => {
      if (network !== null) return reroute(network, state, cell, direction, amount, freeOnly ? free : null);
      if (solver === null) throw new Error('linked tables that are no network need a solver');
      return solveForFlow(problem, state, solver, cell, direction, amount);
    };
    const largest = problem.cells.reduce((most, { value, width }) => max(most, max(value < 0n ? -value : value, width)), 1n);
    this.#unit = largest / 2n ** 50n + 1n;
    this.#owned = Map.groupBy(problem.cells.keys(), (i) => problem.cells[i]?.owner ?? null);
    const scale = Number(largest / this.#unit) + 1;
    this.#state = {
      room: Float64Array.from(problem.cells, ({ value, low }) => (low === null ? 2 ** 51 : Number(max(value - low, 0n) / this.#unit))),
      rise: Float64Array.from(problem.cells, ({ value, high }) => (high === null ? 2 ** 51 : Number(max(high - value, 0n) / this.#unit))),
      cost: Float64Array.from(problem.cells, (cell) => costOf(cell, Number(cell.value / this.#unit) / scale)),
    };
  }

  /** Hides what the cheapest witnesses of the cell need. */
  protect(target: number): boolean {
    const flows = (this.#free === null ? null : this.#span(target, this.#state, true)) ?? this.#span(target, this.#state, false)
      ?? (this.#problem.cells[target]?.value === 0n ? this.#span(target, this.#withOwned(), false) : null);
    if (flows === null) return false;
    this.#flows.set(target, flows);
    for (const { change } of flows) for (const index of change.keys()) this.#hide(index);
    return true;
  }

  /** Tries to do without each further hidden cell, the largest first. */
  showAgain(): void {
    let work = 0;
    const order = [...this.secondary].sort((a, b) => compare(this.#problem.cells[b]?.value ?? 0n, this.#problem.cells[a]?.value ?? 0n) || a - b);
    for (const index of order) {
      const affected = [...this.#flows].filter(([, flows]) => flows.some(({ change }) => change.has(index))).map(([target]) => target);
      work += affected.length * this.#problem.cells.length;
      if (work > CLEANUP_WORK) return;
      const closed = this.#withHiddenOnly(index);
      const again = new Map<number, readonly Flow[]>();
      const possible = affected.every((target) => {
        const flows = this.#span(target, closed, true);
        if (flows !== null) again.set(target, flows);
        return flows !== null;
      });
      if (!possible) continue;
      for (const [target, flows] of again) this.#flows.set(target, flows);
      this.secondary.delete(index);
      this.#state.cost[index] = costOf(this.#problem.cells[index], 1);
    }
  }

  /** The witnesses in exact numbers, each checked; null if any fails, which only a wrong proposal of the solver could cause. */
  proved(): ReadonlyMap<number, readonly Witness[]> | null {
    const isHidden = (cell: number) => this.#isHidden(cell);
    const witnesses = new Map<number, readonly Witness[]>();
    for (const [target, flows] of this.#flows) {
      const own = flows.map((flow) => toWitness(flow, this.#unit));
      const width = own.reduce((sum, witness) => sum + magnitude(witness.get(target) ?? 0n), 0n);
      if (width < (this.#problem.cells[target]?.width ?? 0n)) return null;
      if (!own.every((witness) => isWitness(this.#problem, this.#uses, isHidden, target, witness))) return null;
      witnesses.set(target, own);
    }
    return witnesses;
  }

  /** Up alone, down alone, or up and down together span the width: the cheapest of these. */
  #span(target: number, general: FlowState, free: boolean): readonly Flow[] | null {
    const { width } = this.#problem.cells[target] ?? { width: 0n };
    const state = this.#ownView(target, general);
    const steps = Number((width + this.#unit - 1n) / this.#unit);
    const up = this.#route(state, target, 1, steps, free);
    if (up.steps >= steps && up.cost === 0) return [up];
    const down = this.#route(state, target, -1, steps, free);
    const candidates: { readonly flows: readonly Flow[]; readonly cost: number }[] = [];
    if (up.steps >= steps) candidates.push({ flows: [up], cost: up.cost });
    if (down.steps >= steps) candidates.push({ flows: [down], cost: down.cost });
    if (down.steps > 0 && down.steps < steps) {
      const rest = this.#route(freed(state, down), target, 1, steps - down.steps, free);
      if (rest.steps + down.steps >= steps) candidates.push({ flows: [down, rest], cost: down.cost + rest.cost });
    }
    if (up.steps > 0 && up.steps < steps) {
      const rest = this.#route(freed(state, up), target, -1, steps - up.steps, free);
      if (rest.steps + up.steps >= steps) candidates.push({ flows: [up, rest], cost: up.cost + rest.cost });
    }
    candidates.sort((a, b) => a.cost - b.cost);
    return candidates[0]?.flows ?? null;
  }

  #ownView(target: number, state: FlowState): FlowState {
    const owner = this.#problem.cells[target]?.owner ?? null;
    const own = owner === null ? [] : this.#owned.get(owner) ?? [];
    if (own.length < 2) return state;
    const cost = state.cost.slice();
    for (const index of own) cost[index] = this.#isHidden(index) ? 0 : Infinity;
    return { ...state, cost };
  }

  /** Lone cells may move as well: for an empty cell, which is nobody's secret. */
  #withOwned(): FlowState {
    const cost = this.#state.cost.map((own, index) => (own === Infinity && this.#isHidden(index) ? 0 : own));
    return { ...this.#state, cost };
  }

  #isHidden(index: number): boolean {
    return this.secondary.has(index) || this.#problem.cells[index]?.state === 'hidden';
  }

  #hide(index: number): void {
    if (this.#problem.cells[index]?.state !== 'open' || this.secondary.has(index)) return;
    this.secondary.add(index);
    this.#free?.add(index);
    this.#state.cost[index] = 0;
  }

  /** Only what is hidden now, without `index`, may move. */
  #withHiddenOnly(index: number): FlowState {
    const cost = this.#state.cost.map((own) => (own === 0 ? 0 : Infinity));
    cost[index] = Infinity;
    return { ...this.#state, cost };
  }
}

/** One for each cell, a little more for a large one, several times as much for a margin: of the cells that show one number, all but one are margins. */
function costOf(cell: ProblemCell | undefined, share: number): number {
  if (cell === undefined || cell.owner !== null || cell.state === 'fixed') return Infinity;
  if (cell.state === 'hidden') return 0;
  return (1 + Math.abs(share) / 2) * (4 * cell.cells - (cell.margin ? 0 : 3));
}

function freed(state: FlowState, flow: Flow): FlowState {
  const cost = state.cost.slice();
  for (const index of flow.change.keys()) if ((cost[index] ?? Infinity) < Infinity) cost[index] = 0;
  return { ...state, cost };
}

/** Every equation with exactly one hidden cell that needs protection must get a second; a cell serves as many equations as it is in. */
function fewest({ cells, equations }: Problem, uses: Uses): number {
  const most = uses.reduce((largest, use) => Math.max(largest, use.length), 1);
  const wanting = equations.filter((equation) => {
    const hidden = equation.filter(([cell]) => cells[cell]?.state === 'hidden');
    return hidden.length === 1 && hidden.some(([cell]) => (cells[cell]?.width ?? 0n) > 0n);
  });
  return Math.ceil(wanting.length / most);
}

const magnitude = (a: bigint) => (a < 0n ? -a : a);
const max = (a: bigint, b: bigint) => (a > b ? a : b);
const compare = (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0);
