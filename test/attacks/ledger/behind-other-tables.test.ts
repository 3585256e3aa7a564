/** A whole less its parts behind so many tables about other people that these alone are looked at: five jobs are enough. */
import { describe, expect, test } from 'vitest';
import { DISTRICTS, ledgerPolicy, people, type Person } from '../../support/ledger-domain.ts';
import { ledgerTown } from '../../support/ledger-town.ts';

const SECRET = 4321;
const random = (i: number): number => (Math.imul(i ^ (i >>> 7), 0x9e37_79b1) >>> 8) % 1000;
const rowsOf = (count: number, from: number, ages: number): readonly Person[] => people(count).flatMap((person, i) => [0, 1].map((row): Person => {
  const n = 31 * (2 * i + row) + from;
  return { id: `${from}p${i}`, district: DISTRICTS[random(n) % 4]!, age: from + random(n + 1) % ages, sex: random(n + 2) % 2 === 0 ? 'F' : 'M', income: 1000 + random(n + 3) };
}));
/** Nobody is both young and old. */
const town = ledgerTown([...rowsOf(5000, 0, 80), ...rowsOf(150, 90, 20), { id: '90p0', district: DISTRICTS[0]!, age: 115, sex: 'F', income: SECRET }], 3);

const WEST = `district IN ('${DISTRICTS[0]}', '${DISTRICTS[1]}')`;
const PARTS = [[WEST, 1], ["sex = 'F'", 1], [`${WEST} AND sex = 'F'`, -1], [`NOT ${WEST} AND sex = 'M'`, 1]] as const;
const OTHERS = Array.from({ length: 5 }, (_, job) => Array.from({ length: 30 }, (_table, i) => `SELECT count(*) FROM people WHERE age < ${20 + 2 * ((30 * job + i) % 30)} AND district <> '${DISTRICTS[job % 4]!}'${job === 4 ? " AND sex = 'F'" : ''}`).join(' UNION ALL '));

describe.each([[0], [5]])('behind %i jobs', (jobs) => {
  const told = (differencing: 'none' | 'refuse'): Promise<number> => town.asking(ledgerPolicy(differencing), async (operator, other) => {
    let parts = 0;
    for (const [condition, factor] of PARTS) parts += factor * Number((await other.ask(`SELECT count(*) FROM people WHERE age BETWEEN 90 AND 110 AND ${condition}`)).result?.table.rows[0]?.[0] ?? NaN);
    for (const sql of OTHERS.slice(0, jobs)) expect((await operator.ask(sql)).kind).toBe('released');
    return Number((await operator.ask('SELECT count(*) FROM people WHERE age >= 90')).result?.table.rows[0]?.[0] ?? NaN) - parts;
  });
  test('tells one person without the ledger', async () => expect(await told('none')).toBe(1));
  test('and not with it', async () => expect(await told('refuse')).not.toBe(1), 60_000);
});
