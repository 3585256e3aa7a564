/** The pattern is judged by its witnesses: other tables that everybody might as well believe. No code of the search takes part. */
import { beforeAll, describe, expect, test } from 'vitest';
import { loadSolver } from '#sandbox/sdc/secondary/highs.ts';
import type { LinearSolver } from '#sandbox/sdc/secondary/linear.ts';
import type { AskedCell, AskedProblem, Equation, Problem, ProblemCell } from '#sandbox/sdc/secondary/problem.ts';
import { protect, type Protection } from '#sandbox/sdc/secondary/protect.ts';

let solver: LinearSolver;
beforeAll(async () => {
  solver = await loadSolver();
});

const cell = (value: number, over: Partial<ProblemCell> = {}): ProblemCell => ({ value: BigInt(value), state: 'open', width: 0n, owner: null, margin: false, cells: 1, low: 0n, high: null, ...over });
const failing = (value: number, width = 5, over: Partial<ProblemCell> = {}): ProblemCell => cell(value, { state: 'hidden', width: BigInt(width), ...over });
const sum = (whole: number, parts: readonly number[]): Equation => [[whole, 1], ...parts.map((part) => [part, -1] as const)];

/** Throws where a witness is none, or does not reach as far as it should. @returns protected cells that reach less */
function audit({ cells, equations }: Problem, { secondary, witnesses }: Protection): readonly number[] {
  const isHidden = (i: number): boolean => cells[i]!.state === 'hidden' || secondary.has(i);
  for (const i of secondary) expect(cells[i]!.state).toBe('open');
  const uses: [number, 1 | -1][][] = cells.map(() => []);
  equations.forEach((equation, e) => equation.forEach(([i, coefficient]) => uses[i]!.push([e, coefficient])));
  return cells.flatMap(({ width }, target) => {
    const own = witnesses.get(target);
    if (width === 0n || own === undefined) return [];
    const values = own.map((witness) => {
      const at = (i: number): bigint => cells[i]!.value + (witness.get(i) ?? 0n);
      const sums = new Map<number, bigint>();
      for (const [i, change] of witness) {
        const { low, high } = cells[i]!;
        if (change !== 0n) expect(isHidden(i)).toBe(true);
        if ((low !== null && at(i) < low) || (high !== null && at(i) > high)) throw new Error(`cell ${i} is out of its bounds`);
        for (const [e, coefficient] of uses[i]!) sums.set(e, (sums.get(e) ?? 0n) + BigInt(coefficient) * change);
      }
      if (sums.values().some((sum) => sum !== 0n)) throw new Error('a witness that does not add up');
      return at(target);
    });
    const all = [cells[target]!.value, ...values];
    const range = all.reduce((most, value) => (value > most ? value : most)) - all.reduce((least, value) => (value < least ? value : least));
    return range < width ? [target] : [];
  });
}

/** Rows × columns of counts, exponentially distributed, with margins. */
function twoWay(rows: number, columns: number, mean: number, min: number): Problem {
  let state = 7;
  const random = (): number => (state = (state * 1_103_515_245 + 12_345) & 0x7fff_ffff) / 0x7fff_ffff;
  const inner = Array.from({ length: rows * columns }, () => Math.floor(-mean * Math.log(random() + 1e-9)));
  const at = (r: number, c: number): number => r * columns + c;
  const rowSums = Array.from({ length: rows }, (_, r) => Array.from({ length: columns }, (__, c) => inner[at(r, c)]!).reduce((a, b) => a + b, 0));
  const columnSums = Array.from({ length: columns }, (_, c) => Array.from({ length: rows }, (__, r) => inner[at(r, c)]!).reduce((a, b) => a + b, 0));
  const margin = (value: number): ProblemCell => cell(value, { margin: true });
  const n = inner.length;
  return {
    cells: [...inner.map((value) => (value < min ? failing(value, min) : cell(value))), ...rowSums.map(margin), ...columnSums.map(margin), margin(inner.reduce((a, b) => a + b, 0))],
    equations: [
      ...rowSums.map((_, r) => sum(n + r, Array.from({ length: columns }, (__, c) => at(r, c)))), ...columnSums.map((_, c) => sum(n + rows + c, Array.from({ length: rows }, (__, r) => at(r, c)))),
      sum(n + rows + columns, rowSums.map((_, r) => n + r)), sum(n + rows + columns, columnSums.map((_, c) => n + rows + c)),
    ],
  };
}

test.each([[300, 40, 60], [300, 40, 600], [300, 40, 6000], [50, 50, 300]])('%i × %i with margins, mean %i: every cell that failed has its witnesses, and little else is hidden', (rows, columns, mean) => {
  const problem = twoWay(rows, columns, mean, 10);
  const protection = protect(problem, null);
  expect(audit(problem, protection)).toEqual([]);
  expect(protection.whole.size).toBe(0);
  const failed = problem.cells.filter(({ width }) => width > 0n).length;
  expect(protection.witnesses.size).toBe(failed);
  expect(protection.cost).toBeGreaterThanOrEqual(protection.atLeast);
  expect(protection.cost).toBeLessThanOrEqual(Math.max(2 * protection.atLeast, failed));
}, 60_000);

