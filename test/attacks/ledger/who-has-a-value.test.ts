/**
 * An average over everybody and one without one person is the same number if what changes is given as it was; so all of it has to be: where the
 * sum comes back and the number of values that it is divided by does not, the average tells whether that person has a value. Of a benefit, a treatment,
 * a visit that is joined from outside, that is everybody's secret, one after the other.
 */
import { afterAll, describe, expect, test } from 'vitest';
import type { Policy } from '#contract/policy.ts';
import { LedgerDomain, ledgerPolicy, people, single, type LoadedPerson, type Operator } from '../../support/ledger-domain.ts';
import { ledgerTown } from '../../support/ledger-town.ts';

/** A third has none. The targets have ages of their own: 101 … 120. */
const REST: readonly LoadedPerson[] = people(400).map((person, i) => (i % 3 === 0 ? { ...person, income: null } : person));
const NONE = new Set([0, 3, 4, 7, 11, 12, 13, 19]);
const TARGETS: readonly LoadedPerson[] = Array.from({ length: 20 }, (_, i) => ({ id: `t${i}`, district: '崂山', age: 101 + i, sex: i % 2 === 0 ? 'F' : 'M', income: NONE.has(i) ? null : 2000 + 37 * i }));
const town = ledgerTown([...REST, ...TARGETS]);

const policy = (differencing: 'none' | 'refuse' | 'hold' | 'warn', over: object = {}): Policy => ledgerPolicy(differencing, { measures: { 'people.income': ['count', 'sum', 'avg', 'var', 'stddev'] }, ...over });
const POLICIES = { threshold: {}, 'p% and secondary': { dominance: [{ rule: 'p-percent', p: 10 }], secondary: 'required' } };
/** The number; null: refused by its plan, or for a reviewer. */
const first = async (operator: Operator, sql: string): Promise<number | null> => {
  const answer = await operator.ask(sql);
  return answer.result === null ? null : single(answer);
};

/** What is asked of all, and of all but one, and who is given away if the two differ. */
const QUESTIONS = {
  'an average': [() => 'avg(income) FROM people', 'age', ({ income }: LoadedPerson) => income !== null],
  'a variance': [() => 'var_pop(income) FROM people', 'age', ({ income }: LoadedPerson) => income !== null],
  'a moved average': [() => 'avg(2 * income + 1) FROM people', 'age', ({ income }: LoadedPerson) => income !== null],
  'an outer join': [() => "avg(q.age) FROM people p LEFT JOIN people q ON p.id = q.id AND q.sex = 'F'", 'p.age', ({ sex }: LoadedPerson) => sex === 'F'],
} as const;

describe.each(Object.entries(QUESTIONS))('%s', (_, [asked, age, truth]) => {
  const all = `SELECT ${asked()}`;
  const without = (target: LoadedPerson): string => `${all} WHERE ${age} <> ${target.age}`;
  const measures = { measures: { 'people.income': ['count', 'sum', 'avg', 'var', 'stddev'], 'people.age': ['count', 'sum', 'avg'] } };

  test.each([['refuse', 'threshold'], ['hold', 'threshold'], ['warn', 'threshold'], ['refuse', 'p% and secondary'], ['warn', 'p% and secondary']] as const)('of all, then without one: every answer is the first (%s, %s)', async (differencing, rules) => {
    const answers = await town.asking(policy(differencing, { ...measures, ...POLICIES[rules] }), async (operator, other) => {
      const whole = await first(operator, all);
      const later: unknown[] = [];
      for (const target of TARGETS) later.push(await first(other, without(target)));
      return { whole, later };
    });
    expect(new Set(answers.later)).toEqual(new Set([answers.whole]));
  }, 60_000);

  test('without one, then of all: the same, whoever it was', async () => {
    for (const target of TARGETS.slice(0, 6)) {
      const [part, whole] = await town.asking(policy('warn', measures), async (operator, other) => [await first(operator, without(target)), await first(other, all)]);
      expect(whole, JSON.stringify(target)).toBe(part);
    }
  }, 60_000);

  test('how many there are, then without one, then of all: the last two are the same', async () => {
    for (const target of TARGETS.slice(0, 6)) {
      const [part, whole] = await town.asking(policy('warn', measures), async (operator, other) => {
        await operator.ask('SELECT count(*) FROM people');
        return [await first(operator, without(target)), await first(other, all)];
      });
      expect(whole, JSON.stringify(target)).toBe(part);
    }
  }, 60_000);

  test('without the ledger: who differs is who has one', async () => {
    const right = await town.asking(policy('none', measures), async (operator) => {
      const whole = await first(operator, all);
      let found = 0;
      for (const target of TARGETS) if ((await first(operator, without(target)) !== whole) === truth(target)) found++;
      return found;
    });
    expect(right).toBe(TARGETS.length);
  }, 60_000);
});

