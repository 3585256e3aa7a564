import { describe, expect, test } from 'vitest';
import type { DominanceRule } from '#contract/policy.ts';
import { boundsProveDominance, isSafe, largestNeeded } from '#sandbox/sdc/dominance.ts';
import { nkMargin, safeUnderNk } from '#sandbox/sdc/nk.ts';
import { pPercentShare } from '#sandbox/sdc/p-percent.ts';
import { pqShare } from '#sandbox/sdc/pq.ts';
import { remainderIsSafe, remainderMargin } from '#sandbox/sdc/remainder.ts';
import fc from '../../support/fast-check.ts';
import { absoluteTotal, netMagnitude, unsafeNk, unsafePPercent, unsafePq } from '../../support/dominance-reference.ts';

describe('p%: unsafe when X − x1 − x2 < (p/100)·x1', () => {
  test.each([
    // total, largest, p, safe
    [160n, [100n, 50n], 10, true], // remainder exactly 10 % of the largest
    [159n, [100n, 50n], 10, false],
    [150n, [100n, 50n], 1, false], // two contributors know each other
    [100n, [100n], 1, false], // one contributor
    [0n, [0n, 0n, 0n], 10, true], // all zero
    [0n, [], 10, true], // nobody
    [10n ** 30n + 3n * 10n ** 29n, [10n ** 30n, 2n * 10n ** 29n], 10, true], // beyond any float
    [10n ** 30n + 3n * 10n ** 29n - 1n, [10n ** 30n, 2n * 10n ** 29n], 10, false],
  ])('%s %s p=%s → %s', (total, largest, p, safe) => expect(remainderIsSafe(total, largest, pPercentShare(p))).toBe(safe));

  test('the margin is negative exactly where the rule fails', () => {
    expect(remainderMargin(160n, [100n, 50n], pPercentShare(10))).toBe(0n);
    expect(remainderMargin(159n, [100n, 50n], pPercentShare(10))).toBe(-100n);
    expect(remainderMargin(0n, [], pPercentShare(10))).toBeNull();
  });
});

describe('pq: unsafe when q·(X − x1 − x2) < p·x1', () => {
  test.each([
    [170n, [100n, 50n], 10, 50, true],
    [169n, [100n, 50n], 10, 50, false],
    [160n, [100n, 50n], 10, 100, true], // q = 100 is p%
    [0n, [0n], 10, 50, true],
  ])('%s %s p=%s q=%s → %s', (total, largest, p, q, safe) => expect(remainderIsSafe(total, largest, pqShare(p, q))).toBe(safe));
});

describe('(n,k): unsafe at a share ≥ k', () => {
  test.each([
    [100n, [50n, 40n], 2, 90, false], // exactly k
    [101n, [50n, 40n], 2, 90, true],
    [100n, [50n, 50n], 2, 100, false],
    [100n, [60n, 40n], 3, 99, false], // fewer than n units
    [0n, [0n, 0n], 2, 85, true],
    [0n, [5n, 5n], 2, 85, false], // net total 0 of +5 and −5
  ])('%s %s n=%s k=%s → %s', (total, largest, n, k, safe) => expect(safeUnderNk(total, largest, n, k)).toBe(safe));

  test('the margin rounds towards the rule', () => {
    expect(nkMargin(100n, [50n, 40n], 2, 90)).toBe(0n);
    expect(nkMargin(300n, [100n], 1, 34)).toBe(66n);
    expect(nkMargin(0n, [1n], 1, 34)).toBeNull();
  });
});

const rule: fc.Arbitrary<DominanceRule> = fc.oneof(
  fc.record({ rule: fc.constant('p-percent' as const), p: fc.integer({ min: 1, max: 100 }) }),
  fc.record({ rule: fc.constant('pq' as const), p: fc.integer({ min: 1, max: 100 }), q: fc.integer({ min: 1, max: 100 }) }),
  fc.record({ rule: fc.constant('nk' as const), n: fc.integer({ min: 1, max: 5 }), k: fc.integer({ min: 1, max: 100 }) }),
);
/** Skewed, so that rules sit on both sides; small numbers hit boundaries. */
const contributions = fc.array(fc.oneof(fc.bigInt(-20n, 20n), fc.bigInt(0n, 1_000_000n), fc.bigInt(-(10n ** 24n), 10n ** 24n)), { maxLength: 12 });

const unsafe = (r: DominanceRule, xs: readonly bigint[], X: bigint) =>
  r.rule === 'p-percent' ? unsafePPercent(xs, X, r.p) : r.rule === 'pq' ? unsafePq(xs, X, r.p, r.q) : unsafeNk(xs, X, r.n, r.k);

const cellOf = (xs: readonly bigint[], keep = xs.length) => ({
  absolute: absoluteTotal(xs),
  net: xs.reduce((sum, x) => sum + x, 0n),
  largest: xs.map((x) => (x < 0n ? -x : x)).sort((a, b) => (a < b ? 1 : a > b ? -1 : 0)).slice(0, keep),
});

test('every rule agrees with the plain reference on |x| and on the net total', () => {
  fc.assert(fc.property(rule, contributions, (r, xs) => {
    const expected = !unsafe(r, xs, absoluteTotal(xs)) && !unsafe(r, xs, netMagnitude(xs));
    return isSafe(r, cellOf(xs)) === expected && isSafe(r, cellOf(xs, largestNeeded([r]))) === expected;
  }), { numRuns: 2000 });
});

test('what p% passes, no contributor can estimate to within p percent, whatever the signs', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 100 }), contributions.filter((xs) => xs.length > 2), (p, xs) => {
    if (!isSafe({ rule: 'p-percent', p }, cellOf(xs))) return true;
    const sorted = [...xs].sort((a, b) => Number((b < 0n ? -b : b) - (a < 0n ? -a : a)));
    const rest = sorted.slice(2).reduce((sum, x) => sum + x, 0n);
    const [x1 = 0n] = sorted;
    return 100n * (rest < 0n ? -rest : rest) >= BigInt(p) * (x1 < 0n ? -x1 : x1);
  }), { numRuns: 1000 });
});

test('bounds prove only what the contributions confirm', () => {
  fc.assert(fc.property(fc.array(rule, { maxLength: 3 }), contributions, (rules, xs) => {
    const cell = cellOf(xs);
    return !boundsProveDominance(rules, cell.largest[0] ?? 0n, cell.net) || rules.every((r) => isSafe(r, cell));
  }), { numRuns: 2000 });
});
