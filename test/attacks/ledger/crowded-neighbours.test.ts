/**
 * A near pair among many that only look near: decoys that differ by ten persons, of which the sketch sees nine or fewer, are older
 * than the one population that differs by a single person. And seven jobs of twenty other sums in between, so that combinations no longer reach it.
 */
import { expect, test } from 'vitest';
import type { Policy } from '#contract/policy.ts';
import { ledgerPolicy, people, single } from '../../support/ledger-domain.ts';
import { ledgerTown } from '../../support/ledger-town.ts';

const SECRET = 987_654;
/** Ages 0 … 69: ten of either sex; 70 … 99: five persons each; one of age 110. */
const TOWN = [
  ...people(1550, (person, i) => ({ ...person, age: i < 1400 ? i % 70 : 70 + (i % 30), sex: i < 1400 ? ['F', 'M'][Math.floor(i / 700)]! : person.sex })),
  { id: 'target', district: '市南', age: 110, sex: 'F', income: SECRET },
];
/** Ages that the target's population lacks; a decoy has one of them and lacks another instead: ten persons differ */
const LACKING = Array.from({ length: 12 }, (_, i) => 70 + i);
const DECOYS = LACKING.map((has, i) => ({ has, lacks: 85 + i }));

const town = ledgerTown(TOWN);

async function told(policy: Policy, decoys: number, fillers: number): Promise<number | null> {
  return town.asking(policy, async (operator) => {
    const without = (ages: readonly number[]): string => `SELECT sum(income) FROM people WHERE age NOT IN (${ages.join(', ')})`;
    for (const { has, lacks } of DECOYS.slice(0, decoys)) await operator.ask(without([...LACKING.filter((age) => age !== has), lacks]));
    const part = single(await operator.ask(without([...LACKING, 110])));
    for (let i = 0; i < fillers; i += 20) await operator.ask(`SELECT ${Array.from({ length: 20 }, (_, j) => filler(i + j)).join(', ')} FROM people`);
    const whole = await operator.ask(without(LACKING));
    return whole.result === null || part === null ? null : (single(whole) ?? 0) - part;
  });
}

/** About persons of its own. */
const filler = (i: number): string => `sum(income) FILTER (WHERE age = ${i % 70} AND sex = '${i < 70 ? 'F' : 'M'}')`;

const policy = (differencing: 'none' | 'refuse'): Policy => ledgerPolicy(differencing, {});

test('without the ledger the income is told', async () => expect(await told(policy('none'), 0, 0)).toBe(SECRET));
test('with it a pair is known again', async () => expect(await told(policy('refuse'), 0, 0)).not.toBe(SECRET));
test('also behind a crowd of others that are nearly as near', async () => expect(await told(policy('refuse'), 12, 140)).not.toBe(SECRET), 60_000);
