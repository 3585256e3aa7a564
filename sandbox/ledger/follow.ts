/**
 * Combinations: numbers that follow from several released before, with or without others of the tables that leave together. Of
 * those alone only branches are compared (FILTER, CASE, values that may be missing); cells and margins are the business of
 * secondary suppression.
 *
 * Units are put into classes by which cells they are in (`classes.ts`); cells are then rows of coefficients over the classes, and
 * `combinations.ts` and `decoding.ts` do the rest. An earlier snapshot's cell counts as the cell of today plus classes of the units that changed
 * since.
 */
import { Dominance, NOTHING, together, type Amounts } from './amounts.ts';
import { AtOnce, KnownTable, type Known, type Simple } from './at-once.ts';
import { byTurns, isBranch, type Classes } from './classes.ts';
import { Combinations, countsOf, valueOf, type Coefficients, type Following } from './combinations.ts';
import { Cuts } from './cuts.ts';
import { Decoding, fewIn, type Code } from './decoding.ts';
import { rescaled } from './face.ts';
import { Margins } from './margins.ts';
import type { Compared } from './memory.ts';
import { Parts } from './parts.ts';
import { Rests } from './rests.ts';
import { bucketsThatDiffer, SKETCH_BUCKETS, SKETCH_WORDS } from './sketch.ts';
import { BOUNDS, type Bounds } from './small-vector.ts';
import type { JobStrip, StripCell } from './strips.ts';
import { Work } from './work.ts';

export interface OpenStrip {
  readonly strip: JobStrip;
  readonly cells: readonly StripCell[];
}

export interface FollowingCell {
  readonly strip: JobStrip;
  readonly cell: StripCell;
  /** What follows for it. */
  readonly value: (own: (strip: JobStrip, cell: StripCell) => bigint | null) => bigint | null;
  /** Whether it follows from earlier releases alone. */
  readonly alone: boolean;
  /** Whether everything that it follows from is about the same rows, cut in other ways: depends on the queries only. */
  readonly sameRows: boolean;
  readonly differing: number;
  /** Earlier releases among what it follows from. */
  readonly jobs: readonly string[];
}

export interface FollowingCells {
  readonly cells: readonly FollowingCell[];
  /** Whether every combination within reach was looked at. */
  readonly exact: boolean;
  /** Whether some table has so many cells that combinations could not be looked at. */
  readonly tooMany: boolean;
}

export function followingCells(open: readonly OpenStrip[], classes: ReadonlyMap<JobStrip, Classes | null>): FollowingCells {
  const cells: FollowingCell[] = [];
  let [exact, tooMany] = [true, false];
  const asked = [...Map.groupBy(open.filter(({ strip, cells: own }) => strip.min > 1 && own.length > 0), ({ strip }) => classes.get(strip) ?? null)];
  const work = new Work();
  for (const [of, together] of asked) {
    exact &&= of !== null && of.exact;
    tooMany ||= of === null;
    if (of === null || of.open.length === 0) continue;
    const found = combineAnyway(together, of, work);
    for (const cell of found.cells) cells.push(cell);
    exact &&= found.exact;
  }
  return { cells, exact, tooMany: tooMany || work.isOver };
}

/**
 * By what units add, as far as that can be solved. Where numbers are many beside the units it cannot: numbers then follow from any others, by factors that nobody knows who does not know what
 * each unit adds. What was not found is then looked for by rows; what follows by these and is another number is withheld.
 */
function combineAnyway(open: readonly OpenStrip[], classes: Classes, work: Work): { readonly cells: readonly FollowingCell[]; readonly exact: boolean } {
  const wasUnsolved = work.isUnsolved;
  const found = combine(open, classes, work);
  const rowsOnly = work.isUnsolved && !wasUnsolved ? classes.rowsOnly : null;
  if (rowsOnly === null) return found;
  work.isUnsolved = false;
  const byRows = combine(open, rowsOnly, work);
  const told = new Set(found.cells.map(({ cell }) => cell));
  const further = byRows.cells.filter(({ cell }) => !told.has(cell));
  // What seemed to be numbers of their own when others were found to follow from them is none.
  const given = new Set(further.map(({ cell }) => cell));
  const cells = found.cells.map((each): FollowingCell => ({ ...each, value: (own) => each.value((strip, cell) => (given.has(cell) ? null : own(strip, cell))) }));
  return { cells: [...cells, ...further], exact: found.exact && byRows.exact };
}

