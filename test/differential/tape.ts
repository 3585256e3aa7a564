/**
 * Choices read from a list of numbers. The first option is the simplest one and is taken where the list has ended, so that a
 * shorter list, or smaller numbers in it, make a simpler thing: fast-check shrinks what was made by shrinking the list.
 */
export class Tape {
  readonly #numbers: readonly number[];
  #next = 0;

  constructor(numbers: readonly number[]) {
    this.#numbers = numbers;
  }

  /** Integer, 0 ≤ result < `below`. */
  below(below: number): number {
    const number = this.#numbers[this.#next++];
    return number === undefined ? 0 : number % below;
  }

  pick<T>(options: readonly T[]): T {
    const option = options[this.below(options.length)];
    if (option === undefined) throw new Error('there is an option');
    return option;
  }

  /** True once in `of` times. */
  once(of: number): boolean {
    return this.below(of) === of - 1;
  }

  times<T>(least: number, most: number, make: (i: number) => T): T[] {
    return Array.from({ length: least + this.below(most - least + 1) }, (_, i) => make(i));
  }
}
