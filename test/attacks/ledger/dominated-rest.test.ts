/**
 * Two groups that differ by twelve persons, of whom one has nearly everything: none of the three sums is about too few, but the difference
 * of two is a sum that the rules of dominance withhold.
 */
import { expect, test } from 'vitest';
import type { Policy } from '#contract/policy.ts';
import { ledgerPolicy, people, single } from '../../support/ledger-domain.ts';
import { ledgerTown } from '../../support/ledger-town.ts';

const RICH = 5_000_000;
const TOWN = [...people(300), ...Array.from({ length: 12 }, (_, i) => ({ id: `d${i}`, district: '崂山', age: 105, sex: 'F', income: i === 0 ? RICH : 1_000 + i }))];

const town = ledgerTown(TOWN);

const QUESTIONS = ['SELECT sum(income) FROM people', 'SELECT sum(income) FROM people WHERE age < 105'] as const;
const BOTH = `SELECT (${QUESTIONS[0]}), (${QUESTIONS[1]})`;

async function difference(policy: Policy, jobs: readonly string[]): Promise<number> {
  return town.asking(policy, async (operator) => {
    const seen: number[] = [];
    for (const sql of jobs) {
      const answer = await operator.ask(sql);
      if (answer.result !== null) seen.push(...(answer.result.table.rows[0] ?? []).map((value) => (value === null ? Number.NaN : Number(value))));
    }
    return (seen[0] ?? Number.NaN) - (seen[1] ?? Number.NaN);
  });
}

/** The nk rule lets whoever has a share of the whole be, as long as two have less than 99 percent. */
const policy = (differencing: 'none' | 'refuse'): Policy => ledgerPolicy(differencing, { secondary: 'required', dominance: [{ rule: 'nk', n: 2, k: 99 }] });

test('the rest is withheld where it is asked for', async () => {
  expect(single(await town.asking(policy('refuse'), (operator) => operator.ask('SELECT sum(income) FROM people WHERE age >= 105')))).toBeNull();
});

test.each([['two jobs', QUESTIONS], ['one job', [BOTH]]] as const)('%s tell the income of one to within a percent without the ledger', async (_, jobs) => {
  expect(Math.abs(await difference(policy('none'), jobs) - RICH) < 0.01 * RICH).toBe(true);
});

test.each([['two jobs', QUESTIONS], ['one job', [BOTH]]] as const)('%s do not with it', async (_, jobs) => {
  expect(Math.abs(await difference(policy('refuse'), jobs) - RICH) < 0.01 * RICH).toBe(false);
});
