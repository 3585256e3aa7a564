/**
 * A whole less its parts, after tables with a margin of which one cell is withheld for its few persons: each margin follows from the cells that are shown but for those few, and the parts of the
 * whole follow from the margins. One person's income comes out, or the person's and that of up to eight known ones.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DISTRICTS, LedgerDomain, ledgerManifest, ledgerPolicy, type Loaded, type Person } from '../../support/ledger-domain.ts';

const SECRET = 4321;
const KNOWN_INCOME = 3000;
const TRIALS = 3;

const domain = new LedgerDomain();
afterAll(() => domain.close());

function below(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b_3c6d) + 0x9e37_79b9) | 0;
    return Math.floor(((state >>> 0) / 2 ** 32) * n);
  };
}

/** Rows of five ages each; in each set of ages nine persons of the last district; the target and known ones have a row of an age of their own. */
function town(seed: number, sets: number, known: number): readonly Person[] {
  const random = below(seed);
  const row = (id: string, over: Partial<Person> = {}): Person => ({ id, district: DISTRICTS[random(3)]!, age: random(10 * sets), sex: random(2) === 0 ? 'F' : 'M', income: 1000 + random(4000), ...over });
  const rows = Array.from({ length: 500 }, (_, i) => Array.from({ length: 5 }, () => row(`p${i}`))).flat();
  for (let set = 0; set < sets; set++) for (let i = 0; i < 9; i++) rows.push(row(`p${(37 * set + 53 * i) % 500}`, { district: DISTRICTS[3]!, age: 10 * set + random(10) }));
  for (let i = 0; i <= known; i++) rows.push(...Array.from({ length: 4 }, () => row(`q${i}`)), row(`q${i}`, { age: 110 + i, income: i === 0 ? SECRET : KNOWN_INCOME }));
  return rows;
}

async function learned(loaded: Loaded, sets: number, known: number, differencing: 'warn' | 'none'): Promise<number | null> {
  const branch = domain.branch();
  try {
    const [one, other] = [await branch.operator(loaded, ledgerPolicy(differencing)), await branch.operator(loaded, ledgerPolicy(differencing))];
    let parts = 0;
    for (let set = 0; set < sets; set++) {
      const { result } = await one.ask(`SELECT district, sum(income) FROM people WHERE age BETWEEN ${10 * set} AND ${10 * set + 9} GROUP BY GROUPING SETS ((district), ())`);
      const rows = result?.table.rows ?? [];
      expect(rows.find(([district]) => district === DISTRICTS[3])?.[1] ?? null).toBeNull();
      parts += Number(rows.find(([district]) => district === null)?.[1] ?? NaN);
    }
    const whole = (await other.ask('SELECT sum(income) FROM people')).result?.table.rows[0]?.[0] ?? null;
    return whole === null ? null : Number(whole) - parts - KNOWN_INCOME * known;
  } finally {
    branch.close();
  }
}

describe.each([{ sets: 6, known: 8 }, { sets: 6, known: 0 }, { sets: 9, known: 0 }])('$sets tables, and $known known persons', ({ sets, known }) => {
  let towns: readonly Loaded[];
  beforeAll(async () => {
    towns = [];
    for (let trial = 0; trial < TRIALS; trial++) towns = [...towns, await domain.load(town(11 + trial, sets, known), ledgerManifest(20))];
  }, 60_000);

  test('without the ledger the income comes out', async () => {
    expect(await learned(towns[0]!, sets, known, 'none')).toBe(SECRET);
  }, 60_000);

  test('with it, it does not', async () => {
    for (const loaded of towns) expect(await learned(loaded, sets, known, 'warn')).not.toBe(SECRET);
  }, 60_000);
});
