/**
 * Leverage: of whom a fit of y on x tells. From n, Σx, Σy and Σxy follows Σ(x − a)·y for every a, a sum over the units whose x is not a. Where x has two
 * values it is the total of the units with the other one, and the line goes through their mean.
 *
 * - Few: unsafe when for some a fewer units than the policy's minimum have another x, whoever they are.
 * - One point: what is fitted to a point with leverage h misses its y by 1 − h of what the others would have foretold (Hoaglin & Welsch 1978). Unsafe
 *   when 1 − h ≤ f, with the f of the strictest p% or pq rule, and always when h = 1: the line goes through it.
 *
 * x may be either column: a slope tells of both. Source: Handbook on Statistical Disclosure Control for Outputs (SDAP, 2nd ed. 2024), regressions:
 * saturated models, and fits on a single unit.
 */
import { floorDivide, type Fraction } from './remainder.ts';
import { spreadOf, type PowerSums } from './spread.ts';

/** The outermost of what distinct units have, as far as `extremesNeeded` asks for. */
export interface Extremes {
  /** Of each unit its largest value; descending. */
  readonly largest: readonly bigint[];
  /** Of each unit its smallest value; ascending. */
  readonly smallest: readonly bigint[];
  /** Whether both are the same of every unit: it has one row. */
  readonly oneEach: boolean;
}

/** How many of each are needed to tell about a minimum: all units, or so many that the value of nearly all of them is among both. */
export const extremesNeeded = (min: number): { readonly largest: number; readonly smallest: number } => ({ largest: 2 * Math.max(1, min), smallest: Math.max(1, min) });

/** Whether `min` units have another x than a, whatever a is. @param units distinct ones with a value */
export function fitRestsOnEnough({ largest, smallest, oneEach }: Extremes, units: bigint, min: number): boolean {
  if (min <= 0) return true;
  if (units <= BigInt(largest.length)) return largest.length - mostAlike(largest) >= min;
  // The value of all but fewer than `min` of twice as many units is the min-th from either end.
  const nearlyAll = largest[min - 1];
  if (nearlyAll === undefined || nearlyAll !== smallest[min - 1]) return nearlyAll !== undefined;
  return oneEach && unlike(largest, smallest, nearlyAll) >= min;
}

/** Whether a value of x leaves its y uncertain by the share. @param share f; 0 where no p% or pq rule is in force */
export function leverageIsSafe(x: PowerSums, value: bigint, { num, den }: Fraction): boolean {
  const [spread, distance] = [spreadOf(x), x.n * value - x.sum];
  // n·A·(1 − h) = (n − 1)·A − (n·value − Σx)².
  return ((x.n - 1n) * spread - distance * distance) * den > num * x.n * spread;
}

/** Units with another x than the value that most have, above the minimum; null where only a bound is known. */
export function fitUnitsMargin({ largest, smallest, oneEach }: Extremes, units: bigint, min: number): bigint | null {
  if (min <= 0) return null;
  if (units <= BigInt(largest.length)) return BigInt(largest.length - mostAlike(largest) - min);
  const nearlyAll = largest[min - 1];
  if (nearlyAll === undefined || nearlyAll !== smallest[min - 1] || !oneEach) return null;
  const others = unlike(largest, smallest, nearlyAll);
  return others < min ? BigInt(others - min) : null;
}

/** 1 − h beyond f, in hundredths of a percent, rounded down: at 0 it fails too. Null where all values are alike. */
export function leverageMargin(x: PowerSums, value: bigint, { num, den }: Fraction): bigint | null {
  const [spread, distance] = [spreadOf(x), x.n * value - x.sum];
  if (spread <= 0n) return null;
  return floorDivide(10_000n * (((x.n - 1n) * spread - distance * distance) * den - num * x.n * spread), den * x.n * spread);
}

const mostAlike = (values: readonly bigint[]): number => Math.max(0, ...Map.groupBy(values, (value) => value).values().map(({ length }) => length));
const unlike = (largest: readonly bigint[], smallest: readonly bigint[], value: bigint): number => largest.filter((each) => each > value).length + smallest.filter((each) => each < value).length;
