/**
 * Taking cell-key noise off again: by the steps that it comes in where the declared bound is large, and by
 * bounds that nobody declared: the range of a type, rows that a condition may or may not leave. The attacker knows everything but the keys of the domain.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { ask, type Answer } from './trial.ts';

const GROUPS = Array.from({ length: 24 }, (_, g) => `g${g}`);
const PEOPLE = Array.from({ length: 24 * 30 }, (_, i) => ({ id: `p${i}`, g: GROUPS[i % 24]!, v: 1000 + ((i * 7919) % 5003) }));
const LARGE = 999_999_999_999_999_999n;
const D = 6n;

const whole = (g: string): bigint => BigInt(PEOPLE.filter((each) => each.g === g).reduce((sum, { v }) => sum + v, 0));

const number = (name: string, max: bigint | null) => ({ [name]: { type: 'bigint', role: 'sensitive', nullable: false, ...(max === null ? {} : { min: '0', max: max.toString() }) } });
let answers: ReadonlyMap<string, Answer>;
beforeAll(() => {
  answers = ask({
    table: {
      file: 't.csv', units: { person: 'id' }, maxRowsPerUnit: { person: 1 },
      columns: { id: { type: 'varchar', role: 'unit' }, g: { type: 'varchar', role: 'quasi', domain: GROUPS, nullable: false }, ...number('large', LARGE), ...number('small', 10_000n), ...number('undeclared', null), rate: { type: 'double', role: 'sensitive', nullable: false, min: '0', max: '9.5' } },
    },
    files: { 't.csv': `id,g,large,small,undeclared,rate\n${PEOPLE.map(({ id, g, v }) => `${id},${g},${v},${v},${v},${v / 1000}\n`).join('')}` },
  }, { mechanism: { kind: 'cell-key', variance: '3', maxDeviation: Number(D) } }, {
    large: 'SELECT g, sum(large) FROM t GROUP BY g',
    often: 'SELECT g, sum(small) FROM t CROSS JOIN (VALUES (1), (2), (3)) v(k) WHERE k = 1 GROUP BY g',
    declared: 'SELECT g, sum(small), sum(rate) FROM t GROUP BY g',
    undeclared: 'SELECT g, sum(undeclared) FROM t GROUP BY g',
    computed: 'SELECT g, sum(undeclared * 2 - 1) FROM t GROUP BY g',
    units: 'SELECT sum(n) FROM (SELECT id, sum(undeclared) AS n FROM t GROUP BY id)',
  });
}, 120_000);

const shown = (id: string): ReadonlyMap<string, bigint> => new Map((answers.get(id)?.rows ?? []).flatMap(([g, value]) => (value === null || value === undefined ? [] : [[String(g), BigInt(value)]])));

describe('exact sums out of noisy ones', () => {
  test('by steps of the bound: the remainder is the sum where noise has 32 bits', () => {
    const exact = [...shown('large')].filter(([g, value]) => {
      for (let v = -D; v <= D; v++) {
        const left = value - v * LARGE;
        const near = (left * 2n ** 32n) / LARGE;
        for (let f = near - 2n; f <= near + 2n; f++) if (left - (f * LARGE) / 2n ** 32n === whole(g)) return true;
      }
      return false;
    });
    expect(shown('large').size).toBe(24);
    expect(exact).toEqual([]);
  });

  test('where bounds are declared, of whole numbers or doubles, the noise is within largest deviation and a half of them', () => {
    for (const [g, small, rate] of answers.get('declared')?.rows ?? []) {
      const exact = Number(whole(String(g)));
      expect(Math.abs(Number(small) - exact)).toBeLessThanOrEqual(6.5 * 10_000);
      expect(Math.abs(Number(rate) - exact / 1000)).toBeLessThanOrEqual(6.5 * 9.5);
    }
    expect(answers.get('declared')?.rows).toHaveLength(24);
  });

  test.each(['undeclared', 'computed', 'units', 'often'])('by a bound that nobody declared: %s is refused', (id) => {
    expect(new Set(answers.get(id)?.refusals?.map(({ code }) => code))).toEqual(new Set(['release/no-contribution-bound']));
  });
});
