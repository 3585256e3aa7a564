/** Pairs: cells whose population was released before, or all but a few units of it. */
import type { DataSession } from '../engine/data-engine.ts';
import { keyOf } from '../release/complete.ts';
import { isHere, populationOf, type Classes, type Past } from './classes.ts';
import { indexOf, type LedgerStrip } from './delta.ts';
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
}

/** Neighbours of one cell that are looked at, oldest first: where there are more, the bound of the sketch decides about the next. */
const NEIGHBOURS = 8;
/** Questions to the engine for one release; beyond, the lower bound of the sketch decides, which never misses a near pair. */
const QUESTIONS = 64;

/**
 * For each cell the oldest population that differs by fewer units than the minimum. Not the nearest: of two that are both near, which is
 * nearer can depend on a single unit.
 */
export async function nearbyCells(strips: readonly JobStrip[], classes: ReadonlyMap<string, Classes | null>, { memories, datasets, data }: Past, populations: Populations): Promise<readonly Nearby[]> {
  const candidates: Omit<Nearby, 'differing'>[] = [];
  for (const strip of strips) {
    const asBefore = memories.some((memory) => memory.has(indexOf(strip.series, 1))) ? await bySchemeOne(strip, populations) : null;
    for (const cell of strip.cells.values()) {
      for (const memory of memories) {
        const found = ([[2, cell.population], [1, asBefore?.get(cell.key)]] as const).flatMap(([scheme, population]) => (population === undefined ? [] : memory.neighbours(indexOf(strip.series, scheme), population, strip.min - 1)));
        for (const neighbour of found.sort((a, b) => a.cell - b.cell).slice(0, NEIGHBOURS + 1)) candidates.push({ strip, cell, neighbour });
      }
    }
  }
  const differences = new Map<(typeof candidates)[number], number>();
  let questions = 0;
  for (const [strip, ofStrip] of Map.groupBy(candidates, (candidate) => candidate.strip)) {
    for (const [past, group] of Map.groupBy(ofStrip, ({ neighbour }) => neighbour.strip)) {
      // Equal ones are asked about as well: whether they are equal must not show in the time it takes.
      const known = group.map(({ cell, neighbour }) => classes.get(strip.series)?.differing(strip, cell.key, past, neighbour.key) ?? null);
      const exact = known.includes(null) && isHere(past, datasets, data) && questions++ < QUESTIONS ? await exactDifferences(strip, past, group, data) : known;
      group.forEach((candidate, i) => differences.set(candidate, exact?.[i] ?? candidate.neighbour.differing));
    }
  }
  const near = candidates.map((candidate): Nearby => ({ ...candidate, differing: differences.get(candidate) ?? candidate.neighbour.differing })).filter(({ strip, differing }) => differing < strip.min);
  return [...Map.groupBy(near, ({ strip, cell }) => JSON.stringify([strip.spec.id, strip.face.measure, keyOf(cell.keys)])).values()].flatMap(ofOneCell);
}

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
    return (common.length > 0 ? common : ofFace).slice(0, 1);
  });
}

async function exactDifferences(strip: JobStrip, past: LedgerStrip, group: readonly Omit<Nearby, 'differing'>[], data: DataSession): Promise<readonly number[] | null> {
  const pairs = group.map(({ cell, neighbour }): KeyPair => ({ left: cell.key, right: neighbour.key }));
  const read = await data.cells(differenceSql(strip.population, strip.face, populationOf(past), past.face, pairs), MAX_CELLS);
  if (!read.ok) return null;
  const counts = new Map(read.value.rows().map(([pair, units]) => [Number(pair), Number(units)]));
  return pairs.map((_, i) => counts.get(i) ?? 0);
}

/** By key: the populations of a strip as deltas of version 1 have them. */
async function bySchemeOne({ population, face, repeatable }: JobStrip, populations: Populations): Promise<ReadonlyMap<string, Population>> {
  const groups = await populations.read(population, [face], 1, repeatable);
  if (groups === null) throw new Error('the populations of a gate cannot be read');
  return new Map(groups.flatMap(({ key, faces: [own] }) => (own === undefined ? [] : [[key, own]])));
}
