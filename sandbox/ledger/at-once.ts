/**
 * What can be said of a number at a glance: that it follows from nothing, or that it is a margin of which everything else is known.
 * Most numbers are one or the other, and the search of `combinations.ts` is not needed. For tables in which each unit is in one cell at most.
 *
 * Why a number of cell t follows from nothing: say t = Σ f·r + Σ g·s, but for fewer than `min` units, where r are known numbers of other
 * tables and s known cells of t's own. The first sum is some F in each part of the units that no known table tells apart. In a part,
 * F = 1 or its units in t differ; F = 0 or those in no cell of t's table that is known. So at least the smaller of these two differ, in
 * every part. And where a part shares `min` units or more with t, F = 1; with a known cell s, F = −g; with none of them, F = 0: parts
 * and cells with that much in common hang together, and t does not hang together with units in no known cell, or F would be 1 and 0.
 */
import type { Coefficients } from './combinations.ts';

/** A known number, or one that follows from known ones exactly. */
export interface Known {
  readonly row: Coefficients;
  /** What it is made of, by id, each once. */
  readonly terms: readonly { readonly id: number; readonly factor: number }[];
}

/** What hangs together in one table of the job. */
export class AtOnce {
  readonly #min: number;
  /** By class. */
  readonly #units: Float64Array;
  /** By cell, parts with which it shares at least `min` units; by part, cells (0: none). */
  readonly #partsOf: readonly (readonly number[])[];
  readonly #cellsOf: ReadonlyMap<number, readonly number[]>;
  /** By cell: units that it shares with each part. */
  readonly #shares: readonly (readonly (readonly [part: number, units: number])[])[];
  /** By part: its units that are in no known cell. */
  readonly #unknown = new Map<number, number>();
  readonly #known = new Map<number, Known>();
  readonly #rows: readonly Coefficients[];

  /**
   * @param parts by class, what known tables do not tell apart
   * @param cells of the table, from 1 on
   * @param units by class, and of classes beyond those of the data
   */
  constructor(parts: Int32Array, cells: readonly Coefficients[], units: Float64Array, min: number) {
    this.#min = min;
    this.#units = units;
    this.#rows = cells;
    const cellOf = new Int32Array(parts.length);
    cells.forEach(({ classes }, i) => classes.forEach((cls) => (cellOf[cls] = i + 1)));
    const shared = new Map<number, number>();
    const width = cells.length + 1;
    for (let cls = 1; cls < parts.length; cls++) {
      const pair = parts[cls]! * width + cellOf[cls]!;
      shared.set(pair, (shared.get(pair) ?? 0) + units[cls]!);
    }
    const partsOf: number[][] = Array.from({ length: width }, () => []);
    const shares: [number, number][][] = Array.from({ length: width }, () => []);
    const cellsOf = new Map<number, number[]>();
    for (const [pair, count] of shared) {
      const cell = pair % width;
      const part = (pair - cell) / width;
      shares[cell]!.push([part, count]);
      this.#unknown.set(part, (this.#unknown.get(part) ?? 0) + count);
      if (count < min) continue;
      partsOf[cell]!.push(part);
      const list = cellsOf.get(part);
      if (list === undefined) cellsOf.set(part, [cell]);
      else list.push(cell);
    }
    this.#shares = shares;
    this.#partsOf = partsOf;
    this.#cellsOf = cellsOf;
  }

