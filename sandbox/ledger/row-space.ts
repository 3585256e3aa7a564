/**
 * What can be computed from released numbers without touching any large class of units: sparse elimination that removes the
 * large classes first and leaves a basis of the combinations in which only small ones occur.
 */
import { PRIME, inverse, mod, times } from './field.ts';

/** Nonzero coefficients by class. */
export type SparseRow = ReadonlyMap<number, number>;

/** A combination of released numbers in which no large class occurs. */
export interface SmallRow {
  readonly classes: SparseRow;
  /** Whether it needs a number that is about to be released. */
  readonly fresh: boolean;
}

/** Additions that one elimination may take; about a second. */
const OPERATIONS = 20_000_000;

/**
 * A basis of all combinations of the rows that are zero on every large class. A combination needs a fresh row exactly where
 * it needs a fresh basis row. Null where the bound of work was met.
 * @param past, fresh rows of coefficients: how often each unit of a class counts in each released number
 */
export function smallRows(past: readonly SparseRow[], fresh: readonly SparseRow[], isLarge: (cls: number) => boolean, operations = OPERATIONS): readonly SmallRow[] | null {
  const pivots: { readonly column: number; readonly row: SparseRow }[] = [];
  const pivotOf = new Map<number, number>();
  const small: SmallRow[] = [];
  let left = operations;
  const shortFirst = (rows: readonly SparseRow[]) => rows.toSorted((a, b) => a.size - b.size);
  const uses = new Map<number, number>();
  for (const row of [...past, ...fresh]) for (const cls of row.keys()) uses.set(cls, (uses.get(cls) ?? 0) + 1);

  for (const [row, isFresh] of [...shortFirst(past).map((r) => [r, false] as const), ...shortFirst(fresh).map((r) => [r, true] as const)]) {
    const reduced = new Map([...row].map(([cls, value]) => [cls, mod(value)] as const).filter(([, value]) => value !== 0));
    // A pivot row holds no column of an earlier pivot, so the pivots that it brings in come later: one pass in order is enough.
    const due = new Heap();
    for (const cls of reduced.keys()) due.push(pivotOf.get(cls));
    for (let next = due.pop(); next !== undefined; next = due.pop()) {
      const pivot = pivots[next];
      const factor = pivot === undefined ? 0 : reduced.get(pivot.column) ?? 0;
      if (pivot === undefined || factor === 0) continue;
      left -= pivot.row.size;
      if (left < 0) return null;
      for (const [cls, value] of pivot.row) {
        const before = reduced.get(cls) ?? 0;
        const sum = (before + times(PRIME - factor, value)) % PRIME;
        if (sum === 0) reduced.delete(cls);
        else reduced.set(cls, sum);
        if (before === 0) due.push(pivotOf.get(cls));
      }
    }
    if (reduced.size === 0) continue;
    const column = pivotColumn(reduced, isLarge, uses);
    const scale = inverse(reduced.get(column) ?? 0);
    const normal = new Map([...reduced].map(([cls, value]) => [cls, times(value, scale)]));
    pivotOf.set(column, pivots.length);
    pivots.push({ column, row: normal });
    if (!isLarge(column)) small.push({ classes: normal, fresh: isFresh });
  }
  return small;
}

/** A large class if there is one; of several the one that the fewest rows have, which keeps rows short. */
function pivotColumn(row: SparseRow, isLarge: (cls: number) => boolean, uses: ReadonlyMap<number, number>): number {
  let best = -1;
  let bestRank = Infinity;
  for (const cls of row.keys()) {
    const rank = (isLarge(cls) ? 0 : 1e9) + (uses.get(cls) ?? 0);
    if (rank < bestRank) [best, bestRank] = [cls, rank];
  }
  return best;
}

/** The smallest number first; numbers may be in it more than once. */
class Heap {
  readonly #items: number[] = [];

  push(item: number | undefined): void {
    if (item === undefined) return;
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const up = (at - 1) >> 1;
      if ((items[up] ?? 0) <= item) break;
      items[at] = items[up] ?? 0;
      at = up;
    }
    items[at] = item;
  }

  pop(): number | undefined {
    const items = this.#items;
    const [first] = items;
    const last = items.pop();
    if (items.length === 0 || last === undefined) return first;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      if (down >= items.length) break;
      if (down + 1 < items.length && (items[down + 1] ?? 0) < (items[down] ?? 0)) down++;
      if ((items[down] ?? 0) >= last) break;
      items[at] = items[down] ?? 0;
      at = down;
    }
    items[at] = last;
    return first;
  }
}
