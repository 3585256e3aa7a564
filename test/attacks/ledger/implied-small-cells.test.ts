/**
 * A whole less its parts, where those who differ are most of a region that no cell is about: a table of everybody and the same without the region tell the region's numbers. On samples of people the two
 * tables are told apart by somebody of the region only, so that every sample holds one of the few who differ.
 */
import { describe, expect, test } from 'vitest';
import type { Policy } from '#contract/policy.ts';
import { DISTRICTS, ledgerPolicy, type Person } from '../../support/ledger-domain.ts';
import { ledgerTown, type LedgerTown } from '../../support/ledger-town.ts';

const SECRET = 4321;
const random = (i: number): number => {
  const h = Math.imul(i ^ (i >>> 15), 0x85eb_ca6b);
  const mixed = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) % 1000;
};
const anywhere = (n: number): Pick<Person, 'district' | 'sex' | 'income'> => ({ district: DISTRICTS[random(n + 1) % 4]!, sex: random(7 * n + 2) % 2 === 0 ? 'F' : 'M', income: 1000 + 5 * random(n + 5) });

/** Everybody has rows of ages below 90. A region has one of age 100 in each place, and who is left out one of age 110 in the last. @param run names others, so that other samples are taken */
const townOf = (places: number, region: number, left: number, run: number): LedgerTown => ledgerTown([
  ...Array.from({ length: 1200 }, (_, i) => Array.from({ length: 2 + i % 2 }, (_row, row): Person => ({ id: `r${run}p${i}`, age: random(13 * i + row) % 90, ...anywhere(31 * (3 * i + row) + 7) }))).flat(),
  ...Array.from({ length: region }, (_, i) => Array.from({ length: places }, (_place, place): Person => ({ id: `r${run}p${i}`, age: 100, ...anywhere(90_000 + 31 * (places * i + place)), district: DISTRICTS[place % 4]!, sex: place < 4 ? 'F' : 'M' }))).flat(),
  ...Array.from({ length: left }, (_, i): Person => ({ id: `r${run}p${i}`, age: 110, ...anywhere(70_000 + 31 * i), income: i === 0 ? SECRET : 3000 })),
], 3 + places + 1);

const WEST = `district IN ('${DISTRICTS[0]}', '${DISTRICTS[1]}')`;
const PARTS = [[WEST, 1], ['age < 40', 1], [`${WEST} AND age < 40`, -1], [`NOT ${WEST} AND age >= 40`, 1]] as const;

async function told(town: LedgerTown, policy: Policy, places: number, left: number): Promise<number> {
  return town.asking(policy, async (operator, other) => {
    let parts = 0;
    for (const [condition, factor] of PARTS) parts += factor * Number((await other.ask(`SELECT sum(income) FROM people WHERE age <> 110 AND ${condition}`)).result?.table.rows[0]?.[0] ?? NaN);
    // All but what adds up to the whole.
    const own = places < 4 ? `sex = 'F' AND district IN (${DISTRICTS.slice(0, places).map((district) => `'${district}'`).join()})` : `NOT (sex = 'M' AND district = '${DISTRICTS[3]!}')`;
    for (const without of ['AND age <> 100', '']) await operator.ask(`SELECT district, sex, sum(income) FROM people WHERE age <> 110 AND ${own} ${without} GROUP BY district, sex`);
    return Number((await operator.ask('SELECT sum(income) FROM people')).result?.table.rows[0]?.[0] ?? NaN) - parts - 3000 * (left - 1);
  });
}

describe.each([{ places: 3, region: 14, left: 9 }, { places: 7, region: 18, left: 6 }])('$left who differ, of a region of $region in $places places', ({ places, region, left }) => {
  const towns = [0, 1, 2, 3].map((run) => townOf(places, region, left, run));
  test('tell one person without the ledger', async () => expect(await told(towns[0]!, ledgerPolicy('none'), places, left)).toBe(SECRET));
  test.each(['warn', 'refuse'] as const)('and not with it, whatever samples are taken (%s)', async (differencing) => {
    for (const town of towns) expect(await told(town, ledgerPolicy(differencing), places, left)).not.toBe(SECRET);
  }, 60_000);
});
