/**
 * The same as `combinations.ts` where most classes are of few units: whether a number follows from others but for fewer units than the minimum. There
 * the number is a codeword with few errors, of a code whose words are what can be computed from the others (information-set decoding; Prange 1962): on some
 * classes, as many as there are numbers and a few more, it is a combination without any error, unless one of the few is among them. So it is solved on a
 * sample of classes, and what is found is computed for all units.
 *
 * So many samples are taken that few differing units are hardly in all of them (`coverage.ts`).
 *
 * Numbers may be told apart by classes outside of the sample only. So where a known number follows from others on the sample and not on all classes, what is left of it is a number of its own:
 * about few classes, it is searched for (`implied.ts`), as known numbers about few classes are; else one class that tells is added to the sample. What follows on the sample then follows in one
 * way only: but for numbers that follow from others everywhere, which are left out.
 */
import type { Coefficients, Following } from './combinations.ts';
import { Coverage, type Taken } from './coverage.ts';
import { Differing, type Left } from './differing.ts';
import { PRIME, toFraction, type Fraction } from './field.ts';
import { Implied, plus, type Rest } from './implied.ts';
import { LargeClasses } from './large-classes.ts';
import { mixed } from './mix.ts';
import { RowsWith } from './rows-with.ts';
import { MORE, Sample, type Numbered, type Residue } from './sample.ts';
import type { Work } from './work.ts';

/** Classes of a number of fewer units than so many times the minimum are left out of samples. */
const SMALL = 4;
/** Classes of few units that are not left out are so many times those of a sample, at least. */
const CHOICE = 2;
/** Of a number with classes of many units, of which others had all, or that are left out, a sample takes one of few units if it has so many times the minimum of these. */
const FEW_BESIDE = 10;
/** A sample looks for them among so many of each number. */
const LOOKED = 400;
/** More samples would take their memory and time. */
const SAMPLES = 400;
/** Of all samples of a code: 12 bytes each. */
const ENTRIES = 20_000_000;
/** Known numbers that are taken in. */
const NUMBERS = 3000;

export interface Code {
  /** Units by class. */
  readonly units: Float64Array;
  /** Fewer units than this must not be told apart, ≥ 1. */
  readonly min: number;
  /** Whether the sum over classes tells of few of their units, however many they are. */
  readonly isDominated: ((classes: readonly number[]) => boolean) | null;
  /** What will be asked about, and may be added. */
  readonly wanted: readonly Coefficients[];
  readonly work: Work;
}

/** Classes of fewer units than the minimum. @param units by class */
export function fewIn(units: Float64Array, min: number): number {
  let few = 0;
  for (const own of units) if (own > 0 && own < min) few++;
  return few;
}

export class Decoding {
  readonly #code: Code;
  readonly #tables: readonly (readonly Numbered[])[];
  readonly #own: Numbered[] = [];
  readonly #samples: Sample[] = [];
  /** Whether there would not be enough samples, however many more there are time for. */
  #isOutOfReach = false;
  /** How many classes are of few units. */
  readonly #few: number;
  readonly #coverage: Coverage;
  /** How often all classes have been gone through. */
  #rounds = 0;
  /** Numbers that follow from those before them: they say nothing more. */
  readonly #dependent = new Set<number>();
  /** What follows from known numbers about few classes: no sample has these, unless it had them before. */
  readonly #implied: Implied;
  readonly #rowsWith: RowsWith;
  /** Of all known numbers; null where that takes too much, undefined as long as nobody asks. */
  #large: LargeClasses | null | undefined;
  readonly #differing: Differing;
  /** By what is left of numbers that were asked about. */
  readonly #dominated = new Map<Left, boolean>();
  /** Whether all known numbers were taken in. */
  exact = true;

  /**
   * @param tables known numbers, each with an id of its own; those that count most first
   */
  constructor(tables: readonly (readonly Numbered[])[], code: Code) {
    let left = NUMBERS;
    // Small ones first: what is eliminated early goes into all that comes later.
    this.#tables = tables.filter((table) => (table.length <= left ? (left -= table.length, true) : false)).map((table) => table.toSorted((a, b) => a.row.classes.length - b.row.classes.length));
    this.exact = this.#tables.length === tables.length;
    this.#code = code;
    this.#few = fewIn(code.units, code.min);
    this.#rowsWith = new RowsWith([...this.#tables.flatMap((table) => table.map(({ row }) => row)), ...code.wanted], code.units.length);
    const large = code.units.reduce((count, units) => (units >= code.min ? count + 1 : count), 0);
    // Samples have enough others to choose from. They take those of many units first.
    this.#implied = new Implied((cls) => code.units[cls]!, (told) => this.#few - CHOICE * Math.max(MORE, this.#size - told - large));
    this.#coverage = new Coverage(code.min, code.units.length);
    this.#differing = new Differing(code.units);
  }

