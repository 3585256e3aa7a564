/**
 * The cheapest pattern: which open cells to hide, so that every demand is met and the sum of their prices is the least. Fischetti and
 * Salazar's integer program, with the attackers' linear programs projected out: one variable for each cell, 0 or 1, and a
 * capacity cut for whatever a proposal lacks. Solved by branch and cut: programs over shares between 0 and 1, cuts that
 * the shares lack, and where there is none left, two cases for a cell that is neither hidden nor shown.
 *
 * The first pattern is what there is to beat. Work is counted, never timed; where it ends, the best pattern stands, and the lowest bound of
 * what is left to look at says how far from the cheapest it can be. Bounds are made here from the solver's multipliers: by weak
 * duality any that are not negative will do, so that neither the protection nor what is said of the cost rests on the
 * solver. A new pattern comes with its flows, to be proved exactly.
 *
 * Source: Fischetti and Salazar, "Solving the cell suppression problem on tabular data with linear constraints", Management
 * Science 47 (2001), 1008–1027.
 */
import { decimal, type Attack } from './attack.ts';
import { bridgeless, cheapBound, cutsAround, type CapacityCut, type Row } from './capacity-cut.ts';
import type { Demand } from './demand.ts';
import type { LinearSolver } from './linear.ts';
import type { Work } from './movement.ts';
import type { Flow, FlowState } from './network.ts';
import type { Problem, Uses } from './problem.ts';

export interface Choice {
  readonly problem: Problem;
  readonly uses: Uses;
  readonly state: Pick<FlowState, 'rise' | 'room'>;
  /** Of each cell what hiding it costs, > 0; Infinity where it can't be hidden. */
  readonly price: Float64Array;
  readonly demands: readonly Demand[];
  /** Meets all demands. */
  readonly first: ReadonlySet<number>;
  readonly attack: Attack | null;
  /** Of the demands those that what is hidden in any case and the pattern meet, with the flows. */
  readonly met: (demands: readonly Demand[], pattern: ReadonlySet<number>) => ReadonlyMap<Demand, readonly Flow[]>;
  /** A pattern that meets all demands, of these cells and as few others as the first search finds. */
  readonly mended: (pattern: ReadonlySet<number>) => ReadonlySet<number> | null;
  readonly solver: LinearSolver | null;
  readonly work: Work;
}

export interface Chosen {
  /** Null where the first pattern stands. */
  readonly better: { readonly pattern: ReadonlySet<number>; readonly flows: ReadonlyMap<Demand, readonly Flow[]> } | null;
  /** No pattern that meets all demands costs less. */
  readonly atLeast: number;
}

/** Relative; bounds within this of a cost are that cost. */
export const PRECISION = 1e-4;
/** Above these, only what single equations ask for bounds the cost. Measured: beyond them the program finds little within its work. */
const MOST_CELLS = 3_000;
const MOST_DEMANDS = 150;
/** Cells times demands, where the attackers' programs need the solver. */
const MOST_BY_SOLVER = 12_000;
/** Programs with ever more cuts before any case is distinguished, and in each case. */
const ROUNDS_FIRST = 40;
const ROUNDS_OF_CASE = 8;
/** Rounds that raise the bound by less than a thousandth. */
const IDLE = 3;
/** New cuts of one round: more make the programs long. */
const CUTS_OF_ROUND = 40;
/** What a program counts as: for itself and for each term, in cells of the attackers' programs. */
const PROGRAM = 50;
const TERM = 0.1;
/** Patterns that are mended, as dear as a first search. By the solver, only where the cases do not end within the work anyway: so many cells times demands. */
const MENDS = 6;
const MENDS_BY_SOLVER = 1;
const ENDS_ANYWAY = 1_000;
/** Bounds that differ by less, in costs, are much the same. */
const ALIKE = 0.005;
/** Shares this near to 0 and 1 are. */
const WHOLE = 1e-6;
/** What lacking a cut costs in a program, in costs of the first pattern: so that each program has a solution, and its bound tells where none counts. */
const PENALTY = 100;

