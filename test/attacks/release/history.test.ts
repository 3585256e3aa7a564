/**
 * Several jobs, one after the other, by whoever: withheld cells of all of them against everything that left. What an attacker
 * with linear programs finds when each job is protected by itself, and when each knows what left before.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { loadSolver } from '#sandbox/sdc/secondary/highs.ts';
import type { LinearSolver } from '#sandbox/sdc/secondary/linear.ts';
import fc from '../../support/fast-check.ts';
import { attack, attackByLoneUnits, persons, play, sessions, type Found } from '../../support/linked-session.ts';

let solver: LinearSolver;
beforeAll(async () => {
  solver = await loadSolver();
});

const RUNS = Number(process.env['SLUICE_SESSIONS'] ?? 60);
const isNarrow = ({ range, level }: Found): boolean => range < level - 1e-6;

describe.each([['counts', false], ['sums under a dominance rule', true]] as const)('%s', (_, sums) => {
  test('no session narrows a withheld cell', () => {
    let cells = 0;
    fc.assert(fc.property(persons, sessions(sums), (people, jobs) => {
      const found = attack(play(people, jobs, solver, true), solver);
      cells += found.length;
      expect(found.filter(isNarrow)).toEqual([]);
    }), { numRuns: RUNS, seed: 5 });
    expect(cells).toBeGreaterThan(RUNS);
  });

  test('nor for those who are alone in a cell', () => {
    fc.assert(fc.property(persons, sessions(sums), (people, jobs) => {
      expect(attackByLoneUnits(play(people, jobs, solver, true), solver).filter(isNarrow)).toEqual([]);
    }), { numRuns: Math.ceil(RUNS / 3), seed: 6 });
  });

  test('without looking back, a good share of sessions does', () => {
    const broken = fc.sample(fc.tuple(persons, sessions(sums)), { numRuns: 30, seed: 5 })
      .filter(([people, jobs]) => attack(play(people, jobs, solver, false), solver).some(isNarrow));
    expect(broken.length).toBeGreaterThan(5);
  });
});
