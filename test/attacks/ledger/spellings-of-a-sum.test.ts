/**
 * One person by two sums, the second spelled in another way: through sums of each person's own rows, constant factors, casts, self-joins,
 * moments. What is added up is the same, so the ledger has to know it again: whole − part must not be the person's income. By one operator, and by two
 * of whom one asks for the whole and the other for the part.
 */
import { describe, expect, test } from 'vitest';
import type { Policy } from '#contract/policy.ts';
import { ledgerPolicy, people, single } from '../../support/ledger-domain.ts';
import { ledgerTown } from '../../support/ledger-town.ts';

const SECRET = 987_654;
const MEASURES = { measures: { 'people.income': ['count', 'sum', 'avg', 'stddev', 'var', 'covar', 'corr', 'regr'] } };
const REST = 'FROM people WHERE age <> 110';

/** Each tells the income of everybody but the only person of age 110; the attacker multiplies by the factor. */
const SPELLINGS: readonly (readonly [string, number])[] = [
  [`SELECT sum(income) ${REST}`, 1],
  [`SELECT sum(income) FILTER (WHERE age <> 110) FROM people`, 1],
  [`SELECT sum(0.5 * income) ${REST}`, 2],
  [`SELECT sum(income::DOUBLE) ${REST}`, 1],
  [`SELECT sum(income::DECIMAL(20, 3)) ${REST}`, 1],
  [`SELECT sum(-income) ${REST}`, -1],
  [`SELECT sum(income + 1) - count(*) ${REST}`, 1],
  [`SELECT avg(income) * count(*) ${REST}`, 1],
  [`SELECT sum(a.income + b.income) FROM people a JOIN people b USING (id) WHERE a.age <> 110`, 0.5],
  [`SELECT sum(CASE WHEN k = 1 THEN income END) FROM people CROSS JOIN (VALUES (1), (2)) v(k) WHERE age <> 110`, 1],
  [`SELECT sum(s) FROM (SELECT id, sum(income) AS s ${REST} GROUP BY id)`, 1],
  [`SELECT sum(s) FROM (SELECT id, avg(income) AS s ${REST} GROUP BY id)`, 1],
  [`SELECT sum(s) FROM (SELECT id, age, sum(income) AS s FROM people GROUP BY id, age) WHERE age <> 110`, 1],
  [`SELECT avg(s) * 400 FROM (SELECT id, sum(income) AS s ${REST} GROUP BY id)`, 1],
  [`SELECT sum(n) FROM (SELECT id, sum(income) AS n FROM people CROSS JOIN (VALUES (1), (2)) v(k) WHERE age <> 110 GROUP BY id)`, 0.5],
];

const town = ledgerTown([...people(400), { id: 'target', district: '市南', age: 110, sex: 'F', income: SECRET }]);
const ASKING = ['one operator', 'two who collude'] as const;

/** What two jobs tell of the person; null where one has no number. */
async function told(policy: Policy, by: (typeof ASKING)[number], whole: string, part: string, factor = 1): Promise<number | null> {
  return town.asking(policy, async (operator, other) => {
    const all = single(await operator.ask(whole));
    const answer = await (by === 'one operator' ? operator : other).ask(part);
    const rest = answer.result === null ? null : single(answer);
    return all === null || rest === null ? null : all - factor * rest;
  });
}

describe.each(SPELLINGS)('%s', (spelling, factor) => {
  const WHOLE = 'SELECT sum(income), count(*) FROM people';
  test.each(ASKING)('tells %s the person without the ledger', async (by) => expect(await told(ledgerPolicy('none', MEASURES), by, WHOLE, spelling, factor)).toBe(SECRET));
  test.each(ASKING.flatMap((by) => (['warn', 'refuse'] as const).map((differencing) => [by, differencing] as const)))('and not with it: %s (%s)', async (by, differencing) =>
    expect(await told(ledgerPolicy(differencing, MEASURES), by, WHOLE, spelling, factor)).not.toBe(SECRET));
});

describe('counts', () => {
  const WHOLE = 'SELECT count(*) FROM people';
  test.each([
    `SELECT count(*) ${REST}`, `SELECT count(DISTINCT id) ${REST}`, `SELECT count(income) ${REST}`, `SELECT count(*) FROM (SELECT DISTINCT id ${REST})`,
    `SELECT sum(n) FROM (SELECT id, count(*) AS n ${REST} GROUP BY id)`,
    `SELECT sum(n) / 2 FROM (SELECT id, count(*) AS n FROM people CROSS JOIN (VALUES (1), (2)) v(k) WHERE age <> 110 GROUP BY id)`,
  ])('%s', async (spelling) => {
    for (const by of ASKING) {
      expect(await told(ledgerPolicy('none', MEASURES), by, WHOLE, spelling)).toBe(1);
      for (const differencing of ['warn', 'refuse'] as const) expect(await told(ledgerPolicy(differencing, MEASURES), by, WHOLE, spelling)).not.toBe(1);
    }
  });
});
