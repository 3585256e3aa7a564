/** Units in classes by which cells of several tables they are in. */
import { describe, expect, test } from 'vitest';
import { UnitCodes, type UnitAmounts } from '#sandbox/ledger/unit-cells.ts';
import { classesByUnits } from '#sandbox/ledger/unit-classes.ts';

/** Of so many cells, one with one unit. */
function table(cells: number, cell: number, unit: number): UnitAmounts {
  const numbers = new Map(Array.from({ length: cells }, (_, i) => [String(i), i]));
  return { of: { numbers, starts: new Int32Array(cells + 1).fill(1, cell + 1), units: Int32Array.of(unit), rows: Int32Array.of(1) }, amounts: null };
}

describe('units in different cells', () => {
  const CELLS = 60_000;
  // Places in two tables that had the same 32 bits once, as some of so many have by chance.
  test.each([[50_361, 34_714], [42_825, 42_250], [42_250, 42_825]])('%i and %i are different classes', (a, b) => {
    const codes = new UnitCodes();
    const [left, right] = [codes.codeOf(5), codes.codeOf(9)];
    const [classes] = classesByUnits([{ tables: [table(CELLS, a, left), table(CELLS, b, right)], amounts: false }], codes);
    expect([...classes!.units]).toEqual([[1, 1], [2, 1]]);
    expect([...classes!.cells[1]!.get(String(b))!.classes]).toEqual([2]);
  });
});

describe('numbers of units', () => {
  test('are the same whatever was read before', () => {
    const read = (before: readonly number[]) => {
      const codes = new UnitCodes();
      before.forEach((record) => codes.codeOf(record));
      const units = [3, 7, 2 ** 31 + 5, 2 ** 32 - 1].map((record) => codes.codeOf(record));
      const of = { numbers: new Map([['a', 0], ['b', 1]]), starts: Int32Array.of(0, 3, 5), units: Int32Array.of(units[0]!, units[1]!, units[3]!, units[1]!, units[2]!), rows: Int32Array.of(1, 2, 1, 1, 1) };
      return classesByUnits([{ tables: [{ of, amounts: Float64Array.of(1, 2, 4, -3, 5) }], amounts: true }], codes);
    };
    expect(read([2 ** 32 - 1, 12, 7])).toEqual(read([]));
  });
});
