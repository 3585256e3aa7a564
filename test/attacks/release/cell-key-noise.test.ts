/**
 * Taking cell-key noise off again: by the steps that it comes in where the declared bound is large, and by
 * bounds that nobody declared: the range of a type, rows that a condition may or may not leave. The attacker knows everything but the keys of the domain.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { ask, type Answer, type Made } from './trial.ts';

const GROUPS = Array.from({ length: 24 }, (_, g) => `g${g}`);
const PEOPLE = Array.from({ length: 24 * 30 }, (_, i) => ({ id: `p${i}`, g: GROUPS[i % 24]!, v: 1000 + ((i * 7919) % 5003) }));
const LARGE = 999_999_999_999_999_999n;
const D = 6n;

const whole = (g: string): bigint => BigInt(PEOPLE.filter((each) => each.g === g).reduce((sum, { v }) => sum + v, 0));

const number = (name: string, max: bigint | null) => ({ [name]: { type: 'bigint', role: 'sensitive', nullable: false, ...(max === null ? {} : { min: '0', max: max.toString() }) } });
let answers: ReadonlyMap<string, Answer>;
/** The same without noise: what there is to be learnt. */
let exact: ReadonlyMap<string, Answer>;
beforeAll(() => {
  const data: Made = {
    table: {
      file: 't.csv', units: { person: 'id' }, maxRowsPerUnit: { person: 1 },
      columns: { id: { type: 'varchar', role: 'unit' }, g: { type: 'varchar', role: 'quasi', domain: GROUPS, nullable: false }, ...number('large', LARGE), ...number('small', 10_000n), ...number('undeclared', null), rate: { type: 'double', role: 'sensitive', nullable: false, min: '0', max: '9.5' } },
    },
    files: { 't.csv': `id,g,large,small,undeclared,rate\n${PEOPLE.map(({ id, g, v }) => `${id},${g},${v},${v},${v},${v / 1000}\n`).join('')}` },
  };
  const questions = {
    large: 'SELECT g, sum(large) FROM t GROUP BY g',
    often: 'SELECT g, sum(small) FROM t CROSS JOIN (VALUES (1), (2), (3)) v(k) WHERE k = 1 GROUP BY g',
    declared: 'SELECT g, sum(small), sum(rate) FROM t GROUP BY g',
    undeclared: 'SELECT g, sum(undeclared) FROM t GROUP BY g',
    computed: 'SELECT g, sum(undeclared * 2 - 1) FROM t GROUP BY g',
    units: 'SELECT sum(n) FROM (SELECT id, sum(undeclared) AS n FROM t GROUP BY id)',
  };
  answers = ask(data, { mechanism: { kind: 'cell-key', variance: '3', maxDeviation: Number(D) } }, questions);
  exact = ask(data, { mechanism: { kind: 'suppress' } }, questions);
}, 120_000);

const shown = (id: string, given = answers): ReadonlyMap<string, bigint> => new Map((given.get(id)?.rows ?? []).flatMap(([g, value]) => (value === null || value === undefined ? [] : [[String(g), BigInt(value)]])));

describe('exact sums out of noisy ones', () => {
  test('without noise every one of these tells the sum of each group, or of everybody', () => {
    const sums = new Map(GROUPS.map((g) => [g, whole(g)]));
    for (const id of ['large', 'often', 'declared', 'undeclared']) expect(shown(id, exact), id).toEqual(sums);
    expect(shown('computed', exact)).toEqual(new Map(GROUPS.map((g) => [g, 2n * whole(g) - 30n])));
    expect(exact.get('units')?.rows?.map(([sum]) => BigInt(sum ?? 0))).toEqual([GROUPS.reduce((sum, g) => sum + whole(g), 0n)]);
  });

  test('by steps of the bound: the remainder is the sum where noise has 32 bits', () => {
    const told = [...shown('large')].filter(([g, value]) => {
      for (let v = -D; v <= D; v++) {
        const left = value - v * LARGE;
        const near = (left * 2n ** 32n) / LARGE;
        for (let f = near - 2n; f <= near + 2n; f++) if (left - (f * LARGE) / 2n ** 32n === whole(g)) return true;
      }
      return false;
    });
    expect(shown('large').size).toBe(24);
    expect(told).toEqual([]);
  });

  test('where bounds are declared, of whole numbers or doubles, the noise is within largest deviation and a half of them', () => {
    for (const [g, small, rate] of answers.get('declared')?.rows ?? []) {
      const sum = Number(whole(String(g)));
      expect(Math.abs(Number(small) - sum)).toBeLessThanOrEqual(6.5 * 10_000);
      expect(Math.abs(Number(rate) - sum / 1000)).toBeLessThanOrEqual(6.5 * 9.5);
    }
    expect(answers.get('declared')?.rows).toHaveLength(24);
  });

  test.each(['undeclared', 'computed', 'units', 'often'])('by a bound that nobody declared: %s is refused', (id) => {
    expect(new Set(answers.get(id)?.refusals?.map(({ code }) => code))).toEqual(new Set(['release/no-contribution-bound']));
  });
});

describe('the same people with other rows', () => {
  // Everybody has two rows, one person a third of a kind of its own: all rows, and those of the others' kinds.
  const rows = [...PEOPLE.slice(0, 200).flatMap(({ id }, i) => [`${id},x,${20 + (i % 50)}`, `${id},y,${10 + (i % 31)}`]), `${PEOPLE[7]!.id},z,7777`];
  const DATA: Made = {
    table: { file: 't.csv', units: { person: 'id' }, maxRowsPerUnit: { person: 3 }, columns: { id: { type: 'varchar', role: 'unit' }, kind: { type: 'varchar', role: 'quasi', domain: ['x', 'y', 'z'], nullable: false }, cost: { type: 'bigint', role: 'sensitive', nullable: false, min: '0', max: '10000' } } },
    files: { 't.csv': `id,kind,cost\n${rows.map((row) => `${row}\n`).join('')}` },
  };
  const QUESTIONS = { all: 'SELECT sum(cost), count(*) FROM t', some: "SELECT sum(cost), count(*) FROM t WHERE kind <> 'z'", again: "SELECT sum(cost), count(*) FROM t WHERE kind IN ('x', 'y')" };

  test('without noise the difference tells the row', () => {
    const answer = ask(DATA, { mechanism: { kind: 'suppress' } }, QUESTIONS);
    const [all, some] = ['all', 'some'].map((id) => answer.get(id)?.rows?.[0]?.map(Number) ?? []);
    expect([0, 1].map((i) => all![i]! - some![i]!)).toEqual([7777, 1]);
  }, 60_000);

  test('noise does not only depend on who they are, or the difference would take it off', () => {
    const answer = ask(DATA, { mechanism: { kind: 'cell-key', variance: '3', maxDeviation: Number(D) } }, QUESTIONS);
    const numbers = (id: string): readonly number[] => answer.get(id)?.rows?.[0]?.map(Number) ?? [];
    expect(numbers('some')).toEqual(numbers('again'));
    const [cost, count] = [0, 1].map((i) => numbers('all')[i]! - numbers('some')[i]!);
    expect(Number.isFinite(cost)).toBe(true);
    // By chance both are within one of the truth once in some hundred thousand runs: the noise has a standard deviation of 17,000 times three rows.
    expect([Math.abs(cost! - 7777) <= 1, Math.abs(count! - 1) <= 1]).not.toEqual([true, true]);
  }, 60_000);
});
