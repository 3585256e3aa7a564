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
import { MORE, lessOf, restsOf, type Rest } from './large-classes.ts';
import { Sample, coefficientOf, type Residue } from './sample.ts';
import type { Work } from './work.ts';

/** More samples would take their memory and time. */
const SAMPLES = 200;
/** Samples that are looked at for something nearer when a number follows but for some units: one of which a small known number has only those that differ leaves that out. */
const FURTHER = 3;
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
  /** What will be asked about, in this order, and may be added. */
  readonly wanted: readonly Coefficients[];
  readonly work: Work;
}

export interface Numbered {
  readonly id: number;
  readonly row: Coefficients;
}

export class Decoding {
  readonly #code: Code;
  readonly #differing: Differing;
  readonly #coverage: Coverage;
  readonly #samples: Sample[] = [];
  /** By number that is known. */
  readonly #ids = new Map<Coefficients, number>();
  readonly #restOf: ReadonlyMap<Coefficients, Rest>;
  /** What is left of known numbers; and of those that will be known once they were asked about. */
  readonly #rests: Rest[] = [];
  readonly #expected: Set<Rest>;
  /** By what is left of it. */
  readonly #ofRow = new Map<Coefficients, Rest>();
  /** Numbers that follow from those before them, but for few units: of these, what is left. */
  readonly #following = new Set<Rest>();
  readonly #nearly: Rest[] = [];
  /** Whether there would not be enough samples, however many more there are time for. */
  #isOutOfReach = false;
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
    this.#code = code;
    this.#differing = new Differing(units.length);
    this.#coverage = new Coverage(units, min);
    const rests = restsOf(known.map(({ row }) => row), code, this.#differing);
    this.#restOf = rests.of;
    this.exact = taken.length === tables.length && rests.exact;
    // Something may well follow from those that are not in.
    if (!rests.exact) work.isUnsolved = true;
    this.#expected = new Set(wanted.flatMap((row) => this.#telling(row)));
    for (const { id, row } of known) this.#learn(id, row);
    for (const rest of [...this.#rests, ...this.#expected]) this.#coverage.expect(rest.row);
  }

  add(id: number, row: Coefficients): void {
    const rest = this.#learn(id, row);
    if (rest !== null) for (const sample of this.#samples) this.#counted(sample, () => this.#put(sample, rest, this.#code.work.left));
  }

  /** What is left of it, if anything is. */
  #telling(row: Coefficients): readonly Rest[] {
    const rest = this.#restOf.get(row);
    return rest === undefined || rest.row.classes.length === 0 ? [] : [rest];
  }

  #learn(id: number, row: Coefficients): Rest | null {
    if (this.#ids.has(row)) return null;
    this.#ids.set(row, id);
    const [rest] = this.#telling(row);
    if (rest === undefined) return null;
    this.#expected.delete(rest);
    this.#rests.push(rest);
    this.#ofRow.set(rest.row, rest);
    return rest;
  }

  #counted<T>(sample: Sample, takes: () => T): T {
    const before = sample.multiplications;
    const result = takes();
    this.#code.work.multiplies(sample.multiplications - before);
    return result;
  }

  /** False where it takes more. @param most multiplications */
  #put(sample: Sample, rest: Rest, most: number): boolean {
    if (this.#following.has(rest)) return true;
    return sample.add(rest.row, most, (terms) => {
      const row = this.#less(rest.row, terms);
      if (this.#unitsOf(row) >= this.#code.min) return this.#coverage.takeOneOf(row.classes);
      this.#following.add(rest);
      const nearly = { number: rest.number, row, terms: this.#whole(rest, terms) };
      this.#ofRow.set(row, nearly);
      if (row.classes.length > 0) this.#nearly.push(nearly);
      return null;
    });
  }

  #unitsOf({ classes }: Coefficients): number {
    let units = 0;
    for (let i = 0; i < classes.length; i++) units += this.#code.units[classes[i]!]!;
    return units;
  }

  /** What terms leave of a number. */
  #less(row: Coefficients, terms: readonly Residue[]): Coefficients {
    if (terms.length > 0) this.#code.work.adds(terms.reduce((sum, term) => sum + term.row.classes.length, row.classes.length));
    return lessOf(row, terms, this.#differing);
  }

  /** How `wanted` follows from what is known; null where it does not. */
  follows(wanted: Coefficients): Following | null {
    const { work } = this.#code;
    if (work.left < 0) return null;
    const id = this.#ids.get(wanted);
    if (id !== undefined) return { terms: [{ id, factor: { numerator: 1, denominator: 1 } }], classes: [], units: 0 };
    const rest = this.#restOf.get(wanted);
    if (rest === undefined) return null;
    let found = this.#found(rest, []);
    if (this.#rests.length === 0) return found;
    for (let [s, further] = [0, 0]; found === null || (found.units > 0 && further < FURTHER); s++) {
      const sample = this.#samples[s] ?? this.#another();
      if (sample === null) {
        // Numbers are many beside the classes: something may well follow that no sample shows.
        if (found === null) work.isUnsolved ||= !this.#coverage.isEnough;
        return found;
      }
      if (found !== null) further++;
      const residues = work.left < 0 ? null : this.#counted(sample, () => sample.solve(rest.row, work.left));
      const following = residues === null ? null : this.#found(rest, residues);
      if (following !== null && following.units < (found?.units ?? Infinity)) found = following;
    }
    return found;
  }

  /** @param residues of what is left of other numbers */
  #found(rest: Rest, residues: readonly Residue[]): Following | null {
    const { min, isDominated, work } = this.#code;
    const [left, further] = this.#nearer(this.#less(rest.row, residues));
    const [differing, units] = [[...left.classes], this.#unitsOf(left)];
    if (units >= min && isDominated?.(differing) !== true) return null;
    const whole = this.#whole(rest, [...residues, ...further]);
    const terms = this.#termsOf(whole);
    if (!work.adds(whole.reduce((sum, { row }) => sum + row.classes.length, rest.number.classes.length))) return null;
    // Most residues of other fractions are those of simple ones as well.
    if (terms === null || !isSame(differing, this.#exactly(rest.number, terms, whole))) {
      work.isUnsolved = true;
      return null;
    }
    return { terms, classes: differing, units };
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
      terms.push({ row: near.row, residue });
      left = this.#less(left, terms.slice(-1));
    }
    return [left, terms];
  }

  /** The numbers themselves in place of what is left of them. */
  #whole(rest: Rest, residues: readonly Residue[]): readonly Residue[] {
    const whole = new Map<Coefficients, number>();
    const add = (row: Coefficients, residue: number): void => {
      whole.set(row, mod((whole.get(row) ?? 0) + residue));
    };
    for (const { row, residue } of rest.terms) add(row, residue);
    for (const { row, residue } of residues) {
      const of = this.#ofRow.get(row) ?? lost();
      add(of.number, residue);
      for (const term of of.terms) add(term.row, PRIME - times(residue, term.residue));
    }
    return [...whole].flatMap(([row, residue]) => (residue === 0 ? [] : [{ row, residue }]));
  }

  /** Null where some residue is of no simple fraction, or of a number that was not added. */
  #termsOf(residues: readonly Residue[]): Following['terms'] | null {
    const terms: { readonly id: number; readonly factor: Fraction }[] = [];
    for (const { row, residue } of residues) {
      const [id, factor] = [this.#ids.get(row), toFraction(residue)];
      if (id === undefined || factor === null) return null;
      terms.push({ id, factor });
    }
    return terms;
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
    const expected = Array.from(this.#expected, ({ row }) => row);
    const rows = [...this.#rests.flatMap((rest) => (this.#following.has(rest) ? [] : [rest.row])), ...expected];
    const columns = this.#columns(rows) ?? this.#columns(rows);
    if (columns === null) return null;
    coverage.sampled(columns);
    const sample = new Sample(byWanted(columns, expected, units.length), units.length);
    this.#samples.push(sample);
    for (const rest of this.#rests) {
      const before = sample.multiplications;
      const isIn = this.#put(sample, rest, work.toPrepare);
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
