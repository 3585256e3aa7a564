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
    const [classes] = classesByUnits([{ tables: [table(CELLS, a, left), table(CELLS, b, right)], amounts: false, scales: null }], codes);
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
      return classesByUnits([{ tables: [{ of, amounts: Float64Array.of(1, 2, 4, -3, 5) }], amounts: true, scales: null }], codes);
    };
    expect(read([2 ** 32 - 1, 12, 7])).toEqual(read([]));
  });
});

describe('what units add', () => {
  /** Rows and amounts by cell of five units; a unit with no rows in a cell is not in it. */
  const units = [11, 12, 13, 14, 15];
  const read = (scales: readonly (number | null)[] | null, ...cells: readonly (readonly (readonly [rows: number, amount: number])[])[]) => {
    const codes = new UnitCodes();
    units.forEach((record) => codes.codeOf(record));
    const tables = cells.map((own): UnitAmounts => {
      const inside = own.flatMap(([rows], unit) => (rows > 0 ? [unit] : []));
      return { of: { numbers: new Map([['a', 0]]), starts: Int32Array.of(0, inside.length), units: Int32Array.from(inside), rows: Int32Array.from(inside, (unit) => own[unit]![0]) }, amounts: Float64Array.from(inside, (unit) => own[unit]![1]) };
    });
    const [classes] = classesByUnits([{ tables, amounts: false, scales }], codes);
    const [first] = classes!.cells;
    return { classes: classes!.units.size, byRows: classes!.byRows, counts: first!.get('a')!.exact ?? first!.get('a')!.rows, rows: first!.get('a')!.rows };
  };
  const EVEN = [[[1, 5], [1, 7], [2, 12], [1, 0], [1, -3]], [[2, 10], [2, 14], [1, 6], [1, 0], [3, -9]]] as const;

  test('in proportion to their rows is as many rows', () => expect(read([0, 0], ...EVEN)).toMatchObject({ classes: 4, byRows: 0, counts: Int32Array.of(1, 2, 1, 1) }));
  test('otherwise is what they add, of them alone', () => expect(read([2, 2], [[1, 5], [1, 7.25], [2, 12]], [[2, 10], [2, 14], [1, 6]])).toMatchObject({ classes: 3, byRows: 0, counts: Float64Array.of(1, 725, 2) }));
  test('is counted in the same units', () => expect(read([2, 3], [[1, 5.5]], [[1, 5.501]])).toMatchObject({ counts: Float64Array.of(5500) }));
  test('is nothing in a cell to which they add nothing', () => expect(read([0, 0], [[1, 0], [1, 3]], [[1, 4], [1, 3]])).toMatchObject({ counts: Float64Array.of(1) }));
  test('counts as its residue', () => expect(read([0, 0], [[1, -1], [1, 67_108_859 + 3]], [[1, 4], [1, 5]])).toMatchObject({ counts: Float64Array.of(-1, 67_108_862), rows: Int32Array.of(67_108_858, 3) }));
  test.each([['computed', [0, null], 2.5], ['too large', [0, 0], 2 ** 51]] as const)('is not known where it is %s', (_, scales, amount) => {
    expect(read(scales, [[1, 1], [1, 3]], [[1, amount], [1, 3]])).toMatchObject({ byRows: 1, counts: Int32Array.of(1) });
  });
  test('may be computed in another order', () => expect(read([null, null], [[1, 0.1 + 0.2]], [[2, 0.6]])).toMatchObject({ byRows: 0 }));
  test('does not matter for numbers of rows', () => expect(read(null, [[1, 5], [1, 7]], [[1, 6], [1, 1]])).toMatchObject({ classes: 1, byRows: 0 }));
});
