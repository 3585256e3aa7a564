/**
 * The ledger in one job: compares what is about to leave with everything that left before, from other jobs and from earlier
 * gates of this one, and says which numbers are to be given as they were or as they follow.
 *
 * No oracle: whether a population is the earlier one or differs from it by 1 … min − 1 units, the same questions are asked of the
 * engine and the same number comes back. The same holds for what follows from several earlier numbers.
 */
import type { PinnedDataset } from '#contract/job.ts';
import type { Value } from '#contract/table.ts';
import type { DataSession } from '../engine/data-engine.ts';
import { keyOf } from '../release/complete.ts';
import type { Face as RecalledFace, Recall, Recalled, Settled } from '../release/recall.ts';
import type { Release } from '../release/release.ts';
import type { LedgerStrip, StripCells } from './delta.ts';
import { followingCells, type Past } from './follow.ts';
import { Memory, type RememberedCell } from './memory.ts';
import { nearbyCells } from './nearby.ts';
import type { JobStrip, StripCell } from './strips.ts';

/** Why a number is not the cell's own. For the reviewer only. */
export interface Overlap {
  readonly gate: number;
  readonly keys: readonly Value[];
  readonly measure: number;
  readonly face: JobStrip['face']['face'];
  /** `same`: as an earlier number of (nearly) the same population. `follows`: from several. `together`: from others of the same tables as well. */
  readonly how: 'same' | 'follows' | 'together';
  /** Units that differ, as far as known; 0: none. */
  readonly differing: number;
  /** Jobs that released what it was compared with. */
  readonly jobs: readonly string[];
  /** Whether what it follows from is about the same rows, cut in other ways. */
  readonly sameRows: boolean;
}

export class JobLedger {
  readonly #past: readonly Memory<LedgerStrip>[];
  readonly #own = new Memory<LedgerStrip>();
  readonly #added: StripCells[] = [];
  readonly #datasets: readonly PinnedDataset[];
  readonly #data: DataSession;
  readonly #job: string;
  readonly overlaps: Overlap[] = [];
  /** Whether every combination within reach was looked at. */
  exact = true;

  constructor(memory: Memory<LedgerStrip>, datasets: readonly PinnedDataset[], data: DataSession, job: string) {
    this.#past = [memory, this.#own];
    this.#datasets = datasets;
    this.#data = data;
    this.#job = job;
  }

