/** Numbers that follow from others but for few units, among thousands of units of whom no two are in the same cells. */
import { describe, expect, test } from 'vitest';
import { valueOf, type Coefficients } from '#sandbox/ledger/combinations.ts';
import { Decoding } from '#sandbox/ledger/decoding.ts';
import { Work } from '#sandbox/ledger/work.ts';

const UNITS = 6000;
const MIN = 10;

interface Row {
  readonly unit: number;
  readonly of: readonly number[];
}

function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b_3c6d) + 0x9e37_79b9) | 0;
    return Math.floor(((state >>> 0) / 2 ** 32) * below);
  };
}

/** Values of each attribute; the first three are those of a unit, the others of each of its rows. */
const ATTRIBUTES = [10, 2, 300, 12, 5, 7];
const random = numbers(3);
const ROWS: readonly Row[] = Array.from({ length: UNITS }, (_, unit) => {
  const own = ATTRIBUTES.slice(0, 3).map((values) => random(values));
  return Array.from({ length: 1 + random(6) }, (): Row => ({ unit, of: [...own, ...ATTRIBUTES.slice(3).map((values) => random(values))] }));
}).flat();

/** @param left units without whom it is */
function count(isIn: (row: Row) => boolean, left: ReadonlySet<number> = new Set()): Coefficients {
  const rows = new Map<number, number>();
  for (const row of ROWS) if (isIn(row) && !left.has(row.unit)) rows.set(row.unit + 1, (rows.get(row.unit + 1) ?? 0) + 1);
  const classes = [...rows.keys()].sort((a, b) => a - b);
  return { classes: Int32Array.from(classes), rows: Int32Array.from(classes, (cls) => rows.get(cls)!) };
}

const table = (by: readonly number[], isIn: (row: Row) => boolean = () => true): readonly Coefficients[] =>
  by.reduce<readonly (readonly number[])[]>((all, attribute) => all.flatMap((key) => Array.from({ length: ATTRIBUTES[attribute]! }, (_, value) => [...key, value])), [[]])
    .map((key) => count((row) => isIn(row) && by.every((attribute, i) => row.of[attribute] === key[i]))).filter(({ classes }) => classes.length >= MIN);

const some = (units: number): ReadonlySet<number> => {
  const left = new Set<number>();
  while (left.size < units) left.add(random(UNITS));
  return left;
};
/** Who certainly has rows in it. */
const someOf = ({ classes }: Coefficients, units: number): ReadonlySet<number> => {
  const left = new Set<number>();
  while (left.size < units) left.add(classes[random(classes.length)]! - 1);
  return left;
};

const LEFT = some(3);

const KNOWN = [table([3]), table([4, 1]), table([5], ({ of }) => of[4]! < 3), table([0, 3]), table([1], ({ of }) => of[3] !== 4), table([0], ({ of }) => of[4] === 4)].flat();
const units = new Float64Array(UNITS + 1).fill(1);
units[0] = 0;

const decoding = (known: readonly Coefficients[], wanted: readonly Coefficients[]): Decoding => new Decoding([known.map((row, id) => ({ id, row }))], { units, min: MIN, isDominated: null, wanted, work: new Work() });

