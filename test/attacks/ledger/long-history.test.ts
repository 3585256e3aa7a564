/**
 * A whole less its parts, with hundreds of other numbers in between: each about few persons, so that they push what is older out of whatever
 * looks back at the newest only.
 */
import { expect, test } from 'vitest';
import type { Policy } from '#contract/policy.ts';
import { ledgerPolicy, people } from '../../support/ledger-domain.ts';
import { ledgerTown } from '../../support/ledger-town.ts';

const SECRET = 987_654;
const TOWN = [...people(2000, (person, i) => ({ ...person, age: i % 100, sex: i % 200 < 100 ? 'F' : 'M' })), { id: 'target', district: '市南', age: 110, sex: 'F', income: SECRET }];
const IN_BETWEEN = 600;

const town = ledgerTown(TOWN);

/** Ten persons of one age and sex, or twenty of two ages. */
const filler = (i: number): string => (i < 200 ? `age = ${i % 100} AND sex = '${i < 100 ? 'F' : 'M'}'` : `age IN (${i % 100}, ${(i + Math.floor(i / 100)) % 100}) AND sex = 'F'`);

async function told(policy: Policy, fillers: number): Promise<number | null> {
  return town.asking(policy, async (operator) => {
    const sum = async (where: string): Promise<number | null> => {
      const value = (await operator.ask(`SELECT sum(income) FROM people${where}`)).result?.table.rows[0]?.[0] ?? null;
      return value === null ? null : Number(value);
    };
    const [all, young] = [await sum(''), await sum(' WHERE age < 40')];
    for (let i = 0; i < fillers; i += 100) await operator.ask(`SELECT ${Array.from({ length: 100 }, (_, j) => `sum(income) FILTER (WHERE ${filler(i + j)})`).join(', ')} FROM people`);
    const old = await sum(' WHERE age BETWEEN 40 AND 99');
    return all === null || young === null || old === null ? null : all - young - old;
  });
}

test('without the ledger the income is told', async () => expect(await told(ledgerPolicy('none'), 0)).toBe(SECRET));
test('with it the last part follows', async () => expect(await told(ledgerPolicy('warn'), 0)).not.toBe(SECRET));
test('also after hundreds of others', async () => expect(await told(ledgerPolicy('warn'), IN_BETWEEN)).not.toBe(SECRET), 120_000);
