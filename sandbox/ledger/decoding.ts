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
import { Disjoint } from '../release/disjoint.ts';
import { Cluster, type Common } from './cluster.ts';
import { commonDenominator, type Coefficients, type Following } from './combinations.ts';
import { Differing } from './differing.ts';
import { PRIME, mod, times, toFraction, type Fraction } from './field.ts';
import { lessOf, restsOf, type Rest } from './large-classes.ts';
import type { Residue } from './sample.ts';
import type { Bounds } from './small-vector.ts';
import type { Work } from './work.ts';

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
  /** Of an exact search for each number. */
  readonly bounds: Bounds;
}

export interface Numbered {
  readonly id: number;
  readonly row: Coefficients;
}

export class Decoding {
  readonly #code: Code;
  readonly #differing: Differing;
  /** By number that is known. */
  readonly #ids = new Map<Coefficients, number>();
  readonly #restOf: ReadonlyMap<Coefficients, Rest>;
  readonly #clusterOf = new Map<Rest, Cluster>();
  /** By what is left of it. */
  readonly #ofRow = new Map<Coefficients, Rest>();
  /** Whether all known numbers were taken in. */
  readonly exact: boolean;

  /**
   * @param tables known numbers, each with an id of its own; those that count most first
   */
  constructor(tables: readonly (readonly Numbered[])[], code: Code) {
    let left = NUMBERS;
    const taken = tables.filter((table) => (table.length <= left ? (left -= table.length, true) : false));
    // Small ones first: what is eliminated early goes into all that comes later.
    const known = taken.flatMap((table) => table.toSorted((a, b) => a.row.classes.length - b.row.classes.length));
    this.#code = code;
    this.#differing = new Differing(code.units.length);
    const rests = restsOf(known.map(({ row }) => row), code, this.#differing);
    this.#restOf = rests.of;
    this.exact = taken.length === tables.length && rests.exact;
    // Something may well follow from those that are not in.
    if (!rests.exact) code.work.isUnsolved = true;
    const telling = [...rests.of.values()].filter(({ row }) => row.classes.length > 0);
    for (const rest of telling) this.#ofRow.set(rest.row, rest);
    const common: Common = {
      code, less: (row, terms) => this.#less(row, terms), unitsOf: (row) => this.#unitsOf(row),
      nearly: (rest, terms, row) => {
        const nearly = { number: rest.number, row, terms: this.#whole(rest, terms) };
        this.#ofRow.set(row, nearly);
        return nearly;
      },
    };
    for (const together of sharing(telling, code.units.length)) {
      const cluster = new Cluster(together, common);
      for (const rest of together) this.#clusterOf.set(rest, cluster);
    }
    for (const { id, row } of known) this.add(id, row);
  }

  add(id: number, row: Coefficients): void {
    if (this.#ids.has(row)) return;
    this.#ids.set(row, id);
    const rest = this.#restOf.get(row);
    if (rest !== undefined) this.#clusterOf.get(rest)?.learn(rest);
  }

  /** How `wanted` follows from what is known; null where it does not. */
  follows(wanted: Coefficients): Following | null {
    if (this.#code.work.left < 0) return null;
    const id = this.#ids.get(wanted);
    if (id !== undefined) return { terms: [{ id, factor: { numerator: 1, denominator: 1 } }], classes: [], units: 0 };
    const rest = this.#restOf.get(wanted);
    if (rest === undefined) return null;
    const cluster = this.#clusterOf.get(rest);
    return cluster === undefined ? this.#found(rest, []) : cluster.follows(rest, (terms) => this.#found(rest, terms));
  }

  #unitsOf({ classes }: Coefficients): number {
    let units = 0;
    for (let i = 0; i < classes.length; i++) units += this.#code.units[classes[i]!]!;
    return units;
  }

  #less(row: Coefficients, terms: readonly Residue[]): Coefficients {
    if (terms.length > 0) this.#code.work.adds(terms.reduce((sum, term) => sum + term.row.classes.length, row.classes.length));
    return lessOf(row, terms, this.#differing);
  }

  /** What comes of a number; null where too many units differ. @param residues of what is left of other numbers */
  #found(rest: Rest, residues: readonly Residue[]): Following | null {
    const { min, isDominated, work } = this.#code;
    const left = this.#less(rest.row, residues);
    const [differing, units] = [[...left.classes], this.#unitsOf(left)];
    if (units >= min && isDominated?.(differing) !== true) return null;
    const whole = this.#whole(rest, residues);
    const terms = this.#termsOf(whole);
    if (!work.adds(whole.reduce((sum, { row }) => sum + row.classes.length, rest.number.classes.length))) return null;
    // Most residues of other fractions are those of simple ones as well.
    if (terms === null || !isSame(differing, this.#exactly(rest.number, terms, whole))) {
      work.isUnsolved = true;
      return null;
    }
    return { terms, classes: differing, units };
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
}

/** Rests of which one shares a class with the next, together. */
function sharing(rests: readonly Rest[], classes: number): readonly (readonly Rest[])[] {
  const same = new Disjoint(classes);
  for (const { row: { classes: [first, ...others] } } of rests) for (const cls of others) same.join(first!, cls);
  return [...Map.groupBy(rests, ({ row }) => same.find(row.classes[0]!)).values()];
}

function lost(): never {
  throw new Error('a number of which it is not known what it is left of');
}

/** In ascending order. */
const isSame = (a: readonly number[], b: Int32Array): boolean => a.length === b.length && a.every((cls, i) => cls === b[i]);
