/** Reconstruction (Dinur and Nissim 2003): which of known people have an attribute, from how many of many groups of them do. */
import type { LinearSolver } from '#sandbox/sdc/secondary/linear.ts';

export interface Counted {
  /** Who is in the group, by their place among the people. */
  readonly group: readonly number[];
  readonly n: number;
}

/** Whoever fits the counts best, by least sum of absolute errors: a share of each person, rounded. */
export function reconstructed(people: number, counted: readonly Counted[], solve: LinearSolver): readonly boolean[] {
  const everybody = Array.from({ length: people }, (_, i) => i);
  if (counted.length === 0) return everybody.map(() => false);
  const best = solve([
    'Minimize', ` obj: ${counted.map((_, q) => `e${q} + f${q}`).join(' + ')}`, 'Subject To',
    ...counted.map(({ group, n }, q) => ` c${q}: ${group.map((i) => `x${i}`).join(' + ')} + e${q} - f${q} = ${n}`),
    'Bounds', ...everybody.map((i) => ` 0 <= x${i} <= 1`), 'End',
  ].join('\n'));
  if (best === null) throw new Error('no solution');
  return everybody.map((i) => (best.get(`x${i}`) ?? 0) > 0.5);
}
