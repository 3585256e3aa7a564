/** A seeded generator (xoshiro128**, Blackman and Vigna) for made-up data: repeatable, and in no way secret. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** The same seed and stream name give the same numbers; streams do not disturb one another. */
  constructor(seed: number, stream: string) {
    let state = seed >>> 0;
    for (let i = 0; i < stream.length; i++) state = Math.imul(state ^ stream.charCodeAt(i), 0x9e3779b1) >>> 0;
    const next = (): number => {
      state = (state + 0x9e3779b9) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
      mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
      return (mixed ^ (mixed >>> 16)) >>> 0;
    };
    [this.#a, this.#b, this.#c, this.#d] = [next(), next(), next(), next() | 1];
  }

  /** 32 random bits, unsigned. */
  bits(): number {
    const product = Math.imul(this.#b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result;
  }

  /** Uniform in [0, 1). */
  unit(): number {
    return this.bits() / 0x1_0000_0000;
  }

  /** Uniform integer in [0, bound), bound ≤ 2^31. */
  below(bound: number): number {
    return Math.floor(this.unit() * bound);
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }

  /** Roughly standard normal: the sum of twelve uniforms, from additions only, so that every machine agrees. */
  normal(): number {
    let sum = 0;
    for (let i = 0; i < 6; i++) {
      const bits = this.bits();
      sum += (bits & 0xffff) + (bits >>> 16);
    }
    return sum / 0x1_0000 - 6;
  }

  /** Fisher and Yates, in place. */
  shuffle(values: Uint32Array): void {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const kept = values[i] as number;
      values[i] = values[j] as number;
      values[j] = kept;
    }
  }
}

/** Draws an index in proportion to fixed weights, in constant time (Walker's alias method). */
export class Weighted {
  readonly #keep: Float64Array;
  readonly #alias: Uint32Array;

  /** @param weights ≥ 0, at least one above 0 */
  constructor(weights: ArrayLike<number>) {
    const n = weights.length;
    let total = 0;
    for (let i = 0; i < n; i++) total += weights[i] as number;
    this.#keep = new Float64Array(n);
    this.#alias = new Uint32Array(n);
    const small: number[] = [];
    const large: number[] = [];
    for (let i = 0; i < n; i++) {
      this.#keep[i] = ((weights[i] as number) * n) / total;
      (this.#keep[i] as number) < 1 ? small.push(i) : large.push(i);
    }
    while (small.length > 0 && large.length > 0) {
      const low = small.pop() as number;
      const high = large.at(-1) as number;
      this.#alias[low] = high;
      this.#keep[high] = (this.#keep[high] as number) + (this.#keep[low] as number) - 1;
      if ((this.#keep[high] as number) < 1) small.push(large.pop() as number);
    }
    for (const rest of [...small, ...large]) this.#keep[rest] = 1;
  }

  draw(random: Random): number {
    const index = random.below(this.#keep.length);
    return random.unit() < (this.#keep[index] as number) ? index : (this.#alias[index] as number);
  }
}

/** Draws a value of a small table of `[value, weight]`. */
export function choice<T>(table: readonly (readonly [T, number])[]): (random: Random) => T {
  const weighted = new Weighted(table.map(([, weight]) => weight));
  return (random) => (table[weighted.draw(random)] as readonly [T, number])[0];
}
