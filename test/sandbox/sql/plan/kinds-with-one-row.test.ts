/**
 * A table with two kinds of unit, one with one row each and the other with many: of the first rows are counted, of the other units, and where there is
 * nothing left to ask about the first it is not asked.
 */
import { describe, expect, test } from 'vitest';
import { Manifest } from '#contract/manifest.ts';
import { Policy } from '#contract/policy.ts';
import { ledgerTownOf } from '../../../support/ledger-town.ts';

const manifest = Manifest.parse({ id: 'town', tables: { jobs: {
  file: 'jobs.csv', units: { person: 'id', firm: 'firm' }, maxRowsPerUnit: { person: 1, firm: 500 },
  columns: {
    id: { type: 'varchar', role: 'unit' }, firm: { type: 'varchar', role: 'unit' }, sector: { type: 'varchar', role: 'quasi', domain: ['a', 'b', 'c'], nullable: false },
    wage: { type: 'bigint', role: 'sensitive', min: '0', max: '1000000', nullable: false },
  },
} } });
/** Of 60 people in nine firms; in sector c twelve people of one. */
const wages = Array.from({ length: 60 }, (_, i) => ({ id: `p${i}`, firm: i < 12 ? 'f0' : `f${1 + (i % 8)}`, sector: i < 12 ? 'c' : i % 2 === 0 ? 'a' : 'b', wage: 1000 + i * 7 }));
const town = ledgerTownOf({ 'jobs.csv': `id,firm,sector,wage\n${wages.map((row) => `${row.id},${row.firm},${row.sector},${row.wage}\n`).join('')}` }, manifest);

const policy = (over: object = {}): Policy => Policy.parse({ policy: 'jobs', version: 1, dataset: 'town', statistics: {
  mechanism: { kind: 'suppress' }, units: { person: { min: 10 }, firm: { min: 3 } }, differencing: 'none',
  dimensions: { 'jobs.sector': { categories: 'all' } }, measures: { 'jobs.wage': ['count', 'sum', 'avg'] }, ...over,
} });
const rows = (own: Policy, sql: string): Promise<readonly (readonly unknown[])[] | null> => town.asking(own, async (operator) => (await operator.ask(sql)).result?.table.rows ?? null);
const total = (sector?: string): string => String(wages.reduce((sum, row) => sum + (sector === undefined || row.sector === sector ? row.wage : 0), 0));

describe.each([['threshold', {}], ['dominance', { dominance: [{ rule: 'p-percent', p: 10 }] }], ['ledger', { differencing: 'warn' }]])('%s', (_, over) => {
  test('a total', async () => expect(await rows(policy(over), 'SELECT count(*), sum(wage) FROM jobs')).toEqual([['60', total()]]));
  test('a table, of which one cell is of one firm', async () => {
    expect(await rows(policy(over), 'SELECT sector, sum(wage) FROM jobs GROUP BY sector ORDER BY sector')).toEqual([['a', total('a')], ['b', total('b')], ['c', null]]);
  });
});

test('where only the people count', async () => {
  expect(await rows(policy({ units: { person: { min: 10 }, firm: { min: 0 } } }), "SELECT sum(wage) FROM jobs WHERE sector = 'c'")).toEqual([[total('c')]]);
});