/** What left before, over the classes. */
interface Earlier {
  /** By class; changes since earlier snapshots are classes that the data do not have. */
  readonly units: ReadonlyMap<number, number>;
  readonly released: readonly ReleasedNumber[];
  /** Known cells table by table: their ids are places in `released`. */
  readonly tables: readonly (readonly Known[])[];
}

function earlierCells(classes: Classes): Earlier {
  const units = new Map(classes.units);
  // Classes of the data are numbered from 1 on.
  const first = units.size + 1;
  if (classes.used.some(({ today }) => today !== null)) for (let bucket = 0; bucket <= SKETCH_BUCKETS; bucket++) units.set(first + bucket, 0);
  const released: ReleasedNumber[] = [];
  const tables = classes.used.map(({ memory, place, strip, today }, m) => [...memory.cellsOf(place)].flatMap(([key, cell]): readonly Known[] => {
    const value = memory.valueOf(cell);
    if (value === null) return [];
    const own = classes.past(m, key);
    const row = today === null ? own : withChange(own, units, first, memory.populationOf(cell), today.get(key));
    return [itself(released.push({ value, scale: strip.scale, of: strip.of, relation: strip.relation }) - 1, row)];
  }));
  return { units, released, tables };
}

function combine(open: readonly OpenStrip[], classes: Classes, work: Work): { readonly cells: readonly FollowingCell[]; readonly exact: boolean } {
  const min = Math.max(...open.map(({ strip }) => strip.min));
  const { units, released, tables: earlier } = earlierCells(classes);
  const dominance = Dominance.of(open.map(({ strip }) => strip));
  const amountsOf = (cls: number): Amounts => classes.amounts.get(cls) ?? NOTHING;
  const isDominated = (amounts: Amounts): boolean => dominance !== null && dominance.isDominated(amounts);
  const isDominatedRest = (of: Iterable<number>): boolean => isDominated(together(Array.from(of, amountsOf)));
  const sizes = Float64Array.from({ length: units.size + 1 }, (_, cls) => units.get(cls) ?? 0);
  // A class whose sum tells about few of its units counts as one.
  const counts = sizes.map((own, cls) => (own >= min && isDominated(amountsOf(cls)) ? 1 : own));
  const rowsOf = new Map(open.map(({ strip, cells: own }) => [strip, own.map(({ key }) => classes.own(strip, key))]));
  const rows = earlier.map((cells) => cells.map(({ row }) => row));
  const isWhole = classes.oneCellEach ? () => true : wholeRows([...rows, ...rowsOf.values()].flat());
  // Only these can be taken from each other class by class; and if all are, most can be said at a glance.
  const tables = earlier.filter((_, t) => isWhole(rows[t] ?? [])).map((cells) => new KnownTable(cells, counts));
  const parts = new Parts(counts.length);
  rows.forEach((cells) => parts.add(cells));
  const known = [...earlier];
  const search = new Search(byTurns(classes.used).map((each) => earlier[classes.used.indexOf(each)] ?? []), { units: counts, min, isDominated: dominance === null ? null : isDominatedRest, wanted: [...rowsOf.values()].flat(), work }, boundsOf(open));
  const found: FollowingCell[] = [];
  const own: OwnCell[] = [];
  // Whole rows first: what counts a part of them may follow from them.
  const inOrder = [...open.filter(({ strip }) => !isBranch(strip)), ...open.filter(({ strip }) => isBranch(strip))];
  for (const { strip, cells } of inOrder) {
    const ofStrip = rowsOf.get(strip) ?? lost();
    const glance = isWhole(ofStrip) ? new AtOnce(ofStrip, counts, min, dominance === null ? null : isDominatedRest) : null;
    const rests = dominance === null || glance === null ? null : new Rests(tables, sizes, amountsOf, isDominated);
    const partOf = parts.of;
    const cuts = new Cuts(partOf, parts.factors, ofStrip, counts);
    const margins = new Margins(partOf, counts, min, dominance === null ? null : isDominatedRest);
    // Of whole tables rests that few dominate are found whatever is left of them (`rests.ts`).
    const enough = dominance === null || glance !== null ? min : Math.max(min, DOMINATED);
    const added: Known[] = [];
    const addedAt = new Map<number, Known>();
    for (const [i, cell] of cells.entries()) {
      const row = ofStrip[i] ?? lost();
      const side = cuts.side(i, enough);
      // Free by numbers of units: of some few may have nearly everything.
      const looks = glance !== null && (side !== null || (dominance !== null && glance.visited < CLOSELY));
      const simple = atAGlance(looks ? glance.follows(i + 1, tables) : null)
        ?? atAGlance(side === null ? null : margins.find(row, side, known, side.cells.flatMap((cell) => addedAt.get(cell) ?? [])));
      const told = useful(simple ?? (side === null ? null : search.follows(row)) ?? atAGlance(rests?.find(row) ?? null));
      const learn = (as: Known): void => {
        glance?.add(i + 1, as);
        rests?.add(as);
        cuts.add(i);
        addedAt.set(i, as);
      };
      // Cells and margins of the same tables alone protect each other by secondary suppression. Cells of one table have no rows in common: none of them is a margin of others.
      // But where many units add otherwise than by their rows, these say nothing about them.
      const isOwnTable = (id: number): boolean => classes.byRows < strip.min && own[id - released.length]?.strip === strip;
      const following = told === null || isBranch(strip) || told.terms.some(({ id }) => id < released.length) || told.terms.every(({ id }) => isOwnTable(id)) ? told : null;
      if (following !== null) {
        found.push(followingCell(strip, cell, following, released, own, classes.byRows));
        const whole = following.units === 0 ? wholeTerms(following.terms) : null;
        if (whole !== null) learn({ row, terms: whole });
        continue;
      }
      const self = itself(released.length + own.push({ strip, cell }) - 1, row);
      search.add(self);
      added.push(self);
      learn(self);
    }
    if (glance !== null) tables.push(new KnownTable(added, counts));
    parts.add(added.map((each) => each.row));
    known.push(added);
  }
  return { cells: found, exact: search.exact };
}

