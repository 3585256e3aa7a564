/**
 * A count of rows of which a unit may have many is a magnitude: one person with nine hundred of 950 visits is told by the count as by a sum
 * of ones. A self-join makes it worse: every person counts with the square of their visits, so the root of the count is the visits of
 * the one who has most.
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
    visits: { file: 'v.csv', units: { person: 'id' }, columns: { id: { type: 'varchar', role: 'unit' }, ward: { type: 'varchar', role: 'quasi', domain: ['内科', '外科'], nullable: false }, cost: { type: 'integer', role: 'sensitive', min: '0', max: '1000', nullable: false } } },
  },
});
const POLICY = Policy.parse({
  policy: 'ward', version: 1, dataset: 'ward',
  statistics: {
    mechanism: { kind: 'suppress' }, units: { person: { min: 10 } }, secondary: 'required', dominance: [{ rule: 'p-percent', p: 10 }, { rule: 'nk', n: 2, k: 85 }],
    dimensions: { 'visits.ward': { categories: 'all' } }, measures: { 'visits.cost': ['count', 'sum', 'avg'] }, joins: 'any',
  },
});
const VISITS = 900;

let data: TestData;
beforeAll(async () => {
  data = await openTables(MANIFEST, {
    visits: [...Array.from({ length: VISITS }, () => ["'P0'", "'内科'", '10']), ...Array.from({ length: 50 }, (_, i) => [`'P${1 + (i % 25)}'`, "'内科'", '10']), ...Array.from({ length: 80 }, (_, i) => [`'P${i % 40}'`, "'外科'", '10'])],
  });
});
afterAll(() => data.close());

async function ask(expression: string, policy: Policy, from = 'visits'): Promise<number | null> {
  const answer = await throughGate(data.connection, [pin(MANIFEST, policy)], `SELECT ${expression} FROM ${from} WHERE ward = '内科'`);
  return !answer.ok || answer.value.rows[0]?.[0] == null ? null : Number(answer.value.rows[0][0]);
}

/** To within ten percent of what one person has. */
const tells = (seen: number | null): boolean => seen !== null && Math.abs(seen - VISITS) < 0.1 * VISITS;

describe.each([
  ['count(*)', (seen: number) => seen], ['count(cost)', (seen: number) => seen], ['sum(1)', (seen: number) => seen], ['sum(cost)', (seen: number) => seen / 10],
  ["count(*) FILTER (WHERE ward = '内科')", (seen: number) => seen], ['avg(1) * count(*)', (seen: number) => seen],
] as const)('%s', (expression, attack) => {
  const told = async (policy: Policy): Promise<boolean> => {
    const seen = await ask(expression, policy);
    return tells(seen === null ? null : attack(seen));
  };
  test('tells the visits of one without rules', async () => expect(await told(openPolicy(MANIFEST.id, [MANIFEST]))).toBe(true));
  test('and not with them', async () => expect(await told(POLICY)).toBe(false));
});

test('nor does the root of a count of pairs', async () => {
  const pairs = async (policy: Policy): Promise<number | null> => {
    const answer = await throughGate(data.connection, [pin(MANIFEST, policy)], "SELECT count(*) FROM visits v JOIN visits w ON v.id = w.id WHERE v.ward = '内科' AND w.ward = '内科'");
    return !answer.ok || answer.value.rows[0]?.[0] == null ? null : Math.round(Math.sqrt(Number(answer.value.rows[0][0])));
  };
  expect(await pairs(openPolicy(MANIFEST.id, [MANIFEST]))).toBe(VISITS);
  expect(await pairs(POLICY)).not.toBe(VISITS);
});

test('where nobody has most of them, counts are released', async () => {
  const answer = await throughGate(data.connection, [pin(MANIFEST, POLICY)], "SELECT count(*), sum(cost) FROM visits WHERE ward = '外科'");
  expect(answer.ok ? answer.value.rows : answer.error).toEqual([['80', '800']]);
});

test('and how many have any is told beside a count of rows that is not', async () => {
  const answer = await throughGate(data.connection, [pin(MANIFEST, POLICY)], "SELECT ward, count(*), count(DISTINCT id), avg(cost) FROM visits GROUP BY ward ORDER BY count(DISTINCT id)");
  expect(answer.ok ? answer.value.rows : answer.error).toEqual([['内科', null, '26', null], ['外科', '80', '40', 10]]);
});
