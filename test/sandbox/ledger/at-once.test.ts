/** What follows at a glance is found by the search for combinations as well. */
import { expect, test } from 'vitest';
import { AtOnce, KnownTable, type Known } from '#sandbox/ledger/at-once.ts';
import { Combinations, type Coefficients } from '#sandbox/ledger/combinations.ts';
import fc from '../../support/fast-check.ts';

const MIN = 10;
/** By class, which cell of each table its units are in; 0: none. */
const session = fc.integer({ min: 3, max: 12 }).chain((classes) => fc.record({
  tables: fc.array(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: classes, maxLength: classes }), { minLength: 1, maxLength: 4 }),
  own: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: classes, maxLength: classes }),
  units: fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 10, max: 80 })), { minLength: classes, maxLength: classes }),
}));

function cellsOf(table: readonly number[]): readonly Coefficients[] {
  return [...new Set(table)].filter((cell) => cell !== 0).sort().map((cell) => {
    const classes = Int32Array.from(table.flatMap((own, i) => (own === cell ? [i + 1] : [])));
    return { classes, rows: new Int32Array(classes.length).fill(1) };
  });
}

test('what follows does so but for fewer than the minimum', () => {
  let made = 0;
  fc.assert(fc.property(session, ({ tables, own, units }) => {
    const unitsOf = (cls: number): number => units[cls - 1] ?? 0;
    const combinations = new Combinations(unitsOf, MIN);
    let id = 0;
    const counts = Float64Array.from([0, ...units]);
    const known = tables.map((table) => new KnownTable(cellsOf(table).map((row): Known => {
      combinations.add(id, row);
      return { row, terms: [{ id: id++, factor: 1 }] };
    }), counts));
    const cells = cellsOf(own);
    const glance = new AtOnce(cells, counts, MIN);
    for (const [i, row] of cells.entries()) {
      if (row.classes.reduce((sum, cls) => sum + unitsOf(cls), 0) < MIN) continue;
      const following = combinations.follows(row);
      const found = glance.follows(i + 1, known);
      if (found !== null) {
        made++;
        expect(following).not.toBeNull();
        const times = new Map<number, number>();
        const count = ({ classes }: Coefficients, by: number): void => classes.forEach((cls) => times.set(cls, (times.get(cls) ?? 0) + by));
        found.plus.forEach((each) => count(each.row, 1));
        found.minus.forEach((each) => count(each.row, -1));
        count(row, -1);
        const differing = [...times].reduce((sum, [cls, n]) => (n === 0 ? sum : sum + unitsOf(cls)), 0);
        expect(differing).toBe(found.differing);
        expect(differing).toBeLessThan(MIN);
      }
      if (following !== null) continue;
      combinations.add(id, row);
      glance.add(i + 1, { row, terms: [{ id: id++, factor: 1 }] });
    }
  }), { numRuns: 3000, seed: 8 });
  expect(made).toBeGreaterThan(100);
});
