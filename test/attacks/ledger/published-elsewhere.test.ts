/**
 * Numbers that the agency published elsewhere, against what is released here: the attacker has the yearbook and asks for everybody but one.
 * Each attack is run without the entry, where it must succeed, and with it, where what the attacker computes must be the same whether
 * the target is in the data or not. Then what a withdrawal of the entry costs, and what it must not cost.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PublishedTable } from '#contract/api/ledger.ts';
import type { LedgerEntryId } from '#contract/id.ts';
import { openDelta, sealDelta } from '#sandbox/ledger/delta.ts';
import { LedgerDomain, ledgerPolicy, people, single, type Loaded, type Operator, type Person } from '../../support/ledger-domain.ts';

const TARGET: Person = { id: 'target', district: '崂山', age: 100, sex: 'F', income: 7_654_321 };
const TOWN = people(600);
const POLICY = ledgerPolicy('warn');

type Published = Omit<PublishedTable, 'dataset' | 'source'>;
const table = { table: 'people' } as const;
const total = (persons: readonly Person[]): number => persons.reduce((sum, { income }) => sum + income, 0);
const toThousands = (value: number): string => String(Math.round(value / 1000) * 1000);
const districtsOf = (persons: readonly Person[]) => [...Map.groupBy(persons, ({ district }) => district)];

const value = async (operator: Operator, sql: string): Promise<number | null> => {
  const answer = await operator.ask(sql);
  return answer.kind === 'refused' ? null : single(answer);
};
const difference = (published: number, ...answers: readonly (number | null)[]): number | null => answers.reduce<number | null>((rest, each) => (rest === null || each === null ? null : rest - each), published);

interface Attack {
  readonly name: string;
  readonly yearbook: (persons: readonly Person[]) => Published;
  readonly run: (operator: Operator, yearbook: Published) => Promise<number | null>;
  /** What of the target is learned without the entry, and how closely. */
  readonly truth: number;
  readonly within: number;
}

const whole = ({ cells: [cell] }: Published): { readonly count: number; readonly total: number } => ({ count: cell?.count ?? NaN, total: Number(cell?.total ?? NaN) });
const ATTACKS: readonly Attack[] = [
  {
    name: 'a count, less everybody but one', truth: 1, within: 0,
    yearbook: (persons) => ({ ...table, groups: [], cells: [{ keys: [], count: persons.length }] }),
    run: async (me, yearbook) => difference(whole(yearbook).count, await value(me, 'select count(*) from people where age < 100')),
  },
  {
    name: 'a total, less everybody but one', truth: TARGET.income, within: 0,
    yearbook: (persons) => ({ ...table, groups: [], measure: 'income', cells: [{ keys: [], total: String(total(persons)) }] }),
    run: async (me, yearbook) => difference(whole(yearbook).total, await value(me, 'select sum(income) from people where age < 100')),
  },
  {
    name: 'a total rounded to thousands, less everybody but one', truth: TARGET.income, within: 500,
    yearbook: (persons) => ({ ...table, groups: [], measure: 'income', roundedTo: { total: '1000' }, cells: [{ keys: [], total: toThousands(total(persons)) }] }),
    run: async (me, yearbook) => difference(whole(yearbook).total, await value(me, 'select sum(income) from people where age < 100')),
  },
  {
    name: 'a rounded total, less the parts of everybody but one', truth: TARGET.income, within: 500,
    yearbook: (persons) => ({ ...table, groups: [], measure: 'income', roundedTo: { total: '1000' }, cells: [{ keys: [], total: toThousands(total(persons)) }] }),
    run: async (me, yearbook) => difference(
      whole(yearbook).total, await value(me, 'select sum(income) from people where age < 30'), await value(me, 'select sum(income) from people where age >= 30 and age < 70'), await value(me, 'select sum(income) from people where age >= 70 and age < 100'),
    ),
  },
  {
    name: 'the total of a district, in a table of counts and totals', truth: TARGET.income, within: 0,
    yearbook: (persons) => ({ ...table, groups: ['district'], measure: 'income', cells: districtsOf(persons).map(([district, of]) => ({ keys: [district], count: of.length, total: String(total(of)) })) }),
    run: async (me, { cells }) => difference(Number(cells.find(({ keys }) => keys[0] === TARGET.district)?.total), await value(me, `select sum(income) from people where district = '${TARGET.district}' and age < 100`)),
  },
];

let domain: LedgerDomain;
let present: Loaded;
let absent: Loaded;
beforeAll(async () => {
  domain = new LedgerDomain();
  [present, absent] = [await domain.load([...TOWN, TARGET]), await domain.load(TOWN)];
}, 60_000);
afterAll(() => domain.close());

/** What the attacker computes, and how long is what the ledger keeps, in a domain of its own. */
async function run({ yearbook, run: attack }: Attack, data: Loaded, entered: boolean): Promise<{ readonly learned: number | null; readonly kept: readonly number[] }> {
  const own = domain.branch();
  try {
    const published = yearbook([...TOWN, TARGET]);
    // Published with the target in it; the other world's yearbook is the same.
    if (entered) await own.enter(data, POLICY, published);
    const learned = await attack(await own.operator(data, POLICY), published);
    return { learned, kept: own.entries.map(({ sealed }) => sealed.length) };
  } finally {
    own.close();
  }
}

describe.each(ATTACKS)('$name', (attack) => {
  test('without the entry the target is told', async () => {
    const { learned } = await run(attack, present, false);
    expect(Math.abs((learned ?? NaN) - attack.truth)).toBeLessThanOrEqual(attack.within);
  }, 60_000);

  test('with it the answer is what was published, whether the target is in the data or not', async () => {
    const [with_, without] = [await run(attack, present, true), await run(attack, absent, true)];
    // Nor does what is kept of it tell.
    expect(with_).toEqual(without);
    expect(Math.abs((with_.learned ?? 0) - attack.truth)).toBeGreaterThan(attack.within);
  }, 60_000);
});

