/**
 * That all forty of a district have one diagnosis, asked for in ways in which the diagnosis is neither a key nor a condition of the gate:
 * met by a table of constants, filtered within each person's rows, intersected, or told by how many different ones there are.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Manifest } from '#contract/manifest.ts';
import { openPolicy } from '#contract/policy-open.ts';
import { Policy } from '#contract/policy.ts';
import { openTables, pin, type TestData } from '../../support/sql/tables.ts';
import { throughGate } from '../../support/sql/through-gate.ts';

const MANIFEST = Manifest.parse({
  id: 'ward',
  tables: {
    people: {
      file: 'p.csv', units: { person: 'id' }, maxRowsPerUnit: { person: 1 },
      columns: { id: { type: 'varchar', role: 'unit' }, district: { type: 'varchar', role: 'quasi', domain: ['东', '西'], nullable: false }, ill: { type: 'varchar', role: 'sensitive', domain: ['无', '流感', '肝炎'], nullable: false }, income: { type: 'integer', role: 'sensitive', min: '0', max: '100000', nullable: false } },
    },
  },
});
const POLICY = Policy.parse({
  policy: 'ward', version: 1, dataset: 'ward',
  statistics: {
    mechanism: { kind: 'suppress' }, units: { person: { min: 10 } }, zeros: 'disclosive', secondary: 'required',
    dimensions: { 'people.district': { categories: 'all' }, 'people.ill': { categories: 'all' } }, measures: { 'people.income': ['count', 'sum', 'avg'] }, joins: 'any',
  },
});
const ALL = 40;

let data: TestData;
beforeAll(async () => {
  data = await openTables(MANIFEST, { people: Array.from({ length: 2 * ALL }, (_, i) => [`'P${i}'`, i < ALL ? "'东'" : "'西'", i < ALL ? "'肝炎'" : ["'无'", "'流感'", "'肝炎'"][i % 3]!, String(1000 + i)]) });
});
afterAll(() => data.close());

async function ask(policy: Policy, sql: string): Promise<{ readonly value: number | null; readonly withheld: boolean }> {
  const answer = await throughGate(data.connection, [pin(MANIFEST, policy)], sql);
  if (!answer.ok) return { value: null, withheld: true };
  const value = answer.value.rows[0]?.[0] ?? null;
  return { value: value === null ? null : Number(value), withheld: answer.value.withheld.length > 0 };
}

describe.each([
  "SELECT count(*) FROM people WHERE district = '东' AND ill = '肝炎'",
  "SELECT count(*) FROM people p JOIN people q USING (id) WHERE p.district = '东' AND q.ill = '肝炎'",
  "SELECT count(*) FROM people WHERE district = '东' AND id IN (SELECT id FROM people WHERE ill = '肝炎')",
  "SELECT count(*) FROM people p JOIN (VALUES ('肝炎')) v(i) ON p.ill = v.i WHERE district = '东'",
  "SELECT count(*) FROM people p JOIN (VALUES ('肝炎', '东')) v(i, d) ON p.ill = v.i AND p.district = v.d",
  "SELECT count(*) FROM (SELECT DISTINCT id, district FROM people WHERE ill = '肝炎') WHERE district = '东'",
  "SELECT count(*) FROM (SELECT id, district FROM people WHERE ill = '肝炎' GROUP BY id, district) WHERE district = '东'",
  "SELECT count(*) FROM (SELECT id, district FROM people INTERSECT SELECT id, district FROM people WHERE ill = '肝炎') WHERE district = '东'",
])('%s', (sql) => {
  test('tells it without the rule', async () => expect((await ask(openPolicy(MANIFEST.id, [MANIFEST]), sql)).value).toBe(ALL));
  test('and not with it', async () => expect((await ask(POLICY, sql)).value).toBeNull());
});

test('that no diagnosis may be told of forty is not told as their being none', async () => {
  const { value, withheld } = await ask(POLICY, "SELECT count(DISTINCT ill) FROM people WHERE district = '东'");
  // With three diagnoses one of them has at least fourteen of forty: 0, and not withheld, says that it has nearly all.
  expect(value === 0 && !withheld).toBe(false);
});
