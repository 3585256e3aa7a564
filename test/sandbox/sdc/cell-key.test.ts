import { describe, expect, test } from 'vitest';
import { buildTable, rowOf } from '#sandbox/sdc/cell-key/maximum-entropy.ts';
import { largestEntropy } from '#sandbox/sdc/cell-key/largest-entropy.ts';
import { shippedTables } from '#sandbox/perturbation-tables.ts';
import { spread } from '../../support/spread.ts';

const moment = ({ deviations, probabilities }: ReturnType<typeof rowOf>, k: number) => deviations.reduce((sum, v, i) => sum + (probabilities[i] ?? 0) * v ** k, 0);

describe('tables of largest entropy', () => {
  test.each([[2, 5, 0], [2, 5, 2], [3, 10, 2], [1, 3, 0], [9, 8, 3], [0.5, 2, 1], [1, 2, 2], [16, 8, 2], [10, 10, 3], [5, 15, 3], [0.1, 50, 0], [0.001, 50, 50]])('V=%s D=%s js=%s: mean 0, the variance where it can be had, no forbidden count', (variance, D, js) => {
    for (let n = 0; n <= D + js + 3; n++) {
      const row = rowOf(n, variance, D, js);
      expect(row.probabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 9);
      expect(moment(row, 1)).toBeCloseTo(0, 8);
      for (const v of row.deviations) expect(n + v === 0 || n + v > js).toBe(true);
      if (n >= D + js) expect(moment(row, 2)).toBeCloseTo(variance, 8);
    }
  });

  test('largest entropy: no other distribution with these moments is more even', () => {
    const row = rowOf(20, 2, 5, 0);
    const entropy = (p: readonly number[]) => -p.reduce((sum, x) => sum + (x > 0 ? x * Math.log(x) : 0), 0);
    // A direction that keeps total, mean and variance: fourth differences are orthogonal to 1, v and v².
    const direction = row.deviations.map((_, i) => [1, -4, 6, -4, 1][i - 3] ?? 0);
    const wanted = entropy(row.probabilities);
    for (const step of [1e-3, -1e-3]) expect(entropy(row.probabilities.map((p, i) => p + step * (direction[i] ?? 0)))).toBeLessThan(wanted);
  });

  test('at either end of its range, and beyond, a variance comes from two numbers only', () => {
    for (const variance of [1, 3]) expect(largestEntropy([-1, 3, 4, 5], variance)).toEqual([0.75, 0.25, 0, 0]);
    for (const variance of [5, 9]) expect(largestEntropy([-1, 3, 4, 5], variance)).toEqual([5 / 6, 0, 0, 1 / 6]);
    for (const variance of [3.000001, 4.999999]) expect(moment({ deviations: [-1, 3, 4, 5], probabilities: largestEntropy([-1, 3, 4, 5], variance) }, 2)).toBeCloseTo(variance, 10);
  });

  test('cell keys spread over the distribution: frequencies within 5 standard errors', () => {
    const table = buildTable(2, 5, 2)!;
    const row = rowOf(30, 2, 5, 2);
    const seen = new Map<bigint, number>();
    const draws = 50_000;
    for (let i = 0; i < draws; i++) {
      const v = table.noise(30n, spread(i, 'test'));
      seen.set(v, (seen.get(v) ?? 0) + 1);
    }
    row.deviations.forEach((v, i) => {
      const p = row.probabilities[i] ?? 0;
      expect(Math.abs((seen.get(BigInt(v)) ?? 0) - draws * p)).toBeLessThan(5 * Math.sqrt(draws * p * (1 - p)) + 1);
    });
  });

  test('the ends of the key range, empty cells, and the same key twice', () => {
    const table = buildTable(2, 5, 2)!;
    expect(table.noise(0n, 123)).toBe(0n);
    expect(table.noise(100n, 0)).toBe(-5n);
    expect(table.noise(100n, 2 ** 32 - 1)).toBe(5n);
    expect(table.noise(10n ** 20n, 77)).toBe(table.noise(10n ** 20n, 77));
    for (let key = 0; key < 2000; key++) expect([0n, 3n, 4n, 5n, 6n].includes(1n + table.noise(1n, key * 2_147_483))).toBe(true);
  });
});

test('the size of the ONS table: multiples of five from 10 on, nothing below', () => {
  const ons = shippedTables()['ons-10-5']!;
  expect(ons.size).toEqual({ from: 10, variance: 2, maxDeviation: 2, bias: 2, below: { variance: 81, maxDeviation: 9, bias: 9 } });
  // docs/policies.md: the same for every key.
  for (let n = 1n; n <= 1500n; n++) {
    const [first, ...others] = Array.from({ length: 256 }, (_, key) => ons.noise(n, key));
    expect(new Set([first, ...others])).toEqual(new Set([n < 10n ? -n : ((n + 2n) / 5n) * 5n - n]));
  }
});
