/**
 * Chooses what else to hide. One protected cell after the other, the one that needs most first, gets a witness that hides as
 * little as possible; hidden cells are free for the next, and a witness that moves others far enough is theirs as well. Then
 * every further cell that turns out not to be needed is shown again. Where there are not too many, an integer program then looks for
 * the cheapest pattern (`cheapest-pattern.ts`). Deterministic. Every protected cell ends with witnesses that are
 * checked exactly. Where that fails, everything that hangs together with the cell is hidden.
 *
 * What is fixed may leave a cell less than it needs, whatever is hidden now. Then nothing takes away from what it has left.
 */
import { componentsOf } from './component.ts';
import type { LinearSolver } from './linear.ts';
import type { Work } from './movement.ts';
import type { AskedProblem, Problem, Witness } from './problem.ts';
import { Search, weightOf } from './search.ts';
import { withUnknowns } from './unknowns.ts';

export interface Protection {
  /** Cells to hide that were open. */
  readonly secondary: ReadonlySet<number>;
  /** Of these, what is hidden only because no witness was found: it covers nothing. */
  readonly whole: ReadonlySet<number>;
  /** Protected cells that can be as far apart as they need. */
  readonly safe: ReadonlySet<number>;
  /** By protected cell that what is open could touch: how far up and how far down it could be. */
  readonly witnesses: ReadonlyMap<number, readonly Witness[]>;
  /** What hiding the further cells costs, in cells within tables (`priceOf` in `search.ts`). */
  readonly cost: number;
  /** No pattern that protects as much costs less; `cost`, to a ten-thousandth, where this one is the cheapest. */
  readonly atLeast: number;
}

/** Cells in all linear programs together; a few seconds. Where that is not enough, everything that hangs together is hidden. */
const PROGRAM_WORK = 200_000;
/** The same for the cheapest pattern; most of a second. Then the best stands that there is. */
const CHOICE_WORK = 40_000;

export function protect(problem: AskedProblem, solver: LinearSolver | null): Protection {
  const secondary = new Set<number>();
  const whole = new Set<number>();
  const witnesses = new Map<number, readonly Witness[]>();
  const work: Work = { left: PROGRAM_WORK };
  const choice: Work = { left: CHOICE_WORK };
  const safe = new Set<number>();
  let [cost, atLeast] = [0, 0];
  for (const component of componentsOf(problem)) {
    const { cells, problem: { cells: own } } = component;
    const filled = withUnknowns(component, solver);
    const found = filled === null ? null : protectPart(filled, solver, work, choice);
    if (found === null) {
      own.forEach((cell, i) => {
        if (cell.state !== 'open') return;
        [secondary, whole].forEach((set) => set.add(cells[i] ?? 0));
        cost += weightOf(cell);
      });
      continue;
    }
    cost += found.cost;
    atLeast += found.atLeast;
    for (const cell of found.secondary) secondary.add(cells[cell] ?? 0);
    for (const cell of found.witnesses.keys()) if (!found.short.has(cell)) safe.add(cells[cell] ?? 0);
    for (const [cell, list] of found.witnesses) witnesses.set(cells[cell] ?? 0, list.map((witness) => new Map([...witness].map(([at, change]) => [cells[at] ?? 0, change]))));
  }
  return { secondary, whole, safe, witnesses, cost, atLeast };
}

function protectPart(problem: Problem, solver: LinearSolver | null, work: Work, choice: Work): (Omit<Protection, 'whole' | 'safe'> & { readonly short: ReadonlySet<number> }) | null {
  const search = new Search(problem, solver, work);
  const first = search.protectAll() ? search.proved() : null;
  if (first === null) return null;
  const { witnesses, atLeast } = search.cheapest(first, solver, choice);
  return { secondary: search.secondary, short: search.short, witnesses, cost: search.cost, atLeast };
}
