/** Cells about one kind of unit: those of few units are found by units, the others by their number of units. */
import { ByUnits } from './by-units.ts';
import { BySize } from './by-size.ts';
import type { Population } from './memory.ts';
import { folded } from './sketch.ts';
import { FEW, SMALLEST } from './smallest.ts';

/** Whoever may be near to one of these has its smallest hashes at hand. */
const MOST = FEW - SMALLEST + 1;

export class Series {
  readonly #byUnits = new ByUnits();
  readonly #bySize = new BySize();
  /** Of these two may be near and have no unit in common. */
  readonly #fewest = new BySize();

  /** @param cell a number that grows with every cell added */
  add(cell: number, { units, sketch, smallest }: Population): void {
    const fold = folded(sketch);
    if (units > MOST) this.#bySize.add(cell, units, fold);
    else this.#byUnits.add(cell, units, smallest, fold);
    if (units < SMALLEST) this.#fewest.add(cell, units, fold);
  }

  /** Calls `visit` with all cells that may differ by at most `slack` units, and others; with each once or several times, in no particular order. */
  candidates({ units, sketch, smallest }: Population, slack: number, visit: (cell: number) => void): void {
    const fold = folded(sketch);
    if (slack >= SMALLEST || units <= FEW) this.#byUnits.candidates(units, smallest, fold, slack, visit);
    this.#bySize.candidates(units, fold, slack, visit);
    if (units <= slack) this.#fewest.candidates(units, fold, slack, visit);
  }
}
