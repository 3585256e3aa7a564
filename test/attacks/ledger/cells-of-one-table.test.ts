/** Two cells of one table, with rows of nearly the same people: asked for one by one, the second is given as the first was; in one table both are told, and the one person who is in one of them. */
import { describe, expect, test } from 'vitest';
import type { Policy } from '#contract/policy.ts';
import { DISTRICTS, ledgerPolicy, people, type Person } from '../../support/ledger-domain.ts';
import { ledgerTown } from '../../support/ledger-town.ts';

const SECRET = 4321;
const rowOf = (i: number, age: number, income: number): Person => ({ id: `p${i}`, district: DISTRICTS[i % 4]!, age, sex: 'F', income });
/** Twelve pay the same in two places, a thirteenth in the second. */
const town = ledgerTown([...people(340), ...Array.from({ length: 12 }, (_, i) => [rowOf(i, 100, 2000), rowOf(i, 101, 2000)]).flat(), rowOf(12, 101, SECRET)], 3);

const TABLES = {
  'one by one': ['SELECT sum(income) FROM people WHERE age = 100', 'SELECT sum(income) FROM people WHERE age = 101'],
  'by key': ['SELECT age, sum(income) FROM people WHERE age IN (100, 101) GROUP BY age ORDER BY age'],
  'by a key that is computed': ['SELECT age = 101 AS later, sum(income) FROM people WHERE age IN (100, 101) GROUP BY later ORDER BY later'],
};

async function told(policy: Policy, questions: readonly string[]): Promise<number> {
  return town.asking(policy, async (operator) => {
    const cells: number[] = [];
    for (const sql of questions) cells.push(...((await operator.ask(sql)).result?.table.rows.map((row) => Number(row.at(-1) ?? NaN)) ?? []));
    return (cells[1] ?? NaN) - (cells[0] ?? NaN);
  });
}

describe.each(Object.entries(TABLES))('%s', (_, questions) => {
  test('tell one person without the ledger', async () => expect(await told(ledgerPolicy('none'), questions)).toBe(SECRET));
  test.each(['warn', 'refuse'] as const)('and not with it (%s)', async (differencing) => {
    expect(await told(ledgerPolicy(differencing), questions)).not.toBe(SECRET);
    expect(await told(ledgerPolicy(differencing, { secondary: 'required' }), questions)).not.toBe(SECRET);
  });
});
