/**
 * Secondary suppression as a problem about numbers: cells with true values, equations among them that everybody knows, and
 * cells that are already hidden. Which further cells must be hidden, so that no protected one can be pinned down?
 *
 * The attacker knows every equation, every published value, the declared bounds of every cell, that numbers are whole, and which
 * cells are hidden; not why. A protected cell is safe when the solutions of all this reach from its lowest to its highest possible
 * value over at least its width. Whoever is alone in a cell also knows that cell: nobody else's protection may rest on it.
 *
 * Source: Fischetti and Salazar, "Solving the cell suppression problem on tabular data with linear constraints", Management
 * Science 47 (2001); Hundepool et al., Statistical Disclosure Control (Wiley 2012), 4.4.
 */

/** `open`: published unless this hides it. `fixed`: published already. `hidden`: not published. */
export type CellState = 'open' | 'fixed' | 'hidden';

export interface ProblemCell {
  readonly value: bigint;
  readonly state: CellState;
  /** At least this far apart must be the lowest and highest possible values; 0 for a cell that needs no protection. */
  readonly width: bigint;
  /** Cells that one and the same unit is alone in share a number: it knows them all. Null: several units, or none. */
  readonly owner: number | null;
  /** A cell of a margin costs more to hide than one inside a table. */
  readonly margin: boolean;
  /** How many cells of tables show the number: hiding it hides them all. */
  readonly cells: number;
  /** What everybody knows that the value is at least and at most, from declared facts and other published numbers; null where nothing. */
  readonly low: bigint | null;
  readonly high: bigint | null;
}

/** Σ coefficient·value = 0 over cells by index; coefficients are +1 and −1. */
export type Equation = readonly (readonly [cell: number, coefficient: 1 | -1])[];

export interface Problem {
  readonly cells: readonly ProblemCell[];
  readonly equations: readonly Equation[];
}

/** `value`: null where nobody asked for the number. Whatever the equations leave it is as good as the true one. */
export interface AskedCell extends Omit<ProblemCell, 'value'> {
  readonly value: bigint | null;
}

export interface AskedProblem {
  readonly cells: readonly AskedCell[];
  readonly equations: readonly Equation[];
}

/** A second table that everybody but its owner might as well believe: how much each cell differs from its true value. */
export type Witness = ReadonlyMap<number, bigint>;

/** The equations that each cell is in. */
export type Uses = readonly (readonly (readonly [equation: number, coefficient: 1 | -1])[])[];

export function usesOf({ cells, equations }: Problem): Uses {
  const uses: (readonly [number, 1 | -1])[][] = cells.map(() => []);
  for (const [e, equation] of equations.entries()) for (const [cell, coefficient] of equation) uses[cell]?.push([e, coefficient]);
  return uses;
}

/**
 * Whether a witness shows that `cell` could be that much different: it keeps every equation, touches hidden cells only, makes
 * nothing negative, and moves no cell that somebody else alone knows. Exact; what it passes is a proof, whoever made the witness.
 * @param standsStill of which owners the cells may not move; all, where the witness is to hold for all of them
 */
export function isWitness(problem: Problem, uses: Uses, isHidden: (cell: number) => boolean, cell: number, witness: Witness, standsStill: (owner: number) => boolean = () => true): boolean {
  return isWitnessFor(problem.cells[cell]?.owner ?? null, ownersMoved(problem, uses, isHidden, witness), standsStill);
}

/** As `isWitness` of a cell of this owner, where it is known whose cells the witness moves. */
export function isWitnessFor(own: number | null, moved: ReadonlySet<number> | null, standsStill: (owner: number) => boolean = () => true): boolean {
  return moved !== null && moved.values().every((owner) => owner === own || !standsStill(owner));
}

/** Those who are alone in a cell that the witness moves; null where it is none for anybody. */
export function ownersMoved(problem: Problem, uses: Uses, isHidden: (cell: number) => boolean, witness: Witness): ReadonlySet<number> | null {
  const owners = new Set<number>();
  const sums = new Map<number, bigint>();
  for (const [index, change] of witness) {
    const touched = problem.cells[index];
    if (touched === undefined || !isHidden(index)) return null;
    if (touched.owner !== null) owners.add(touched.owner);
    const moved = touched.value + change;
    if ((touched.low !== null && moved < touched.low) || (touched.high !== null && moved > touched.high)) return null;
    for (const [equation, coefficient] of uses[index] ?? []) sums.set(equation, (sums.get(equation) ?? 0n) + BigInt(coefficient) * change);
  }
  return sums.values().every((sum) => sum === 0n) ? owners : null;
}
