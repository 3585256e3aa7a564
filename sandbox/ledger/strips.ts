/** The cells of a job's gates as the ledger sees them: for each number and kind of unit, who is behind each group. */
import type { Value } from '#contract/table.ts';
import type { DataSession } from '../engine/data-engine.ts';
import { toWire, type EngineValue } from '../engine/value.ts';
import type { GateSpec } from '../release/cells.ts';
import { keyOf } from '../release/complete.ts';
import type { EffectiveRules } from '../release/effective-rules.ts';
import { concerns, facesOf, seriesOf, type Face } from './face.ts';
import type { Population } from './memory.ts';
import { FACE_COLUMNS, populationsSql, type PopulationSql } from './population-sql.ts';
import { SKETCH_WORDS } from './sketch.ts';

/** Values that one question of the ledger may read. */
export const MAX_CELLS = 20_000_000;

/** One group of a gate. */
export interface StripCell {
  /** The text by which the engine knows its keys. */
  readonly key: string;
  readonly keys: readonly Value[];
  readonly population: Population;
}

/** The cells of one number of one gate, in terms of one kind of unit. Groups to which nobody contributes are left out. */
export interface JobStrip {
  readonly spec: GateSpec;
  readonly rules: EffectiveRules;
  readonly face: Face;
  readonly kind: string;
  readonly series: string;
  /** Fewer units than this must not be told apart; at least 1. */
  readonly min: number;
  readonly population: PopulationSql;
  /** Whether the question can be asked again when the job is over. */
  readonly repeatable: boolean;
  /** By `keyOf(keys)`, in the order of the engine's key texts. */
  readonly cells: ReadonlyMap<string, StripCell>;
}

export interface GatePopulations {
  readonly spec: GateSpec;
  readonly populations: readonly { readonly kind: string; readonly sql: string }[];
  readonly uses: readonly number[];
}

/** Throws where the engine fails. */
export async function stripsOf({ spec, populations, uses }: GatePopulations, rules: EffectiveRules, data: DataSession): Promise<readonly JobStrip[]> {
  const strips: JobStrip[] = [];
  for (const { kind, sql } of populations) {
    const faces = facesOf(spec).filter((face) => concerns(face, kind));
    if (faces.length === 0) continue;
    // Whatever the window, it is the group that an earlier one may differ from by a few units.
    const population = { sql, keys: spec.keys.length - (spec.windows === undefined ? 0 : 1) };
    const groups = await readPopulations(population, faces, data);
    if (groups === null) throw new Error('the populations of a gate cannot be read');
    const positions = spec.windows === undefined ? [null] : positionsIn(spec.windows);
    faces.forEach((face, f) => positions.forEach((position, p) => {
      const cells = groups.flatMap(({ key, keys, faces: of }): [string, StripCell][] => {
        const own = of[f];
        const all = position === null ? keys : [...keys, p];
        return own === undefined || own.units === 0 ? [] : [[keyOf(all), { key, keys: all, population: own }]];
      });
      strips.push({
        spec, rules, face, kind, series: seriesOf(spec, face, kind, position), min: Math.max(1, rules.units.get(kind)?.value ?? 1), population,
        repeatable: uses.length === 0, cells: new Map(cells),
      });
    }));
  }
  return strips;
}

const positionsIn = ({ levels, lowest, highest }: NonNullable<GateSpec['windows']>): readonly string[] => [...(lowest ? ['lowest'] : []), ...levels, ...(highest ? ['highest'] : [])];

interface Group {
  readonly key: string;
  readonly keys: readonly Value[];
  readonly faces: readonly Population[];
}

/** In the order of key texts. Null where the engine cannot answer: a question of another time may name what is no longer there. */
export async function readPopulations(population: PopulationSql, faces: readonly Face[], data: DataSession): Promise<readonly Group[] | null> {
  const read = await data.cells(populationsSql(population, faces), MAX_CELLS);
  if (!read.ok) return null;
  return read.value.rows().map((row): Group => ({
    keys: row.slice(0, population.keys).map((value) => toWire(value)),
    key: String(row[population.keys]),
    faces: faces.map((_, f) => decode(row.slice(population.keys + 1 + f * FACE_COLUMNS, population.keys + 1 + (f + 1) * FACE_COLUMNS))),
  })).sort((a, b) => (a.key < b.key ? -1 : 1));
}

function decode([units, fingerprint, ...words]: readonly EngineValue[]): Population {
  const sketch = new Uint32Array(SKETCH_WORDS);
  words.forEach((word, w) => {
    const bits = whole(word);
    sketch[2 * w] = Number(bits & 0xffff_ffffn);
    sketch[2 * w + 1] = Number(bits >> 32n);
  });
  return { units: Number(whole(units)), fingerprint: whole(fingerprint), sketch };
}

/** NULL stands for the XOR of nothing. */
const whole = (value: EngineValue | undefined): bigint => (typeof value === 'bigint' ? value : 0n);
