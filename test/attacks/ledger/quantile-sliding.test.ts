/**
 * Quantile sliding: an order statistic moves by one place when one person joins, upwards if their value is above it. Asked of many
 * populations with and without the target, by an attacker who knows everybody else, exact quantiles close in on the target's value.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Policy } from '#contract/policy.ts';
import { LedgerDomain, ledgerPolicy, people, single, type Loaded, type Person } from '../../support/ledger-domain.ts';
import { windowMeans } from '../../support/windows-reference.ts';

/** The only one of age 100; everybody of the town is below. */
const TARGET: Person = { id: 'target', district: '崂山', age: 100, sex: 'F', income: 4_321 };
const TOWN = people(600);
const AGES = [20, 40, 60, 80];
const LEVELS = ['0.1', '0.25', '0.5', '0.75', '0.9'];
const WINDOWS = { measures: { 'people.income': ['count', 'sum', 'avg', 'quantile', 'min', 'max'] } };
const EXACT = { units: { person: { min: 0 } }, dimensions: 'any', measures: 'any' };

const domain = new LedgerDomain();
let withTarget: Loaded;
let without: Loaded;
beforeAll(async () => {
  withTarget = await domain.load([...TOWN, TARGET]);
  without = await domain.load(TOWN);
}, 60_000);
afterAll(() => domain.close());

type Answers = readonly (number | null)[];

/** Every population without the target by one operator, then with it by another. */
async function answers(loaded: Loaded, policy: Policy, ages: readonly number[] = AGES): Promise<Answers> {
  const branch = domain.branch();
  const [one, other] = [await branch.operator(loaded, policy), await branch.operator(loaded, policy)];
  const seen: (number | null)[] = [];
  try {
    for (const age of ages) {
      for (const level of LEVELS) {
        for (const [operator, condition] of [[one, `age < ${age}`], [other, `age < ${age} or age = 100`]] as const) {
          const answer = await operator.ask(`select quantile_cont(income, ${level}) from people where ${condition}`);
          seen.push(answer.kind === 'refused' ? null : single(answer));
        }
      }
    }
  } finally {
    branch.close();
  }
  return seen;
}

/** Incomes of the target that the answers allow, of all from 0 to 10,000 in steps of 50, if numbers are computed by `statistic`. */
function candidates(seen: Answers, statistic: (incomes: readonly number[], level: number) => number | null): readonly number[] {
  return Array.from({ length: 201 }, (_, i) => i * 50).filter((income) => {
    let at = 0;
    return AGES.every((age) => {
      const others = TOWN.filter((person) => person.age < age).map((person) => person.income);
      return LEVELS.every((level) => {
        const [, joined] = [seen[at++], seen[at++]];
        const expected = statistic([...others, income], Number(level));
        return expected === null || joined === null || joined === undefined || Math.abs(joined - expected) < 0.5;
      });
    });
  });
}

function exact(incomes: readonly number[], level: number): number {
  const sorted = [...incomes].sort((a, b) => a - b);
  const position = level * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(position)] ?? 0, sorted[Math.ceil(position)] ?? 0];
  return low + (high - low) * (position % 1);
}

const windows = (incomes: readonly number[], level: number): number | null =>
  windowMeans(incomes, LEVELS.map(Number), true, true, { min: 10 })[1 + LEVELS.indexOf(String(level))] ?? null;

describe('who knows everybody else', () => {
  test('learns the value from exact quantiles', async () => {
    const left = candidates(await answers(withTarget, ledgerPolicy('none', EXACT)), exact);
    expect(left.length).toBeLessThan(40);
    expect(left.some((income) => Math.abs(income - TARGET.income) <= 250)).toBe(true);
  });

  test('learns from windows of units without the ledger, which is why the policy turns it on', async () => {
    const left = candidates(await answers(withTarget, ledgerPolicy('none', WINDOWS)), windows);
    expect(left.length).toBeLessThan(100);
  });

  test.each(['warn', 'refuse'] as const)('learns nothing with the ledger (%s)', async (strategy) => {
    const seen = await answers(withTarget, ledgerPolicy(strategy, WINDOWS), [40, 80]);
    expect(seen.every((value) => value !== null)).toBe(true);
    expect(seen).toEqual(await answers(without, ledgerPolicy(strategy, WINDOWS), [40, 80]));
  }, 120_000);
});
