/**
 * Class disclosure: a number about a group of which all, or all but few, fall into one category of a sensitive attribute tells that
 * attribute of everybody in the group, however large it is. Forty of forty are as telling as one of one.
 *
 * Boundary: unsafe when fewer than `min` units of the group are outside the cell and at least nine in ten are inside; with
 * nobody outside always. 91 of 100 with `min` 10 is unsafe, 90 of 100 is safe, 20 of 24 is safe (the four are a small cell, which
 * secondary suppression protects).
 *
 * Source: Handbook on Statistical Disclosure Control for Outputs (SDAP, 2nd ed. 2024), class (group) disclosure, "all or nearly all";
 * Hundepool et al., Statistical Disclosure Control (Wiley 2012), 5.2.
 *
 * @param whole distinct units of the group, whatever their category
 * @param part those of them in the cell, ≤ whole
 * @param min the policy's minimum, ≥ 0; with 0 nothing is disclosive
 */
export function classIsSafe(whole: bigint, part: bigint, min: number): boolean {
  const outside = whole - part;
  return min === 0 || part === 0n || outside >= BigInt(min) || 10n * part < 9n * whole;
}

/** Units outside the cell above the minimum, or fewer inside than nine in ten, whichever is more; null where there is nothing to tell. */
export function classMargin(whole: bigint, part: bigint, min: number): bigint | null {
  if (min === 0 || part === 0n) return null;
  const [outside, fewer] = [whole - part - BigInt(min), (9n * whole + 9n) / 10n - 1n - part];
  return outside > fewer ? outside : fewer;
}
