/**
 * What units with several rows count with in the cells of a statistic. In numbers of rows: how many they have there. In sums: what they add, for a part with half of
 * everybody's rows need not be half of the sum. Of a unit that adds to all cells in proportion to its rows, the rows say the same, and fewer classes of units are told apart.
 */
import { PRIME } from './field.ts';
import type { UnitAmounts, UnitCells } from './unit-cells.ts';

export interface CountedCells {
  readonly of: UnitCells;
  /** By pair of a unit and a cell; null: the rows of each. */
  readonly exact: Float64Array | null;
}

export interface Counted {
  /** As they were given; the same for the same. */
  readonly tables: readonly CountedCells[];
  /** Units that do not add in proportion to their rows. */
  readonly uneven: number;
}

/**
 * @param scales of sums: by table, that units add whole numbers of 10^-scale; null where they do not. Null of numbers of rows
 * @param units codes there are
 */
export function countedCells(tables: readonly UnitAmounts[], scales: readonly (number | null)[] | null, units: number): Counted {
  const distinct = [...new Map(tables.map((table, t) => [table, scales?.[t] ?? null]))];
  const byTable = (exact: (table: number) => Float64Array | null, count: number): Counted => {
    const counted = new Map(distinct.map(([table], t): [UnitAmounts, CountedCells] => [table, { of: table.of, exact: exact(t) }]));
    return { tables: tables.map((table) => counted.get(table) ?? lost()), uneven: count };
  };
  if (scales === null) return byTable(() => null, 0);
  const whole = inUnits(distinct);
  const added = whole ?? distinct.map(([table]) => addedIn(table));
  const uneven = new Uneven(units, whole === null ? ABOUT : 0);
  distinct.forEach(([{ of }], t) => uneven.look(of, added[t]!));
  if (uneven.count === 0 || whole === null) return byTable(() => null, uneven.count);
  return byTable((t) => whole[t]!.map((own, at) => {
    const { units: codes, rows } = distinct[t]![0].of;
    return uneven.has(codes[at]!) ? own : rows[at]!;
  }), uneven.count);
}

const addedIn = ({ of: { rows }, amounts }: UnitAmounts): Float64Array => amounts ?? Float64Array.from(rows);

/** Beyond, a double may not be the number any more that was divided to make it. */
const LARGEST = 2 ** 51;
/** Amounts that differ by less may be the same, added up in another order. */
const ABOUT = 1e-9;

/** What each pair adds, in units that all have in common; null where that is not exact. */
function inUnits(tables: readonly (readonly [UnitAmounts, number | null])[]): readonly Float64Array[] | null {
  const finest = Math.max(0, ...tables.map(([, scale]) => scale ?? 0));
  const all: Float64Array[] = [];
  for (const [table, scale] of tables) {
    if (scale === null) return null;
    const [unit, common] = [10 ** scale, 10 ** (finest - scale)];
    const own = addedIn(table).map((amount) => Math.round(amount * unit) * common);
    // What is zero modulo the prime seems not to be in the number at all.
    if (!own.every((amount) => Math.abs(amount) < LARGEST && (amount === 0 || amount % PRIME !== 0))) return null;
    all.push(own);
  }
  return all;
}

/** Units of which some cell has more for each row than another. */
class Uneven {
  readonly #slack: number;
  /** By unit, of the first cell that it is in. */
  readonly #rows: Int32Array;
  readonly #added: Float64Array;
  readonly #is: Uint8Array;
  count = 0;

  constructor(units: number, slack: number) {
    this.#slack = slack;
    this.#rows = new Int32Array(units);
    this.#added = new Float64Array(units);
    this.#is = new Uint8Array(units);
  }

  has(unit: number): boolean {
    return this.#is[unit] === 1;
  }

  look({ units, rows }: UnitCells, added: Float64Array): void {
    for (let at = 0; at < units.length; at++) {
      const unit = units[at]!;
      if (this.#rows[unit] === 0) {
        this.#rows[unit] = rows[at]!;
        this.#added[unit] = added[at]!;
        continue;
      }
      if (this.#is[unit] === 1) continue;
      const [here, there] = [added[at]! * this.#rows[unit]!, this.#added[unit]! * rows[at]!];
      const most = Math.max(Math.abs(here), Math.abs(there));
      // Products that are no whole numbers any more say nothing.
      if (Math.abs(here - there) <= this.#slack * most && (this.#slack > 0 || most <= Number.MAX_SAFE_INTEGER)) continue;
      this.#is[unit] = 1;
      this.count++;
    }
  }
}

function lost(): never {
  throw new Error('a table without its numbers');
}
