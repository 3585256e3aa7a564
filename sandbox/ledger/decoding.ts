/**
 * The same as `combinations.ts` where most classes are of few units: whether a number follows from others but for fewer units than the minimum. There
 * the number is a codeword with few errors, of a code whose words are what can be computed from the others (information-set decoding; Prange 1962): on some
 * classes, as many as there are numbers and a few more, it is a combination without any error, unless one of the few is among them. So it is solved on a
 * sample of classes, and what is found is computed for all units.
 *
 * Samples have no class of few units in common. So `min` − 1 differing units leave one of `min` samples alone, whichever they are; and where a sample is a small part
 * of all classes, two or three are enough, because who is in a sample depends on the domain's key (the record keys' order) and on nothing that anybody chooses.
 *
 * Numbers may be told apart by classes outside of the sample only. So where a known number follows from others on the sample and not on all classes, one that tells
 * is added to it. What follows on the sample then follows in one way only: but for numbers that follow from others everywhere, which are left out.
 */
import type { Coefficients, Following } from './combinations.ts';
import { PRIME, residueOf, toFraction, type Fraction } from './field.ts';
import { Sample, type Numbered, type Residue } from './sample.ts';
import type { Work } from './work.ts';

/** Classes of each number that a sample has, and that it has more of than numbers. */
const EACH = 2;
const MORE = 48;
/** A sample looks for them among so many of each number. */
const LOOKED = 400;
/** Samples are taken until few differing units are in all of them with at most this probability. */
const MISSED = 1e-4;
/** Sums beyond are brought below the prime, so that they stay exact. */
const LARGE = 2 ** 51;
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

/** How many samples of so many classes are taken: as many as it takes to miss little, or as many as there is time for, but `min` that have nothing in common. */
function samplesOf(size: number, classes: number, { prepared, each }: Work, min: number): number {
  const missed = hitBy(min - 1, size, classes);
  const affordable = Math.max(min, Math.floor(Math.min(prepared / (size ** 3 / 2), each / size ** 2)));
  return missed === 0 ? 1 : missed === 1 ? affordable : Math.min(affordable, Math.ceil(Math.log(MISSED) / Math.log(missed)));
}

/** Probability that some of a few units are in a sample, each as likely as any other. */
const hitBy = (units: number, size: number, classes: number): number => 1 - (1 - Math.min(1, size / Math.max(1, classes))) ** units;

export class Decoding {
  readonly #code: Code;
  readonly #tables: readonly (readonly Numbered[])[];
  readonly #own: Numbered[] = [];
  readonly #samples: Sample[] = [];
  /** How many samples there may be. */
  readonly #most: number;
  /** How many classes are of few units, and by class, whether it is one of these and in a sample. */
  readonly #few: number;
  readonly #taken: Uint8Array;
  /** How often all classes have been gone through. */
  #rounds = 0;
  /** Whether no class of few units is in two samples. */
  #areDisjoint = true;
  /** Numbers that follow from those before them: they say nothing more. */
  readonly #dependent: Set<number>;
  /** By class, what is left of a number; and the classes where something was. */
  readonly #rest: Float64Array;
  readonly #touched: Int32Array;
  readonly #isTouched: Uint8Array;
  /** Whether all known numbers were taken in. */
  exact = true;

  /**
   * @param tables known numbers, each with an id of its own; those that count most first
   * @param dependent of codes over the same numbers: those known to follow from others
   */
  constructor(tables: readonly (readonly Numbered[])[], code: Code, dependent = new Set<number>()) {
    let left = NUMBERS;
    // Small ones first: what is eliminated early goes into all that comes later.
    this.#tables = tables.filter((table) => (table.length <= left ? (left -= table.length, true) : false)).map((table) => table.toSorted((a, b) => a.row.classes.length - b.row.classes.length));
    this.exact = this.#tables.length === tables.length;
    this.#code = code;
    this.#dependent = dependent;
    this.#few = fewIn(code.units, code.min);
    this.#most = samplesOf(this.#size, this.#few, code.work, code.min);
    this.#taken = new Uint8Array(code.units.length);
    this.#rest = new Float64Array(code.units.length);
    this.#touched = new Int32Array(code.units.length);
    this.#isTouched = new Uint8Array(code.units.length);
  }

