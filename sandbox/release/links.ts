/**
 * How the tables of a job hang together. Two gates over the same protected relation count the same rows, so wherever their
 * keys can be merged to the same coarser groups, the sums over both must agree. A margin and its cells are one case of it;
 * two tables that share only a dimension, or only their grand total, are another.
 */
import type { Value } from '#contract/table.ts';
import type { Coarsening, GateCells, KeyColumn, Measure } from './cells.ts';
import { keyOf } from './complete.ts';

/** Gives the merged group that a row of a gate falls into. */
export type Merge = (keys: readonly Value[]) => string;

export interface Meeting {
  readonly first: Merge;
  readonly second: Merge;
  /** Whether merging loses nothing of the first (second) gate's keys: its rows are the margins of the other's. */
  readonly keepsFirst: boolean;
  readonly keepsSecond: boolean;
}

/** The finest groups that both gates can be merged to; null where they do not count the same rows. */
export function meeting(first: GateCells, second: GateCells, levels: Levels): Meeting | null {
  if (first.spec.relation === undefined || first.spec.relation !== second.spec.relation) return null;
  const takenFirst: KeyMerge[] = [];
  const takenSecond: KeyMerge[] = [];
  first.spec.keys.forEach((a, i) => {
    for (const [j, b] of second.spec.keys.entries()) {
      if (takenSecond.some((taken) => taken.index === j)) continue;
      const common = levels.common(a, b);
      if (common === null) continue;
      takenFirst.push({ index: i, map: common.first });
      takenSecond.push({ index: j, map: common.second });
      return;
    }
  });
  return {
    first: merged(takenFirst),
    second: merged(takenSecond),
    keepsFirst: takenFirst.length === first.spec.keys.length && takenFirst.every(({ map }) => map === null),
    keepsSecond: takenSecond.length === second.spec.keys.length && takenSecond.every(({ map }) => map === null),
  };
}

/** What is counted or added up, independent of the gate's own numbering. */
export function identityOf(measure: Measure): string {
  return JSON.stringify([measure.of, measure.condition]);
}

/** A row's group where nothing is merged, in the form that a `Merge` gives it. */
export function wholeKey(keys: readonly Value[]): string {
  return keyOf(keys.map((value) => keyOf([value])));
}

/** `map` null: the value itself. */
interface KeyMerge {
  readonly index: number;
  readonly map: ReadonlyMap<string, string> | null;
}

function merged(keys: readonly KeyMerge[]): Merge {
  return (row) => keyOf(keys.map(({ index, map }) => {
    const value = keyOf([row[index] ?? null]);
    // NULL has no coarser value: it is a group of its own on every level.
    return map === null ? value : map.get(value) ?? keyOf([null]);
  }));
}

/** Which dimension is a coarser form of which, closed under composition. */
export class Levels {
  readonly #coarser = new Map<string, Map<string, ReadonlyMap<string, string>>>();

  constructor(coarsenings: readonly Coarsening[]) {
    for (const { fine, coarse, map } of coarsenings) {
      this.#add(fine, coarse, new Map(map.map(([a, b]) => [keyOf([a]), keyOf([b])])));
    }
    // Floyd–Warshall over a handful of levels.
    for (const middle of [...this.#coarser.keys()]) {
      for (const [fine, maps] of this.#coarser) {
        const step = maps.get(middle);
        if (step === undefined) continue;
        for (const [coarse, onward] of this.#coarser.get(middle) ?? []) {
          this.#add(fine, coarse, new Map([...step].map(([value, between]) => [value, onward.get(between) ?? keyOf([null])])));
        }
      }
    }
  }

  /** How both keys reach a common dimension, the finest first; null where they share none. */
  common(a: KeyColumn, b: KeyColumn): { readonly first: ReadonlyMap<string, string> | null; readonly second: ReadonlyMap<string, string> | null } | null {
    if (a.of === undefined || b.of === undefined) return null;
    if (a.of === b.of) return { first: null, second: null };
    const upA = this.#coarser.get(a.of) ?? new Map<string, ReadonlyMap<string, string>>();
    const upB = this.#coarser.get(b.of) ?? new Map<string, ReadonlyMap<string, string>>();
    const direct = upA.get(b.of);
    if (direct !== undefined) return { first: direct, second: null };
    const reverse = upB.get(a.of);
    if (reverse !== undefined) return { first: null, second: reverse };
    const shared = [...upA].filter(([coarse]) => upB.has(coarse))
      .map(([coarse, first]) => ({ coarse, first, groups: new Set(first.values()).size }))
      .sort((x, y) => y.groups - x.groups || (x.coarse < y.coarse ? -1 : 1))[0];
    const second = shared === undefined ? undefined : upB.get(shared.coarse);
    return shared === undefined || second === undefined ? null : { first: shared.first, second };
  }

  #add(fine: string, coarse: string, map: ReadonlyMap<string, string>): void {
    const maps = this.#coarser.get(fine) ?? new Map<string, ReadonlyMap<string, string>>();
    if (!maps.has(coarse) && fine !== coarse) maps.set(coarse, map);
    this.#coarser.set(fine, maps);
  }
}
