/**
 * Cells found by their number of units. Two populations that differ by at most d units have sizes that differ by at most d, so whatever is nearly
 * the same lies in a window of sizes.
 */
import { differingInPair } from './sketch.ts';

/** Cells added since the last sort are looked through one by one, up to this many. */
const TAIL = 4096;

/** Side by side: cell numbers, their sizes, and the two words of their folded sketches. */
interface Columns {
  readonly cells: Uint32Array;
  readonly sizes: Uint32Array;
  readonly words: Uint32Array;
  readonly seconds: Uint32Array;
}

interface Late {
  readonly cell: number;
  readonly size: number;
  readonly word: number;
  readonly second: number;
}

export class BySize {
  /** By size, then by age. */
  #sorted = columns(0);
  #tail: Late[] = [];

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
    if (this.#tail.length > TAIL) this.#sort();
    const { cells, words, seconds } = this.#sorted;
    const end = this.#firstAtLeast(size + slack + 1);
    for (let i = this.#firstAtLeast(size - slack); i < end; i++) {
      if (differingInPair(words[i]! ^ word, seconds[i]! ^ second) <= slack) visit(cells[i]!);
    }
    for (const late of this.#tail) {
      if (Math.abs(late.size - size) <= slack && differingInPair(late.word ^ word, late.second ^ second) <= slack) visit(late.cell);
    }
  }

  #firstAtLeast(size: number): number {
    const { sizes } = this.#sorted;
    let low = 0;
    let high = sizes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (sizes[middle]! < size) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The tail is sorted and merged in. */
  #sort(): void {
    const [before, tail] = [this.#sorted, this.#tail.sort((a, b) => a.size - b.size || a.cell - b.cell)];
    const after = columns(before.cells.length + tail.length);
    let i = 0;
    let at = 0;
    const upTo = (end: number): void => {
      for (const name of NAMES) after[name].set(before[name].subarray(i, end), at);
      at += end - i;
      i = end;
    };
    for (const { cell, size, word, second } of tail) {
      let end = i;
      // Older cells of the same size come first.
      while (end < before.sizes.length && before.sizes[end]! <= size) end++;
      upTo(end);
      after.cells[at] = cell;
      after.sizes[at] = size;
      after.words[at] = word;
      after.seconds[at++] = second;
    }
    upTo(before.sizes.length);
    [this.#sorted, this.#tail] = [after, []];
  }
}

const NAMES = ['cells', 'sizes', 'words', 'seconds'] as const;

const columns = (length: number): Columns => ({ cells: new Uint32Array(length), sizes: new Uint32Array(length), words: new Uint32Array(length), seconds: new Uint32Array(length) });
