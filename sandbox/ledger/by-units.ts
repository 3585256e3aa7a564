/**
 * Cells of few units, found by the units that they share (`smallest.ts`): of a million cells, few hold one of the ten units with the smallest hashes
 * and have about as many units. A hash table of all kept hashes, in parts that are never made anew: each twice as large as the one before.
 */
import { SMALLEST } from './smallest.ts';

const FIRST_PART = 1 << 12;
const LARGEST_PART = 1 << 17;

/** Sizes that are put together, as a power of two. */
const SIZES = 4;

interface Part {
  /** By hash and size, the entry that came last, plus one; 0 where there is none. */
  readonly heads: Uint32Array;
  /** By entry, the one that came before it. The hash number r of the cell at place p is entry SMALLEST · p + r. */
  readonly next: Uint32Array;
  readonly cells: Uint32Array;
  readonly sizes: Uint16Array;
  /** Bits of a hash that are not used. */
  readonly shift: number;
  length: number;
}

export class ByUnits {
  readonly #parts: Part[] = [];

  /** @param smallest its smallest hashes, in ascending order */
  add(cell: number, size: number, smallest: Uint32Array): void {
    const last = this.#parts.at(-1);
    const part = last !== undefined && last.length < last.cells.length ? last : this.#grown();
    const at = part.length++;
    part.cells[at] = cell;
    part.sizes[at] = size;
    smallest.forEach((hash, rank) => {
      const head = slot(hash, size >> SIZES, part.shift);
      const entry = SMALLEST * at + rank;
      part.next[entry] = part.heads[head]!;
      part.heads[head] = entry + 1;
    });
  }

  /** All cells that may differ by at most `slack` units and share one, and others; each once or several times, in no particular order. */
  candidates(size: number, smallest: Uint32Array, slack: number, visit: (cell: number) => void): void {
    for (const part of this.#parts) {
      if (slack < SMALLEST) shared(part, size, smallest, slack, visit);
      else for (let at = 0; at < part.length; at++) if (Math.abs(part.sizes[at]! - size) <= slack) visit(part.cells[at]!);
    }
  }

  #grown(): Part {
    const cells = Math.min(LARGEST_PART, FIRST_PART << this.#parts.length);
    const part: Part = { heads: new Uint32Array(2 * cells), next: new Uint32Array(SMALLEST * cells), cells: new Uint32Array(cells), sizes: new Uint16Array(cells), shift: Math.clz32(2 * cells) + 1, length: 0 };
    this.#parts.push(part);
    return part;
  }
}

function shared({ heads, next, cells, sizes, shift }: Part, size: number, smallest: Uint32Array, slack: number, visit: (cell: number) => void): void {
  const [from, to] = [Math.max(0, size - slack) >> SIZES, (size + slack) >> SIZES];
  for (let rank = 0; rank < smallest.length && rank <= slack; rank++) {
    for (let sizes_ = from; sizes_ <= to; sizes_++) {
      for (let entry = heads[slot(smallest[rank]!, sizes_, shift)]!; entry !== 0; entry = next[entry - 1]!) {
        const at = Math.floor((entry - 1) / SMALLEST);
        // Those before the shared one differ.
        if (entry - 1 - SMALLEST * at + rank <= slack && Math.abs(sizes[at]! - size) <= slack) visit(cells[at]!);
      }
    }
  }
}

const slot = (hash: number, sizes: number, shift: number): number => Math.imul(hash ^ Math.imul(sizes + 1, 0x9e37_79b1), 0x85eb_ca6b) >>> shift;
