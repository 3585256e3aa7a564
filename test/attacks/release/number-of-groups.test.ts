/**
 * A job may have so many cells and no more. Where the cells of the raw groups are counted, of whatever size they are, the operator can
 * multiply them (a table of constants among the keys) until one group more is one too many: whether the job fails tells of a
 * single person of a street, an age, a department. Each query is asked with and without the only person of age 115.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LedgerDomain, ledgerPolicy, people, type Loaded } from '../../support/ledger-domain.ts';

/** What `LedgerDomain` gives a job. */
const RESULT_CELLS = 100_000;
const AGES = 50;

let domain: LedgerDomain;
let worlds: readonly Loaded[];
beforeAll(async () => {
  domain = new LedgerDomain();
  const many = people(600, (person, i) => ({ ...person, age: i % AGES }));
  worlds = [await domain.load(many), await domain.load([...many, { id: 'target', district: '市南', age: 115, sex: 'F', income: 1 }])];
});
afterAll(() => domain.close());

async function outcome(loaded: Loaded, sql: string): Promise<string> {
  try {
    return (await domain.ask(loaded, ledgerPolicy('none'), sql)).kind;
  } catch {
    return 'failed';
  }
}

/** So many times the groups of everybody else that they just fit. */
const times = (groups: number, columns: number): number => Math.floor(Math.floor(RESULT_CELLS / columns) / groups);
const constants = (count: number): string => `(VALUES ${Array.from({ length: count }, (_, i) => `(${i})`).join(', ')}) v(k)`;

test.each([
  ['keys of one column', `SELECT k, age, count(*) FROM people CROSS JOIN ${constants(times(AGES, 3))} GROUP BY k, age`],
  ['groups of which none is large enough to be told', `SELECT k, age, district, sex, count(*) FROM people CROSS JOIN ${constants(times(200, 5))} GROUP BY k, age, district, sex`],
  ['distinct rows', `SELECT DISTINCT k, age FROM people CROSS JOIN ${constants(times(AGES, 2))}`],
])('%s', async (_, sql) => {
  const seen = await outcome(worlds[0]!, sql);
  expect(await outcome(worlds[1]!, sql)).toBe(seen);
});
