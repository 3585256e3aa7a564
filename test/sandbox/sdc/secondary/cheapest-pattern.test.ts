/** Costs against all patterns and all tables (`every-pattern.ts`); protection is proved in `protect.test.ts` and by the attacks. */
import { beforeAll, describe, expect, test } from 'vitest';
import { loadSolver } from '#sandbox/sdc/secondary/highs.ts';
import type { LinearSolver } from '#sandbox/sdc/secondary/linear.ts';
import { isWitness, usesOf, type Equation, type Problem, type ProblemCell } from '#sandbox/sdc/secondary/problem.ts';
import { protect, type Protection } from '#sandbox/sdc/secondary/protect.ts';
import { cheapestOfAll, pricesOf } from '../../../support/every-pattern.ts';
import fc from '../../../support/fast-check.ts';

let solver: LinearSolver;
beforeAll(async () => {
  solver = await loadSolver();
});

const PRECISION = 1e-4;
const WIDTH = 3;
/** Proposes no pattern: what the first search finds stands. */
const unhelpful = (): LinearSolver => Object.assign((program: string) => solver(program), { withMultipliers: () => null });

const sum = (whole: number, parts: readonly number[]): Equation => [[whole, 1], ...parts.map((part) => [part, -1] as const)];
const cellOf = (value: number, margin: boolean, alone: number | null): ProblemCell => ({
  value: BigInt(value), state: value > 0 && value < WIDTH ? 'hidden' : 'open', width: value > 0 && value < WIDTH ? BigInt(WIDTH) : 0n,
  owner: value === 1 ? alone : null, margin, cells: 1, low: 0n, high: null,
});

/** Rows and columns with their margins and the total: a network. */
function crossed(values: readonly (readonly number[])[], fixed: readonly number[] = [], lone = false): Problem {
  const [rows, columns] = [values.length, values[0]!.length];
  const add = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);
  const rowSums = values.map(add);
  const columnSums = values[0]!.map((_, c) => add(values.map((row) => row[c]!)));
  const all = [...values.flat(), ...rowSums, ...columnSums, add(rowSums)];
  const inner = rows * columns;
  const cells = all.map((value, i): ProblemCell => {
    const cell = cellOf(value, i >= inner, lone ? i : null);
    return fixed.includes(i) && cell.state === 'open' ? { ...cell, state: 'fixed' } : cell;
  });
  return { cells, equations: [
    ...rowSums.map((_, r) => sum(inner + r, values[0]!.map((__, c) => r * columns + c))), ...columnSums.map((_, c) => sum(inner + rows + c, values.map((__, r) => r * columns + c))),
    sum(inner + rows + columns, rowSums.map((_, r) => inner + r)), sum(inner + rows + columns, columnSums.map((_, c) => inner + rows + c)),
  ] };
}

/** Three dimensions of two, with the sums over each one: no network. */
function cube(values: readonly number[]): Problem {
  const at = (a: number, b: number, c: number): number => 4 * a + 2 * b + c;
  const lines = [0, 1].flatMap((i) => [0, 1].map((j) => [[at(0, i, j), at(1, i, j)], [at(i, 0, j), at(i, 1, j)], [at(i, j, 0), at(i, j, 1)]])).flat();
  const cells = [...values, ...lines.map((line) => line.reduce((total, i) => total + values[i]!, 0))].map((value, i) => cellOf(value, i >= 8, null));
  return { cells, equations: lines.map((line, l) => sum(8 + l, line)) };
}

const number = fc.oneof({ weight: 2, arbitrary: fc.integer({ min: 0, max: 2 }) }, { weight: 3, arbitrary: fc.integer({ min: 3, max: 12 }) });
const rowsOf = (rows: number, columns: number) => fc.array(fc.array(number, { minLength: columns, maxLength: columns }), { minLength: rows, maxLength: rows });

const costOf = (problem: Problem, { secondary }: Protection): number => {
  const prices = pricesOf(problem);
  return [...secondary].reduce((total, cell) => total + prices[cell]!, 0);
};

/** Every witness holds; what is stated of the cost is so. @returns the cost */
function checked(problem: Problem, protection: Protection, optimum: number): number {
  const uses = usesOf(problem);
  const isHidden = (cell: number): boolean => protection.secondary.has(cell) || problem.cells[cell]!.state === 'hidden';
  for (const [cell, witnesses] of protection.witnesses) for (const witness of witnesses) expect(isWitness(problem, uses, isHidden, cell, witness, () => false)).toBe(true);
  expect(protection.whole.size).toBe(0);
  for (const [cell, { width, value }] of problem.cells.entries()) {
    const reached = protection.witnesses.get(cell)?.reduce((total, witness) => total + Math.abs(Number(witness.get(cell) ?? 0n)), 0);
    // Whoever is alone in cells, and what left before, may leave less than the width.
    if (width > 0n && value > 0n && problem.cells.every(({ owner, state }) => owner === null && state !== 'fixed')) expect(reached).toBeGreaterThanOrEqual(WIDTH);
  }
  expect(protection.cost).toBeCloseTo(costOf(problem, protection), 6);
  expect(protection.atLeast).toBeLessThanOrEqual(optimum * (1 + 1e-6));
  expect(protection.cost).toBeGreaterThanOrEqual(optimum * (1 - 1e-6));
  return protection.cost;
}

