/**
 * Sums of which few units have nearly everything, and which follow from the cells of one earlier table and a cell of the job: Σ m − c, or less
 * cells of the job's table that are known as well. For tables in which each unit is in one cell at most, with all of its rows.
 *
 * Which cells of the table to take: units that a cell m and c share are left where m is not taken, the others of m where it is. If
 * a few units have nearly everything that is left, taking from each other cell what is less of |x| leaves them even more of it. So all
 * cells are taken that way, and then one at a time the other: that with the units in question. Known cells of the job in m are taken away: if the
 * units in question were in one of them, they would have nearly everything in it too, and it would not be known.
 */
import { insert, LARGEST, NOTHING, together, type Amounts } from './amounts.ts';
import type { Known, KnownTable, Simple } from './at-once.ts';
import type { Coefficients } from './combinations.ts';

interface Sized extends Amounts {
  readonly units: number;
}

const NOBODY: Sized = { ...NOTHING, units: 0 };

/** What a cell of a table leaves: of itself where it is taken, of the cell of the job where it is not. */
interface Sides {
  readonly cell: Remaining;
  readonly taken: Sized;
  readonly spared: Sized;
}

export class Rests {
  readonly #tables: readonly { readonly table: KnownTable; readonly cells: readonly Remaining[] }[];
  readonly #units: Float64Array;
  readonly #amounts: (cls: number) => Amounts;
  readonly #isDominated: (amounts: Amounts) => boolean;
  /** By class, which known cell of the job's table it is in, from 1 on; 0: in none. */
  readonly #knownOf: Int32Array;
  #known = 0;

  /**
   * @param tables known cells of other tables, table by table
   * @param units by class
   * @param amounts what its units add to the sum
   */
  constructor(tables: readonly KnownTable[], units: Float64Array, amounts: (cls: number) => Amounts, isDominated: (amounts: Amounts) => boolean) {
    this.#units = units;
    this.#amounts = amounts;
    this.#isDominated = isDominated;
    this.#knownOf = new Int32Array(units.length);
    this.#tables = tables.map((table) => ({ table, cells: table.cells.map((known) => new Remaining(known, this.#sum(known.row.classes), amounts)) }));
  }

  /** From now on a cell of the job's table is known. */
  add(known: Known): void {
    const id = ++this.#known;
    const total = this.#sum(known.row.classes).units;
    for (const cls of known.row.classes) this.#knownOf[cls] = id;
    for (const { table, cells } of this.#tables) {
      for (const [cell, classes] of table.byCell(known.row.classes)) {
        const part = this.#sum(classes);
        if (2 * part.units > total) cells[cell - 1]?.take(id, known, part);
      }
    }
  }

  /** Of the first table whose cells leave a rest with a few units in question; null where there is none. */
  find({ classes }: Pick<Coefficients, 'classes'>): Simple | null {
    const own = new Set(classes);
    const without = (cls: number): boolean => own.has(cls);
    for (const { table, cells } of this.#tables) {
      const byCell = table.byCell(classes);
      const inside = new Set([...byCell.values()].flat());
      const outside = this.#sum(classes.filter((cls) => !inside.has(cls)));
      const sides = [...byCell].flatMap(([cell, shared]): readonly Sides[] => {
        const of = cells[cell - 1];
        const spared = this.#sum(shared);
        return of === undefined ? [] : [{ cell: of, taken: of.without(spared, without, this.#knownOf), spared }];
      });
      const found = this.#leaves(outside, sides);
      if (found !== null) return found;
    }
    return null;
  }

  #leaves(outside: Sized, sides: readonly Sides[]): Simple | null {
    const takes = sides.map(({ taken, spared }) => taken.absolute <= spared.absolute);
    const left = sides.map(({ taken, spared }, i) => (takes[i] === true ? taken : spared));
    const answer = (flipped: number, rest: Sized): Simple | null => {
      const chosen = sides.flatMap(({ cell }, i) => ((takes[i] === true) !== (i === flipped) ? [cell] : []));
      // Without any it is the cell itself, which the rules see to.
      if (chosen.length === 0 || rest.units === 0 || !this.#isDominated(rest)) return null;
      return { plus: chosen.map(({ known }) => known), minus: chosen.flatMap((cell) => cell.taken), differing: rest.units };
    };
    const after = [outside];
    for (const each of left.toReversed()) after.unshift(both(each, after[0] ?? outside));
    const all = answer(-1, after[0] ?? outside);
    if (all !== null) return all;
    let before = NOBODY;
    for (const [i, { taken, spared }] of sides.entries()) {
      // What is all in the cell is taken: sparing it leaves it, and it is known.
      if (taken.units > 0) {
        const found = answer(i, both(before, both(takes[i] === true ? spared : taken, after[i + 1] ?? outside)));
        if (found !== null) return found;
      }
      before = both(before, left[i] ?? NOBODY);
    }
    return null;
  }

  #sum(classes: Iterable<number>): Sized {
    let units = 0;
    const amounts: Amounts[] = [];
    for (const cls of classes) {
      units += this.#units[cls] ?? 0;
      amounts.push(this.#amounts(cls));
    }
    return { ...together(amounts), units };
  }
}

const both = (a: Sized, b: Sized): Sized => ({ ...together([a, b]), units: a.units + b.units });

/** What is left of a known cell when known cells of the job are taken away. */
class Remaining {
  readonly known: Known;
  readonly #amounts: (cls: number) => Amounts;
  readonly #taken = new Map<number, Known>();
  #units: number;
  #net: number;
  #absolute: number;
  /** Classes, that with the largest unit first; null until somebody asks. */
  #byLargest: readonly number[] | null = null;

  constructor(known: Known, { units, net, absolute }: Sized, amounts: (cls: number) => Amounts) {
    this.known = known;
    this.#amounts = amounts;
    this.#units = units;
    this.#net = net;
    this.#absolute = absolute;
  }

  get taken(): readonly Known[] {
    return [...this.#taken.values()];
  }

  take(id: number, known: Known, { units, net, absolute }: Sized): void {
    this.#taken.set(id, known);
    this.#units -= units;
    this.#net -= net;
    this.#absolute -= absolute;
  }

  /** @param part whose classes `isPart` knows, all of them left */
  without(part: Sized, isPart: (cls: number) => boolean, knownOf: Int32Array): Sized {
    const units = this.#units - part.units;
    return units === 0 ? NOBODY : { units, net: this.#net - part.net, absolute: this.#absolute - part.absolute, largest: this.#largest(isPart, knownOf) };
  }

  #largest(isPart: (cls: number) => boolean, knownOf: Int32Array): readonly number[] {
    const largest: number[] = [];
    let [classes, gone] = [0, 0];
    const order = this.#byLargest ??= Array.from(this.known.row.classes).sort((a, b) => this.#greatest(b) - this.#greatest(a) || a - b);
    for (const cls of order) {
      if (this.#taken.has(knownOf[cls] ?? 0)) {
        gone++;
        continue;
      }
      if (isPart(cls)) continue;
      for (const amount of this.#amounts(cls).largest) if (!insert(largest, amount)) break;
      // Whoever is in none of these is not larger than any of them.
      if (++classes === LARGEST) break;
    }
    if (gone > MANY) this.#byLargest = order.filter((cls) => !this.#taken.has(knownOf[cls] ?? 0));
    return largest;
  }

  #greatest(cls: number): number {
    return this.#amounts(cls).largest[0] ?? 0;
  }
}

/** Classes that are passed over before they are left out for good. */
const MANY = 64;
