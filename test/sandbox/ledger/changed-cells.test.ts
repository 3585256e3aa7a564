/** Cells of an earlier snapshot, of so many units that none of them fits a list of arguments. */
import { expect, test } from 'vitest';
import { Classes, type PastStrip } from '#sandbox/ledger/classes.ts';
import type { Coefficients } from '#sandbox/ledger/combinations.ts';
import { followingCells } from '#sandbox/ledger/follow.ts';
import { SKETCH_WORDS } from '#sandbox/ledger/sketch.ts';
import type { JobStrip, StripCell } from '#sandbox/ledger/strips.ts';

const UNITS = 200_000;
const row = (from: number, to: number): Coefficients => ({ classes: Int32Array.from({ length: to - from }, (_, i) => from + i), rows: new Int32Array(to - from).fill(1) });
const sketch = (...buckets: readonly number[]): Uint32Array => {
  const words = new Uint32Array(SKETCH_WORDS);
  for (const bucket of buckets) words[bucket >> 4]! |= 1 << (2 * (bucket & 15));
  return words;
};

/** Two halves of yesterday, in each of which units of so many buckets changed, and the whole of today. */
function follows(...buckets: readonly [readonly number[], readonly number[]]): number | null {
  const halves = ['a', 'b'];
  const strip = { min: 10, spec: { measures: [], relation: '' }, face: { measure: 0, face: 'count', unit: null }, series: 'rows', scale: 0, cells: new Map() } as unknown as JobStrip;
  const past = {
    memory: {
      cellsOf: () => new Map(halves.map((key, cell) => [key, cell])), valueOf: () => 100_000n, unitsIn: () => UNITS,
      populationOf: (cell: number) => ({ units: UNITS / 2, fingerprint: 1n, sketch: sketch(...buckets[cell]!) }),
    },
    place: 0, strip: { scale: 0, of: 'before', relation: '' }, today: new Map(halves.map((key) => [key, { units: UNITS / 2, fingerprint: 2n, sketch: sketch(), smallest: new Uint32Array() }])),
  } as unknown as PastStrip;
  const classes = new Classes([past], [strip], true, {
    units: new Map(Array.from({ length: UNITS }, (_, i) => [i + 1, 1])), amounts: new Map(), oneCellEach: false, byRows: 0, rowsOnly: null,
    cells: [new Map([['a', row(1, UNITS - 50_000 + 1)], ['b', row(UNITS - 50_000 + 1, UNITS + 1)]]), new Map([['all', row(1, UNITS + 1)]])],
  });
  const whole = { key: 'all', keys: [], population: { units: UNITS } } as unknown as StripCell;
  return followingCells([{ strip, cells: [whole] }], new Map([[strip, classes]])).cells[0]?.differing ?? null;
}

test('one bucket in both is one unit', () => expect(follows([7], [7])).toBe(1));
test('changes are added up over cells', () => expect(follows([1, 2, 3, 4, 5], [6, 7, 8, 9])).toBe(9));
test('of the minimum nothing follows', () => expect(follows([1, 2, 3, 4, 5], [6, 7, 8, 9, 10])).toBe(null));
test('who is in no bucket that shows is one as well', () => expect(follows([], [])).toBe(1));
