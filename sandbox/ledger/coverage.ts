/** Whether few differing units are hardly in all samples. */
import type { Coefficients } from './combinations.ts';

/** Samples are taken until few differing units are in all of them with at most these probabilities: any, and those that are likeliest in one. */
const MISSED = 1e-4;
const MISSED_AT_WORST = 1e-2;
/** With so many times the minimum of samples, they are taken for disjoint no more. */
const DISJOINT = 2;

export class Coverage {
  readonly #units: Float64Array;
  readonly #min: number;
  /** Classes of few units. */
  readonly few: number;
  /** Units of these. */
  readonly #capacity: number;
  /** By class, in how many samples it is; and by units, how many classes are in so many. */
  readonly #times: Uint16Array;
  readonly #classesIn: number[][];
  #mostHidden: number | null = null;
  /** By class, how likely it is in a sample for the sake of a number; and all together. */
  readonly #chances: Float64Array;
  #expected = 0;
  #samples = 0;
  /** Classes of the first sample. */
  #first = 0;
  /** That some of the likeliest `min` − 1 are in a sample, null where it has to be worked out again. */
  #hit: number | null = null;
  /** How often every class has been in as many samples as it has units. */
  round = 0;

  /** @param units by class. @param min fewer units than this differ */
  constructor(units: Float64Array, min: number) {
    this.#units = units;
    this.#min = min;
    this.few = fewIn(units, min);
    this.#capacity = units.reduce((sum, own) => (own < min ? sum + own : sum), 0);
    this.#times = new Uint16Array(units.length);
    this.#classesIn = Array.from({ length: min }, () => []);
    this.#chances = new Float64Array(units.length);
  }

  /** Whether a class of few units is in fewer samples than it has units, in this round: whoever is in more of them is more units, so that `min` − 1 are in as many samples at most. */
  readonly isFree = (cls: number): boolean => this.#units[cls]! > 0 && this.#units[cls]! < this.#min && this.#times[cls]! < this.#units[cls]! * (this.round + 1);

  /** How likely each of a class's units brings it into a sample. */
  #cost(cls: number): number {
    return this.#chances[cls]! / this.#units[cls]!;
  }

  nextRound(): void {
    this.round++;
  }

  /** Each has a class of a number, if there is one. */
  sampled(classes: readonly number[]): void {
    if (this.#samples++ === 0) this.#first = classes.length;
    for (const cls of classes) this.#take(cls);
  }

  /** The one that the fewest samples have, for its units; null of none. */
  readonly rarest = (classes: Int32Array): number | null => classes.reduce<number | null>((least, each) => (least === null || this.#times[each]! * this.#units[least]! < this.#times[least]! * this.#units[each]! ? each : least), null);

  /** The rarest of classes is in one sample more. */
  takeOneOf(classes: Int32Array): number | null {
    const cls = this.rarest(classes);
    if (cls === null) return null;
    if (this.#samples === 1) {
      this.#first++;
      this.#hit = null;
    }
    this.#take(cls);
    return cls;
  }

  #take(cls: number): void {
    const times = ++this.#times[cls]!;
    const classesIn = this.#classesIn[this.#units[cls]!]!;
    if (times > 1) classesIn[times - 1]! -= 1;
    classesIn[times] = (classesIn[times] ?? 0) + 1;
    this.#mostHidden = null;
  }

  /** A number of which each sample has a class: one that it has already, or any. @param classes of few units */
  expect({ classes }: Coefficients): void {
    const expected = classes.reduce((sum, cls) => sum + this.#chances[cls]!, 0);
    if (classes.length === 0) return;
    const each = Math.exp(-expected) / classes.length;
    for (const cls of classes) this.#chances[cls]! += each;
    this.#expected += each * classes.length;
    this.#hit = null;
  }

  get isEnough(): boolean {
    return this.#samples > 0 && (this.#hidden < this.#samples || (this.#hitsAny ** this.#samples <= MISSED && this.#hits ** this.#samples <= MISSED_AT_WORST));
  }

  /** Samples that are enough. */
  get needed(): number {
    // Samples that classes were added to have some in common: a few more than the minimum are enough, or it is no use.
    const disjoint = this.#first * this.#min <= this.#capacity && this.#samples < DISJOINT * this.#min ? Math.max(this.#min, this.#samples + 1) : Infinity;
    return Math.min(disjoint, Math.max(samplesFor(this.#hitsAny, MISSED), samplesFor(this.#hits, MISSED_AT_WORST)));
  }

  /** In how many samples `min` − 1 units are, at most. */
  get #hidden(): number {
    if (this.#mostHidden !== null) return this.#mostHidden;
    const classes = this.#classesIn.flatMap((in_, units) => in_.map((count, times) => ({ units, times, count }))).filter(({ count }) => count > 0).sort((a, b) => b.times * a.units - a.times * b.units);
    let [left, hidden] = [this.#min - 1, 0];
    for (const { units, times, count } of classes) {
      // Of the last one a part, which is no less than what there is.
      const some = Math.min(count, left / units);
      left -= some * units;
      hidden += some * times;
    }
    return this.#mostHidden = hidden;
  }

  /** That a sample has some of `min` − 1 units, each as likely as any other. */
  get #hitsAny(): number {
    return 1 - (1 - Math.min(1, this.#first / Math.max(1, this.few))) ** (this.#min - 1);
  }

  /** As many classes as there are units to differ, the likeliest for its units first. */
  #likeliest(): readonly number[] {
    const most: number[] = [];
    let least = 0;
    for (let cls = 1; cls < this.#chances.length; cls++) {
      const own = this.#cost(cls);
      if (!(own > least) && (most.length >= this.#min - 1 || this.#units[cls]! === 0 || this.#units[cls]! >= this.#min)) continue;
      let at = most.length;
      while (at > 0 && this.#cost(most[at - 1]!) < own) at--;
      most.splice(at, 0, cls);
      if (most.length === this.#min) most.pop();
      if (most.length === this.#min - 1) least = this.#cost(most.at(-1)!);
    }
    return most;
  }

  /** And of those that are likeliest in it. */
  get #hits(): number {
    if (this.#hit !== null) return this.#hit;
    const others = Math.max(0, this.#first - this.#expected) / Math.max(1, this.few);
    let clean = 1;
    let left = this.#min - 1;
    for (const cls of this.#likeliest()) {
      const units = this.#units[cls]!;
      // Of the last one a part, which is no less than what there is.
      clean *= (1 - Math.min(1, this.#chances[cls]! + others)) ** Math.min(1, left / units);
      left -= units;
      if (left <= 0) break;
    }
    return this.#hit = 1 - clean;
  }
}

/** Classes of fewer units than the minimum. @param units by class */
export function fewIn(units: Float64Array, min: number): number {
  let few = 0;
  for (const own of units) if (own > 0 && own < min) few++;
  return few;
}

/** @param hit probability of one that is of no use */
const samplesFor = (hit: number, missed: number): number => (hit === 0 ? 1 : hit === 1 ? Infinity : Math.ceil(Math.log(missed) / Math.log(hit)));
