import { describe, expect, test } from 'vitest';
import { Statement } from '#contract/statement.ts';
import type { Output } from '#sandbox/release/cells.ts';
import { release } from '#sandbox/release/release.ts';
import { statementOf } from '#sandbox/release/statement.ts';
import { shippedTables } from '#sandbox/perturbation-tables.ts';
import fc from '../../support/fast-check.ts';
import { policy } from '../../support/gate.ts';
import { KIND, table } from '../../support/microdata.ts';
import { spread } from '../../support/spread.ts';

const LARGEST = 1000n;
const person = (i: number) => ({ id: String(i), a: 'xyz'[i % 3] ?? '', v: String((i * 37) % 1000), k: String(spread(i, 'record')) });
const people = (n: number) => Array.from({ length: n }, (_, i) => person(i));
const rules = (min = 10) => policy({ mechanism: { kind: 'cell-key', variance: '2', maxDeviation: 5, js: 2 }, units: { [KIND]: { min } } }, 'data');
const OUTPUTS: readonly Output[] = [
  { name: 'n', type: 'BIGINT', statistic: 'count', measure: 0 },
  { name: 's', type: 'HUGEINT', statistic: 'sum', terms: [{ coefficient: '1', measure: 1 }], count: 1 },
  { name: 'm', type: 'DOUBLE', statistic: 'avg', terms: [{ coefficient: '1', measure: 1 }], count: 1 },
];
const options = { id: 0, by: ['a'], unit: 'id', recordKey: 'k', sum: 'v', largest: LARGEST, outputs: OUTPUTS };
const released = (gates: Parameters<typeof release>[0], policies: Parameters<typeof release>[1]) => {
  const result = release(gates, policies, { noiseKey: () => new Uint8Array(32) });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};
const rowsOf = (rows: ReturnType<typeof people>, more: Partial<typeof options> = {}) => released([table(rows, { ...options, ...more })], [rules()]).tables[0]?.load.rows ?? [];

test('the same contributors get the same noise, whatever else is asked and in whatever order', () => {
  const rows = people(300);
  const [x] = rowsOf(rows);
  expect(rowsOf(rows.toReversed())[0]).toEqual(x);
  expect(rowsOf(rows.filter(({ a }) => a === 'x'), { by: [] })[0]).toEqual(x?.slice(1));
});

test('an average is the quotient of the noisy numbers, never the exact mean', () => {
  for (const [, n, s, m] of rowsOf(people(300))) expect(m).toBe(Number(s) / Number(n));
});

test('multiplying rows does not cancel or shrink the noise of a count: it grows with the fan-out', () => {
  const rows = people(90);
  const fanned = table(rows.flatMap((row) => Array.from({ length: 1000 }, () => row)), { ...options, by: [], outputs: OUTPUTS.slice(0, 1) });
  const spec = { ...fanned.spec, measures: fanned.spec.measures.slice(0, 1).map((measure) => ({ ...measure, magnitude: true, bound: { [KIND]: { rows: 1000n, total: 1000n } } })) };
  const gate = { ...fanned, spec, cells: fanned.cells.map((cell) => ({ ...cell, evidence: cell.evidence.slice(0, 1) })) };
  const [[answer] = []] = released([gate], [rules()]).tables[0]?.load.rows ?? [];
  expect(Math.round(Number(answer) / 1000) === Number(answer) / 1000).toBe(false);
});

describe('sums', () => {
  test('no residue of the declared maximum shows the exact sum', () => {
    const hits = Array.from({ length: 200 }, (_, i) => people(60 + i)).filter((rows) => {
      const exact = rows.reduce((sum, { v }) => sum + BigInt(v), 0n);
      const noisy = BigInt(String(rowsOf(rows, { by: [] })[0]?.[1]));
      return (noisy - exact) % LARGEST === 0n;
    });
    expect(hits.length).toBeLessThan(4);
  });

  test('noise stays within the stated bound', () => {
    fc.assert(fc.property(fc.integer({ min: 15, max: 400 }), (size) => {
      const rows = people(size);
      const exact = rows.reduce((sum, { v }) => sum + BigInt(v), 0n);
      const row = rowsOf(rows, { by: [] })[0];
      const error = Number(BigInt(String(row?.[1])) - exact);
      return Math.abs(error) <= 5.5 * Number(LARGEST) && Math.abs(Number(row?.[0]) - size) <= 5;
    }), { numRuns: 100 });
  });
});

test('the minimum holds for the noisy count; small and empty look alike', () => {
  const rows = [...people(60), ...Array.from({ length: 4 }, (_, i) => ({ ...person(1000 + i), a: 'small' }))];
  const small = rowsOf(rows).find(([a]) => a === 'small');
  expect(small).toEqual(['small', null, null, null, true, true, true]);
});

test('one person measured: with and without one unit, count differences say little about presence', () => {
  // Attacker guesses "present" where the noisy count of All exceeds that of All − one by one or more.
  let right = 0;
  const trials = 400;
  for (let i = 0; i < trials; i++) {
    const others = Array.from({ length: 40 }, (_, j) => person(i * 100 + j + 1));
    const present = i % 2 === 0;
    const whole = present ? [...others, person(i * 100)] : others;
    const count = (rows: typeof others) => Number(rowsOf(rows, { by: [] })[0]?.[0]);
    // Absent: both populations are the same, and the same noise shows exactly that. A known limit of the method.
    if ((count(whole) - count(others) !== 0) === present) right += 1;
  }
  expect(right / trials).toBeGreaterThan(0.5);
  // Present is missed where the noise differences hide it: the attacker is not certain.
  expect(right / trials).toBeLessThan(1);
});