  /** Whether certainly nothing follows for a cell. */
  isFree(cell: number): boolean {
    let differing = 0;
    for (const [part, units] of this.#shares[cell] ?? []) differing += Math.min(units, (this.#unknown.get(part) ?? 0) - units);
    return differing >= this.#min || this.#hangsLoose(cell);
  }

  /**
   * The cell as the known cells of some other table that it is made of; or as those that it is in, less what else of its own table is known
   * in them. Null where it is not as simple.
   * @param tables known cells of other tables, table by table
   */
  follows(cell: number, tables: readonly (readonly Known[])[]): { readonly plus: readonly Known[]; readonly minus: readonly Known[]; readonly differing: number } | null {
    const own = this.#rows[cell - 1] ?? NOBODY;
    const inside = this.#union([own]);
    for (const table of tables) {
      const parts = table.filter(({ row }) => this.#isMostly(row, inside));
      const differing = parts.length === 0 ? this.#min : this.#differing(parts, [own]);
      if (differing < this.#min) return { plus: parts, minus: [], differing };
    }
    for (const table of tables) {
      const seed = table.filter(({ row }) => this.#shared(row, inside) >= this.#min);
      // What an earlier table of the same groups tells is given again, and not known as the job's own.
      for (const others of seed.length === 0 ? [] : [[], ...tables]) {
        const found = others === table ? null : this.#margin(own, table, seed, others);
        if (found !== null) return found;
      }
    }
    return null;
  }

  /** Cells of a table less others that are in them; what these are in as well belongs to it. */
  #margin(own: Pick<Coefficients, 'classes'>, table: readonly Known[], seed: readonly Known[], others: readonly Known[]): { readonly plus: readonly Known[]; readonly minus: readonly Known[]; readonly differing: number } | null {
    let plus = seed;
    for (let round = 0; round < ROUNDS; round++) {
      const rest = this.#union(plus.map(({ row }) => row));
      for (const cls of own.classes) rest[cls] = 0;
      const minus: Known[] = [];
      for (const each of [...this.#known.values(), ...others]) {
        if (!this.#isMostly(each.row, rest)) continue;
        minus.push(each);
        for (const cls of each.row.classes) rest[cls] = 0;
      }
      if (minus.length === 0) return null;
      const made = [...minus.map(({ row }) => row), own];
      const differing = this.#differing(plus, made);
      if (differing < this.#min) return { plus, minus, differing };
      const inside = this.#union(made);
      const next = table.filter(({ row }) => this.#isMostly(row, inside));
      if (next.length === plus.length && next.every((each, i) => each === plus[i])) return null;
      plus = next;
    }
    return null;
  }

  /** Units that are not as often in the one as in the other. */
  #differing(plus: readonly Known[], minus: readonly Pick<Coefficients, 'classes'>[]): number {
    const times = new Int32Array(this.#units.length);
    for (const { row } of plus) for (const cls of row.classes) times[cls]! += 1;
    for (const { classes } of minus) for (const cls of classes) times[cls]! -= 1;
    let differing = 0;
    for (let cls = 0; cls < times.length; cls++) if (times[cls] !== 0) differing += this.#units[cls]!;
    return differing;
  }

  #shared({ classes }: Coefficients, inside: Uint8Array): number {
    let units = 0;
    for (const cls of classes) if (inside[cls] === 1) units += this.#units[cls]!;
    return units;
  }

  #union(rows: readonly Pick<Coefficients, 'classes'>[]): Uint8Array {
    const inside = new Uint8Array(this.#units.length);
    for (const { classes } of rows) for (const cls of classes) inside[cls] = 1;
    return inside;
  }

  /** More of its units are inside than not. */
  #isMostly({ classes }: Coefficients, inside: Uint8Array): boolean {
    let balance = 0;
    for (const cls of classes) balance += inside[cls] === 1 ? this.#units[cls]! : -this.#units[cls]!;
    return balance > 0;
  }

  /** Whether the cell hangs together with units in no known cell. */
  #hangsLoose(cell: number): boolean {
    const seen = new Set<number>();
    const cells = new Set([cell]);
    for (const next of cells) {
      for (const part of this.#partsOf[next] ?? []) {
        if (seen.has(part)) continue;
        seen.add(part);
        for (const other of this.#cellsOf.get(part) ?? []) {
          if (other !== cell && !this.#known.has(other)) return true;
          cells.add(other);
        }
      }
    }
    return false;
  }

  /** From now on the cell is known. */
  add(cell: number, known: Known): void {
    this.#known.set(cell, known);
    for (const [part, units] of this.#shares[cell] ?? []) this.#unknown.set(part, (this.#unknown.get(part) ?? 0) - units);
  }
}

/** Times that a margin is completed by what is in its parts. */
const ROUNDS = 3;

const NOBODY: Pick<Coefficients, 'classes'> = { classes: new Int32Array() };

/** Parts as a further table cuts them. @param parts by class */
export function cut(parts: Int32Array<ArrayBuffer>, cells: readonly Coefficients[]): Int32Array<ArrayBuffer> {
  const cellOf = new Int32Array(parts.length);
  cells.forEach(({ classes }, i) => classes.forEach((cls) => (cellOf[cls] = i + 1)));
  const numbers = new Map<number, number>();
  return parts.map((part, cls) => {
    const pair = part * (cells.length + 1) + cellOf[cls]!;
    const known = numbers.get(pair);
    if (known !== undefined) return known;
    numbers.set(pair, numbers.size);
    return numbers.size - 1;
  });
}