  /** What the ledger has of the cells of gates that leave together. */
  async examine(strips: readonly JobStrip[]): Promise<Recall> {
    const found = new Map<string, MutableRecall>();
    const at = ({ spec, face }: JobStrip, cell: StripCell): MutableRecall => {
      const place = JSON.stringify([spec.id, keyOf(cell.keys), spec.measures.findIndex(({ id }) => id === face.measure)]);
      const recalled = found.get(place) ?? {};
      found.set(place, recalled);
      return recalled;
    };
    const settled = new Set<string>();
    const settle = (strip: JobStrip, cell: StripCell, value: bigint, why: Why): void => {
      const name = faceName(strip, cell);
      if (settled.has(name)) return;
      settled.add(name);
      put(at(strip, cell), strip, value);
      this.overlaps.push(overlapOf(strip, cell, why));
    };

    for (const { strip, cell, neighbour, differing } of await nearbyCells(strips, this.#past, this.#datasets, this.#data)) {
      settle(strip, cell, neighbour.value, { how: 'same', differing, jobs: [neighbour.strip.of], sameRows: false });
    }
    const past: Past = { memories: this.#past, datasets: this.#datasets };
    // Means of windows are no sums over their groups: nothing follows from them.
    const open = strips.filter(({ spec }) => spec.windows === undefined).map((strip) => ({ strip, cells: [...strip.cells.values()].filter((cell) => !settled.has(faceName(strip, cell)) && isEnough(strips, strip, cell)) }));
    const combined = await followingCells(open, past, this.#data);
    this.exact &&= combined.exact;
    for (const { strip, cell, value, alone, sameRows, differing, jobs } of combined.cells) {
      const now = alone ? value(() => null) : null;
      if (now !== null) settle(strip, cell, now, { how: 'follows', differing, jobs, sameRows });
      else if (!settled.has(faceName(strip, cell))) {
        settled.add(faceName(strip, cell));
        const recalled = at(strip, cell);
        const later = (numbers: Settled): bigint | null => value(({ spec, face }, other) => numbers(spec.id, other.keys, spec.measures.findIndex(({ id }) => id === face.measure), numberOf(face)));
        const number = numberOf(strip.face);
        recalled.later = number.face === 'units' ? { ...recalled.later, units: { ...recalled.later?.units, [number.unit]: later } } : { ...recalled.later, [number.face]: later };
        this.overlaps.push(overlapOf(strip, cell, { how: jobs.length > 0 ? 'follows' : 'together', differing, jobs, sameRows }));
      }
    }
    return (gate, keys, measure) => found.get(JSON.stringify([gate, keyOf(keys), measure])) ?? null;
  }

  /** Whether some number follows from earlier ones about other rows: what `refuse` and `hold` go by. Equal for 0 and for few units that differ. */
  get follows(): boolean {
    return this.overlaps.some(({ how, sameRows }) => how === 'follows' && !sameRows);
  }

  /** Remembers what really left: numbers of their own that were not withheld. */
  keep({ decided }: Release, strips: readonly JobStrip[]): void {
    for (const strip of strips) {
      const gate = decided.find(({ gate: { spec } }) => spec.id === strip.spec.id);
      const measure = strip.spec.measures.findIndex(({ id }) => id === strip.face.measure);
      if (gate === undefined || measure === -1) continue;
      const cells = gate.rows.flatMap((row): RememberedCell[] => {
        const cell = strip.cells.get(keyOf(row.keys));
        const published = row.published[measure];
        const hidden = row.withheld[measure]?.[strip.face.face === 'total' ? 'total' : 'count'] ?? true;
        if (cell === undefined || published === undefined || hidden || isRecalled(row.recalled?.[measure] ?? null, strip)) return [];
        const value = valueOf(published, strip);
        return value === null ? [] : [{ key: cell.key, ...cell.population, value }];
      });
      if (cells.length === 0) continue;
      const form = ledgerStrip(strip, this.#datasets, this.#data, this.#job);
      this.#own.add(form, cells);
      this.#added.push({ strip: form, cells });
    }
  }

  /** What the job adds; empty where it released nothing new. */
  get added(): readonly StripCells[] {
    return this.#added;
  }
}

/** A strip as it is kept. @param of the job or entry that it is sealed for */
export function ledgerStrip({ spec, series, kind, face, population, repeatable }: JobStrip, datasets: readonly PinnedDataset[], data: DataSession, of: string): LedgerStrip {
  return {
    series, kind, face: { ...face }, of,
    datasets: spec.datasets.map((dataset) => {
      const hidden = data.hiddenFrom(dataset);
      return { dataset, snapshot: datasets.find(({ manifest }) => manifest.id === dataset)?.snapshot ?? null, ...(hidden === null ? {} : { hidden }) };
    }),
    relation: spec.relation ?? '', keys: spec.keys.slice(0, population.keys).map((key) => key.of ?? key.name), population: repeatable ? population.sql : null,
  };
}

type MutableRecall = { -readonly [K in keyof Recalled]: Recalled[K] };

type Why = Pick<Overlap, 'how' | 'differing' | 'jobs' | 'sameRows'>;

const numberOf = ({ face, unit }: JobStrip['face']): RecalledFace => (face === 'units' ? { face, unit: unit ?? '' } : { face });

const faceName = ({ spec, face }: JobStrip, cell: StripCell): string => JSON.stringify([spec.id, face.measure, face.face, face.unit, keyOf(cell.keys)]);

/** A cell that has too few units of some kind does not leave, whatever else there is. */
function isEnough(strips: readonly JobStrip[], { spec, face }: JobStrip, cell: StripCell): boolean {
  return strips.every((other) => other.spec !== spec || other.face.measure !== face.measure || other.face.face !== face.face
    || (other.cells.get(keyOf(cell.keys))?.population.units ?? 0) >= other.min);
}

function put(recalled: MutableRecall, { spec, face }: JobStrip, value: bigint): void {
  switch (face.face) {
    case 'count':
      recalled.count = value;
      if (spec.measures.find(({ id }) => id === face.measure)?.of.kind === 'rows') recalled.total = value;
      break;
    case 'total': recalled.total = value; break;
    case 'units': recalled.units = { ...recalled.units, ...(face.unit === null ? {} : { [face.unit]: value }) }; break;
  }
}

function isRecalled(recalled: Recalled | null, { face }: JobStrip): boolean {
  if (recalled === null) return false;
  switch (face.face) {
    case 'count': return recalled.count !== undefined || recalled.later?.count !== undefined;
    case 'total': return recalled.total !== undefined || recalled.later?.total !== undefined;
    case 'units': return face.unit !== null && (recalled.units?.[face.unit] !== undefined || recalled.later?.units?.[face.unit] !== undefined);
  }
}

function valueOf(published: Release['decided'][number]['rows'][number]['published'][number], { face }: JobStrip): bigint | null {
  switch (face.face) {
    case 'count': return published.count;
    case 'total': return published.total;
    case 'units': {
      const units = face.unit === null ? undefined : published.units[face.unit];
      return units !== undefined && 'exact' in units ? units.exact : null;
    }
  }
}

const overlapOf = ({ spec, face }: JobStrip, cell: StripCell, why: Why): Overlap =>
  ({ gate: spec.id, keys: cell.keys, measure: face.measure, face: face.face, ...why });
