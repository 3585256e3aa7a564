/**
 * A whole less its parts over fewer than three hundred people, among whom combinations are searched for exactly: after forty other numbers, in a question that asks for so many cells that the share of
 * each is too small to search.
 */
import { describe, expect, test } from 'vitest';
import { Manifest } from '#contract/manifest.ts';
import { Policy } from '#contract/policy.ts';
import { ledgerPolicy } from '../../support/ledger-domain.ts';
import { ledgerTownOf } from '../../support/ledger-town.ts';

const SECRET = 4321;
const SIZE = 290;
const [BRANCHES, CLASSES, MONTHS] = [['b0', 'b1', 'b2', 'b3', 'b4', 'b5'], ['c0', 'c1', 'c2', 'c3'], ['m0', 'm1', 'm2']];
let state = 1;
const random = (below: number): number => {
  state = Math.imul(state, 1_664_525) + 1_013_904_223 | 0;
  return Math.floor((state >>> 0) / 2 ** 32 * below);
};
const of = <T>(all: readonly T[]): T => all[random(all.length)]!;
/** Each at a place of its own. The first is the one whom nobody may learn about; those at every thirtieth are known. */
const ROWS = Array.from({ length: SIZE }, (_, place) => [`p${place}`, place, of(BRANCHES), of(CLASSES), of(MONTHS), place === 0 ? SECRET : place % 30 === 0 ? 3000 : 1000 + random(5000)].join());
const town = ledgerTownOf({ 'visits.csv': `id,place,branch,class,month,cost\n${ROWS.join('\n')}\n` }, Manifest.parse({ id: 'town', tables: { visits: {
  file: 'visits.csv', units: { person: 'id' }, maxRowsPerUnit: { person: 1 },
  columns: {
    id: { type: 'varchar', role: 'unit' }, place: { type: 'integer', role: 'quasi', min: '0', max: '300', nullable: false },
    branch: { type: 'varchar', role: 'quasi', domain: BRANCHES, nullable: false }, class: { type: 'varchar', role: 'quasi', domain: CLASSES, nullable: false },
    month: { type: 'varchar', role: 'quasi', domain: MONTHS, nullable: false }, cost: { type: 'bigint', role: 'sensitive', min: '0', max: '10000000' },
  },
} } }));
const policyOf = (differencing: 'none' | 'warn'): Policy => ledgerPolicy(differencing, {
  dimensions: { 'visits.place': { levels: ['place'] }, 'visits.branch': { categories: 'all' }, 'visits.class': { categories: 'all' }, 'visits.month': { categories: 'all' } },
  measures: { 'visits.cost': ['count', 'sum', 'avg'] }, joins: [],
});

const [SOME, OTHER] = ["branch IN ('b0', 'b1', 'b2')", "class IN ('c0', 'c1')"];
/** Of everybody without some, by inclusion and exclusion. */
const PARTS = [[SOME, 1], [OTHER, 1], [`${SOME} AND ${OTHER}`, -1], [`NOT ${SOME} AND NOT ${OTHER}`, 1]] as const;
const ranges = (): string => Array.from({ length: 6 }, () => {
  const from = random(SIZE);
  return `place BETWEEN ${from} AND ${from + 18 + random(36)}`;
}).join(' OR ');
const JOBS = Array.from({ length: 2 }, () => Array.from({ length: 20 }, () => `FILTER (WHERE (${ranges()}) AND NOT (branch = '${of(BRANCHES)}' AND class <> '${of(CLASSES)}'))`));
const PAIRS = '(branch, class), (branch, month), (class, month), (branch), (class), (month), ()';
const padded = (number: string): string => `SELECT branch, class, month, ${Array.from({ length: 5 }, (_, i) => `${number} FILTER (WHERE place > ${5 + i})`).join()}, ${number} FROM visits GROUP BY GROUPING SETS (${PAIRS})`;

function told(differencing: 'none' | 'warn', number: string, left: number, jobs: number, whole: string): Promise<number | null> {
  return town.asking(policyOf(differencing), async (operator, other) => {
    const without = Array.from({ length: left }, (_, i) => 30 * i).join();
    let parts = 0;
    for (const [condition, factor] of PARTS) parts += factor * Number((await other.ask(`SELECT ${number} FROM visits WHERE place NOT IN (${without}) AND ${condition}`)).result?.table.rows[0]?.[0] ?? NaN);
    for (const filters of JOBS.slice(0, jobs)) await operator.ask(`SELECT ${filters.map((filter) => `${number} ${filter}`).join()} FROM visits`);
    const { result } = await operator.ask(whole);
    const all = result?.table.rows.find((row) => row.slice(0, 3).every((key) => key === null))?.at(-1) ?? null;
    return all === null ? null : Number(all) - parts - (number === 'count(*)' ? left - 1 : 3000 * (left - 1));
  });
}

describe.each([
  { number: 'count(*)', secret: 1, left: 1, jobs: 2, whole: padded },
  { number: 'sum(cost)', secret: SECRET, left: 1, jobs: 2, whole: padded },
])('$number without $left, $jobs jobs in between', ({ number, secret, left, jobs, whole }) => {
  test('tells one person without the ledger', async () => expect(await told('none', number, left, jobs, whole(number))).toBe(secret), 60_000);
  test('and not with it', async () => expect(await told('warn', number, left, jobs, whole(number))).not.toBe(secret), 60_000);
});
