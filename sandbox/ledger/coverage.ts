/**
 * Whether few differing units are hardly in all samples. What counts is which classes the samples have, and not how they should come to have them: numbers of few units need
 * some of theirs in each.
 */
import { orderOf } from './columns.ts';
import type { Coefficients } from './combinations.ts';

/** Samples are taken until few differing units are in all of them with at most these probabilities: any, and those that are in most. */
const MISSED = 1e-4;
const MISSED_AT_WORST = 1e-2;
/** Before so many times the minimum of samples it is not known how many are needed. */
const EARLY = 3;

export class Coverage {
  readonly #units: Float64Array;
  readonly #min: number;
  /** Classes of few units. */
  readonly classes: Int32Array;
  /** By sample, its classes; by class, in how many samples it is; and by units, how many classes are in so many. */
  readonly #samples: number[][] = [];
  readonly #times: Uint16Array;
  readonly #classesIn: number[][];
  /** Of so many samples; and how many classes were added to these since. */
  #found: { readonly samples: number; readonly worst: number; added: number } | null = null;
  #round = 0;
  /** By class, how likely it is in a sample for the sake of some number; and that some of the likeliest are, null where it has to be worked out again. */
  readonly #chances: Float64Array;
  #expected: number | null = null;

  /** @param units by class; 0 of those that do not count. @param min fewer units than this differ */
  constructor(units: Float64Array, min: number) {
    this.#units = units;
    this.#min = min;
    this.classes = Int32Array.from(units.keys().filter((cls) => units[cls]! > 0 && units[cls]! < min));
    this.#times = new Uint16Array(units.length);
    this.#chances = new Float64Array(units.length);
    this.#classesIn = Array.from({ length: min }, () => []);
  }

  /** Each sample has one of these for the sake of a number. */
  expect({ classes }: Coefficients): void {
    for (const cls of classes) this.#chances[cls]! += 1 / classes.length;
    this.#expected = null;
  }

  get samples(): number {
    return this.#samples.length;
  }

  /** Whether a class of few units is in no sample of this round. */
  readonly isFree = (cls: number): boolean => this.#units[cls]! > 0 && this.#units[cls]! < this.#min && this.#times[cls]! <= this.#round;

  nextRound(): void {
    this.#round++;
  }

  /** The next sample has these, and others that do not matter. */
  sampled(classes: readonly number[]): void {
    this.#samples.push([]);
    for (const cls of classes) this.#take(this.#samples.length - 1, cls);
  }

