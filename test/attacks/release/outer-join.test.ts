/**
 * An outer join counts who has no row once and who has many as often: the rows of one are told by a number over many. Twenty live in
 * 东街, and only one of them has visits: count(*) − (20 − 1) is how many.
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
    people: { file: 'p.csv', units: { person: 'id' }, maxRowsPerUnit: { person: 1 }, columns: { id: { type: 'varchar', role: 'unit' }, street: { type: 'varchar', role: 'quasi', domain: ['东街', '西街'] }, income: { type: 'integer', role: 'sensitive', min: '0', max: '100000' } } },
    visits: { file: 'v.csv', units: { person: 'id' }, columns: { id: { type: 'varchar', role: 'unit', references: 'people.id' }, cost: { type: 'integer', role: 'sensitive', min: '0', max: '1000', nullable: false } } },
  },
});
const POLICY = Policy.parse({
  policy: 'ward', version: 1, dataset: 'ward',
  statistics: {
    mechanism: { kind: 'suppress' }, units: { person: { min: 10 } }, dimensions: { 'people.street': { categories: 'all' } },
    measures: { 'people.income': ['count', 'sum', 'avg'], 'visits.cost': ['count', 'sum', 'avg'] }, joins: [['people.id', 'visits.id']],
  },
});
const VISITS = 57;

let data: TestData;
beforeAll(async () => {
  data = await openTables(MANIFEST, {
    people: Array.from({ length: 40 }, (_, i) => [`'P${i}'`, i < 20 ? "'东街'" : "'西街'", String(1000 + 10 * i)]),
    visits: [...Array.from({ length: VISITS }, () => ["'P7'", '10']), ...Array.from({ length: 60 }, (_, i) => [`'P${20 + (i % 20)}'`, '20'])],
  });
});
afterAll(() => data.close());

const JOINED = "FROM people LEFT JOIN visits USING (id) WHERE street = '东街'";

async function ask(expression: string, policy: Policy): Promise<number | null> {
  const answer = await throughGate(data.connection, [pin(MANIFEST, policy)], `SELECT ${expression} ${JOINED}`);
  return !answer.ok || answer.value.rows[0]?.[0] == null ? null : Number(answer.value.rows[0][0]);
}

/** What the attacker makes of the number. */
const ATTACKS: readonly (readonly [string, (seen: number) => number])[] = [
  ['count(*)', (seen) => seen - 19],
  ['count(people.income)', (seen) => seen - 19],
  ['sum(people.income)', (seen) => (seen - Array.from({ length: 20 }, (_, i) => 1000 + 10 * i).reduce((a, b) => a + b, 0)) / 1070 + 1],
  ['sum(CASE WHEN people.income > 0 THEN 1 ELSE 0 END)', (seen) => seen - 19],
  ['count(*) FILTER (WHERE cost IS NULL OR cost > 0)', (seen) => seen - 19],
  ['sum(coalesce(cost, 0)) + 0 * count(cost)', (seen) => seen / 10],
  ['count(cost)', (seen) => seen],
];

describe.each(ATTACKS)('%s', (expression, attack) => {
  test('tells the visits of one without protection', async () => {
    expect(attack(await ask(expression, openPolicy(MANIFEST.id, [MANIFEST])) ?? Number.NaN)).toBe(VISITS);
  });

  test('and nothing under a minimum of ten', async () => {
    expect(await ask(expression, POLICY)).toBeNull();
  });
});