describe('as cheap as the cheapest of all patterns', () => {
  const isCheapest = (problem: Problem): void => {
    const optimum = cheapestOfAll(problem);
    const cost = checked(problem, protect(problem, solver), optimum);
    expect(cost).toBeLessThanOrEqual(optimum * (1 + PRECISION));
    expect(cost).toBeLessThanOrEqual(checked(problem, protect(problem, unhelpful()), optimum));
  };

  test('two dimensions with margins', () => {
    fc.assert(fc.property(rowsOf(3, 3), (values) => isCheapest(crossed(values))), { numRuns: 60, seed: 1 });
  }, 120_000);

  test('margins and cells that left before', () => {
    fc.assert(fc.property(rowsOf(3, 3), fc.array(fc.nat(15), { maxLength: 6 }), (values, fixed) => isCheapest(crossed(values, fixed))), { numRuns: 60, seed: 2 });
  }, 120_000);

  test('cells that one unit is alone in', () => {
    fc.assert(fc.property(rowsOf(3, 3), (values) => isCheapest(crossed(values, [], true))), { numRuns: 15, seed: 3 });
  }, 120_000);

  // Where no whole numbers do what shares of them would, a pattern may not be found; then it is not called the cheapest.
  test('three dimensions with their margins', () => {
    let cheapest = 0;
    fc.assert(fc.property(fc.array(number, { minLength: 8, maxLength: 8 }), (values) => {
      const problem = cube(values);
      const optimum = cheapestOfAll(problem);
      const found = protect(problem, solver);
      const cost = checked(problem, found, optimum);
      expect(cost).toBeLessThanOrEqual(checked(problem, protect(problem, unhelpful()), optimum));
      if (cost <= optimum * (1 + PRECISION)) cheapest++;
      if (found.atLeast >= cost * (1 - PRECISION)) expect(cost).toBeLessThanOrEqual(optimum * (1 + 2 * PRECISION));
    }), { numRuns: 6, seed: 4 });
    expect(cheapest).toBe(6);
  }, 120_000);
});

describe('whatever the solver says', () => {
  const both = (name: string, wrong: () => LinearSolver): void => test(name, () => {
    fc.assert(fc.property(rowsOf(3, 3), (values) => {
      const problem = crossed(values);
      const optimum = cheapestOfAll(problem);
      const cost = checked(problem, protect(problem, wrong()), optimum);
      expect(cost).toBeLessThanOrEqual(protect(problem, null).cost);
    }), { numRuns: 30, seed: 5 });
  }, 120_000);

  both('where it gives up after some programs, what is stated still holds', () => {
    let left = 2;
    return Object.assign((program: string) => (left-- > 0 ? solver(program) : null), { withMultipliers: (program: string) => (left-- > 0 ? solver.withMultipliers(program) : null) });
  });

  both('multipliers that are none bound nothing wrongly', () => Object.assign((program: string) => solver(program), {
    withMultipliers: (program: string) => {
      const found = solver.withMultipliers(program);
      return found === null ? null : { values: found.values, multipliers: new Map([...found.multipliers].map(([name, value], i) => [name, i % 3 === 0 ? value * 3 + 1 : -value])) };
    },
  }));

  both('patterns that protect nobody, or hide everything, are not taken', () => {
    let calls = 0;
    return Object.assign((program: string) => solver(program), {
      withMultipliers: (program: string) => {
        const found = solver.withMultipliers(program);
        const share = calls++ % 2;
        return found === null ? null : { values: new Map([...found.values.keys()].map((name) => [name, share])), multipliers: found.multipliers };
      },
    });
  });
});

test('the same pattern each time, and one that costs the same in any order of cells', () => {
  fc.assert(fc.property(rowsOf(4, 4), fc.array(fc.nat(), { minLength: 25, maxLength: 25 }), (values, keys) => {
    const problem = crossed(values);
    const [first, again] = [protect(problem, solver), protect(problem, solver)];
    expect([...again.secondary]).toEqual([...first.secondary]);
    const order = problem.cells.map((_, i) => i).sort((a, b) => keys[a]! - keys[b]! || a - b);
    const moved = new Map(order.map((cell, i) => [cell, i]));
    const other: Problem = { cells: order.map((i) => problem.cells[i]!), equations: problem.equations.map((equation) => equation.map(([cell, coefficient]) => [moved.get(cell)!, coefficient] as const)).toReversed() };
    const cost = protect(other, solver).cost;
    expect(Math.abs(cost - first.cost)).toBeLessThanOrEqual(PRECISION * first.cost);
  }), { numRuns: 25, seed: 7 });
}, 60_000);
