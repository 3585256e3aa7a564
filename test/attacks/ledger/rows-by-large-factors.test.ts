/** A whole less its parts, where every row of a part is read so often that the factors between them are large: more than a few thousand, or with no small denominator in common. */
import { describe, expect, test } from 'vitest';
import type { Policy } from '#contract/policy.ts';
import { DISTRICTS, ledgerPolicy, people, type Person } from '../../support/ledger-domain.ts';
import { ledgerTown, type Counted, type LedgerTown } from '../../support/ledger-town.ts';

const SECRET = 4320;
const random = (i: number): number => (Math.imul(i ^ (i >>> 7), 0x9e37_79b1) >>> 8) % 1000;
const townOf = (size: number, rows: number): LedgerTown => ledgerTown([...people(size).flatMap((person, i) => Array.from({ length: rows === 1 ? 1 : 2 + random(i) % (rows - 1) }, (_, row) => {
  const n = rows * i + row;
  return { ...person, district: DISTRICTS[random(n) % 4]!, age: 20 + random(3 * n + 1) % 60, sex: random(7 * n + 2) % 2 === 0 ? 'F' : 'M', income: 1000 + random(n + 5) };
})), ...Array.from({ length: rows }, (_, i): Person => ({ id: 'target', district: DISTRICTS[i % 4]!, age: 110, sex: 'F', income: SECRET / rows }))], rows);

const times = (count: number, name: string): string => `CROSS JOIN (VALUES ${Array.from({ length: count }, (_, i) => `(${i})`).join(',')}) ${name}(k_${name})`;
/** Without the target. */
const part = (factors: readonly number[], condition: string): Counted =>
  [`SELECT sum(income) FROM people ${factors.map((factor, i) => times(factor, `v${i}`)).join(' ')} WHERE age <> 110 AND ${condition}`, -1 / factors.reduce((all, factor) => all * factor, 1)];
/** Without the target, one factor after the other: each reads what each person has so far. */
const nested = (factors: readonly number[]): Counted => [
  `SELECT sum(s) FROM (${factors.reduce((inner, factor, i) => `SELECT id, sum(s) AS s FROM (${inner}) q${i} ${times(factor, `v${i}`)} GROUP BY id`, 'SELECT id, income AS s FROM people WHERE age <> 110')}) z`,
  -1 / factors.reduce((all, factor) => all * factor, 1),
];
const WHOLE: Counted = ['SELECT sum(income) FROM people', 1];
/** That cut the people in many classes. */
const IN_BETWEEN: readonly Counted[] = ['district', 'sex', 'age', 'district, sex', 'district, age', 'sex, age'].map((by) => [`SELECT ${by}, sum(income) FROM people WHERE age <> 70 GROUP BY ${by}`, 0]);

const ATTACKS: Readonly<Record<string, readonly Counted[]>> = {
  'all but one, each 6557 times': [part([79, 83], 'age > 0'), WHOLE],
  // 1/24929 modulo the prime is 2692/9 as well, and 1/16777217 is 4/9.
  'all but one, each 24929 times': [nested([97, 257]), WHOLE],
  'all but one, each 16777217 times': [nested([97, 257, 673]), WHOLE],
  'all but one, each 10^9 times': [nested([1000, 1000, 1000]), WHOLE],
  'one of two parts 6557 times': [part([79, 83], "sex = 'F'"), part([], "sex = 'M'"), WHOLE],
  'five parts, 7, 11, 13, 17 and 19 times, other tables in between': [part([7], 'age < 35'), part([11], 'age BETWEEN 35 AND 44'), part([13], 'age BETWEEN 45 AND 54'), part([17], 'age BETWEEN 55 AND 64'), part([19], 'age >= 65'), ...IN_BETWEEN, WHOLE],
};

const told = async (town: LedgerTown, policy: Policy, questions: readonly Counted[]): Promise<number | null> => {
  const total = await town.total(policy, questions);
  return total === null ? null : Math.round(total);
};

describe.each([[400, 1], [400, 2], [400, 4], [3000, 2]])('of %i persons with up to %i rows', (size, rows) => {
  const town = townOf(size, rows);
  describe.each(Object.entries(ATTACKS))('%s', (_, questions) => {
    test('tells one person without the ledger', async () => expect(await told(town, ledgerPolicy('none'), questions)).toBe(SECRET), 60_000);
    test.each(['warn', 'refuse'] as const)('and not with it (%s)', async (differencing) => expect(await told(town, ledgerPolicy(differencing), questions)).not.toBe(SECRET), 60_000);
  });
});
