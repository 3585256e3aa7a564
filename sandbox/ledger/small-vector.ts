/**
 * A combination of few units in a space of combinations in which no large class occurs.
 *
 * Exact by branching on one class after the other (it is in the combination, or it is not) as long as that ends within a number of
 * steps. Beyond, a bounded search: the space is brought to echelon form for many orders of its classes, and each row of
 * each form is tried; a combination of few units is such a row as soon as the pivots meet it just once
 * (information-set decoding; Prange 1962). Repeatable: the orders come from a fixed generator.
 */
import { PRIME, inverse, residueOf, times } from './field.ts';

export interface Space {
  /** Coefficients of the classes, then one column for each row, which tells how often the row went in. */
  readonly rows: readonly Float64Array[];
  /** Units of each class. */
  readonly weights: readonly number[];
}

export interface Hit {
  /** The vector: classes, then how often each row of the space went in. */
  readonly vector: Float64Array;
  readonly units: number;
}

export interface Bounds {
  /** Steps of the exact search. */
  readonly nodes: number;
  /** Multiplications of each search. */
  readonly work: number;
}

export const BOUNDS: Bounds = { nodes: 4000, work: 30_000_000 };

/** The bounded search ends where it misses a combination at most so often. */
const MISSED = 1e-4;
/** Orders after which it is looked how many are needed, for the first time. */
const FIRST_ORDERS = 8;

/**
 * A vector that needs row 0 and whose classes have at most `budget` units.
 * @returns the vector or null, whether null is certain, whether as many orders were tried as it takes, and the multiplications that it took
 */
export function smallVector(space: Space, budget: number, bounds: Bounds = BOUNDS): { readonly hit: Hit | null; readonly exact: boolean; readonly searched: boolean; readonly multiplications: number } {
  const search = new Search(space, budget, bounds);
  const found = search.exact();
  if (found !== null || search.ended) return { hit: found, exact: true, searched: true, multiplications: search.multiplications };
  const hit = search.bounded();
  return { hit, exact: false, searched: search.searched, multiplications: search.multiplications };
}

class Search {
  readonly #space: Space;
  readonly #budget: number;
  readonly #bounds: Bounds;
  #nodes: number;
  #work: number;
  /** Whether the bounded search tried as many orders as it takes. */
  searched = false;
  multiplications = 0;
  /** Whether the exact search came to its end. */
  ended = true;

  constructor(space: Space, budget: number, bounds: Bounds) {
    this.#space = space;
    this.#budget = budget;
    this.#bounds = bounds;
    this.#nodes = bounds.nodes;
    this.#work = bounds.work;
  }

  exact(): Hit | null {
    return this.#branch(this.#space.rows, 0, 0);
  }

  /** @param from classes before it are decided; `cost` units of them are in the combination */
  #branch(rows: readonly Float64Array[], from: number, cost: number): Hit | null {
    const { weights } = this.#space;
    const wanted = rows.find((row) => this.#isWanted(row));
    if (wanted === undefined) return null;
    this.#work -= rows.length * wanted.length;
    this.multiplications += rows.length * wanted.length;
    if (this.#nodes-- <= 0 || this.#work < 0) {
      this.ended = false;
      return null;
    }
    let c = from;
    while (c < weights.length && rows.every((row) => row[c] === 0)) c++;
    if (c === weights.length || rows.length === 1) return this.#within(wanted);
    const without = this.#branch(eliminated(rows, c), c + 1, cost);
    if (without !== null) return without;
    const weight = weights[c] ?? 0;
    return cost + weight <= this.#budget ? this.#branch(rows, c + 1, cost + weight) : null;
  }

