import { describe, expect, test } from 'vitest';
import type { Output } from '#sandbox/release/cells.ts';
import { release } from '#sandbox/release/release.ts';
import { statementOf } from '#sandbox/release/statement.ts';
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

test('the statement names variance and largest deviation', () => {
  const statement = statementOf([released([table(people(90), options)], [rules()])]);
  expect(statement.rules.map(({ text }) => text.en).join(' ')).toMatch(/variance is 2, and it is at most 5 units/);
});

test('without bounds or cell keys nothing is released', () => {
  const gate = table(people(90), { id: 0, by: ['a'], unit: 'id', recordKey: 'k', sum: 'v', outputs: OUTPUTS });
  const result = release([gate], [rules()]);
  expect(result.ok ? [] : result.error.map(({ code }) => code)).toEqual(['release/no-contribution-bound']);
  const keyless = table(people(90), { id: 0, by: ['a'], unit: 'id', sum: 'v', largest: LARGEST, outputs: OUTPUTS });
  expect(() => release([keyless], [rules()])).toThrow();
});
