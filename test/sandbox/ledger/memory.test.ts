import { describe, expect, test } from 'vitest';
import { Memory } from '#sandbox/ledger/memory.ts';
import { Series } from '#sandbox/ledger/series.ts';
import { differingBuckets } from '#sandbox/ledger/sketch.ts';
import fc from '../../support/fast-check.ts';
import { populationOf, symmetricDifference, testUnits, type Unit } from '../../support/ledger-reference.ts';

const UNITS = testUnits(400);

const subset = fc.oneof(
  fc.uniqueArray(fc.nat(399), { minLength: 1, maxLength: 60 }),
  // Close to one another: most of a stretch of units.
  fc.tuple(fc.nat(20), fc.integer({ min: 20, max: 60 }), fc.uniqueArray(fc.nat(399), { maxLength: 12 }))
    .map(([from, length, toggled]) => [...new Set(Array.from({ length }, (_, i) => from + i)).symmetricDifference(new Set(toggled))]),
).map((ids) => new Set(ids.map((i) => UNITS[i]!)));

const remember = (memory: Memory<{ kind: string }>, kind: string, sets: readonly ReadonlySet<Unit>[]) =>
  memory.add({ kind }, sets.map((set, i) => ({ key: `[${i}]`, ...populationOf(set), value: BigInt(set.size) })));

