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

/** Nothing is ever withheld. */
const NOTHING = { units: { person: { min: 0 } }, dominance: [] };

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
    ['dominance of an override over counts only', { dominance: [], measures: { 'residents.income': ['count'] }, overrides: [{ table: 'residents', dominance: [{ rule: 'nk', n: 1, k: 50 }] }] }, ['policy/never-decides statistics.overrides.0.dominance']],
    ['nothing to hold in doubt', { ...NOTHING, review: 'on-doubt' }, ['policy/never-decides statistics.review']],
    ['nothing to hold in doubt of a table', { ...NOTHING, overrides: [{ table: 'residents', review: 'on-doubt' }] }, ['policy/never-decides statistics.overrides.0.review']],
    ['no table to withhold', { ...NOTHING, withhold: 'table' }, ['policy/never-decides statistics.withhold']],
    ['nothing to protect by secondary suppression', { ...NOTHING, secondary: 'required' }, ['policy/never-decides statistics.secondary']],
    ['nobody to tell apart: refuse', { ...NOTHING, differencing: 'refuse' }, ['policy/never-decides statistics.differencing']],
    ['nobody to tell apart: hold', { ...NOTHING, differencing: 'hold' }, ['policy/never-decides statistics.differencing']],
    ['a minimum of one tells nobody apart', { ...NOTHING, units: { person: { min: 1 } }, differencing: 'refuse' }, ['policy/never-decides statistics.differencing']],
    ['dominance alone tells nobody apart', { units: { person: { min: 0 } }, differencing: 'refuse' }, ['policy/never-decides statistics.differencing']],
    ['numbers are remembered for later versions', { ...NOTHING, differencing: 'warn' }, []],
    ['several at once', { units: {}, measures: { 'residents.sex': ['sum'] } }, ['policy/unit-kind-missing statistics.units.person', 'policy/bad-measure statistics.measures.residents.sex.0']],
  ])('%s', (_, statistics, problems) => expect(check(statistics)).toEqual(problems));
});

describe('an override that another makes pointless', () => {
  const column = 'residents.income';
  const [table, min] = ['residents', (n: number) => ({ person: { min: n } })];
  const [nk1, nk2] = [{ rule: 'nk', n: 2, k: 70 }, { rule: 'nk', n: 2, k: 80 }];
  const at = (place: string) => [`policy/never-decides statistics.overrides.${place}`];

  test.each<[string, Record<string, unknown>[], string[]]>([
    ['20 then 15', [{ column, units: min(20) }, { column, units: min(15) }], at('1.units.person.min')],
    ['15 then 20', [{ column, units: min(15) }, { column, units: min(20) }], at('0.units.person.min')],
    ['the same minimum beside another rule', [{ column, units: min(20) }, { column, units: min(20), review: 'manual' }], at('1.units.person.min')],
    ['the whole table has 30', [{ column, units: min(20) }, { table, units: min(30) }], at('0.units.person.min')],
    ['the whole table has as many', [{ column, units: min(20) }, { table, units: min(20) }], at('0.units.person.min')],
    ['two of a table', [{ table, units: min(30) }, { table, units: min(20) }], at('1.units.person.min')],
    ['a weaker dominance rule', [{ column, dominance: [nk1] }, { column, dominance: [nk2] }], at('1.dominance.0')],
    ['a weaker dominance rule than the table’s', [{ column, dominance: [nk2] }, { table, dominance: [nk1] }], at('0.dominance.0')],
    ['a weaker review', [{ column, review: 'on-doubt' }, { column, review: 'manual' }], at('0.review')],
    ['the same review twice', [{ table, review: 'manual' }, { column, units: min(20), review: 'manual' }], at('1.review')],
    ['a duplicate', [{ column, units: min(20), review: 'manual' }, { column, review: 'manual', units: min(20) }], at('1')],
    ['a column stricter than its table', [{ table, units: min(20) }, { column, units: min(30) }], []],
    ['two columns', [{ column, units: min(20) }, { column: 'residents.sex', units: min(15) }], []],
    ['two rules of one column that bite differently', [{ column, units: min(20) }, { column, dominance: [nk1] }], []],
  ])('%s', (_, overrides, problems) => expect(check({ overrides })).toEqual(problems));
});

test('what may withhold somewhere, or be followed somewhere, decides', () => {
  const override = { overrides: [{ column: 'residents.income', units: { person: { min: 10 } } }] };
  for (const rule of [{ review: 'on-doubt' }, { withhold: 'table' }, { secondary: 'required' }, { differencing: 'refuse' }]) expect(check({ ...NOTHING, ...override, ...rule })).toEqual([]);
  // Windows of a group without values, groups that look empty under noise, and tables that cannot be placed.
  expect(check({ ...NOTHING, review: 'on-doubt', measures: { 'residents.income': ['quantile'] } })).toEqual([]);
  expect(check({ ...NOTHING, review: 'on-doubt', mechanism: { kind: 'cell-key', table: 'ons-10-5' } })).toEqual([]);
  expect(check({ units: { person: { min: 0 } }, secondary: 'required', differencing: 'refuse' })).toEqual([]);
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
  const pointless = checkPolicy(Policy.parse({
    policy: 'p', version: 1, dataset: 'city',
    statistics: { ...base, ...NOTHING, withhold: 'table', review: 'on-doubt', differencing: 'hold', overrides: [0, 1].map(() => ({ table: 'residents', review: 'manual' })) },
  }), manifest, { levels: { 'residents.street': ['street', 'district'] } });
  expect(pointless).toHaveLength(4);
  for (const { message } of [...problems, ...pointless]) {
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
