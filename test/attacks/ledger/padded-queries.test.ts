/**
 * A question that the ledger answers with what follows, beside a table of more groups than it looks at: the padding must not hide the question.
 * Of 26,000 persons three are under twenty in 李沧, and everybody there and those from twenty to sixty are known; those over sixty are asked for.
 */
import { expect, test } from 'vitest';
import { ledgerPolicy, people, type Asked, type Person } from '../../support/ledger-domain.ts';
import { ledgerTown } from '../../support/ledger-town.ts';

const TOWN: readonly Person[] = people(26_000, (person, i) => ({ ...person, age: i % 4 === 3 ? (i < 12 ? 10 : 20 + ((i * 37) % 80)) : (i * 37) % 100, income: 1_000 + ((i * 7_919) % 90_000) }));
const TRUTH = TOWN.filter(({ district, age }) => district === '李沧' && age < 20).length;

/** Ages and narrow bands of income cross in more than twenty thousand groups of one. */
const policy = (differencing: 'none' | 'warn' | 'refuse') => ledgerPolicy(differencing, {
  dimensions: { 'people.district': { categories: 'all' }, 'people.sex': { categories: 'all' }, 'people.age': { levels: ['age'] }, 'people.income': { bands: Array.from({ length: 900 }, (_, i) => 1_000 + i * 100) } },
});

const town = ledgerTown(TOWN);

const QUESTION = "SELECT district, -1 AS age, '' AS income, count(*) FILTER (WHERE age >= 60) FROM people GROUP BY district";
const PADDING = "UNION ALL SELECT '', age, income_band, count(*) FILTER (WHERE age >= 20 OR age < 20) FROM people GROUP BY age, income_band";

/** Persons under twenty as the numbers have it; null where the last was not released. */
async function told(differencing: 'none' | 'warn' | 'refuse', question: string): Promise<number | null> {
  return town.asking(policy(differencing), async (one, other) => {
    const of = (answer: Asked): number | null => Number(answer.result?.table.rows.find(([district]) => district === '李沧')?.at(-1) ?? Number.NaN);
    const all = of(await one.ask('SELECT district, count(*) FROM people GROUP BY district'));
    const middle = of(await one.ask('SELECT district, count(*) FROM people WHERE age >= 20 AND age < 60 GROUP BY district'));
    const answer = await other.ask(question);
    const old = answer.result === null ? null : of(answer);
    return all === null || middle === null || old === null ? null : all - middle - old;
  });
}

test.each([['by itself', QUESTION], ['padded', `${QUESTION} ${PADDING}`]] as const)('%s', async (_, question) => {
  expect(await told('none', question)).toBe(TRUTH);
  expect(await told('warn', question)).not.toBe(TRUTH);
  expect(await told('refuse', question)).toBeNull();
}, 120_000);
