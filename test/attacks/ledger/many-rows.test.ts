/**
 * A whole less its parts where everybody has several rows, no two people the same ones: thousands of units of which each is a class of its own, and other tables
 * in between that cut them in other ways.
 */
import { expect, test } from 'vitest';
import type { Policy } from '#contract/policy.ts';
import { DISTRICTS, ledgerPolicy, people } from '../../support/ledger-domain.ts';
import { ledgerTown } from '../../support/ledger-town.ts';

const ROWS = 5;
const SECRET = 987_654;
const random = (i: number): number => (Math.imul(i ^ (i >>> 7), 0x9e37_79b1) >>> 8) % 1000;
/** Each row of a person is of another district, age and sex. */
const TOWN = people(5000).flatMap((person, i) => Array.from({ length: 1 + random(i) % ROWS }, (_, row) => {
  const n = ROWS * i + row;
  return { ...person, district: DISTRICTS[random(n) % 4]!, age: 20 + random(3 * n + 1) % 60, sex: random(7 * n + 2) % 2 === 0 ? 'F' : 'M', income: 1000 + random(n + 5) };
}));
const TARGET = [0, 1, 2].map((row) => ({ id: 'target', district: DISTRICTS[row]!, age: 110, sex: row === 0 ? 'M' : 'F', income: SECRET / 3 }));

const town = ledgerTown([...TOWN, ...TARGET], ROWS);

const IN_BETWEEN = ['district', 'sex', 'age', 'district, sex', 'district, age', 'sex, age'].map((by) => `SELECT ${by}, sum(income) FROM people WHERE age <> 70 GROUP BY ${by}`);
/** The target is in none of the parts. */
const ATTACKS: readonly (readonly [name: string, whole: string, parts: readonly string[]])[] = [
  ['parts of one table', 'SELECT sum(income) FROM people', ['SELECT district, sex, sum(income) FROM people WHERE age <> 110 GROUP BY district, sex']],
  ['parts of two', 'SELECT sum(income) FROM people', ['SELECT district, sum(income) FROM people WHERE age < 50 GROUP BY district', 'SELECT sex, sum(income) FROM people WHERE age BETWEEN 50 AND 100 GROUP BY sex']],
];

const added = (rows: readonly (readonly unknown[])[]): number => rows.reduce((sum, row) => sum + Number(row.at(-1) ?? NaN), 0);

async function told(policy: Policy, whole: string, parts: readonly string[]): Promise<number | null> {
  return town.asking(policy, async (operator, other) => {
    const ask = async (of: typeof operator, sql: string): Promise<number | null> => {
      const { result } = await of.ask(sql);
      return result === null ? null : added(result.table.rows);
    };
    const cells: (number | null)[] = [];
    for (const part of parts) cells.push(await ask(other, part));
    for (const sql of IN_BETWEEN) await operator.ask(sql);
    const all = await ask(operator, whole);
    return all === null || cells.includes(null) ? null : Math.round(all - cells.reduce<number>((sum, cell) => sum + (cell ?? 0), 0));
  });
}

test.each(ATTACKS)('%s tell the person without the ledger', async (_, whole, parts) => expect(await told(ledgerPolicy('none'), whole, parts)).toBe(SECRET), 60_000);
test.each(ATTACKS)('%s tell nothing with it', async (_, whole, parts) => {
  const difference = await told(ledgerPolicy('warn'), whole, parts);
  expect(difference === null || difference === 0).toBe(true);
}, 60_000);
