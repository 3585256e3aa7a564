/**
 * The rest is more than half of a whole, and one of it has nearly everything; the whole has other rich ones, whom a part has as well. Tables
 * by sex and by district cut the rest in pieces, of which only one is that person's.
 */
import { describe, expect, test } from 'vitest';
import type { Policy } from '#contract/policy.ts';
import { DISTRICTS, ledgerPolicy, people } from '../../support/ledger-domain.ts';
import { inTwoRows, ledgerTown, type Counted } from '../../support/ledger-town.ts';

const RICH = 9_000_000;
const TOWN = [
  ...people(300).map((each) => ({ ...each, income: 100 })), { id: 'target', district: '崂山', age: 80, sex: 'F', income: RICH },
  ...DISTRICTS.flatMap((district) => ['F', 'M'].flatMap((sex) => [1, 2, 3].map((k) => ({ id: `${district}${sex}${k}`, district, age: 10, sex, income: RICH - 1_000 + k })))),
];
const TOWNS = {
  'one row each': ledgerTown(TOWN),
  'two rows each': ledgerTown(inTwoRows(TOWN), 2),
};

const WHOLE = 'SELECT sum(income) FROM people';
const BY_SEX = 'SELECT sex, sum(income) FROM people GROUP BY sex ORDER BY sex';
const BY_DISTRICT = 'SELECT district, sum(income) FROM people GROUP BY district ORDER BY district';
const part = (age: number): string => `SELECT sum(income) FROM people WHERE age < ${age}`;

/** A part of the women with two dozen men of little income: of the women less the part the target has nearly everything, less what the men have. */
const MIXED = "SELECT sum(income) FROM people WHERE (sex = 'F' AND age < 80) OR (sex = 'M' AND age >= 50 AND age < 62)";

/** Questions, each with how its number counts, and the row that it is in. */
const WAYS: readonly (readonly [string, readonly Counted[]])[] = [
  ...[30, 45, 75].flatMap((age): (readonly [string, readonly Counted[]])[] => [
    [`those below ${age} after the whole`, [[BY_SEX, 0, 0], [BY_DISTRICT, 0, 0], [WHOLE, 1, 0], [part(age), -1, 0]]],
    [`the whole after those below ${age}`, [[BY_SEX, 0, 0], [BY_DISTRICT, 0, 0], [part(age), -1, 0], [WHOLE, 1, 0]]],
    [`women and men and those below ${age}`, [[BY_DISTRICT, 0, 0], [BY_SEX, 1, 0], [BY_SEX, 1, 1], [part(age), -1, 0]]],
  ]),
  ['women less women and some men', [[BY_DISTRICT, 0, 0], [BY_SEX, 1, 0], [MIXED, -1, 0]]],
];

const policy = (differencing: 'none' | 'warn' | 'refuse'): Policy => ledgerPolicy(differencing, { dominance: [{ rule: 'nk', n: 2, k: 99 }] });
const tells = (seen: number | null): boolean => seen !== null && Math.abs(seen - RICH) < 0.01 * RICH;

describe.each(Object.keys(TOWNS) as (keyof typeof TOWNS)[])('%s', (rows) => describe.each(WAYS)('%s', (_, questions) => {
  test('tell the income of one to within a percent without the ledger', async () => expect(tells(await TOWNS[rows].total(policy('none'), questions))).toBe(true));
  test.each(['warn', 'refuse'] as const)('do not with it (%s)', async (differencing) => expect(tells(await TOWNS[rows].total(policy(differencing), questions))).toBe(false));
}));
