import { describe, expect, test } from 'vitest';
import { effectiveRules } from '#sandbox/release/effective-rules.ts';
import type { PinnedPolicy } from '#sandbox/release/effective-rules.ts';
import fc from '../../support/fast-check.ts';
import { policy } from '../../support/gate.ts';

const scope = { datasets: ['city'], kinds: ['person'], columns: ['city.residents.income'] };
const rulesOf = (policies: readonly PinnedPolicy[], over = scope) => {
  const rules = effectiveRules(over, policies);
  if (!rules.ok) throw new Error(JSON.stringify(rules.error));
  return rules.value;
};
const codes = (policies: readonly PinnedPolicy[], over = scope) => {
  const rules = effectiveRules(over, policies);
  return rules.ok ? [] : rules.error.map(({ code, clause }) => [code, clause]);
};

test('rules carry the clause they come from', () => {
  const rules = rulesOf([policy({ dominance: [{ rule: 'nk', n: 2, k: 85 }] })]);
  expect(rules.units.get('person')).toEqual({ value: 10, clause: 'city-statistics@3 statistics.units.person.min' });
  expect(rules.dominance).toEqual([{ value: { rule: 'nk', n: 2, k: 85 }, clause: 'city-statistics@3 statistics.dominance.0' }]);
  expect(rules.withholds).toBe(true);
});

describe('several datasets', () => {
  const both = { ...scope, datasets: ['city', 'health'] };
  const city = policy({ zeros: 'publishable', dominance: [{ rule: 'nk', n: 2, k: 85 }] });
  const health = policy({ units: { person: { min: 20 } }, dominance: [{ rule: 'p-percent', p: 10 }, { rule: 'nk', n: 2, k: 85 }] }, 'health');

  test('the stricter of each rule, whatever the order', () => {
    const rules = rulesOf([city, health], both);
    expect(rules).toEqual(rulesOf([health, city], { ...both, datasets: ['health', 'city'] }));
    expect(rules.units.get('person')).toEqual({ value: 20, clause: 'health-statistics@3 statistics.units.person.min' });
    expect(rules.dominance.map(({ value }) => value.rule)).toEqual(['nk', 'p-percent']);
    expect(rules.zeros.value).toBe('disclosive');
  });

  test('a policy whose data has the kind must list it; one that has no such units need not', () => {
    expect(codes([city, policy({ units: { enterprise: { min: 3 } } }, 'health')], both)).toEqual([['release/unit-kind-not-listed', 'health-statistics@3 statistics.units.person']]);
  });
});

test('a kind that nobody lists refuses the gate', () => {
  expect(codes([policy()], { ...scope, kinds: ['person', 'enterprise'] })).toEqual([['release/unit-kind-not-listed', 'city-statistics@3 statistics.units.enterprise']]);
});

test('a kind may be named like a member of every object', () => {
  expect(codes([policy()], { ...scope, kinds: ['person', 'constructor'] })).toEqual([['release/unit-kind-not-listed', 'city-statistics@3 statistics.units.constructor']]);
});

test('an override holds where its column or table is used, and only makes stricter', () => {
  const overrides = [{ column: 'residents.income', units: { person: { min: 30 } } }, { table: 'residents', dominance: [{ rule: 'p-percent', p: 20 }] }, { column: 'residents.id', units: { person: { min: 99 } } }, { column: 'residents.income', units: { person: { min: 2 } } }];
  const rules = rulesOf([policy({ overrides })]);
  expect(rules.units.get('person')).toEqual({ value: 30, clause: 'city-statistics@3 statistics.overrides.0.units.person.min' });
  expect(rules.dominance.map(({ clause }) => clause)).toEqual(['city-statistics@3 statistics.overrides.1.dominance.0']);
  expect(rulesOf([policy({ overrides })], { ...scope, columns: ['city.visits.cost'] }).units.get('person')?.value).toBe(10);
});

test('what is not built is refused by name, nothing is ignored', () => {
  expect(codes([policy({ mechanism: { kind: 'differential-privacy', epsilon: '1' } })])).toEqual([['policy/not-built', 'city-statistics@3 statistics.mechanism']]);
});

test('adding any policy never loosens a minimum', () => {
  fc.assert(fc.property(fc.nat(50), fc.nat(50), (a, b) => {
    const one = policy({ units: { person: { min: a } } });
    const other = policy({ units: { person: { min: b } } }, 'health');
    return rulesOf([one, other], { ...scope, datasets: ['city', 'health'] }).units.get('person')?.value === Math.max(a, b);
  }), { numRuns: 50 });
});