/** Multiplications of all searches for combinations of few units together. Each cell has the same share: whoever pads a table takes nothing from one cell alone. */
const SEARCHED = 100_000_000;

function boundsOf(open: readonly OpenStrip[]): Bounds {
  const cells = open.reduce((sum, { cells: own }) => sum + own.length, 0);
  return { ...BOUNDS, work: Math.min(BOUNDS.work, Math.floor(SEARCHED / Math.max(1, cells))) };
}

/** Where rules of dominance ask, and units may be in several cells: a rest of fewer units is searched for. */
const DOMINATED = 100;

/** Classes of margins that are gone through for cells that are free by numbers of units; what `Rests` finds without is found for all. */
const CLOSELY = 4_000_000;

interface ReleasedNumber {
  readonly value: bigint;
  readonly scale: number;
  readonly of: string;
  readonly relation: string;
}

interface OwnCell {
  readonly strip: JobStrip;
  readonly cell: StripCell;
}

function followingCell(strip: JobStrip, cell: StripCell, following: Pick<Following, 'terms' | 'units'>, released: readonly ReleasedNumber[], own: readonly OwnCell[], byRows: number): FollowingCell {
  const { terms, units: differing } = following;
  return {
    strip, cell, differing, jobs: [...new Set(terms.flatMap(({ id }) => released[id]?.of ?? []))], alone: terms.every(({ id }) => id < released.length),
    sameRows: terms.every(({ id }) => (released[id]?.relation ?? strip.spec.relation) === strip.spec.relation),
    value: (settled) => {
      // Where many units do not add in proportion to their rows, it is another number that follows by these: it is withheld.
      if (byRows >= strip.min) return null;
      const numbers = new Map<number, { readonly value: bigint; readonly scale: number }>();
      for (const { id } of terms) {
        const self = own[id - released.length];
        const value = id < released.length ? released[id]?.value : self === undefined ? null : settled(self.strip, self.cell);
        if (value === undefined || value === null) return null;
        numbers.set(id, { value, scale: released[id]?.scale ?? self?.strip.scale ?? lost() });
      }
      const scale = Math.max(strip.scale, ...[...numbers.values()].map((number) => number.scale));
      return rescaled(valueOf(terms, (id) => {
        const number = numbers.get(id) ?? lost();
        return rescaled(number.value, number.scale, scale);
      }), scale, strip.scale);
    },
  };
}

