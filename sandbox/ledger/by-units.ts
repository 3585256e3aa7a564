/**
 * Cells of few units, found by the units that they share (`smallest.ts`): of a million cells, few hold one of the ten units with the smallest hashes
 * and have about as many units.
 */
import { mixed } from './mix.ts';
import { differingInPair } from './sketch.ts';
import { SMALLEST } from './smallest.ts';

/** Cells of the first part; each is twice as large as the one before, so that none is ever made anew. */
const FIRST_PART = 1 << 12;
const LARGEST_PART = 1 << 18;

/** An entry in a word: its number, one more than SMALLEST · place of the cell + which of its hashes; then some bits of the hash, and the size by sixteens. */
const NUMBER = 22;
const NUMBERS = 2 ** NUMBER - 1;
const SIZES = 4;
const TAG = 5;
const TAGS = 2 ** TAG - 1;

/** A folded sketch. */
type Fold = readonly [even: number, odd: number];

export class ByUnits {
  readonly #parts: Part[] = [];

  /** @param size below 2^9 units. @param smallest its smallest hashes, in ascending order */
  add(cell: number, size: number, smallest: Uint32Array, fold: Fold): void {
    const last = this.#parts.at(-1);
    const part = last !== undefined && !last.isFull ? last : new Part(Math.min(LARGEST_PART, FIRST_PART * 2 ** this.#parts.length));
    if (part !== last) this.#parts.push(part);
    part.add(cell, size, smallest, fold);
  }

  /** All cells that may differ by at most `slack` units and share one, and others; each once or several times, in no particular order. */
  candidates(size: number, smallest: Uint32Array, fold: Fold, slack: number, visit: (cell: number) => void): void {
    for (const part of this.#parts) {
      if (slack < SMALLEST) part.sharing(size, smallest, slack, visit);
      else part.ofSize(size, fold, slack, visit);
    }
  }
}

/** A hash table: chains of entries, which are laid side by side as soon as it is full. */
class Part {
  readonly #cells: Uint32Array;
  readonly #sizes: Uint16Array;
  /** Folded sketches. */
  readonly #words: Uint32Array;
  readonly #seconds: Uint32Array;
  /** By slot, the entry that came last; 0 where there is none. When full, how many entries the slots before have. */
  readonly #heads: Uint32Array;
  /** By number of an entry less one, the entry that came before it. When full, the entries by slot. */
  #entries: Uint32Array;
  readonly #shift: number;
  #length = 0;

  /** @param cells that it may hold, a power of two */
  constructor(cells: number) {
    this.#cells = new Uint32Array(cells);
    this.#sizes = new Uint16Array(cells);
    this.#words = new Uint32Array(cells);
    this.#seconds = new Uint32Array(cells);
    this.#heads = new Uint32Array(2 * cells + 1);
    this.#entries = new Uint32Array(SMALLEST * cells);
    this.#shift = Math.clz32(2 * cells) + 1;
  }

  get isFull(): boolean {
    return this.#length === this.#cells.length;
  }

  add(cell: number, size: number, smallest: Uint32Array, [word, second]: Fold): void {
    const at = this.#length++;
    this.#cells[at] = cell;
    this.#sizes[at] = size;
    this.#words[at] = word;
    this.#seconds[at] = second;
    smallest.forEach((hash, rank) => {
      const slot = this.#slot(hash);
      const number = SMALLEST * at + rank + 1;
      this.#entries[number - 1] = this.#heads[slot]!;
      this.#heads[slot] = (((size >> SIZES) << (NUMBER + TAG)) | ((mixed(hash) & TAGS) << NUMBER) | number) >>> 0;
    });
    if (this.isFull) this.#pack();
  }

  sharing(size: number, smallest: Uint32Array, slack: number, visit: (cell: number) => void): void {
    const [from, to] = [Math.max(0, size - slack) >> SIZES, (size + slack) >> SIZES];
    for (let rank = 0; rank < smallest.length && rank <= slack; rank++) {
      const hash = smallest[rank]!;
      const [slot, tag] = [this.#slot(hash), mixed(hash) & TAGS];
      const look = (entry: number): void => {
        const sizes = entry >>> (NUMBER + TAG);
        if (((entry >>> NUMBER) & TAGS) !== tag || sizes < from || sizes > to) return;
        const number = (entry & NUMBERS) - 1;
        const at = Math.floor(number / SMALLEST);
        // As sizes differ by `more`, at most (slack ± more) / 2 units are in one only; no more come before the first that is in both.
        const more = this.#sizes[at]! - size;
        if (2 * rank <= slack - more && 2 * (number - SMALLEST * at) <= slack + more) visit(this.#cells[at]!);
      };
      if (this.isFull) for (let i = this.#heads[slot]!; i < this.#heads[slot + 1]!; i++) look(this.#entries[i]!);
      else for (let entry = this.#heads[slot]!; entry !== 0; entry = this.#entries[(entry & NUMBERS) - 1]!) look(entry);
    }
  }

  ofSize(size: number, [word, second]: Fold, slack: number, visit: (cell: number) => void): void {
    for (let at = 0; at < this.#length; at++) {
      if (Math.abs(this.#sizes[at]! - size) <= slack && differingInPair(this.#words[at]! ^ word, this.#seconds[at]! ^ second) <= slack) visit(this.#cells[at]!);
    }
  }

  /** The smallest hashes have much in common. */
  #slot(hash: number): number {
    return mixed(hash) >>> this.#shift;
  }

  #pack(): void {
    const packed = new Uint32Array(this.#entries.length);
    let length = 0;
    for (let slot = 0; slot < this.#heads.length; slot++) {
      let entry = this.#heads[slot]!;
      this.#heads[slot] = length;
      for (; entry !== 0; entry = this.#entries[(entry & NUMBERS) - 1]!) packed[length++] = entry;
    }
    this.#entries = packed;
  }
}
