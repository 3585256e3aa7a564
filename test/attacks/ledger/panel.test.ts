/**
 * A panel: everybody has one row in each of several months. A sum of one month has as many of everybody's rows as that of another and half of the sum of both: by rows the one would
 * follow from the other. It does not, as what they add tells; and a person whom the rest of the sums tells apart is found by what these add.
 */
import { describe, expect, test } from 'vitest';
import type { Policy } from '#contract/policy.ts';
import { DISTRICTS, ledgerPolicy, people, single, type Person } from '../../support/ledger-domain.ts';
import { LARGE_PRIME, rank } from '../../support/ledger-reference.ts';
import { ledgerTown, type LedgerTown } from '../../support/ledger-town.ts';

const MONTHS = ['F', 'M'] as const;
const PERSONS = people(300);
/** `sex` is the month; the second one pays more, and not to all alike. */
const rowsOf = (month: number, persons = PERSONS): readonly Person[] => persons.map((person, i) => ({ ...person, sex: MONTHS[month]!, income: person.income + month * (100 + (i % 7)) }));
const sum = (rows: readonly Person[]): number => rows.reduce((all, { income }) => all + income, 0);

const WHOLE = 'SELECT sum(income) FROM people';
const MONTH = "SELECT sum(income) FROM people WHERE sex = 'F'";
const OTHER = "SELECT sum(income) FROM people WHERE sex = 'M'";
const BOTH = 'SELECT sex, sum(income) FROM people GROUP BY sex ORDER BY sex';
const ROLLUP = 'SELECT sex, sum(income) FROM people GROUP BY ROLLUP (sex) ORDER BY sex NULLS LAST';

type Numbers = readonly (readonly (number | null)[])[];

async function answers(town: LedgerTown, policy: Policy, questions: readonly string[]): Promise<Numbers> {
  return town.asking(policy, async (operator) => {
    const all: (readonly (number | null)[])[] = [];
    for (const sql of questions) all.push((await operator.ask(sql)).result?.table.rows.map((row) => (row.at(-1) === null ? null : Number(row.at(-1)))) ?? []);
    return all;
  });
}

describe('sums of two months', () => {
  const [first, second] = [sum(rowsOf(0)), sum(rowsOf(1))];
  const town = ledgerTown([...rowsOf(0), ...rowsOf(1)], 2);
  test.each<readonly [string, readonly string[], Numbers]>([
    ['a month after the whole', [WHOLE, MONTH], [[first + second], [first]]],
    ['the whole after a month', [MONTH, WHOLE], [[first], [first + second]]],
    ['one month after the other', [MONTH, OTHER], [[first], [second]]],
    ['the rest of the whole', [WHOLE, MONTH, OTHER], [[first + second], [first], [second]]],
    ['the whole after both', [BOTH, WHOLE], [[first, second], [first + second]]],
    ['all together', [ROLLUP], [[first, second, first + second]]],
  ])('are what they are: %s', async (_, questions, numbers) => expect(await answers(town, ledgerPolicy('warn'), questions)).toEqual(numbers));
  test('are refused where they follow from sums of other rows', async () => expect(await answers(town, ledgerPolicy('refuse'), [MONTH, OTHER, WHOLE])).toEqual([[first], [second], []]));
});

describe('a part with as many rows of everybody as the rest of another', () => {
  /** Two sectors (here ages) in each of two months. */
  const rows = MONTHS.flatMap((sex, m) => [0, 1].flatMap((sector) => PERSONS.map((person, i): Person => ({ ...person, sex, age: 30 + sector, income: person.income + ((i * (3 + m) + sector * 17) % 101) }))));
  const town = ledgerTown(rows, 4);
  test('is another number', async () => {
    const SECTOR = 'SELECT sum(income) FROM people WHERE age = 31';
    const [all, month, sector] = [rows, rows.filter(({ sex }) => sex === 'F'), rows.filter(({ age }) => age === 31)].map(sum);
    expect(await answers(town, ledgerPolicy('warn'), [WHOLE, MONTH, SECTOR])).toEqual([[all], [month], [sector]]);
  });
});

