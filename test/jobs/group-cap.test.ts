/** The limit on groups of raw rows: exact where the plan knows how many there can be, and otherwise of no use to learn how many there are. */
import { expect, test } from 'vitest';
import { mostGroups } from '#sandbox/jobs/group-cap.ts';

type Gate = Parameters<typeof mostGroups>[0];
const gate = (sql: string, ...keys: readonly boolean[]): Gate =>
  ({ sql, windows: null, spec: { id: 0, datasets: [], kinds: [], columns: [], measures: [], outputs: [], keys: keys.map((isPublic, i) => ({ name: `k${i}`, type: 'BIGINT', public: isPublic })) } });
const SECRET = (): Uint8Array => new Uint8Array(32).fill(7);

test('of public keys it is what may be shown', () => {
  expect(mostGroups(gate('q'), 100, SECRET)).toBe(100);
  expect(mostGroups(gate('q', true, true), 100, SECRET)).toBe(100);
});

test('the same question has the same limit, another secret another', () => {
  expect(mostGroups(gate('q', false), 100, SECRET)).toBe(mostGroups(gate('q', false), 100, SECRET));
  expect(mostGroups(gate('q', false), 100, SECRET)).not.toBe(mostGroups(gate('q', false), 100, () => new Uint8Array(32)));
});

/**
 * An attacker with 4,000 questions about groups of just the number that they suspect, with and without one person's group. The failures
 * of the two differ in 4,000 · 1/32,768 of the questions, 0.12 on average; more than 4 by chance once in a million runs (Poisson), and the seed is fixed.
 */
test('one group more hardly ever decides', () => {
  const suspected = 50_000;
  const fails = (groups: number): readonly boolean[] => Array.from({ length: 4_000 }, (_, i) => groups > mostGroups(gate(`q${i}`, true, false), 100, SECRET));
  const [without, within] = [fails(suspected), fails(suspected + 1)];
  expect(without.filter((failed, i) => failed !== within[i]).length).toBeLessThanOrEqual(4);
  // The limit is spread over the whole range: 17,232 of 32,768 are below, 52.6 %.
  expect(without.filter((failed) => failed).length / 4_000).toBeCloseTo(0.526, 1);
});
