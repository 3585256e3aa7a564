/** Before and after an update of the data: what one person who came or left adds to a number. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LedgerDomain, ledgerPolicy, people, single, type Loaded, type Person } from '../../support/ledger-domain.ts';

const TOWN = people(400);
const NEWCOMER: Person = { id: 'newcomer', district: '崂山', age: 50, sex: 'F', income: 7_654_321 };
const MANY: readonly Person[] = people(60).map((person) => ({ ...person, id: `n${person.id}`, district: '崂山' }));

const domain = new LedgerDomain();
const snapshots: Record<'before' | 'same' | 'one' | 'gone' | 'raise' | 'many', Loaded> = {} as never;
beforeAll(async () => {
  snapshots.before = await domain.load(TOWN);
  snapshots.same = await domain.load([...TOWN].reverse());
  snapshots.one = await domain.load([...TOWN, NEWCOMER]);
  snapshots.gone = await domain.load(TOWN.slice(1));
  snapshots.raise = await domain.load(TOWN.map((person, i) => (i === 0 ? { ...person, income: 9_999_999 } : person)));
  snapshots.many = await domain.load([...TOWN, ...MANY]);
}, 60_000);
afterAll(() => domain.close());

async function twice(after: keyof typeof snapshots, sql: string, differencing: 'warn' | 'none', then = sql): Promise<readonly [number | null, number | null]> {
  const branch = domain.branch();
  try {
    const first = single(await (await branch.operator(snapshots.before, ledgerPolicy(differencing))).ask(sql));
    return [first, single(await (await branch.operator(snapshots[after], ledgerPolicy(differencing))).ask(then))];
  } finally {
    branch.close();
  }
}

describe('one person', () => {
  test('who came, who left, whose income changed is seen without the ledger', async () => {
    expect(await twice('one', 'select count(*) from people', 'none')).toEqual([400, 401]);
    expect(await twice('gone', 'select count(*) from people', 'none')).toEqual([400, 399]);
    const [before, after] = await twice('raise', 'select sum(income) from people', 'none');
    expect(after! - before!).toBe(9_999_999 - TOWN[0]!.income);
  });

  test.each(['one', 'gone', 'raise', 'same'] as const)('is not seen with it (%s)', async (after) => {
    for (const sql of ['select count(*) from people', 'select sum(income) from people', "select count(*) from people where sex = 'F'"]) {
      const [first, second] = await twice(after, sql, 'warn');
      expect(second, sql).toBe(first);
    }
  });

  test('is not seen by a whole of today less its parts of yesterday', async () => {
    const sum = async (differencing: 'warn' | 'none') => {
      const branch = domain.branch();
      const before = await (await branch.operator(snapshots.before, ledgerPolicy(differencing))).ask('select district, count(*) from people group by district');
      if (before.kind !== 'released') throw new Error('not released');
      const parts = before.envelope.table.rows.reduce((total, [, n]) => total + Number(n), 0);
      const whole = single(await (await branch.operator(snapshots.one, ledgerPolicy(differencing))).ask('select count(*) from people'));
      branch.close();
      return whole! - parts;
    };
    expect(await sum('none')).toBe(1);
    expect(await sum('warn')).toBe(0);
  });
});

test('sixty who came are seen where they are, and nowhere else', async () => {
  expect(await twice('many', 'select count(*) from people', 'warn')).toEqual([400, 460]);
  expect(await twice('many', "select count(*) from people where district = '崂山'", 'warn')).toEqual([100, 160]);
  expect(await twice('many', "select count(*) from people where district = '市南'", 'warn')).toEqual([100, 100]);
});
