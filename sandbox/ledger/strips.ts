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
  /** Whether its cells are windows, which another job can't choose again. */
  readonly windows: object | null;
  readonly populations: readonly { readonly kind: string; readonly sql: string }[];
  readonly uses: readonly number[];
}

/** Throws where the engine fails. */
export async function stripsOf({ spec, windows, populations, uses }: GatePopulations, rules: EffectiveRules, data: DataSession): Promise<readonly JobStrip[]> {
  const strips: JobStrip[] = [];
  for (const { kind, sql } of populations) {
    const faces = facesOf(spec).filter((face) => concerns(face, kind));
    if (faces.length === 0) continue;
    const population = { sql, keys: spec.keys.length };
    const groups = await readPopulations(population, faces, data);
    if (groups === null) throw new Error('the populations of a gate cannot be read');
    faces.forEach((face, f) => {
      const cells = groups.flatMap(({ key, keys, faces: of }): [string, StripCell][] => {
        const own = of[f];
        return own === undefined || own.units === 0 ? [] : [[keyOf(keys), { key, keys, population: own }]];
      });
      strips.push({
        spec, rules, face, kind, series: seriesOf(spec, face, kind), min: Math.max(1, rules.units.get(kind)?.value ?? 1), population,
        repeatable: uses.length === 0 && windows === null, cells: new Map(cells),
      });
    });
  }
  return strips;
}

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
