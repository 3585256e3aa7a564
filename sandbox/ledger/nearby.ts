/** Pairs: cells whose population was released before, or all but a few units of it. */
import type { PinnedDataset } from '#contract/job.ts';
import type { DataSession } from '../engine/data-engine.ts';
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

/** Neighbours of one cell that are looked at, nearest first. */
const NEIGHBOURS = 4;
/** Questions to the engine for one release; beyond, the lower bound of the sketch decides, which never misses a near pair. */
const QUESTIONS = 64;

/** For each cell the nearest population that differs by fewer units than the minimum. */
export async function nearbyCells(strips: readonly JobStrip[], memories: readonly Memory<LedgerStrip>[], datasets: readonly PinnedDataset[], data: DataSession): Promise<readonly Nearby[]> {
  const candidates = strips.flatMap((strip) => [...strip.cells.values()].flatMap((cell) =>
    memories.flatMap((memory) => memory.neighbours(strip.series, cell.population, strip.min - 1).slice(0, NEIGHBOURS).map((neighbour) => ({ strip, cell, neighbour })))));
  const differences = new Map<(typeof candidates)[number], number>();
  let questions = 0;
  for (const [strip, ofStrip] of Map.groupBy(candidates, (candidate) => candidate.strip)) {
    for (const [past, group] of Map.groupBy(ofStrip, ({ neighbour }) => neighbour.strip)) {
      // Equal ones are asked about as well: whether they are equal must not show in the time it takes.
      const exact = isHere(past, datasets) && questions++ < QUESTIONS ? await exactDifferences(strip, past, group, data) : null;
      group.forEach((candidate, i) => differences.set(candidate, exact?.[i] ?? candidate.neighbour.differing));
    }
  }
  const best = new Map<string, Nearby>();
  for (const candidate of candidates) {
    const { strip, cell, neighbour } = candidate;
    const differing = differences.get(candidate) ?? neighbour.differing;
    if (differing >= strip.min) continue;
    // In terms of several kinds of unit: near in terms of any of them.
    const name = JSON.stringify([strip.spec.id, strip.face, cell.key]);
    const known = best.get(name);
    if (known === undefined || differing < known.differing) best.set(name, { strip, cell, neighbour, differing });
  }
  return [...best.values()];
}

/** Whether the question that released a strip can be asked again of the data that are open, and gives the same answer. */
export function isHere(past: LedgerStrip, datasets: readonly PinnedDataset[]): boolean {
  return past.population !== null && past.datasets.every(({ dataset, snapshot }) => datasets.some(({ manifest, snapshot: open }) => manifest.id === dataset && open === snapshot));
}

async function exactDifferences(strip: JobStrip, past: LedgerStrip, group: readonly { readonly cell: StripCell; readonly neighbour: Neighbour<LedgerStrip> }[], data: DataSession): Promise<readonly number[] | null> {
  const pairs = group.map(({ cell, neighbour }): KeyPair => ({ left: cell.key, right: neighbour.key }));
  const earlier = { sql: past.population ?? '', keys: past.keys.length };
  const read = await data.cells(differenceSql(strip.population, strip.face, earlier, past.face, pairs), MAX_CELLS);
  if (!read.ok) return null;
  const counts = new Map(read.value.rows().map(([pair, units]) => [Number(pair), Number(units)]));
  return pairs.map((_, i) => counts.get(i) ?? 0);
}