function atAGlance(found: Simple | null): Pick<Following, 'terms' | 'units'> | null {
  if (found === null) return null;
  const factors = new Map<number, number>();
  for (const [sign, known] of [[1, found.plus], [-1, found.minus]] as const) for (const { terms } of known) for (const { id, factor } of terms) factors.set(id, (factors.get(id) ?? 0) + sign * factor);
  return { terms: [...factors].filter(([, factor]) => factor !== 0).map(([id, numerator]) => ({ id, factor: { numerator, denominator: 1 } })), units: found.differing };
}

const itself = (id: number, row: Coefficients): Known => ({ row, terms: [{ id, factor: 1 }] });

/** Null where a factor is a fraction. */
function wholeTerms(terms: Following['terms']): Known['terms'] | null {
  return terms.some(({ factor }) => factor.denominator !== 1) ? null : terms.map(({ id, factor }) => ({ id, factor: factor.numerator }));
}

/** Whether each unit is in one cell of a table at most, with all that it counts anywhere. */
function wholeRows(all: readonly Coefficients[]): (cells: readonly Coefficients[]) => boolean {
  const last = all.reduce((most_, { classes }) => Math.max(most_, classes.at(-1) ?? 0), 0);
  const most = new Float64Array(last + 1);
  for (const row of all) {
    const counts = countsOf(row);
    row.classes.forEach((cls, i) => {
      if (Math.abs(counts[i]!) > Math.abs(most[cls]!)) most[cls] = counts[i]!;
    });
  }
  return (cells) => {
    const seen = new Uint8Array(last + 1);
    return cells.every((row) => {
      const counts = countsOf(row);
      return row.classes.every((cls, i) => counts[i] === most[cls] && seen[cls]!++ === 0);
    });
  };
}

/** With more classes of few units than this, numbers are decoded. */
const MANY = 300;

/** The search for combinations, prepared when it is first needed. */
class Search {
  readonly #tables: readonly (readonly Known[])[];
  readonly #code: Code;
  readonly #own: Known[] = [];
  readonly #bounds: Bounds;
  #prepared: Prepared | null = null;

  /** @param tables known cells of earlier tables, those that count most first */
  constructor(tables: readonly (readonly Known[])[], code: Code, bounds: Bounds) {
    this.#tables = tables;
    this.#code = code;
    this.#bounds = bounds;
  }

  get exact(): boolean {
    return this.#prepared === null || this.#prepared.all.every(({ exact }) => exact);
  }

  add(known: Known): void {
    this.#own.push(known);
    this.#prepared?.together.add(idOf(known.terms), known.row);
  }

  /** From what left before alone, or with numbers of the job. */
  follows(row: Coefficients): Following | null {
    const { all } = this.#prepared ??= this.#prepare();
    for (const numbers of all) {
      const following = useful(numbers.follows(row));
      if (numbers instanceof Combinations && numbers.isUnsolved) this.#code.work.isUnsolved = true;
      if (following !== null) return following;
    }
    return null;
  }

