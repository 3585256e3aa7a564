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

describe('one person withdraws', () => {
  const QUESTIONS = ['select count(*) from people', 'select sum(income) from people', "select count(*) from people where sex = 'F'", 'select avg(income) from people where age < 50'];

  /** The answers before and after the batch, of the same operator and of one who comes later. */
  async function around(differencing: 'warn' | 'none', persons: readonly Person[], sql: string, change: 'withdraw' | 'reinstate' = 'withdraw'): Promise<readonly (number | null)[]> {
    const branch = domain.branch();
    try {
      if (change === 'reinstate') await branch.withdraw(snapshots.before, persons);
      const operator = await branch.operator(snapshots.before, ledgerPolicy(differencing));
      const before = single(await operator.ask(sql));
      await branch.withdraw(snapshots.before, persons, change);
      return [before, single(await operator.ask(sql)), single(await (await branch.operator(snapshots.before, ledgerPolicy(differencing))).ask(sql))];
    } finally {
      branch.close();
    }
  }

  test('who it is is seen without the ledger', async () => {
    expect(await around('none', TOWN.slice(0, 1), 'select count(*) from people')).toEqual([400, 399, 399]);
    const [before, after] = await around('none', TOWN.slice(0, 1), 'select sum(income) from people');
    expect(before! - after!).toBe(TOWN[0]!.income);
    expect(await around('none', TOWN.slice(0, 1), 'select count(*) from people', 'reinstate')).toEqual([399, 400, 400]);
  });

  test.each(['withdraw', 'reinstate'] as const)('is not seen with it, nor which few (%s)', async (change) => {
    for (const sql of QUESTIONS) for (const count of [1, 9]) {
      const [before, after, later] = await around('warn', TOWN.slice(0, count), sql, change);
      expect([after, later], `${sql}, ${count}`).toEqual([before, before]);
    }
  });

  test('nor by other questions that amount to the same: parts, margins, other spellings', async () => {
    const total = async (differencing: 'warn' | 'none') => {
      const branch = domain.branch();
      try {
        const operator = await branch.operator(snapshots.before, ledgerPolicy(differencing));
        const before = await operator.ask('select district, count(*) from people group by district');
        const parts = before.result!.table.rows.reduce((sum, [, n]) => sum + Number(n), 0);
        await branch.withdraw(snapshots.before, TOWN.slice(0, 1));
        return [parts - single(await operator.ask('select count(*) from people'))!, parts - single(await operator.ask('select count(*) from people where age >= 0'))!, parts - single(await operator.ask("select count(id) from people where sex in ('F', 'M')"))!];
      } finally {
        branch.close();
      }
    };
    expect(await total('none')).toEqual([1, 1, 1]);
    expect(await total('warn')).toEqual([0, 0, 0]);
  });

  test('many who withdraw are gone', async () => {
    const [before, after] = await around('warn', TOWN.slice(0, 60), 'select count(*) from people');
    expect([before, after]).toEqual([400, 340]);
    expect(await around('warn', TOWN.slice(0, 60), 'select count(*) from people', 'reinstate')).toEqual([340, 400, 400]);
  });
});

test('sixty who came are seen where they are, and nowhere else', async () => {
  expect(await twice('many', 'select count(*) from people', 'warn')).toEqual([400, 460]);
  expect(await twice('many', "select count(*) from people where district = '崂山'", 'warn')).toEqual([100, 160]);
  expect(await twice('many', "select count(*) from people where district = '市南'", 'warn')).toEqual([100, 100]);
});