  /** Classes of a sample, so that more are left than all numbers together can be zero in. */
  get #size(): number {
    return this.#tables.reduce((sum, { length }) => sum + length, 0) + this.#code.wanted.length + MORE;
  }

  /** Of few differing units, the probability that they are in all samples. */
  get #missed(): number {
    const { min } = this.#code;
    return this.#areDisjoint && this.#samples.length >= min ? 0 : this.#samples.reduce((missed, { few }) => missed * hitBy(min - 1, few, this.#few), 1);
  }

  add(id: number, row: Coefficients): void {
    this.#own.push({ id, row });
    for (const sample of this.#samples) this.#putOwn(sample, { id, row });
  }

  /** @param most multiplications; false where it takes more */
  #put(sample: Sample, number: Numbered, most: number): boolean {
    if (this.#dependent.has(number.id)) return true;
    const added = sample.add(number, most, (terms) => {
      this.#code.work.adds(terms.reduce((sum, { row }) => sum + row.classes.length, number.row.classes.length));
      const cls = this.#telling(this.#left(number.row, terms), sample);
      if (cls === null) this.#dependent.add(number.id);
      return cls;
    });
    this.exact = added && this.exact;
    return added;
  }

  #putOwn(sample: Sample, number: Numbered): void {
    const { work } = this.#code;
    this.#counted(sample, () => this.#put(sample, number, work.left));
  }

  #counted<T>(sample: Sample, takes: () => T): T {
    const before = sample.multiplications;
    const result = takes();
    this.#code.work.multiplies(sample.multiplications - before);
    return result;
  }

  /** Of classes one that a sample gets as well: better of many units, or one that no other sample has; null where there are none. */
  #telling(classes: readonly number[], sample: Sample): number | null {
    const { units, min } = this.#code;
    const cls = classes.find((each) => units[each]! >= min) ?? classes.find((each) => this.#taken[each] === 0) ?? classes[0] ?? null;
    if (cls === null || units[cls]! >= min) return cls;
    this.#areDisjoint &&= this.#taken[cls] === 0;
    this.#taken[cls] = 1;
    sample.few++;
    return cls;
  }

  /** How `wanted` follows from what is known; null where it does not. */
  follows(wanted: Coefficients): Following | null {
    for (let s = 0; ; s++) {
      const sample = this.#samples[s] ?? this.#another();
      if (sample === null) {
        // Numbers are many beside the classes: something may well follow that no sample shows.
        this.#code.work.isUnsolved ||= this.#missed > MISSED;
        return null;
      }
      const found = this.#solved(sample, wanted);
      if (found !== null) return found;
    }
  }

  #solved(sample: Sample, wanted: Coefficients): Following | null {
    const { work } = this.#code;
    if (work.left < 0) return null;
    const residues = this.#counted(sample, () => sample.solve(wanted, work.left));
    if (residues === null || !work.adds(residues.reduce((sum, { row }) => sum + row.classes.length, wanted.classes.length))) return null;
    const classes = this.#left(wanted, residues).sort((a, b) => a - b);
    const units = classes.reduce((sum, cls) => sum + this.#code.units[cls]!, 0);
    if (units >= this.#code.min && this.#code.isDominated?.(classes) !== true) return null;
    const terms = termsOf(residues);
    if (terms === null) {
      work.isUnsolved = true;
      return null;
    }
    return { terms, classes, units };
  }

  /** Classes in which a number is not what terms make of it: modulo the prime, of which what is found is no multiple but by chance. */
  #left(row: Coefficients, terms: readonly Residue[]): number[] {
    return this.#differing([{ row, times: 1 }, ...terms.map((term) => ({ row: term.row, times: PRIME - term.residue }))]);
  }

  /** Classes in which numbers so many times do not add up to a multiple of the prime. */
  #differing(numbers: readonly { readonly row: Coefficients; readonly times: number }[]): number[] {
    const [rest, touched, isTouched] = [this.#rest, this.#touched, this.#isTouched];
    let length = 0;
    for (const { row: { classes, rows }, times: factor } of numbers) {
      for (let i = 0; i < classes.length; i++) {
        const cls = classes[i]!;
        if (isTouched[cls] === 0) {
          isTouched[cls] = 1;
          touched[length++] = cls;
        }
        const sum = rest[cls]! + rows[i]! * factor;
        rest[cls] = sum > LARGE ? residueOf(sum) : sum;
      }
    }
    const differing: number[] = [];
    for (let i = 0; i < length; i++) {
      const cls = touched[i]!;
      if (residueOf(rest[cls]!) !== 0) differing.push(cls);
      rest[cls] = 0;
      isTouched[cls] = 0;
    }
    return differing;
  }

  /** Null where there are enough, or no classes are left. */
  #another(): Sample | null {
    const { units, wanted } = this.#code;
    if (this.#missed <= MISSED || this.#samples.length >= this.#most) return null;
    const known = this.#tables.flat();
    const rows = [...known.map(({ row }) => row), ...wanted];
    let [columns, small] = this.#columns(rows, this.#size);
    if (columns === null) {
      // From the first classes on again, in another order.
      this.#rounds++;
      this.#areDisjoint = false;
      this.#taken.fill(0);
      [columns, small] = this.#columns(rows, this.#size);
    }
    if (columns === null) return null;
    const sample = new Sample(byWanted(columns, wanted, units.length), small, units.length);
    let left = this.#code.work.prepared / this.#most;
    for (const number of known) {
      const before = sample.multiplications;
      if (!this.#put(sample, number, left)) break;
      left -= sample.multiplications - before;
    }
    for (const number of this.#own) this.#putOwn(sample, number);
    this.#samples.push(sample);
    return sample;
  }

  /** Classes of another sample, and how many of them are of few units; those of many cannot differ, and are in every one. Null where not enough are left. */
  #columns(rows: readonly Coefficients[], count: number): readonly [columns: readonly number[] | null, small: number] {
    const { units, min } = this.#code;
    const own = new Set<number>();
    let small = 0;
    const take = (cls: number): void => {
      own.add(cls);
      if (units[cls]! >= min) return;
      this.#taken[cls] = 1;
      small++;
    };
    const first = (length: number): number => (Math.imul(this.#rounds, 0x9e37_79b1) >>> 0) % Math.max(1, length);
    for (const { classes } of rows) {
      const looked = Math.min(LOOKED, classes.length);
      const from = first(classes.length);
      const at = (i: number): number => classes[(from + i) % classes.length]!;
      let has = 0;
      for (let i = 0; i < looked && has < EACH; i++) if (own.has(at(i))) has++;
      for (const wants of [(cls: number) => units[cls]! >= min, (cls: number) => this.#taken[cls] === 0]) {
        for (let i = 0; i < looked && has < EACH; i++) {
          const cls = at(i);
          if (own.has(cls) || !wants(cls)) continue;
          take(cls);
          has++;
        }
      }
    }
    for (let cls = 1; cls < units.length && own.size < count; cls++) if (units[cls]! >= min && !own.has(cls)) take(cls);
    const from = first(units.length);
    for (let i = 0; i < units.length && own.size < count; i++) {
      const cls = (from + i) % units.length;
      if (units[cls]! > 0 && this.#taken[cls] === 0 && !own.has(cls)) take(cls);
    }
    return own.size < count && this.#few > small ? [null, small] : [[...own], small];
  }
}

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
