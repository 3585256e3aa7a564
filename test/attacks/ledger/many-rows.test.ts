/**
 * A whole less its parts where everybody has several rows, no two people the same ones: thousands of units of which each is a class of its own, and other tables
 * in between that cut them in other ways.
 */
import { describe, expect, test } from 'vitest';
import type { Policy } from '#contract/policy.ts';
import { DISTRICTS, ledgerPolicy, people, type Person } from '../../support/ledger-domain.ts';
import { ledgerTown, type LedgerTown } from '../../support/ledger-town.ts';

const ROWS = 5;
const SECRET = 987_654;
const random = (i: number): number => (Math.imul(i ^ (i >>> 7), 0x9e37_79b1) >>> 8) % 1000;
const ofAge = (age: number, id: string, income: number): readonly Person[] => [0, 1, 2].map((row) => ({ id, district: DISTRICTS[row]!, age, sex: row === 0 ? 'M' : 'F', income: income / 3 }));
const TARGET = ofAge(110, 'target', SECRET);
/** Whose income the attacker knows: they are left out with the target, so that more than one differ. */
const KNOWN = Array.from({ length: 8 }, (_, i) => ofAge(111 + i, `known${i}`, 3000)).flat();

/** Each row of a person is of another district, age and sex. */
const townOf = (size: number): LedgerTown => ledgerTown([...people(size).flatMap((person, i) => Array.from({ length: 1 + random(i) % ROWS }, (_, row) => {
  const n = ROWS * i + row;
  return { ...person, district: DISTRICTS[random(n) % 4]!, age: 20 + random(3 * n + 1) % 60, sex: random(7 * n + 2) % 2 === 0 ? 'F' : 'M', income: 1000 + random(n + 5) };
})), ...TARGET, ...KNOWN], ROWS);

const IN_BETWEEN = ['district', 'sex', 'age', 'district, sex', 'district, age', 'sex, age'].map((by) => `SELECT ${by}, sum(income) FROM people WHERE age <> 70 GROUP BY ${by}`);
/** The target is in none of the parts, nor are so many whom the attacker knows. */
const ATTACKS: readonly (readonly [name: string, whole: string, parts: (left: string) => readonly string[]])[] = [
  ['parts of one table', 'SELECT sum(income) FROM people', (left) => [`SELECT district, sex, sum(income) FROM people WHERE NOT (${left}) GROUP BY district, sex`]],
  ['parts of two', 'SELECT sum(income) FROM people', (left) => ['SELECT district, sum(income) FROM people WHERE age < 50 GROUP BY district', `SELECT sex, sum(income) FROM people WHERE age >= 50 AND NOT (${left}) GROUP BY sex`]],
];

const added = (rows: readonly (readonly unknown[])[]): number => rows.reduce((sum, row) => sum + Number(row.at(-1) ?? NaN), 0);

async function told(town: LedgerTown, policy: Policy, [, whole, parts]: (typeof ATTACKS)[number], left: number): Promise<number | null> {
  return town.asking(policy, async (operator, other) => {
    const ask = async (of: typeof operator, sql: string): Promise<number | null> => {
      const { result } = await of.ask(sql);
      return result === null ? null : added(result.table.rows);
    };
    const cells: (number | null)[] = [];
    for (const part of parts(`age BETWEEN 110 AND ${110 + left}`)) cells.push(await ask(other, part));
    for (const sql of IN_BETWEEN) await operator.ask(sql);
    const all = await ask(operator, whole);
    return all === null || cells.includes(null) ? null : Math.round(all - cells.reduce<number>((sum, cell) => sum + (cell ?? 0), 0) - 3000 * left);
  });
}

/** Unions of districts, in each of which the target has a row: the same few differ in every number of one question. */
const UNIONS = Array.from({ length: 15 }, (_, i) => DISTRICTS.filter((_district, d) => (((i + 1) >> d) & 1) === 1));

async function toldByUnion(town: LedgerTown, policy: Policy, left: number): Promise<readonly number[]> {
  return town.asking(policy, async (operator, other) => {
    const { result: parts } = await other.ask(`SELECT district, sex, sum(income) FROM people WHERE NOT (age BETWEEN 110 AND ${110 + left}) GROUP BY district, sex`);
    // A number that follows from those but for some thirty others, of whom none need be in a sample.
    await other.ask(`SELECT sex, sum(income) FROM people WHERE NOT (age BETWEEN 110 AND ${110 + left}) AND NOT (age = 71 AND district = '市南' AND sex = 'F') GROUP BY sex`);
    const branches = UNIONS.map((of) => `sum(income) FILTER (WHERE district IN (${of.map((district) => `'${district}'`).join()}))`);
    const { result: wholes } = await operator.ask(`SELECT ${branches.join()} FROM people`);
    return UNIONS.map((of, i) => Number(wholes?.table.rows[0]?.[i] ?? NaN) - added((parts?.table.rows ?? []).filter(([district]) => of.includes(String(district)))));
  });
}

describe.each([0, 8])('of unions that share a person and %i others', (left) => {
  const town = townOf(5000);
  const truth = UNIONS.map((of) => [...TARGET, ...KNOWN.slice(0, 3 * left)].filter(({ district }) => of.includes(district)).reduce((sum, { income }) => sum + income, 0));
  test('each tells rows without the ledger', async () => expect(await toldByUnion(town, ledgerPolicy('none'), left)).toEqual(truth), 60_000);
  test('none does with it', async () => {
    for (const [i, told] of (await toldByUnion(town, ledgerPolicy('warn'), left)).entries()) expect(truth[i]! > 0 && Math.abs(told - truth[i]!) < 300, `${UNIONS[i]!.join()}: ${told}`).toBe(false);
  }, 60_000);
});

describe.each([[5000, [0, 3, 8]], [800, [8]]])('of %i persons', (size, lefts) => {
  const town = townOf(size);
  describe.each(ATTACKS)('%s', (...attack) => {
    test.each(lefts)('tell the person without the ledger, and %i others', async (left) => expect(await told(town, ledgerPolicy('none'), attack, left)).toBe(SECRET), 60_000);
    test.each(lefts)('tell nothing with it, nor of %i others', async (left) => {
      const difference = await told(town, ledgerPolicy('warn'), attack, left);
      // Nearer than anybody else's income.
      expect(difference === null || Number.isNaN(difference) || Math.abs(difference - SECRET) > 1000, String(difference)).toBe(true);
    }, 60_000);
  });
});
