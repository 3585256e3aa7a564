/**
 * Numbers of which what is left shares classes, one with the other: what follows from some of them follows within. Few numbers over few classes are searched exactly, others on samples
 * (`decoding.ts`).
 */
import type { Coefficients, Following } from './combinations.ts';
import { byWanted, columnsFor, type Columns } from './columns.ts';
import { Coverage } from './coverage.ts';
import type { Code } from './decoding.ts';
import { PRIME, inverse, mod, residueOf, times } from './field.ts';
import { MORE, type Rest } from './large-classes.ts';
import { Sample, coefficientOf, type Residue } from './sample.ts';
import { smallVector, type Bounds } from './small-vector.ts';

/** A number of fewer units than so many times the minimum is small: whoever differs may well be most of it. */
const SMALL = 4;
/** Coefficients that are searched exactly. */
const EXACTLY = 4_000;
/** Around what is found on a sample. */
const LOCALLY = 40_000;
const LOCAL: Bounds = { nodes: 6_000, work: 5_000_000, orders: 32 };
/** Where it would not be enough anyway. */
const CROWDED: Bounds = { nodes: 200, work: 200_000, orders: 4 };
/** So many small numbers are searched to the end there; of more it is likely enough that what differs is found while an order in which it does not matter has this probability. */
const SEARCHED = 6;
const LIKELY = 0.005;
/** More samples would take their memory and time. */
const SAMPLES = 200;
/** Samples that are looked at for something nearer when a number follows but for some units: one of which a small known number has only those that differ leaves that out. */
const FURTHER = 3;
/** Of all samples: some 30 bytes each. */
const ENTRIES = 10_000_000;

/** What all numbers have in common. */
export interface Common {
  readonly code: Code;
  /** What terms leave of a number. */
  readonly less: (row: Coefficients, terms: readonly Residue[]) => Coefficients;
  readonly unitsOf: (row: Coefficients) => number;
  /** A number that follows from others but for few units is known by what is left of it then. */
  readonly nearly: (rest: Rest, terms: readonly Residue[], left: Coefficients) => Rest;
}

export class Cluster {
  readonly #common: Common;
  readonly #all: readonly Rest[];
  /** Of known numbers; of those that will be known once they were asked about; and of those that follow from those before them everywhere, or but for few units. */
  readonly #known: Rest[] = [];
  readonly #expected: Set<Rest>;
  readonly #dependent = new Set<Rest>();
  readonly #near = new Set<Rest>();
  /** What is left of these, and of whatever else has few units. */
  readonly #nearly: Rest[] = [];
  #coverage: Coverage | null = null;
  readonly #small: Set<Coefficients>;
  /** By class, the small numbers that are known and have it. */
  readonly #smallWith = new Map<number, Rest[]>();
  #crowded: boolean | null = null;
  readonly #samples: Sample[] = [];
  /** Whether there would not be enough samples, however many more there are time for. */
  #isOutOfReach = false;

  /** @param all of numbers that are or will be known, or asked about */
  constructor(all: readonly Rest[], common: Common) {
    this.#common = common;
    this.#all = all;
    this.#expected = new Set(all.filter(({ row }) => common.unitsOf(row) >= common.code.min));
    this.#small = new Set(all.flatMap(({ row }) => (common.unitsOf(row) < SMALL * common.code.min ? [row] : [])));
  }

