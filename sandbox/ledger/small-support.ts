/**
 * Whether released numbers can be combined to a number about a few units only. The combinations that touch no large class
 * form a vector space; the question is whether it holds a vector whose classes together have fewer units than the minimum.
 *
 * Exact by branching on one class after the other (it is in the combination, or it is not) as long as that ends within
 * `NODES` steps for each part that hangs together. Beyond, a bounded search: the space is brought to echelon form for many orders
 * of its classes, and each row of each form is tried; a combination of few units is such a row as soon as the pivots meet
 * it once (information-set decoding; Prange 1962). Repeatable: the orders come from a fixed generator.
 */
import { PRIME, inverse, times } from './field.ts';
import { smallRows, type SmallRow, type SparseRow } from './row-space.ts';

export interface Question {
  /** Numbers released before, and those about to be: coefficient of each class. */
  readonly past: readonly SparseRow[];
  readonly fresh: readonly SparseRow[];
  /** Units of each class, ≥ 1. */
  readonly units: readonly number[];
  /** Fewer units than this must not be told apart. */
  readonly min: number;
}

export type Finding =
  /** `classes` can be told apart from the rest; together they have `units` units, fewer than the minimum. */
  | { readonly kind: 'found'; readonly classes: readonly number[]; readonly units: number }
  /** `exact`: there is none. Otherwise the bounded search found none. */
  | { readonly kind: 'none'; readonly exact: boolean }
  /** Too large to be looked at. */
  | { readonly kind: 'too-large' };

/** Steps of the exact search, for each connected part. */
const NODES = 4000;
/** Multiplications that the bounded search of one part may take, and how many orders it tries at most. */
const WORK = 100_000_000;
const ORDERS = 64;

export function findSmallSupport({ past, fresh, units, min }: Question, nodes = NODES): Finding {
  const unitsOf = (cls: number): number => units[cls] ?? 0;
  const rows = smallRows(past, fresh, (cls) => unitsOf(cls) >= min);
  if (rows === null) return { kind: 'too-large' };
  let exact = true;
  for (const part of connectedParts(rows)) {
    if (!part.some((row) => row.fresh)) continue;
    const space = denseSpace(part, unitsOf);
    if (space.rows.length ** 2 * space.weights.length > 4 * WORK) return { kind: 'too-large' };
    const search = new Search(space, min - 1, nodes);
    const hit = search.exact() ?? (search.ended ? null : search.bounded());
    exact &&= search.ended;
    if (hit !== null) return { kind: 'found', classes: hit.map((c) => space.classes[c] ?? 0), units: hit.reduce((sum, c) => sum + (space.weights[c] ?? 0), 0) };
  }
  return { kind: 'none', exact };
}

/** Basis rows that share a class, directly or through others. */
function connectedParts(rows: readonly SmallRow[]): readonly (readonly SmallRow[])[] {
  const root = rows.map((_, i) => i);
  const find = (i: number): number => {
    let at = i;
    while (root[at] !== undefined && root[at] !== at) at = root[at] ?? at;
    root[i] = at;
    return at;
  };
  const owner = new Map<number, number>();
  rows.forEach((row, i) => {
    for (const cls of row.classes.keys()) {
      const other = owner.get(cls);
      if (other === undefined) owner.set(cls, i);
      else root[find(i)] = find(other);
    }
  });
  return [...Map.groupBy(rows.map((row, i) => ({ row, part: find(i) })), ({ part }) => part).values()].map((part) => part.map(({ row }) => row));
}

/** `width` columns for classes, then one for each fresh row: a vector needs a fresh number exactly where one of these is not zero. */
interface Space {
  readonly rows: readonly Float64Array[];
  readonly classes: readonly number[];
  readonly weights: readonly number[];
}

function denseSpace(part: readonly SmallRow[], unitsOf: (cls: number) => number): Space {
  // Heavy classes first: to branch on them cuts most.
  const classes = [...new Set(part.flatMap(({ classes: own }) => [...own.keys()]))].sort((a, b) => unitsOf(b) - unitsOf(a) || a - b);
  const columnOf = new Map(classes.map((cls, c) => [cls, c]));
  let marks = 0;
  const fresh = part.filter((row) => row.fresh).length;
  const rows = part.map(({ classes: own, fresh: isFresh }) => {
    const dense = new Float64Array(classes.length + fresh);
    for (const [cls, value] of own) dense[columnOf.get(cls) ?? 0] = value;
    if (isFresh) dense[classes.length + marks++] = 1;
    return dense;
  });
  return { rows, classes, weights: classes.map(unitsOf) };
}

