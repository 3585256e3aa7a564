/**
 * A part beside its whole: who takes one from the other gets the rest, which is a cell of its own. `count(*)` and `count(x)` of a group
 * differ by the units without x; a CASE branch and its group by the units outside the branch.
 *
 * Boundary: the rest is safe when nobody is in it, or when it meets the minimum. A rest of 1 … min − 1 units is unsafe. Nobody in it
 * is safe here: that all have a value is said by the part itself where the policy lets it be said.
 *
 * Source: Handbook on Statistical Disclosure Control for Outputs, differencing and "all but few".
 *
 * @param whole distinct units of the whole, @param part distinct units of the part, part ≤ whole
 */
export function complementIsSafe(whole: bigint, part: bigint, min: number): boolean {
  const rest = whole - part;
  return rest === 0n || rest >= BigInt(min);
}
