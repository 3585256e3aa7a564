/**
 * Reconstruction of a secret attribute from counts of many overlapping groups (Dinur and Nissim 2003), by an attacker who can name everybody: of the persons
 * of random groups, how many have it; then whoever fits the answers best.
 */
import type { Policy } from '#contract/policy.ts';
import { loadSolver } from '#sandbox/sdc/secondary/highs.ts';
import type { LinearSolver } from '#sandbox/sdc/secondary/linear.ts';
import { ledgerPolicy, people, type Person } from './ledger-domain.ts';
import type { LedgerTown } from './ledger-town.ts';

export interface GroupCount {
  /** Who is in the group, by their place among the people. */
  readonly group: readonly number[];
  /** How many of them have the attribute, as answered. */
  readonly n: number;
}

/** Who has the attribute, by least sum of absolute errors: a share of each of `people` persons, rounded. */
export function fitted(people: number, counts: readonly GroupCount[], solve: LinearSolver): readonly boolean[] {
  const everybody = Array.from({ length: people }, (_, i) => i);
  const best = solve([
    'Minimize', ` obj: ${counts.map((_, q) => `e${q} + f${q}`).join(' + ')}`, 'Subject To',
    ...counts.map(({ group, n }, q) => ` c${q}: ${group.map((i) => `x${i}`).join(' + ')} + e${q} - f${q} = ${n}`),
    'Bounds', ...everybody.map((i) => ` 0 <= x${i} <= 1`), 'End',
  ].join('\n'));
  if (best === null) throw new Error('no solution');
  return everybody.map((i) => (best.get(`x${i}`) ?? 0) > 0.5);
}

/** Sixty persons of sixty ages; the secret is whether one is an F, and half are: whoever guesses is right about 30. */
export const SECRETIVE: readonly Person[] = people(60, (person, i) => ({ ...person, age: i, sex: ((i * 2_654_435_761) >>> 0) % 100 < 50 ? 'F' : 'M' }));
const QUESTIONS = 150;

export interface Reconstructed {
  /** Persons about whom the attacker is right. */
  readonly right: number;
  /** Questions that were answered by a number. */
  readonly answered: number;
}

/** `QUESTIONS` counts over groups of three in five persons, each a job, of a town of `SECRETIVE`. */
export async function reconstruct(town: LedgerTown, mechanism: Policy['statistics']['mechanism'] | object, differencing: 'none' | 'warn' | 'refuse'): Promise<Reconstructed> {
  let state = 7;
  const random = (): number => (state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff) / 0x7fffffff;
  const counts = await town.asking(ledgerPolicy(differencing, { mechanism }), async (operator) => {
    const told: GroupCount[] = [];
    for (let q = 0; q < QUESTIONS; q++) {
      const group = SECRETIVE.flatMap((_, i) => (random() < 0.6 ? [i] : []));
      const { result } = await operator.ask(`SELECT count(*) FROM people WHERE sex = 'F' AND age IN (${group.join()})`);
      const n = result?.table.rows[0]?.[0] ?? null;
      if (n !== null) told.push({ group, n: Number(n) });
    }
    return told;
  });
  const found = fitted(SECRETIVE.length, counts, await loadSolver());
  return { right: SECRETIVE.filter(({ sex }, i) => (sex === 'F') === found[i]).length, answered: counts.length };
}
