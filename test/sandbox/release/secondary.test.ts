import { beforeAll, describe, expect, test } from 'vitest';
import { evidenceOf } from '#sandbox/release/evidence.ts';
import { release } from '#sandbox/release/release.ts';
import type { Release } from '#sandbox/release/release.ts';
import { statementOf } from '#sandbox/release/statement.ts';
import { loadSolver } from '#sandbox/sdc/secondary/highs.ts';
import type { LinearSolver } from '#sandbox/sdc/secondary/linear.ts';
import fc from '../../support/fast-check.ts';
import { Attacker } from '../../support/attacker.ts';
import { policy } from '../../support/gate.ts';
import { coarsening, KIND, table } from '../../support/microdata.ts';
import type { Row } from '../../support/microdata.ts';

let solver: LinearSolver;
beforeAll(async () => {
  solver = await loadSolver();
});

const MIN = 5;
const rules = (statistics: Record<string, unknown> = {}) => policy({ units: { [KIND]: { min: MIN } }, secondary: 'required', ...statistics }, 'data');
const released = (...args: Parameters<typeof release>): Release => {
  const result = release(...args);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};
const people = (counts: Readonly<Record<string, number>>): readonly Row[] => Object.entries(counts).flatMap(([cell, n]) => {
  const [a = '', b = '', c = ''] = cell;
  return Array.from({ length: n }, (_, i) => ({ a, b, c, ab: a < 'n' ? 'low' : 'high', v: String((i * 7) % 40 + 1) }));
});
const tables = (rows: readonly Row[], ...by: (readonly string[])[]) => by.map((keys, id) => table(rows, { id, by: keys }));
const valuesOf = ({ tables: minted }: Release, gate: number) => minted[gate]?.load.rows.map((row) => row.slice(0, -1));

const CROSS = people({ ax: 3, ay: 20, bx: 12, by: 30, cx: 9, cy: 8 });

test('without secondary suppression a margin gives the withheld cell away; with it nothing does', () => {
  const gates = tables(CROSS, ['a', 'b'], ['a'], ['b'], []);
  const plain = released(gates, [rules({ secondary: 'none' })]);
  expect(new Attacker(plain.decided, 0, 'total', [], solver).intervals().map(({ low, high }) => [low, high])).toEqual([[3, 3]]);
  const safe = released(gates, [rules()]);
  expect(valuesOf(safe, 0)?.filter((row) => row[2] === null)).toHaveLength(4);
  for (const { low, high } of new Attacker(safe.decided, 0, 'total', [], solver).intervals()) expect(high - low).toBeGreaterThanOrEqual(MIN);
  expect(valuesOf(safe, 1)).toEqual(valuesOf(plain, 1));
});

test('the operator is told that more is withheld, the reviewer where and why', () => {
  const safe = released(tables(CROSS, ['a', 'b'], ['a'], ['b'], []), [rules()]);
  const statement = statementOf([safe]);
  expect(statement.withheld).toBe(4);
  expect(statement.rules.map(({ clause }) => clause)).toContain('data-statistics@3 statistics.secondary');
  const decidedBy = evidenceOf([safe]).gates[0]?.cells.flatMap(({ measures }) => measures.flatMap((measure) => measure.decidedBy));
  expect(decidedBy?.filter((clause) => clause.endsWith('statistics.secondary'))).toHaveLength(3);
});

test('the reviewer is told whether less would have done, the operator is not', () => {
  const gates = tables(CROSS, ['a', 'b'], ['a'], ['b'], []);
  const safe = released(gates, [rules()], { solver });
  expect(evidenceOf([safe]).pattern).toEqual({ numbers: 3, whole: 0, gap: 0 });
  expect(evidenceOf([safe, safe]).pattern).toEqual({ numbers: 6, whole: 0, gap: 0 });
  expect(JSON.stringify(statementOf([safe]))).not.toMatch(/pattern|gap/);
  // Without programs, only what single equations ask for is known.
  const { gap, ...without } = evidenceOf([released(gates, [rules()])]).pattern ?? { gap: 0 };
  expect(without).toEqual({ numbers: 3, whole: 0 });
  expect(gap).toBeGreaterThan(0.2);
  expect(gap).toBeLessThan(0.5);
  expect(evidenceOf([released(gates, [rules({ secondary: 'none' })])]).pattern).toBeUndefined();
  expect(evidenceOf([released(tables(people({ ax: 9, ay: 9 }), ['a'], ['b']), [rules()])]).pattern).toEqual({ numbers: 0, whole: 0, gap: 0 });
});

