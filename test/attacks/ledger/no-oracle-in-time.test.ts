/**
 * How long a question takes, of everybody but those of ages that nobody has in the one town and few persons have in the other. Asked of both in turn, in random
 * order within each pair, each pair in words of its own, and compared by ranks: by the clock, and by the processor time of the process,
 * which other work on the machine changes less, so that smaller differences are found.
 *
 * False alarms: each of the eight comparisons fails by chance once in 80,000 runs, any of them once in 10,000, however long jobs take and whatever else
 * the machine does meanwhile, as long as that does not go by which of the two towns is asked.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LedgerDomain, ledgerPolicy, people, type Loaded, type Operator } from '../../support/ledger-domain.ts';
import { mannWhitney } from '../../support/mann-whitney.ts';

/** Two-sided quantile of the standard normal for 1/80,000. */
const ALARM = 4.369;
const PAIRS = 80;
/** Not counted: the first jobs of a worker are slower. */
const WARM_UP = 10;
const FEW = [3, 50, 77, 120, 299];

const domain = new LedgerDomain();
const TOWN = people(400);
let towns: readonly Loaded[];
beforeAll(async () => {
  towns = [await domain.load(TOWN), await domain.load(TOWN.map((person, i) => (FEW.includes(i) ? { ...person, age: 110 } : person)))];
}, 60_000);
afterAll(() => domain.close());

interface Question {
  readonly before: string;
  readonly sql: (without: string) => string;
}

const AS_ONE: Question = { before: 'SELECT count(*), sum(income) FROM people', sql: (without) => `SELECT count(*), sum(income) FROM people WHERE ${without}` };
/** Is refused where the policy refuses. */
const FROM_SEVERAL: Question = { before: 'SELECT district, count(*) FROM people GROUP BY district', sql: (without) => `SELECT count(*) FROM people WHERE district IN ('市南', '崂山') AND ${without}` };

/** Of ages above 99 only 110 is anybody's, if any: the same persons in each of many words, so that nothing of the question is known from the one before. */
const WITHOUT = Array.from({ length: PAIRS + WARM_UP }, (_, i) => `age NOT IN (110, ${101 + (i % 9)}, ${111 + Math.floor(i / 9)})`);

interface Took {
  /** Milliseconds. */
  readonly clock: number;
  readonly processor: number;
}

async function timed(operator: Operator, sql: string): Promise<Took> {
  const [start, used] = [performance.now(), process.cpuUsage()];
  await operator.ask(sql);
  const { user, system } = process.cpuUsage(used);
  return { clock: performance.now() - start, processor: (user + system) / 1000 };
}

/** Of the town where nobody is in the difference, and of that where few are. */
async function times(differencing: 'warn' | 'refuse', { before, sql }: Question): Promise<readonly [readonly Took[], readonly Took[]]> {
  const took: [Took[], Took[]] = [[], []];
  const branches = towns.map(() => domain.branch());
  const operators = await Promise.all(branches.map((branch, town) => branch.operator(towns[town]!, ledgerPolicy(differencing))));
  for (const operator of operators) await operator.ask(before);
  for (const [i, without] of WITHOUT.entries()) {
    for (const town of Math.random() < 0.5 ? [0, 1] as const : [1, 0] as const) {
      const each = await timed(operators[town]!, sql(without));
      if (i >= WARM_UP) took[town].push(each);
    }
  }
  // None of them left as it is: each was compared with the same.
  for (const branch of branches) {
    expect(branch.entries).toHaveLength(1);
    branch.close();
  }
  return took;
}

describe.each(['warn', 'refuse'] as const)('under %s', (differencing) => {
  test.each([['as one earlier number', AS_ONE], ['as it follows from several', FROM_SEVERAL]] as const)('%s', async (_, question) => {
    const [nobody, some] = await times(differencing, question);
    for (const by of ['clock', 'processor'] as const) {
      const [empty, few] = [nobody, some].map((took) => took.map((each) => each[by])) as [number[], number[]];
      expect(Math.abs(mannWhitney(empty, few)), by).toBeLessThan(ALARM);
      // What takes half as long again would be seen; by the processor's time a tenth to a fifth mostly is.
      const half = (empty.toSorted((a, b) => a - b)[PAIRS / 2] ?? 0) / 2;
      if (by === 'processor') expect(mannWhitney(empty, few.map((took) => took + half))).toBeGreaterThan(ALARM);
    }
  }, 120_000);
});
