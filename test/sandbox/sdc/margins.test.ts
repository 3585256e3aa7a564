/** Margins: by hand, and that their sign is the rule's verdict for any cell. */
import { describe, expect, test } from 'vitest';
import { classIsSafe, classMargin } from '#sandbox/sdc/class-disclosure.ts';
import { complementIsSafe, complementMargin } from '#sandbox/sdc/complement.ts';
import { extremesNeeded, fitRestsOnEnough, fitUnitsMargin, leverageIsSafe, leverageMargin, type Extremes } from '#sandbox/sdc/leverage.ts';
import { estimatesEnough, estimatesMargin, fitIsSafe, fitMargin, spreadIsSafe, spreadMargin, type PowerSums } from '#sandbox/sdc/spread.ts';
import fc from '../../support/fast-check.ts';

const big = (...xs: readonly number[]): bigint[] => xs.map(BigInt);
const sums = (xs: readonly bigint[]): PowerSums => ({ n: BigInt(xs.length), sum: xs.reduce((a, x) => a + x, 0n), squares: xs.reduce((a, x) => a + x * x, 0n) });
const products = (xs: readonly bigint[], ys: readonly bigint[]): bigint => xs.reduce((a, x, i) => a + x * (ys[i] ?? 0n), 0n);
const share = fc.record({ num: fc.bigInt(0n, 150n), den: fc.constant(100n) });
const min = fc.integer({ min: 0, max: 20 });
const count = fc.bigInt(0n, 300n);
const values = (most: bigint) => fc.array(fc.bigInt(-most, most), { minLength: 2, maxLength: 14 });
/** Negative exactly where the rule fails; null says nothing. */
const agrees = (margin: bigint | null, passes: boolean): void => {
  if (margin !== null) expect(margin >= 0n).toBe(passes);
};

describe('of rules about units', () => {
  test.each([[22n, 2, 10n], [12n, 2, 0n], [11n, 2, -1n], [11n, 1, 0n]] as const)('degrees of freedom: %d units, %d columns: %d', (units, columns, margin) => expect(estimatesMargin(units, columns)).toBe(margin));

  test.each([
    [{ rows: 0n, units: 0n, rowsPerUnit: 1n }, null], // nobody
    [{ rows: 14n, units: 14n, rowsPerUnit: 1n }, 4n],
    [{ rows: 3n, units: 3n, rowsPerUnit: null }, -7n],
    [{ rows: 60n, units: 2n, rowsPerUnit: 5n }, 2n], // sixty rows of five each are twelve units
  ])('complement %o, at least 10: %d', (rest, margin) => expect(complementMargin(rest, 10)).toBe(margin));

  test.each([
    [100n, 91n, -1n], // nine outside; 91 inside, of whom 89 would be fewer than nine in ten
    [100n, 90n, 0n], [100n, 89n, 1n], [24n, 20n, 1n], // at most 21 of 24
    [40n, 40n, -5n], [40n, 0n, null],
  ])('class of %d, %d in the cell, at least 10: %d', (whole, part, margin) => expect(classMargin(whole, part, 10)).toBe(margin));

  test('have the sign of the verdict', () => {
    fc.assert(fc.property(count, count, min, fc.option(fc.bigInt(1n, 9n), { nil: null }), (a, b, least, rowsPerUnit) => {
      for (const columns of [1, 2] as const) agrees(estimatesMargin(a, columns), estimatesEnough(a, columns));
      const [whole, part] = a > b ? [a, b] : [b, a];
      const [known, safe] = [classMargin(whole, part, least), classIsSafe(whole, part, least)];
      agrees(known, safe);
      if (known === null) expect(safe).toBe(true);
      const rest = { rows: whole, units: part, rowsPerUnit };
      agrees(complementMargin(rest, least), complementIsSafe(rest, least));
    }));
  });

  test('of a fit: how many have another x than most', () => {
    fc.assert(fc.property(fc.array(fc.oneof(fc.constant(4n), fc.bigInt(0n, 8n)), { minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 8 }), (xs, least) => {
      const [wanted, order] = [extremesNeeded(least), xs.toSorted((x, y) => Number(x - y))];
      const extremes: Extremes = { largest: order.toReversed().slice(0, wanted.largest), smallest: order.slice(0, wanted.smallest), oneEach: true };
      const fewest = Math.min(...xs.map((a) => xs.filter((x) => x !== a).length));
      const margin = fitUnitsMargin(extremes, BigInt(xs.length), least);
      agrees(margin, fitRestsOnEnough(extremes, BigInt(xs.length), least));
      if (margin === null) expect(fewest).toBeGreaterThanOrEqual(least);
      else expect(margin).toBe(BigInt(fewest - least));
    }));
  });
});

describe('of rules about values, in hundredths of a percent', () => {
  test('by hand', () => {
    // (n − 1)·V = 3·100 and the mean 200: √300 is 8.66 % of it.
    expect(spreadMargin(sums(big(190, 190, 210, 210)), { num: 5n, den: 100n })).toBe(366n);
    expect(spreadMargin(sums(big(7, 7, 7)), { num: 5n, den: 100n })).toBeNull();
    // y = x but for one of four, which is 4 off: of SSR = 16 − (4²/4 + 1.5²·4²/5) = 4.8 the root is 2.19, and the mean of y is 2.5 + 1.
    const [x, y] = [big(1, 2, 3, 4), big(1, 2, 3, 8)];
    expect(fitMargin(sums(y), sums(x), products(x, y), { num: 10n, den: 100n })).toBe(BigInt(Math.floor(10_000 * (Math.sqrt(4.8) / 3.5 - 0.1))));
    // h = 1/4 + 1.5²/5 = 0.7.
    expect(leverageMargin(sums(x), 4n, { num: 10n, den: 100n })).toBe(2000n);
  });

  test('have the sign of the verdict, and are as far as floating numbers say', () => {
    fc.assert(fc.property(values(50n), values(50n), share, (xs, all, f) => {
      const ys = xs.map((_, i) => all[i % all.length]!);
      const [x, y, xy] = [sums(xs), sums(ys), products(xs, ys)];
      agrees(spreadMargin(x, f), spreadIsSafe(x, f));
      agrees(fitMargin(y, x, xy, f), fitIsSafe(y, x, xy, f));
      for (const value of xs) {
        const [margin, safe] = [leverageMargin(x, value, f), leverageIsSafe(x, value, f)];
        // The bound itself is unsafe.
        if (margin !== null && margin !== 0n) agrees(margin, safe);
      }
      const spread = spreadMargin(x, f);
      const [n, mean] = [xs.length, Number(x.sum) / xs.length];
      if (spread !== null) expect(Math.abs(Number(spread) - 10_000 * (Math.sqrt((n - 1) * xs.reduce((sum, each) => sum + (Number(each) - mean) ** 2, 0) / n) / Math.abs(Number(x.sum)) * n - Number(f.num) / 100))).toBeLessThan(1.01);
    }));
  });
});
