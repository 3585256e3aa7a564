/**
 * Units of the data in classes by which cells of how many tables they are in: of the job's tables and of earlier ones of the same
 * statistic, asked again of the data that are open. What differs between two populations, and what follows from several, is
 * read off the classes.
 *
 * Bounds: at most `STRIPS` earlier tables of a series, each once, however often it was asked for: half of them those about most units, which
 * whatever is about some of them follows from, the others the newest; and `CLASS_CELLS` pairs of class and cell; then half as many tables. A
 * crowd of small tables does not push a large one out, and takes few pairs. Where the engine has to be asked (units of several rows), as many
 * of them as make `UNIT_CELLS` pairs of unit and cell.
 */
import type { PinnedDataset } from '#contract/job.ts';
import type { DataSession } from '../engine/data-engine.ts';
import { AmountsByClass, Dominance, NO_AMOUNTS, together, type Amounts, type AmountsOf } from './amounts.ts';
import { isOpen } from './data-state.ts';
import type { LedgerStrip } from './delta.ts';
import { isOfValues, type Face } from './face.ts';
import type { Memory, Population } from './memory.ts';
import type { Coefficients } from './combinations.ts';
import type { PopulationSql } from './population-sql.ts';
import type { Added, FaceOf, Populations } from './populations.ts';
import { PAIRS } from './unit-cells.ts';
import { askedOf, conditionOf, sumOf, type CountedRows, type RowClasses, type UnitRows } from './unit-rows.ts';
import type { JobStrip } from './strips.ts';

/** Earlier strips of a series that are looked at, and of those for which the engine has to be asked. */
const STRIPS = 512;
const ASKED = 128;
/** Pairs of a class of units and a cell that it is in. */
const CLASS_CELLS = 2_000_000;
/** Pairs of a unit and a cell that are read from the engine; and earlier tables among them that are read however many they have. */
const UNIT_CELLS = 12_000_000;
const LEAST_ASKED = 2;
/** The same of a job's own tables where nothing has left before. */
const FIRST_CELLS = 2_000_000;
/** Cells of a gate with enough units to be told, for which classes are made. */
export const OPEN_CELLS = 20_000;

export interface Past {
  readonly memories: readonly Memory<LedgerStrip>[];
  readonly datasets: readonly PinnedDataset[];
  readonly data: DataSession;
}

/** An earlier strip with its place in its memory. */
export interface PastStrip {
  readonly memory: Memory<LedgerStrip>;
  readonly place: number;
  readonly strip: LedgerStrip;
  /** Of an earlier snapshot: its cells as they are today, by key. Null where they are what they were. */
  readonly today: ReadonlyMap<string, Population> | null;
}

export class Classes {
  readonly used: readonly PastStrip[];
  readonly open: readonly JobStrip[];
  /** Whether no earlier strip was left out. */
  readonly exact: boolean;
  readonly #read: Read;

  constructor(used: readonly PastStrip[], open: readonly JobStrip[], exact: boolean, read: Read) {
    this.used = used;
    this.open = open;
    this.exact = exact;
    this.#read = read;
  }

  /** By number of the class. */
  get units(): ReadonlyMap<number, number> {
    return this.#read.units;
  }

  /** What units of each class add, where rules of dominance ask. */
  get amounts(): AmountsOf {
    return this.#read.amounts;
  }

  /** Whether each unit is in one cell of each table at most, with one row. */
  get oneCellEach(): boolean {
    return this.#read.oneCellEach;
  }

  /** Units that sums count by their rows although they do not add in proportion to them: of a combination it is not known what these add. */
  get byRows(): number {
    return this.#read.byRows;
  }

  /** The same with units counted by their rows in sums too: fewer classes. Null where they are already. */
  get rowsOnly(): Classes | null {
    return this.#read.rowsOnly === null ? null : new Classes(this.used, this.open, this.exact, { ...this.#read.rowsOnly(), oneCellEach: false });
  }

  past(strip: number, key: string): Coefficients {
    return this.#read.cells[strip]?.get(key) ?? NOBODY;
  }

  own(strip: JobStrip, key: string): Coefficients {
    return this.#read.cells[this.used.length + this.open.indexOf(strip)]?.get(key) ?? NOBODY;
  }

