/**
 * Rounding to a multiple of a quantum, exactly in integers. The quantum of a count of units is the policy's base; of a
 * magnitude it is the base times what one unit can contribute at most, so that rounding hides as many units in a sum as in a
 * count. Deterministic: the same value always gives the same result, so asking again teaches nothing.
 *
 * Source: Hundepool et al., Statistical Disclosure Control (Wiley 2012), 5.4; OpenSAFELY (nearest 5, midpoint 6).
 */

/** The nearest multiple of `quantum` ≥ 1; halves away from zero. */
export function roundToNearest(value: bigint, quantum: bigint): bigint {
  const magnitude = value < 0n ? -value : value;
  const rounded = ((2n * magnitude + quantum) / (2n * quantum)) * quantum;
  return value < 0n ? -rounded : rounded;
}

/**
 * The middle of the band (0, q], (q, 2q], … that the value lies in: ⌈v/q⌉·q − ⌊q/2⌋; zero stays zero. Every value
 * of a band looks the same, and the average error over a band is small. Symmetric around zero.
 */
export function roundToMidpoint(value: bigint, quantum: bigint): bigint {
  if (value === 0n) return 0n;
  const magnitude = value < 0n ? -value : value;
  const rounded = ((magnitude + quantum - 1n) / quantum) * quantum - quantum / 2n;
  return value < 0n ? -rounded : rounded;
}
