/**
 * Attacks by difference, really run: what one person's data add to a number that the policy lets be asked. Each is run without
 * the ledger, where it must succeed (else it proves nothing), and with it, where what the attacker computes must be the same
 * whether the target is in the data or not.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LedgerDomain, ledgerPolicy, people, single, type Loaded, type Operator, type Person } from '../../support/ledger-domain.ts';

/** The only one of age 100; everybody of the town is below. */
const TARGET: Person = { id: 'target', district: '崂山', age: 100, sex: 'F', income: 7_654_321 };
const TOWN = people(600);

type Strategy = 'refuse' | 'hold' | 'warn' | 'none';
/** What the attacker makes of the answers: a number about the target, or null where no answer helps. */
type Attack = (operators: readonly Operator[]) => Promise<number | null>;

/** The value of a query, null where it is refused or withheld. */
async function ask(operator: Operator, sql: string): Promise<number | null> {
  const answer = await operator.ask(sql);
  return answer.kind === 'refused' ? null : single(answer);
}

const minus = (a: number | null, ...parts: readonly (number | null)[]): number | null =>
  parts.reduce((sum, part) => (sum === null || part === null ? null : sum - part), a);

const ATTACKS: readonly { readonly name: string; readonly truth: number; readonly run: Attack }[] = [
  {
    name: 'one person by WHERE age <> 100', truth: 1,
    run: async ([me]) => minus(await ask(me!, 'select count(*) from people'), await ask(me!, 'select count(*) from people where age <> 100')),
  },
  {
    name: 'the income of one person by WHERE age < 100', truth: TARGET.income,
    run: async ([me]) => minus(await ask(me!, 'select sum(income) from people'), await ask(me!, 'select sum(income) from people where age < 100')),
  },
  {
    name: 'two filters: age between 0 and 99 against age >= 0', truth: 1,
    run: async ([me]) => minus(await ask(me!, 'select count(*) from people where age >= 0'), await ask(me!, 'select count(*) from people where age between 0 and 99')),
  },
  {
    name: 'by two who collude', truth: TARGET.income,
    run: async ([me, other]) => minus(await ask(me!, 'select sum(income) from people'), await ask(other!, 'select sum(income) from people where not age = 100')),
  },
  {
    name: 'whole minus parts: All − [age < 40] − [40 ≤ age < 100]', truth: 1,
    run: async ([me]) => minus(await ask(me!, 'select count(*) from people'), await ask(me!, 'select count(*) from people where age < 40'), await ask(me!, 'select count(*) from people where age >= 40 and age < 100')),
  },
  {
    name: 'whole minus five parts, by two who collude', truth: TARGET.income,
    run: async ([me, other]) => minus(
      await ask(me!, 'select sum(income) from people'), await ask(other!, 'select sum(income) from people where age < 20'), await ask(me!, 'select sum(income) from people where age >= 20 and age < 45'),
      await ask(other!, 'select sum(income) from people where age >= 45 and age < 70'), await ask(me!, 'select sum(income) from people where age >= 70 and age < 100'),
    ),
  },
  {
    name: 'complement within a group: women, and women below 100', truth: 1,
    run: async ([me]) => minus(await ask(me!, "select count(*) from people where sex = 'F'"), await ask(me!, "select count(*) from people where sex = 'F' and age < 100")),
  },
  {
    // |age ≥ 90 or 崂山| + |age ≥ 90 and 崂山, < 100| − …: a tracker pads the target's small set with others.
    name: 'tracker: the target padded with a district', truth: 1,
    run: async ([me]) => {
      const padded = await ask(me!, "select count(*) from people where age = 100 or district = '市南'");
      return minus(padded, await ask(me!, "select count(*) from people where district = '市南'"));
    },
  },
  {
    name: 'a table and a margin: sum over districts below 100 against all', truth: 1,
    run: async ([me]) => {
      const answer = await me!.ask('select district, count(*) from people where age < 100 group by district');
      if (answer.result === null) return null;
      const parts = answer.result.table.rows.map(([, n]) => (n === null || n === undefined ? null : Number(n)));
      return minus(await ask(me!, 'select count(*) from people'), ...parts);
    },
  },
  {
    name: 'one query with two subqueries', truth: 1,
    run: async ([me]) => ask(me!, 'select (select count(*) from people) - (select count(*) from people where age <> 100)'),
  },
  {
    name: 'a branch beside the whole', truth: TARGET.income,
    run: async ([me]) => ask(me!, 'select sum(income) - sum(income) filter (where age <> 100) from people'),
  },
  {
    name: 'a join with a public table instead of a filter', truth: 1,
    run: async ([me]) => minus(await ask(me!, 'select count(*) from people join districts using (district)'), await ask(me!, 'select count(*) from people where age <> 100')),
  },
];

const domain = new LedgerDomain();
let withTarget: Loaded;
let without: Loaded;
beforeAll(async () => {
  withTarget = await domain.load([...TOWN, TARGET]);
  without = await domain.load(TOWN);
}, 60_000);
afterAll(() => domain.close());

/** A fresh ledger for each run, over the same snapshots. */
async function run(attack: Attack, strategy: Strategy, loaded: Loaded): Promise<number | null> {
  const branch = domain.branch();
  const operators = [await branch.operator(loaded, ledgerPolicy(strategy)), await branch.operator(loaded, ledgerPolicy(strategy))];
  try {
    return await attack(operators);
  } finally {
    branch.close();
  }
}

describe.each(ATTACKS)('$name', ({ truth, run: attack }) => {
  test('succeeds without the ledger', async () => {
    expect(await run(attack, 'none', withTarget)).toBe(truth);
  });

  test.each(['refuse', 'hold', 'warn'] as const)('tells nothing with %s', async (strategy) => {
    const seen = await run(attack, strategy, withTarget);
    expect(seen).not.toBe(truth);
    expect(seen).toBe(await run(attack, strategy, without));
  });
});
