import { expect, test } from 'vitest';
import { complementIsSafe } from '#sandbox/sdc/complement.ts';
import { meetsDegreesOfFreedom, meetsParameterShare } from '#sandbox/sdc/degrees-of-freedom.ts';

// ACRO A12: 811 units, 4 parameters, dof 807. A13: the first ten rows, dof 6. A14: 5 parameters, dof 806.
test.each([[811n, 4, true], [10n, 4, false], [811n, 5, true], [14n, 4, true], [13n, 4, false]])('%s units, %s parameters, at least 10 → %s', (units, parameters, passes) => {
  expect(meetsDegreesOfFreedom(units, parameters, 10)).toBe(passes);
});

test.each([[100n, 33, true], [100n, 34, false], [3n, 1, false], [0n, 1, false]])('%s units, %s parameters, at most 0.33 → %s', (units, parameters, passes) => {
  expect(meetsParameterShare(units, parameters, 33)).toBe(passes);
});

test.each([[20n, 20n, true], [20n, 19n, false], [20n, 11n, false], [20n, 10n, true], [5n, 0n, false]])('whole %s, part %s, min 10 → %s', (whole, part, safe) => {
  expect(complementIsSafe(whole, part, 10)).toBe(safe);
});