  bounded(): Hit | null {
    const { rows, weights } = this.#space;
    const each = rows.length ** 2 * weights.length;
    const asPivot = new Uint32Array(weights.length);
    let state = 1;
    const random = (): number => {
      state = Math.imul(state, 1_664_525) + 1_013_904_223 | 0;
      return (state >>> 0) / 2 ** 32;
    };
    for (let orders = 1; orders * each <= this.#bounds.work; orders++) {
      this.multiplications += each;
      // Heavier classes are less likely to be in a combination of few units: better pivots.
      const order = weights.map((weight, c) => ({ c, rank: -Math.log(random() + 1e-12) / weight })).sort((a, b) => a.rank - b.rank).map(({ c }) => c);
      const { forms, pivots } = echelon(rows, order);
      for (const row of forms) {
        const hit = this.#isWanted(row) ? this.#within(row) : null;
        if (hit !== null) return hit;
      }
      for (const c of pivots) asPivot[c]! += 1;
      if (orders % FIRST_ORDERS === 0 && orders >= this.#needed(asPivot, orders)) {
        this.searched = true;
        return null;
      }
    }
    return null;
  }

  /**
   * Orders after which a combination of those classes that are pivots most often is hardly missed. It has one among the pivots at least, and is found where it has no more: of k classes that are pivots
   * with probability p each, with probability kp(1 − p)^(k − 1) / (1 − (1 − p)^k), which is least for most classes.
   */
  #needed(asPivot: Uint32Array, orders: number): number {
    const k = Math.min(asPivot.length, Math.floor(this.#budget / Math.min(...this.#space.weights)));
    const most = asPivot.toSorted().subarray(asPivot.length - k);
    const p = most.reduce((sum, own) => sum + own, 0) / Math.max(1, k) / orders;
    if (k <= 1 || p === 0) return 1;
    const found = k * p * (1 - p) ** (k - 1) / (1 - (1 - p) ** k);
    return found === 0 ? Infinity : Math.log(MISSED) / Math.log(1 - found);
  }

  #isWanted(row: Float64Array): boolean {
    return row[this.#space.weights.length] !== 0;
  }

  #within(vector: Float64Array): Hit | null {
    const units = this.#space.weights.reduce((sum, weight, c) => (vector[c] === 0 ? sum : sum + weight), 0);
    return units <= this.#budget ? { vector, units } : null;
  }
}

/** The vectors of the space that are zero in column `c`, where not all are. */
function eliminated(rows: readonly Float64Array[], c: number): readonly Float64Array[] {
  const pivot = rows.findLast((row) => row[c] !== 0);
  if (pivot === undefined) return rows;
  const [scale, places] = [inverse(pivot[c] ?? 0), nonzero(pivot)];
  return rows.filter((row) => row !== pivot).map((row) => (row[c] === 0 ? row : less(row.slice(), pivot, places, times(row[c]!, scale))));
}

/** Reduced echelon form with pivots taken in the given order of columns. */
function echelon(rows: readonly Float64Array[], order: readonly number[]): { readonly forms: readonly Float64Array[]; readonly pivots: readonly number[] } {
  const left = rows.map((row) => row.slice());
  const [done, pivots]: [Float64Array[], number[]] = [[], []];
  for (const c of order) {
    const at = left.findIndex((row) => row[c] !== 0);
    if (at === -1) continue;
    const [pivot] = left.splice(at, 1);
    if (pivot === undefined) continue;
    const [scale, places] = [inverse(pivot[c] ?? 0), nonzero(pivot)];
    for (const list of [left, done]) for (const row of list) if (row[c] !== 0) less(row, pivot, places, times(row[c]!, scale));
    done.push(pivot);
    pivots.push(c);
    if (left.length === 0) break;
  }
  // What is left counts in no class: it tells the number by others alone.
  return { forms: [...done, ...left], pivots };
}

/** Takes so many times the pivot away from the row. @param places where the pivot is not zero */
function less(row: Float64Array, pivot: Float64Array, places: Int32Array, factor: number): Float64Array {
  const negated = PRIME - factor;
  for (let i = 0; i < places.length; i++) {
    const at = places[i]!;
    row[at] = residueOf(row[at]! + negated * pivot[at]!);
  }
  return row;
}

/** Most coefficients of a pivot are zero. */
function nonzero(row: Float64Array): Int32Array {
  const places = new Int32Array(row.length);
  let count = 0;
  for (let at = 0; at < row.length; at++) if (row[at] !== 0) places[count++] = at;
  return places.subarray(0, count);
}