/** Whole numbers below a bound, the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b_3c6d) + 0x9e37_79b9) | 0;
    return Math.floor(((state >>> 0) / 2 ** 32) * below);
  };
}

describe('sketch', () => {
  test('never counts more differing buckets than there are differing units', () => {
    fc.assert(fc.property(subset, subset, (a, b) => {
      expect(differingBuckets(populationOf(a).sketch, 0, populationOf(b).sketch, 0)).toBeLessThanOrEqual(symmetricDifference(a, b));
    }), { numRuns: 500 });
  });

  test('tells a large difference from a small one', () => {
    const left = populationOf(UNITS.slice(0, 100));
    for (let differing = 20; differing <= 100; differing += 10) {
      const right = populationOf(UNITS.slice(differing, 100 + differing));
      expect(differingBuckets(left.sketch, 0, right.sketch, 0), `${2 * differing} units`).toBeGreaterThanOrEqual(10);
    }
  });
});

describe('memory', () => {
  test('finds every remembered cell that differs by at most the slack, and says which are equal', () => {
    fc.assert(fc.property(fc.array(subset, { minLength: 1, maxLength: 12 }), subset, fc.integer({ min: 0, max: 12 }), (history, asked, slack) => {
      const memory = new Memory<{ kind: string }>();
      remember(memory, 'person', history);
      const found = memory.neighbours({ kind: 'person' }, populationOf(asked), slack);
      for (const [i, set] of history.entries()) {
        const difference = symmetricDifference(set, asked);
        const neighbour = found.find(({ cell }) => cell === i);
        if (difference <= slack) expect(neighbour).toBeDefined();
        if (neighbour !== undefined) {
          expect(neighbour.differing).toBeLessThanOrEqual(difference);
          expect(neighbour.equal).toBe(difference === 0);
          expect(neighbour.value).toBe(BigInt(set.size));
        }
      }
      // The oldest first.
      expect(found.map(({ cell }) => cell)).toEqual(found.map(({ cell }) => cell).sort((a, b) => a - b));
    }), { numRuns: 500 });
  });

  test('finds cells beyond the sort of its tail as well', () => {
    const memory = new Memory<{ kind: string }>();
    const many = testUnits(30_000, 3);
    const sets = Array.from({ length: 12_000 }, (_, i) => new Set(many.slice(i, i + 20 + (i % 50))));
    remember(memory, 'person', sets);
    for (const i of [0, 1, 4095, 4096, 4097, 8191, 11_999]) {
      const found = memory.neighbours({ kind: 'person' }, populationOf(sets[i]!), 0);
      expect(found.map(({ cell, equal }) => ({ cell, equal }))).toContainEqual({ cell: i, equal: true });
    }
  });

  test('finds what is near among many, whoever joined or left', () => {
    const memory = new Memory<{ kind: string }>();
    const many = testUnits(3000, 5);
    const random = numbers(11);
    const some = (count: number) => Array.from({ length: count }, () => many[random(many.length)]!);
    // Around the number of units up to which cells are found by units as well.
    const sets = Array.from({ length: 14_000 }, (_, i) => new Set(some(i % 20 === 0 ? 490 + random(40) : 1 + random(60))));
    remember(memory, 'person', sets);
    for (let n = 0; n < 600; n++) {
      const at = n % 2 === 0 ? 20 * random(700) : random(14_000);
      const slack = random(12);
      const toggled = new Set(some(random(slack + 1)).map((unit, i) => (i % 3 === n % 3 ? unit : [...sets[at]!][random(sets[at]!.size)]!)));
      const asked = sets[at]!.symmetricDifference(toggled);
      if (asked.size > 0) expect(memory.neighbours({ kind: 'person' }, populationOf(asked), slack).map(({ cell }) => cell), `${asked.size} of ${sets[at]!.size}`).toContain(at);
    }
  });

  test('has room for millions of cells of one kind', () => {
    const series = new Series();
    const { sketch, fingerprint } = populationOf([]);
    // More parts of the index than a word has bits to count their sizes with.
    const last = 3_700_000;
    for (let cell = 0; cell <= last; cell++) series.add(cell, { units: 20, fingerprint, sketch, smallest: Uint32Array.of(Math.imul(cell, 0x9e37_79b1)) });
    const found: number[] = [];
    series.candidates({ units: 20, fingerprint, sketch, smallest: Uint32Array.of(Math.imul(last, 0x9e37_79b1)) }, 9, (cell) => void found.push(cell));
    expect(found).toContain(last);
  });

  test('what is forgotten is as if it had never been, for pairs and for the strips that are combined; the others keep their places', () => {
    fc.assert(fc.property(fc.array(fc.tuple(subset, fc.boolean()), { minLength: 1, maxLength: 10 }), subset, fc.integer({ min: 0, max: 12 }), (history, asked, slack) => {
      const [memory, never] = [new Memory<{ kind: string; of: number }>(), new Memory<{ kind: string; of: number }>()];
      history.forEach(([set, stays], of) => {
        const cells = [{ key: `[${of}]`, ...populationOf(set), value: BigInt(set.size) }];
        memory.add({ kind: 'person', of }, cells);
        if (stays) never.add({ kind: 'person', of }, cells);
      });
      memory.forget(({ of }) => history[of]?.[1] === false);
      const seen = (one: typeof memory) => one.neighbours({ kind: 'person' }, populationOf(asked), slack).map(({ cell: _, ...neighbour }) => neighbour);
      expect(seen(memory)).toEqual(seen(never));
      expect(memory.strips().map(({ strip }) => strip.of)).toEqual(never.strips().map(({ strip }) => strip.of));
      for (const { strip, place } of memory.strips()) expect([...memory.cellsOf(place).keys()]).toEqual([`[${strip.of}]`]);
    }), { numRuns: 300 });
  });

  test('keeps kinds of unit apart', () => {
    const memory = new Memory<{ kind: string }>();
    const set = new Set(UNITS.slice(0, 30));
    remember(memory, 'person', [set]);
    expect(memory.neighbours({ kind: 'enterprise' }, populationOf(set), 9)).toEqual([]);
  });

  test('finds a cell of a strip by the text of its keys, and keeps values of any size', () => {
    const memory = new Memory<{ kind: string }>();
    memory.add({ kind: 'a' }, [{ key: '["市南"]', ...populationOf(UNITS.slice(0, 3)), value: 1n }]);
    memory.add({ kind: 'b' }, ['["市南"]', '["市北"]'].map((key, i) => ({ key, ...populationOf(UNITS.slice(i, 9)), value: (-1n) ** BigInt(i) * 2n ** 100n })));
    const cells = memory.cellsOf(1);
    expect([...cells.keys()]).toEqual(['["市南"]', '["市北"]']);
    const cell = cells.get('["市北"]');
    expect(cell).toBe(2);
    expect(memory.valueOf(cell!)).toBe(-(2n ** 100n));
    const { smallest: _, ...compared } = populationOf(UNITS.slice(1, 9));
    expect(memory.populationOf(cell!)).toEqual(compared);
  });
});