  #prepare(): Prepared {
    const { units, min } = this.#code;
    if (fewIn(units, min) > MANY) {
      const known = new Set(withoutRepetition(this.#tables.flat()));
      const tables = this.#tables.map((cells) => cells.filter((cell) => known.has(cell)).map(({ row, terms }) => ({ id: idOf(terms), row })));
      const together = new Decoding(tables, this.#code);
      for (const { row, terms } of this.#own) together.add(idOf(terms), row);
      return { all: [together], together };
    }
    const before = new Combinations((cls) => units[cls] ?? 0, min, this.#bounds);
    // Small cells first: what is eliminated early goes into all that comes later.
    for (const { row, terms } of withoutRepetition(this.#tables.flat()).toSorted((a, b) => a.row.classes.length - b.row.classes.length)) before.add(idOf(terms), row);
    const together = before.copy();
    for (const { row, terms } of this.#own) together.add(idOf(terms), row);
    return { all: [before, together], together };
  }
}

interface Prepared {
  readonly all: readonly (Combinations | Decoding)[];
  /** With what the job itself tells. */
  readonly together: Combinations | Decoding;
}

const idOf = ([only]: Known['terms']): number => only?.id ?? lost();

function lost(): never {
  throw new Error('a cell without its classes');
}

/** Of cells with the same units the first: the others say nothing more. */
function withoutRepetition(all: readonly Known[]): readonly Known[] {
  const known = new Map<number, Coefficients[]>();
  const same = (a: Int32Array | Float64Array, b: Int32Array | Float64Array): boolean => a.every((value: number, i: number) => value === b[i]);
  const isSame = (a: Coefficients, b: Coefficients): boolean => a.classes.length === b.classes.length && same(a.classes, b.classes) && same(countsOf(a), countsOf(b));
  return all.filter(({ row }) => {
    let sum = row.classes.length;
    for (let i = 0; i < row.classes.length; i++) sum = Math.imul(sum, 31) + Math.imul(row.classes[i]!, row.rows[i]!) | 0;
    const alike = known.get(sum) ?? [];
    known.set(sum, alike);
    if (alike.some((other) => isSame(row, other))) return false;
    alike.push(row);
    return true;
  });
}

/** What follows from nothing is a cell of fewer units than the minimum: the rules see to those. */
const useful = <F extends Pick<Following, 'terms'>>(following: F | null): F | null => (following === null || following.terms.length === 0 ? null : following);

/**
 * With classes for the units that changed since the cell was released, by buckets of the sketch: a unit is in the same one in all cells, of all tables, so that whoever changed
 * in many is counted once. As it was where none did. @param first number of the class of the first bucket; the one after the last is of units that no bucket shows
 */
function withChange(own: Coefficients, units: Map<number, number>, first: number, then: Compared, today: Compared | undefined): Coefficients {
  if (today !== undefined && today.units === then.units && today.fingerprint === then.fingerprint) return own;
  const buckets = bucketsThatDiffer(then.sketch, today?.sketch ?? new Uint32Array(SKETCH_WORDS));
  const changed = (buckets.length === 0 ? [SKETCH_BUCKETS] : buckets).map((bucket) => first + bucket);
  for (const cls of changed) units.set(cls, 1);
  const [length, ones] = [own.classes.length + changed.length, changed.map(() => 1)];
  return {
    classes: filled(new Int32Array(length), own.classes, changed), rows: filled(new Int32Array(length), own.rows, ones),
    ...(own.exact === undefined ? {} : { exact: filled(new Float64Array(length), own.exact, ones) }),
  };
}

/** Not spread as arguments: there may be hundreds of thousands. */
function filled<T extends Int32Array | Float64Array>(all: T, some: T, others: readonly number[]): T {
  all.set(some);
  all.set(others, some.length);
  return all;
}
