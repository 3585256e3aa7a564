import { describe, expect, test } from 'vitest';
import { policyDigest } from '#contract/policy-digest.ts';
import { diffPolicies, loosens } from '#contract/policy-diff.ts';
import { redactChanges, redactPolicy } from '#contract/policy-redacted.ts';
import { Policy } from '#contract/policy.ts';

const document = (statistics: Record<string, unknown> = {}, rest: Record<string, unknown> = {}) => ({
  policy: 'city-statistics', version: 1, dataset: 'city', ...rest,
  statistics: {
    mechanism: { kind: 'suppress' }, units: { person: { min: 10 } }, dominance: [{ rule: 'p-percent', p: 10 }],
    dimensions: { 'residents.district': { levels: ['district'] }, 'residents.birth_year': { bands: [1950, 1970] } },
    measures: { 'residents.income': ['sum'] }, joins: [['a.x', 'b.x']], ...statistics,
  },
});
const policy = (...args: Parameters<typeof document>) => Policy.parse(document(...args));
const diff = (statistics: Record<string, unknown>, rest: Record<string, unknown> = {}) => diffPolicies(policy(), policy(statistics, { version: 2, ...rest }));

test('the next version of the same rules has no change', () => expect(diff({})).toEqual([]));

describe('direction of every kind of change', () => {
  test.each<[string, Record<string, unknown>, string[]]>([
    ['minimum down', { units: { person: { min: 5 } } }, ['statistics.units.person.min 10 → 5: looser']],
    ['minimum up', { units: { person: { min: 20 } } }, ['statistics.units.person.min 10 → 20: stricter']],
    ['a further kind of unit', { units: { person: { min: 10 }, enterprise: { min: 3 } } }, ['statistics.units.enterprise – → min 3: looser']],
    ['a kind less', { units: {} }, ['statistics.units.person min 10 → –: stricter']],
    ['p up', { dominance: [{ rule: 'p-percent', p: 15 }] }, ['statistics.dominance p% (10) → –: other', 'statistics.dominance – → p% (15): stricter']],
    ['p down', { dominance: [{ rule: 'p-percent', p: 5 }] }, ['statistics.dominance p% (10) → –: looser', 'statistics.dominance – → p% (5): other']],
    ['another rule instead', { dominance: [{ rule: 'nk', n: 2, k: 85 }] }, ['statistics.dominance p% (10) → –: looser', 'statistics.dominance – → (n,k) (2, 85): stricter']],
    ['zeros', { zeros: 'publishable' }, ['statistics.zeros disclosive → publishable: looser']],
    ['secondary', { secondary: 'required' }, ['statistics.secondary none → required: stricter']],
    ['differencing', { differencing: 'warn' }, ['statistics.differencing none → warn: stricter']],
    ['review', { review: 'on-doubt' }, ['statistics.review automatic → on-doubt: stricter']],
    ['rounding on top', { mechanism: { kind: 'round', base: 5 } }, ['statistics.mechanism {"kind":"suppress"} → {"base":5,"kind":"round","method":"nearest"}: stricter']],
    ['another mechanism', { mechanism: { kind: 'cell-key', maxDeviation: 5, variance: '2' } }, ['statistics.mechanism {"kind":"suppress"} → {"kind":"cell-key","maxDeviation":5,"variance":"2"}: looser']],
    ['a finer level', { dimensions: { 'residents.district': { levels: ['street', 'district'] }, 'residents.birth_year': { bands: [1950, 1970] } } }, ['statistics.dimensions.residents.district levels district → levels street, district: looser']],
    ['fewer bands', { dimensions: { 'residents.district': { levels: ['district'] }, 'residents.birth_year': { bands: [1950] } } }, ['statistics.dimensions.residents.birth_year bands 1950, 1970 → bands 1950: stricter']],
    ['shifted bands cut anew', { dimensions: { 'residents.district': { levels: ['district'] }, 'residents.birth_year': { bands: [1951] } } }, ['statistics.dimensions.residents.birth_year bands 1950, 1970 → bands 1951: looser']],
    ['no grid', { dimensions: 'any' }, ['statistics.dimensions listed → any: looser']],
    ['a further statistic', { measures: { 'residents.income': ['sum', 'avg'] } }, ['statistics.measures.residents.income sum → sum, avg: looser']],
    ['a measure less', { measures: {} }, ['statistics.measures.residents.income sum → –: stricter']],
    ['a join less, turned round is the same', { joins: [['b.x', 'a.x']] }, []],
    ['no join', { joins: [] }, ['statistics.joins a.x = b.x → –: stricter']],
    ['an override', { overrides: [{ column: 'residents.income', units: { person: { min: 30 } } }] }, ['statistics.overrides.residents.income.units.person – → min 30: stricter']],
  ])('%s', (_, statistics, expected) => {
    expect(diff(statistics).map(({ path, before, after, direction }) => `${path} ${before ?? '–'} → ${after ?? '–'}: ${direction}`)).toEqual(expected);
  });

  test('what surrounds the rules', () => {
    expect(diff({}, { basis: 'x', purposes: ['industry'], limits: { jobsPerDay: 100, gatesPerJob: 30 } }).map(({ path, direction }) => `${path} ${direction}`)).toEqual([
      'basis other', 'purposes looser', 'limits.jobsPerDay stricter', 'limits.gatesPerJob looser',
    ]);
  });
});

