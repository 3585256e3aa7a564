/** Combinations of few units in small spaces, by the exact search and by the bounded one. */
import { expect, test } from 'vitest';
import { BOUNDS, smallVector } from '#sandbox/ledger/small-vector.ts';

/** With a column for each row, as `Space` has them. */
const spaceOf = (rows: readonly (readonly number[])[]) => ({
  rows: rows.map((row, i) => Float64Array.from([...row, ...rows.map((_, j) => Number(i === j))])), weights: rows[0]!.map(() => 1),
});
const LESS = 67_108_858;

test.each([['exact', BOUNDS], ['bounded', { ...BOUNDS, nodes: 0 }]])('%s: a number that is nothing but another', (_, bounds) => {
  // Row 0 is twice row 1, less row 2.
  const space = spaceOf([[2, 2, 1, LESS, 0, 3], [1, 1, 0, 0, 0, 1], [0, 0, LESS, 1, 0, LESS]]);
  const { hit } = smallVector(space, 0, bounds);
  expect(hit?.units).toBe(0);
  expect([...hit!.vector.subarray(0, 6)]).toEqual([0, 0, 0, 0, 0, 0]);
});

test.each([['exact', BOUNDS], ['bounded', { ...BOUNDS, nodes: 0 }]])('%s: all but two units', (_, bounds) => {
  const space = spaceOf([[1, 1, 1, 1, 1, 1, 1, 5, 7], [1, 1, 1, 0, 0, 0, 0, 0, 0], [0, 0, 0, 1, 1, 1, 1, 0, 0]]);
  expect(smallVector(space, 2, bounds).hit?.units).toBe(2);
  const { hit, searched } = smallVector(space, 1, bounds);
  expect(hit).toBeNull();
  expect(searched).toBe(true);
});

test('where there is no work for as many orders as it takes, it says so', () => {
  const { hit, exact, searched } = smallVector(spaceOf([[1, 1, 1, 1, 1, 1, 1, 5, 7], [1, 1, 1, 0, 0, 0, 0, 0, 0], [0, 0, 0, 1, 1, 1, 1, 0, 0]]), 1, { nodes: 0, work: 500 });
  expect(hit).toBeNull();
  expect([exact, searched]).toEqual([false, false]);
});
