/**
 * One person by two sums, the second spelled in another way: through sums of each person's own rows, constant factors, casts, self-joins,
 * moments. What is added up is the same, so the ledger has to know it again: whole − part must not be the person's income.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Policy } from '#contract/policy.ts';
import { LedgerDomain, ledgerPolicy, people, single, type Loaded } from '../../support/ledger-domain.ts';

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

let domain: LedgerDomain;
let loaded: Loaded;
beforeAll(async () => {
  domain = new LedgerDomain();
  loaded = await domain.load([...people(400), { id: 'target', district: '市南', age: 110, sex: 'F', income: SECRET }]);
});
afterAll(() => domain.close());

/** What two jobs tell of the person; null where the second has no number. */
async function told(policy: Policy, spelling: string, factor: number): Promise<number | null> {
  const branch = domain.branch();
  try {
    const operator = await branch.operator(loaded, policy);
    const whole = single(await operator.ask('SELECT sum(income), count(*) FROM people'));
    const part = await operator.ask(spelling);
    const rest = part.result === null ? null : single(part);
    return whole === null || rest === null ? null : whole - factor * rest;
  } finally {
    branch.close();
  }
}

describe.each(SPELLINGS)('%s', (spelling, factor) => {
  test('tells the person without the ledger', async () => expect(await told(ledgerPolicy('none', MEASURES), spelling, factor)).toBe(SECRET));
  test('and not with it', async () => expect(await told(ledgerPolicy('refuse', MEASURES), spelling, factor)).not.toBe(SECRET));
});

describe('counts', () => {
  const counted = async (policy: Policy, spelling: string): Promise<number | null> => {
    const branch = domain.branch();
    try {
      const operator = await branch.operator(loaded, policy);
      const whole = single(await operator.ask('SELECT count(*) FROM people'));
      const part = await operator.ask(spelling);
      const rest = part.result === null ? null : single(part);
      return whole === null || rest === null ? null : whole - rest;
    } finally {
      branch.close();
    }
  };
  test.each([
    `SELECT count(*) ${REST}`, `SELECT count(DISTINCT id) ${REST}`, `SELECT count(income) ${REST}`, `SELECT count(*) FROM (SELECT DISTINCT id ${REST})`,
    `SELECT sum(n) FROM (SELECT id, count(*) AS n ${REST} GROUP BY id)`,
    `SELECT sum(n) / 2 FROM (SELECT id, count(*) AS n FROM people CROSS JOIN (VALUES (1), (2)) v(k) WHERE age <> 110 GROUP BY id)`,
  ])('%s', async (spelling) => {
    expect(await counted(ledgerPolicy('none', MEASURES), spelling)).toBe(1);
    expect(await counted(ledgerPolicy('refuse', MEASURES), spelling)).not.toBe(1);
  });
});
