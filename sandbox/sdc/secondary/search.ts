/**
 * The first pattern: one protected cell after the other, the one that needs most first, gets the cheapest witness that there is; then every
 * further hidden cell is shown again that turns out not to be needed. What it goes by, and what it can prove, the program for the
 * cheapest pattern takes from here.
 */
import { LinearAttack, NetworkAttack } from './attack.ts';
import { cheapestPattern, costOfPattern } from './cheapest-pattern.ts';
import type { Demand, Owners } from './demand.ts';
import { LinearRouter } from './linear.ts';
import type { LinearSolver } from './linear.ts';
import type { Work } from './movement.ts';
import { FreeCells, networkOf, Rerouting, toWitness } from './network.ts';
import { NO_FLOW, type Flow, type FlowState, type Network } from './network.ts';
import { isWitnessFor, ownersMoved, usesOf } from './problem.ts';
import type { Problem, ProblemCell, Uses, Witness } from './problem.ts';

/** Work for showing cells again, in searches times cells: a few seconds at most. */
const CLEANUP_WORK = 2e8;
/** Changes that are tried for many cells together. */
const ROUNDS = 16;
/** Owners that are looked at one by one where not all can be had at once. */
const MOST_OWNERS = 24;

/** `free`: only hidden cells may move. */
type Router = (cell: number, direction: 1 | -1, amount: number, free: boolean) => Flow;

/** Flows that together move the cell over `reached` steps. `certain`: if that is too little, there is no more. */
interface Span {
  readonly flows: readonly Flow[];
  readonly reached: number;
  readonly certain: boolean;
}

interface Goal extends Demand {
  flows: readonly Flow[];
}

type Witnesses = ReadonlyMap<number, readonly Witness[]>;

export class Search {
  readonly secondary = new Set<number>();
  /** Cells that what is fixed leaves less than they need. */
  readonly short = new Set<number>();
  readonly #problem: Problem;
  readonly #uses: Uses;
  readonly #route: Router;
  readonly #linear: LinearRouter | null;
  readonly #free: FreeCells | null;
  readonly #network: Network | null;
  readonly #state: FlowState;
  readonly #price: Float64Array;
  readonly #goals: Goal[] = [];
  readonly #done = new Set<number>();
  /** Cells that one unit is alone in: nobody's witness may move them but that of the unit's own cells. */
  readonly #owned: ReadonlyMap<number | null, readonly number[]>;
  /** Cell values are counted in steps of this many units, so that a step count is exact in a double. */
  readonly #unit: bigint;

