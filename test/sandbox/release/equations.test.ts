/** What tables tell together: of every number that is not shown, the least and the most that it can be, by the equations and by all rows that there could be. */
import { expect, test } from 'vitest';
import { tied } from '#sandbox/release/equations.ts';
import { Grid, type Box } from '#sandbox/release/grid.ts';
import type { Numbers, Table } from '#sandbox/release/tables.ts';
import { loadSolver } from '#sandbox/sdc/secondary/highs.ts';
import fc from '../../support/fast-check.ts';

const DIMENSIONS = [4, 3, 3];
const solver = await loadSolver();

/** How finely a table has a dimension: not at all; as pairs (the first atoms, the others); atom by atom. And whether it has the first pair only. */
const dimension = fc.record({ level: fc.constantFrom(0, 0, 1, 2), filtered: fc.boolean() });
const tables = fc.array(fc.tuple(...DIMENSIONS.map(() => dimension)), { minLength: 2, maxLength: 6 });
const world = fc.record({
  tables, counts: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 36, maxLength: 36 }), hidden: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 80, maxLength: 80 }),
});

const atomsOf = (size: number): readonly string[] => Array.from({ length: size }, (_, i) => `a${i}`);
const grid = (): Grid => new Grid(new Map(DIMENSIONS.map((size, d) => [`d${d}`, new Set(atomsOf(size))])), new Set(DIMENSIONS.map((_, d) => `d${d}`)));

function numbersOf(all: readonly (readonly { readonly level: number; readonly filtered: boolean }[])[]): Numbers {
  const of = grid();
  const boxes: Box[] = [];
  const byText = new Map<string, number>();
  const made = all.map((dimensions): Table => {
    const span = dimensions.map(({ filtered }, d) => (filtered ? of.setOf(d, { negated: false, atoms: ['a0', 'a1'] }) : 0));
    const sets = dimensions.map(({ level }, d) => {
      const size = DIMENSIONS[d]!;
      const parts = level === 0 ? [atomsOf(size)] : level === 1 ? [['a0', 'a1'], atomsOf(size).slice(2)] : atomsOf(size).map((atom) => [atom]);
      return parts.map((atoms) => of.intersection(d, of.setOf(d, { negated: false, atoms }), span[d]!)).filter((set) => of.sizeOf(d, set) > 0);
    });
    const numbers = sets.reduce<readonly (readonly number[])[]>((found, own) => found.flatMap((box) => own.map((set) => [...box, set])), [[]]).map((box) => {
      const known = byText.get(box.join());
      if (known !== undefined) return known;
      byText.set(box.join(), boxes.push(box) - 1);
      return boxes.length - 1;
    });
    return { span, numbers };
  });
  return { grid: of, boxes, cells: boxes.map(() => []), tables: made, sums: [] };
}

/** More than all counts together: as good as no limit. */
const FAR = 500;

/** Σ of variables = 0, all at least 0. @param fixed by variable */
function range(equations: readonly (readonly (readonly [variable: string, by: number])[])[], fixed: ReadonlyMap<string, number>, of: string): readonly number[] {
  const names = [...new Set(equations.flatMap((equation) => equation.map(([name]) => name))), of];
  const bounds = [...new Set(names)].map((name) => (fixed.has(name) ? ` ${name} = ${fixed.get(name)}` : ` 0 <= ${name} <= ${2 * FAR}`));
  const rows = equations.map((equation, e) => ` e${e}: ${equation.map(([name, by]) => `${by < 0 ? '-' : '+'} ${name}`).join(' ')} = 0`);
  return ['Minimize', 'Maximize'].map((sense) => {
    const found = solver([sense, ` obj: ${of}`, 'Subject To', ...(rows.length === 0 ? [` none: ${of} >= 0`] : rows), 'Bounds', ...bounds, 'End'].join('\n'));
    return Math.min(FAR, Math.round((found?.get(of) ?? Number.NaN) * 1e4) / 1e4);
  });
}

test('no more and no less than all rows that there could be', () => {
  let looked = 0;
  let narrow = 0;
  fc.assert(fc.property(world, ({ tables: asked, counts, hidden }) => {
    const numbers = numbersOf(asked);
    const ties = tied(numbers)!;
    const places = DIMENSIONS.reduce<readonly (readonly number[])[]>((found, size) => found.flatMap((at) => Array.from({ length: size }, (_, i) => [...at, i])), [[]]);
    const within = numbers.boxes.map((box) => places.flatMap((at, i) => (at.every((atom, d) => numbers.grid.members(d, box[d]!).includes(atom)) ? [i] : [])));
    const values = within.map((rows) => rows.reduce((sum, row) => sum + counts[row]!, 0));
    const shown = new Map(values.flatMap((value, i): [string, number][] => (hidden[i % 80] === 0 ? [] : [[`n${i}`, value]])));
    const byEquations = ties.equations.map((equation) => equation.map(([number, by]) => [`n${number}`, by] as const));
    const byRows = within.map((rows, i) => [[`n${i}`, -1] as const, ...rows.map((row) => [`x${row}`, 1] as const)]);
    values.forEach((_, i) => {
      if (shown.has(`n${i}`)) return;
      const told = range(byRows, shown, `n${i}`);
      expect(range(byEquations, shown, `n${i}`), JSON.stringify(asked)).toEqual(told);
      looked++;
      if (told[1]! < FAR) narrow++;
    });
  }), { numRuns: 300 });
  expect(looked).toBeGreaterThan(300);
  expect(narrow).toBeGreaterThan(100);
}, 120_000);
