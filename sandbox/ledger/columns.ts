/** Which classes numbers are solved on. */
import type { Coefficients } from './combinations.ts';
import { mixed } from './mix.ts';

/** A class of each number is looked for among so many. */
const LOOKED = 400;

/**
 * Of each number one class, and any others up to `count`.
 * @param all one more than the largest class. @param round any, from 0 on: another order each. @param accepts classes that may be taken
 * @param otherwise of a number's classes, none of which may be, one that is taken all the same
 */
export function columnsFor(rows: readonly Coefficients[], count: number, { all, round, accepts, otherwise }: {
  readonly all: number;
  readonly round: number;
  readonly accepts: (cls: number) => boolean;
  readonly otherwise?: (classes: Int32Array) => number | null;
}): readonly number[] {
  const own: number[] = [];
  const isOwn = new Uint8Array(all);
  const take = (cls: number): void => {
    own.push(cls);
    isOwn[cls] = 1;
  };
  for (const { classes } of rows) {
    const looked = Math.min(LOOKED, classes.length);
    const placeOf = orderOf(classes.length, round);
    const find = (wants: (cls: number) => boolean): number | null => {
      for (let i = 0; i < looked; i++) if (wants(classes[placeOf(i)]!)) return classes[placeOf(i)]!;
      return null;
    };
    if (find((cls) => isOwn[cls] === 1) !== null) continue;
    const cls = find(accepts) ?? otherwise?.(classes) ?? null;
    if (cls !== null) take(cls);
  }
  const placeOf = orderOf(all, round);
  for (let i = 0; i < all && own.length < count; i++) {
    const cls = placeOf(i);
    if (isOwn[cls] === 0 && accepts(cls)) take(cls);
  }
  return own;
}

/**
 * Classes are together in one sample in one round and not in the next. They are numbered by record keys, so that no order is better than another for anybody.
 */
function orderOf(length: number, round: number): (i: number) => number {
  if (round === 0 || length < 2) return (i) => i;
  const random = (which: number): number => (mixed(2 * round + which) >>> 0) % length;
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