test.each([[60, 1], [600, 0.7], [3000, 1]])('50 × 50 with margins, mean %i: a program hides less, proves it all the same, and says how far from the cheapest it can be', (mean, share) => {
  const problem = twoWay(50, 50, mean, 10);
  const [first, best] = [protect(problem, null), protect(problem, solver)];
  expect(audit(problem, best)).toEqual([]);
  expect(best.witnesses.size).toBe(first.witnesses.size);
  expect(best.cost).toBeLessThan(first.cost * 0.95);
  expect(best.atLeast).toBeGreaterThanOrEqual(Math.max(first.atLeast, best.cost * share * (1 - 1e-4)));
  expect(best.atLeast).toBeLessThanOrEqual(best.cost);
}, 60_000);

test('where one side has very many values too', () => {
  const problem = twoWay(1000, 8, 60, 10);
  const { secondary, whole } = protect(problem, solver);
  expect(whole.size).toBe(0);
  expect(secondary.size).toBeLessThan(1000);
});

describe('what has left already', () => {
  // Two rows of two with row totals; everything but the second row was shown before.
  const fixed = (value: number): ProblemCell => cell(value, { state: 'fixed' });

  test('what only fixed cells tie together is left alone', () => {
    const problem: Problem = { cells: [fixed(10), failing(4), fixed(6), cell(30), cell(20), cell(10)], equations: [sum(0, [1, 2]), sum(3, [4, 5])] };
    const protection = protect(problem, solver);
    expect(protection.secondary.size).toBe(0);
    expect(protection.witnesses.size).toBe(0);
  });

  test('what follows from fixed cells alone is as good as fixed', () => {
    // 20 = 12 + 8 and 8 = 5 + 3 are known before they are asked for; nothing of it ties the failing cell to anything.
    const problem: Problem = { cells: [fixed(20), fixed(12), cell(8), fixed(5), cell(3), failing(4), cell(7)], equations: [sum(0, [1, 2]), sum(2, [3, 4]), sum(6, [5, 4])] };
    const protection = protect(problem, solver);
    expect(audit(problem, protection)).toEqual([]);
    expect([...protection.secondary]).toEqual([6]);
  });

  test('what is left of a cell’s range is not narrowed', () => {
    // 4 + h = 7 is known: the cell can be 0 … 7 of 10; the sum of both new cells would tell more.
    const problem: Problem = { cells: [fixed(7), failing(4, 10), cell(3), cell(13), cell(10)], equations: [sum(0, [1, 2]), sum(3, [2, 4])] };
    const protection = protect(problem, solver);
    expect(audit(problem, protection)).toEqual([1]);
    expect(protection.whole.size).toBe(0);
    expect([...protection.secondary]).toContain(2);
    const reached = protection.witnesses.get(1)!.map((witness) => 4n + (witness.get(1) ?? 0n));
    expect(reached.toSorted((a, b) => Number(a - b))).toEqual([0n, 7n]);
  });
});

test('without a solver, what is no network is hidden with all that hangs together with it, and nothing else', () => {
  // Cell 0 is in three sums; 7 … 9 have nothing to do with it.
  const problem: Problem = {
    cells: [failing(3), cell(20), cell(30), cell(40), cell(23, { margin: true }), cell(33, { margin: true }), cell(43, { margin: true }), cell(50), cell(20), cell(30)],
    equations: [sum(4, [0, 1]), sum(5, [0, 2]), sum(6, [0, 3]), sum(7, [8, 9])],
  };
  const without = protect(problem, null);
  expect([...without.secondary].sort()).toEqual([1, 2, 3, 4, 5, 6]);
  expect(without.whole).toEqual(without.secondary);
  const withSolver = protect(problem, solver);
  expect(audit(problem, withSolver)).toEqual([]);
  expect(withSolver.secondary.size).toBeLessThan(6);
  expect(withSolver.whole.size).toBe(0);
});

describe('numbers that nobody asked for', () => {
  const unasked: AskedCell = { ...cell(0), state: 'hidden', value: null };
  // Two tables cross: rows 30 and 10, columns 33 and 7, of which the first column and its part in the second row failed.
  const crossing = (total: number): AskedProblem => ({
    cells: [cell(30), cell(10), failing(4), cell(36), cell(total, { margin: true }), unasked, unasked, unasked, unasked],
    equations: [sum(0, [5, 6]), sum(1, [7, 8]), sum(2, [5, 7]), sum(3, [6, 8]), sum(4, [0, 1]), sum(4, [2, 3])],
  });

  test('stand for anything that the others leave', () => {
    const protection = protect(crossing(40), solver);
    expect([...protection.secondary]).toEqual([3]);
    expect(protection.witnesses.get(2)!.reduce((reached, witness) => { const moved = witness.get(2) ?? 0n; return reached + (moved < 0n ? -moved : moved); }, 0n)).toBeGreaterThanOrEqual(5n);
  });

  test('of which there can be none, or that nobody can look for, take with them what they tie together', () => {
    const apart: AskedProblem = { cells: [...crossing(41).cells, failing(3), cell(20), cell(23)], equations: [...crossing(41).equations, sum(11, [9, 10])] };
    const protection = protect(apart, solver);
    expect([...protection.whole].sort()).toEqual([0, 1, 3, 4]);
    expect(protection.secondary.size).toBe(5);
    expect([...protect(crossing(40), null).whole].sort()).toEqual([0, 1, 3, 4]);
  });
});
