/** A whole less its parts where everybody has several rows: by self-joins, distinct persons, persons who have a row somewhere, sums of each person's rows, averages times numbers. */
import { describe, expect, test } from 'vitest';
import { DISTRICTS, ledgerPolicy, people, type Person } from '../../support/ledger-domain.ts';
import { ledgerTown, type Counted } from '../../support/ledger-town.ts';

const SECRET = 4320;
const ROWS = 3;
const random = (i: number): number => (Math.imul(i ^ (i >>> 7), 0x9e37_79b1) >>> 8) % 1000;
const TOWN = [...people(300).flatMap((person, i) => Array.from({ length: 2 + random(i) % 2 }, (_, row) => {
  const n = ROWS * i + row;
  return { ...person, district: DISTRICTS[random(n) % 4]!, age: 20 + random(3 * n + 1) % 60, sex: random(7 * n + 2) % 2 === 0 ? 'F' : 'M', income: 1000 + random(n + 5) };
})), ...Array.from({ length: ROWS }, (_, i): Person => ({ id: 'target', district: DISTRICTS[i]!, age: 110, sex: i === 0 ? 'F' : 'M', income: SECRET / ROWS }))];
const town = ledgerTown(TOWN, ROWS);

const SELF = 'people a JOIN people b ON a.id = b.id';
const OLD = 'id IN (SELECT id FROM people WHERE age = 110)';
const of = (sex: string): string => `id IN (SELECT id FROM people WHERE sex = '${sex}')`;

const ATTACKS: Readonly<Record<string, readonly [secret: number, questions: readonly Counted[]]>> = {
  'each row as often as its person has some': [ROWS * SECRET, [[`SELECT b.sex, sum(a.income) FROM ${SELF} WHERE b.age <> 110 GROUP BY b.sex`, -1], [`SELECT sum(a.income) FROM ${SELF}`, 1]]],
  'pairs of rows of a person': [ROWS ** 2, [[`SELECT b.sex, a.district, count(*) FROM ${SELF} WHERE b.age <> 110 GROUP BY b.sex, a.district`, -1], [`SELECT count(*) FROM ${SELF}`, 1]]],
  'sums of each joined to its rows': [ROWS * SECRET, [['SELECT a.sex, sum(c.s) FROM people a JOIN (SELECT id, sum(income) AS s FROM people GROUP BY id) c ON a.id = c.id WHERE a.age <> 110 GROUP BY a.sex', -1], [`SELECT sum(a.income) FROM ${SELF}`, 1]]],
  'persons in a district and pairs of a person and a district': [ROWS, [['SELECT district, count(DISTINCT id) FROM people WHERE age <> 110 GROUP BY district', -1], ['SELECT count(*) FROM (SELECT id, district FROM people GROUP BY id, district)', 1]]],
  'persons with some rows or others, less those with both': [1, [['SELECT sex, count(DISTINCT id) FROM people WHERE age <> 110 GROUP BY sex', -1], [`SELECT count(DISTINCT id) FROM people WHERE ${of('F')} AND ${of('M')} AND NOT ${OLD}`, 1], ['SELECT count(DISTINCT id) FROM people', 1]]],
  'their sums': [SECRET, [[`SELECT sum(income) FROM people WHERE ${of('F')} AND NOT ${OLD}`, -1], [`SELECT sum(income) FROM people WHERE ${of('M')} AND NOT ${OLD}`, -1], [`SELECT sum(income) FROM people WHERE ${of('F')} AND ${of('M')} AND NOT ${OLD}`, 1], ['SELECT sum(income) FROM people', 1]]],
  'sums of each by district, rows by district': [SECRET, [["SELECT district, sum(s) FROM (SELECT id, district, sum(income) AS s FROM people WHERE age <> 110 AND sex = 'F' GROUP BY id, district) GROUP BY district", -1], ["SELECT district, sum(income) FROM people WHERE age <> 110 AND sex = 'M' GROUP BY district", -1], ['SELECT sum(s) FROM (SELECT id, sum(income) AS s FROM people GROUP BY id)', 1]]],
  'the average of each sum, times the persons': [SECRET, [['SELECT sex, sum(income) FROM people WHERE age <> 110 GROUP BY sex', -1], ['SELECT avg(s) FROM (SELECT id, sum(income) AS s FROM people GROUP BY id)', 301]]],
};

describe.each(Object.entries(ATTACKS))('%s', (_, [secret, questions]) => {
  const told = async (differencing: 'none' | 'warn' | 'refuse'): Promise<number | null> => {
    const total = await town.total(ledgerPolicy(differencing), questions);
    return total === null ? null : Math.round(total);
  };
  test('tell of one person without the ledger', async () => expect(await told('none')).toBe(secret));
  test.each(['warn', 'refuse'] as const)('and not with it (%s)', async (differencing) => expect(await told(differencing)).not.toBe(secret));
});