describe('the statement names variance and largest deviation of the table in force, in structure and in words', () => {
  const stated = (mechanism: Record<string, unknown>) => {
    const result = release([table(people(90), options)], [policy({ mechanism: { kind: 'cell-key', ...mechanism }, units: { [KIND]: { min: 10 } } }, 'data')], { noiseKey: () => new Uint8Array(32), tables: shippedTables() });
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    const statement = Statement.parse(statementOf([result.value]));
    const { clause, ...size } = statement.noise![0]!;
    const rules = statement.rules.filter((rule) => rule.clause === clause);
    expect([statement.noise!.length, rules.length]).toEqual([1, 1]);
    return { statement, size, said: rules[0]!.text };
  };

  test('of parameters', () => {
    const { size, said } = stated({ variance: '2', maxDeviation: 5, js: 2 });
    // The example of docs/policies.md.
    expect(size).toEqual({ from: 7, variance: '2', maxDeviation: 5, below: { variance: '2', maxDeviation: 5 } });
    expect(said.en).toMatch(/For counts of 7 units and more its variance is 2, and it is at most 5 units; for smaller ones its variance is at most [\d.]+, and it is at most 5 units\./);
    expect(said.zh).toMatch(/计数不少于 7 个主体时,噪声方差为 2,最大不超过 5 个主体;计数更小时,噪声方差不超过 [\d.]+,最大不超过 5 个主体。/);
  });

  test('as the noise is and not as it was asked for: a large deviation of which no key is drawn, a small count that cannot have the variance', () => {
    expect(stated({ variance: '0.1', maxDeviation: 50 }).size).toMatchObject({ from: 50, variance: '0.1', maxDeviation: 2 });
    expect(stated({ variance: '0.5', maxDeviation: 5, js: 3 }).size).toMatchObject({ from: 8, variance: '0.5', below: { variance: '4' } });
    expect(stated({ variance: '0.5', maxDeviation: 1 })).toMatchObject({ size: { from: 1, variance: '0.5', maxDeviation: 1, below: null }, said: { en: expect.stringContaining(' Its variance is 0.5, and it is at most 1 unit. ') as string } });
  });

  test('of a table that has a name', () => {
    const { size, said } = stated({ table: 'ons-10-5' });
    expect(size).toEqual({ from: 10, variance: '2', maxDeviation: 2, bias: '2', below: { variance: '81', maxDeviation: 9, bias: '9' } });
    expect(said.en).toContain('For counts of 10 units and more its variance is 2, and it is at most 2 units (not 0 on average: a single count is off by up to 2 in the mean); for smaller ones its variance is at most 81, and it is at most 9 units (not 0 on average: a single count is off by up to 9 in the mean).');
    expect(said.zh).toContain('计数不少于 10 个主体时,噪声方差为 2,最大不超过 2 个主体(均值不为 0:单个计数的平均偏差可达 2);计数更小时,噪声方差不超过 81,最大不超过 9 个主体(均值不为 0:单个计数的平均偏差可达 9)。');
  });

  test('and no key', () => {
    const key = new Uint8Array(32).fill(171);
    const result = release([table(people(90), options)], [rules()], { noiseKey: () => key });
    const printed = JSON.stringify(result.ok ? statementOf([result.value]) : null);
    expect(printed).toContain('"noise":[{');
    for (const form of ['hex', 'base64', 'base64url'] as const) expect(printed).not.toContain(Buffer.from(key).toString(form));
    expect(printed).not.toMatch(/171,171|[0-9a-f]{8}/);
    for (const { k } of people(90)) expect(printed).not.toContain(k);
  });

  test('of exact and of rounded numbers there is none', () => {
    for (const mechanism of [{ kind: 'suppress' }, { kind: 'round', base: 5 }]) {
      expect(statementOf([released([table(people(90), options)], [policy({ mechanism, units: { [KIND]: { min: 10 } } }, 'data')])]).noise).toEqual([]);
    }
  });
});

test('sums: variance and largest deviation are as the contract says, by what one unit can contribute', () => {
  const errors = Array.from({ length: 1500 }, (_, i) => {
    const rows = people(30 + i);
    return Number(BigInt(String(rowsOf(rows, { by: [] })[0]?.[1])) - rows.reduce((sum, { v }) => sum + BigInt(v), 0n)) / Number(LARGEST);
  });
  // Noise of variance 2 and a twelfth: over 1,500 draws the mean of squares has a standard error of 0.07 (kurtosis below 3), five of which are 0.35.
  expect(Math.abs(errors.reduce((sum, e) => sum + e * e, 0) / errors.length - (2 + 1 / 12))).toBeLessThan(0.35);
  expect(Math.max(...errors.map(Math.abs))).toBeLessThanOrEqual(5.5);
});

test('parameters without a table, in a policy of before they were refused, release nothing and break nothing', () => {
  const result = release([table(people(90), options)], [policy({ mechanism: { kind: 'cell-key', variance: '2', maxDeviation: 2, js: 8 }, units: { [KIND]: { min: 10 } } }, 'data')], { noiseKey: () => new Uint8Array(32) });
  expect(result.ok ? [] : result.error.map(({ code, clause }) => [code, clause])).toEqual([['release/no-perturbation-table', 'data-statistics@3 statistics.mechanism']]);
});

test('without bounds or cell keys nothing is released', () => {
  const gate = table(people(90), { id: 0, by: ['a'], unit: 'id', recordKey: 'k', sum: 'v', outputs: OUTPUTS });
  const result = release([gate], [rules()]);
  expect(result.ok ? [] : result.error.map(({ code }) => code)).toEqual(['release/no-contribution-bound']);
  const keyless = table(people(90), { id: 0, by: ['a'], unit: 'id', sum: 'v', largest: LARGEST, outputs: OUTPUTS });
  expect(() => release([keyless], [rules()])).toThrow();
});