  constructor(problem: Problem, solver: LinearSolver | null, work: Work) {
    const uses = usesOf(problem);
    this.#problem = problem;
    this.#uses = uses;
    const largest = problem.cells.reduce((most, { value, width }) => max(most, max(value < 0n ? -value : value, width)), 1n);
    this.#unit = largest / 2n ** 50n + 1n;
    this.#owned = Map.groupBy(problem.cells.keys(), (i) => problem.cells[i]?.owner ?? null);
    const scale = Number(largest / this.#unit) + 1;
    this.#state = {
      room: Float64Array.from(problem.cells, ({ value, low }) => (low === null ? 2 ** 51 : Number(max(value - low, 0n) / this.#unit))),
      rise: Float64Array.from(problem.cells, ({ value, high }) => (high === null ? 2 ** 51 : Number(max(high - value, 0n) / this.#unit))),
      cost: Float64Array.from(problem.cells, (cell) => priceOf(cell, Number(cell.value / this.#unit) / scale)),
    };
    this.#price = this.#state.cost.slice();
    const network = networkOf(problem, uses);
    const free = network === null ? null : new FreeCells(network, problem.cells.keys().filter((i) => problem.cells[i]?.state === 'hidden'));
    this.#network = network;
    this.#free = free;
    const linear = network !== null || solver === null ? null : new LinearRouter(problem, uses, this.#state, solver, work);
    this.#linear = linear;
    const rerouting = network === null || free === null ? null : new Rerouting(network, this.#state, free);
    this.#route = rerouting === null
      ? (cell, direction, amount, freeOnly) => linear?.route(cell, direction, amount, freeOnly) ?? { ...NO_FLOW, certain: false }
      : (cell, direction, amount, freeOnly) => rerouting.reroute(cell, direction, amount, freeOnly);
  }

  /** False where no witness was found of some cell. */
  protectAll(): boolean {
    const { cells } = this.#problem;
    const targets = cells.map((_, i) => i).filter((i) => (cells[i]?.width ?? 0n) > 0n).sort((a, b) => compare(cells[b]?.width ?? 0n, cells[a]?.width ?? 0n) || a - b);
    this.#protectAtOnce(targets);
    for (const target of targets) if (!this.#protect(target)) return false;
    this.#showAgain();
    return true;
  }

  /** Most cells are safe by what is hidden anyway; a few changes of it show that of all of them. */
  #protectAtOnce(targets: readonly number[]): void {
    const needs = new Map(targets.filter((target) => !this.#done.has(target)).map((target) => [target, this.#steps(target)]));
    for (const [cell, flows] of this.#atOnce(needs)) {
      this.#done.add(cell);
      this.#goals.push({ cell, need: needs.get(cell) ?? 0, against: 'all', flows });
    }
  }

  /** By cell, changes of hidden cells that move it far enough; those that one by one have to be looked at are not there. */
  #atOnce(needs: ReadonlyMap<number, number>): ReadonlyMap<number, readonly Flow[]> {
    const found = new Map<number, readonly Flow[]>();
    if (this.#linear === null || needs.size < 2) return found;
    const best = new Map<number, { readonly up: Flow; readonly down: Flow }>();
    for (let round = 0, idle = 0; round < ROUNDS && idle < 2 && found.size < needs.size; round++) {
      const left = new Map([...needs].filter(([cell]) => !found.has(cell)).map(([cell, need]) => [cell, signIn(round, cell) * need]));
      const change = this.#linear.spread(left);
      const owners = ownersMoved(this.#problem, this.#uses, (index) => this.#isHidden(index), toWitness({ ...NO_FLOW, change }, this.#unit));
      const before = found.size;
      for (const cell of left.keys()) {
        const moved = change.get(cell) ?? 0;
        if (moved === 0 || !isWitnessFor(this.#problem.cells[cell]?.owner ?? null, owners)) continue;
        const flow: Flow = { steps: Math.abs(moved), change, cost: 0, certain: true };
        const { up, down } = best.get(cell) ?? { up: NO_FLOW, down: NO_FLOW };
        const own = moved > 0 ? { up: flow.steps > up.steps ? flow : up, down } : { up, down: flow.steps > down.steps ? flow : down };
        best.set(cell, own);
        if (own.up.steps + own.down.steps >= (needs.get(cell) ?? 0)) found.set(cell, [own.up, own.down].filter(({ steps }) => steps > 0));
      }
      idle = found.size === before ? idle + 1 : 0;
    }
    return found;
  }

  /** Hides what the cheapest witnesses of the cell need. False where none was found and there may be some. */
  #protect(target: number): boolean {
    if (this.#done.has(target)) return true;
    const steps = this.#steps(target);
    const isEmpty = this.#problem.cells[target]?.value === 0n;
    let span = this.#span(target, steps, true);
    if (span.reached < steps) span = this.#span(target, steps, false);
    if (span.reached >= steps || !(isEmpty || span.certain)) return this.#settle(target, steps, span, 'all');
    // That what is beside one's own unit is empty, whoever is alone in a cell knows anyway.
    const butOwners = (against: Owners): boolean => this.#settle(target, steps, this.#with(this.#moving(against), () => this.#span(target, steps, false)), against);
    if (isEmpty) return butOwners('none');
    const owners = [...this.#owned.keys()].filter((owner) => owner !== null && owner !== this.#problem.cells[target]?.owner);
    // What is fixed leaves too little for all at once: then for as many as can be.
    return this.#settle(target, span.reached, span, 'all') && (owners.length === 0 || butOwners('none')) && (owners.length < 2 || owners.slice(0, MOST_OWNERS).every((owner) => butOwners(owner ?? 'none')));
  }

  #settle(cell: number, steps: number, { flows, reached, certain }: Span, against: Owners): boolean {
    if (reached < steps && !certain) return false;
    if (reached < this.#steps(cell)) this.short.add(cell);
    this.#done.add(cell);
    this.#goals.push({ cell, need: Math.min(steps, reached), against, flows });
    for (const flow of flows) for (const index of flow.change.keys()) this.#hide(index);
    if (against === 'all') for (const flow of flows) this.#serveOthers(flow);
    return true;
  }

  /** Whatever else the flow moves far enough needs no flow of its own. */
  #serveOthers(flow: Flow): void {
    const owners = new Set([...flow.change.keys()].flatMap((index) => this.#problem.cells[index]?.owner ?? []));
    for (const [cell, moved] of flow.change) {
      const need = this.#steps(cell);
      if (need === 0 || Math.abs(moved) < need || this.#done.has(cell)) continue;
      const owner = this.#problem.cells[cell]?.owner ?? null;
      if (!owners.values().every((other) => other === owner)) continue;
      this.#done.add(cell);
      this.#goals.push({ cell, need, against: 'all', flows: [flow] });
    }
  }

  /** Tries to do without each further hidden cell, the largest first. */
  #showAgain(): void {
    let work = 0;
    const order = [...this.secondary].sort((a, b) => compare(this.#problem.cells[b]?.value ?? 0n, this.#problem.cells[a]?.value ?? 0n) || a - b);
    const users = new Map(order.map((index) => [index, new Set<Goal>()]));
    const use = (goal: Goal): void => goal.flows.forEach(({ change }) => change.keys().forEach((index) => users.get(index)?.add(goal)));
    this.#goals.forEach(use);
    for (const index of order) {
      const affected = [...users.get(index) ?? []];
      work += affected.length * this.#problem.cells.length;
      if (work > CLEANUP_WORK) return;
      const again = this.#with([[index, Infinity]], () => this.#withoutMore(affected));
      if (again === null) continue;
      for (const [goal, flows] of again) {
        goal.flows.forEach(({ change }) => change.keys().forEach((at) => users.get(at)?.delete(goal)));
        goal.flows = flows;
        use(goal);
      }
      this.secondary.delete(index);
      this.#state.cost[index] = priceOf(this.#problem.cells[index], 1);
    }
  }

  /** New flows for goals, of what is hidden now; null where one of them needs more. */
  #withoutMore(goals: readonly Goal[]): ReadonlyMap<Goal, readonly Flow[]> | null {
    const again = new Map<Goal, readonly Flow[]>();
    for (const [goal, flows] of this.#flowsOf(goals)) {
      if (flows === null) return null;
      again.set(goal, flows);
    }
    return again;
  }

  /** Of what is hidden now; null for those that need more. One after the other, so that whoever asks may stop. */
  *#flowsOf<D extends Demand>(demands: readonly D[]): Generator<readonly [D, readonly Flow[] | null]> {
    const together = this.#atOnce(new Map(demands.flatMap(({ cell, need, against }) => (against === 'all' ? [[cell, need]] : []))));
    for (const demand of demands) {
      const known = demand.against === 'all' ? together.get(demand.cell) : undefined;
      const { flows, reached } = known === undefined ? this.#with(this.#moving(demand.against), () => this.#span(demand.cell, demand.need, true)) : { flows: known, reached: demand.need };
      yield [demand, reached < demand.need ? null : flows];
    }
  }

  get cost(): number {
    return costOfPattern(this.#price, this.#chosen(this.secondary));
  }

  /**
   * Looks for the cheapest pattern that does what this one does, and takes it if its witnesses hold.
   * @param first witnesses of the pattern that there is
   */
  cheapest(first: Witnesses, solver: LinearSolver | null, work: Work): { readonly witnesses: Witnesses; readonly atLeast: number } {
    const [problem, uses, state] = [this.#problem, this.#uses, this.#state];
    const network = this.#network === null ? null : new NetworkAttack(problem, this.#network, state, work);
    const attack = network ?? (solver === null ? null : new LinearAttack(problem, uses, state, solver, work));
    const demands = this.#goals.filter(({ flows, need }) => need > 0 && flows.some(({ change }) => change.keys().some((cell) => this.secondary.has(cell))));
    const isFailing = (cell: number): boolean => (problem.cells[cell]?.width ?? 0n) > 0n;
    const found = new Map<Demand, (readonly Flow[])[]>(this.#goals.map((goal) => [goal, [goal.flows]]));
    const met = (asked: readonly Demand[], pattern: ReadonlySet<number>): ReadonlyMap<Demand, readonly Flow[]> => {
      const isHidden = (cell: number): boolean => pattern.has(cell) || problem.cells[cell]?.state === 'hidden' || isFailing(cell);
      if (network !== null) return new Map(asked.flatMap((demand) => {
        const flows = network.flows(demand, pattern);
        return flows === null ? [] : [[demand, flows] as const];
      }));
      const known = new Map(asked.flatMap((demand) => {
        const flows = found.get(demand)?.find((list) => list.every(({ change }) => change.keys().every(isHidden)));
        return flows === undefined ? [] : [[demand, flows] as const];
      }));
      const costs = [...new Set([...this.secondary, ...pattern])].filter((cell) => !isFailing(cell)).map((cell) => [cell, pattern.has(cell) ? 0 : Infinity] as const);
      const now = this.#with(costs, () => [...this.#flowsOf(asked.filter((demand) => !known.has(demand)))]);
      for (const [demand, flows] of now) {
        if (flows === null) continue;
        known.set(demand, flows);
        found.get(demand)?.push(flows);
      }
      return known;
    };
    const { better, atLeast } = cheapestPattern({ problem, uses, state, price: this.#price, demands, first: this.#chosen(this.secondary), attack, met, mended: (pattern) => this.#mended(pattern, solver, work), solver, work });
    const witnesses = better === null ? null : this.#taken(better.pattern, better.flows, isFailing);
    return { witnesses: witnesses ?? first, atLeast };
  }

  /** What a search finds that has these cells hidden already. */
  #mended(pattern: ReadonlySet<number>, solver: LinearSolver | null, work: Work): ReadonlySet<number> | null {
    const search = new Search(this.#problem, solver, work);
    pattern.forEach((cell) => search.#hide(cell));
    return search.protectAll() ? search.#chosen(search.secondary) : null;
  }

  /** Its witnesses; null, and all as it was, where one of them does not hold. */
  #taken(pattern: ReadonlySet<number>, flows: ReadonlyMap<Demand, readonly Flow[]>, isFailing: (cell: number) => boolean): Witnesses | null {
    const before = { secondary: [...this.secondary], flows: this.#goals.map((goal) => goal.flows) };
    const take = (cells: Iterable<number>): void => {
      this.secondary.clear();
      for (const cell of cells) this.secondary.add(cell);
    };
    take([...before.secondary.filter(isFailing), ...pattern]);
    for (const goal of this.#goals) goal.flows = flows.get(goal) ?? goal.flows;
    const witnesses = this.proved();
    if (witnesses !== null) return witnesses;
    take(before.secondary);
    this.#goals.forEach((goal, i) => (goal.flows = before.flows[i] ?? []));
    return null;
  }

  /** Cells that fail themselves are no choice. */
  #chosen(pattern: ReadonlySet<number>): ReadonlySet<number> {
    return new Set([...pattern].filter((cell) => this.#problem.cells[cell]?.width === 0n).sort((a, b) => a - b));
  }

  /** The witnesses in exact numbers, each checked; null if any fails, which only a wrong proposal of the solver could cause. */
  proved(): Witnesses | null {
    const isHidden = (cell: number) => this.#isHidden(cell);
    const witnesses = new Map<number, readonly Witness[]>();
    // Many cells have the same change for theirs.
    const checked = new Map<Flow['change'], { readonly witness: Witness; readonly owners: ReadonlySet<number> | null }>();
    const check = (flow: Flow): { readonly witness: Witness; readonly owners: ReadonlySet<number> | null } => {
      const known = checked.get(flow.change);
      if (known !== undefined) return known;
      const witness = toWitness(flow, this.#unit);
      const result = { witness, owners: ownersMoved(this.#problem, this.#uses, isHidden, witness) };
      checked.set(flow.change, result);
      return result;
    };
    for (const { cell, need, against, flows } of this.#goals) {
      const proofs = flows.map(check);
      const own = proofs.map(({ witness }) => witness);
      const reached = own.reduce((sum, witness) => sum + magnitude(witness.get(cell) ?? 0n), 0n);
      const { width } = this.#problem.cells[cell] ?? { width: 0n };
      if (reached < width && reached < BigInt(need) * this.#unit) return null;
      if (!proofs.every(({ owners }) => isWitnessFor(this.#problem.cells[cell]?.owner ?? null, owners, (owner) => against === 'all' || against === owner))) return null;
      witnesses.set(cell, [...witnesses.get(cell) ?? [], ...own]);
    }
    return witnesses;
  }

  /** Up alone, down alone, or up and down together span what is needed: the cheapest of these; or as far as it goes. */
  #span(target: number, steps: number, free: boolean): Span {
    return this.#with(this.#ownView(target), () => {
      const up = this.#route(target, 1, steps, free);
      if (up.steps >= steps && up.cost === 0) return { flows: [up], reached: up.steps, certain: true };
      const down = this.#route(target, -1, steps, free);
      const [cheapest] = [[up], [down], this.#completed(target, steps, down, 1, free), this.#completed(target, steps, up, -1, free)]
        .map((flows) => ({ flows, reached: flows.reduce((sum, flow) => sum + flow.steps, 0), cost: flows.reduce((sum, flow) => sum + flow.cost, 0) }))
        .filter(({ reached }) => reached >= steps).sort((a, b) => a.cost - b.cost);
      if (cheapest !== undefined) return { ...cheapest, certain: true };
      return { flows: [up, down].filter((flow) => flow.steps > 0), reached: up.steps + down.steps, certain: up.certain && down.certain };
    });
  }

  /** One way goes only so far: the rest the other way, with what the first hides for free. */
  #completed(target: number, steps: number, one: Flow, direction: 1 | -1, free: boolean): readonly Flow[] {
    if (one.steps === 0 || one.steps >= steps) return [];
    const freed = [...one.change.keys()].filter((index) => (this.#state.cost[index] ?? Infinity) < Infinity).map((index) => [index, 0] as const);
    return [one, this.#with(freed, () => this.#route(target, direction, steps - one.steps, free))];
  }

  /** A unit's own cells are known to it alone: to everybody else they may move. */
  #ownView(target: number): readonly (readonly [number, number])[] {
    const owner = this.#problem.cells[target]?.owner ?? null;
    const own = owner === null ? [] : this.#owned.get(owner) ?? [];
    return own.length < 2 ? [] : own.map((index) => [index, this.#isHidden(index) ? 0 : Infinity] as const);
  }

  /** Hidden cells of one unit alone that may move in a witness against these owners. */
  #moving(against: Owners): readonly (readonly [number, number])[] {
    if (against === 'all') return [];
    return [...this.#owned].flatMap(([owner, cells]) => (owner === null || owner === against ? [] : cells.filter((index) => this.#isHidden(index)).map((index) => [index, 0] as const)));
  }

  /** Runs with other costs of some cells, and puts them back. */
  #with<T>(costs: readonly (readonly [cell: number, cost: number])[], run: () => T): T {
    const { cost } = this.#state;
    const before = costs.map(([cell]) => cost[cell] ?? 0);
    costs.forEach(([cell, own]) => (cost[cell] = own));
    const result = run();
    costs.forEach(([cell], i) => (cost[cell] = before[i] ?? 0));
    return result;
  }

  #steps(cell: number): number {
    return Number(((this.#problem.cells[cell]?.width ?? 0n) + this.#unit - 1n) / this.#unit);
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
}

/** Cells of one equation make up for each other where some go up and some down. */
const signIn = (round: number, cell: number): 1 | -1 => (((Math.imul(cell, 0x9e37_79b1) >>> (3 + round)) & 1) === 0 ? 1 : -1);

/** One for each cell, a little more for a large one, several times as much for a margin: of the cells that show one number, all but one are margins. */
function priceOf(cell: ProblemCell | undefined, share: number): number {
  if (cell === undefined || cell.owner !== null || cell.state === 'fixed') return Infinity;
  if (cell.state === 'hidden') return 0;
  return (1 + Math.abs(share) / 2) * weightOf(cell);
}

export const weightOf = ({ cells, margin }: Pick<ProblemCell, 'cells' | 'margin'>): number => 4 * cells - (margin ? 0 : 3);

const magnitude = (a: bigint) => (a < 0n ? -a : a);
const max = (a: bigint, b: bigint) => (a > b ? a : b);
const compare = (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0);
