/** Values that can be made again, kept as long as they fit together; those asked for last stay. */
export class Lru<V> {
  readonly #held = new Map<string, V>();
  readonly #most: number;
  readonly #sizeOf: (value: V) => number;
  #size = 0;

  /** @param most ≥ 1; the value that came last is kept whatever its size. @param sizeOf left out: a number of values */
  constructor(most: number, sizeOf: (value: V) => number = () => 1) {
    this.#most = most;
    this.#sizeOf = sizeOf;
  }

  get(key: string): V | undefined {
    const value = this.#held.get(key);
    if (value === undefined) return undefined;
    this.#held.delete(key);
    this.#held.set(key, value);
    return value;
  }

  set(key: string, value: V): void {
    this.#delete(key);
    this.#held.set(key, value);
    this.#size += this.#sizeOf(value);
    for (const oldest of this.#held.keys()) {
      if (this.#size <= this.#most || oldest === key) return;
      this.#delete(oldest);
    }
  }

  #delete(key: string): void {
    const value = this.#held.get(key);
    if (value === undefined) return;
    this.#held.delete(key);
    this.#size -= this.#sizeOf(value);
  }
}
