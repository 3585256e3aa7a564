/** How large the noise of a perturbation table is: what a user needs for intervals around the numbers, and no key. */
import { z } from 'zod';
import { Decimal } from './manifest.ts';

/** Of the noise as it is drawn, by enumeration over all keys. */
export interface NoiseSize extends Spread {
  /** Counts of this many units and more have noise of this size, integer ≥ 1. */
  readonly from: number;
  /** Of counts from 1 on and below `from`, the largest of any count: some of them cannot have the noise of the others. Null where there are none. */
  readonly below: Spread | null;
}

export interface Spread {
  /** Mean square. */
  readonly variance: number;
  /** The largest that any key gives. */
  readonly maxDeviation: number;
  /** How far the mean noise of any single count is from 0: 0 unless the table rounds, or shifts counts otherwise. */
  readonly bias: number;
}

const spread = {
  /** To five digits. */
  variance: Decimal,
  maxDeviation: z.int().nonnegative(),
  /** Largest distance from 0 of the mean noise of a single count, to five digits; left out: 0. */
  bias: Decimal.optional(),
};

/** As it is stated: with every result, and of a table that an agency loads. */
export const StatedNoise = z.strictObject({ from: z.int().positive(), ...spread, below: z.strictObject(spread).nullable() });
export type StatedNoise = z.infer<typeof StatedNoise>;

export function statedNoise({ from, below, ...above }: NoiseSize): StatedNoise {
  return { from, ...stated(above), below: below === null ? null : stated(below) };
}

/** A mean that is off by less than this comes from sharing out keys, and from no table. */
const NO_BIAS = 0.001;

const stated = ({ variance, maxDeviation, bias }: Spread) => ({ variance: decimal(variance), maxDeviation, ...(bias < NO_BIAS ? {} : { bias: decimal(bias) }) });

/** A table of 2^32 keys has its variance to no more than six digits. */
const decimal = (value: number): string => String(Number(value.toPrecision(5)));
