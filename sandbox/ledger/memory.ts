/**
 * Everything released before, in the memory of a worker: for every cell its size, fingerprint, sketch and released value in
 * flat arrays (96 bytes a cell), and what its gate is once for all its cells.
 */
import { SKETCH_WORDS, differingBuckets } from './sketch.ts';
import { Series } from './series.ts';

/** A population as it is compared: units, fingerprint (two halves of 64 bits), sketch. */
export interface Population {
  /** Distinct units that contribute. */
  readonly units: number;
  readonly fingerprint: bigint;
  /** 16 words. */
  readonly sketch: Uint32Array;
}

export interface RememberedCell extends Population {
  /** Which cell of its strip: the keys of its group as one text. */
  readonly key: string;
  /** What was released, in the units of its series. */
  readonly value: bigint;
}

/** A strip: the cells of one statistic of one gate. `Strip` is what the caller wants to know of it again. */
export interface Strip {
  /** Cells of different series are never the same: unit kind, statistic and measure. */
  readonly series: string;
}

/** A cell of history beside one that is to be released. */
export interface Neighbour<S extends Strip> {
  readonly cell: number;
  readonly strip: S;
  readonly value: bigint;
  /** The same units with the same contributions. */
  readonly equal: boolean;
  /** At least this many units differ. */
  readonly differing: number;
}

const CHUNK = 1 << 14;

interface Chunk {
  readonly strip: Uint32Array;
  readonly units: Uint32Array;
  /** Low and high half of each fingerprint, and of each key's hash. */
  readonly prints: Uint32Array;
  readonly keys: Uint32Array;
  readonly sketches: Uint32Array;
  readonly values: BigInt64Array;
}

export class Memory<S extends Strip> {
  readonly #chunks: Chunk[] = [];
  readonly #strips: { readonly strip: S; readonly first: number; readonly count: number }[] = [];
  readonly #series = new Map<string, Series>();
  /** Values that do not fit 64 bits. */
  readonly #wide = new Map<number, bigint>();
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** In the order in which they were released. */
  strips(): readonly S[] {
    return this.#strips.map(({ strip }) => strip);
  }

  add(strip: S, cells: readonly RememberedCell[]): void {
    const number = this.#strips.length;
    this.#strips.push({ strip, first: this.#length, count: cells.length });
    const series = this.#series.get(strip.series) ?? new Series();
    this.#series.set(strip.series, series);
    for (const cell of cells) this.#put(number, cell, series);
  }

  #put(strip: number, { key, units, fingerprint, sketch, value }: RememberedCell, series: Series): void {
    const cell = this.#length++;
    const at = cell % CHUNK;
    if (at === 0) {
      this.#chunks.push({
        strip: new Uint32Array(CHUNK), units: new Uint32Array(CHUNK), prints: new Uint32Array(2 * CHUNK), keys: new Uint32Array(2 * CHUNK),
        sketches: new Uint32Array(SKETCH_WORDS * CHUNK), values: new BigInt64Array(CHUNK),
      });
    }
    const chunk = this.#chunk(cell);
    chunk.strip[at] = strip;
    chunk.units[at] = units;
    chunk.prints[2 * at] = Number(fingerprint & 0xffff_ffffn);
    chunk.prints[2 * at + 1] = Number(fingerprint >> 32n);
    const [low, high] = keyHash(key);
    chunk.keys[2 * at] = low;
    chunk.keys[2 * at + 1] = high;
    chunk.sketches.set(sketch, at * SKETCH_WORDS);
    if (BigInt.asIntN(64, value) === value) chunk.values[at] = value;
    else this.#wide.set(cell, value);
    series.add(cell, units, sketch[0] ?? 0);
  }

  /**
   * Cells of the series whose population may differ from this one by at most `slack` units: equal ones first, then those that
   * differ least, then the oldest. None that differs by that little is left out.
   * @param slack units, ≥ 0
   */
  neighbours(series: string, population: Population, slack: number): readonly Neighbour<S>[] {
    const index = this.#series.get(series);
    if (index === undefined || slack < 0) return [];
    const low = Number(population.fingerprint & 0xffff_ffffn);
    const high = Number(population.fingerprint >> 32n);
    const found: Neighbour<S>[] = [];
    index.candidates(population.units, population.sketch[0] ?? 0, slack, (cell) => {
      const chunk = this.#chunk(cell);
      const at = cell % CHUNK;
      const differing = differingBuckets(chunk.sketches, at * SKETCH_WORDS, population.sketch, 0, slack);
      if (differing > slack) return;
      const equal = chunk.units[at] === population.units && chunk.prints[2 * at] === low && chunk.prints[2 * at + 1] === high;
      found.push({ cell, strip: this.stripOf(cell), value: this.valueOf(cell), equal, differing });
    });
    return found.sort((a, b) => Number(b.equal) - Number(a.equal) || a.differing - b.differing || a.cell - b.cell);
  }

  stripOf(cell: number): S {
    return this.#strips[this.#chunk(cell).strip[cell % CHUNK] ?? -1]?.strip ?? missing();
  }

  valueOf(cell: number): bigint {
    return this.#wide.get(cell) ?? this.#chunk(cell).values[cell % CHUNK] ?? missing();
  }

  /** Cells of a strip (by its place in `strips()`) by the text of their keys. */
  finder(strip: number): (key: string) => number | null {
    const { first, count } = this.#strips[strip] ?? missing();
    const byHash = new Map<number, number[]>();
    for (let cell = first; cell < first + count; cell++) {
      const low = this.#chunk(cell).keys[2 * (cell % CHUNK)] ?? 0;
      byHash.set(low, [...(byHash.get(low) ?? []), cell]);
    }
    return (key) => {
      const [low, high] = keyHash(key);
      return byHash.get(low)?.find((cell) => this.#chunk(cell).keys[2 * (cell % CHUNK) + 1] === high) ?? null;
    };
  }

  /** What is remembered of a cell's population. */
  populationOf(cell: number): Population {
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

/** 64 bits of a text: two multiplicative hashes of its UTF-16 units. Keys are the domain's own; nobody gains by a collision. */
function keyHash(key: string): readonly [number, number] {
  let a = 0x811c_9dc5;
  let b = 0x9e37_79b9;
  for (let i = 0; i < key.length; i++) {
    const unit = key.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x0100_0193);
    b = Math.imul(b ^ unit, 0x85eb_ca6b);
    b ^= b >>> 13;
  }
  return [a >>> 0, b >>> 0];
}

function missing(): never {
  throw new Error('the ledger has no such cell');
}