test('a withheld total is not what a published margin leaves of the cells that are shown', async () => {
  // Three women in one district.
  const town = TOWN.filter(({ district, sex }, i) => district !== '崂山' || sex === 'M' || i < 20);
  const few = town.filter(({ district, sex }) => district === '崂山' && sex === 'F');
  expect(few.length).toBeGreaterThan(0);
  expect(few.length).toBeLessThan(10);
  const yearbook: Published = { ...table, groups: ['district'], measure: 'income', cells: districtsOf(town).map(([district, of]) => ({ keys: [district], total: String(total(of)) })) };
  const policy = ledgerPolicy('warn', { secondary: 'required' });
  const data = await domain.load(town);
  const learned = async (entered: boolean) => {
    const own = domain.branch();
    try {
      const entry = entered ? await own.enter(data, policy, yearbook) : null;
      const asked = async () => (await own.operator(data, policy)).ask('select district, sex, sum(income) from people group by district, sex');
      const answer = await asked();
      // What a job withheld for the margin's sake stays withheld when the margin is withdrawn.
      if (entry !== null) {
        await own.withdrawEntry(data, entry);
        expect((await asked()).result?.table).toEqual(answer.result?.table);
      }
      const cells = new Map((answer.result?.table.rows ?? []).map(([district, sex, sum]) => [`${district} ${sex}`, sum === null ? null : Number(sum)]));
      expect(cells.get('崂山 F')).toBeNull();
      return difference(Number(yearbook.cells.find(({ keys }) => keys[0] === '崂山')?.total), cells.get('崂山 M') ?? null);
    } finally {
      own.close();
    }
  };
  expect(await learned(false)).toBe(total(few));
  expect(await learned(true)).toBeNull();
}, 60_000);

describe('withdrawn', () => {
  const yearbook: Published = { ...table, groups: [], measure: 'income', cells: [{ keys: [], count: TOWN.length + 1, total: String(total([...TOWN, TARGET])) }] };
  const BUT_ONE = 'select sum(income) from people where age < 100';
  const AGAIN = 'select sum(income) from people where not age = 100';
  const scene = async (act: (own: LedgerDomain, me: Operator, entry: LedgerEntryId) => Promise<void>) => {
    const own = domain.branch();
    try {
      const entry = await own.enter(present, POLICY, yearbook);
      await act(own, await own.operator(present, POLICY), entry);
    } finally {
      own.close();
    }
  };

  test('an entry that was a mistake counts no more: numbers are the data’s own again, and a corrected one counts', async () => {
    const own = domain.branch();
    try {
      const wrong = await own.enter(present, POLICY, { ...table, groups: [], cells: [{ keys: [], count: 61 }] });
      await own.withdrawEntry(present, wrong);
      const me = await own.operator(present, POLICY);
      expect(await value(me, 'select count(*) from people where age < 60')).toBe(TOWN.filter(({ age }) => age < 60).length);
      await own.enter(present, POLICY, { ...table, groups: [], cells: [{ keys: [], count: 610 }] });
      expect(await value(me, 'select count(*) from people')).toBe(610);
    } finally {
      own.close();
    }
  }, 60_000);

  test('measured: whoever has the yearbook and asks for the first time learns the target; so it takes three people', () => scene(async (own, me, entry) => {
    await own.withdrawEntry(present, entry);
    expect(difference(total([...TOWN, TARGET]), await value(me, BUT_ONE))).toBe(TARGET.income);
  }), 60_000);

  test('what was given on its strength stays: asking again, before and after, tells nothing', () => scene(async (own, me, entry) => {
    const before = await value(me, BUT_ONE);
    expect(before).toBe(total([...TOWN, TARGET]));
    const added = own.entries.length;
    expect(await value(me, AGAIN)).toBe(before);
    // Once is enough: a number that a job has given is not added again.
    expect(own.entries.length).toBe(added);
    await own.withdrawEntry(present, entry);
    for (const sql of [BUT_ONE, AGAIN, 'select sum(income) from people']) expect(await value(me, sql)).toBe(before);
    const another = await own.operator(present, POLICY);
    expect(await value(another, AGAIN)).toBe(before);
  }), 60_000);

  test('what followed from it and from other numbers stays as well', () => scene(async (own, me, entry) => {
    const young = await value(me, 'select sum(income) from people where age < 40');
    const rest = await value(me, 'select sum(income) from people where age >= 40 and age < 100');
    expect(rest).toBe(total([...TOWN, TARGET]) - (young ?? NaN));
    await own.withdrawEntry(present, entry);
    expect(await value(me, 'select sum(income) from people where age >= 40 and age <> 100')).toBe(rest);
    expect(await value(me, 'select sum(income) from people where age >= 40')).toBe(rest);
  }), 60_000);

  test('what a job released of its own is no entry: there is no way to withdraw it', () => scene(async (own, me) => {
    const key = new Uint8Array(32);
    const random = (bytes: number) => new Uint8Array(bytes);
    await value(me, 'select count(*) from people where age < 40');
    const job = own.entries.at(-1)!.of;
    expect(job).toMatch(/^job_/);
    const sealed = sealDelta(key, 'unentry', { strips: [], tables: [], withdraws: job as unknown as LedgerEntryId }, random);
    expect(() => openDelta(key, 'unentry', sealed)).toThrow();
  }), 60_000);
});