test('tables that only share a dimension, or only their total, are linked as well', () => {
  const rows = people({ axp: 2, axq: 30, ayp: 10, ayq: 10, bxp: 20, bxq: 20, byp: 10, byq: 14 });
  // a × b and a × c share a; a × c has the small cell a, p is 12 and fine, so nothing fails there.
  const safe = released(tables(rows, ['a', 'b', 'c'], ['a', 'b'], ['a', 'c'], ['b', 'c']), [rules()], { solver });
  for (const { low, high } of new Attacker(safe.decided, 0, 'total', [], solver).intervals()) expect(high - low).toBeGreaterThanOrEqual(MIN);
});

test('a later table of the job cannot undo an earlier one, nor be undone by it', () => {
  const [cross, margin, other, all] = tables(CROSS, ['a', 'b'], ['a'], ['b'], []);
  if (cross === undefined || margin === undefined || other === undefined || all === undefined) throw new Error('tables');
  const first = released([margin, other, all], [rules()]);
  const second = released([cross], [rules()], { earlier: [first] });
  expect(valuesOf(first, 0)?.every((row) => row[1] !== null)).toBe(true);
  for (const { low, high } of new Attacker([...first.decided, ...second.decided], 0, 'total', [], solver).intervals()) expect(high - low).toBeGreaterThanOrEqual(MIN);
  // The other way round the cells are out, so the margins have to give way.
  const cells = released([cross], [rules()]);
  const margins = released([margin, other, all], [rules()], { earlier: [cells] });
  for (const { low, high } of new Attacker([...cells.decided, ...margins.decided], 0, 'total', [], solver).intervals()) expect(high - low).toBeGreaterThanOrEqual(MIN);
});

test('without a solver, tables that are no network are withheld whole where a cell fails', () => {
  const rows = people({ axp: 2, axq: 30, ayp: 10, ayq: 10, bxp: 20, bxq: 20, byp: 10, byq: 14 });
  const safe = released(tables(rows, ['a', 'b', 'c'], ['a', 'b'], ['a', 'c'], ['b', 'c'], ['a'], ['b'], ['c'], []), [rules()]);
  expect(safe.tables.every(({ load }) => load.rows.every((row) => row.at(-1) === true))).toBe(true);
  const { numbers = 0, whole, gap } = evidenceOf([safe]).pattern ?? {};
  expect({ whole, gap }).toEqual({ whole: numbers, gap: 1 });
  expect(numbers).toBeGreaterThan(10);
});