/** Asked of all, then of all but one: whether something that the two tell together depends on that one. */
const FORMS: Readonly<Record<string, readonly [before: readonly string[], after: string]>> = {
  'an average, then an average and a sum': [['avg(income)'], 'avg(income), sum(income)'],
  'a count and a sum, then an average': [['count(income)', 'sum(income)'], 'avg(income)'],
  'a sum and an average, then a count': [['sum(income), avg(income)'], 'count(income)'],
  'an average, then a count': [['avg(income)'], 'count(income)'],
  'a moved average, then a count': [['avg(2 * income + 1)'], 'count(income)'],
  'a variance, then an average and a count': [['var_pop(income)'], 'avg(income), count(income)'],
};
const having = TARGETS.filter(({ income }) => income !== null).slice(0, 3);
const lacking = TARGETS.filter(({ income }) => income === null).slice(0, 3);
const all = async (operator: Operator, questions: readonly string[], from: string): Promise<string> => {
  const seen: unknown[] = [];
  for (const question of questions) seen.push((await operator.ask(`SELECT ${question} FROM people${from}`)).result?.table.rows ?? null);
  return JSON.stringify(seen);
};

describe.each(Object.entries(FORMS))('%s', (_, [before, after]) => {
  const asked = (differencing: 'none' | 'refuse' | 'warn', target: LoadedPerson, rules: keyof typeof POLICIES): Promise<string> => town.asking(policy(differencing, POLICIES[rules]), async (operator, other) =>
    `${await all(operator, before, '')} ${await all(other, [after], ` WHERE age <> ${target.age}`)}`);

  test.each([['warn', 'threshold'], ['refuse', 'threshold'], ['refuse', 'p% and secondary']] as const)('all answers are the same, whoever is left out (%s, %s)', async (differencing, rules) => {
    const seen: string[] = [];
    for (const target of [...having, ...lacking]) seen.push(await asked(differencing, target, rules));
    expect(new Set(seen).size).toBe(1);
  }, 60_000);

  test('without the ledger they differ', async () => {
    expect(await asked('none', having[0]!, 'threshold')).not.toBe(await asked('none', lacking[0]!, 'threshold'));
  });
});

describe('an average beside the numbers that it is made of', () => {
  // The rows are given as they were without the target; the average must not be divided by what they were then.
  const QUESTIONS = ["count(*) FROM people WHERE district = '崂山' AND age <> 101", "avg(income) FROM people WHERE district = '崂山'", "sum(income) FROM people WHERE district = '崂山'", "count(income) FROM people WHERE district = '崂山'"];
  const world = (targets: readonly LoadedPerson[]) => ledgerTown([...REST, ...targets]);
  const worlds = [world([]), world([{ id: 'target', district: '崂山', age: 101, sex: 'F', income: null }])];
  test.each(['warn', 'refuse'] as const)('does not tell that somebody without a value is there (%s)', async (differencing) => {
    const seen: number[] = [];
    for (const each of worlds) {
      const [, average, sum, count] = await each.asking(policy(differencing), async (operator) => {
        const answers: (number | null)[] = [];
        for (const question of QUESTIONS) answers.push(await first(operator, `SELECT ${question}`));
        return answers;
      });
      seen.push(Math.round(1e6 * (Number(sum) / Number(average) - Number(count))));
    }
    expect(seen).toEqual([0, 0]);
  }, 60_000);

  test('of one district nobody else is in: sum and average of all, and how many of each other have one', async () => {
    const told = await Promise.all(alone.map(async (each) => each.asking(policy('refuse'), async (operator) => {
      const [average, sum] = [await first(operator, 'SELECT avg(income) FROM people'), await first(operator, 'SELECT sum(income) FROM people')];
      const counts = (await operator.ask('SELECT district, count(income) FROM people GROUP BY district')).result?.table.rows ?? [];
      return Math.round(1e6 * (Number(sum) / Number(average) - counts.reduce((total, [district, n]) => total + (district === '李沧' ? 0 : Number(n)), 0)));
    })));
    expect(told[0]).toBe(told[1]);
  }, 60_000);
  const alone = [null, 4321].map((income) => ledgerTown([...REST.filter(({ district }) => district !== '李沧'), { id: 'target', district: '李沧', age: 101, sex: 'F', income }]));
});

describe('before and after an update', () => {
  const domain = new LedgerDomain();
  afterAll(() => domain.close());
  test.each(['refuse', 'warn'] as const)('nobody tells that one person got a value (%s)', async (differencing) => {
    const [one, same, other] = [await domain.load(REST), await domain.load(REST.toReversed()), await domain.load(REST.map((person) => (person.id === 'p33' ? { ...person, income: 4321 } : person)))];
    const twice = async (second: typeof one): Promise<unknown> => {
      const branch = domain.branch();
      try {
        const before = await first(await branch.operator(one, policy(differencing)), 'SELECT avg(income) FROM people');
        return [before, await first(await branch.operator(second, policy(differencing)), 'SELECT avg(income) FROM people')];
      } finally {
        branch.close();
      }
    };
    expect(await twice(other)).toEqual(await twice(same));
  }, 60_000);

  test.each(Object.entries(FORMS).slice(0, 4))('nor that whoever withdraws had one: %s', async (_, [asked, after]) => {
    const loaded = await domain.load(REST);
    const seen: string[] = [];
    for (const id of ['p3', 'p4', 'p33', 'p34']) {
      const branch = domain.branch();
      try {
        const operator = await branch.operator(loaded, policy('refuse'));
        const before = await all(operator, asked, '');
        await branch.withdraw(loaded, [{ id }]);
        seen.push(`${before} ${await all(operator, [after], '')}`);
      } finally {
        branch.close();
      }
    }
    expect(new Set(seen).size).toBe(1);
  }, 60_000);
});
