import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Manifest } from '#contract/manifest.ts';
import { checkPolicy } from '#contract/policy-check.ts';
import { PolicyPreset } from '#contract/policy-preset.ts';
import { startFrom } from '#contract/policy-start.ts';
import { Policy } from '#contract/policy.ts';

const read = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
const preset = (name: string) => PolicyPreset.parse(read(`policies/presets/${name}.json`));
const PRESETS = readdirSync('policies/presets').filter((file) => file.endsWith('.json')).map((file) => file.replace('.json', ''));
const DATASETS = ['adult', 'charities', 'city'];

test.each(PRESETS.flatMap((name) => DATASETS.map((dataset) => [name, dataset] as const)))('%s gives %s a policy that can be proposed', (name, dataset) => {
  const manifest = Manifest.parse(read(`datasets/${dataset}/dataset.json`));
  const { document } = startFrom(preset(name), manifest);
  expect(Policy.parse(JSON.parse(JSON.stringify(document)))).toEqual(document);
  expect(checkPolicy(document, manifest).filter(({ code }) => code !== 'policy/not-built')).toEqual([]);
  expect(Object.keys(document.statistics.dimensions).length).toBeGreaterThan(1);
});

const column = (type: string, role: string, more: object = {}) => ({ type, role, ...more });
const manifest = Manifest.parse({
  id: 'town',
  tables: {
    people: {
      file: 'p.csv', units: { person: 'id' },
      columns: {
        id: column('varchar', 'unit'), name: column('varchar', 'identifier'), street: column('varchar', 'quasi', { hierarchy: 'streets.csv', domain: ['a'] }), sex: column('varchar', 'quasi', { domain: ['f', 'm'] }),
        born: column('date', 'quasi'), age: column('smallint', 'quasi', { min: '0', max: '100' }), share: column('double', 'quasi', { min: '0', max: '1' }), married: column('boolean', 'quasi'),
        nickname: column('varchar', 'quasi'), income: column('decimal(12,2)', 'sensitive'), illness: column('varchar', 'sensitive', { domain: ['x'] }), note: column('varchar', 'plain'), club: column('integer', 'unit', { references: 'clubs.id' }),
      },
    },
    clubs: { file: 'c.csv', columns: { id: column('integer', 'quasi'), kind: column('varchar', 'quasi', { domain: ['k'] }) } },
  },
});

test('dimensions come from declared facts, coarse where there is a choice; what they do not say is left out with the reason', () => {
  const { document: { statistics }, leftOut } = startFrom(preset('acro'), manifest, { 'people.street': ['district', 'town'] });
  expect(statistics.dimensions).toEqual({
    'people.street': { levels: ['district', 'town'] }, 'people.sex': { categories: 'all' }, 'people.born': { levels: ['year', 'quarter'] },
    'people.age': { bands: [20, 40, 60, 80, 100] }, 'people.share': { bands: ['0.2', '0.4', '0.6', '0.8', '1.0'] }, 'people.married': { categories: 'all' },
  });
  expect(statistics.measures).toEqual({ 'people.income': ['count', 'sum', 'avg'] });
  expect(statistics.joins).toEqual([['clubs.id', 'people.club']]);
  expect(leftOut.map(({ column: name }) => name)).toEqual(['people.nickname', 'people.illness', 'people.note']);
});

test('rules about sums are left out where nothing may be added up', () => {
  const { people } = manifest.tables;
  const { income: _, ...columns } = people!.columns;
  const counts = { ...manifest, tables: { people: { ...people!, columns } } };
  expect(startFrom(preset('acro'), counts).document.statistics.dominance).toEqual([]);
});

test.each([
  ['acro', ['secondary', 'differencing']], ['opensafely', ['secondary', 'differencing']], ['sdclog', ['secondary', 'differencing']], ['datashield', ['secondary', 'differencing']],
  // Noise protects in its own way, and where nothing is withheld or compared there is nothing to turn on.
  ['ons', []], ['opensafely-midpoint6', []],
])('%s: what it leaves off is said in both languages, and can be turned on', (name, off) => {
  const { document, warnings } = startFrom(preset(name), manifest);
  expect(warnings).toHaveLength(off.length);
  off.forEach((rule, i) => {
    expect(warnings[i]?.en).toContain(`statistics.${rule} is "none"`);
    expect(warnings[i]?.zh).toContain(`statistics.${rule} 为 "none"`);
  });
  const protectedMore = Policy.parse({ ...document, statistics: { ...document.statistics, ...(off.length > 0 && { secondary: 'required', differencing: 'refuse' }) } });
  expect(checkPolicy(protectedMore, { ...manifest, id: document.dataset }, { levels: { 'people.street': ['street'] } }).filter(({ path }) => /secondary|differencing/.test(path))).toEqual([]);
});
