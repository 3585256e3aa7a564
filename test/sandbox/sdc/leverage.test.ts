/** Leverage: exact boundaries; that nearly all having one value is found from the outermost values; and that the line really goes through whoever has leverage. */
import { describe, expect, test } from 'vitest';
import { extremesNeeded, fitRestsOnEnough, leverageIsSafe, type Extremes } from '#sandbox/sdc/leverage.ts';
import type { PowerSums } from '#sandbox/sdc/spread.ts';
import fc from '../../support/fast-check.ts';

const big = (...xs: readonly number[]): bigint[] => xs.map(BigInt);
const repeated = (x: number, times: number): number[] => Array.from({ length: times }, () => x);
const sums = (xs: readonly bigint[]): PowerSums => ({ n: BigInt(xs.length), sum: xs.reduce((a, x) => a + x, 0n), squares: xs.reduce((a, x) => a + x * x, 0n) });
const ascending = (xs: readonly bigint[]): bigint[] => xs.toSorted((a, b) => Number(a - b));

/** @param units the values of each */
function extremes(units: readonly (readonly bigint[])[], min: number, oneEach: boolean): Extremes {
  const wanted = extremesNeeded(min);
  const [high, low] = [units.map((xs) => ascending(xs).at(-1) ?? 0n), units.map((xs) => ascending(xs)[0] ?? 0n)];
  return { largest: ascending(high).toReversed().slice(0, wanted.largest), smallest: ascending(low).slice(0, wanted.smallest), oneEach };
}
const rests = (units: readonly (readonly bigint[])[], min: number, oneEach: boolean): boolean => fitRestsOnEnough(extremes(units, min, oneEach), BigInt(units.length), min);
/** Fewest units with a value that is not a, whatever a is. */
const fewest = (units: readonly (readonly bigint[])[]): number => Math.min(...units.flat().map((a) => units.filter((xs) => xs.some((x) => x !== a)).length));

describe('few', () => {
  test.each([
    [[...repeated(50, 200), 110], 10, false], // one has another value
    [[...repeated(50, 200), ...repeated(110, 9)], 10, false],
    [[...repeated(50, 200), ...repeated(110, 10)], 10, true],
    [[...repeated(50, 200), ...repeated(110, 5), ...repeated(10, 4)], 10, false], // on both sides
    [[...repeated(50, 200), ...repeated(110, 5), ...repeated(10, 5)], 10, true],
    [[...repeated(50, 10), ...repeated(51, 10)], 10, true],
    [[...repeated(50, 11), ...repeated(51, 9)], 10, false],
    [Array.from({ length: 11 }, (_, i) => i), 10, true], // all differ: without any there are ten
    [Array.from({ length: 10 }, (_, i) => i), 10, false],
    [[], 10, false],
    [[7], 0, true],
  ])('%j of at least %d: %s', (xs, min, safe) => expect(rests(xs.map((x) => big(x)), min, true)).toBe(safe));

  test('of units with one value it is exactly the number of those with another', () => {
    fc.assert(fc.property(fc.array(fc.oneof(fc.constant(4n), fc.bigInt(0n, 8n)), { minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 8 }), (xs, min) => {
      const units = xs.map((x) => [x]);
      expect(rests(units, min, true)).toBe(fewest(units) >= min);
    }), { numRuns: 2000 });
  });

  test('of units with several it is never more', () => {
    fc.assert(fc.property(fc.array(fc.array(fc.oneof(fc.constant(4n), fc.bigInt(0n, 8n)), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 30 }), fc.integer({ min: 1, max: 6 }), (units, min) => {
      expect(rests(units, min, false) && fewest(units) < min).toBe(false);
    }), { numRuns: 2000 });
  });
});

describe('one point', () => {
  const TEN = { num: 1n, den: 10n };
  const NONE = { num: 0n, den: 1n };
  test.each([
    [big(1, 1, 1, 2), 2n, NONE, false], // nobody else has another x
    [big(1, 1, 2, 2), 2n, NONE, true],
    [big(1, 2, 3, 1000), 1000n, NONE, true],
    [big(1, 2, 3, 1000), 1000n, TEN, false],
    [big(1, 2, 3, 4), 4n, TEN, true],
    // h = 1/2 + 4/8: of two points each.
    [big(0, 4), 4n, NONE, false],
    // h = 1/4 + 9/12 of the last; of the others 1/4 + 1/12: 1 − h = 2/3.
    [big(0, 0, 0, 4), 0n, { num: 2n, den: 3n }, false], // exactly the bound
    [big(0, 0, 0, 4), 0n, { num: 66n, den: 100n }, true],
  ])('of %o that with %d at %o: %s', (xs, x, share, safe) => expect(leverageIsSafe(sums(xs), x, share)).toBe(safe));

  test('the fitted value misses its own by 1 − h of what the others foretell', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 1000 })), { minLength: 4, maxLength: 12 }), (points) => {
      const line = (of: typeof points): ((x: number) => number) | null => {
        const [mx, my] = [of.reduce((s, [x]) => s + x, 0) / of.length, of.reduce((s, [, y]) => s + y, 0) / of.length];
        const sxx = of.reduce((s, [x]) => s + (x - mx) ** 2, 0);
        return sxx < 1e-9 ? null : (x) => my + (of.reduce((s, [u, v]) => s + (u - mx) * (v - my), 0) / sxx) * (x - mx);
      };
      const [own, ...others] = points;
      const [all, without] = [line(points), line(others)];
      fc.pre(own !== undefined && all !== null && without !== null);
      const share = { num: 3n, den: 10n };
      if (leverageIsSafe(sums(points.map(([x]) => BigInt(x))), BigInt(own[0]), share)) return;
      expect(Math.abs(all(own[0]) - own[1])).toBeLessThanOrEqual(0.3 * Math.abs(without(own[0]) - own[1]) + 1e-6);
    }), { numRuns: 500 });
  });
});
