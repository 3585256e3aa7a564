/**
 * One person by two sums, the second through sums of each person's own rows, which are read twice, added up again, averaged, or multiplied: as many times
 * the first as the attacker likes, by names that the first does not have. By one operator, and by two of whom one asks for the whole and the other for the part.
 */
import { describe, expect, test } from 'vitest';
import type { Policy } from '#contract/policy.ts';
import { ledgerPolicy, people, single } from '../../support/ledger-domain.ts';
import { ledgerTown } from '../../support/ledger-town.ts';

const SECRET = 987_654;
const REST = 'WHERE age <> 110';
const TWICE = 'people CROSS JOIN (VALUES (1), (2)) v(k)';

/** Each with what it has to be multiplied by. */
const SPELLINGS: readonly (readonly [string, number])[] = [
  [`SELECT sum(income) FROM ${TWICE} ${REST}`, 0.5],
  [`SELECT sum(s) FROM (SELECT id, sum(income) * 2 AS s FROM people ${REST} GROUP BY id)`, 0.5],
  [`SELECT sum(s) FROM (SELECT id, avg(income) AS s FROM ${TWICE} ${REST} GROUP BY id)`, 1],
  [`SELECT sum(s) FROM (SELECT id, sum(s) AS s FROM (SELECT id, age, sum(income) AS s FROM people ${REST} GROUP BY id, age) GROUP BY id)`, 1],
  [`SELECT sum(s) FROM (SELECT id, sum(s) AS s FROM (SELECT id, k, sum(income) AS s FROM ${TWICE} ${REST} GROUP BY id, k) GROUP BY id)`, 0.5],
  [`SELECT sum(s) FROM (SELECT id, sum(s) AS s FROM (SELECT id, sum(income) AS s FROM ${TWICE} ${REST} GROUP BY id) GROUP BY id)`, 0.5],
  [`SELECT sum(a.s) FROM (SELECT id, sum(income) AS s FROM people ${REST} GROUP BY id) a CROSS JOIN (VALUES (1), (2), (3)) v(k)`, 1 / 3],
  [`SELECT sum(s) FROM (SELECT id, sum(income) AS s FROM people CROSS JOIN (VALUES (1), (2), (3), (4), (5), (6), (7)) v(k) ${REST} GROUP BY id)`, 1 / 7],
];

const town = ledgerTown([...people(400), { id: 'target', district: '市南', age: 110, sex: 'F', income: SECRET }]);
const ASKING = ['one operator', 'two who collude'] as const;

async function told(policy: Policy, by: (typeof ASKING)[number], whole: string, part: string, factor: number): Promise<number | null> {
  return town.asking(policy, async (operator, other) => {
    const answers = [await operator.ask(whole), await (by === 'one operator' ? operator : other).ask(part)];
    const [all, rest] = answers.map((answer) => (answer.result === null ? null : single(answer)));
    return all == null || rest == null ? null : Math.round(all - factor * rest);
  });
}

const WITH_LEDGER = ASKING.flatMap((by) => (['warn', 'refuse'] as const).map((differencing) => [by, differencing] as const));

describe.each(SPELLINGS)('%s', (spelling, factor) => {
  const WHOLE = 'SELECT sum(income) FROM people';
  test.each(ASKING)('tells %s the person without the ledger', async (by) => expect(await told(ledgerPolicy('none'), by, WHOLE, spelling, factor)).toBe(SECRET));
  test.each(WITH_LEDGER)('and not with it: %s (%s)', async (by, differencing) => expect(await told(ledgerPolicy(differencing), by, WHOLE, spelling, factor)).not.toBe(SECRET));
});

describe('numbers of rows as sums of each person’s', () => {
  const [WHOLE, PART] = ['SELECT count(*) FROM people', `SELECT sum(n) FROM (SELECT id, sum(n) AS n FROM (SELECT id, k, count(*) AS n FROM ${TWICE} ${REST} GROUP BY id, k) GROUP BY id)`];
  test.each(ASKING)('tell %s of the person without the ledger', async (by) => expect(await told(ledgerPolicy('none'), by, WHOLE, PART, 0.5)).toBe(1));
  test.each(WITH_LEDGER)('and not with it: %s (%s)', async (by, differencing) => expect(await told(ledgerPolicy(differencing), by, WHOLE, PART, 0.5)).not.toBe(1));
});
