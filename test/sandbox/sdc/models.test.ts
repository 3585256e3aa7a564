import { expect, test } from 'vitest';
import { complementIsSafe } from '#sandbox/sdc/complement.ts';
import { meetsDegreesOfFreedom } from '#sandbox/sdc/degrees-of-freedom.ts';
import { estimatesEnough } from '#sandbox/sdc/spread.ts';

// ACRO A12: 811 units, 4 parameters, dof 807. A13: the first ten rows, dof 6. A14: 5 parameters, dof 806.
test.each([[811n, 4, true], [10n, 4, false], [811n, 5, true], [14n, 4, true], [13n, 4, false]])('%s units, %s parameters, at least 10 → %s', (units, parameters, passes) => {
  expect(meetsDegreesOfFreedom(units, parameters, 10)).toBe(passes);
});

test('whatever meets ten degrees of freedom with the parameters that a statistic here has, one or two, has at most 0.33 parameters a unit', () => {
  for (const columns of [1, 2] as const) {
    const least = Array.from({ length: 100 }, (_, n) => n).find((n) => estimatesEnough(BigInt(n), columns))!;
    expect(least).toBe(10 + columns);
    expect(columns / least).toBeLessThanOrEqual(0.33);
  }
});

// Rest by rows, by units proved, by rows one unit can have; min 10.
test.each([
  [0n, 0n, 1n, true], [1n, 1n, 1n, false], [9n, 9n, 1n, false], [10n, 10n, 1n, true],
  [40n, 0n, 5n, false], [50n, 0n, 5n, true], [50n, 0n, null, false], [50n, 10n, null, true],
])('rest of %s rows, %s units proved, %s rows each → %s', (rows, units, rowsPerUnit, safe) => {
  expect(complementIsSafe({ rows, units, rowsPerUnit }, 10)).toBe(safe);
});
