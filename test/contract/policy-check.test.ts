import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Manifest } from '#contract/manifest.ts';
import { checkPolicy } from '#contract/policy-check.ts';
import { openPolicy } from '#contract/policy-open.ts';
import { Policy } from '#contract/policy.ts';

const manifest = Manifest.parse({
  id: 'city',
  tables: {
    residents: {
      file: 'residents.csv', units: { person: 'person_id' },
      columns: {
        person_id: { type: 'varchar', role: 'unit' },
        name: { type: 'varchar', role: 'identifier' },
        street: { type: 'varchar', role: 'quasi', hierarchy: 'streets.csv' },
        sex: { type: 'varchar', role: 'quasi', domain: ['f', 'm'] },
        birth_year: { type: 'smallint', role: 'quasi', min: '1930', max: '2010' },
        moved: { type: 'date', role: 'quasi', min: '2000-01-01', max: '2024-12-31' },
        income: { type: 'decimal(10,2)', role: 'sensitive', min: '0', max: '5000000' },
      },
    },
    visits: {
      file: 'visits.csv', units: { person: 'person_id' },
      columns: { person_id: { type: 'varchar', role: 'unit' }, cost: { type: 'double', role: 'sensitive' }, day: { type: 'bigint', role: 'plain' } },
    },
  },
});

const base = {
  mechanism: { kind: 'suppress' }, units: { person: { min: 10 } }, dominance: [{ rule: 'nk', n: 2, k: 85 }],
  dimensions: { 'residents.sex': { categories: 'all' }, 'residents.birth_year': { bands: [1950, 1970, 1990] }, 'residents.street': { levels: ['district'] }, 'residents.moved': { levels: ['year'] } },
  measures: { 'residents.income': ['count', 'sum', 'avg'] }, joins: [['residents.person_id', 'visits.person_id']],
};
const check = (statistics: Record<string, unknown>, options: Parameters<typeof checkPolicy>[2] = { levels: { 'residents.street': ['street', 'district'] } }) =>
  checkPolicy(Policy.parse({ policy: 'p', version: 1, dataset: 'city', statistics: { ...base, ...statistics } }), manifest, options)
    .map(({ code, path }) => `${code} ${path}`);

test('a sensible policy has no problem', () => expect(check({})).toEqual([]));

