/** All dominance rules of a policy on one cell: which of them hold, what they need to know, and when bounds prove them. */
import type { DominanceRule } from '#contract/policy.ts';
import { safeUnderNk } from './nk.ts';
import { remainderIsSafe, remainderShare, type Degree } from './remainder.ts';

/** Unit totals of |x| of one cell, in units of 10^-scale. */
export interface UnitTotals {
  /** Σ|x| over all units. */
  readonly absolute: bigint;
  /** Σx over all units, signed. */
  readonly net: bigint;
  /** Largest first; all of them, or at least `largestNeeded(rules)`. */
  readonly largest: readonly bigint[];
}

/**
 * A rule is tested twice with the same unit totals of |x|: against Σ|x|, and against |Σx|, since |Σx| is what is published.
 * The second is the harder where signs differ. It is sound: with signed values the attacker's error is |Σx − s1 − s2|
 * ≥ |Σx| − x1 − x2, so what it passes is safe. Where no value is negative the two are the same test.
 * @param degree 2 where squares or products are added up: the rules are then about the values themselves (`remainder.ts`)
 */
export function isSafe(rule: DominanceRule, cell: UnitTotals, degree: Degree = 1): boolean {
  const net = cell.net < 0n ? -cell.net : cell.net;
  return holds(rule, cell.absolute, cell.largest, degree) && holds(rule, net, cell.largest, degree);
}

function holds(rule: DominanceRule, total: bigint, largest: readonly bigint[], degree: Degree): boolean {
  if (rule.rule === 'nk') return safeUnderNk(total, largest, rule.n, rule.k);
  const share = remainderShare(rule, degree);
  return share !== null && remainderIsSafe(total, largest, share);
}

/** How many of the largest unit totals decide the rules. */
export function largestNeeded(rules: readonly DominanceRule[]): number {
  return rules.reduce((most, rule) => Math.max(most, rule.rule === 'nk' ? rule.n : 2), 0);
}

/**
 * Whether declared bounds prove every rule without looking at unit totals (`gate.md`, cost): no unit contributes more than
 * `perUnit` in magnitude, so x1, x2, … ≤ perUnit, and X ≥ |Σx|. False means "not proved".
 * p% and pq: |Σx| ≥ (2 + share)·perUnit. (n,k): 100·n·perUnit < k·|Σx|.
 *
 * @param perUnit largest possible Σ|x| of one unit in the cell, ≥ 0, in units of 10^-scale
 * @param net Σx of the cell, in units of 10^-scale
 */
export function boundsProveDominance(rules: readonly DominanceRule[], perUnit: bigint, net: bigint, degree: Degree = 1): boolean {
  const total = net < 0n ? -net : net;
  return perUnit === 0n || rules.every((rule) => {
    if (rule.rule === 'nk') return 100n * BigInt(rule.n) * perUnit < BigInt(rule.k) * total;
    const share = remainderShare(rule, degree);
    return share !== null && share.den * (total - 2n * perUnit) >= share.num * perUnit;
  });
}