  /** Of classes one that few samples have for its units, in an order of the sample's own; null of none. */
  rarest(classes: Int32Array, sample: number): number | null {
    const placeOf = orderOf(classes.length, sample + 1);
    let found: number | null = null;
    for (let i = 0; i < classes.length; i++) {
      const cls = classes[placeOf(i)]!;
      if (found === null || this.#times[cls]! * this.#units[found]! < this.#times[found]! * this.#units[cls]!) found = cls;
    }
    return found;
  }

  /** A class is in the sample as well. */
  add(cls: number, sample: number): void {
    this.#take(sample, cls);
  }

  #take(sample: number, cls: number): void {
    this.#samples[sample]!.push(cls);
    const times = ++this.#times[cls]!;
    const classesIn = this.#classesIn[this.#units[cls]!]!;
    if (times > 1) classesIn[times - 1]! -= 1;
    classesIn[times] = (classesIn[times] ?? 0) + 1;
    if (this.#found !== null) this.#found.added++;
  }

  get isEnough(): boolean {
    const { samples } = this;
    if (samples === 0) return false;
    if (this.#most < samples) return true;
    return this.#hitsAny ** samples <= MISSED && this.#worst ** samples <= MISSED_AT_WORST;
  }

  /** Samples that are enough, as far as is known. */
  get needed(): number {
    const { samples } = this;
    if (samples < EARLY * this.#min) return Math.max(samples + 1, Math.min(this.#min, samplesFor(this.#hitsAny, MISSED)));
    return Math.max(samples + 1, samplesFor(this.#hitsAny, MISSED), samplesFor(this.#worst, MISSED_AT_WORST));
  }

  /** In how many samples `min` − 1 units are at most, if none has two of them. */
  get #most(): number {
    const classes = this.#classesIn.flatMap((in_, units) => in_.map((count, times) => ({ units, times, count }))).filter(({ count }) => count > 0).sort((a, b) => b.times * a.units - a.times * b.units);
    let [left, most] = [this.#min - 1, 0];
    for (const { units, times, count } of classes) {
      // Of the last one a part, which is no less than what there is.
      const some = Math.min(count, left / units);
      left -= some * units;
      most += some * times;
    }
    return most;
  }

  /** That a sample has some of `min` − 1 units, each as likely as any other. */
  get #hitsAny(): number {
    return 1 - (1 - Math.min(1, (this.#samples[0]?.length ?? 0) / Math.max(1, this.classes.length))) ** (this.#min - 1);
  }

  /**
   * That a sample has some of the units that are in most, as is to be expected or as it is: of those that are in most of every other sample, by how many of the rest they are in. Which few are in most of the very samples
   * that there are would be chance alone, and nobody knows it.
   */
  get #worst(): number {
    const { samples } = this;
    const expected = this.#expected ??= this.#likeliest();
    if (this.#found?.samples === samples && this.#found.added * RECKONED < this.classes.length) return Math.max(this.#hitsAny, expected, this.#found.worst);
    const halves = [0, 1].map((odd) => this.#samples.filter((_, i) => i % 2 === odd));
    const shares = halves.map((half, i) => {
      const others = halves[1 - i]!;
      const most = new Set(this.#inMost(half));
      return others.length === 0 ? 0 : others.filter((sample) => sample.some((cls) => most.has(cls))).length / others.length;
    });
    this.#found = { samples, worst: Math.max(...shares), added: 0 };
    return Math.max(this.#hitsAny, expected, this.#found.worst);
  }

  /** That a sample has some of the units that are likeliest in one. */
  #likeliest(): number {
    const chance = (cls: number): number => this.#chances[cls]! / this.#units[cls]!;
    const most: number[] = [];
    for (const cls of this.classes) {
      if (most.length === this.#min - 1 && chance(cls) <= chance(most.at(-1)!)) continue;
      let at = most.length;
      while (at > 0 && chance(most[at - 1]!) < chance(cls)) at--;
      most.splice(at, 0, cls);
      if (most.length === this.#min) most.pop();
    }
    let [clean, left] = [1, this.#min - 1];
    for (const cls of most) {
      // Of the last one a part, which is no less than what there is.
      clean *= (1 - Math.min(1, this.#chances[cls]!)) ** Math.min(1, left / this.#units[cls]!);
      left -= this.#units[cls]!;
      if (left <= 0) break;
    }
    return 1 - clean;
  }

  /** Classes of `min` − 1 units that are in most samples together, for their units: one after the other. */
  #inMost(samples: readonly (readonly number[])[]): readonly number[] {
    const left = new Set(samples);
    const found: number[] = [];
    for (let units = this.#min - 1; left.size > 0 && units > 0;) {
      const gain = new Map<number, number>();
      let [best, most] = [0, 0];
      for (const sample of left) {
        for (const cls of sample) {
          const own = (gain.get(cls) ?? 0) + 1;
          gain.set(cls, own);
          const weighed = own / this.#units[cls]!;
          if (this.#units[cls]! <= units && (weighed > most || (weighed === most && cls < best))) [best, most] = [cls, weighed];
        }
      }
      if (most === 0) break;
      units -= this.#units[best]!;
      found.push(best);
      for (const sample of left) if (sample.includes(best)) left.delete(sample);
    }
    return found;
  }
}

/** Not reckoned anew before so great a part of the classes was added. */
const RECKONED = 100;

/** Classes of fewer units than the minimum. @param units by class */
export function fewIn(units: Float64Array, min: number): number {
  let few = 0;
  for (const own of units) if (own > 0 && own < min) few++;
  return few;
}

/** @param hit probability of one that is of no use */
const samplesFor = (hit: number, missed: number): number => (hit === 0 ? 1 : hit === 1 ? Infinity : Math.ceil(Math.log(missed) / Math.log(hit)));
