/**
 * Overrides that another one makes pointless: for the same column or table, or for the whole table of a column. Wherever such an
 * override applies, the other does too, and the stricter of both holds.
 */
import { canonical } from '../canonical.ts';
import { own } from '../own.ts';
import { describeDominance, implies } from '../policy-dominance.ts';
import type { Override } from '../policy.ts';
import { policyProblem } from '../policy-problem.ts';
import type { PolicyProblem } from '../policy-problem.ts';

/** From the least strict. */
export const REVIEWS: readonly NonNullable<Override['review']>[] = ['automatic', 'on-doubt', 'manual'];

/** @param place of the list, `statistics.overrides` */
export function checkShadowed(overrides: readonly Override[], place: string): readonly PolicyProblem[] {
  return overrides.flatMap((override, i) => {
    const twin = overrides.findIndex((other, j) => j < i && canonical(other) === canonical(override));
    if (twin >= 0) return [policyProblem('policy/never-decides', `${place}.${i}`, `The override is the same as ${place}.${twin}.`, `该覆盖规则与 ${place}.${twin} 相同。`)];
    const others = overrides.flatMap((other, j) => (j !== i && covers(other, override) ? [{ other, j, isFirst: j < i || !covers(override, other) }] : []));
    const problem = (facet: string, rule: string, by: Covering, strict: string) => policyProblem('policy/never-decides', `${place}.${i}.${facet}`,
      `${rule} never decides anything: ${place}.${by.j} applies wherever this override does, with ${strict}.`,
      `${rule} 永远不会起作用:凡适用本覆盖规则之处均适用 ${place}.${by.j}(${strict})。`);

    const units = Object.entries(override.units ?? {}).flatMap(([kind, { min }]) => {
      const minOf = ({ other }: Covering): number => own(other.units ?? {}, kind)?.min ?? -1;
      const by = others.find((one) => minOf(one) > min || (minOf(one) === min && one.isFirst));
      return by === undefined ? [] : [problem(`units.${kind}.min`, `min ${min}`, by, `min ${minOf(by)}`)];
    });
    const dominance = (override.dominance ?? []).flatMap((rule, r) => {
      const strongerIn = ({ other, isFirst }: Covering) => other.dominance?.find((one) => implies(one, rule) && (isFirst || !implies(rule, one)));
      const by = others.find((one) => strongerIn(one) !== undefined);
      const stronger = by === undefined ? undefined : strongerIn(by);
      return by === undefined || stronger === undefined ? [] : [problem(`dominance.${r}`, describeDominance(rule), by, describeDominance(stronger))];
    });
    const { review } = override;
    const rank = (of: Override): number => (of.review === undefined ? -1 : REVIEWS.indexOf(of.review));
    const by = review === undefined ? undefined : others.find((one) => rank(one.other) > rank(override) || (rank(one.other) === rank(override) && one.isFirst));
    return [...units, ...dominance, ...(by === undefined ? [] : [problem('review', `review “${review ?? ''}”`, by, `review “${by.other.review ?? ''}”`)])];
  });
}

interface Covering {
  readonly other: Override;
  readonly j: number;
  /** Of two equal rules that of the first override stands, and that of a table rather than of its column. */
  readonly isFirst: boolean;
}

/** Whether a cell that `narrow` is for is one that `wide` is for. */
function covers(wide: Override, narrow: Override): boolean {
  if (wide.table === undefined) return wide.column === narrow.column;
  return wide.table === (narrow.table ?? narrow.column?.split('.')[0]);
}
