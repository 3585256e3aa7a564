/**
 * The mean of the ten largest, of everybody and of everybody without one of many groups: the groups differ by enough persons, the
 * windows by one. Where the group had one of the ten, the eleventh takes its place: ten times the difference of the means is x − x₁₁.
 * From all ten such differences and one mean follow the ten largest incomes, each of a single person. By one operator, and by two in turn.
 */
import { describe, expect, test } from 'vitest';
import type { Policy } from '#contract/policy.ts';
import { ledgerPolicy, people, single, type Person } from '../../support/ledger-domain.ts';
import { ledgerTown } from '../../support/ledger-town.ts';

const WINDOW = 10;
const AGES = Array.from({ length: 25 }, (_, i) => i);
/** Ages 0 … 24, twenty persons each; the richest twelve are of twelve ages. */
const TOWN: readonly Person[] = people(500, (person, i) => ({ ...person, age: i % 25, income: i < 12 ? 50_000 + 700 * i * i + ((i * 7919) % 613) : person.income }));
const RICHEST = TOWN.map(({ income }) => income).sort((a, b) => b - a).slice(0, WINDOW);

const town = ledgerTown(TOWN);

async function incomes(policy: Policy, operators: 1 | 2): Promise<readonly number[]> {
  return town.asking(policy, async (operator, other) => {
    let asked = 0;
    const ask = async (where: string): Promise<number | null> => {
      const answer = await (operators === 2 && asked++ % 2 === 1 ? other : operator).ask(`SELECT max(income) FROM people${where}`);
      return answer.result === null ? null : single(answer);
    };
    const all = await ask('');
    if (all === null) return [];
    const over: number[] = [];
    for (const age of AGES) {
      const without = await ask(` WHERE age <> ${age}`);
      if (without !== null && without < all) over.push(Math.round(WINDOW * (all - without)));
    }
    const eleventh = Math.round((WINDOW * all - over.reduce((a, b) => a + b, 0)) / WINDOW);
    return over.map((each) => each + eleventh).sort((a, b) => b - a);
  });
}

const policy = (differencing: 'none' | 'warn' | 'refuse'): Policy => ledgerPolicy(differencing, { dominance: [{ rule: 'p-percent', p: 10 }], secondary: 'required', measures: { 'people.income': ['count', 'sum', 'avg', 'max'] } });

describe.each([1, 2] as const)('by %i', (operators) => {
  test('without the ledger the ten largest incomes are told, each of them', async () => expect(await incomes(policy('none'), operators)).toEqual(RICHEST));

  test.each(['warn', 'refuse'] as const)('with it none of them (%s)', async (differencing) => {
    const guessed = await incomes(policy(differencing), operators);
    expect(guessed.filter((income) => RICHEST.includes(income))).toEqual([]);
  });
});