  /** Units that contribute differently to a cell of the job and to an earlier one; null where the classes do not tell. */
  differing(strip: JobStrip, key: string, past: LedgerStrip, pastKey: string): number | null {
    const at = this.used.findIndex((each) => each.strip === past && each.today === null);
    if (at === -1 || !this.open.includes(strip) || !tellsContributions(strip.face, strip.population, past)) return null;
    const [a, b] = [this.own(strip, key), this.past(at, pastKey)];
    let units = 0;
    const count = (cls: number | undefined): void => void (units += cls === undefined ? 0 : this.units.get(cls) ?? 0);
    // Both in the order of classes.
    for (let i = 0, j = 0; i < a.classes.length || j < b.classes.length;) {
      const [x = Infinity, y = Infinity] = [a.classes[i], b.classes[j]];
      if (x < y) count(a.classes[i++]);
      else if (y < x) count(b.classes[j++]);
      else if (a.rows[i++] !== b.rows[j++]) count(x);
    }
    return units;
  }
}

const NOBODY: Coefficients = { classes: new Int32Array(), rows: new Int32Array() };

/** Rows tell what a unit adds to a count. To a total it adds the same where both add up the same value of its only row. */
function tellsContributions({ measure, face }: Face, { flat }: PopulationSql, past: LedgerStrip): boolean {
  if (face !== 'total') return true;
  return flat !== null && past.flat !== null && flat.from === past.flat.from && flat.columns[`s${measure}`] === past.flat.columns[`s${past.face.measure}`];
}

/** One statistic of the job with what there is of it from before. */
interface Series {
  readonly name: string;
  readonly open: readonly JobStrip[];
  /** Earlier strips, the newest last; `left`: those that were left out. */
  readonly used: readonly PastStrip[];
  readonly left: number;
}

/**
 * Of the strips of a series the same classes, as far as possible; null of gates with too many cells. Nothing is asked where nothing can follow: no earlier
 * table, no part of rows among the job's own, and no cells that may share units.
 */
export async function classesOf(strips: readonly JobStrip[], past: Past, populations: Populations): Promise<ReadonlyMap<JobStrip, Classes | null>> {
  const found = new Map<JobStrip, Classes | null>();
  const asked: Series[] = [];
  const settle = ({ open }: Pick<Series, 'open'>, classes: Classes | null): void => open.forEach((strip) => found.set(strip, classes));
  for (const [name, all] of Map.groupBy(strips.filter(({ min, cells }) => min > 1 && cells.size > 0), (strip) => strip.series)) {
    const series = await withPast(name, all, past, populations);
    if (isFirst({ used: series.used, open: all }) && !mayShareUnits(all)) {
      settle(series, nothing(series.left === 0));
      continue;
    }
    const { true: open = [], false: large = [] } = Object.groupBy(all, (strip) => String(isSmall(strip)) as 'true' | 'false');
    settle({ open: large }, null);
    if (open.length > 0) asked.push({ ...series, open });
  }
  // Most statistics of a job are of the same rows in the same groups: one question answers for all.
  const together = asked.length > 1 ? await readTogether(asked, populations) ?? await readByUnits(asked, populations) : null;
  for (const [i, series] of asked.entries()) {
    const read = together?.[i] ?? await whole(series, populations);
    if (read !== null) settle(series, new Classes(series.used, series.open, series.left === 0, read));
    // A gate of many cells must not be in the way of one of few.
    else for (const own of gatesOf(series)) settle(own, await alone(own, populations) ?? (isFirst(own) ? nothing(false) : null));
  }
  return found;
}

const nothing = (exact: boolean): Classes => new Classes([], [], exact, { units: new Map(), cells: [], amounts: NO_AMOUNTS, oneCellEach: true, byRows: 0, rowsOnly: null });

/** Whether nothing has left of it before and none of its numbers is a part of rows: only cells of one table may tell units apart. */
const isFirst = ({ used, open }: Pick<Series, 'used' | 'open'>): boolean => used.length === 0 && !open.some(isBranch);

/** Whether units may be in several cells of one table, as far as it is few enough to be looked at. */
const mayShareUnits = (open: readonly JobStrip[]): boolean => open.some(({ population, cells }) => population.flat === null && cells.size > 1)
  && open.reduce((sum, { cells }) => [...cells.values()].reduce((all, { population }) => all + population.units, sum), 0) <= FIRST_CELLS;

