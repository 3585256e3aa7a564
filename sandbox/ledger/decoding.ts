/**
 * The same as `combinations.ts` where many classes are of few units: whether a number follows from others but for fewer units than the minimum. In classes of more units it
 * follows without any error (`large-classes.ts`); what is left of it is a codeword with few errors, of a code whose words are what is left of the others
 * (information-set decoding; Prange 1962): on some classes, as many as there are words and a few more, it is a combination without any error, unless one of the few is
 * among them. So it is solved on a sample of classes, and what is found is computed for all units.
 *
 * Samples of one round have no class in common. So `min` − 1 differing units leave one of `min` samples alone, whichever they are. Fewer are enough where nobody
 * is likely to be in one: which classes of a number are in a sample depends on the domain's key (the record keys' order), but whoever is in small cells is in one sooner, and it
 * is those who are taken to differ.
 *
 * Numbers may be told apart by classes outside of the sample only. So where a known number follows from others on the sample and not on all classes, one that tells
 * is added to it. What follows on the sample then follows in one way only: but for numbers that follow from others everywhere, which are left out.
 */
import { commonDenominator, type Coefficients, type Following } from './combinations.ts';
import { byWanted, columnsFor } from './columns.ts';
import { Coverage } from './coverage.ts';
import { Differing } from './differing.ts';
import { PRIME, inverse, mod, residueOf, times, toFraction, type Fraction } from './field.ts';
import { LargeClasses, MORE, TOO_MUCH, type Rest } from './large-classes.ts';
import { Sample, coefficientOf, type Numbered, type Residue } from './sample.ts';
import type { Work } from './work.ts';

/** More samples would take their memory and time. */
const SAMPLES = 200;
/** Samples that are looked at for something nearer when a number follows but for some units: one of which a small known number has only those that differ leaves that out. */
const FURTHER = 3;
/** Of all samples of a code: 12 bytes each. */
const ENTRIES = 20_000_000;
/** Of what is left of all numbers: 8 bytes each. */
const LEFT = 12_000_000;
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

export class Decoding {
  readonly #code: Code;
  readonly #differing: Differing;
  readonly #coverage: Coverage;
  readonly #large: LargeClasses;
  readonly #samples: Sample[] = [];
  /** What is left of known numbers, by their ids; and of those that will be asked about and are over classes of few units, before they are added. */
  readonly #rests = new Map<number, Rest>();
  readonly #expected: Set<Coefficients>;
  #left = 0;
  /** Whether there would not be enough samples, however many more there are time for. */
  #isOutOfReach = false;
  /** Numbers that follow from those before them, but for few units: of these, what is left. */
  readonly #following = new Set<number>();
  readonly #nearly: Numbered[] = [];
  /** Whose rest a row is. */
  readonly #restOf = new Map<Coefficients, Rest>();
  /** Whether all known numbers were taken in. */
  exact = true;

