/**
 * One person by two sums, the second through sums of each person's own rows, which are read twice, added up again, averaged, or multiplied: as many times
 * the first as the attacker likes, by names that the first does not have.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Policy } from '#contract/policy.ts';
import { LedgerDomain, ledgerPolicy, people, single, type Loaded } from '../../support/ledger-domain.ts';

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

let domain: LedgerDomain;
let loaded: Loaded;
beforeAll(async () => {
  domain = new LedgerDomain();
  loaded = await domain.load([...people(400), { id: 'target', district: '市南', age: 110, sex: 'F', income: SECRET }]);
});
afterAll(() => domain.close());

async function told(policy: Policy, questions: readonly [string, string], factor: number): Promise<number | null> {
  const branch = domain.branch();
  try {
    const operator = await branch.operator(loaded, policy);
    const [whole, part] = [await operator.ask(questions[0]), await operator.ask(questions[1])].map((answer) => (answer.result === null ? null : single(answer)));
    return whole == null || part == null ? null : Math.round(whole - factor * part);
  } finally {
    branch.close();
  }
}

describe.each(SPELLINGS)('%s', (spelling, factor) => {
  const questions = ['SELECT sum(income) FROM people', spelling] as const;
  test('tells the person without the ledger', async () => expect(await told(ledgerPolicy('none'), questions, factor)).toBe(SECRET));
  test.each(['warn', 'refuse'] as const)('and not with it (%s)', async (differencing) => expect(await told(ledgerPolicy(differencing), questions, factor)).not.toBe(SECRET));
});

test('numbers of rows as sums of each person’s', async () => {
  const questions = ['SELECT count(*) FROM people', `SELECT sum(n) FROM (SELECT id, sum(n) AS n FROM (SELECT id, k, count(*) AS n FROM ${TWICE} ${REST} GROUP BY id, k) GROUP BY id)`] as const;
  expect(await told(ledgerPolicy('none'), questions, 0.5)).toBe(1);
  expect(await told(ledgerPolicy('warn'), questions, 0.5)).not.toBe(1);
});
