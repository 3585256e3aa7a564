/**
 * A whole less its parts after so many tables that their numbers are many beside the people. Samples of classes are then large parts of all, and where several people
 * differ, every sample holds one of them: what follows is not found, and so nothing leaves that might follow.
 */
import { expect, test } from 'vitest';
import type { Policy } from '#contract/policy.ts';
import { DISTRICTS, ledgerPolicy, people, type Person } from '../../support/ledger-domain.ts';
import { ledgerTown } from '../../support/ledger-town.ts';

const SECRET = 4320;
const ROWS = 5;
const random = (i: number): number => {
  const h = Math.imul(i ^ (i >>> 15), 0x85eb_ca6b);
  const mixed = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) % 1000;
};
const anywhere = (n: number): Pick<Person, 'district' | 'age' | 'sex'> => ({ district: DISTRICTS[random(n + 1) % 4]!, age: 20 + random(3 * n + 1) % 60, sex: random(7 * n + 2) % 2 === 0 ? 'F' : 'M' });
/** One row of an age of its own, and others like everybody's. */
const apart = (id: string, i: number, age: number, income: number): readonly Person[] => Array.from({ length: ROWS }, (_, row): Person => ({ id, ...anywhere(31 * (900_000 + ROWS * i + row)), ...(row === 0 ? { age, income } : { income: 1500 }) }));
const town = ledgerTown([
  ...people(600).flatMap((person, i) => Array.from({ length: 2 + random(i * 17 + 3) % (ROWS - 1) }, (_, row) => ({ ...person, ...anywhere(31 * (ROWS * i + row)), income: 1000 + random(31 * (ROWS * i + row) + 5) }))),
  ...apart('target', 0, 110, SECRET), ...Array.from({ length: 8 }, (_, i) => apart(`known${i}`, i + 1, 111 + i, 3000)).flat(),
], ROWS);

const IN_BETWEEN = ['district', 'sex', 'age', 'district, sex', 'district, age', 'sex, age', 'district, sex, age'].flatMap((by) => [70, 33, 44, 55, 66].map((age) => `SELECT ${by}, sum(income) FROM people WHERE age <> ${age} GROUP BY ${by}`));
const PARTS: readonly ((left: string) => readonly string[])[] = [
  (left) => ['SELECT district, sum(income) FROM people WHERE age < 50 GROUP BY district', `SELECT sex, sum(income) FROM people WHERE age >= 50 AND NOT (${left}) GROUP BY sex`],
  (left) => [`SELECT sex, sum(income) FROM people WHERE NOT (${left}) GROUP BY sex`],
  (left) => [`SELECT age < 40 AS a, age < 60 AS b, district, sex, sum(income) FROM people WHERE NOT (${left}) GROUP BY a, b, district, sex`],
];
const WHOLES = ['SELECT sum(income) FROM people', 'SELECT age, district, sex, sum(income) FROM people GROUP BY GROUPING SETS ((age, district, sex), ())'];

/** In how many ways, two with each of the parts, the person is told exactly. @param known of how many the attacker knows the income: they are left out as well */
async function told(policy: Policy, known: number, all: typeof PARTS): Promise<number> {
  let times = 0;
  for (const parts of all) {
    for (const whole of WHOLES) {
      const difference = await town.asking(policy, async (operator, other) => {
        for (const sql of IN_BETWEEN) await operator.ask(sql);
        const numbers: number[] = [];
        for (const sql of parts(`age BETWEEN 110 AND ${110 + known}`)) numbers.push(...(await other.ask(sql)).result?.table.rows.map((row) => -Number(row.at(-1) ?? NaN)) ?? [NaN]);
        const { result } = await operator.ask(whole);
        numbers.push(Number(result?.table.rows.find((row) => row.slice(0, -1).every((key) => key === null))?.at(-1) ?? NaN));
        return numbers.reduce((sum, number) => sum + number, 0) - 3000 * known;
      });
      if (Math.round(difference) === SECRET) times++;
    }
  }
  return times;
}

test('without the ledger, in all six ways', async () => expect(await told(ledgerPolicy('none'), 8, PARTS)).toBe(6), 120_000);
test('with it, who is left out alone in none', async () => expect(await told(ledgerPolicy('warn'), 0, PARTS.slice(0, 1))).toBe(0), 120_000);
test('nor who is left out with eight whom the attacker knows', async () => expect(await told(ledgerPolicy('warn'), 8, PARTS)).toBe(0), 120_000);
