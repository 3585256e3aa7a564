/**
 * Cells about one kind of unit, found by their number of units. Two populations that differ
 * by at most d units have sizes that differ by at most d, so whatever is nearly the same lies in a window of sizes.
 */
import { differingInPair } from './sketch.ts';

/** Cells added since the last sort are looked through one by one, up to this many and this share of the sorted ones. */
const TAIL = 4096;
const TAIL_SHARE = 8;

/** More cells than one series may have: sizes and places are sorted in one double. */
const PLACES = 2 ** 21;

export class Series {
  /** Sorted by size, then by age: cell numbers, their sizes, and the two words of their folded sketches, side by side. */
  #cells = new Uint32Array(0);
  #sizes = new Uint32Array(0);
  #words = new Uint32Array(0);
  #seconds = new Uint32Array(0);
  #tail: { readonly cell: number; readonly size: number; readonly word: number; readonly second: number }[] = [];

  get isFull(): boolean {
    return this.#cells.length + this.#tail.length >= PLACES - 1;
  }

  /**
   * @param cell a number that grows with every cell added
   * @param size distinct units, below 2^32
   * @param fold its folded sketch
   */
  add(cell: number, size: number, [word, second]: readonly [number, number]): void {
    this.#tail.push({ cell, size, word, second });
  }

  /** Cells whose size is within `slack` of `size` and whose folded sketches differ in at most `slack` buckets, in no particular order. */
  candidates(size: number, [word, second]: readonly [number, number], slack: number, visit: (cell: number) => void): void {
    if (this.#tail.length > Math.max(TAIL, this.#cells.length / TAIL_SHARE)) this.#sort();
    const [cells, words, seconds] = [this.#cells, this.#words, this.#seconds];
    const end = this.#firstAtLeast(size + slack + 1);
    for (let i = this.#firstAtLeast(size - slack); i < end; i++) {
      if (differingInPair(words[i]! ^ word, seconds[i]! ^ second) <= slack) visit(cells[i]!);
    }
    for (const late of this.#tail) {
      if (Math.abs(late.size - size) <= slack && differingInPair(late.word ^ word, late.second ^ second) <= slack) visit(late.cell);
    }
  }

  #firstAtLeast(size: number): number {
    let low = 0;
    let high = this.#sizes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sizes[middle] ?? 0) < size) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #sort(): void {
    const before = this.#cells.length;
    const all = before + this.#tail.length;
    const cell = (i: number): number => (i < before ? this.#cells[i] ?? 0 : this.#tail[i - before]?.cell ?? 0);
    const size = (i: number): number => (i < before ? this.#sizes[i] ?? 0 : this.#tail[i - before]?.size ?? 0);
    const word = (i: number): number => (i < before ? this.#words[i] ?? 0 : this.#tail[i - before]?.word ?? 0);
    const second = (i: number): number => (i < before ? this.#seconds[i] ?? 0 : this.#tail[i - before]?.second ?? 0);
    // Size and place in one exact double: sizes have 32 bits, places at most 21.
    const order = Float64Array.from({ length: all }, (_, i) => size(i) * PLACES + i).sort();
    const sorted = { cells: new Uint32Array(all), sizes: new Uint32Array(all), words: new Uint32Array(all), seconds: new Uint32Array(all) };
    order.forEach((key, at) => {
      const i = key % PLACES;
      sorted.cells[at] = cell(i);
      sorted.sizes[at] = size(i);
      sorted.words[at] = word(i);
      sorted.seconds[at] = second(i);
    });
    this.#cells = sorted.cells;
    this.#sizes = sorted.sizes;
    this.#words = sorted.words;
    this.#seconds = sorted.seconds;
    this.#tail = [];
  }
}
