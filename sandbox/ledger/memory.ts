/**
 * Everything released before, in the memory of a worker: for every cell its size, fingerprint, sketch and released value in
 * flat arrays (92 bytes a cell, 16 to 62 more to find it by, and the text of its keys), and what its gate is once for all its cells.
 */
import { SKETCH_WORDS, differingBuckets } from './sketch.ts';
import { isOfValues } from './face.ts';
import { Series } from './series.ts';

/** A population as it is compared: units, fingerprint (two halves of 64 bits), sketch. */
export interface Compared {
  /** Distinct units that contribute. */
  readonly units: number;
  readonly fingerprint: bigint;
  /** 16 words. */
  readonly sketch: Uint32Array;
}

/** And as it is found. */
export interface Population extends Compared {
  /** The `smallestOf(units)` smallest hashes of its units, in ascending order. */
  readonly smallest: Uint32Array;
}

export interface RememberedCell extends Population {
  /** Which cell of its strip: the keys of its group as one text. */
  readonly key: string;
  /** What was released, in the units of its strip; null where it was withheld and has to stay so. */
  readonly value: bigint | null;
}

/** A strip: the cells of one number of one gate. `Strip` is what the caller wants to know of it again. */
export interface Strip {
  /** Of unit: populations of different kinds are never the same. */
  readonly kind: string;
  readonly series?: string;
}

/** Numbers of all series of a kind are compared; how many values a column has only with the like. */
const comparedIn = ({ kind, series }: Strip): string => (series !== undefined && isOfValues(series) ? series : kind);

/** A cell of history beside one that is to be released. */
export interface Neighbour<S extends Strip> {
  readonly cell: number;
  readonly strip: S;
  readonly key: string;
  readonly value: bigint | null;
  /** The same units with the same contributions. */
  readonly equal: boolean;
  /** At least this many units differ. */
  readonly differing: number;
}

interface Held<S> {
  readonly strip: S;
  readonly first: number;
  /** Of all its cells. */
  readonly units: number;
  /** Keys of its cells one after the other, UTF-8, and where each ends. */
  readonly keys: Buffer;
  readonly ends: Uint32Array;
}

const CHUNK = 1 << 14;

interface Chunk {
  readonly strip: Uint32Array;
  readonly units: Uint32Array;
  /** Low and high half of each fingerprint. */
  readonly prints: Uint32Array;
  readonly sketches: Uint32Array;
  readonly values: BigInt64Array;
}

export class Memory<S extends Strip> {
  readonly #chunks: Chunk[] = [];
  readonly #strips: Held<S>[] = [];
  /** By what is compared. */
  readonly #series = new Map<string, Series>();
  /** Values that do not fit 64 bits. */
  readonly #wide = new Map<number, bigint>();
  readonly #withheld = new Set<number>();
  /** Places of strips that count no more. Their cells stay where they are: all others are numbered by them. */
  readonly #forgotten = new Set<number>();
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** In the order in which they were released, with their places. */
  strips(): readonly { readonly strip: S; readonly place: number }[] {
    return this.#strips.flatMap(({ strip }, place) => (this.#forgotten.has(place) ? [] : [{ strip, place }]));
  }

  /** They are compared with nothing from here on. */
  forget(which: (strip: S) => boolean): void {
    this.#strips.forEach(({ strip }, place) => void (which(strip) && this.#forgotten.add(place)));
  }