  /**
   * @param tables known numbers, each with an id of its own; those that count most first
   */
  constructor(tables: readonly (readonly Numbered[])[], code: Code) {
    const { units, min, wanted, work } = code;
    let left = NUMBERS;
    const taken = tables.filter((table) => (table.length <= left ? (left -= table.length, true) : false));
    // Small ones first: what is eliminated early goes into all that comes later.
    const known = taken.flatMap((table) => table.toSorted((a, b) => a.row.classes.length - b.row.classes.length));
    this.exact = taken.length === tables.length;
    this.#code = code;
    this.#differing = new Differing(units.length);
    this.#coverage = new Coverage(units, min);
    this.#large = new LargeClasses(known.map(({ row }) => row), code, this.#differing);
    this.#expected = new Set(wanted.filter(({ classes }) => classes.every((cls) => units[cls]! < min)));
    for (const number of known) {
      const before = this.#large.multiplications;
      const isIn = this.#learn(number, work.toPrepare);
      work.prepares(this.#large.multiplications - before);
      if (isIn) continue;
      this.#missed();
      break;
    }
    for (const row of this.#expected) this.#coverage.expect(row);
  }

  add(id: number, row: Coefficients): void {
    const { work } = this.#code;
    this.#counted(this.#large, () => this.#learn({ id, row }, work.left));
    const rest = this.#rests.get(id);
    if (rest !== undefined) for (const sample of this.#samples) this.#counted(sample, () => this.#put(sample, id, rest, work.left));
  }

  /** False where it takes more. @param most multiplications */
  #learn(number: Numbered, most: number): boolean {
    const rest = this.#large.add(number, most);
    if (rest === TOO_MUCH) return false;
    if (rest === null || rest.row.classes.length === 0) return true;
    if (rest.row !== number.row) this.#left += rest.row.classes.length;
    if (this.#left > LEFT) return false;
    this.#rests.set(number.id, rest);
    this.#restOf.set(rest.row, rest);
    if (!this.#expected.delete(number.row)) this.#coverage.expect(rest.row);
    return true;
  }

  /** Not all known numbers are in. What follows from some is better than nothing, but nothing is told of what does not follow. */
  #missed(): void {
    this.#isOutOfReach = true;
    this.#code.work.isUnsolved = true;
    this.exact = false;
  }

  #counted<T>(of: { readonly multiplications: number }, takes: () => T): T {
    const before = of.multiplications;
    const result = takes();
    this.#code.work.multiplies(of.multiplications - before);
    return result;
  }

  /** False where it takes more. @param most multiplications */
  #put(sample: Sample, id: number, rest: Rest, most: number): boolean {
    if (this.#following.has(id)) return true;
    return sample.add({ id, row: rest.row }, most, (terms) => {
      const left = this.#less(rest.row, terms);
      if (this.#unitsOf(left) >= this.#code.min) return this.#coverage.takeOneOf(left.classes);
      this.#following.add(id);
      if (left.classes.length > 0) this.#nearly.push({ id, row: left });
      this.#restOf.set(left, { number: rest.number, row: left, terms: this.#whole(rest, terms) });
      return null;
    });
  }

  #unitsOf({ classes }: Coefficients): number {
    return classes.reduce((sum, cls) => sum + this.#code.units[cls]!, 0);
  }

  /** What terms leave of a number. */
  #less(row: Coefficients, terms: readonly Residue[]): Coefficients {
    this.#code.work.adds(terms.reduce((sum, term) => sum + term.row.classes.length, row.classes.length));
    return this.#differing.residues([{ row, times: 1 }, ...terms.map((term) => ({ row: term.row, times: PRIME - term.residue }))]);
  }

  /** How `wanted` follows from what is known; null where it does not. */
  follows(wanted: Coefficients): Following | null {
    const { work } = this.#code;
    if (work.left < 0) return null;
    const rest = this.#counted(this.#large, () => this.#large.rest(wanted, work.left));
    let found = rest === null ? null : this.#found(wanted, rest, []);
    if (rest === null || this.#rests.size === 0) return found;
    for (let [s, further] = [0, 0]; found === null || (found.units > 0 && further < FURTHER); s++) {
      const sample = this.#samples[s] ?? this.#another();
      if (sample === null) {
        // Numbers are many beside the classes: something may well follow that no sample shows.
        if (found === null) work.isUnsolved ||= !this.#coverage.isEnough;
        return found;
      }
      if (found !== null) further++;
      const residues = work.left < 0 ? null : this.#counted(sample, () => sample.solve(rest.row, work.left));
      const following = residues === null ? null : this.#found(wanted, rest, residues);
      if (following !== null && following.units < (found?.units ?? Infinity)) found = following;
    }
    return found;
  }

  /** @param residues of what is left of other numbers */
  #found(wanted: Coefficients, rest: Rest, residues: readonly Residue[]): Following | null {
    const { units, min, isDominated, work } = this.#code;
    const found = residues.length === 0 ? rest.row : this.#less(rest.row, residues);
    const [left, further] = this.#nearer(found);
    const [differing, count] = [[...left.classes], this.#unitsOf(left)];
    if (count >= min && isDominated?.(differing) !== true) return null;
    const whole = this.#whole(rest, [...residues, ...further]);
    const terms = termsOf(whole);
    if (!work.adds(whole.reduce((sum, { row }) => sum + row.classes.length, wanted.classes.length))) return null;
    // Most residues of other fractions are those of simple ones as well.
    if (terms === null || !isSame(differing, this.#exactly(wanted, terms, whole))) {
      work.isUnsolved = true;
      return null;
    }
    return { terms, classes: differing, units: count };
  }

  /** Less what is left of numbers that nearly follow from others, where fewer units differ then. */
  #nearer(row: Coefficients): readonly [left: Coefficients, terms: readonly Residue[]] {
    const { units, min } = this.#code;
    const terms: Residue[] = [];
    let left = row;
    if (this.#unitsOf(row) >= min + this.#nearly.reduce((sum, near) => sum + this.#unitsOf(near.row), 0)) return [left, terms];
    for (const near of this.#nearly) {
      const weights = new Map([[0, 0]]);
      near.row.classes.forEach((cls, i) => {
        const residue = times(residueOf(coefficientOf(left, cls)), inverse(near.row.rows[i]!));
        weights.set(residue, (weights.get(residue) ?? 0) + units[cls]!);
      });
      const [residue] = [...weights].reduce((most, each) => (each[1] > most[1] ? each : most));
      if (residue === 0) continue;
      terms.push({ ...near, residue });
      left = this.#less(left, terms.slice(-1));
    }
    return [left, terms];
  }

  /** The numbers themselves in place of what is left of them. */
  #whole(rest: Rest, residues: readonly Residue[]): readonly Residue[] {
    const whole = new Map<number, Residue>();
    const add = ({ id, row, residue }: Residue): void => {
      whole.set(id, { id, row, residue: mod((whole.get(id)?.residue ?? 0) + residue) });
    };
    rest.terms.forEach(add);
    for (const { id, row, residue } of residues) {
      const of = this.#restOf.get(row) ?? lost();
      add({ id, row: of.number, residue });
      for (const term of of.terms) add({ ...term, residue: PRIME - times(residue, term.residue) });
    }
    return [...whole.values()].filter(({ residue }) => residue !== 0);
  }

  #exactly(wanted: Coefficients, terms: Following['terms'], of: readonly Residue[]): Int32Array {
    const denominator = commonDenominator(terms);
    return this.#differing.classes([{ row: wanted, times: denominator }, ...terms.map(({ factor }, i) => ({ row: of[i]!.row, times: -BigInt(factor.numerator) * (denominator / BigInt(factor.denominator)) }))]);
  }

  /** Null where there are enough, or no classes are left. */
  #another(): Sample | null {
    const { units, work } = this.#code;
    const coverage = this.#coverage;
    if (coverage.isEnough || this.#isOutOfReach) return null;
    const rows = [...[...this.#rests].flatMap(([id, { row }]) => (this.#following.has(id) ? [] : [row])), ...this.#expected];
    const columns = this.#columns(rows) ?? this.#columns(rows);
    if (columns === null) return null;
    coverage.sampled(columns);
    const sample = new Sample(byWanted(columns, [...this.#expected], units.length), units.length);
    this.#samples.push(sample);
    for (const [id, rest] of this.#rests) {
      const before = sample.multiplications;
      const isIn = this.#put(sample, id, rest, work.toPrepare);
      work.prepares(sample.multiplications - before);
      if (isIn) continue;
      this.#isOutOfReach = true;
      work.isUnsolved = true;
      if (this.#samples.length === 1) this.exact = false;
      break;
    }
    // Others would take their time and not be enough.
    const left = coverage.needed - this.#samples.length;
    this.#isOutOfReach ||= coverage.needed > SAMPLES || left * sample.multiplications > work.toPrepare || coverage.needed * sample.entries > ENTRIES;
    return sample;
  }

  /** Classes of another sample. Null where not enough are left: then all are there again, in another order. */
  #columns(rows: readonly Coefficients[]): readonly number[] | null {
    const coverage = this.#coverage;
    const count = rows.length + MORE;
    const columns = columnsFor(rows, count, { all: this.#code.units.length, round: coverage.round, accepts: coverage.isFree, cost: coverage.chance, otherwise: coverage.rarest });
    if (columns.length >= count || columns.length === coverage.few) return columns;
    coverage.nextRound();
    return null;
  }
}

function lost(): never {
  throw new Error('a number of which it is not known what it is left of');
}

/** In ascending order. */
const isSame = (a: readonly number[], b: Int32Array): boolean => a.length === b.length && a.every((cls, i) => cls === b[i]);

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
