/**
 * What can be said of a number at a glance where each unit is in one cell of a table at most: that it is a margin of which everything else is known. Most numbers are that, or
 * follow from nothing (`cuts.ts`), and the search of `combinations.ts` is not needed.
 */
import type { Coefficients } from './combinations.ts';

/** A known number, or one that follows from known ones exactly. */
export interface Known {
  readonly row: Coefficients;
  /** What it is made of, by id, each once. */
  readonly terms: readonly { readonly id: number; readonly factor: number }[];
}

export type Dominated = (classes: Iterable<number>) => boolean;

/** One table of the job. */
export class AtOnce {
  readonly #min: number;
  /** By class. */
  readonly #units: Float64Array;
  /** By class, from 1 on; 0: in none. */
  readonly #cellOf: Int32Array;
  readonly #known = new Map<number, Known>();
  readonly #rows: readonly Coefficients[];
  readonly #isDominated: Dominated | null;
  /** Classes of margins that were gone through. */
  #visited = 0;

  /**
   * @param cells of the table, from 1 on
   * @param units by class, and of classes beyond those of the data
   * @param isDominated whether the sum over classes tells of few of their units, however many they are
   */
  constructor(cells: readonly Coefficients[], units: Float64Array, min: number, isDominated: Dominated | null = null) {
    this.#min = min;
    this.#isDominated = isDominated;
    this.#units = units;
    this.#rows = cells;
    this.#cellOf = new Int32Array(units.length);
    cells.forEach((cell, i) => cell.classes.forEach((cls) => (this.#cellOf[cls] = i + 1)));
  }

  get visited(): number {
    return this.#visited;
  }

  /**
   * The cell as the known cells of some other table that it is made of; or as those that it is in, less what else of its own table is known
   * in them. Null where it is not as simple.
   * @param tables known cells of other tables, table by table
   */
  follows(cell: number, tables: readonly KnownTable[]): Simple | null {
    const own = this.#rows[cell - 1] ?? NOBODY;
    const shares = tables.map((table) => table.shares(own.classes, this.#units));
    for (const [t, table] of tables.entries()) {
      const parts = table.mostly(shares[t] ?? NONE);
      const differing = parts.length === 0 ? null : this.#differing(parts, [own]);
      if (differing !== null) return { plus: parts, minus: [], differing };
    }
    for (const [t, table] of tables.entries()) {
      const seed = table.cellsWith(shares[t] ?? NONE, (units) => units >= this.#min);
      const found = seed.length === 0 ? null : this.#inMargin(own, table, seed, tables);
      if (found !== null) return found;
    }
    return null;
  }

  #inMargin(own: Pick<Coefficients, 'classes'>, table: KnownTable, seed: readonly Known[], tables: readonly KnownTable[]): Simple | null {
    const rest = this.#rest(own, seed);
    const classes = Int32Array.from(rest.classes);
    // What an earlier table of the same groups tells is given again, and not known as the job's own.
    for (const others of [null, ...tables]) {
      if (others === table) continue;
      this.#visited += classes.length;
      const inside = others?.mostly(others.shares(classes, this.#units)) ?? [];
      // Without any it is what it is without the table.
      if (others !== null && inside.length === 0) continue;
      const found = this.#margin(own, table, seed, others, [...rest.minus, ...inside]);
      if (found !== null) return found;
    }
    return null;
  }

  /** What cells hold beside this one and the known ones of its table, and which these are. */
  #rest(own: Pick<Coefficients, 'classes'>, plus: readonly Known[]): { readonly classes: ReadonlySet<number>; readonly minus: readonly Known[] } {
    const classes = new Set<number>();
    for (const { row } of plus) for (const cls of row.classes) classes.add(cls);
    this.#visited += classes.size;
    for (const cls of own.classes) classes.delete(cls);
    const inside = new Map<number, number>();
    for (const cls of classes) {
      const cell = this.#cellOf[cls] ?? 0;
      if (cell > 0) inside.set(cell, (inside.get(cell) ?? 0) + this.#units[cls]!);
    }
    const minus: Known[] = [];
    for (const [cell, units] of [...inside].sort(byNumber)) {
      const each = this.#known.get(cell);
      if (each === undefined || 2 * units <= this.#total(each.row.classes)) continue;
      minus.push(each);
      for (const cls of each.row.classes) classes.delete(cls);
    }
    return { classes, minus };
  }

  /** Cells of a table less others that are in them; what these are in as well belongs to it. */
  #margin(own: Pick<Coefficients, 'classes'>, table: KnownTable, seed: readonly Known[], others: KnownTable | null, first: readonly Known[]): Simple | null {
    let [plus, minus] = [seed, first];
    for (let round = 0; minus.length > 0; round++) {
      const made = [...minus.map(({ row }) => row), own];
      const differing = this.#differing(plus, made);
      if (differing !== null) return { plus, minus, differing };
      if (round === ROUNDS) return null;
      const inside = new Set<number>();
      for (const { classes } of made) for (const cls of classes) inside.add(cls);
      const next = table.mostly(table.shares(inside, this.#units));
      if (next.length === plus.length && next.every((each, i) => each === plus[i])) return null;
      plus = next;
      const rest = this.#rest(own, plus);
      minus = [...rest.minus, ...others?.mostly(others.shares(rest.classes, this.#units)) ?? []];
    }
    return null;
  }

  /** Units that are not as often in the one as in the other; null where these are enough, and none of them dominates. */
  #differing(plus: readonly Known[], minus: readonly Pick<Coefficients, 'classes'>[]): number | null {
    const total = (all: readonly Pick<Coefficients, 'classes'>[]): number => all.reduce((sum, { classes }) => sum + this.#total(classes), 0);
    if (this.#isDominated === null && Math.abs(total(plus.map(({ row }) => row)) - total(minus)) >= this.#min) return null;
    const times = new Map<number, number>();
    for (const { row } of plus) for (const cls of row.classes) times.set(cls, (times.get(cls) ?? 0) + 1);
    for (const { classes } of minus) for (const cls of classes) times.set(cls, (times.get(cls) ?? 0) - 1);
    const rest = [...times].flatMap(([cls, n]) => (n === 0 ? [] : [cls]));
    const differing = this.#total(rest);
    return differing < this.#min || this.#isDominated?.(rest) === true ? differing : null;
  }

  #total(classes: Iterable<number>): number {
    let units = 0;
    for (const cls of classes) units += this.#units[cls]!;
    return units;
  }

  /** From now on the cell is known. */
  add(cell: number, known: Known): void {
    this.#known.set(cell, known);
  }
}

/** Known cells of one table: no unit is in two of them. */
export class KnownTable {
  readonly cells: readonly Known[];
  /** By class, from 1 on; 0 or nothing: in none. Of a table of few classes only these are kept. */
  readonly #cellOf: Int32Array | Map<number, number>;
  readonly #totals: Float64Array;

  /** @param units by class */
  constructor(cells: readonly Known[], units: Float64Array) {
    this.cells = cells;
    const covered = cells.reduce((sum, { row }) => sum + row.classes.length, 0);
    const [few, all] = SPARSE * covered < units.length ? [new Map<number, number>(), null] : [null, new Int32Array(units.length)];
    this.#totals = Float64Array.from(cells, ({ row }, i) => {
      let total = 0;
      for (const cls of row.classes) {
        if (all === null) few.set(cls, i + 1);
        else all[cls] = i + 1;
        total += units[cls]!;
      }
      return total;
    });
    this.#cellOf = few ?? all;
  }

  #cell(cls: number): number {
    return (this.#cellOf instanceof Map ? this.#cellOf.get(cls) : this.#cellOf[cls]) ?? 0;
  }

  /** Units in these classes, of each cell that has some. */
  shares(classes: Iterable<number>, units: Float64Array): Shares {
    const shares = new Map<number, number>();
    for (const cls of classes) {
      const cell = this.#cell(cls);
      if (cell > 0) shares.set(cell, (shares.get(cell) ?? 0) + units[cls]!);
    }
    return shares;
  }

  /** Those of the classes that are in a cell, by cell. */
  byCell(classes: Iterable<number>): ReadonlyMap<number, readonly number[]> {
    const inside = new Map<number, number[]>();
    for (const cls of classes) {
      const cell = this.#cell(cls);
      if (cell === 0) continue;
      const own = inside.get(cell);
      if (own === undefined) inside.set(cell, [cls]);
      else own.push(cls);
    }
    return inside;
  }

  /** Cells of which there is more in the shares than not. */
  mostly(shares: Shares): readonly Known[] {
    return this.cellsWith(shares, (units, cell) => 2 * units > this.#totals[cell - 1]!);
  }

  /** In the order of the table. */
  cellsWith(shares: Shares, isWanted: (units: number, cell: number) => boolean): readonly Known[] {
    const wanted: number[] = [];
    for (const [cell, units] of shares) if (isWanted(units, cell)) wanted.push(cell);
    return wanted.sort((a, b) => a - b).flatMap((cell) => this.cells[cell - 1] ?? []);
  }
}

/** By cell of a table, from 1 on. */
type Shares = ReadonlyMap<number, number>;

/** A table that covers less than one in so many classes. */
const SPARSE = 16;

const NONE: Shares = new Map();

const byNumber = ([a]: readonly [number, number], [b]: readonly [number, number]): number => a - b;

/** Known cells that a cell is the sum of, less others, but for so many units. */
export interface Simple {
  readonly plus: readonly Known[];
  readonly minus: readonly Known[];
  readonly differing: number;
}

/** Times that a margin is completed by what is in its parts. */
const ROUNDS = 2;

const NOBODY: Pick<Coefficients, 'classes'> = { classes: new Int32Array() };