test('turning a change round turns its direction round', () => {
  const a = policy();
  const b = policy({ units: { person: { min: 20 } }, zeros: 'publishable', overrides: [{ table: 'residents', review: 'manual' }] });
  expect(diffPolicies(a, b).map(({ direction }) => direction)).toEqual(['stricter', 'looser', 'stricter']);
  expect(diffPolicies(b, a).map(({ direction }) => direction)).toEqual(['looser', 'stricter', 'looser']);
  expect(loosens(diffPolicies(a, b))).toBe(true);
  expect(loosens(diffPolicies(a, policy({ units: { person: { min: 20 } } })))).toBe(false);
});

test('operators see that dominance changed, not how strict it is', () => {
  const strict = policy({ dominance: [{ rule: 'p-percent', p: 17 }, { rule: 'nk', n: 3, k: 83 }], overrides: [{ table: 'residents', dominance: [{ rule: 'nk', n: 4, k: 71 }] }] });
  expect(JSON.stringify([redactPolicy(strict).statistics, redactChanges(diffPolicies(policy(), strict))])).not.toMatch(/17|83|71/);
  expect(redactPolicy(strict).statistics.dominance).toEqual([{ rule: 'nk' }, { rule: 'p-percent' }]);
});

describe('the schema is closed', () => {
  test.each<[string, unknown]>([
    ['an unknown key', { ...document(), note: 1 }],
    ['an unknown key deep inside', document({ mechanism: { kind: 'suppress', x: 1 } })],
    ['an unknown mechanism', document({ mechanism: { kind: 'trust' } })],
    ['a floating minimum', document({ units: { person: { min: 9.5 } } })],
    ['a floating band edge', document({ dimensions: { 'a.b': { bands: [0.5] } } })],
    ['a reserved column name', document({ measures: { 'a.__unit_person': ['sum'] } })],
    ['an override of both a column and a table', document({ overrides: [{ column: 'a.b', table: 'a' }] })],
    ['no statistics', { policy: 'p', version: 1, dataset: 'd' }],
  ])('%s is refused', (_, value) => expect(Policy.safeParse(value).success).toBe(false));

  test('the digest is of the meaning: order of members and written-out defaults do not change it', () => {
    const shuffled = JSON.parse(JSON.stringify(document({ zeros: 'disclosive', review: 'automatic' })), (_, value: unknown) =>
      (value !== null && typeof value === 'object' && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).reverse()) : value)) as unknown;
    expect(policyDigest(Policy.parse(shuffled))).toBe(policyDigest(policy()));
    expect(policyDigest(policy({ units: { person: { min: 11 } } }))).not.toBe(policyDigest(policy()));
  });
});