class Search {
  readonly #space: Space;
  readonly #budget: number;
  #nodes: number;
  /** Whether the exact search came to its end. */
  ended = true;

  constructor(space: Space, budget: number, nodes: number) {
    this.#space = space;
    this.#budget = budget;
    this.#nodes = nodes;
  }

  exact(): readonly number[] | null {
    return this.#branch(this.#space.rows, 0, 0);
  }

  /** @param from columns before it are decided; `cost` units of them are in the combination */
  #branch(rows: readonly Float64Array[], from: number, cost: number): readonly number[] | null {
    const { weights } = this.#space;
    if (!rows.some((row) => this.#isFresh(row))) return null;
    if (this.#nodes-- <= 0) {
      this.ended = false;
      return null;
    }
    let c = from;
    while (c < weights.length && rows.every((row) => row[c] === 0)) c++;
    const fresh = rows.find((row) => this.#isFresh(row));
    if (c === weights.length || rows.length === 1) {
      const vector = fresh === undefined ? [] : this.#support(fresh);
      return vector.length > 0 && this.#cost(vector) <= this.#budget ? vector : null;
    }
    const without = this.#branch(eliminated(rows, c), c + 1, cost);
    if (without !== null) return without;
    const weight = weights[c] ?? 0;
    return cost + weight <= this.#budget ? this.#branch(rows, c + 1, cost + weight) : null;
  }

  bounded(): readonly number[] | null {
    const { rows, weights } = this.#space;
    const orders = Math.min(ORDERS, Math.max(2, Math.floor(WORK / (rows.length ** 2 * weights.length))));
    let state = 1;
    const random = (): number => {
      state = Math.imul(state, 1_664_525) + 1_013_904_223 | 0;
      return (state >>> 0) / 2 ** 32;
    };
    for (let n = 0; n < orders; n++) {
      // Heavier classes are less likely to be in a combination of few units: better pivots.
      const order = weights.map((weight, c) => ({ c, rank: -Math.log(random() + 1e-12) / weight })).sort((a, b) => a.rank - b.rank).map(({ c }) => c);
      for (const row of echelon(rows, order)) {
        if (!this.#isFresh(row)) continue;
        const support = this.#support(row);
        if (support.length > 0 && this.#cost(support) <= this.#budget) return support;
      }
    }
    return null;
  }

  #isFresh(row: Float64Array): boolean {
    for (let c = this.#space.weights.length; c < row.length; c++) if (row[c] !== 0) return true;
    return false;
  }

  #support(row: Float64Array): readonly number[] {
    return this.#space.weights.flatMap((_, c) => (row[c] === 0 ? [] : [c]));
  }

  #cost(support: readonly number[]): number {
    return support.reduce((sum, c) => sum + (this.#space.weights[c] ?? 0), 0);
  }
}

/** The vectors of the space that are zero in column `c`, where not all are. */
function eliminated(rows: readonly Float64Array[], c: number): readonly Float64Array[] {
  const pivot = rows.find((row) => row[c] !== 0);
  if (pivot === undefined) return rows;
  const scale = inverse(pivot[c] ?? 0);
  return rows.filter((row) => row !== pivot).map((row) => {
    const factor = times(row[c] ?? 0, scale);
    return factor === 0 ? row : minus(row, pivot, factor);
  });
}

/** Reduced echelon form with pivots taken in the given order of columns. */
function echelon(rows: readonly Float64Array[], order: readonly number[]): readonly Float64Array[] {
  const left = [...rows];
  const done: Float64Array[] = [];
  for (const c of order) {
    const at = left.findIndex((row) => row[c] !== 0);
    if (at === -1) continue;
    const [pivot] = left.splice(at, 1);
    if (pivot === undefined) continue;
    const scale = inverse(pivot[c] ?? 0);
    for (const list of [left, done]) {
      list.forEach((row, i) => {
        if (row[c] !== 0) list[i] = minus(row, pivot, times(row[c] ?? 0, scale));
      });
    }
    done.push(pivot);
    if (left.length === 0) break;
  }
  return done;
}

function minus(row: Float64Array, pivot: Float64Array, factor: number): Float64Array {
  const negated = PRIME - factor;
  return row.map((value, c) => (value + negated * (pivot[c] ?? 0)) % PRIME);
}
