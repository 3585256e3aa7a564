/**
 * Whether samples are enough: whether few differing units, fewer than the minimum, are hardly in all of them. Samples of one round have no class of few units in common, so that `min` − 1 units leave one
 * of `min` samples alone, whichever they are. Fewer are enough where nobody is likely to be in one: which classes of a number are in a sample depends on the domain's key (the record keys' order),
 * but whoever is in small cells is in one sooner, and it is those who are taken to differ.
 */
import type { Coefficients } from './combinations.ts';
import { mixed } from './mix.ts';

/** Samples are taken until few differing units are in all of them with at most these probabilities: any, and those that are likeliest in one. */
const MISSED = 1e-4;
const MISSED_AT_WORST = 1e-2;
/** With so many times the minimum of samples, they are taken for disjoint no more. */
const DISJOINT = 2;

/** Samples that there are. */
export interface Taken {
  readonly samples: number;
  /** Classes of few units in the first, and those that may be in any. */
  readonly few: number;
  readonly of: number;
}

export class Coverage {
  readonly #min: number;
  /** By class of few units, whether a sample of this round has it; and how many samples have. */
  readonly #taken: Uint8Array;
  readonly #times: Uint16Array;
  /** How many classes are in so many samples. */
  readonly #withTimes: number[] = [];
  #takes = 0;
  /** By class of few units, how likely it is in a sample; and that some of the likeliest `min` − 1 are, null where it has to be worked out again. */
  readonly #chances: Float64Array;
  #hit: number | null = null;

  /** @param classes all of them, numbered below */
  constructor(min: number, classes: number) {
    this.#min = min;
    this.#taken = new Uint8Array(classes);
    this.#times = new Uint16Array(classes);
    this.#chances = new Float64Array(classes);
  }

  /** A class of few units is in one sample more. */
  take(cls: number): void {
    this.#taken[cls] = 1;
    this.#takes++;
    const times = ++this.#times[cls]!;
    if (times > 1) this.#withTimes[times - 1]! -= 1;
    this.#withTimes[times] = (this.#withTimes[times] ?? 0) + 1;
  }

  isTaken(cls: number): boolean {
    return this.#taken[cls] === 1;
  }

  /** All of them may be taken again. */
  nextRound(): void {
    this.#taken.fill(0);
  }

  /** Of classes the one in fewest samples, in another order each time. */
  rarest(classes: readonly number[]): number | null {
    const [times, turn] = [this.#times, mixed(this.#takes << 1)];
    const isBefore = (a: number, b: number): boolean => times[a]! < times[b]! || (times[a] === times[b] && mixed(a ^ turn) < mixed(b ^ turn));
    return classes.reduce<number | null>((least, each) => (least !== null && !isBefore(each, least) ? least : each), null);
  }

  /** That every sample needs one of them. */
  expectOneOf(classes: Iterable<number> & ArrayLike<number>): void {
    for (const cls of classes) this.#chances[cls]! += 1 / classes.length;
    this.#hit = null;
  }

  /** That every sample has one for each of the numbers, and some others. @param all that it has. @param mayBeIn classes of which it has them */
  expect(numbers: readonly Coefficients[], all: number, mayBeIn: (cls: number) => boolean): void {
    for (const { classes } of numbers) this.expectOneOf(classes.filter(mayBeIn));
    const any = [...this.#chances.keys()].filter(mayBeIn);
    const each = Math.max(0, all - numbers.length) / Math.max(1, any.length);
    for (const cls of any) this.#chances[cls]! += each;
    this.#hit = null;
  }

  isEnough(taken: Taken): boolean {
    const { samples } = taken;
    return samples > 0 && (this.#hidden(this.#min - 1) < samples || (this.#hitsAny(taken) ** samples <= MISSED && this.#hits ** samples <= MISSED_AT_WORST));
  }

  /** Samples that are enough. */
  needed(taken: Taken): number {
    const { samples, few, of } = taken;
    // Samples that classes were added to have some in common: a few more than the minimum are enough, or it is no use.
    const disjoint = few * this.#min <= of && samples < DISJOINT * this.#min ? Math.max(this.#min, samples + 1) : Infinity;
    return Math.min(disjoint, Math.max(samplesFor(this.#hitsAny(taken), MISSED), samplesFor(this.#hits, MISSED_AT_WORST)));
  }

  /** In how many samples at most so many classes of few units are. */
  #hidden(classes: number): number {
    let [left, hidden] = [classes, 0];
    for (let times = this.#withTimes.length - 1; times > 0; times--) {
      const some = Math.min(left, this.#withTimes[times] ?? 0);
      left -= some;
      hidden += some * times;
    }
    return hidden;
  }

  /** That a sample has some of `min` − 1 units, each as likely as any other. */
  #hitsAny({ few, of }: Taken): number {
    return 1 - (1 - Math.min(1, few / Math.max(1, of))) ** (this.#min - 1);
  }

  /** And of those that are likeliest in it. */
  get #hits(): number {
    const most = (): Float64Array => this.#chances.toSorted().slice(1 - this.#min);
    return this.#hit ??= 1 - most().reduce((clean, chance) => clean * (1 - Math.min(1, chance)), 1);
  }
}

/** @param hit probability of one that is of no use */
const samplesFor = (hit: number, missed: number): number => (hit === 0 ? 1 : hit === 1 ? Infinity : Math.ceil(Math.log(missed) / Math.log(hit)));
