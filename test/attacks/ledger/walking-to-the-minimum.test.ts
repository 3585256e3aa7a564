/**
 * A minimum is a line, and whoever knows how many stand before it sees the next one cross it. The attacker leaves persons out of a count one by one until the
 * number changes: now nine of those left out before the last one count. With these nine and one person more left out, whoever that is, the number
 * changes if that person counts. Without the ledger one difference tells; with it, the walk. Neither an exact mechanism nor
 * cell keys stop this, whatever they look back on; it is measured here, and docs/ledger.md says so.
 */
import { describe, expect, test } from 'vitest';
import { ledgerPolicy, people, single, type Operator, type Person } from '../../support/ledger-domain.ts';
import { ledgerTown } from '../../support/ledger-town.ts';

/** Whether somebody is in the count follows from nothing else that the questions name. */
const TOWN = people(400, (person, i) => ({ ...person, sex: ((i * 2_654_435_761) >>> 0) % 100 < 30 ? 'F' : 'M' }));
/** Of 李沧, everybody of one age each. */
const TARGETS = TOWN.filter(({ district }) => district === '李沧').filter(({ age }, i, all) => all.findIndex((other) => other.age === age) === i).slice(0, 25);
const town = ledgerTown(TOWN);

/** Whether anybody whom the question leaves out is in the count. */
const isCounted = ({ district, age }: Person): boolean => TOWN.some((other) => other.district === district && other.age === age && other.sex === 'F');

interface Walked {
  readonly right: number;
  readonly asked: number;
}

async function walk(operator: Operator): Promise<Walked> {
  let asked = 0;
  const without = async (who: string): Promise<number | null> => {
    asked++;
    const answer = await operator.ask(`SELECT count(*) FROM people WHERE sex = 'F' AND NOT (${who})`);
    return answer.result === null ? null : single(answer);
  };
  const all = await without('age < 0');
  let age = 1;
  while (age < 100 && await without(`district = '市南' AND age < ${age}`) === all) age++;
  let right = 0;
  for (const target of TARGETS) {
    const changed = await without(`(district = '市南' AND age < ${age - 1}) OR (district = '李沧' AND age = ${target.age})`) !== all;
    if (changed === isCounted(target)) right++;
  }
  return { right, asked };
}

describe('who counts, of 25 persons', () => {
  test.each(['refuse', 'hold', 'warn'] as const)('under the ledger (%s): all are found out, by some 50 questions', async (differencing) => {
    const { right, asked } = await town.asking(ledgerPolicy(differencing), walk);
    expect(right).toBe(TARGETS.length);
    expect(asked).toBeGreaterThan(TARGETS.length + 2);
  }, 120_000);

  test('under cell keys no walk is needed: the same people have the same noise, and with one more it is mostly another', async () => {
    const right = await town.asking(ledgerPolicy('none', { mechanism: { kind: 'cell-key', variance: '3', maxDeviation: 6 } }), async (operator) => {
      const count = async (where: string): Promise<number | null> => single(await operator.ask(`SELECT count(*) FROM people WHERE sex = 'F'${where}`));
      const all = await count('');
      let found = 0;
      for (const target of TARGETS) if ((await count(` AND NOT (district = '李沧' AND age = ${target.age})`) !== all) === isCounted(target)) found++;
      return found;
    });
    expect(right).toBeGreaterThan(TARGETS.length * 0.8);
  }, 120_000);
});
