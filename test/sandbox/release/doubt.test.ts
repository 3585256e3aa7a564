import { expect, test } from 'vitest';
import { assess } from '#sandbox/release/assess.ts';
import { decide } from '#sandbox/release/decide.ts';
import { waitsForReview } from '#sandbox/release/doubt.ts';
import { effectiveRules } from '#sandbox/release/effective-rules.ts';
import { gate, policy, ROWS, units } from '../../support/gate.ts';

const base = effectiveRules({ datasets: ['city'], kinds: ['person'], columns: [] }, [policy({ units: { person: { min: 20 } } })]);
if (!base.ok) throw new Error('rules');
const decided = (review: 'automatic' | 'manual' | 'on-doubt', size: number) =>
  decide(gate({}, [{ keys: ['A'], evidence: [units(size)] }], [['A']]), { ...base.value, review: { value: review, clause: 'c' } }, null);

test.each([
  ['automatic', 20, false], ['manual', 500, true],
  ['on-doubt', 500, false], ['on-doubt', 23, false], ['on-doubt', 22, true], ['on-doubt', 20, true], ['on-doubt', 19, true],
] as const)('%s with a cell of %s units, minimum 20 → waits %s', (review, size, waits) => {
  expect(waitsForReview([decided(review, size)])).toBe(waits);
});

test('a bound may pass a rule, never fail it', () => {
  const bounded = { ...units(0), count: 100n, units: { person: { atLeast: 25n } } };
  expect(assess(ROWS, bounded, base.value, null).enoughUnits).toBe(true);
  expect(() => assess(ROWS, { ...bounded, units: { person: { atLeast: 19n } } }, base.value, null)).toThrow();
});