describe('who earns the same in both months, but for five', () => {
  const second = rowsOf(0).map((person, i): Person => ({ ...person, sex: 'M', income: person.income + (i % 60 === 7 ? 5000 + i : 0) }));
  const [before, after] = [sum(rowsOf(0)), sum(second)];
  const town = ledgerTown([...rowsOf(0), ...second], 2);
  test.each<readonly [string, readonly string[], Numbers, Numbers]>([
    ['the other month', [MONTH, OTHER], [[before], [after]], [[before], [before]]],
    ['the whole as twice a month', [MONTH, WHOLE], [[before], [before + after]], [[before], [2 * before]]],
    ['a month as half of the whole', [WHOLE, MONTH], [[before + after], [before]], [[before + after], [Math.round((before + after) / 2)]]],
  ])('%s: what they earn more is told without the ledger only', async (_, questions, without, with_) => {
    expect(await answers(town, ledgerPolicy('none'), questions)).toEqual(without);
    expect(await answers(town, ledgerPolicy('warn'), questions)).toEqual(with_);
  });
});

describe('rows of nothing', () => {
  // In their second row, of age 100, all have nothing but for one: whoever leaves these out leaves forty rows out, and one person's income.
  const persons = [...rowsOf(0), ...rowsOf(1), ...Array.from({ length: 40 }, (_, i) => [50, 100].map((age): Person => ({ id: `old${i}`, district: DISTRICTS[i % 4]!, age, sex: 'F', income: age === 50 ? 900 + i : i === 11 ? 777_777 : 0 }))).flat()];
  const town = ledgerTown(persons, 2);
  const PARTS = 'SELECT sum(income) FROM people WHERE age < 100';
  test('hide nobody in the whole', async () => expect(await answers(town, ledgerPolicy('warn'), [PARTS, WHOLE])).toEqual([[sum(persons) - 777_777], [sum(persons) - 777_777]]));
});

describe('numbers that are many beside the people', () => {
  // Each has a row of each of twelve ages, which are cut by district: more sums than people, so that any sum follows from them by factors that nobody knows.
  const amount = (i: number): number => 1000 + (Math.imul(i ^ (i >>> 5), 0x9e37_79b1) >>> 12) % 9000;
  const adults = people(24).flatMap((person, i) => Array.from({ length: 12 }, (_, a): Person => ({ ...person, age: 30 + a, sex: MONTHS[(i + a) % 2]!, income: amount(12 * i + a) })));
  const old = Array.from({ length: 40 }, (_, i) => [30, 100, 101].slice(0, 2 + i % 2).map((age): Person => ({ id: `old${i}`, district: DISTRICTS[(i >> 1) % 4]!, age, sex: 'M', income: age === 30 ? amount(1000 + i) : i === 10 ? 777_777 : 0 }))).flat();
  const town = ledgerTown([...adults, ...old], 12);
  const PARTS = 'SELECT age, district, sum(income) FROM people WHERE age < 100 GROUP BY age, district';
  // The second number cannot be solved.
  const TOGETHER = "SELECT sum(income) FILTER (WHERE sex = 'F'), sum(income) FROM people";
  const askWith = (differencing: 'none' | 'warn') => answers(town, ledgerPolicy(differencing, { units: { person: { min: 3 } } }), [PARTS, TOGETHER]);
  test('do not make one forget who is told by what people add', async () => {
    const [parts, whole] = await askWith('warn');
    expect(parts).toHaveLength(48);
    expect(whole?.[0] ?? 0).not.toBe(sum([...adults, ...old]));
    expect((await askWith('none'))[1]).toEqual([sum([...adults, ...old])]);
  });
});

describe('everybody\'s mean of both months', () => {
  const town = ledgerTown([...rowsOf(0), ...rowsOf(1)], 2);
  const MEANS = 'SELECT sum(m) FROM (SELECT id, avg(income) AS m FROM people GROUP BY id)';
  const means = (sum(rowsOf(0)) + sum(rowsOf(1))) / 2;
  test('is computed, and not known exactly: where it follows by rows it is withheld', async () => {
    expect(await answers(town, ledgerPolicy('none'), [MONTH, MEANS])).toEqual([[sum(rowsOf(0))], [means]]);
    expect(await answers(town, ledgerPolicy('warn'), [MONTH, MEANS])).toEqual([[sum(rowsOf(0))], [null]]);
  });
});

