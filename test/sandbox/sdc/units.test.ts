import { expect, test } from 'vitest';
import { meetsMinimum, rowsProveUnits } from '#sandbox/sdc/minimum-units.ts';
import { isPublishableZero } from '#sandbox/sdc/zeros.ts';
import fc from '../../support/fast-check.ts';

test.each([[9n, 10, false], [10n, 10, true], [11n, 10, true], [0n, 0, true], [0n, 1, false], [2n ** 70n, 1_000_000, true]])('%s units under min %s → %s', (units, min, passes) => {
  expect(meetsMinimum(units, min)).toBe(passes);
});

test('rows prove units by the pigeonhole principle, and only then', () => {
  expect(rowsProveUnits(50n, 5n, 10)).toBe(true);
  expect(rowsProveUnits(49n, 5n, 10)).toBe(false);
  fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 40 }), fc.integer({ min: 0, max: 20 }), (rowsOfUnit, min) => {
    const rows = BigInt(rowsOfUnit.reduce((a, b) => a + b, 0));
    return !rowsProveUnits(rows, BigInt(Math.max(1, ...rowsOfUnit)), min) || rowsOfUnit.length >= min;
  }));
});

test.each([[0n, 'publishable', true], [0n, 'disclosive', false], [1n, 'publishable', false]] as const)('%s values, zeros %s → %s', (count, zeros, publishable) => {
  expect(isPublishableZero(count, zeros)).toBe(publishable);
});
