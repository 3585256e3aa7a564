/**
 * A cell as the rest of a margin: known cells of another table, less those of its own table that are on its side of the cut (`cuts.ts`). Which these are is guessed from the units that
 * are easy to tell; whether the cell is that rest is computed for all.
 */
import type { Dominated, Known, Simple } from './at-once.ts';
import { countsOf, type Coefficients } from './combinations.ts';
import type { Side } from './cuts.ts';

/** Units in cells that are looked at in a job; beyond, cells are left to the search. */
const LOOKED = 100_000_000;
/** Units of a cell by which it is guessed whether it is on a side. */
const GUESSED = 32;
/** So many more outside than inside are clear. */
const CLEAR = 4;

export class Margins {
  readonly #parts: Int32Array;
  readonly #units: Float64Array;
  readonly #min: number;
  readonly #isDominated: Dominated | null;
  readonly #rest: Float64Array;
  /** By part; and by class, whether it is in the cell itself. */
  readonly #isOnSide: Uint8Array;
  readonly #isInCell: Uint8Array;
  #left = LOOKED;

  /**
   * @param parts by class, as in `cuts.ts`
   * @param units by class
   */
  constructor(parts: Int32Array, units: Float64Array, min: number, isDominated: Dominated | null) {
    this.#parts = parts;
    this.#units = units;
    this.#min = min;
    this.#isDominated = isDominated;
    this.#rest = new Float64Array(units.length);
    this.#isOnSide = new Uint8Array(units.length);
    this.#isInCell = new Uint8Array(units.length);
  }

  /**
   * Null where it is none.
   * @param tables known cells of other tables, table by table
   * @param minus known cells of its own, on its side
   */
  find(row: Coefficients, side: Side, tables: readonly (readonly Known[])[], minus: readonly Known[]): Simple | null {
    for (const part of side.parts) this.#isOnSide[part] = 1;
    for (const cls of row.classes) this.#isInCell[cls] = 1;
    let found: Simple | null = null;
    for (const table of tables) {
      const plus: readonly Known[] = found !== null || this.#left < 0 ? [] : table.filter((known) => this.#isInside(known.row));
      if (plus.length === 0) continue;
      const differing = this.#differing(plus, [...minus, { row, terms: [] }]);
      if (differing !== null) found = { plus, minus, differing };
    }
    for (const part of side.parts) this.#isOnSide[part] = 0;
    for (const cls of row.classes) this.#isInCell[cls] = 0;
    return found;
  }

  /** Whether most of a cell's units seem to be on the side: in the cell that is looked at, or in what else its margin has. */
  #isInside({ classes }: Coefficients): boolean {
    let [inside, outside] = [0, 0];
    const looked = Math.min(classes.length, GUESSED);
    for (let i = 0; i < looked && outside <= inside + CLEAR; i++) {
      const cls = classes[i]!;
      if (this.#isInCell[cls] === 1 || this.#isOnSide[this.#parts[cls]!] === 1) inside += this.#units[cls]!;
      else outside += this.#units[cls]!;
    }
    this.#left -= looked;
    return inside > outside;
  }

  /** Units that do not count as much in the one as in the other; null where these are enough, and none of them dominates. */
  #differing(plus: readonly Known[], minus: readonly Known[]): number | null {
    const rest = this.#rest;
    const touched: number[] = [];
    let isExact = true;
    for (const [sign, all] of [[1, plus], [-1, minus]] as const) {
      for (const { row } of all) {
        const counts = countsOf(row);
        this.#left -= row.classes.length;
        row.classes.forEach((cls, i) => {
          if (rest[cls] === 0) touched.push(cls);
          rest[cls]! += sign * counts[i]!;
          isExact &&= Math.abs(rest[cls]!) <= Number.MAX_SAFE_INTEGER;
        });
      }
    }
    const left = [...new Set(touched.filter((cls) => rest[cls] !== 0))];
    for (const cls of touched) rest[cls] = 0;
    if (!isExact) return null;
    const differing = left.reduce((sum, cls) => sum + this.#units[cls]!, 0);
    return differing < this.#min || this.#isDominated?.(left) === true ? differing : null;
  }
}