  /** @param rest of all; once */
  learn(rest: Rest): void {
    const { code: { work, min }, unitsOf } = this.#common;
    this.#expected.delete(rest);
    if (this.#small.has(rest.row)) this.#locate(rest);
    if (unitsOf(rest.row) < min) {
      this.#nearly.push(rest);
      return;
    }
    this.#known.push(rest);
    for (const [s, sample] of this.#samples.entries()) this.#counted(sample, () => this.#put(s, rest, work.left));
  }

  #locate(rest: Rest): void {
    for (const cls of rest.row.classes) {
      const known = this.#smallWith.get(cls);
      if (known === undefined) this.#smallWith.set(cls, [rest]);
      else known.push(rest);
    }
  }

  /** @param found what comes of terms, null where too many units differ */
  follows(rest: Rest, found: (terms: readonly Residue[]) => Following | null): Following | null {
    const { code: { isDominated, work } } = this.#common;
    const accept = (terms: readonly Residue[]): Following | null => found([...terms, ...this.#nearer(this.#common.less(rest.row, terms))]);
    const near = accept([]);
    if (this.#known.length === 0 || near?.units === 0) return near;
    const searched = near === null ? this.#searched(rest.row, [...this.#known, ...this.#nearly], EXACTLY, this.#common.code.bounds) : null;
    if (searched?.terms != null) return found(searched.terms);
    const isCertain = searched?.exact === true;
    // Of a rest that few dominate samples may still tell.
    if (isCertain && isDominated === null) return null;
    return this.#onSamples(rest, accept, near, () => {
      // Numbers are many beside the classes: something may well follow that no sample shows.
      if (!isCertain) work.isUnsolved ||= !this.#covered.isEnough || this.#isCrowded;
    });
  }

  #onSamples(rest: Rest, accept: (terms: readonly Residue[]) => Following | null, near: Following | null, ended: () => void): Following | null {
    const { work } = this.#common.code;
    let best = near;
    for (let [s, further] = [0, 0]; best === null || (best.units > 0 && further < FURTHER); s++) {
      const sample = this.#samples[s] ?? this.#another();
      if (sample === null) {
        if (best === null) ended();
        return best;
      }
      if (best !== null) further++;
      const terms = work.left < 0 ? null : this.#counted(sample, () => sample.solve(rest.row, work.left));
      const following = terms === null ? null : accept(terms);
      if (following !== null && following.units < (best?.units ?? Infinity)) best = following;
    }
    return best;
  }

  /** Null where there is too much to be searched; where it is exact and there are no terms, certainly nothing follows. @param rests in whose terms. @param coefficients at most */
  #searched(wanted: Coefficients, rests: readonly Rest[], coefficients: number, bounds: Bounds): { readonly terms: readonly Residue[] | null; readonly exact: boolean } | null {
    const { code: { units, min, work } } = this.#common;
    if (rests.length ** 2 > coefficients) return null;
    const known = rests.map(({ row }) => row);
    const classes = [...new Set([wanted, ...known].flatMap((row) => [...row.classes]))].sort((a, b) => units[b]! - units[a]! || a - b);
    if ((known.length + 1) * (classes.length + known.length) > coefficients) return null;
    const rows = [wanted, ...known].map((row, i) => {
      const line = new Float64Array(classes.length + known.length + 1);
      classes.forEach((cls, c) => (line[c] = residueOf(coefficientOf(row, cls))));
      line[classes.length + i] = 1;
      return line;
    });
    const { hit, exact, multiplications } = smallVector({ rows, weights: classes.map((cls) => units[cls]!) }, min - 1, bounds);
    work.multiplies(multiplications);
    if (hit === null) return { terms: null, exact };
    const scale = inverse(hit.vector[classes.length]!);
    return { exact, terms: known.flatMap((row, i) => (hit.vector[classes.length + 1 + i] === 0 ? [] : [{ row, residue: mod(-times(hit.vector[classes.length + 1 + i]!, scale)) }])) };
  }

  get #covered(): Coverage {
    if (this.#coverage !== null) return this.#coverage;
    const { units, min } = this.#common.code;
    const own = new Float64Array(units.length);
    for (const { row: { classes } } of this.#all) for (const cls of classes) own[cls] = units[cls]!;
    this.#coverage = new Coverage(own, min);
    for (const { row } of [...this.#known, ...this.#expected]) if (!this.#small.has(row)) this.#coverage.expect(row);
    return this.#coverage;
  }

  #counted<T>(sample: Sample, takes: () => T): T {
    const before = sample.multiplications;
    const result = takes();
    this.#common.code.work.multiplies(sample.multiplications - before);
    return result;
  }

  /** False where it takes more. @param most multiplications */
  #put(at: number, rest: Rest, most: number): boolean {
    if (this.#dependent.has(rest)) return true;
    const { code: { min }, less, unitsOf, nearly } = this.#common;
    return this.#samples[at]!.add(rest.row, most, (terms) => {
      // Where the sample has one of the few units it is a number like others, and where it has none it is known already.
      if (this.#near.has(rest)) return null;
      const left = less(rest.row, terms);
      if (unitsOf(left) >= min) return this.#widened(at, rest, left.classes);
      if (left.classes.length === 0) this.#dependent.add(rest);
      else {
        this.#near.add(rest);
        const own = nearly(rest, terms, left);
        this.#nearly.push(own);
        this.#locate(own);
      }
      return null;
    });
  }

  /** A class that tells a number from others. */
  #widened(at: number, { row }: Rest, classes: Int32Array): number | null {
    const cls = this.#covered.rarest(classes, at);
    if (cls !== null && !(this.#small.has(row) && row.classes.includes(cls))) this.#covered.add(cls, at);
    return cls;
  }

  /**
   * How often to take away small numbers, and what is left of those that nearly follow from others, so that fewer units differ: on a sample a small number takes up what differs at its own
   * class.
   */
  #nearer(row: Coefficients): readonly Residue[] {
    const { code: { min, units }, less, unitsOf } = this.#common;
    const near = new Set<Rest>();
    let [most, alone] = [min, 0];
    for (const cls of row.classes) {
      const having = this.#smallWith.get(cls);
      if (having === undefined) alone += units[cls]!;
      else {
        for (const rest of having) {
          if (!near.has(rest)) most += unitsOf(rest.row);
          near.add(rest);
        }
      }
      if (alone >= min) return [];
    }
    if (near.size === 0 || unitsOf(row) >= most) return [];
    const searched = this.#searched(row, [...near], LOCALLY, this.#isCrowded ? CROWDED : LOCAL);
    if (searched !== null) return searched.terms ?? [];
    const terms: Residue[] = [];
    let left = row;
    for (let before = Infinity; unitsOf(left) < before;) {
      before = unitsOf(left);
      for (const rest of near) {
        const residue = this.#commonest(left, rest.row);
        if (residue === 0) continue;
        terms.push({ row: rest.row, residue });
        left = less(left, terms.slice(-1));
      }
    }
    return terms;
  }

  /** Whether somewhere small numbers are so many beside their units that what differs there may be missed. */
  get #isCrowded(): boolean {
    return this.#crowded ??= crowded([...this.#small], this.#common.code);
  }

