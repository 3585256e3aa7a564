/** Spread and fit: exact boundaries, and that what passes keeps every value uncertain. */
import { describe, expect, test } from 'vitest';
import { remainderIsSafe, remainderShare } from '#sandbox/sdc/remainder.ts';
import { fitIsSafe, spreadIsSafe, type PowerSums } from '#sandbox/sdc/spread.ts';
import fc from '../../support/fast-check.ts';

const sums = (xs: readonly bigint[]): PowerSums => ({ n: BigInt(xs.length), sum: xs.reduce((a, x) => a + x, 0n), squares: xs.reduce((a, x) => a + x * x, 0n) });
const products = (xs: readonly bigint[], ys: readonly bigint[]): bigint => xs.reduce((a, x, i) => a + x * (ys[i] ?? 0n), 0n);
const big = (...xs: readonly number[]): bigint[] => xs.map(BigInt);
const TEN = { num: 10n, den: 100n };
const NONE = { num: 0n, den: 1n };

describe('alike', () => {
  test.each([
    [big(5, 5, 5, 5), NONE, false], // nobody differs
    [big(5, 5, 5, 6), NONE, true],
    [big(100, 100, 100, 104), TEN, false], // all within 7 of 101
    [big(90, 110, 95, 105), TEN, true],
    // (n − 1)·V = 400 = (0.1·200)²: exactly the bound is safe.
    [big(190, 190, 210, 210), { num: 866n, den: 10_000n }, true],
    [big(-5, 5, -5, 5), TEN, true], // around zero nothing is known to within a share
  ])('%s at %o: %s', (xs, share, safe) => expect(spreadIsSafe(sums(xs), share)).toBe(safe));

  test('what passes leaves some value further from the mean than the share', () => {
    const share = { num: 1n, den: 10n };
    fc.assert(fc.property(fc.array(fc.bigInt(1n, 1000n), { minLength: 4, maxLength: 12 }), (xs) => {
      const s = sums(xs);
      // Samuelson: whatever the values with these sums are, none is further from the mean than this.
      const reach = Math.sqrt((xs.length - 1) * (Number(s.squares) / xs.length - (Number(s.sum) / xs.length) ** 2));
      const mean = Number(s.sum) / xs.length;
      return !spreadIsSafe(s, share) || reach >= 0.1 * mean - 1e-9;
    }), { numRuns: 500 });
  });
});

describe('perfect fit', () => {
  test.each([
    [big(1, 2, 3, 4, 5), big(2, 4, 6, 8, 10), NONE, false], // y = 2x
    [big(1, 2, 3, 4, 5), big(2, 4, 6, 8, 11), NONE, true],
    [big(1, 2, 3, 4, 5), big(200, 400, 600, 800, 1001), TEN, false], // all but
    [big(1, 2, 3, 4, 5), big(500, 100, 900, 300, 700), TEN, true],
    [big(3, 3, 3, 3), big(1, 2, 3, 4), TEN, false], // no spread of x: no fit
  ])('x %s, y %s at %o: %s', (xs, ys, share, safe) => expect(fitIsSafe(sums(ys), sums(xs), products(xs, ys), share)).toBe(safe));
});

describe('squares', () => {
  test('the share of a square is that of its value, and more', () => {
    expect(remainderShare({ rule: 'p-percent', p: 10 }, 2)).toEqual({ num: 2100n, den: 10_000n });
    expect(remainderShare({ rule: 'pq', p: 10, q: 50 }, 2)).toEqual({ num: 1100n, den: 2500n });
    expect(remainderShare({ rule: 'nk', n: 2, k: 85 }, 2)).toBeNull();
  });

  test('what passes: the second largest contributor cannot estimate the largest value to within p percent', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 100 }), fc.array(fc.bigInt(0n, 10_000n), { minLength: 3, maxLength: 10 }), (p, xs) => {
      const squares = xs.map((x) => x * x).sort((a, b) => (a < b ? 1 : -1));
      const [largest = 0n, second = 0n] = squares;
      const share = remainderShare({ rule: 'p-percent', p }, 2);
      if (largest === 0n || share === null || !remainderIsSafe(squares.reduce((a, x) => a + x, 0n), squares, share)) return true;
      const estimate = Math.sqrt(Number(squares.reduce((a, x) => a + x, 0n) - second));
      return estimate >= Math.sqrt(Number(largest)) * (1 + p / 100) - 1e-6;
    }), { numRuns: 1000 });
  });
});
