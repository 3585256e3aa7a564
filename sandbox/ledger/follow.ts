/**
 * Combinations: numbers that follow from several released before, with or without others of the tables that leave together. Of
 * those alone only branches are compared (FILTER, CASE, values that may be missing); cells and margins are the business of
 * secondary suppression.
 *
 * The units of the data are put into classes by which cells they are in; cells are then rows of coefficients over the classes,
 * and `combinations.ts` does the rest. Earlier questions are asked again of the data that are open: of an earlier
 * snapshot's cell as well, which counts as the cell of today plus a class of its own for the units that changed since.
 *
 * Bounds: at most `STRIPS` earlier strips of a series, the newest first, and `CLASS_CELLS` pairs of class and cell; then half as many
 * strips. What was left out makes `exact` false.
 */
import type { PinnedDataset } from '#contract/job.ts';
import type { DataSession } from '../engine/data-engine.ts';
import { Combinations, valueOf, type Coefficients, type Following } from './combinations.ts';
import type { LedgerStrip } from './delta.ts';
import type { Memory, Population } from './memory.ts';
import { isHere } from './nearby.ts';
import { classesSql, type Member } from './population-sql.ts';
import { differingBuckets } from './sketch.ts';
import { readPopulations, type JobStrip, type StripCell } from './strips.ts';

/** Earlier strips of a series that are looked at. */
const STRIPS = 128;
/** Pairs of a class of units and a cell that it is in. */
const CLASS_CELLS = 400_000;
/** Cells of one release for which combinations are looked for; a larger release protects its own cells only by their sizes. */
const OPEN_CELLS = 20_000;

export interface Past {
  readonly memories: readonly Memory<LedgerStrip>[];
  readonly datasets: readonly PinnedDataset[];
}

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

export async function followingCells(open: readonly OpenStrip[], past: Past, data: DataSession): Promise<{ readonly cells: readonly FollowingCell[]; readonly exact: boolean }> {
  const cells: FollowingCell[] = [];
  let exact = true;
  for (const ofSeries of Map.groupBy(open.filter(({ strip }) => strip.min > 1), ({ strip }) => strip.series).values()) {
    const wanted = ofSeries.reduce((sum, { cells: own }) => sum + own.length, 0);
    if (wanted === 0) continue;
    if (wanted > OPEN_CELLS) {
      exact = false;
      continue;
    }
    const found = await inSeries(ofSeries, past, data);
    cells.push(...found.cells);
    exact &&= found.exact;
  }
  return { cells, exact };
}

/** An earlier strip with its place in its memory. */
interface PastStrip {
  readonly memory: Memory<LedgerStrip>;
  readonly place: number;
  readonly strip: LedgerStrip;
  /** Of an earlier snapshot: its cells as they are today, by key. Null where they are what they were. */
  readonly today: ReadonlyMap<string, Population> | null;
}

async function inSeries(open: readonly OpenStrip[], { memories, datasets }: Past, data: DataSession): Promise<{ readonly cells: readonly FollowingCell[]; readonly exact: boolean }> {
  const series = open[0]?.strip.series;
  const attached = new Set(datasets.map(({ manifest }) => manifest.id as string));
  // The newest are the last.
  const related = memories.flatMap((memory) => memory.strips().flatMap((strip, place) =>
    (strip.series === series && strip.population !== null && strip.datasets.every(({ dataset }) => attached.has(dataset)) ? [{ memory, place, strip }] : [])));
  const all: PastStrip[] = [];
  for (const { memory, place, strip } of related.slice(-STRIPS)) {
    const today = isHere(strip, datasets, data) ? null : await populationsToday(strip, data);
    if (today !== 'unreadable') all.push({ memory, place, strip, today });
  }
  for (let size = all.length; ; size = Math.floor(size / 2)) {
    const used = all.slice(all.length - size);
    const classes = await readClasses(used, open, data);
    if (classes !== null) {
      const found = combine(used, open, classes);
      return { cells: found.cells, exact: found.exact && size === related.length };
    }
    if (size === 0) return { cells: [], exact: false };
  }
}

/** Per worker: of earlier strips, their cells as they are today, and which units are left out of the data today. The snapshots of a worker stay. */
const asked = new WeakMap<LedgerStrip, { readonly hidden: string; readonly today: ReadonlyMap<string, Population> }>();

/** Asked of the data once, until other units are left out: withdrawals leave all of history behind that touches those who withdrew. */
async function populationsToday(strip: LedgerStrip, data: DataSession): Promise<ReadonlyMap<string, Population> | 'unreadable'> {
  const hidden = strip.datasets.map(({ dataset }) => data.hiddenFrom(dataset)).join(' ');
  const known = asked.get(strip);
  if (known?.hidden === hidden) return known.today;
  const groups = await readPopulations({ sql: strip.population ?? '', keys: strip.keys.length }, [strip.face], data);
  if (groups === null) return 'unreadable';
  const today = new Map(groups.flatMap(({ key, faces: [now] }): [string, Population][] => (now === undefined ? [] : [[key, now]])));
  asked.set(strip, { hidden, today });
  return today;
}

