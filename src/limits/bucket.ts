/** Token buckets: so many a minute on average, and as many in a burst. */

const MINUTE = 60_000;

interface Bucket {
  level: number;
  /** Milliseconds. */
  at: number;
}

export class Buckets {
  readonly #perMinute: number;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();

  /**
   * @param perMinute integer ≥ 1
   * @param now milliseconds; where it goes back nothing is given or taken
   */
  constructor(perMinute: number, now: () => number) {
    this.#perMinute = perMinute;
    this.#now = now;
  }

  /** Seconds until one is there, 0 where it is there now. */
  wait(key: string): number {
    const { level } = this.#filled(key);
    return level >= 1 ? 0 : Math.max(1, Math.ceil(((1 - level) * MINUTE) / this.#perMinute / 1000));
  }

  /** Takes one; where none is left the bucket stays empty. */
  take(key: string): void {
    const bucket = this.#filled(key);
    bucket.level = Math.max(0, bucket.level - 1);
  }

  #filled(key: string): Bucket {
    const now = this.#now();
    const kept = this.#buckets.get(key);
    if (kept === undefined) {
      const full = { level: this.#perMinute, at: now };
      this.#buckets.set(key, full);
      return full;
    }
    kept.level = Math.min(this.#perMinute, kept.level + (Math.max(0, now - kept.at) * this.#perMinute) / MINUTE);
    kept.at = now;
    return kept;
  }
}
