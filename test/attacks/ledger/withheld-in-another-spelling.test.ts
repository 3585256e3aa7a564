/**
 * A whole less its parts, asked for twice in one question. What people add cannot be solved for, because the numbers are many beside them; by rows the whole follows, and is withheld. The same number
 * under a condition that everybody meets follows from the whole, as it seemed to be free before, and has to be withheld as well.
 */
import { describe, expect, test } from 'vitest';
import { Manifest } from '#contract/manifest.ts';
import { ledgerPolicy } from '../../support/ledger-domain.ts';
import { ledgerTownOf } from '../../support/ledger-town.ts';

const SECRET = 4321;
const [BRANCHES, CLASSES, MONTHS] = [['b0', 'b1', 'b2', 'b3', 'b4', 'b5'], ['c0', 'c1', 'c2', 'c3'], ['m0', 'm1', 'm2']];
const manifest = Manifest.parse({ id: 'town', tables: { visits: {
  file: 'visits.csv', units: { person: 'id' }, maxRowsPerUnit: { person: 4 },
  columns: {
    id: { type: 'varchar', role: 'unit' }, year: { type: 'integer', role: 'quasi', min: '0', max: '9', nullable: false },
    branch: { type: 'varchar', role: 'quasi', domain: BRANCHES, nullable: false }, class: { type: 'varchar', role: 'quasi', domain: CLASSES, nullable: false },
    month: { type: 'varchar', role: 'quasi', domain: MONTHS, nullable: false }, cost: { type: 'bigint', role: 'sensitive', min: '0', max: '10000000' },
  },
} } });

function townOf(seed: number) {
  let state = seed;
  const random = (below: number): number => {
    state = Math.imul(state, 1_664_525) + 1_013_904_223 | 0;
    return Math.floor((state >>> 0) / 2 ** 32 * below);
  };
  const of = <T>(all: readonly T[]): T => all[random(all.length)]!;
  const cell = (): string => {
    const [branch, month] = [of(BRANCHES), of(MONTHS)];
    return [branch, branch === 'b2' && month === 'm1' ? of(CLASSES.slice(0, 3)) : of(CLASSES), month].join();
  };
  const cost = (): number => 1000 + random(5000);
  const own = Array.from({ length: 290 }, (_, i) => Array.from({ length: 1 + i % 3 }, () => `p${i},0,${cell()},${cost()}`)).flat();
  // Many with the same rows, and other costs.
  const alike = Array.from({ length: 4 }, (_, group) => {
    const cells = [cell(), cell()];
    return Array.from({ length: 20 }, (_person, i) => cells.map((each) => `g${group}p${i},0,${each},${cost()}`)).flat();
  }).flat();
  return ledgerTownOf({ 'visits.csv': `id,year,branch,class,month,cost\n${[...own, ...alike, `p0,0,b2,c3,m1,${SECRET}`, 'p100,9,b5,c0,m0,2000'].join('\n')}\n` }, manifest);
}

describe.each([1, 2, 3, 4, 5, 6])('town %i', (seed) => {
  const town = townOf(seed);
  const told = (differencing: 'none' | 'warn'): Promise<readonly number[]> => town.asking(ledgerPolicy(differencing, {
    dimensions: { 'visits.year': { levels: ['year'] }, 'visits.branch': { categories: 'all' }, 'visits.class': { categories: 'all' }, 'visits.month': { categories: 'all' } },
    measures: { 'visits.cost': ['count', 'sum'] }, joins: [],
  }), async (operator, other) => {
    const row = async (sql: string): Promise<readonly number[]> => (await other.ask(sql)).result?.table.rows.find(([branch, month]) => branch === 'b2' && (month === 'm1' || !MONTHS.includes(String(month))))?.slice(1).map((value) => Number(value ?? NaN)) ?? [];
    const [, inMonth = NaN] = await row("SELECT branch, month, sum(cost) FROM visits WHERE class <> 'c3' GROUP BY branch, month");
    const [others = NaN] = await row("SELECT branch, sum(cost) FROM visits WHERE month <> 'm1' GROUP BY branch");
    const { result } = await operator.ask('SELECT branch, sum(cost) FILTER (WHERE year <> 9), sum(cost) FROM visits GROUP BY branch');
    return result?.table.rows.find(([branch]) => branch === 'b2')?.slice(1).map((value) => Number(value ?? NaN) - inMonth - others) ?? [];
  });
  test('one person is told without the ledger', async () => expect(await told('none')).toEqual([SECRET, SECRET]));
  test('and not with it', async () => expect(await told('warn')).not.toContain(SECRET));
});