interface Classes {
  readonly units: Map<number, number>;
  /** By member (earlier strips, then those of the job), then by key. */
  readonly cells: readonly ReadonlyMap<string, Map<number, number>>[];
}

/** Null where there are too many. */
async function readClasses(used: readonly PastStrip[], open: readonly OpenStrip[], data: DataSession): Promise<Classes | null> {
  const members: Member[] = [
    ...used.map(({ strip }) => ({ population: { sql: strip.population ?? '', keys: strip.keys.length }, face: strip.face })),
    ...open.map(({ strip }) => ({ population: strip.population, face: strip.face })),
  ];
  const read = await data.cells(classesSql(members), CLASS_CELLS * 5);
  if (!read.ok) return null;
  const units = new Map<number, number>();
  const cells = members.map(() => new Map<string, Map<number, number>>());
  for (const [cls, count, member, key, rows] of read.value.rows()) {
    const of = cells[Number(member)];
    if (of === undefined) throw new Error('a class of a population that was not asked for');
    units.set(Number(cls), Number(count));
    const coefficients = of.get(String(key)) ?? new Map<number, number>();
    of.set(String(key), coefficients);
    coefficients.set(Number(cls), Number(rows));
  }
  return { units, cells };
}

function combine(used: readonly PastStrip[], open: readonly OpenStrip[], { units, cells }: Classes): { readonly cells: readonly FollowingCell[]; readonly exact: boolean } {
  const min = Math.max(...open.map(({ strip }) => strip.min));
  const unitsOf = (cls: number): number => units.get(cls) ?? 0;
  const before = new Combinations(unitsOf, min);
  const together = new Combinations(unitsOf, min);
  const released: { readonly value: bigint; readonly of: string; readonly relation: string }[] = [];
  for (const [m, { memory, place, strip, today }] of used.entries()) {
    for (const [key, cell] of memory.cellsOf(place)) {
      const coefficients = new Map(cells[m]?.get(key) ?? []);
      if (today !== null) addChange(coefficients, units, memory.populationOf(cell), today.get(key));
      const id = released.push({ value: memory.valueOf(cell), of: strip.of, relation: strip.relation }) - 1;
      before.add(id, coefficients);
      together.add(id, coefficients);
    }
  }
  const found: FollowingCell[] = [];
  const own: { readonly strip: JobStrip; readonly cell: StripCell }[] = [];
  const cellsInOrder = open.flatMap(({ strip, cells: of }, o) => of.map((cell) => ({ strip, cell, coefficients: (cells[used.length + o]?.get(cell.key) ?? new Map()) as Coefficients })));
  for (const { strip, cell, coefficients } of [...cellsInOrder.filter(({ strip }) => !isBranch(strip)), ...cellsInOrder.filter(({ strip }) => isBranch(strip))]) {
    const joint = useful(before.follows(coefficients)) ?? useful(together.follows(coefficients));
    // Cells and margins of the same tables alone protect each other by secondary suppression.
    const following = joint === null || isBranch(strip) || joint.terms.some(({ id }) => id < released.length) ? joint : null;
    if (following === null) {
      together.add(released.length + own.push({ strip, cell }) - 1, coefficients);
      continue;
    }
    const { terms, units: differing } = following;
    found.push({
      strip, cell, differing, jobs: jobsOf(following, released), alone: terms.every(({ id }) => id < released.length),
      sameRows: terms.every(({ id }) => (released[id]?.relation ?? strip.spec.relation) === strip.spec.relation),
      value: (settled) => {
        const values = new Map<number, bigint>();
        for (const { id } of terms) {
          const self = own[id - released.length];
          const value = id < released.length ? released[id]?.value : self === undefined ? null : settled(self.strip, self.cell);
          if (value === undefined || value === null) return null;
          values.set(id, value);
        }
        return valueOf(terms, (id) => values.get(id) ?? 0n);
      },
    });
  }
  return { cells: found, exact: before.exact && together.exact };
}

/** What follows from nothing is a cell of fewer units than the minimum: the rules see to those. */
const useful = (following: Following | null): Following | null => (following === null || following.terms.length === 0 ? null : following);

/** Counts or adds up a part of its group's rows. */
function isBranch({ spec, face }: JobStrip): boolean {
  const measure = spec.measures.find(({ id }) => id === face.measure);
  return measure !== undefined && (measure.condition !== null || (measure.of.kind === 'column' && face.face === 'count'));
}

/** A class of its own for the units that changed since the cell was released, as many as the sketches show; none where it is as it was. */
function addChange(coefficients: Map<number, number>, units: Map<number, number>, then: Population, today: Population | undefined): void {
  if (today !== undefined && today.units === then.units && today.fingerprint === then.fingerprint) return;
  const differing = today === undefined ? then.units : Math.max(1, Math.abs(today.units - then.units), differingBuckets(then.sketch, 0, today.sketch, 0));
  // Classes of the data are numbered from 1 on.
  const cls = units.size + 1;
  units.set(cls, differing);
  coefficients.set(cls, 1);
}

const jobsOf = ({ terms }: Following, released: readonly { readonly of: string }[]): readonly string[] => [...new Set(terms.flatMap(({ id }) => released[id]?.of ?? []))];