/** Random questions about sums, judged from the rows themselves: no numbers that left as they are tell a person, or two, from the rest. */
describe('sessions', () => {
  const MIN = 3;
  const random = (i: number): number => (Math.imul(i ^ (i >>> 7), 0x9e37_79b1) >>> 8) % 1000;
  // In half of the rows as in the month before.
  const persons = people(48).flatMap((person, i) => MONTHS.map((sex, m): Person => ({ ...person, sex, age: i % 16 === 5 ? 90 + (i >> 4) : 20 + (i % 8), income: 1000 + random(i) + (random(i + 77) % 2) * m * random(i + 99) })));
  const town = ledgerTown(persons, 2);
  const PARTS: readonly (readonly [string, (person: Person) => boolean])[] = [
    ['true', () => true], ...MONTHS.map((sex) => [`sex = '${sex}'`, (person: Person) => person.sex === sex] as const), ...DISTRICTS.map((district) => [`district = '${district}'`, (person: Person) => person.district === district] as const),
    ...[22, 90, 91, 92].flatMap((age) => [[`age < ${age}`, (person: Person) => person.age < age], [`age <> ${age}`, (person: Person) => person.age !== age]] as const),
  ];
  const ids = [...new Set(persons.map(({ id }) => id))];
  const amounts = (has: (person: Person) => boolean): readonly number[] => ids.map((id) => sum(persons.filter((person) => person.id === id && has(person))));

  /** Least number of persons that a combination of the numbers is about, up to two; null where none is about so few. */
  function fewToldApart(numbers: readonly (readonly number[])[]): number | null {
    const whole = rank(numbers, LARGE_PRIME);
    const without = (...left: readonly number[]): number => rank(numbers.map((row) => row.filter((_, c) => !left.includes(c))), LARGE_PRIME);
    for (let a = 0; a < ids.length; a++) if (without(a) < whole) return 1;
    for (let a = 0; a < ids.length; a++) for (let b = 0; b < a; b++) if (without(a, b) < whole) return 2;
    return null;
  }

  async function play(seed: number, differencing: 'warn' | 'none'): Promise<readonly (readonly number[])[]> {
    return town.asking(ledgerPolicy(differencing, { units: { person: { min: MIN } } }), async (...operators) => {
      const numbers: (readonly number[])[] = [];
      for (let i = 0; i < 7; i++) {
        const [a, b] = [0, 1].map((which) => PARTS[random(1009 * seed + 31 * i + 7 * which) % PARTS.length]!);
        const [joins, has] = random(13 * seed + i) % 2 === 0 ? ['AND', (person: Person) => a![1](person) && b![1](person)] as const : ['OR', (person: Person) => a![1](person) || b![1](person)] as const;
        const own = amounts(has);
        if (single(await operators[i % 2]!.ask(`SELECT sum(income) FROM people WHERE ${a![0]} ${joins} ${b![0]}`)) === own.reduce((all, amount) => all + amount, 0)) numbers.push(own);
      }
      return numbers;
    });
  }

  const SESSIONS = Array.from({ length: Number(process.env['SLUICE_SESSIONS'] ?? 8) }, (_, i) => i);
  test('tell nobody apart', async () => {
    let left = 0;
    for (const seed of SESSIONS) {
      const numbers = await play(seed, 'warn');
      left += numbers.length;
      expect(fewToldApart(numbers), `session ${seed}`).toBeNull();
    }
    expect(left).toBeGreaterThan(3 * SESSIONS.length);
  }, 120_000);
  test('do without the ledger', async () => {
    const told = await Promise.all(SESSIONS.slice(0, 4).map(async (seed) => fewToldApart(await play(seed, 'none')) !== null));
    expect(told).toContain(true);
  }, 120_000);
});
