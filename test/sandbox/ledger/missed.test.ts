/**
 * How often what follows is missed in silence. Known numbers of many shapes, each with a number planted that is a combination of them but for fewer than the minimum of units: it is found, or it
 * is said that there is too much to be sure. None may be missed: if one in fifty were, that would be so in one run of five hundred.
 * SLUICE_TEST_PLANTED: of each shape (default 8).
 */
import { describe, expect, test } from 'vitest';
import { Combinations, type Coefficients } from '#sandbox/ledger/combinations.ts';
import { Decoding } from '#sandbox/ledger/decoding.ts';
import { Work } from '#sandbox/ledger/work.ts';

const TRIALS = Number(process.env['SLUICE_TEST_PLANTED'] ?? 8);

class World {
  readonly sizes: Float64Array;
  readonly min: number;
  #state: number;

  constructor(seed: number, classes: number, { units = () => 1, min = 10 }: { readonly units?: (below: (n: number) => number) => number; readonly min?: number } = {}) {
    this.#state = seed;
    this.min = min;
    this.sizes = Float64Array.from({ length: classes + 1 }, (_, cls) => (cls === 0 ? 0 : units((n) => this.below(n))));
  }

  readonly below = (n: number): number => {
    this.#state = (Math.imul(this.#state ^ (this.#state >>> 15), 0x2c1b_3c6d) + 0x9e37_79b9) | 0;
    return Math.floor(((this.#state >>> 0) / 2 ** 32) * n);
  };

  /** Where numbers are not decoded. */
  get isSmall(): boolean {
    return this.sizes.length <= 301;
  }

  get classes(): readonly number[] {
    return [...this.sizes.keys()].slice(1);
  }

  some(count: number, of: readonly number[]): readonly number[] {
    const found = new Set<number>();
    while (found.size < count) found.add(of[this.below(of.length)]!);
    return [...found];
  }

  /** Everybody's rows, each in one of some parts. */
  parts(count: number): readonly (readonly number[])[] {
    const parts = Array.from({ length: count }, () => this.classes.map(() => 0));
    for (const cls of this.classes) for (let rows = 1 + this.below(4); rows > 0; rows--) parts[this.below(count)]![cls - 1]! += 1;
    return parts;
  }

  of(classes: readonly number[]): readonly number[] {
    const own = new Set(classes);
    return this.classes.map((cls) => (own.has(cls) ? 1 + this.below(3) : 0));
  }
}

interface Planted {
  readonly world: World;
  readonly known: readonly (readonly number[])[];
  /** How often known numbers go in, by place; the first so many once. */
  readonly sum: number;
  readonly differing: readonly number[];
}

const plus = (a: readonly number[], b: readonly number[]): readonly number[] => a.map((own, i) => own + b[i]!);
const rowOf = (counts: readonly number[]): Coefficients => {
  const classes = [...counts.keys()].filter((i) => counts[i] !== 0);
  return { classes: Int32Array.from(classes, (i) => i + 1), rows: Int32Array.from(classes, (i) => counts[i]!) };
};

function asked({ world, known, sum, differing }: Planted): 'found' | 'too much' | 'missed' {
  const whole = known.slice(0, sum).reduce(plus);
  const wanted = rowOf(plus(whole, world.classes.map((cls) => (differing.includes(cls) ? 7 : 0))));
  const work = new Work();
  const numbers = known.map((counts, id) => ({ id, row: rowOf(counts) }));
  const exactly = new Combinations((cls) => world.sizes[cls] ?? 0, world.min);
  if (world.isSmall) for (const { id, row } of numbers) exactly.add(id, row);
  const following = (world.isSmall ? exactly : new Decoding([numbers], { units: world.sizes, min: world.min, isDominated: null, wanted: [wanted], work })).follows(wanted);
  if (following !== null) expect(following.units).toBeLessThan(world.min);
  return following !== null ? 'found' : work.isOver || exactly.isUnsolved ? 'too much' : 'missed';
}

/** @param mostly whether most are found, and not just said to be too much */
const SHAPES: readonly { readonly name: string; readonly mostly: boolean; readonly plant: (seed: number) => Planted }[] = [
  ...[[4, 3, 9], [8, 3, 1], [3, 8, 5]].map(([parts, margins, differing]) => ({
    name: `${margins} margins that nearly follow from ${parts} parts each, ${differing} differ`, mostly: true,
    plant: (seed: number): Planted => {
      const world = new World(seed, 600);
      const sets = Array.from({ length: margins! }, () => {
        const own = world.parts(parts!);
        const withheld = world.some(9, world.classes);
        return { own, margin: plus(own.reduce(plus), world.classes.map((cls) => Number(withheld.includes(cls)))) };
      });
      return { world, known: [...sets.map(({ margin }) => margin), ...sets.flatMap(({ own }) => own)], sum: margins!, differing: world.some(differing!, world.classes) };
    },
  })),
  ...[[10, 9, 1500, 1], [10, 4, 1500, 2], [100, 50, 2000, 1], [3, 2, 2000, 1]].map(([min, units, classes, differing]) => ({
    name: `classes of ${units} units, of ${min} none may be told apart`, mostly: true,
    plant: (seed: number): Planted => {
      const world = new World(seed, classes!, { units: () => units!, min: min! });
      return { world, known: Array.from({ length: 20 }, () => world.classes.map(() => world.below(4))), sum: 3, differing: world.some(differing!, world.classes) };
    },
  })),
  ...[[109, 25, 9], [209, 50, 6]].map(([size, small, differing]) => ({
    name: `a number of ${size} units, all but ${differing} of which are in others of ${small}; those differ`, mostly: true,
    plant: (seed: number): Planted => {
      const world = new World(seed, 2000);
      const own = world.some(size!, world.classes);
      const others = Array.from({ length: Math.floor((size! - differing!) / small!) }, (_, i) => world.of(own.slice(differing! + i * small!, differing! + (i + 1) * small!)));
      return { world, known: [...world.parts(6), world.of(own), ...others], sum: 6, differing: own.slice(0, differing) };
    },
  })),
  ...[[10, 3, true], [20, 2, true], [20, 9, false], [30, 5, false], [30, 9, false]].map(([numbers, differing, mostly]) => ({
    name: `${numbers as number} numbers of twelve units, all of the same 48; ${differing as number} of these differ`, mostly: mostly as boolean,
    plant: (seed: number): Planted => {
      const world = new World(seed, 1500);
      const pool = world.some(48, world.classes);
      return { world, known: [...world.parts(6), ...Array.from({ length: numbers as number }, () => world.of(world.some(12, pool)))], sum: 6, differing: world.some(differing as number, pool) };
    },
  })),
  ...[[400, 100, 5, true], [600, 20, 9, true], [400, 100, 9, false]].map(([people, numbers, differing, mostly]) => ({
    name: `${numbers as number} numbers about ${people as number} of many people; ${differing as number} of these differ`, mostly: mostly as boolean,
    plant: (seed: number): Planted => {
      const world = new World(seed, 3000);
      const pool = world.some(people as number, world.classes);
      const known = Array.from({ length: numbers as number }, () => world.of(pool.filter(() => world.below(5) === 0)));
      return { world, known: [...known, world.classes.map(() => 1)], sum: 3, differing: world.some(differing as number, pool) };
    },
  })),
  ...[[14, 3, 9, 0, true], [18, 7, 6, 0, true], [40, 12, 9, 0, true], [120, 40, 9, 0, false], [18, 7, 6, 9, true], [60, 30, 9, 0, true], [60, 6, 9, 300, false]].map(([size, numbers, differing, beside, mostly]) => ({
    name: `${numbers as number} numbers with and without a region of ${size as number} units (and ${beside as number} others of a second); ${differing as number} of these differ`, mostly: mostly as boolean,
    plant: (seed: number): Planted => {
      const world = new World(seed, 1500);
      const [region, second] = [world.some(size as number, world.classes), world.some(beside as number, world.classes)];
      const without = Array.from({ length: numbers as number }, () => world.of(world.classes.filter((cls) => !region.includes(cls) && world.below(4) === 0)));
      const known = without.flatMap((row, i) => [row, plus(row, world.of(i % 2 === 0 || beside === 0 ? region : [...region.slice(0, 5), ...second]))]);
      return { world, known: [...world.parts(6), ...known], sum: 6, differing: world.some(differing as number, region) };
    },
  })),
  ...[[60, 280, 9], [120, 280, 3], [120, 280, 9], [30, 100, 9], [60, 100, 9], [60, 100, 5], [60, 100, 3], [60, 130, 9], [80, 90, 9]].map(([numbers, people, differing]) => ({
    name: `${numbers!} numbers about ${people!} people in all; ${differing!} differ`, mostly: numbers! <= 60 && people! > 200,
    plant: (seed: number): Planted => {
      const world = new World(seed, people!);
      return { world, known: Array.from({ length: numbers! }, () => world.of(world.classes.filter(() => world.below(5) === 0))), sum: 3, differing: world.some(differing!, world.classes) };
    },
  })),
  ...[[10, 9], [20, 3], [20, 9], [30, 5], [30, 9]].map(([numbers, differing]) => ({
    name: `${numbers!} numbers of twelve, all of the same 48 of 250; ${differing!} of these differ`, mostly: numbers! < 20,
    plant: (seed: number): Planted => {
      const world = new World(seed, 250);
      const pool = world.some(48, world.classes);
      return { world, known: [...world.parts(6), ...Array.from({ length: numbers! }, () => world.of(world.some(12, pool)))], sum: 6, differing: world.some(differing!, pool) };
    },
  })),
  ...[[15, 1, 0, true], [15, 9, 0, true], [30, 9, 0, true], [15, 9, 5, true], [15, 5, 15, false], [36, 9, 3, true]].map(([size, differing, shared, mostly]) => ({
    name: `everybody in cells of ${size as number} units, each with ${shared as number} of the next, some of which are in the sum; ${differing as number} of two of these differ`, mostly: mostly as boolean,
    plant: (seed: number): Planted => {
      const world = new World(seed, 1500);
      const [order, step] = [world.some(1500, world.classes), Math.max(1, (size as number) - (shared as number))];
      const cells = Array.from({ length: Math.floor(1500 / step) }, (_, i) => world.of(order.slice(i * step, i * step + (size as number))));
      return { world, known: [...world.parts(6), ...cells], sum: 6 + 20, differing: world.some(differing as number, order.slice(0, 2 * (size as number))) };
    },
  })),
  ...[[15, 25, 9], [30, 30, 5], [20, 100, 9]].map(([rows, columns, differing]) => ({
    name: `two tables of cells of ${rows!} and ${columns!} units that cross; ${differing!} differ`, mostly: false,
    plant: (seed: number): Planted => {
      const world = new World(seed, 1500);
      const table = (size: number): readonly (readonly number[])[] => {
        const order = world.some(1500, world.classes);
        return Array.from({ length: Math.floor(1500 / size) }, (_, i) => world.of(order.slice(i * size, (i + 1) * size)));
      };
      return { world, known: [...world.parts(4), ...table(rows!), ...table(columns!)], sum: 4 + 7, differing: world.some(differing!, world.classes) };
    },
  })),
  {
    name: 'two numbers that nearly follow, five units of which are the same; two units differ', mostly: true,
    plant: (seed: number): Planted => {
      const world = new World(seed, 1200);
      const few = world.some(15, world.classes);
      const [one, other] = [world.parts(3), world.parts(3)];
      const and = (of: readonly (readonly number[])[], more: readonly number[]): readonly number[] => plus(of.reduce(plus), world.classes.map((cls) => Number(more.includes(cls))));
      return { world, known: [and(one, few.slice(0, 9)), and(other, [...few.slice(0, 5), ...few.slice(9, 13)]), ...one, ...other], sum: 2, differing: few.slice(13) };
    },
  },
];

describe('nothing that follows is missed in silence', () => {
  test.each(SHAPES)('$name', ({ mostly, plant }) => {
    const outcomes = Array.from({ length: TRIALS }, (_, seed) => asked(plant(1 + 7919 * seed)));
    expect(outcomes).not.toContain('missed');
    if (mostly) expect(outcomes.filter((each) => each === 'found').length).toBeGreaterThan(TRIALS / 2);
  });
});
