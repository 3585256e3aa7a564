/**
 * Where the cells of a gate lie, by public facts alone: which rows its filters, keys and conditions leave, as sets of atoms of
 * each dimension. Cells of one job over the same base relation are then sums over the same atoms, however they were asked for:
 * by a filter, a group key, a condition inside an aggregate, a level of a hierarchy or a band.
 */
import type { Value } from '#contract/table.ts';
import type { Coarsening, GateCells, GateSpec, Measure } from './cells.ts';
import { keyOf } from './complete.ts';

/** `negated`: all but these. */
export interface AtomSet {
  readonly negated: boolean;
  readonly atoms: readonly string[];
}

export interface Slice {
  readonly root: string;
  readonly inside: AtomSet;
}

/** Boxes that have no row in common: rows lie in one of them. */
export type Parts = readonly (readonly Slice[])[];

export interface KeyPlace {
  readonly root: string;
  /** Of a key made of several dimensions: by `keyOf` of one value, where its rows lie. `root` tells nothing then. */
  readonly parts?: ReadonlyMap<string, Parts>;
  /** By `keyOf` of one value. */
  readonly known: ReadonlyMap<string, AtomSet>;
  /** Whether another value than these stands for itself (`atomOf`); if not, it has no atoms. */
  readonly bare: boolean;
}

export interface MeasurePlace {
  /** Conditions that no set of atoms describes, in a fixed order. */
  readonly rest: readonly string[];
  /** The condition under which the measure's column has a value; null where it always has, or rows are counted. */
  readonly present: string | null;
  readonly slices: readonly Slice[];
  /** Lists of which the rows lie in one part each, beside the slices. */
  readonly parts?: readonly Parts[];
}

export interface GatePlace {
  /** Canonical text of the protected relation without the conditions that `slices` describe. */
  readonly base: string;
  /**
   * Where something that is asked for is described by a text only, so that it is not known what the cells have in common with others: the protected
   * tables of whose rows or values they may be made.
   */
  readonly vague?: readonly string[];
  readonly slices: readonly Slice[];
  /** As those of a measure. */
  readonly parts?: readonly Parts[];
  /** All atoms of a dimension whose values are declared; a dimension that is not here has others beside those that are named. */
  readonly closed: ReadonlyMap<string, readonly string[]>;
  /** In the order of the gate's keys. */
  readonly keys: readonly KeyPlace[];
  /** In the order of its measures. */
  readonly measures: readonly MeasurePlace[];
}

export const atomOf = (value: Value): string => (value === null ? NULL_ATOM : `=${String(value)}`);
export const NULL_ATOM = 'null';
export const EVERYTHING: AtomSet = { negated: true, atoms: [] };

export function atomsOfKey({ known, bare }: KeyPlace, value: Value): AtomSet {
  return known.get(keyOf([value])) ?? { negated: false, atoms: bare ? [atomOf(value)] : [] };
}

/** Every slice of a place. */
export function slicesOf({ slices, parts, keys, measures }: GatePlace): readonly Slice[] {
  const all = [...parts ?? [], ...measures.flatMap((measure) => measure.parts ?? []), ...keys.flatMap((key) => [...key.parts?.values() ?? []])];
  return [...slices, ...measures.flatMap((measure) => measure.slices), ...all.flat(2)];
}

/** The place with its slices written in another way. */
export function withSlices(place: GatePlace, map: (slice: Slice) => Slice): GatePlace {
  const inParts = (parts: Parts): Parts => parts.map((slices) => slices.map(map));
  const written = ({ slices, parts }: Pick<MeasurePlace, 'slices' | 'parts'>) => ({ slices: slices.map(map), ...(parts === undefined ? {} : { parts: parts.map(inParts) }) });
  return {
    ...place, ...written(place), measures: place.measures.map((measure) => ({ ...measure, ...written(measure) })),
    keys: place.keys.map((key) => (key.parts === undefined ? key : { ...key, parts: new Map([...key.parts].map(([value, parts]) => [value, inParts(parts)])) })),
  };
}

/** The gate's own place, or what its relation and the levels of the job say where the plan gives none. Null: tied to nothing. */
export function placeOf({ spec, place }: GateCells, levels: FinestLevels): GatePlace | null {
  if (place !== undefined) return place;
  return spec.relation === undefined ? null : { base: spec.relation, slices: [], closed: new Map(), keys: keysBy(spec, levels), measures: spec.measures.map(wholeMeasure) };
}

function keysBy(spec: GateSpec, levels: FinestLevels): readonly KeyPlace[] {
  return spec.keys.map(({ of }, i) => (of === undefined ? { root: `gate ${spec.id} key ${i}`, known: new Map(), bare: true } : levels.place(of)));
}

/** A condition that is not described stands for itself. */
export function wholeMeasure({ of, conditions }: Measure): MeasurePlace {
  return { rest: conditions, present: of.kind === 'column' ? `has ${of.column}` : null, slices: [] };
}

/** Keys that are coarser forms of others (`Coarsening`), in terms of the finest. */
export class FinestLevels {
  readonly #finer = new Map<string, Coarsening>();

  constructor(coarsenings: readonly Coarsening[]) {
    // Of several finer forms the first in the alphabet: the choice must not depend on the order of gates.
    for (const each of [...coarsenings].sort((a, b) => (a.fine < b.fine ? -1 : 1))) if (each.fine !== each.coarse && !this.#finer.has(each.coarse)) this.#finer.set(each.coarse, each);
  }

  place(of: string): KeyPlace {
    const finer = this.#finer.get(of);
    if (finer === undefined) return { root: of, known: new Map(), bare: true };
    const inner = this.place(finer.fine);
    const members = Map.groupBy(finer.map, ([, coarse]) => keyOf([coarse]));
    const known = new Map([...members].map(([key, values]): [string, AtomSet] =>
      [key, { negated: false, atoms: values.flatMap(([fine]) => atomsOfKey(inner, fine).atoms) }]));
    // NULL has no coarser value: it is a group of its own on every level.
    if (!known.has(keyOf([null]))) known.set(keyOf([null]), { negated: false, atoms: [NULL_ATOM] });
    return { root: inner.root, known, bare: false };
  }
}
