import { expect, test } from 'vitest';
import { roundToMidpoint, roundToNearest } from '#sandbox/sdc/rounding.ts';
import fc from '../../support/fast-check.ts';

test.each([[0n, 0n], [2n, 0n], [3n, 5n], [7n, 5n], [8n, 10n], [-3n, -5n], [153n, 155n], [918n, 920n]])('%s to the nearest 5 is %s', (value, rounded) => expect(roundToNearest(value, 5n)).toBe(rounded));
test.each([[5n, 10n, 10n], [-5n, 10n, -10n], [4n, 10n, 0n]])('halves go away from zero: %s to %s', (value, quantum, rounded) => expect(roundToNearest(value, quantum)).toBe(rounded));
// ceiling(x/6)*6 - floor(6/2)*(x != 0), OpenSAFELY
test.each([[0n, 0n], [1n, 3n], [6n, 3n], [7n, 9n], [12n, 9n], [13n, 15n]])('midpoint-6 of %s is %s', (value, rounded) => expect(roundToMidpoint(value, 6n)).toBe(rounded));

test('the error is at most half a quantum, the result a function of the band, in both directions alike', () => {
  fc.assert(fc.property(fc.bigInt(-(10n ** 30n), 10n ** 30n), fc.bigInt(1n, 10n ** 6n), (value, quantum) => {
    const nearest = roundToNearest(value, quantum);
    const error = nearest > value ? nearest - value : value - nearest;
    return nearest % quantum === 0n && 2n * error <= quantum && roundToNearest(-value, quantum) === -nearest && roundToMidpoint(-value, quantum) === -roundToMidpoint(value, quantum);
  }));
});
