/** Which classes numbers are solved on. */
import type { Coefficients } from './combinations.ts';
import { mixed } from './mix.ts';

/** A class of each number is looked for among so many. */
const LOOKED = 400;

/** Columns of a sample. */
export interface Columns {
  /** By small number, the one that it alone is solved by: an error there goes to its factor, and to nothing else. */
  readonly ofSmall: ReadonlyMap<Coefficients, number>;
  readonly others: readonly number[];
}

export interface Choice {
  /** Those that there are. */
  readonly among: Int32Array;
  /** One more than the largest. */
  readonly all: number;
  /** From 0 on: another order each. */
  readonly order: number;
  readonly accepts: (cls: number) => boolean;
  /** Of the classes of a number, none of which may be taken, one that is all the same. */
  readonly otherwise?: (classes: Int32Array) => number | null;
  readonly isSmall?: (row: Coefficients) => boolean;
}

/**
 * Of each number one class of its own, if it has any, and others up to `count`. Whichever comes first: what else a class is in must not count, since those that differ are in fewer
 * numbers than others.
 */
export function columnsFor(rows: readonly Coefficients[], count: number, { among, all, order, accepts, otherwise, isSmall = () => false }: Choice): Columns {
  const [ofSmall, others] = [new Map<Coefficients, number>(), [] as number[]];
  const isOwn = new Uint8Array(all);
  const take = (cls: number): void => {
    others.push(cls);
    isOwn[cls] = 1;
  };
  const first = (classes: Int32Array, accepted: (cls: number) => boolean): number | null => {
    const placeOf = orderOf(classes.length, order);
    const looked = Math.min(LOOKED, classes.length);
    for (let i = 0; i < looked; i++) {
      const cls = classes[placeOf(i)]!;
      if (isOwn[cls] === 0 && accepted(cls)) return cls;
    }
    return null;
  };
  for (const row of rows.toSorted((a, b) => a.classes.length - b.classes.length)) {
    const { classes } = row;
    const small = isSmall(row);
    const cls = small ? first(classes, () => true) : first(classes, accepts) ?? otherwise?.(classes.filter((each) => isOwn[each] === 0)) ?? null;
    if (cls === null) continue;
    if (!small) take(cls);
    else {
      ofSmall.set(row, cls);
      isOwn[cls] = 1;
    }
  }
  const placeOf = orderOf(among.length, order);
  for (let i = 0; i < among.length && ofSmall.size + others.length < count; i++) {
    const cls = among[placeOf(i)]!;
    if (isOwn[cls] === 0 && accepts(cls)) take(cls);
  }
  return { ofSmall, others };
}

/** Classes that are together in one sample are not in the next. They are numbered by record keys, so that no order is better than another for anybody. */
export function orderOf(length: number, order: number): (i: number) => number {
  if (order === 0 || length < 2) return (i) => i;
  const random = (which: number): number => (mixed(2 * order + which) >>> 0) % length;
  let step = random(0);
  while (greatestCommonDivisor(step, length) !== 1) step++;
  const first = random(1);
  return (i) => (first + i * step) % length;
}

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b));

/**
 * Classes in the order of the first number asked about that they are in. Known numbers, which are in most of them, then have their pivots in few of those asked about, and
 * are not taken away from the others, which stay short.
 */
export function byWanted(classes: readonly number[], wanted: readonly Coefficients[], all: number): readonly number[] {
  const rank = new Int32Array(all);
  for (const cls of classes) rank[cls] = wanted.length + 1;
  wanted.forEach((row, i) => {
    for (const cls of row.classes) if (rank[cls] === wanted.length + 1) rank[cls] = i + 1;
  });
  return classes.toSorted((a, b) => rank[a]! - rank[b]! || a - b);
}