describe('whatever the data', () => {
  const size = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(0, 1, 2, 3, 4) }, { weight: 4, arbitrary: fc.integer({ min: 5, max: 60 }) });
  const attack = (release: Release, measure: number, face: 'count' | 'total', levels: Parameters<typeof table>[1]['coarsenings'] = []) => {
    const attacker = new Attacker(release.decided, measure, face, levels, solver);
    return { all: attacker.intervals(), lone: attacker.intervalsKnownToLoneUnits() };
  };

  test('two dimensions with margins: no protected count can be bounded to less than the minimum, by nobody', () => {
    fc.assert(fc.property(fc.array(size, { minLength: 12, maxLength: 12 }), (sizes) => {
      const rows = people(Object.fromEntries(sizes.map((n, i) => [`${'abcd'[i % 4]}${'xyz'[Math.floor(i / 4)]}`, n])));
      const { all, lone } = attack(released(tables(rows, ['a', 'b'], ['a'], ['b'], []), [rules({ zeros: 'publishable' })]), 0, 'total');
      return [...all, ...lone].every(({ low, high }) => high - low >= MIN - 1e-6);
    }), { numRuns: 40 });
  });

  // Of a row that does not exist everybody knows that it has fewer than the minimum, 0 … MIN − 1.
  test('keys that are not public: rows that vanished are protected as well', () => {
    fc.assert(fc.property(fc.array(size, { minLength: 9, maxLength: 9 }), (sizes) => {
      const rows = people(Object.fromEntries(sizes.map((n, i) => [`${'abc'[i % 3]}${'xyz'[Math.floor(i / 3)]}`, n])));
      const gates = [['a', 'b'], ['a'], ['b'], []].map((by, id) => table(rows, { id, by, complete: false }));
      return attack(released(gates, [rules()]), 0, 'total').all.every(({ low, high }) => high - low >= MIN - 1 - 1e-6);
    }), { numRuns: 40 });
  });

  test('a hierarchy in one dimension, sums under dominance', () => {
    fc.assert(fc.property(fc.array(fc.tuple(size, fc.nat(2000)), { minLength: 8, maxLength: 8 }), (cells) => {
      const rows = cells.flatMap(([n, large], i) => Array.from({ length: n }, (_, k) => ({
        a: ['a', 'b', 'o', 'p'][i % 4] ?? '', ab: i % 4 < 2 ? 'low' : 'high', b: 'xy'[Math.floor(i / 4)] ?? '', v: String(k === 0 ? large + 1 : 10),
      })));
      if (rows.length === 0) return true;
      const levels = [coarsening(rows, 'a', 'ab')];
      const gates = [['a', 'b'], ['ab', 'b'], ['a'], ['ab'], ['b'], []].map((by, id) => table(rows, { id, by, sum: 'v', coarsenings: levels, outputs: [{ name: 's', type: 'DOUBLE', statistic: 'sum', terms: [{ coefficient: '1', measure: 1 }], count: 1 }] }));
      const result = released(gates, [rules({ zeros: 'publishable', dominance: [{ rule: 'p-percent', p: 20 }] })], { solver });
      return attack(result, 1, 'total', levels).all.every(({ low, high }) => high - low >= 1 - 1e-6);
    }), { numRuns: 15 });
  });

  test('the same input gives the same pattern, in any order of cells', () => {
    fc.assert(fc.property(fc.array(size, { minLength: 9, maxLength: 9 }), fc.integer(), (sizes, seed) => {
      const counts = Object.fromEntries(sizes.map((n, i) => [`${'abc'[i % 3]}${'xyz'[Math.floor(i / 3)]}`, n]));
      const gates = [['a', 'b'], ['a'], ['b'], []].map((by, id) => table(people(counts), { id, by, complete: seed % 2 === 0 }));
      const shuffled = gates.map((gate) => ({ ...gate, cells: [...gate.cells].sort((a, b) => ((JSON.stringify(a.keys).charCodeAt(2) * 31 + seed) % 7) - ((JSON.stringify(b.keys).charCodeAt(2) * 31 + seed) % 7)), universe: gate.universe?.toReversed() ?? null }));
      const forms = (release: Release) => JSON.stringify(release.tables.map(({ load }) => load));
      return forms(released(gates, [rules()])) === forms(released(shuffled, [rules()]));
    }), { numRuns: 20 });
  });
});

test('50 × 50 with margins: little more is withheld than what failed', () => {
  let state = 7;
  const random = () => (state = (state * 1103515245 + 12345) & 0x7fffffff) / 0x7fffffff;
  const cells = Array.from({ length: 2500 }, (_, i) => ({ row: i % 50, column: Math.floor(i / 50), n: Math.floor(-60 * Math.log(random() + 1e-9)) }));
  const gate = (id: number, by: readonly ('row' | 'column')[]) => {
    const groups = Map.groupBy(cells, (cell) => JSON.stringify(by.map((name) => cell[name])));
    const shape = table([], { id, by });
    const list = [...groups].map(([key, group]) => {
      const n = BigInt(group.reduce((sum, cell) => sum + cell.n, 0));
      return { keys: JSON.parse(key) as number[], evidence: [{ count: n, sum: n, units: { [KIND]: { exact: n } }, concentration: {} }] };
    });
    return { ...shape, cells: list, universe: list.map(({ keys }) => keys) };
  };
  const safe = released([gate(0, ['row', 'column']), gate(1, ['row']), gate(2, ['column']), gate(3, [])], [rules()]);
  const withheld = safe.tables.map(({ load }) => load.rows.filter((row) => row.at(-1) === true).length);
  const failing = cells.filter(({ n }) => n < MIN).length;
  expect(withheld.reduce((a, b) => a + b, 0)).toBeLessThan(failing + 60);
});