  /** How often a number is in what is left, for most of its units. */
  #commonest(left: Coefficients, { classes, rows }: Coefficients): number {
    const { units } = this.#common.code;
    const weights = new Map([[0, 0]]);
    classes.forEach((cls, i) => {
      const residue = times(residueOf(coefficientOf(left, cls)), inverse(rows[i]!));
      weights.set(residue, (weights.get(residue) ?? 0) + units[cls]!);
    });
    const [residue] = [...weights].reduce((most, each) => (each[1] > most[1] ? each : most));
    return residue;
  }

  /** Null where there are enough, or no classes are left. */
  #another(): Sample | null {
    const { units, work } = this.#common.code;
    const coverage = this.#covered;
    if (coverage.isEnough || this.#isOutOfReach) return null;
    const expected = Array.from(this.#expected, ({ row }) => row);
    const rows = [...this.#known.flatMap((rest) => (this.#dependent.has(rest) || this.#near.has(rest) ? [] : [rest.row])), ...expected];
    const columns = this.#columns(rows) ?? this.#columns(rows);
    if (columns === null) return null;
    coverage.sampled(columns.others);
    const sample = new Sample(byWanted([...columns.ofSmall.values(), ...columns.others], expected, units.length), units.length, columns.ofSmall);
    this.#samples.push(sample);
    for (const rest of this.#known) {
      const before = sample.multiplications;
      const isIn = this.#put(this.#samples.length - 1, rest, work.toPrepare);
      work.prepares(sample.multiplications - before);
      if (isIn) continue;
      this.#isOutOfReach = true;
      work.isUnsolved = true;
      break;
    }
    // Others would take their time and not be enough.
    const left = coverage.needed - this.#samples.length;
    this.#isOutOfReach ||= coverage.needed > SAMPLES || left * sample.multiplications > work.toPrepare || coverage.needed * sample.entries > ENTRIES;
    return sample;
  }

  /** Classes of another sample. Null where not enough are left: then all are there again, in another order. */
  #columns(rows: readonly Coefficients[]): Columns | null {
    const coverage = this.#covered;
    const count = rows.length + Math.min(MORE, Math.ceil(rows.length / 8) + 4);
    const { samples, classes } = coverage;
    const columns = columnsFor(rows, count, { among: classes, all: this.#common.code.units.length, order: samples, accepts: coverage.isFree, otherwise: (of) => coverage.rarest(of, samples), isSmall: (row) => this.#small.has(row) });
    const found = columns.ofSmall.size + columns.others.length;
    if (found >= count || found === classes.length) return columns;
    coverage.nextRound();
    return null;
  }
}

/** Of each small number those that share a class with it: whether some order of their classes hardly has as many before any of `min` − 1 units among them. */
function crowded(small: readonly Coefficients[], { units, min }: Pick<Code, 'units' | 'min'>): boolean {
  const having = new Map<number, Coefficients[]>();
  for (const row of small) {
    for (const cls of row.classes) {
      const known = having.get(cls);
      if (known === undefined) having.set(cls, [row]);
      else known.push(row);
    }
  }
  return small.some((row) => {
    const near = new Set([...row.classes].flatMap((cls) => having.get(cls) ?? []));
    if (near.size <= SEARCHED) return false;
    const all = [...new Set([...near].flatMap(({ classes }) => [...classes]))].reduce((sum, cls) => sum + units[cls]!, 0);
    let clean = 1;
    for (let i = 0; i < near.size; i++) clean *= Math.max(0, all - (min - 1) - i) / (all - i);
    return clean < LIKELY;
  });
}
