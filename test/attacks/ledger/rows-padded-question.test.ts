/**
 * A whole less its two parts, where the question about the whole asks for so many other numbers that the people are no more than they are: groups, and the same with
 * one age left out in other columns, as the operator likes. Two earlier numbers are known, and one person differs, or some more that the attacker knows.
 */
import { describe, expect, test } from 'vitest';
import type { Policy } from '#contract/policy.ts';
import { DISTRICTS, ledgerPolicy, people, type Person } from '../../support/ledger-domain.ts';
import { ledgerTown, type LedgerTown } from '../../support/ledger-town.ts';

const SECRET = 4320;
const random = (i: number): number => {
  const h = Math.imul(i ^ (i >>> 15), 0x85eb_ca6b);
  const mixed = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) % 1000;
};
/** Row `row` of person `i`, anywhere. */
const anywhere = (i: number, row: number): Pick<Person, 'district' | 'age' | 'sex'> => {
  const n = 31 * (6 * i + row) + 7;
  return { district: DISTRICTS[random(n + 1) % 4]!, age: 20 + random(3 * n + 1) % 60, sex: random(7 * n + 2) % 2 === 0 ? 'F' : 'M' };
};
/** One row of an age of its own, and others like everybody's. */
const apart = (id: string, i: number, age: number, income: number, rows: number): readonly Person[] =>
  Array.from({ length: rows }, (_, row): Person => ({ id, ...anywhere(90_000 + i, row), ...(row === 0 ? { age, income } : { income: 1500 }) }));
const townOf = (size: number, rows: number): LedgerTown => ledgerTown([
  ...people(size).flatMap((person, i) => Array.from({ length: rows - random(i) % 2 }, (_, row) => ({ ...person, ...anywhere(i, row), income: 1000 + random(i + 5 * row) }))),
  ...apart('target', 0, 110, SECRET, rows), ...Array.from({ length: 8 }, (_, i) => apart(`known${i}`, i + 1, 111 + i, 3000, rows)).flat(),
], rows);

/** The whole, or its districts, in the last column. @param columns that leave one age out, each another. */
const padded = (whole: string, by: string, columns: number, number: string): string =>
  `SELECT district, a, ${Array.from({ length: columns }, (_, i) => `${number} FILTER (WHERE age <> ${30 + i}) AS x${i}, `).join('')}${number} FROM (SELECT *, CASE WHEN age < 79 THEN age ELSE 79 END AS a FROM people) GROUP BY GROUPING SETS ((${whole}), (${by}))`;

async function told(town: LedgerTown, policy: Policy, number: string, left: number, whole: string, by: string, columns: number): Promise<number | null> {
  return town.asking(policy, async (operator, other) => {
    const { result: parts } = await other.ask(`SELECT sex, ${number} FROM people WHERE age NOT BETWEEN 110 AND ${110 + left} GROUP BY sex`);
    const { result } = await operator.ask(padded(whole, by, columns, number));
    const sum = (rows: readonly (readonly unknown[])[]): number => rows.reduce((all, row) => all + Number(row.at(-1) ?? NaN), 0);
    // By age nothing else has no age.
    const cells = result?.table.rows.filter(([district, age]) => age === null && (whole === '' ? district === null : district !== null)) ?? [];
    return parts === null || cells.length === 0 ? null : sum(cells) - sum(parts.table.rows) - (number === 'count(*)' ? left : 3000 * left);
  });
}

describe.each([
  { size: 400, rows: 6, number: 'sum(income)', left: 0, whole: '', by: 'a, district', columns: 16, secret: SECRET },
  { size: 400, rows: 6, number: 'count(*)', left: 0, whole: '', by: 'a, district', columns: 8, secret: 1 },
  { size: 1000, rows: 6, number: 'sum(income)', left: 0, whole: '', by: 'a, district', columns: 8, secret: SECRET },
  { size: 3000, rows: 3, number: 'sum(income)', left: 8, whole: '', by: 'a, district', columns: 3, secret: SECRET },
  // From the parts and others of its own, which pad as well.
  { size: 400, rows: 3, number: 'sum(income)', left: 0, whole: 'district', by: 'a', columns: 45, secret: SECRET },
  { size: 400, rows: 6, number: 'sum(income)', left: 0, whole: 'district', by: 'a, district', columns: 3, secret: SECRET },
  { size: 400, rows: 6, number: 'count(*)', left: 0, whole: 'district', by: 'a, district', columns: 8, secret: 1 },
  { size: 1000, rows: 3, number: 'sum(income)', left: 0, whole: 'district', by: 'a, district', columns: 16, secret: SECRET },
  { size: 3000, rows: 3, number: 'sum(income)', left: 0, whole: 'district', by: 'a, district', columns: 24, secret: SECRET },
  { size: 3000, rows: 3, number: 'sum(income)', left: 4, whole: 'district', by: 'a, district', columns: 8, secret: SECRET },
  { size: 3000, rows: 3, number: 'sum(income)', left: 8, whole: 'district', by: 'a, district', columns: 3, secret: SECRET },
])('$number over $size persons with up to $rows rows, $left known besides, $columns more columns by $by, the whole by "$whole"', ({ size, rows, number, left, whole, by, columns, secret }) => {
  const town = townOf(size, rows);
  test('tells one person without the ledger', async () => expect(await told(town, ledgerPolicy('none'), number, left, whole, by, columns)).toBe(secret), 60_000);
  test.each(['warn', 'refuse'] as const)('and not with it (%s)', async (differencing) => expect(await told(town, ledgerPolicy(differencing), number, left, whole, by, columns)).not.toBe(secret), 60_000);
});
