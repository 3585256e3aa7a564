/** The cells of a job's gates as the ledger sees them: for each number and kind of unit, who is behind each group. */
import type { Value } from '#contract/table.ts';
import type { Cell, GateSpec } from '../release/cells.ts';
import { keyOf } from '../release/complete.ts';
import type { EffectiveRules } from '../release/effective-rules.ts';
import type { SelectParts } from '../sql/print.ts';
import { concerns, facesOf, isUnrounded, scaleOf, seriesOf, type Face } from './face.ts';
import type { Population } from './memory.ts';
import { withKeys, type PopulationSql } from './population-sql.ts';
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
  readonly scale: number;
  /** Of sums: whether what units add are whole numbers of units of 10^-scale. */
  readonly unrounded: boolean;
  /** Fewer units than this must not be told apart; at least 1. */
  readonly min: number;
  readonly population: PopulationSql;
  /** How often one unit counts in a cell at most. */
  readonly times: number;
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

/** @param cells of the gate, as they were settled. Throws where the engine fails. */
export async function stripsOf({ spec, populations: planned, uses }: GatePopulations, cells: readonly Cell[], rules: EffectiveRules, populations: Populations): Promise<readonly JobStrip[]> {
  const strips: JobStrip[] = [];
  const repeatable = uses.length === 0;
  for (const { kind, sql, flat } of planned) {
    const faces = facesOf(spec).filter((face) => concerns(face, kind));
    if (faces.length === 0) continue;
    const rows = { sql, flat, keys: spec.keys.length };
    const population = spec.windows === undefined ? rows : await ofWindows(rows, faces.slice(0, 1), cells, populations, repeatable);
    const groups = await populations.read(population, faces, repeatable) ?? unread();
    const times = groups.reduce((most, group) => Math.max(most, group.times), 0);
    faces.forEach((face, f) => {
      const own = groups.flatMap(({ key, keys, faces: of }): [string, StripCell][] => {
        const here = of[f];
        const all = spec.windows === undefined ? keys : withPosition(keys);
        return here === undefined || here.units === 0 ? [] : [[keyOf(all), { key, keys: all, population: here }]];
      });
      for (const series of seriesOf(spec, face, kind)) strips.push({
        spec, rules, face, kind, series, scale: scaleOf(spec, face), unrounded: isUnrounded(spec, face), min: Math.max(1, rules.units.get(kind)?.value ?? 1), population,
        times, repeatable, cells: new Map(own),
      });
    });
  }
  return strips;
}

/** Who is in the windows that were chosen: in one of the rings that each is made of. */
async function ofWindows(rows: PopulationSql, faces: readonly Face[], cells: readonly Cell[], populations: Populations, repeatable: boolean): Promise<PopulationSql> {
  const sizes = new Map(cells.map(({ keys, window }) => [keyOf(keys), window?.size ?? -1]));
  const rings = await populations.read({ ...rows, keys: rows.keys + 1 }, faces, repeatable) ?? unread();
  return withKeys(rows, rings.filter(({ keys }) => Number(keys.at(-1)) <= (sizes.get(keyOf(withPosition(keys.slice(0, -1)))) ?? -1)).map(({ key }) => key));
}

/** Positions are numbered. */
const withPosition = (keys: readonly Value[]): readonly Value[] => [...keys.slice(0, -1), Number(keys.at(-1))];

function unread(): never {
  throw new Error('the populations of a gate cannot be read');
}