describe('each problem by name and place', () => {
  test.each<[string, Record<string, unknown>, string[]]>([
    ['unknown table', { measures: { 'people.income': ['sum'] } }, ['policy/unknown-table statistics.measures.people.income']],
    ['unknown column', { measures: { 'residents.wage': ['sum'] } }, ['policy/unknown-column statistics.measures.residents.wage']],
    ['names of object members are not columns', { measures: { 'residents.constructor': ['sum'] } }, ['policy/unknown-column statistics.measures.residents.constructor']],
    ['unknown level', { dimensions: { 'residents.street': { levels: ['district', 'county'] } } }, ['policy/unknown-level statistics.dimensions.residents.street.levels.1']],
    ['a level of a column without levels', { dimensions: { 'residents.sex': { levels: ['year'] } } }, ['policy/unknown-level statistics.dimensions.residents.sex.levels.0']],
    ['hours of a date', { dimensions: { 'residents.moved': { levels: ['hour'] } } }, ['policy/unknown-level statistics.dimensions.residents.moved.levels.0']],
    ['unit kind missing', { units: {} }, ['policy/unit-kind-missing statistics.units.person']],
    ['unit kind unknown', { units: { person: { min: 10 }, ship: { min: 3 } } }, ['policy/unknown-unit-kind statistics.units.ship']],
    ['bands that do not ascend', { dimensions: { 'residents.birth_year': { bands: [1950, 1990, 1970] } } }, ['policy/bad-bands statistics.dimensions.residents.birth_year.bands.2']],
    ['bands outside the range', { dimensions: { 'residents.birth_year': { bands: [1930, 1950] } } }, ['policy/bad-bands statistics.dimensions.residents.birth_year.bands.0']],
    ['bands above the range', { dimensions: { 'residents.birth_year': { bands: [1950, 2011] } } }, ['policy/bad-bands statistics.dimensions.residents.birth_year.bands.1']],
    ['bands of text', { dimensions: { 'residents.sex': { bands: ['a'] } } }, ['policy/bad-bands statistics.dimensions.residents.sex.bands']],
    ['a date band that is no date', { dimensions: { 'residents.moved': { bands: ['2010'] } } }, ['policy/bad-bands statistics.dimensions.residents.moved.bands.0']],
    ['decimal bands compare by value', { dimensions: { 'residents.income': { bands: ['9.5', '10'] } } }, []],
    ['a category outside the domain', { dimensions: { 'residents.sex': { categories: ['f', 'x'] } } }, ['policy/bad-categories statistics.dimensions.residents.sex.categories.1']],
    ['categories of a fraction', { dimensions: { 'residents.income': { categories: 'all' } } }, ['policy/bad-categories statistics.dimensions.residents.income.categories', 'policy/contradiction statistics.measures.residents.income.1', 'policy/contradiction statistics.measures.residents.income.2']],
    ['sums of a column whose values can be picked', { dimensions: { 'residents.birth_year': { levels: ['birth_year'] } }, measures: { 'residents.birth_year': ['count', 'avg', 'regr'] } }, ['policy/contradiction statistics.measures.residents.birth_year.1', 'policy/contradiction statistics.measures.residents.birth_year.2']],
    ['sums of a column with a band of one value', { dimensions: { 'residents.birth_year': { bands: [1950, 1970, 1971] } }, measures: { 'residents.birth_year': ['sum'] } }, ['policy/contradiction statistics.measures.residents.birth_year.0']],
    ['grouping by an identity', { dimensions: { 'residents.person_id': { categories: 'all' } } }, ['policy/bad-dimension statistics.dimensions.residents.person_id']],
    ['a sum of text', { measures: { 'residents.sex': ['count', 'sum'] } }, ['policy/bad-measure statistics.measures.residents.sex.1']],
    ['a count of an identifier', { measures: { 'residents.name': ['count'], 'residents.income': ['sum'] } }, ['policy/bad-measure statistics.measures.residents.name.0']],
    ['a join of two types', { joins: [['residents.person_id', 'visits.day']] }, ['policy/bad-join statistics.joins.0']],
    ['a join listed twice', { joins: [['residents.person_id', 'visits.person_id'], ['visits.person_id', 'residents.person_id']] }, ['policy/never-decides statistics.joins.1']],
    ['no grid under an exact mechanism', { dimensions: 'any' }, ['policy/no-grid statistics.dimensions']],
    ['a looser override', { overrides: [{ column: 'residents.income', units: { person: { min: 10 } } }] }, ['policy/looser-override statistics.overrides.0.units.person.min']],
    ['an override with looser dominance', { overrides: [{ column: 'residents.income', dominance: [{ rule: 'nk', n: 1, k: 90 }] }] }, ['policy/looser-override statistics.overrides.0.dominance.0']],
    ['an override of what nobody can use', { overrides: [{ column: 'visits.cost', units: { person: { min: 20 } } }] }, ['policy/never-decides statistics.overrides.0.column']],
    ['an override that changes nothing', { overrides: [{ table: 'residents' }] }, ['policy/never-decides statistics.overrides.0']],
    ['p not below q', { dominance: [{ rule: 'pq', p: 20, q: 20 }] }, ['policy/contradiction statistics.dominance.0']],
    ['a rule that another makes pointless', { dominance: [{ rule: 'nk', n: 1, k: 90 }, { rule: 'nk', n: 2, k: 85 }] }, ['policy/never-decides statistics.dominance.0']],
    ['a rule twice', { dominance: [{ rule: 'nk', n: 2, k: 85 }, { rule: 'nk', n: 2, k: 85 }] }, ['policy/never-decides statistics.dominance.1']],
    ['dominance over counts only', { measures: { 'residents.income': ['count'] } }, ['policy/never-decides statistics.dominance']],
    ['several at once', { units: {}, measures: { 'residents.sex': ['sum'] } }, ['policy/unit-kind-missing statistics.units.person', 'policy/bad-measure statistics.measures.residents.sex.0']],
  ])('%s', (_, statistics, problems) => expect(check(statistics)).toEqual(problems));
});

test('rules that bite differently stand side by side', () => {
  expect(check({ dominance: [{ rule: 'nk', n: 1, k: 50 }, { rule: 'nk', n: 2, k: 67 }, { rule: 'p-percent', p: 10 }] })).toEqual([]);
});

test('a trial needs no grid and may name tables of another dataset', () => {
  expect(check({ dimensions: 'any', measures: { 'elsewhere.x': ['sum'] } }, { trial: true })).toEqual([]);
});

test('every problem has a sentence in both languages', () => {
  const problems = checkPolicy(Policy.parse({ policy: 'p', version: 1, dataset: 'other', statistics: { ...base, units: {}, mechanism: { kind: 'differential-privacy', epsilon: '0' } } }), manifest);
  expect(problems.length).toBeGreaterThan(2);
  for (const { message } of problems) {
    expect(message.en).toMatch(/\.$/);
    expect(message.zh).toMatch(/。$/);
  }
});

test('open passes, and the policies that ship fit their datasets', () => {
  expect(checkPolicy(openPolicy('city', [manifest]), manifest, { trial: true })).toEqual([]);
  const shipped = readdirSync('policies').filter((file) => file.endsWith('.json'));
  expect(shipped.length).toBeGreaterThan(0);
  for (const file of shipped) {
    const policy = Policy.parse(JSON.parse(readFileSync(`policies/${file}`, 'utf8')));
    const dataset = Manifest.parse(JSON.parse(readFileSync(`datasets/${policy.dataset}/dataset.json`, 'utf8')));
    expect(checkPolicy(policy, dataset), file).toEqual([]);
  }
});