describe('what follows but for few units is found', () => {
  test.each([0, 1, 2, 5, 9])('%i of them', (few) => {
    const wholes = Array.from({ length: 12 }, (_, i): readonly [Coefficients, (row: Row) => boolean] => {
      const isIn = [() => true, ({ of }: Row) => of[0] === i % 10, ({ of }: Row) => of[1] === i % 2 && of[4]! < 4, ({ of }: Row) => of[3]! < 6 && of[0]! > 4][i % 4]!;
      return [count(isIn), isIn];
    });
    const wanted = wholes.map(([whole, isIn]) => count(isIn, someOf(whole, few)));
    const code = decoding(KNOWN, wanted);
    for (const [i, row] of wanted.entries()) {
      const following = code.follows(row);
      expect(following, `number ${i}`).not.toBeNull();
      expect(following!.units).toBe(few);
      // All rows, less those of the few.
      const rows = (of: Coefficients): number => of.rows.reduce((sum, n) => sum + n, 0);
      expect(Number(valueOf(following!.terms, (id) => BigInt(rows(KNOWN[id]!))))).toBe(rows(wholes[i]![0]));
    }
    expect(code.exact).toBe(true);
  });

  test('where it is made of cells of which hardly any unit is in a sample', () => {
    const streets = table([2]);
    expect(streets.length).toBeGreaterThan(250);
    const wanted = Array.from({ length: 40 }, (_, i) => count(({ of }) => of[2]! >= 7 * i && of[2]! < 7 * i + 5, someOf(streets[7 * i]!, i % 4)));
    const code = decoding([...KNOWN, ...streets], wanted);
    const found = wanted.map((row) => code.follows(row)?.units ?? MIN);
    expect(Math.max(...found)).toBeLessThan(MIN);
    // Some follow in several ways.
    expect(found.filter((few, i) => few <= i % 4).length).toBeGreaterThan(35);
  });

  test('in every one of many numbers that leave the same units out', () => {
    const wanted = Array.from({ length: 12 }, (_, i) => count(({ of }) => of[3] !== i, LEFT));
    const code = decoding(KNOWN, wanted);
    for (const [i, row] of wanted.entries()) expect(code.follows(row)?.units, `number ${i}`).toBeLessThanOrEqual(LEFT.size);
    expect(code.exact).toBe(true);
  });

  test('from cells that differ from others by as many units as the minimum each', () => {
    const all = table([3, 4]);
    const left = new Set(all.flatMap((cell) => [...someOf(cell, MIN)]));
    const nearly = all.map(({ classes, rows }): Coefficients => {
      const kept = [...classes.keys()].filter((i) => !left.has(classes[i]! - 1));
      return { classes: Int32Array.from(kept, (i) => classes[i]!), rows: Int32Array.from(kept, (i) => rows[i]!) };
    });
    const victim = [...left][0]!;
    const wanted = count(() => true, left.difference(new Set([victim])));
    const code = new Decoding([all.map((row, id) => ({ id, row })), nearly.map((row, i) => ({ id: all.length + i, row }))], { units, min: MIN, isDominated: null, wanted: [wanted], work: new Work() });
    expect(code.follows(wanted)?.units).toBe(1);
    expect(code.exact).toBe(true);
  });

  test('also from what the job itself tells', () => {
    const own = count(({ of }) => of[3] === 2 && of[4] === 1);
    const rest = count(({ of }) => of[3] === 2 && of[4] !== 1, someOf(own, 3));
    const code = decoding(KNOWN, [own, rest]);
    expect(code.follows(own)).toBeNull();
    code.add(KNOWN.length, own);
    const left = count(({ of }) => of[3] === 2 && of[4] !== 1, someOf(rest, 3));
    expect(code.follows(left)?.units).toBe(3);
  });
});

describe('what does not follow is not given', () => {
  test('where as many as the minimum differ', () => {
    const wanted = Array.from({ length: 10 }, (_, i) => count(({ of }) => of[3]! < 11, some(14 + 5 * i)));
    const code = decoding(KNOWN, wanted);
    for (const row of wanted) expect(code.follows(row)).toBeNull();
    expect(code.exact).toBe(true);
  });

  test('where it is about other rows', () => {
    const wanted = [count(({ of }) => of[3] === 1 && of[4] === 2), count(({ of }) => of[5] === 6 && of[4] === 4), count(({ of }) => of[2]! < 20)];
    const code = decoding(KNOWN, wanted);
    for (const row of wanted) expect(code.follows(row)).toBeNull();
  });

  test('but where few dominate the rest, however many they are', () => {
    const left = some(40);
    const rich = [...left][0]! + 1;
    const wanted = count(() => true, left);
    const following = new Decoding([KNOWN.map((row, id) => ({ id, row }))], { units, min: MIN, isDominated: (classes) => classes.includes(rich) && classes.length < 100, wanted: [wanted], work: new Work() }).follows(wanted);
    expect(following?.units).toBe(40);
  });
});

test('where there is no time left, it is not said that nothing follows', () => {
  const wanted = count(() => true, some(3));
  const work = new Work();
  const code = new Decoding([KNOWN.map((row, id) => ({ id, row }))], { units, min: MIN, isDominated: null, wanted: [wanted], work });
  expect(code.follows(wanted)).not.toBeNull();
  expect(work.isOver).toBe(false);
  work.multiplies(work.left + 1);
  expect(code.follows(wanted)).toBeNull();
  expect(work.isOver).toBe(true);
});

