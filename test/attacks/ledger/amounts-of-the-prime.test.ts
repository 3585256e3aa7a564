/** A whole less its parts, where what some people add is always a multiple of the prime that numbers are compared by: they seem to be in no known number, and nothing seems to follow. */
import { describe, expect, test } from 'vitest';
import { Manifest } from '#contract/manifest.ts';
import { ledgerPolicy } from '../../support/ledger-domain.ts';
import { ledgerTownOf } from '../../support/ledger-town.ts';

const PRIME = 67_108_859;
const SECRET = 4321;
const random = (i: number): number => (Math.imul(i ^ (i >>> 7), 0x9e37_79b1) >>> 8) % 1000;
const manifest = Manifest.parse({ id: 'town', tables: { bills: {
  file: 'bills.csv', units: { person: 'id' }, maxRowsPerUnit: { person: 3 },
  columns: { id: { type: 'varchar', role: 'unit' }, year: { type: 'integer', role: 'quasi', min: '0', max: '99', nullable: false }, amount: { type: 'bigint', role: 'sensitive', min: '0', max: '1000000000' } },
} } });
/** @param multiples so many people of four hundred */
const townOf = (multiples: number) => ledgerTownOf({ 'bills.csv': `id,year,amount\n${Array.from({ length: 400 }, (_, i) => [0, 1].map((row) => `p${i},${random(2 * i + row) % 50},${i < multiples ? PRIME * (1 + random(i + row) % 9) : 1000 + random(5 * i + row)}\n`).join('')).join('')}p399,99,${SECRET}\n` }, manifest);

describe.each([0, 1, 9, 40, 400])('%i people', (multiples) => {
  const town = townOf(multiples);
  const told = (differencing: 'none' | 'warn' | 'refuse'): Promise<number | null> => town.total(
    ledgerPolicy(differencing, { dimensions: { 'bills.year': { levels: ['year'] } }, measures: { 'bills.amount': ['count', 'sum'] }, joins: [] }),
    [['SELECT sum(amount) FROM bills WHERE year < 25', -1], ['SELECT sum(amount) FROM bills WHERE year BETWEEN 25 AND 98', -1], ['SELECT sum(amount) FROM bills', 1]],
  );
  test('one person is told without the ledger', async () => expect(await told('none')).toBe(SECRET));
  test.each(['warn', 'refuse'] as const)('and not with it (%s)', async (differencing) => expect(await told(differencing)).not.toBe(SECRET));
});
