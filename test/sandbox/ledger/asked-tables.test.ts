/** Which earlier tables the engine is asked about where their cells and units are too many for all. */
import { describe, expect, test } from 'vitest';
import { askable, type PastStrip } from '#sandbox/ledger/classes.ts';
import type { JobStrip } from '#sandbox/ledger/strips.ts';

/** @param units of each earlier table, the newest last */
const past = (units: readonly number[]): readonly PastStrip[] => {
  const memory = { unitsIn: (place: number) => units[place] };
  return units.map((_, place) => ({ memory, place }) as unknown as PastStrip);
};
/** A table of the job whose cells have so many units. */
const table = (...units: readonly number[]): JobStrip => ({ cells: new Map(units.map((n, i) => [String(i), { population: { units: n } }])) }) as unknown as JobStrip;
const places = (units: readonly number[], own: readonly JobStrip[]): readonly number[] => askable(past(units), own).map(({ place }) => place);

describe('twelve million pairs of a unit and a cell', () => {
  test('are in turn those of the largest table and of the newest, and stay in their order', () => {
    expect(places([3_900_000, 1_000_000, 3_000_000, 1_000_000, 4_000_000], [table(1_000_000)])).toEqual([0, 3, 4]);
  });
  test('count the cells of the new table as well', () => {
    expect(places([4_000_000, 1_000_000, 1_000_000], [table(4_000_000, 3_000_000)])).toEqual([0, 2]);
    expect(places([4_000_000, 1_000_000, 1_000_000], [table(4_000_000)])).toEqual([0, 1, 2]);
  });
  test('are passed by the largest table and the newest alone, however large the new one is', () => {
    expect(places([3_900_000, 1_000_000, 3_000_000, 7], [table(50_000_000)])).toEqual([0, 3]);
  });
  test('are of no table with more than four million', () => {
    expect(places([5_000_000, 10, 10], [table(10)])).toEqual([1, 2]);
  });
  test('leave nothing out where all fit', () => {
    expect(places(Array.from({ length: 100 }, () => 10), [table(10)])).toHaveLength(100);
    expect(places([], [table(20_000_000)])).toEqual([]);
  });
});
