import { expect, test } from 'vitest';
import { add, formatUnits, multiply, parseExact, quotientToDouble, rescale, toDouble } from '#sandbox/release/exact.ts';
import { compareRows } from '#sandbox/release/order.ts';
import { wireForm } from '#sandbox/release/outputs.ts';
import fc from '../../support/fast-check.ts';

test.each([['-12.50', -1250n, 2], ['0', 0n, 0], ['007.1', 71n, 1]])('reads %s', (text, units, scale) => expect(parseExact(text)).toEqual({ units, scale }));

test.each([['1.005', 2, 101n], ['-1.005', 2, -101n], ['1.004', 2, 100n], ['2', 3, 2000n]])('%s to %s digits: halves away from zero', (text, scale, units) => {
  expect(rescale(parseExact(text), scale)).toBe(units);
});

test('sum and product are exact', () => {
  expect(add(parseExact('0.1'), parseExact('0.20'))).toEqual({ units: 30n, scale: 2 });
  expect(multiply(parseExact('1.5'), parseExact('-0.2'))).toEqual({ units: -30n, scale: 2 });
  expect(formatUnits(-5n, 2)).toBe('-0.05');
});

test('the quotient is the nearest double', () => {
  expect(quotientToDouble(parseExact('1'), 3n)).toBe(1 / 3);
  expect(quotientToDouble(parseExact('-10'), 4n)).toBe(-2.5);
  expect(quotientToDouble({ units: 2n ** 53n + 1n, scale: 0 }, 1n)).toBe(2 ** 53); // half to even
  expect(quotientToDouble({ units: 2n ** 54n + 3n, scale: 0 }, 1n)).toBe(2 ** 54 + 4);
  fc.assert(fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 }), fc.integer({ min: 1, max: 2 ** 31 }), (a, b) => quotientToDouble({ units: BigInt(a), scale: 0 }, BigInt(b)) === (a === 0 ? 0 : a / b)));
  fc.assert(fc.property(fc.bigInt(-(10n ** 38n), 10n ** 38n), fc.integer({ min: 0, max: 18 }), (units, scale) => Object.is(quotientToDouble({ units, scale }, 1n), units === 0n ? 0 : toDouble({ units, scale }))));
});

test('values have the wire form of their type', () => {
  expect(wireForm('BIGINT', parseExact('12'))).toBe('12');
  expect(wireForm('INTEGER', parseExact('12'))).toBe(12);
  expect(wireForm('DECIMAL(38,2)', parseExact('12.345'))).toBe('12.35');
  expect(wireForm('DOUBLE', parseExact('0.1'))).toBe(0.1);
  expect(() => wireForm('BIGINT', parseExact('9223372036854775808'))).toThrow();
  expect(() => wireForm('VARCHAR', parseExact('1'))).toThrow();
});

test('canonical order: decimals by value, text by code point, NULL last', () => {
  const sort = (type: string, values: (string | number | boolean | null)[]) => values.map((v) => [v]).sort(compareRows([type])).map(([v]) => v);
  expect(sort('BIGINT', ['10', '9', null, '-1'])).toEqual(['-1', '9', '10', null]);
  expect(sort('DECIMAL(10,2)', ['10.00', '9.50'])).toEqual(['9.50', '10.00']);
  expect(sort('VARCHAR', ['\u{1F600}', '\uFFFD', 'b', 'a'])).toEqual(['a', 'b', '\uFFFD', '\u{1F600}']);
  expect(sort('DOUBLE', ['NaN', 2, -1])).toEqual([-1, 2, 'NaN']);
  expect(sort('BOOLEAN', [true, false])).toEqual([false, true]);
});
