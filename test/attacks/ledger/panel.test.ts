/**
 * A panel: everybody has one row in each of two months. The ledger knows of a sum of one month that half of everybody's rows are in it, and not what they add: it gives no number
 * made of the whole for it.
 */
import { expect, test } from 'vitest';
import { ledgerPolicy, people } from '../../support/ledger-domain.ts';
import { ledgerTown } from '../../support/ledger-town.ts';

/** `sex` is the month; the second one pays more, and not to all alike. */
const PERSONS = people(300);
const rowsOf = (month: number) => PERSONS.map((person, i) => ({ ...person, sex: month === 0 ? 'F' : 'M', income: person.income + month * (100 + (i % 7)) }));
const town = ledgerTown([...rowsOf(0), ...rowsOf(1)], 2);
const sum = (month: number): number => rowsOf(month).reduce((all, { income }) => all + income, 0);

const WHOLE = 'SELECT sum(income) FROM people';
const MONTH = "SELECT sum(income) FROM people WHERE sex = 'F'";
const BOTH = 'SELECT sex, sum(income) FROM people GROUP BY sex ORDER BY sex';

async function answers(differencing: 'none' | 'warn', questions: readonly string[]): Promise<readonly (readonly (number | null)[])[]> {
  return town.asking(ledgerPolicy(differencing), async (operator) => {
    const all: (readonly (number | null)[])[] = [];
    for (const sql of questions) all.push((await operator.ask(sql)).result?.table.rows.map((row) => (row.at(-1) === null ? null : Number(row.at(-1)))) ?? []);
    return all;
  });
}

test('without the ledger all are told', async () => expect(await answers('none', [WHOLE, MONTH])).toEqual([[sum(0) + sum(1)], [sum(0)]]));
test('a month after the whole is withheld', async () => expect(await answers('warn', [WHOLE, MONTH])).toEqual([[sum(0) + sum(1)], [null]]));
test('and the whole after one month', async () => expect(await answers('warn', [MONTH, WHOLE])).toEqual([[sum(0)], [null]]));
test('one month after the other', async () => expect(await answers('warn', [MONTH, "SELECT sum(income) FROM people WHERE sex = 'M'"])).toEqual([[sum(0)], [null]]));
test('the whole after both months, which might as well be twice either', async () => expect(await answers('warn', [BOTH, WHOLE])).toEqual([[sum(0), sum(1)], [null]]));
test('all of them together', async () => expect(await answers('warn', ['SELECT sex, sum(income) FROM people GROUP BY ROLLUP (sex) ORDER BY sex NULLS LAST'])).toEqual([[sum(0), sum(1), sum(0) + sum(1)]]));
