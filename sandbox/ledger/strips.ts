/** The cells of a job's gates as the ledger sees them: for each number and kind of unit, who is behind each group. */
import type { Value } from '#contract/table.ts';
import type { GateSpec } from '../release/cells.ts';
import { keyOf } from '../release/complete.ts';
import type { EffectiveRules } from '../release/effective-rules.ts';
import type { SelectParts } from '../sql/print.ts';
import { concerns, facesOf, seriesOf, type Face } from './face.ts';
import type { Population } from './memory.ts';
import type { PopulationSql } from './population-sql.ts';
import type { Populations } from './populations.ts';

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
  readonly populations: readonly { readonly kind: string; readonly sql: string; readonly flat: SelectParts | null }[];
  readonly uses: readonly number[];
}

/** Throws where the engine fails. */
export async function stripsOf({ spec, populations: planned, uses }: GatePopulations, rules: EffectiveRules, populations: Populations): Promise<readonly JobStrip[]> {
  const strips: JobStrip[] = [];
  const repeatable = uses.length === 0;
  for (const { kind, sql, flat } of planned) {
    const faces = facesOf(spec).filter((face) => concerns(face, kind));
    if (faces.length === 0) continue;
    // Whatever the window, it is the group that an earlier one may differ from by a few units.
    const population = { sql, flat, keys: spec.keys.length - (spec.windows === undefined ? 0 : 1) };
    const groups = await populations.read(population, faces, 2, repeatable);
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
        repeatable, cells: new Map(cells),
      });
    }));
  }
  return strips;
}

const positionsIn = ({ levels, lowest, highest }: NonNullable<GateSpec['windows']>): readonly string[] => [...(lowest ? ['lowest'] : []), ...levels, ...(highest ? ['highest'] : [])];
