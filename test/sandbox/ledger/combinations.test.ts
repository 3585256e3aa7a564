import { describe, expect, test } from 'vitest';
import { Combinations, valueOf, type Coefficients, type Following } from '#sandbox/ledger/combinations.ts';
import { PRIME, toFraction, times, inverse, mod } from '#sandbox/ledger/field.ts';
import { BOUNDS, type Bounds } from '#sandbox/ledger/small-vector.ts';
import fc from '../../support/fast-check.ts';
import { tellsFewApart } from '../../support/ledger-reference.ts';

type Matrix = readonly (readonly number[])[];

const sparse = (row: readonly number[]): Coefficients => {
  const classes = row.flatMap((value, c) => (value === 0 ? [] : [c]));
  return { classes: Int32Array.from(classes), rows: Int32Array.from(classes, (c) => row[c]!) };
};

function space(past: Matrix, units: readonly number[], min: number, bounds?: Bounds): Combinations {
  const combinations = new Combinations((cls) => units[cls]!, min, bounds);
  past.forEach((row, i) => combinations.add(i, sparse(row)));
  return combinations;
}

/** Asks for one number after the other; those that do not follow are released. */
function ask(past: Matrix, fresh: Matrix, units: readonly number[], min: number, bounds?: Bounds): { readonly told: Following | null; readonly exact: boolean } {
  const combinations = space(past, units, min, bounds);
  let told: Following | null = null;
  fresh.forEach((row, i) => {
    const following = combinations.follows(sparse(row));
    if (following === null) combinations.add(past.length + i, sparse(row));
    else if (following.units > 0) told ??= following;
  });
  return { told, exact: combinations.exact };
}

describe('attacks, with a minimum of 10', () => {
  const cases: readonly { readonly name: string; readonly past: Matrix; readonly fresh: readonly number[]; readonly units: readonly number[]; readonly told: number | null }[] = [
    { name: 'whole minus parts: All − [age<40] − [age>40]', past: [[1, 1, 1], [1, 0, 0]], fresh: [0, 0, 1], units: [400, 3, 500], told: 500 + 3 },
    { name: 'the same where the rest is large', past: [[1, 1, 1], [1, 0, 0]], fresh: [0, 0, 1], units: [400, 30, 500], told: null },
    { name: 'complement', past: [[1, 1]], fresh: [1, 0], units: [995, 5], told: 1000 },
    { name: 'tracker: A∪B, A, then B without A∩B', past: [[1, 1, 1], [1, 1, 0]], fresh: [0, 1, 1], units: [100, 4, 100], told: 100 },
    { name: 'chain of four', past: [[1, 1, 0, 0, 0], [0, 1, 1, 0, 0], [0, 0, 1, 1, 0]], fresh: [1, 0, 0, 1, 1], units: [50, 50, 50, 50, 2], told: 100 },
    { name: 'two small classes that stay together', past: [[1, 1, 1, 0]], fresh: [0, 1, 1, 1], units: [50, 6, 6, 50], told: null },
    { name: 'a margin after its cells', past: [[1, 0, 0], [0, 1, 0], [0, 0, 1]], fresh: [1, 1, 1], units: [50, 60, 70], told: 180 },
    { name: 'a unit with two rows in one of the cells', past: [[1, 1]], fresh: [1, 2], units: [100, 3], told: 103 },
    { name: 'half of the sum of three pairs', past: [[1, 1, 0], [0, 1, 1], [1, 0, 1]], fresh: [1, 1, 1], units: [20, 30, 40], told: 90 },
  ];
  test.each(cases)('$name', ({ past, fresh, units, told }) => {
    const released = past.map((row) => BigInt(row.reduce((sum, value, c) => sum + value * units[c]!, 0)));
    const following = space(past, units, 10).follows(sparse(fresh));
    expect(following === null ? null : Number(valueOf(following.terms, (id) => released[id]!))).toBe(told);
    if (following !== null) expect(following.units).toBeLessThan(10);
  });
});

const row = (classes: number) => fc.array(fc.constantFrom(0, 0, 1, 1, 2), { minLength: classes, maxLength: classes });
const question = fc.tuple(fc.integer({ min: 2, max: 8 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 3 })).chain(([classes, past, fresh]) => fc.tuple(
  fc.array(row(classes), { minLength: past, maxLength: past }),
  fc.array(row(classes), { minLength: fresh, maxLength: fresh }),
  fc.array(fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constant(50)), { minLength: classes, maxLength: classes }),
));

describe('against every subset of classes', () => {
  test('the exact search agrees', () => {
    fc.assert(fc.property(question, ([past, fresh, units]) => {
      const { told, exact } = ask(past, fresh, units, 10);
      expect(exact).toBe(true);
      expect(told !== null).toBe(tellsFewApart(past, fresh, units, 10));
    }), { numRuns: 1500 });
  });

  test('the bounded search alone finds nothing that is not there, and misses little', () => {
    let there = 0;
    let missed = 0;
    fc.assert(fc.property(question, ([past, fresh, units]) => {
      const expected = tellsFewApart(past, fresh, units, 10);
      const { told } = ask(past, fresh, units, 10, { ...BOUNDS, nodes: 0 });
      if (!expected) expect(told).toBeNull();
      else {
        there++;
        if (told === null) missed++;
      }
    }), { numRuns: 1500, seed: 11 });
    expect(there).toBeGreaterThan(100);
    expect(missed / there).toBeLessThan(0.02);
  });
});

test('a person hidden among a thousand small classes is found', () => {
  // 40 overlapping cells over 1,000 classes of one to three units; the sum of two of them, once without class 777.
  let state = 5;
  const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const units = Array.from({ length: 1000 }, () => 1 + Math.floor(random() * 3));
  const past = Array.from({ length: 40 }, () => units.map(() => (random() < 0.3 ? 1 : 0)));
  const sum = past[0]!.map((value, c) => value + past[1]![c]! + (c === 777 ? 1 : 0));
  const following = space(past, units, 10).follows(sparse(sum));
  expect(following?.classes).toEqual([777]);
  expect(following?.terms).toEqual([0, 1].map((id) => ({ id, factor: { numerator: 1, denominator: 1 } })));
});

test('fractions come back from their residues', () => {
  fc.assert(fc.property(fc.integer({ min: -5000, max: 5000 }), fc.integer({ min: 1, max: 5000 }), (n, d) => {
    const fraction = toFraction(times(mod(n), inverse(d)));
    expect(fraction === null ? null : fraction.numerator * d - fraction.denominator * n).toBe(0);
  }));
  expect(PRIME).toBeLessThan(2 ** 26);
});