test('factors may have no common denominator, however many they are', () => {
  const primes: number[] = [];
  for (let n = 2; primes.length < 160; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  const of = (first: number, length: number, rows: number): Coefficients => ({ classes: Int32Array.from({ length }, (_, i) => first + i), rows: new Int32Array(length).fill(rows) });
  const wanted = of(1, 12 * primes.length, 1);
  expect(decoding(primes.map((prime, i) => of(1 + 12 * i, 12, prime)), [wanted]).follows(wanted)?.terms).toHaveLength(primes.length);
});

test('who follows by factors that are not known is not said not to follow', () => {
  const known = { classes: KNOWN[0]!.classes, rows: KNOWN[0]!.rows.map((rows) => rows * 6557) };
  const work = new Work();
  expect(new Decoding([[{ id: 0, row: known }]], { units, min: MIN, isDominated: null, wanted: [KNOWN[0]!], work }).follows(KNOWN[0]!)).toBeNull();
  expect(work.isOver).toBe(true);
});

describe.each([600, 2500, 20_000])('of %i units', (all) => {
  test.each([0, 1, 2])('nine who are in %i small known cells each, one of these in every sample, are found to differ', (cells) => {
    const below = numbers(all + cells);
    const drawn = (count_: number, not: ReadonlySet<number>): readonly number[] => {
      const found = new Set<number>();
      while (found.size < count_) {
        const unit = 1 + below(all);
        if (!not.has(unit)) found.add(unit);
      }
      return [...found];
    };
    const coefficients = (rows: ReadonlyMap<number, number>): Coefficients => {
      const classes = [...rows.keys()].sort((a, b) => a - b);
      return { classes: Int32Array.from(classes), rows: Int32Array.from(classes, (cls) => rows.get(cls)!) };
    };
    for (let trial = 0; trial < 8; trial++) {
      const left = new Set(drawn(MIN - 1, new Set()));
      const rowsOf = Array.from({ length: all + 1 }, () => 1 + below(4));
      const parts = Array.from({ length: 8 }, () => new Map<number, number>());
      for (let unit = 1; unit <= all; unit++) {
        for (let row = 0; row < rowsOf[unit]!; row++) {
          const part = parts[below(parts.length)]!;
          if (!left.has(unit)) part.set(unit, (part.get(unit) ?? 0) + 1);
        }
      }
      const small = [...left].flatMap((unit) => Array.from({ length: cells }, () => coefficients(new Map([unit, ...drawn(11, left)].map((each) => [each, rowsOf[each]!])))));
      const whole = coefficients(new Map(rowsOf.map((rows, unit): [number, number] => [unit, rows]).slice(1)));
      const ones = new Float64Array(all + 1).fill(1);
      ones[0] = 0;
      const work = new Work();
      const known = [...parts.map(coefficients), ...small].map((row, id) => ({ id, row }));
      const code = new Decoding([known], { units: ones, min: MIN, isDominated: null, wanted: [whole], work });
      expect(code.follows(whole)?.units).toBe(MIN - 1);
      expect(work.isOver).toBe(false);
    }
  });
});

test('where the known numbers are too many for the first sample, it is not said that nothing follows', () => {
  const below = numbers(5);
  const sizes = Float64Array.from({ length: 3601 }, (_, cls) => (cls === 0 ? 0 : cls % 6 === 0 ? 1 : MIN));
  const rowsOf = Array.from({ length: 400 }, () => Array.from(sizes, () => below(3)));
  const row = (of: (cls: number) => number): Coefficients => {
    const classes = Array.from(sizes.keys()).filter((cls) => cls > 0 && of(cls) > 0);
    return { classes: Int32Array.from(classes), rows: Int32Array.from(classes, of) };
  };
  const known = rowsOf.map((rows, id) => ({ id, row: row((cls) => rows[cls]!) }));
  const wanted = row((cls) => rowsOf.reduce((sum, rows) => sum + rows[cls]!, cls === 6 ? 1 : 0));
  const found = (left: number): readonly [number | null, boolean] => {
    const work = new Work();
    work.prepares(work.toPrepare - left);
    return [new Decoding([known], { units: sizes, min: MIN, isDominated: null, wanted: [wanted], work }).follows(wanted)?.units ?? null, work.isOver];
  };
  expect(found(1e9)).toEqual([1, false]);
  expect(found(1e7)).toEqual([null, true]);
});
