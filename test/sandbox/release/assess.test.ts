import { expect, test } from 'vitest';
import { assess } from '#sandbox/release/assess.ts';
import { effectiveRules } from '#sandbox/release/effective-rules.ts';
import { evidence, INCOME, policy, ROWS, units } from '../../support/gate.ts';

const rules = effectiveRules({ datasets: ['city'], kinds: ['person'], columns: [] }, [policy({ units: { person: { min: 20 } }, dominance: [{ rule: 'nk', n: 3, k: 85 }] })]);
if (!rules.ok) throw new Error('rules');

test('a bound may pass a rule, never fail it', () => {
  const bounded = { ...units(0), count: 100n, units: { person: { atLeast: 25n } } };
  expect(assess(ROWS, bounded, rules.value, null).enoughUnits).toBe(true);
  expect(() => assess(ROWS, { ...bounded, units: { person: { atLeast: 19n } } }, rules.value, null)).toThrow();
});

test('evidence that a rule needs must be there, and complete', () => {
  const many = Array.from({ length: 30 }, () => 1);
  expect(assess(INCOME, evidence(many), rules.value, null).notDominated).toBe(true);
  expect(assess(INCOME, { ...evidence(many), concentration: { person: { certified: true } } }, rules.value, null).notDominated).toBe(true);
  expect(() => assess(INCOME, { ...evidence(many), concentration: {} }, rules.value, null)).toThrow();
  expect(() => assess(INCOME, { ...evidence(many), concentration: { person: { absoluteTotal: 30n, largest: [1n, 1n] } } }, rules.value, null)).toThrow();
  expect(() => assess(INCOME, { ...evidence(many), units: {} }, rules.value, null)).toThrow();
});
