/** When one dominance rule makes another pointless: used to find rules that never decide, and to compare versions. */
import type { DominanceRule } from './policy.ts';

/** Whether every cell that `strong` passes, `weak` passes too. Different kinds of rule are never compared. */
export function implies(strong: DominanceRule, weak: DominanceRule): boolean {
  if (strong.rule === 'p-percent' && weak.rule === 'p-percent') return strong.p >= weak.p;
  if (strong.rule === 'pq' && weak.rule === 'pq') return strong.p * weak.q >= weak.p * strong.q;
  // p% is pq with q = 100.
  if (strong.rule === 'pq' && weak.rule === 'p-percent') return strong.p * 100 >= weak.p * strong.q;
  if (strong.rule === 'p-percent' && weak.rule === 'pq') return strong.p * weak.q >= weak.p * 100;
  if (strong.rule === 'nk' && weak.rule === 'nk') return strong.n >= weak.n && strong.k <= weak.k;
  return false;
}

export function describeDominance(rule: DominanceRule): string {
  switch (rule.rule) {
    case 'p-percent': return `p% (${rule.p})`;
    case 'pq': return `pq (${rule.p}, ${rule.q})`;
    case 'nk': return `(n,k) (${rule.n}, ${rule.k})`;
    default: return rule satisfies never;
  }
}
