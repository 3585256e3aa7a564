/** Pairs: cells whose population was released before, or all but a few units of it. */
import type { DataSession } from '../engine/data-engine.ts';
import { keyOf } from '../release/complete.ts';
import { isHere, populationOf, type Classes, type Past } from './classes.ts';
import type { LedgerStrip } from './delta.ts';
import { isEntry } from './entry.ts';
import type { Neighbour, Population } from './memory.ts';
import { differenceSql, type KeyPair } from './population-sql.ts';
import { MAX_CELLS, type Populations } from './populations.ts';
import type { JobStrip, StripCell } from './strips.ts';

export interface Nearby {
  readonly strip: JobStrip;
  readonly cell: StripCell;
  readonly neighbour: Neighbour<LedgerStrip>;
  /** Units that differ: exact where the earlier question can be asked again, otherwise a lower bound. */
  readonly differing: number;
  /** As it was released, in units of the earlier strip; null where it has to be withheld: as it was then, or because it may be a number of other units. */
  readonly value: bigint | null;
  /** Whether nothing that a job released is near: the number is known by an entry of the agency alone. */
  readonly byEntry: boolean;
}

interface Candidate extends Omit<Nearby, 'differing' | 'value' | 'byEntry'> {
  /** More are as near as this one by their sketches: it stands for them. */
  readonly isLast: boolean;
}

/** Neighbours of one cell that are compared exactly, oldest first. Where there are more, the next is taken for near. */
const NEIGHBOURS = 1024;
/** Questions to the engine for one release; beyond, the lower bound of the sketch decides, which never misses a near pair. */
const QUESTIONS = 64;

/**
 * For each cell the oldest population that differs by fewer units than the minimum. Not the nearest: of two that are both near, which is
 * nearer can depend on a single unit.
 */
export async function nearbyCells(strips: readonly JobStrip[], classes: ReadonlyMap<JobStrip, Classes | null>, { memories, datasets, data }: Past, populations: Populations): Promise<readonly Nearby[]> {
  const candidates: Candidate[] = [];
  for (const strip of strips) {
    for (const cell of strip.cells.values()) {
      for (const memory of memories) {
        memory.neighbours(strip, cell.population, strip.min - 1).slice(0, NEIGHBOURS + 1).forEach((neighbour, i) => candidates.push({ strip, cell, neighbour, isLast: i === NEIGHBOURS }));
      }
    }
  }
  const differences = new Map<Candidate, number>();
  let questions = 0;
  for (const [strip, ofStrip] of Map.groupBy(candidates, (candidate) => candidate.strip)) {
    for (const [past, group] of Map.groupBy(ofStrip, ({ neighbour }) => neighbour.strip)) {
      // Equal ones are asked about as well: whether they are equal must not show in the time it takes.
      const known = group.map(({ cell, neighbour }) => classes.get(strip)?.differing(strip, cell.key, past, neighbour.key) ?? null);
      const exact = known.includes(null) && isHere(past, datasets, data) && questions++ < QUESTIONS ? await exactDifferences(strip, past, group, data) : known;
      group.forEach((candidate, i) => {
        const difference = candidate.isLast ? null : exact?.[i] ?? null;
        if (difference !== null) differences.set(candidate, difference);
      });
    }
  }
  const near = candidates.map((candidate): Nearby => {
    const [{ strip, neighbour }, difference] = [candidate, differences.get(candidate)];
    // By the sketch alone any two groups of a few units look alike, and so do a sum over a few and a count of others.
    const isAlike = difference !== undefined || (isOfSeries(strip, neighbour) && candidate.cell.population.units >= strip.min);
    return { strip, cell: candidate.cell, neighbour, differing: difference ?? neighbour.differing, value: isAlike ? neighbour.value : null, byEntry: isEntry(neighbour.strip.of) };
  }).filter(({ strip, differing }) => differing < strip.min);
  return [...Map.groupBy(near, ({ strip, cell }) => JSON.stringify([strip.spec.id, strip.face.measure, keyOf(cell.keys)])).values()].flatMap(ofOneCell);
}

const isOfSeries = ({ series }: JobStrip, { strip }: Neighbour<LedgerStrip>): boolean => series === strip.series;

/**
 * For each number of a measure of one cell its oldest near population. A total and the count of the same values come from the same
 * earlier cell where one has both: an average of numbers about different populations would be wrong, and would tell that they differ.
 * In terms of several kinds of unit: near in terms of any of them.
 */
function ofOneCell(near: readonly Nearby[]): readonly Nearby[] {
  const faces = [...Map.groupBy(near, ({ strip: { face } }) => JSON.stringify([face.face, face.unit])).values()];
  const origin = ({ neighbour: { strip, key } }: Nearby): string => JSON.stringify([strip.of, strip.relation, strip.keys, key]);
  const inAll = faces.map((ofFace) => new Set(ofFace.map(origin))).reduce((all, own) => all.intersection(own));
  return faces.flatMap((ofFace) => {
    const common = ofFace.filter((candidate) => inAll.has(origin(candidate)));
    const [first] = preferred(common.length > 0 ? common : ofFace);
    return first === undefined ? [] : [{ ...first, byEntry: ofFace.every(({ byEntry, value }) => byEntry || value === null) }];
  });
}

/** Numbers of the same statistic before those of others, which may be of other magnitude. */
function preferred(near: readonly Nearby[]): readonly Nearby[] {
  const [same, other] = [near.filter(({ strip, neighbour }) => isOfSeries(strip, neighbour)), near.filter(({ strip, neighbour }) => !isOfSeries(strip, neighbour))];
  return [...same, ...other];
}

async function exactDifferences(strip: JobStrip, past: LedgerStrip, group: readonly Candidate[], data: DataSession): Promise<readonly number[] | null> {
  const pairs = group.map(({ cell, neighbour }): KeyPair => ({ left: cell.key, right: neighbour.key }));
  const read = await data.cells(differenceSql(strip.population, strip.face, populationOf(past), past.face, pairs), MAX_CELLS);
  if (!read.ok) return null;
  const counts = new Map(read.value.rows().map(([pair, units]) => [Number(pair), Number(units)]));
  return pairs.map((_, i) => counts.get(i) ?? 0);
}
