/** What is said to follow from nothing does so, and margins are what they are said to be: judged by trying every set of few units, with ranks over the rationals. */
import { describe, expect, test } from 'vitest';
import type { Known } from '#sandbox/ledger/at-once.ts';
import type { Coefficients } from '#sandbox/ledger/combinations.ts';
import { Cuts } from '#sandbox/ledger/cuts.ts';
import { mod } from '#sandbox/ledger/field.ts';
import { Margins } from '#sandbox/ledger/margins.ts';
import { Parts } from '#sandbox/ledger/parts.ts';
import fc from '../../support/fast-check.ts';
import { rank } from '../../support/ledger-reference.ts';

const MIN = 10;

type Counts = readonly number[];

function coefficients(row: Counts): Coefficients {
  const classes = row.flatMap((count, c) => (count === 0 ? [] : [c]));
  return { classes: Int32Array.from(classes, (c) => c + 1), rows: Int32Array.from(classes, (c) => mod(row[c]!)), exact: Float64Array.from(classes, (c) => row[c]!) };
}

const known = (row: Counts, id: number): Known => ({ row: coefficients(row), terms: [{ id, factor: 1 }] });
const added = (all: readonly Known[], classes: number): Counts => Array.from({ length: classes }, (_, c) => all.reduce((sum, { row }) => sum + (row.exact![row.classes.indexOf(c + 1)] ?? 0), 0));

/** Whether a number is made of others, but for fewer units than the minimum, whichever these are. */
function isMadeOf(row: Counts, past: readonly Counts[], units: Counts): boolean {
  for (let set = 0; set < 1 << units.length; set++) {
    const others = units.flatMap((_, c) => ((set & (1 << c)) === 0 ? [c] : []));
    if (units.reduce((sum, count, c) => ((set & (1 << c)) === 0 ? sum : sum + count), 0) >= MIN) continue;
    const without = past.map((each) => others.map((c) => each[c]!));
    if (rank([...without, others.map((c) => row[c]!)]) === rank(without)) return true;
  }
  return false;
}

/** In how many cells each class is, and how often: of most in one, with one row. */
const counts = fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.constantFrom(2, -1, 3) });
const table = (classes: number, cells: number) => fc.array(fc.tuple(fc.integer({ min: -1, max: cells - 1 }), counts, fc.oneof({ weight: 6, arbitrary: fc.constant(-1) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: cells - 1 }) })), { minLength: classes, maxLength: classes })
  .map((of) => Array.from({ length: cells }, (_, cell): Counts => of.map(([first, count, second]) => (first === cell ? count : 0) + (second === cell ? 1 : 0))).filter((row) => row.some((count) => count !== 0)));
const session = fc.integer({ min: 3, max: 8 }).chain((classes) => fc.record({
  tables: fc.array(table(classes, 3), { minLength: 1, maxLength: 3 }),
  own: table(classes, 4),
  units: fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 10, max: 40 })), { minLength: classes, maxLength: classes }),
}));

test('random tables', () => {
  let [free, follows, margins] = [0, 0, 0];
  fc.assert(fc.property(session, ({ tables, own, units }) => {
    let id = 0;
    const weights = Float64Array.from([0, ...units]);
    const before = tables.map((rows) => rows.map((row) => known(row, id++)));
    const parts = new Parts(weights.length);
    for (const cells of before) parts.add(cells.map(({ row }) => row));
    const cells = own.map(coefficients);
    const cuts = new Cuts(parts.of, parts.factors, cells, weights);
    const margin = new Margins(parts.of, weights, MIN, null);
    const past: Counts[] = tables.flat();
    const ownKnown = new Map<number, Known>();
    for (const [i, row] of own.entries()) {
      const side = cuts.side(i, MIN);
      const really = isMadeOf(row, past, units);
      if (side === null) {
        free++;
        expect(really).toBe(false);
      } else {
        if (really) follows++;
        const found = margin.find(cells[i]!, side, before, side.cells.flatMap((cell) => ownKnown.get(cell) ?? []));
        if (found !== null) {
          margins++;
          const [plus, minus] = [added(found.plus, units.length), added(found.minus, units.length)];
          const differing = units.reduce((sum, count, c) => (plus[c]! - minus[c]! === row[c] ? sum : sum + count), 0);
          expect(differing).toBe(found.differing);
          expect(differing).toBeLessThan(MIN);
          expect(really).toBe(true);
        }
      }
      if (really) continue;
      past.push(row);
      ownKnown.set(i, known(row, id++));
      cuts.add(i);
    }
  }), { numRuns: 1500, seed: 11 });
  expect([free > 300, follows > 1000, margins > 300], `${free} ${follows} ${margins}`).toEqual([true, true, true]);
});

describe('a long way round', () => {
  /** Parts 1 … n, each with units in the cell before and in the next: nothing is open but the last. */
  const ring = (length: number, open: number) => {
    const classes = 2 * length + 1;
    const own = Array.from({ length: length + 1 }, (_, cell): Counts => Array.from({ length: classes }, (_c, c) => Number(c < 2 * length && (c % 2 === 0 ? c / 2 === cell : (c - 1) / 2 + 1 === cell))));
    const past = Array.from({ length }, (_, part): Counts => Array.from({ length: classes }, (_c, c) => Number(Math.floor(c / 2) === part || (part === length - 1 && c === 2 * length))));
    const units = Float64Array.from([0, ...Array.from({ length: classes }, (_c, c) => (c === 2 * length ? open : 12))]);
    const parts = new Parts(units.length);
    parts.add(past.map(coefficients));
    const cuts = new Cuts(parts.of, parts.factors, own.map(coefficients), units);
    for (let cell = 1; cell <= length; cell++) cuts.add(cell);
    return cuts.side(0, MIN);
  };
  test('ends in what is in no known cell', () => expect(ring(50, 10)).toBeNull());
  test('or all is on one side', () => expect(ring(50, 9)).toMatchObject({ parts: { size: 50 }, cells: { length: 50 } }));
});