export function cheapestPattern(choice: Choice): Chosen {
  const { problem, uses, state, price, first, solver, attack } = choice;
  const cost = costOfPattern(price, first);
  if (cost === 0) return { better: null, atLeast: 0 };
  const cuts = choice.demands.flatMap((demand) => cutsAround(problem, uses, state, demand));
  const atLeast = Math.min(cost, cheapBound(cuts, price));
  if (isReached(cost, atLeast) || solver === null || attack === null || problem.cells.length > MOST_CELLS) return { better: null, atLeast };
  const met = choice.met(choice.demands, new Set());
  const demands = choice.demands.filter((demand) => !met.has(demand));
  if (demands.length === 0) return { better: { pattern: new Set(), flows: met }, atLeast: 0 };
  if (demands.length > MOST_DEMANDS || (!attack.isQuick && demands.length * problem.cells.length > MOST_BY_SOLVER)) return { better: null, atLeast };
  return new Program({ ...choice, demands, solver, attack }, cost, cuts).run(atLeast, met);
}

export function costOfPattern(price: ArrayLike<number>, pattern: Iterable<number>): number {
  return [...pattern].sort((a, b) => a - b).reduce((sum, cell) => sum + (price[cell] ?? 0), 0);
}

export const isReached = (cost: number, atLeast: number): boolean => cost <= atLeast * (1 + PRECISION);

/** Some cells hidden, others shown: what is cheaper than the best is found in one of the cases that are left, or nowhere. */
interface Case {
  readonly hidden: ReadonlySet<number>;
  readonly shown: ReadonlySet<number>;
  readonly atLeast: number;
}

interface Relaxed {
  readonly share: (cell: number) => number;
  readonly bound: number;
  /** What is left of prices. */
  readonly reduced: ReadonlyMap<number, number>;
}

class Program {
  readonly #choice: Choice & { readonly solver: LinearSolver; readonly attack: Attack };
  readonly #rows: Row[] = [];
  readonly #known = new Set<string>();
  readonly #seen = new Set<number>();
  #sorted: readonly number[] = [];
  readonly #penalty: number;
  #cost: number;
  #better: Chosen['better'] = null;
  /** Of the program before any case: no pattern cheaper than the best has a cell of which more is left than could be saved. */
  #first: Pick<Relaxed, 'bound' | 'reduced'> = { bound: 0, reduced: new Map() };
  #mends = 0;
  #misses = 0;

