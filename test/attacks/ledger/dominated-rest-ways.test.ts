/**
 * The rest of two dozen of whom one has nearly everything, by whatever way: tables and margins, several parts, other spellings, joins, and after
 * tables that cut the two dozen in pieces, so that no piece has to be dominated for the whole rest to be.
 */
import { describe, expect, test } from 'vitest';
import type { Policy } from '#contract/policy.ts';
import { ledgerPolicy, people } from '../../support/ledger-domain.ts';
import { inTwoRows, ledgerTown, type Counted } from '../../support/ledger-town.ts';

const RICH = 5_000_000;
const TOWN = [...people(300), ...Array.from({ length: 24 }, (_, i) => ({ id: `d${i}`, district: i % 2 === 0 ? '崂山' : '市南', age: 105, sex: i < 12 ? 'F' : 'M', income: i === 0 ? RICH : 1_000 + i }))];

const TOWNS = {
  'one row each': ledgerTown(TOWN),
  'two rows each': ledgerTown(inTwoRows(TOWN), 2),
};

const WHOLE = 'SELECT sum(income) FROM people';
const PART = 'SELECT sum(income) FROM people WHERE age < 105';
const YOUNG = 'SELECT sum(income) FROM people WHERE age < 50';
const OLD = 'SELECT sum(income) FROM people WHERE age >= 50 AND age < 105';
const BY_SEX = 'SELECT sum(income) FROM people GROUP BY sex';
const BY_DISTRICT = 'SELECT sum(income) FROM people GROUP BY district';

/** Questions, each with how its numbers count towards the rest. */
const WAYS: readonly (readonly [string, readonly Counted[]])[] = [
  ['a part after the whole', [[WHOLE, 1], [PART, -1]]],
  ['the whole after a part', [[PART, -1], [WHOLE, 1]]],
  ['two parts', [[WHOLE, 1], [YOUNG, -1], [OLD, -1]]],
  ['a part by sex', [[WHOLE, 1], ['SELECT sum(income) FROM people WHERE age < 105 GROUP BY sex', -1]]],
  ['two tables', [[BY_DISTRICT, 1], ['SELECT sum(income) FROM people WHERE age < 105 GROUP BY district', -1]]],
  ['after tables that cut the rest', [[BY_DISTRICT, 0], [BY_SEX, 0], [WHOLE, 1], [PART, -1]]],
  ['two parts, after a table that cuts the rest', [[BY_SEX, 1], [YOUNG, -1], [OLD, -1]]],
  ['a join', [[WHOLE, 1], ['SELECT sum(income) FROM people JOIN districts USING (district) WHERE age < 105', -1]]],
  ['each row twice', [[WHOLE, 1], ['SELECT sum(income) / 2 FROM people CROSS JOIN (VALUES (1), (2)) v(k) WHERE age < 105', -1]]],
  ['sums of each person', [[WHOLE, 1], ['SELECT sum(s) FROM (SELECT id, sum(income) AS s FROM people WHERE age < 105 GROUP BY id)', -1]]],
  ['an average', [['SELECT avg(income) * count(*) FROM people', 1], [PART, -1]]],
];

const policy = (differencing: 'none' | 'warn' | 'refuse'): Policy => ledgerPolicy(differencing, { dominance: [{ rule: 'nk', n: 2, k: 99 }] });
const tells = (seen: number | null): boolean => seen !== null && Math.abs(seen - RICH) < 0.01 * RICH;

describe.each(Object.keys(TOWNS) as (keyof typeof TOWNS)[])('%s', (rows) => describe.each(WAYS)('%s', (_, questions) => {
  test('tells the income to within a percent without the ledger', async () => expect(tells(await TOWNS[rows].total(policy('none'), questions))).toBe(true));
  test.each(['warn', 'refuse'] as const)('does not with it (%s)', async (differencing) => expect(tells(await TOWNS[rows].total(policy(differencing), questions))).toBe(false));
}));
