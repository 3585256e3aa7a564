import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findSmallSupport, type Finding } from '#sandbox/ledger/small-support.ts';
import { tellsFewApart } from '../../support/ledger-reference.ts';

type Matrix = readonly (readonly number[])[];

const sparse = (rows: Matrix) => rows.map((row) => new Map(row.flatMap((value, c) => (value === 0 ? [] : [[c, value] as const]))));
const ask = (past: Matrix, fresh: Matrix, units: readonly number[], min: number, nodes?: number): Finding =>
  findSmallSupport({ past: sparse(past), fresh: sparse(fresh), units, min }, nodes);

describe('attacks, with a minimum of 10', () => {
  const cases: readonly { readonly name: string; readonly past: Matrix; readonly fresh: Matrix; readonly units: readonly number[]; readonly found: boolean }[] = [
    { name: 'whole minus parts: All − [age<40] − [age>40]', past: [[1, 1, 1], [1, 0, 0]], fresh: [[0, 0, 1]], units: [400, 3, 500], found: true },
    { name: 'the same where the rest is large', past: [[1, 1, 1], [1, 0, 0]], fresh: [[0, 0, 1]], units: [400, 30, 500], found: false },
    { name: 'complement', past: [[1, 1]], fresh: [[1, 0]], units: [995, 5], found: true },
    { name: 'tracker: A∪B, A∩B, A, then B', past: [[1, 1, 1], [1, 1, 0]], fresh: [[0, 1, 1]], units: [100, 4, 100], found: true },
    { name: 'chain of five', past: [[1, 1, 0, 0, 0], [0, 1, 1, 0, 0], [0, 0, 1, 1, 0]], fresh: [[1, 0, 0, 1, 1]], units: [50, 50, 50, 50, 2], found: true },
    { name: 'two small classes that stay together', past: [[1, 1, 1, 0]], fresh: [[0, 1, 1, 1]], units: [50, 6, 6, 50], found: false },
    { name: 'what was known before is not found again', past: [[1, 1], [1, 0]], fresh: [[1, 1]], units: [100, 2], found: false },
    { name: 'a unit with two rows in one of the cells', past: [[1, 1]], fresh: [[1, 2]], units: [100, 3], found: true },
  ];
  test.each(cases)('$name', ({ past, fresh, units, found }) => {
    expect(ask(past, fresh, units, 10).kind).toBe(found ? 'found' : 'none');
    expect(tellsFewApart(past, fresh, units, 10)).toBe(found);
  });
});

const question = fc.tuple(fc.integer({ min: 2, max: 8 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 3 })).chain(([classes, past, fresh]) => fc.tuple(
  fc.array(fc.array(fc.constantFrom(0, 0, 1, 1, 2), { minLength: classes, maxLength: classes }), { minLength: past, maxLength: past }),
  fc.array(fc.array(fc.constantFrom(0, 0, 1, 1, 2), { minLength: classes, maxLength: classes }), { minLength: fresh, maxLength: fresh }),
  fc.array(fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constant(50)), { minLength: classes, maxLength: classes }),
));

describe('against every subset', () => {
  test('the exact search agrees', () => {
    fc.assert(fc.property(question, ([past, fresh, units]) => {
      const finding = ask(past, fresh, units, 10);
      expect(finding.kind).toBe(tellsFewApart(past, fresh, units, 10) ? 'found' : 'none');
      if (finding.kind === 'found') expect(finding.units).toBe(finding.classes.reduce((sum, c) => sum + units[c]!, 0));
      if (finding.kind === 'none') expect(finding.exact).toBe(true);
    }), { numRuns: 1500 });
  });

  test('the bounded search alone finds nothing that is not there, and misses little', () => {
    let there = 0;
    let missed = 0;
    fc.assert(fc.property(question, ([past, fresh, units]) => {
      const expected = tellsFewApart(past, fresh, units, 10);
      const { kind } = ask(past, fresh, units, 10, 0);
      if (!expected) expect(kind).toBe('none');
      else {
        there++;
        if (kind === 'none') missed++;
      }
    }), { numRuns: 1500, seed: 11 });
    expect(there).toBeGreaterThan(100);
    expect(missed / there).toBeLessThan(0.02);
  });
});

test('a person hidden among a thousand small classes is found', () => {
  // 40 overlapping cells over 1,000 classes of one to three units; one of them once without class 777.
  let state = 5;
  const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const units = Array.from({ length: 1000 }, () => 1 + Math.floor(random() * 3));
  const past = Array.from({ length: 40 }, () => units.map(() => (random() < 0.3 ? 1 : 0)));
  const sum = past[0]!.map((value, c) => value + past[1]![c]! - (c === 777 ? 1 : 0));
  const finding = ask(past, [sum], units, 10);
  expect(finding.kind).toBe('found');
  if (finding.kind === 'found') expect(finding.classes).toEqual([777]);
});