const isSmall = ({ cells, min }: JobStrip): boolean => [...cells.values()].filter(({ population }) => population.units >= min).length <= OPEN_CELLS;

const gatesOf = (series: Series): readonly Series[] => [...Map.groupBy(series.open, ({ spec }) => spec).values()].map((open) => ({ ...series, open }));

/** Null where all of it is too much. */
async function whole({ used, open }: Pick<Series, 'used' | 'open'>, populations: Populations): Promise<Read | null> {
  return (await readTogether([{ used, open }], populations) ?? await readByUnits([{ used, open }], populations))?.[0] ?? null;
}

/** Of these the ones that the engine is asked about: to find out that all are too many takes it as long as to answer. */
export function askable(used: readonly PastStrip[], open: readonly JobStrip[]): readonly PastStrip[] {
  const own = open.reduce((sum, { cells }) => [...cells.values()].reduce((all, { population }) => all + population.units, sum), 0);
  let left = UNIT_CELLS - own;
  const kept = new Set<PastStrip>();
  for (const each of byTurns(used)) {
    const pairs = each.memory.unitsIn(each.place);
    // Not to be read at all.
    if (pairs > PAIRS) continue;
    left -= pairs;
    if (left < 0 && kept.size >= LEAST_ASKED) break;
    kept.add(each);
  }
  return used.filter((each) => kept.has(each));
}

/** The one about most units, the newest, the next of both. */
export function byTurns(used: readonly PastStrip[]): readonly PastStrip[] {
  const largest = used.toSorted((a, b) => b.memory.unitsIn(b.place) - a.memory.unitsIn(a.place));
  return [...new Set(used.toReversed().flatMap((newest, i) => [largest[i] ?? newest, newest]))];
}

async function withPast(name: string, open: readonly JobStrip[], { memories, datasets, data }: Past, populations: Populations): Promise<Series> {
  const attached = new Set(datasets.map(({ manifest }) => manifest.id as string));
  const related = onceEach(memories.flatMap((memory) => memory.strips().flatMap(({ strip, place }) =>
    (strip.series === name && strip.population !== null && strip.datasets.every(({ dataset }) => attached.has(dataset)) ? [{ memory, place, strip }] : []))));
  const used: PastStrip[] = [];
  let asked = 0;
  for (const { memory, place, strip } of chosen(related)) {
    const here = isHere(strip, datasets, data);
    if (!here && asked++ >= ASKED) continue;
    const groups = here ? [] : await populations.read(populationOf(strip), [strip.face], true);
    if (groups !== null) used.push({ memory, place, strip, today: here ? null : new Map(groups.flatMap(({ key, faces: [now] }) => (now === undefined ? [] : [[key, now]]))) });
  }
  return { name, open, used, left: related.length - used.length };
}

type Related = Omit<PastStrip, 'today'>;

/** Of strips about the same cells of the same data the first that was released. */
function onceEach(related: readonly Related[]): readonly Related[] {
  const nameOfStrip = ({ strip: { datasets, face, flat, keys, population } }: Related): string =>
    JSON.stringify([datasets, flat === null ? [population, face] : [askedOf(flat, keys.length), conditionOf(flat, face)]]);
  return [...Map.groupBy(related, nameOfStrip).values()].flatMap((same) => {
    if (same.length === 1) return same;
    // One may have cells that were left out of another.
    const first = new Map<string, Related>();
    for (const each of same) {
      const cells = JSON.stringify([...each.memory.cellsOf(each.place).keys()].sort());
      if (!first.has(cells)) first.set(cells, each);
    }
    return [...first.values()];
  });
}

function chosen(related: readonly Related[]): readonly Related[] {
  if (related.length <= STRIPS) return related;
  const largest = related.toSorted((a, b) => b.memory.unitsIn(b.place) - a.memory.unitsIn(a.place)).slice(0, STRIPS / 2);
  const kept = new Set(largest);
  for (const each of related.toReversed()) if (kept.size < STRIPS) kept.add(each);
  return related.filter((each) => kept.has(each));
}