  add(strip: S, cells: readonly RememberedCell[]): void {
    const number = this.#strips.length;
    const keys = Buffer.from(cells.map(({ key }) => key).join(''), 'utf8');
    const ends = new Uint32Array(cells.length);
    cells.reduce((end, { key }, i) => (ends[i] = end + Buffer.byteLength(key, 'utf8')), 0);
    this.#strips.push({ strip, first: this.#length, units: cells.reduce((sum, { units }) => sum + units, 0), keys, ends });
    const series = this.#series.get(comparedIn(strip)) ?? new Series();
    this.#series.set(comparedIn(strip), series);
    for (const cell of cells) series.add(this.#put(number, cell), cell);
  }

  /** @returns its number */
  #put(strip: number, { units, fingerprint, sketch, value }: RememberedCell): number {
    const cell = this.#length++;
    const at = cell % CHUNK;
    if (at === 0) {
      this.#chunks.push({
        strip: new Uint32Array(CHUNK), units: new Uint32Array(CHUNK), prints: new Uint32Array(2 * CHUNK),
        sketches: new Uint32Array(SKETCH_WORDS * CHUNK), values: new BigInt64Array(CHUNK),
      });
    }
    const chunk = this.#chunk(cell);
    chunk.strip[at] = strip;
    chunk.units[at] = units;
    chunk.prints[2 * at] = Number(fingerprint & 0xffff_ffffn);
    chunk.prints[2 * at + 1] = Number(fingerprint >> 32n);
    chunk.sketches.set(sketch, at * SKETCH_WORDS);
    if (value === null) this.#withheld.add(cell);
    else if (BigInt.asIntN(64, value) === value) chunk.values[at] = value;
    else this.#wide.set(cell, value);
    return cell;
  }

  /**
   * Cells of the strip's kind whose population may differ from this one by at most `slack` units, the oldest first. None that
   * differs by that little is left out.
   * @param slack units, ≥ 0
   */
  neighbours(strip: Strip, population: Population, slack: number): readonly Neighbour<S>[] {
    if (slack < 0) return [];
    const low = Number(population.fingerprint & 0xffff_ffffn);
    const high = Number(population.fingerprint >> 32n);
    const found = new Map<number, Neighbour<S>>();
    const look = (cell: number): void => {
      const chunk = this.#chunk(cell);
      const at = cell % CHUNK;
      if (this.#forgotten.size > 0 && this.#forgotten.has(chunk.strip[at] ?? -1)) return;
      const differing = differingBuckets(chunk.sketches, at * SKETCH_WORDS, population.sketch, 0, slack);
      if (differing > slack || found.has(cell)) return;
      const equal = chunk.units[at] === population.units && chunk.prints[2 * at] === low && chunk.prints[2 * at + 1] === high;
      found.set(cell, { cell, strip: this.stripOf(cell), key: this.keyOf(cell), value: this.valueOf(cell), equal, differing });
    };
    this.#series.get(comparedIn(strip))?.candidates(population, slack, look);
    return [...found.values()].sort((a, b) => a.cell - b.cell);
  }

  stripOf(cell: number): S {
    return this.#strips[this.#chunk(cell).strip[cell % CHUNK] ?? -1]?.strip ?? missing();
  }

  /** Null where it was withheld. */
  valueOf(cell: number): bigint | null {
    if (this.#withheld.has(cell)) return null;
    return this.#wide.get(cell) ?? this.#chunk(cell).values[cell % CHUNK] ?? missing();
  }

  keyOf(cell: number): string {
    const { first, keys, ends } = this.#strips[this.#chunk(cell).strip[cell % CHUNK] ?? -1] ?? missing();
    const at = cell - first;
    return keys.toString('utf8', at === 0 ? 0 : ends[at - 1], ends[at]);
  }

  /** Cells of a strip (by its place), by their keys. */
  cellsOf(strip: number): ReadonlyMap<string, number> {
    const { first, ends } = this.#strips[strip] ?? missing();
    return new Map(Array.from(ends, (_, i) => [this.keyOf(first + i), first + i]));
  }

  /** How many cells a strip has, and how many units they have together. */
  cellsIn(strip: number): number {
    return this.#strips[strip]?.ends.length ?? missing();
  }

  unitsIn(strip: number): number {
    return this.#strips[strip]?.units ?? missing();
  }

  /** What is remembered of a cell's population. */
  populationOf(cell: number): Compared {
    const chunk = this.#chunk(cell);
    const at = cell % CHUNK;
    return {
      units: chunk.units[at] ?? 0,
      fingerprint: (BigInt(chunk.prints[2 * at + 1] ?? 0) << 32n) | BigInt(chunk.prints[2 * at] ?? 0),
      sketch: chunk.sketches.slice(at * SKETCH_WORDS, (at + 1) * SKETCH_WORDS),
    };
  }

  #chunk(cell: number): Chunk {
    return this.#chunks[Math.floor(cell / CHUNK)] ?? missing();
  }
}

function missing(): never {
  throw new Error('the ledger has no such cell');
}
