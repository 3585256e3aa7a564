/** A hundred and forty numbers of one gate, each under a condition of its own, over more persons than a worker keeps so many numbers of. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LedgerDomain, ledgerPolicy, people, type Loaded } from '../../support/ledger-domain.ts';

const PERSONS = people(180_000);
const BRANCHES = 140;

let domain: LedgerDomain;
let loaded: Loaded;
beforeAll(async () => {
  domain = new LedgerDomain();
  loaded = await domain.load(PERSONS);
}, 60_000);
afterAll(() => domain.close());

/** Everybody but those of one age, or those of one age and sex. */
const conditionOf = (i: number): string => (i < 100 ? `age <> ${i}` : `NOT (age = ${i - 100} AND sex = 'F')`);
const isIn = (i: number, { age, sex }: (typeof PERSONS)[number]): boolean => (i < 100 ? age !== i : !(age === i - 100 && sex === 'F'));

test.each([
  ['sums', (i: number) => `sum(income) FILTER (WHERE ${conditionOf(i)})`, (of: readonly (typeof PERSONS)[number][]) => of.reduce((sum, { income }) => sum + income, 0)],
  ['numbers of persons', (i: number) => `count(*) FILTER (WHERE ${conditionOf(i)})`, (of: readonly (typeof PERSONS)[number][]) => of.length],
] as const)('%s', async (_, number, truth) => {
  const branch = domain.branch();
  try {
    const operator = await branch.operator(loaded, ledgerPolicy('warn'));
    const answer = await operator.ask(`SELECT ${Array.from({ length: BRANCHES }, (__, i) => number(i)).join(', ')} FROM people`);
    expect(answer.result?.table.rows[0]?.map(Number)).toEqual(Array.from({ length: BRANCHES }, (__, i) => truth(PERSONS.filter((person) => isIn(i, person)))));
  } finally {
    branch.close();
  }
}, 60_000);