  /** Classes of a sample, so that more are left than all numbers together can be zero in. */
  get #size(): number {
    return this.#tables.reduce((sum, { length }) => sum + length, 0) + this.#code.wanted.length + MORE;
  }

  get #taken(): Taken {
    return { samples: this.#samples.length, few: this.#samples[0]?.few ?? 0, of: this.#few - this.#implied.size };
  }

  add(id: number, row: Coefficients): void {
    this.#own.push({ id, row });
    const large = this.#large ?? null;
    if (large !== null && !this.#counted(large, () => large.add({ id, row }, this.#code.work.left))) this.#large = null;
    for (const sample of this.#samples) this.#putOwn(sample, { id, row });
  }

  /** @param most multiplications; false where it takes more */
  #put(sample: Sample, number: Numbered, most: number): boolean {
    if (this.#dependent.has(number.id) || sample.has(number.id)) return true;
    const again: Numbered[] = [];
    const isIn = sample.add(number, most, (terms) => {
      const rest = this.#left(number.row, terms);
      if (rest === null) return null;
      const out = this.#isOfFew(rest) ? this.#implied.take(number, terms, rest) : [];
      again.push(...out ?? []);
      const cls = out === null ? null : this.#telling(rest.classes, sample);
      if (cls === null) this.#dependent.add(number.id);
      return cls;
    });
    for (const { id } of again) this.#dependent.delete(id);
    this.#tell(again);
    return again.reduce((all, each) => this.#put(sample, each, most) && all, isIn);
  }

  /** Where a class of many units is, it tells. */
  #isOfFew({ classes }: Rest): boolean {
    return classes.every((cls) => this.#code.units[cls]! < this.#code.min);
  }

  #putOwn(sample: Sample, number: Numbered): void {
    const { work } = this.#code;
    this.#counted(sample, () => this.#put(sample, number, work.left));
  }

  #counted<T>(sample: Pick<Sample, 'multiplications'>, takes: () => T): T {
    const before = sample.multiplications;
    const result = takes();
    this.#code.work.multiplies(sample.multiplications - before);
    return result;
  }

  /** Of classes one that a sample gets as well: better of many units, or one of those that are in fewest other samples, in another order each time; null where there are none. */
  #telling(classes: readonly number[], sample: Sample): number | null {
    const { units, min } = this.#code;
    const cls = classes.find((each) => units[each]! >= min) ?? this.#coverage.rarest(classes.filter((each) => !this.#implied.has(each)));
    if (cls === null || units[cls]! >= min) return cls;
    this.#coverage.take(cls);
    sample.few++;
    if (this.#samples.length === 0) this.#coverage.expectOneOf(classes);
    return cls;
  }

  /** How `wanted` follows from what is known; null where it does not. */
  follows(wanted: Coefficients): Following | null {
    if (!this.#mayFollow(wanted)) return null;
    for (let s = 0; ; s++) {
      const sample = this.#samples[s] ?? this.#another();
      if (sample === null) {
        // Numbers are many beside the classes: something may well follow that no sample shows.
        this.#code.work.isUnsolved ||= !this.#coverage.isEnough(this.#taken);
        return null;
      }
      const found = this.#solved(sample, wanted);
      if (found !== null) return found;
    }
  }

  /** Whether it follows where nothing can differ. */
  #mayFollow(wanted: Coefficients): boolean {
    const { work } = this.#code;
    const large = this.#large === undefined ? (this.#large = this.#largeClasses()) : this.#large;
    return large === null || this.#counted(large, () => large.mayFollow(wanted, work.left));
  }

  #largeClasses(): LargeClasses | null {
    const { units, min, work } = this.#code;
    const large = new LargeClasses((cls) => units[cls]! >= min, this.#rowsWith, units.length);
    const isIn = [...this.#tables.flat(), ...this.#own].every((number) => large.add(number, work.toPrepare));
    work.prepares(large.multiplications);
    return isIn ? large : null;
  }

  #solved(sample: Sample, wanted: Coefficients): Following | null {
    const { work } = this.#code;
    if (work.left < 0) return null;
    const residues = this.#counted(sample, () => sample.solve(wanted, work.left));
    const left = residues === null ? null : this.#left(wanted, residues);
    if (residues === null || left === null) return null;
    const { min } = this.#code;
    // Fewer may differ than this sample shows.
    const { terms: further, searched, multiplications } = this.#implied.nearest(left, Math.min(min, left.units) - 1);
    work.multiplies(multiplications);
    if (further === null && left.units >= min && !this.#isDominated(left)) {
      work.isUnsolved ||= !searched;
      return null;
    }
    const made = further === null ? residues : plus(residues, further, 1);
    const rest = further === null ? left : this.#left(wanted, made);
    if (rest === null) return null;
    const classes = rest.classes.toSorted((a, b) => a - b);
    const { units } = rest;
    const terms = termsOf(made);
    // Most residues of other fractions are those of simple ones as well.
    if (terms === null || !isSame(classes, this.#differing.exactly(wanted, terms, made))) {
      work.isUnsolved = true;
      return null;
    }
    return { terms, classes, units };
  }

  #isDominated(left: Left): boolean {
    const is = this.#dominated.get(left) ?? this.#code.isDominated?.(left.classes) ?? false;
    this.#dominated.set(left, is);
    return is;
  }

  /** Null where it takes too much. */
  #left(row: Coefficients, terms: readonly Residue[]): Left | null {
    return this.#differing.left(row, terms, (additions) => this.#code.work.adds(additions));
  }

  /**
   * Known numbers about few units, or few besides those of others that are left out, as far as they are together about few in each place: they need no sample. One of few others would have
   * these in every sample.
   */
  #leaveOut(): void {
    const { units, min } = this.#code;
    const isLeft = ({ id, row: { classes } }: Numbered): boolean => {
      let left = SMALL * min;
      return !this.#dependent.has(id) && classes.every((cls) => units[cls]! < min && (this.#implied.has(cls) || (left -= units[cls]!) > 0));
    };
    const again = new Set<Numbered>();
    for (let before = -1; before !== this.#implied.size;) {
      before = this.#implied.size;
      const left = [...this.#tables.flat(), ...this.#own].filter(isLeft);
      for (const number of left) {
        const out = this.#implied.take(number, [], { classes: [...number.row.classes], residues: Array.from(number.row.rows, (times) => times % PRIME) });
        if (out === null) this.#dependent.add(number.id);
        for (const each of out ?? []) {
          this.#dependent.delete(each.id);
          again.add(each);
          left.push(each);
        }
      }
    }
    this.#tell(again);
  }

  /** What samples have to tell after all. */
  #tell(numbers: Iterable<Numbered>): void {
    for (const number of numbers) for (const sample of this.#samples) this.#counted(sample, () => this.#put(sample, number, this.#code.work.left));
  }

  /** Null where there are enough, or no classes are left. */
  #another(): Sample | null {
    const { units, min, wanted, work } = this.#code;
    if (this.#coverage.isEnough(this.#taken) || this.#isOutOfReach) return null;
    this.#leaveOut();
    const known = this.#tables.flat().filter(({ id }) => !this.#dependent.has(id));
    const rows = [...known.map(({ row }) => row), ...wanted];
    let chosen = this.#columns(rows, rows.length + MORE);
    if (chosen === null) {
      // All of them again, in another order.
      this.#rounds++;
      this.#coverage.nextRound();
      chosen = this.#columns(rows, rows.length + MORE);
    }
    if (chosen === null) return null;
    const { columns, small, told } = chosen;
    if (this.#samples.length === 0) this.#coverage.expect(told, small, (cls) => units[cls]! > 0 && units[cls]! < min && !this.#implied.has(cls));
    const sample = new Sample(byWanted(columns, wanted, units.length), small, units.length, this.#rowsWith);
    for (const number of known) {
      const before = sample.multiplications;
      const isIn = this.#put(sample, number, work.toPrepare);
      work.prepares(sample.multiplications - before);
      if (isIn) continue;
      this.#isOutOfReach = true;
      // One that not all known numbers are in is better than none, but tells nothing of what does not follow on it.
      work.isUnsolved = true;
      if (this.#samples.length > 0) return null;
      this.exact = false;
      break;
    }
    for (const number of this.#own) this.#putOwn(sample, number);
    this.#samples.push(sample);
    // Others would take their time and not be enough.
    const needed = this.#coverage.needed(this.#taken);
    this.#isOutOfReach ||= needed > SAMPLES || (needed - this.#samples.length) * sample.multiplications > work.toPrepare || needed * sample.entries > ENTRIES;
    return sample;
  }

  /** Classes of another sample, how many of them are of few units, and the numbers for each of which one of these was taken; those of many cannot differ, and are in every one. Null where not enough are left. */
  #columns(rows: readonly Coefficients[], count: number): { readonly columns: readonly number[]; readonly small: number; readonly told: readonly Coefficients[] } | null {
    const { units, min } = this.#code;
    const own: number[] = [];
    const isOwn = new Uint8Array(units.length);
    const told: Coefficients[] = [];
    let small = 0;
    const take = (cls: number): void => {
      own.push(cls);
      isOwn[cls] = 1;
      if (units[cls]! >= min) return;
      this.#coverage.take(cls);
      small++;
    };
    const few = (classes: Int32Array): number => classes.reduce((count, cls) => (units[cls]! < min && !this.#implied.has(cls) ? count + 1 : count), 0);
    // One for each number: so they hardly ever seem to follow from each other.
    for (const row of rows) {
      const { classes } = row;
      const looked = Math.min(LOOKED, classes.length);
      const placeOf = orderOf(classes.length, this.#rounds);
      const find = (wants: (cls: number) => boolean): number | null => {
        for (let i = 0; i < looked; i++) if (wants(classes[placeOf(i)]!)) return classes[placeOf(i)]!;
        return null;
      };
      const large = find((each) => units[each]! >= min && isOwn[each] === 0);
      // Whoever is among few beside large classes, or those that are left out, would be in most samples. It may do without.
      if (large === null && find((each) => units[each]! >= min || this.#implied.has(each)) !== null && few(classes) < FEW_BESIDE * min) continue;
      const cls = large ?? find((each) => !this.#coverage.isTaken(each) && isOwn[each] === 0 && !this.#implied.has(each));
      if (cls === null) continue;
      take(cls);
      if (units[cls]! < min) told.push(row);
    }
    for (let cls = 1; cls < units.length && own.length < count; cls++) if (units[cls]! >= min && isOwn[cls] === 0) take(cls);
    const placeOf = orderOf(units.length, this.#rounds);
    for (let i = 0; i < units.length && own.length < count; i++) {
      const cls = placeOf(i);
      if (units[cls]! > 0 && !this.#coverage.isTaken(cls) && isOwn[cls] === 0 && !this.#implied.has(cls)) take(cls);
    }
    return own.length < count && this.#few - this.#implied.size > small ? null : { columns: own, small, told };
  }
}

/**
 * Another order each round: classes are together in one sample in one round and not in the next. Classes are numbered by record keys, so that no order is better than
 * another for anybody.
 */
function orderOf(length: number, round: number): (i: number) => number {
  if (round === 0 || length < 2) return (i) => i;
  const random = (which: number): number => (mixed(2 * round + which) >>> 0) % length;
  let step = random(0);
  while (greatestCommonDivisor(step, length) !== 1) step++;
  const first = random(1);
  return (i) => (first + i * step) % length;
}

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b));

/**
 * Classes in the order of the first number asked about that they are in. Known numbers, which are in most of them, then have their pivots in few of those asked about, and
 * are not taken away from the others, which stay short.
 */
function byWanted(classes: readonly number[], wanted: readonly Coefficients[], all: number): readonly number[] {
  const rank = new Int32Array(all);
  for (const cls of classes) rank[cls] = wanted.length + 1;
  wanted.forEach((row, i) => {
    for (const cls of row.classes) if (rank[cls] === wanted.length + 1) rank[cls] = i + 1;
  });
  return classes.toSorted((a, b) => rank[a]! - rank[b]! || a - b);
}

/** In any order, each once. */
const isSame = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && new Set(a).isSupersetOf(new Set(b));

/** Null where some residue is of no simple fraction. */
function termsOf(residues: readonly Residue[]): Following['terms'] | null {
  const terms: { readonly id: number; readonly factor: Fraction }[] = [];
  for (const { id, residue } of residues) {
    const factor = toFraction(residue);
    if (factor === null) return null;
    terms.push({ id, factor });
  }
  return terms;
}
