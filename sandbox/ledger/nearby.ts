/** Pairs: cells whose population was released before, or all but a few units of it. */
import type { PinnedDataset } from '#contract/job.ts';
import type { DataSession } from '../engine/data-engine.ts';
import { keyOf } from '../release/complete.ts';
import type { LedgerStrip } from './delta.ts';
import type { Memory, Neighbour } from './memory.ts';
import { differenceSql, type KeyPair } from './population-sql.ts';
import { MAX_CELLS, type JobStrip, type StripCell } from './strips.ts';

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
export async function nearbyCells(strips: readonly JobStrip[], memories: readonly Memory<LedgerStrip>[], datasets: readonly PinnedDataset[], data: DataSession): Promise<readonly Nearby[]> {
  const candidates = strips.flatMap((strip) => [...strip.cells.values()].flatMap((cell) =>
    memories.flatMap((memory) => memory.neighbours(strip.series, cell.population, strip.min - 1).slice(0, NEIGHBOURS + 1).map((neighbour) => ({ strip, cell, neighbour })))));
  const differences = new Map<(typeof candidates)[number], number>();
  let questions = 0;
  for (const [strip, ofStrip] of Map.groupBy(candidates, (candidate) => candidate.strip)) {
    for (const [past, group] of Map.groupBy(ofStrip, ({ neighbour }) => neighbour.strip)) {
      // Equal ones are asked about as well: whether they are equal must not show in the time it takes.
      const exact = isHere(past, datasets, data) && questions++ < QUESTIONS ? await exactDifferences(strip, past, group, data) : null;
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

/** Whether the question that released a strip can be asked again of the data that are open, and gives the same answer. */
export function isHere(past: LedgerStrip, datasets: readonly PinnedDataset[], data: DataSession): boolean {
  return past.population !== null && past.datasets.every(({ dataset, snapshot, hidden = null }) =>
    data.hiddenFrom(dataset) === hidden && datasets.some(({ manifest, snapshot: open }) => manifest.id === dataset && open === snapshot));
}

async function exactDifferences(strip: JobStrip, past: LedgerStrip, group: readonly { readonly cell: StripCell; readonly neighbour: Neighbour<LedgerStrip> }[], data: DataSession): Promise<readonly number[] | null> {
  const pairs = group.map(({ cell, neighbour }): KeyPair => ({ left: cell.key, right: neighbour.key }));
  const earlier = { sql: past.population ?? '', keys: past.keys.length };
  const read = await data.cells(differenceSql(strip.population, strip.face, earlier, past.face, pairs), MAX_CELLS);
  if (!read.ok) return null;
  const counts = new Map(read.value.rows().map(([pair, units]) => [Number(pair), Number(units)]));
  return pairs.map((_, i) => counts.get(i) ?? 0);
}