/** With the earlier strips that the engine is asked about, then with half of them, where all are too many. */
async function alone({ used: all, open, left }: Series, populations: Populations): Promise<Classes | null> {
  let used = all;
  for (;;) {
    const read = await whole({ used, open }, populations);
    if (read !== null) return new Classes(used, open, used.length === all.length && left === 0, read);
    if (used.length === 0) return null;
    const fewer = askable(used, open);
    used = fewer.length < used.length ? fewer : used.slice(used.length - Math.floor(used.length / 2));
  }
}

const membersOf = (used: readonly PastStrip[], open: readonly JobStrip[]): readonly Added[] => [
  ...used.map(({ strip }) => ({ population: populationOf(strip), face: strip.face, scale: strip.unrounded === true ? strip.scale : null })),
  ...open.map(({ population, face, unrounded, scale }) => ({ population, face, scale: unrounded ? scale : null })),
];

interface Read {
  readonly units: ReadonlyMap<number, number>;
  /** By member, then by key. */
  readonly cells: readonly ReadonlyMap<string, Coefficients>[];
  readonly amounts: AmountsOf;
  readonly oneCellEach: boolean;
  readonly byRows: number;
  readonly rowsOnly: (() => Omit<Read, 'oneCellEach'>) | null;
}

/** By series. Null where there are too many classes, or not all are over the same stored rows. */
async function readTogether(series: readonly Pick<Series, 'used' | 'open'>[], populations: Populations): Promise<readonly Read[] | null> {
  // What reads another gate's table is about other rows in each job.
  if (series.some(({ open }) => open.some(({ repeatable }) => !repeatable))) return null;
  const members = series.map(({ used, open }) => [...used.map(({ strip }) => ({ population: populationOf(strip), face: strip.face, past: true })), ...open.map(({ population, face }) => ({ population, face, past: false }))]);
  const all = members.flat();
  const sums = series.map(({ open }, i) => (Dominance.of(open) === null ? [] : sumsOf(members[i] ?? [])));
  const here = await populations.inMemory(all, sums.flat());
  if (here === null) return null;
  const { rows, counted } = here;
  const named = all.map((member, i) => ({ ...member, name: nameOf(member), rows: counted[i] ?? lost() }));
  const once = (of: typeof named): typeof named => [...new Map(of.map((member) => [member.name, member])).values()];
  const past = once(named.filter((member) => member.past));
  const known = new Set(past.map(({ name }) => name));
  const classes = rows.classes(past, once(named.filter(({ name }) => !known.has(name))).map((member) => member.rows));
  const table = new ClassTable(classes, new Map(named.map(({ name, rows: of }) => [name, of])));
  if (table.size > CLASS_CELLS) return null;
  let at = 0;
  return members.map((own, i) => table.of(named.slice(at, (at += own.length)).map(({ name }) => name), amountsByRow(rows, sums[i] ?? [])));
}

/** By series. Null where there are too many, or the engine cannot answer. */
async function readByUnits(series: readonly Pick<Series, 'used' | 'open'>[], populations: Populations): Promise<readonly Read[] | null> {
  if (series.some(({ used, open }) => askable(used, open).length < used.length)) return null;
  const read = await populations.byUnits(series.map(({ used, open }) => ({ numbers: membersOf(used, open), amounts: Dominance.of(open) !== null })));
  return read?.map((each) => ({ ...each, oneCellEach: false })) ?? null;
}

function sumsOf(members: readonly FaceOf[]): readonly string[] {
  return [...new Set(members.flatMap(({ population: { flat }, face }) => (flat === null || face.face !== 'total' ? [] : [sumOf(flat, face)])))];
}

/** A row adds the same to every sum that it is in. Null where nobody asks. */
function amountsByRow(rows: UnitRows, sums: readonly string[]): Float64Array | null {
  const [first, ...others] = sums.map((sum) => rows.amounts(sum));
  return first === undefined ? null : others.reduce((all, own) => all.map((amount, row) => (amount === 0 ? own[row]! : amount)), first);
}

/** Populations with the same name have the same cells. */
function nameOf({ population: { flat, keys }, face }: FaceOf): string {
  return flat === null ? lost() : JSON.stringify([askedOf(flat, keys), conditionOf(flat, face)]);
}

