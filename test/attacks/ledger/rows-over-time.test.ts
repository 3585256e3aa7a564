/**
 * A number of yesterday that follows for today from its parts, where one person who withdrew was in many of them: with several rows in several cells of one table, or
 * in several questions. However many cells changed, one person did.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DISTRICTS, ledgerManifest, LedgerDomain, ledgerPolicy, people, type Loaded, type Person } from '../../support/ledger-domain.ts';

const SECRET = 4320;
const random = (i: number): number => (Math.imul(i ^ (i >>> 7), 0x9e37_79b1) >>> 8) % 1000;
const townOf = (size: number, rows: number): readonly Person[] => people(size).flatMap((person, i) => Array.from({ length: 1 + random(i) % rows }, (_, row) => {
  const n = rows * i + row;
  return { ...person, district: DISTRICTS[random(n) % 4]!, age: 20 + random(3 * n + 1) % 60, sex: random(7 * n + 2) % 2 === 0 ? 'F' : 'M', income: 1000 + random(n + 5) };
}));

/** Of nested sets: the first is (S ∪ Q) + (S ∩ Q) − Q, and so on with S ∩ Q. */
const SETS = ['age < 65', "district IN ('市南', '市北')", 'age BETWEEN 25 AND 74', "district IN ('市南', '崂山')", 'age BETWEEN 30 AND 59'];
const chain = (whole: string): readonly (readonly [sql: string, factor: number])[] => {
  const insides = SETS.map((_, i) => [whole, ...SETS.slice(0, i)].join(' AND '));
  const sum = (condition: string): string => `SELECT sum(income) FROM people WHERE ${condition}`;
  return [...SETS.flatMap((set, i) => [[sum(`(${insides[i]}) OR ${set}`), 1], [sum(set), -1]] as const), [sum([whole, ...SETS].join(' AND ')), 1]];
};

interface Attack {
  readonly rows: number;
  readonly target: readonly Person[];
  /** Whose income the attacker knows; they withdraw as well. */
  readonly known?: readonly Person[];
  readonly before: readonly (readonly [sql: string, factor: number])[];
  readonly after: string;
}

const rowsOf = (id: string, income: number, ages: readonly number[]): readonly Person[] => ages.map((age, i) => ({ id, district: DISTRICTS[i % 4]!, age, sex: i % 2 === 0 ? 'F' : 'M', income: income / ages.length }));

const ATTACKS: Readonly<Record<string, Attack>> = {
  'one with rows in twelve cells of a table': {
    rows: 12, target: rowsOf('target', SECRET, Array.from({ length: 12 }, (_, i) => 30 + i)), before: [['SELECT age, sum(income) FROM people GROUP BY age', 1]], after: 'SELECT sum(income) FROM people',
  },
  'five with rows in both cells of a table': {
    rows: 2, target: rowsOf('target', SECRET, [44, 61]), known: [0, 1, 2, 3].flatMap((i) => rowsOf(`known${i}`, 3000, [40 + i, 51 + i])),
    before: [['SELECT sex, sum(income) FROM people GROUP BY sex', 1]], after: 'SELECT sum(income) FROM people',
  },
  'one in eleven questions, with three rows': { rows: 3, target: rowsOf('target', SECRET, [44, 44, 44]).map((row) => ({ ...row, district: '市南', sex: 'F' })), before: chain("sex = 'F'"), after: "SELECT sum(income) FROM people WHERE sex = 'F'" },
  'one in eleven questions, with one row': { rows: 1, target: rowsOf('target', SECRET, [44]), before: chain("sex = 'F'"), after: "SELECT sum(income) FROM people WHERE sex = 'F'" },
};

const domain = new LedgerDomain();
afterAll(() => domain.close());

describe.each(Object.entries(ATTACKS))('%s', (_, { rows, target, known = [], before, after }) => {
  describe.each([600, 3000])('of %i persons', (size) => {
    let loaded: Loaded;
    beforeAll(async () => {
      loaded = await domain.load([...townOf(size, rows), ...target, ...known], ledgerManifest(rows));
    }, 60_000);

    async function told(differencing: 'warn' | 'refuse' | 'none'): Promise<number | null> {
      const branch = domain.branch();
      try {
        const operator = await branch.operator(loaded, ledgerPolicy(differencing));
        const numbers: (number | null)[] = [];
        const ask = async (sql: string, factor: number): Promise<void> => {
          const { result } = await operator.ask(sql);
          numbers.push(...(result?.table.rows.map((row) => (row.at(-1) === null ? null : factor * Number(row.at(-1)))) ?? [null]));
        };
        for (const [sql, factor] of before) await ask(sql, factor);
        await branch.withdraw(loaded, [...new Map([...target, ...known].map(({ id }) => [id, { id }])).values()]);
        await ask(after, -1);
        return numbers.includes(null) ? null : Math.round(numbers.reduce<number>((sum, number) => sum + (number ?? 0), 0) - known.reduce((sum, { income }) => sum + income, 0));
      } finally {
        branch.close();
      }
    }

    test('is told without the ledger', async () => expect(await told('none')).toBe(SECRET), 60_000);
    test.each(['warn', 'refuse'] as const)('is not told with it (%s)', async (differencing) => expect(await told(differencing)).not.toBe(SECRET), 60_000);
  });
});
