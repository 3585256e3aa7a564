/** What is computed from several numbers of a unit is released where each of them may be, also beside a question about sensitive attributes. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Manifest } from '#contract/manifest.ts';
import { Policy } from '#contract/policy.ts';
import { openTables, pin, type TestData } from '../../support/sql/tables.ts';
import { throughGate } from '../../support/sql/through-gate.ts';

const MANIFEST = Manifest.parse({
  id: 'ward',
  tables: {
    visits: {
      file: 'v.csv', units: { person: 'id' },
      columns: {
        id: { type: 'varchar', role: 'unit' }, disease: { type: 'varchar', role: 'sensitive', domain: ['甲', '乙', '丙'], nullable: false },
        cost: { type: 'integer', role: 'sensitive', min: '0', max: '1000' }, paid: { type: 'integer', role: 'sensitive', min: '0', max: '1000' },
      },
    },
  },
});
const POLICY = Policy.parse({
  policy: 'ward', version: 1, dataset: 'ward',
  statistics: {
    mechanism: { kind: 'suppress' }, units: { person: { min: 10 } }, secondary: 'required', dominance: [{ rule: 'p-percent', p: 10 }],
    dimensions: { 'visits.disease': { categories: 'all' } }, measures: { 'visits.cost': ['count', 'sum', 'avg'], 'visits.paid': ['count', 'sum', 'avg'] },
  },
});
/** Each of 90 persons has three visits, for one disease. */
const ROWS = Array.from({ length: 270 }, (_, i) => ({ id: `P${i % 90}`, disease: ['甲', '乙', '丙'][i % 3] ?? '', cost: 100 + (i % 7), paid: 10 + (i % 5) }));
const sum = (of: (row: (typeof ROWS)[number]) => number, rows = ROWS): string => String(rows.reduce((total, row) => total + of(row), 0));

let data: TestData;
beforeAll(async () => {
  data = await openTables(MANIFEST, { visits: ROWS.map(({ id, disease, cost, paid }) => [`'${id}'`, `'${disease}'`, String(cost), String(paid)]) });
});
afterAll(() => data.close());

test.each([
  ['SELECT sum(n) FROM (SELECT id, sum(cost) + sum(paid) AS n FROM visits GROUP BY id)', sum(({ cost, paid }) => cost + paid)],
  ['SELECT sum(n) FROM (SELECT id, sum(cost) + 2 * count(*) AS n FROM visits GROUP BY id)', sum(({ cost }) => cost + 2)],
  ["SELECT sum(n) FROM (SELECT id, disease, sum(cost) + 2 * count(*) AS n FROM visits GROUP BY id, disease) WHERE disease = '甲' OR disease = '乙'",
    sum(({ cost }) => cost + 2, ROWS.filter(({ disease }) => disease !== '丙'))],
])('%s', async (sql, expected) => {
  const answer = await throughGate(data.connection, [pin(MANIFEST, POLICY)], sql);
  expect(answer.ok ? answer.value.rows : answer.error).toEqual([[expected]]);
});
