/** A tiny dataset and policy on disk for `sluice try`, with values that must never be seen anywhere but in a released table. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** In every column that identifies or is sensitive; if one of these leaves, something leaked. */
export const CANARY = 'CANARY';
export const CANARY_INCOME = 7_654_321;

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly district: string;
  readonly age: number;
  readonly income: number;
}

/** 30 in 市南, 12 in 市北, 3 in 崂山, none in 李沧; one of the three has the canary's income. */
export const PEOPLE: readonly Person[] = [...[30, 12, 3].entries()].flatMap(([d, count]) =>
  Array.from({ length: count }, (_, i) => ({
    id: `${CANARY}-${d}-${i}`,
    name: `${CANARY} 名 ${i}`,
    district: ['市南', '市北', '崂山'][d]!,
    age: 20 + ((i * 7) % 50),
    income: d === 2 && i === 1 ? CANARY_INCOME : 1000 + 100 * d + i,
  })));

export const MANIFEST = {
  id: 'town',
  tables: {
    people: {
      file: 'people.csv',
      units: { person: 'id' },
      maxRowsPerUnit: { person: 1 },
      columns: {
        id: { type: 'varchar', role: 'unit' },
        name: { type: 'varchar', role: 'identifier' },
        district: { type: 'varchar', role: 'quasi', domain: ['市南', '市北', '崂山', '李沧'] },
        age: { type: 'integer', role: 'quasi', min: '0', max: '120' },
        income: { type: 'bigint', role: 'sensitive', min: '0', max: '10000000' },
      },
    },
  },
};

/** The same with what a registration asks for. */
export const REGISTRABLE = {
  ...MANIFEST,
  title: { en: 'A town', zh: '某镇' },
  provider: '某镇大数据局',
  catalogue: {
    form: 'table', class: '人口', grade: 'L3',
    sharing: { attribute: 'conditional', reason: '个人信息', basis: '数据安全法' },
    opening: 'conditional', updateFrequency: 'yearly', source: 'made for a test', licence: 'CC0', retention: 'until the test ends',
  },
};

export const POLICY = {
  policy: 'town-statistics',
  version: 1,
  dataset: 'town',
  purposes: ['research'],
  statistics: {
    mechanism: { kind: 'suppress' },
    units: { person: { min: 10 } },
    dominance: [{ rule: 'nk', n: 2, k: 85 }],
    dimensions: { 'people.district': { categories: 'all' }, 'people.age': { bands: [30, 50] } },
    measures: { 'people.income': ['sum', 'avg'] },
  },
};

export function csvOf(people: readonly Person[]): string {
  return `id,name,district,age,income\n${people.map(({ id, name, district, age, income }) => `${id},${name},${district},${age},${income}\n`).join('')}`;
}

/** Writes dataset.json, people.csv and policy.json below `directory`, and names them. */
export function writeTrial(directory: string, changes: { manifest?: object; csv?: string | Uint8Array; policy?: unknown } = {}): { dataset: string; policy: string } {
  const dataset = join(directory, 'town');
  mkdirSync(dataset, { recursive: true });
  writeFileSync(join(dataset, 'dataset.json'), JSON.stringify(changes.manifest ?? MANIFEST));
  writeFileSync(join(dataset, 'people.csv'), changes.csv ?? csvOf(PEOPLE));
  const policy = join(directory, 'policy.json');
  writeFileSync(policy, JSON.stringify(changes.policy ?? POLICY));
  return { dataset, policy };
}