/** Which cell of each population each class of rows is in. */
class ClassTable {
  readonly #units: Int32Array;
  readonly #rows: RowClasses;
  /** By name of the population: its key texts, and for each class its cell, −1 where in none. */
  readonly #cells: ReadonlyMap<string, { readonly texts: readonly string[]; readonly of: Int32Array }>;
  /** Pairs of a class and a cell that it is in. */
  readonly size: number;

  constructor(rows: RowClasses, populations: ReadonlyMap<string, CountedRows>) {
    const { of, count } = rows;
    this.#rows = rows;
    this.#units = new Int32Array(count);
    const one = new Int32Array(count);
    for (let row = 0; row < of.length; row++) {
      const cls = of[row]!;
      this.#units[cls]! += 1;
      one[cls] = row;
    }
    this.#cells = new Map([...populations].map(([name, { cells, counts }]) => [name, { texts: cells.texts, of: one.map((row) => (counts !== null && counts[row] === 0 ? -1 : cells.of[row]!)) }]));
    this.size = this.#cells.values().reduce((sum, { of: own }) => sum + own.reduce((in_, cell) => (cell < 0 ? in_ : in_ + 1), 0), 0);
  }

  /** Classes as these populations tell units apart. Rows are in their stored order, so the numbers are the same in every run. @param amounts by row */
  of(names: readonly string[], amounts: Float64Array | null): Read {
    const distinct = [...new Set(names)];
    const columns = distinct.map((name) => this.#cells.get(name) ?? lost());
    // What only other populations tell apart is one class.
    const numbers = new Map<string, number>();
    const units = new Map<number, number>();
    const isAll = distinct.length === this.#cells.size;
    const members: number[][][] = columns.map(({ texts }) => texts.map(() => []));
    const { of: classOf, count } = this.#rows;
    const parts = amounts === null ? null : new AmountsByClass(classOf, amounts, amounts.keys(), count);
    const partsOf = new Map<number, Amounts[]>();
    for (let cls = 0; cls < this.#units.length; cls++) {
      if (columns.every(({ of }) => of[cls]! < 0)) continue;
      const text = isAll ? '' : columns.map(({ of }) => of[cls]!).join();
      let own = isAll ? undefined : numbers.get(text);
      if (own === undefined) {
        own = units.size + 1;
        if (!isAll) numbers.set(text, own);
        for (const [n, { of }] of columns.entries()) if (of[cls]! >= 0) members[n]![of[cls]!]!.push(own);
      }
      units.set(own, (units.get(own) ?? 0) + this.#units[cls]!);
      const part = parts?.get(cls);
      if (part === undefined) continue;
      const known = partsOf.get(own);
      if (known === undefined) partsOf.set(own, [part]);
      else known.push(part);
    }
    const once = (classes: readonly number[]): Coefficients => ({ classes: Int32Array.from(classes), rows: new Int32Array(classes.length).fill(1) });
    const byName = new Map(distinct.map((name, n) => [name, new Map(columns[n]!.texts.map((key, cell): [string, Coefficients] => [key, once(members[n]![cell]!)]))]));
    return { units, cells: names.map((name) => byName.get(name) ?? lost()), amounts: new Map([...partsOf].map(([cls, all]) => [cls, together(all)])), oneCellEach: true, byRows: 0, rowsOnly: null };
  }
}

function lost(): never {
  throw new Error('a population that was not read');
}

/** Whether the question that released a strip can be asked again of the data that are open, and gives the same answer. */
export const isHere = (past: LedgerStrip, datasets: readonly PinnedDataset[], data: DataSession): boolean => past.population !== null && isOpen(past.datasets, datasets, data);

/** Of a strip whose question can be asked again. */
export function populationOf({ population, flat, keys }: LedgerStrip): PopulationSql {
  if (population === null) throw new Error('a question that cannot be asked again');
  return { sql: population, flat, keys: keys.length };
}

/** Counts or adds up a part of its group's rows. */
export function isBranch({ spec, face, series }: JobStrip): boolean {
  const measure = spec.measures.find(({ id }) => id === face.measure);
  return measure !== undefined && (measure.conditions.length > 0 || (measure.of.kind === 'column' && face.face === 'count' && !isOfValues(series)));
}