  constructor(choice: Choice & { readonly solver: LinearSolver; readonly attack: Attack }, cost: number, cuts: readonly CapacityCut[]) {
    this.#choice = choice;
    this.#cost = cost;
    this.#penalty = PENALTY * cost;
    cuts.forEach((terms) => this.#add({ terms, atLeast: 1 }));
  }

  /** @param atLeast known of the cost. @param always flows of demands that are met whatever is hidden */
  run(atLeast: number, always: ReadonlyMap<Demand, readonly Flow[]>): Chosen {
    const cases: Case[] = [{ hidden: new Set(), shown: new Set(), atLeast }];
    // Cases that no program could decide.
    let undecided = Infinity;
    while (cases.length > 0 && this.#choice.work.left > 0) {
      const next = cases.reduce((best, each, i) => (this.#isBefore(each, cases[best] ?? each) ? i : best), 0);
      const [of] = cases.splice(next, 1);
      if (of === undefined || isReached(this.#cost, of.atLeast)) continue;
      const parts = this.#decide(of);
      if (parts === null) undecided = Math.min(undecided, of.atLeast);
      else cases.push(...parts);
    }
    const bound = cases.reduce((least, each) => Math.min(least, each.atLeast), Math.min(undecided, this.#cost));
    return { better: this.#better === null ? null : { pattern: this.#better.pattern, flows: new Map([...always, ...this.#better.flows]) }, atLeast: Math.max(atLeast, bound) };
  }

  /** The lowest bound first, as that is what holds the bound of all down; of much the same bound what is nearest to a pattern. */
  #isBefore(a: Case, b: Case): boolean {
    const [first, second] = [a, b].map(({ atLeast }) => Math.floor(atLeast / this.#cost / ALIKE)) as [number, number];
    const [deep, other] = [a, b].map(({ hidden, shown }) => hidden.size + shown.size) as [number, number];
    return first < second || (first === second && deep > other);
  }

  /** The cases that are left of one, none where nothing cheaper than the best is in it; null where that could not be said. */
  #decide(of: Case): readonly Case[] | null {
    const isFirst = of.hidden.size + of.shown.size === 0;
    let { atLeast } = of;
    let idle = 0;
    for (let round = 0; ; round++) {
      const relaxed = this.#relaxed(of);
      if (relaxed === null) return this.#choice.work.left < 0 ? [{ ...of, atLeast }] : null;
      const { share, bound } = relaxed;
      idle = bound <= atLeast * 1.001 ? idle + 1 : 0;
      atLeast = Math.max(atLeast, bound);
      if (isFirst) this.#first = relaxed;
      if (isReached(this.#cost, atLeast)) return [];
      const used = this.#used();
      const split = used.filter((cell) => share(cell) > WHOLE && share(cell) < 1 - WHOLE);
      const isLast = idle >= IDLE || round + 1 >= (isFirst ? ROUNDS_FIRST : ROUNDS_OF_CASE);
      if (split.length > 0 && isLast) return this.#cases(of, split, relaxed, atLeast, isFirst);
      if (split.length > 0) {
        const found = isFirst || this.#choice.attack.isQuick ? this.#separate(this.#choice.demands, share) : 0;
        if (this.#choice.work.left < 0) return [{ ...of, atLeast }];
        if (found === 0) return this.#cases(of, split, relaxed, atLeast, isFirst);
        continue;
      }
      const pattern = new Set(used.filter((cell) => share(cell) > 0.5));
      const met = this.#choice.met(this.#choice.demands, pattern);
      if (met.size === this.#choice.demands.length) {
        // The program's optimum is a pattern: nothing else in this case is cheaper.
        if (costOfPattern(this.#choice.price, pattern) < this.#cost) this.#take(pattern, met);
        return isReached(this.#cost, atLeast) ? [] : null;
      }
      const found = this.#separate(this.#choice.demands.filter((demand) => !met.has(demand)), share);
      if (this.#choice.work.left < 0) return [{ ...of, atLeast }];
      if ((++this.#misses & (this.#misses - 1)) === 0) this.#mend(pattern);
      // Only whole numbers stand in the way, or precision.
      if (found === 0) return null;
    }
  }

  #cases(of: Case, split: readonly number[], { share }: Relaxed, atLeast: number, isFirst: boolean): readonly Case[] {
    if (isFirst) this.#mend(new Set(this.#used().filter((cell) => share(cell) > 0.5)));
    const [cell] = split.toSorted((a, b) => Math.abs(share(a) - 0.5) - Math.abs(share(b) - 0.5) || a - b);
    if (cell === undefined) return [];
    return [{ hidden: new Set([...of.hidden, cell]), shown: of.shown, atLeast }, { hidden: of.hidden, shown: new Set([...of.shown, cell]), atLeast }];
  }

  /** The program over shares, of cells that a pattern cheaper than the best could have; null where no work is left for it. */
  #relaxed({ hidden, shown }: Case): Relaxed | null {
    const { price, solver, work } = this.#choice;
    const isChoosable = (cell: number): boolean => !shown.has(cell) && (this.#first.reduced.get(cell) ?? price[cell] ?? Infinity) < (this.#cost - this.#first.bound) * (1 + PRECISION);
    const used = this.#used().filter(isChoosable);
    const isUsed = new Set(used);
    let terms = 0;
    const rows = this.#rows.map((row, r) => {
      const own = [...row.terms].filter(([cell]) => isUsed.has(cell));
      terms += own.length;
      return ` r${r}: ${row.atLeast > 0 ? 'lack ' : ''}${own.map(([cell, share]) => `${share < 0 ? '-' : '+'} ${decimal(Math.abs(share))} x${cell}`).join(' ')} >= ${row.atLeast}`;
    }).filter((_, r) => (this.#rows[r]?.atLeast ?? 0) > 0 || this.#rows[r]?.terms.keys().some((cell) => isUsed.has(cell)));
    work.left -= PROGRAM + terms * TERM;
    if (work.left < 0) return null;
    const found = rows.length === 0 ? NOTHING : solver.withMultipliers(['Minimize', ` obj: ${decimal(this.#penalty)} lack ${used.map((cell) => `+ ${decimal(price[cell] ?? 0)} x${cell}`).join(' ')}`, 'Subject To', ...rows,
      'Bounds', ...used.map((cell) => (hidden.has(cell) ? ` x${cell} = 1` : ` x${cell} <= 1`)), 'End'].join('\n'));
    if (found === null) return null;
    // Any multipliers that are not negative bound the cost.
    const reduced = new Map(used.map((cell) => [cell, price[cell] ?? Infinity]));
    let bound = 0;
    for (const [r, { terms: own, atLeast }] of this.#rows.entries()) {
      const multiplier = Math.max(0, found.multipliers.get(`r${r}`) ?? 0);
      bound += multiplier * atLeast;
      if (multiplier > 0) for (const [cell, share] of own) if (isUsed.has(cell)) reduced.set(cell, (reduced.get(cell) ?? 0) - multiplier * share);
    }
    for (const [cell, rest] of reduced) bound += hidden.has(cell) ? rest : Math.min(0, rest);
    return { share: (cell) => found.values.get(`x${cell}`) ?? 0, bound, reduced };
  }

  /** Adds to a pattern what it lacks; the outcome is the best where it costs less than that. */
  #mend(pattern: ReadonlySet<number>): void {
    const { problem, attack, mended, met, demands, price, work } = this.#choice;
    const most = attack.isQuick ? MENDS : demands.length * problem.cells.length > ENDS_ANYWAY ? MENDS_BY_SOLVER : 0;
    if (work.left < 0 || this.#mends++ >= most) return;
    const whole = mended(pattern);
    if (whole === null || costOfPattern(price, whole) >= this.#cost) return;
    const flows = met(demands, whole);
    if (flows.size === demands.length) this.#take(whole, flows);
  }

  #take(pattern: ReadonlySet<number>, flows: ReadonlyMap<Demand, readonly Flow[]>): void {
    this.#better = { pattern, flows };
    this.#cost = costOfPattern(this.#choice.price, pattern);
  }

  /** @returns how many new rows were found */
  #separate(demands: readonly Demand[], share: (cell: number) => number): number {
    let found = 0;
    for (const row of bridgeless(this.#choice.problem, share, CUTS_OF_ROUND)) if (this.#add(row)) found++;
    for (const demand of demands) {
      if (found >= 2 * CUTS_OF_ROUND) break;
      for (const terms of this.#choice.attack.cuts(demand, share)) if (this.#add({ terms, atLeast: 1 })) found++;
    }
    return found;
  }

  #add(row: Row): boolean {
    const key = [...row.terms].map(([cell, share]) => `${cell}:${share}`).sort().join();
    if (this.#known.has(key)) return false;
    this.#known.add(key);
    this.#rows.push(row);
    for (const cell of row.terms.keys()) this.#seen.add(cell);
    return true;
  }

  /** Cells that some row is about, in the order of their numbers: no other has to be hidden. */
  #used(): readonly number[] {
    if (this.#sorted.length < this.#seen.size) this.#sorted = [...this.#seen].sort((a, b) => a - b);
    return this.#sorted;
  }
}

const NOTHING: NonNullable<ReturnType<LinearSolver['withMultipliers']>> = { values: new Map(), multipliers: new Map() };
