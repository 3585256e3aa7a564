/**
 * Settles the windows of quantiles and extremes (`sdc/trimmed.ts`): of each position the smallest window that is a safe cell. What all
 * windows of a group leave out is what its total less their sums would be, so it has to be safe as well: if it is not, the
 * regions are taken whole, and if that does not do either, the group has no quantiles.
 */
import { WINDOW_SIZES } from '#sandbox/sdc/trimmed.ts';
import { assess } from './assess.ts';
import type { Cell, Concentration, Evidence, GateSpec, Units } from './cells.ts';
import { keyOf, noContributors } from './complete.ts';
import type { EffectiveRules } from './effective-rules.ts';

type Ring = readonly Evidence[];

/**
 * One cell for each group and position.
 * @param rings cells whose keys are those of the gate (position last) and the size of the smallest window that they are in (`WINDOW_SIZES`: no value); disjoint in units
 */
export function settleWindows(spec: GateSpec, rules: EffectiveRules, positions: number, rings: readonly Cell[]): readonly Cell[] {
  const cells: Cell[] = [];
  for (const group of Map.groupBy(rings, ({ keys }) => keyOf(keys.slice(0, -2))).values()) {
    const own = (group[0]?.keys ?? []).slice(0, -2);
    const byPlace = new Map(group.map(({ keys, evidence }) => [`${String(keys.at(-2))} ${String(keys.at(-1))}`, evidence]));
    const regions = Array.from({ length: positions }, (_, p) => Array.from({ length: WINDOW_SIZES }, (_, size) => byPlace.get(`${p} ${size}`) ?? null));
    const isSafe = (ring: Ring | null): boolean => ring !== null && spec.measures.every((measure, i) => {
      const assessment = assess(measure, ring[i] ?? missing(), rules, null);
      return assessment.enoughUnits && assessment.notDominated;
    });
    const whole = merged(regions.flat());
    const everybody = merged([whole, byPlace.get(`0 ${WINDOW_SIZES}`) ?? null]);
    const chosen = settle(regions, whole, isSafe);
    const named = everybody !== null && spec.measures.some((measure, i) => assess(measure, everybody[i] ?? missing(), rules, null).enoughUnits);
    regions.forEach((region, p) => {
      const upTo = chosen[p] ?? null;
      const evidence = merged(region.slice(0, (upTo ?? WINDOW_SIZES - 1) + 1)) ?? spec.measures.map(() => noContributors(spec));
      cells.push({ keys: [...own, p], evidence, window: { group: everybody ?? evidence, named, size: upTo, because: upTo === null ? [...rules.units.values()][0]?.clause ?? missing() : null } });
    });
  }
  return cells;
}

/** By position the size of its window; null where it has none. */
function settle(regions: readonly (readonly (Ring | null)[])[], whole: Ring | null, isSafe: (ring: Ring | null) => boolean): readonly (number | null)[] {
  const smallest = regions.map((region) => {
    const size = region.findIndex((_, j) => isSafe(merged(region.slice(0, j + 1))));
    return size === -1 ? null : size;
  });
  const isKept = (sizes: readonly (number | null)[]): boolean => {
    const left = merged(regions.flatMap((region, p) => region.slice((sizes[p] ?? -1) + 1)));
    return left === null || isSafe(left);
  };
  // Of a total that does not leave nothing can be taken away.
  if (!isSafe(whole) || isKept(smallest)) return smallest;
  const all = regions.map((region) => (isSafe(merged(region)) ? WINDOW_SIZES - 1 : null));
  return isKept(all) ? all : regions.map(() => null);
}

/** All rows of several rings; null where there are none. */
function merged(rings: readonly (Ring | null)[]): Ring | null {
  const some = rings.filter((ring) => ring !== null);
  const [first, ...others] = some;
  return first === undefined ? null : others.reduce<Ring>((all, ring) => all.map((evidence, i) => both(evidence, ring[i] ?? missing())), first);
}

/** No unit is in both. */
function both(a: Evidence, b: Evidence): Evidence {
  return {
    count: a.count + b.count,
    sum: a.sum + b.sum,
    units: Object.fromEntries(Object.entries(a.units).map(([kind, units]): [string, Units] => [kind, { exact: exact(units) + exact(b.units[kind]) }])),
    concentration: Object.fromEntries(Object.entries(a.concentration).map(([kind, own]): [string, Concentration] => [kind, concentrated(own, b.concentration[kind])])),
  };
}

function exact(units: Units | undefined): bigint {
  if (units === undefined || !('exact' in units)) throw new Error('the units of a window are counted');
  return units.exact;
}

function concentrated(a: Concentration, b: Concentration | undefined): Concentration {
  if (b === undefined || 'certified' in a || 'certified' in b) throw new Error('the largest contributions of a window are known');
  return { absoluteTotal: a.absoluteTotal + b.absoluteTotal, largest: [...a.largest, ...b.largest].sort((x, y) => (x < y ? 1 : x > y ? -1 : 0)) };
}

function missing(): never {
  throw new Error('a window lacks the evidence of a measure');
}
