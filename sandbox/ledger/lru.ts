/** Values that can be made again, kept as long as they fit together; the least recently used go first. */
export class Lru<V> {
  readonly #values = new Map<string, V>();
  readonly #limit: number;
  readonly #sizeOf: (value: V) => number;
  #size = 0;

  constructor(limit: number, sizeOf: (value: V) => number) {
    this.#limit = limit;
    this.#sizeOf = sizeOf;
  }

  get(name: string): V | undefined {
    const known = this.#values.get(name);
    if (known === undefined) return undefined;
    this.#values.delete(name);
    this.#values.set(name, known);
    return known;
  }

  put(name: string, value: V): void {
    const before = this.#values.get(name);
    if (before !== undefined) {
      this.#size -= this.#sizeOf(before);
      this.#values.delete(name);
    }
    this.#values.set(name, value);
    this.#size += this.#sizeOf(value);
    for (const [oldest, own] of this.#values) {
      if (this.#size <= this.#limit || oldest === name) return;
      this.#values.delete(oldest);
      this.#size -= this.#sizeOf(own);
    }
  }
}
