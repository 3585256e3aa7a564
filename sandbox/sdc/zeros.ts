/**
 * Empty cells. `disclosive`: an empty cell says that nobody of its row category is in its column category (class
 * disclosure), so it is treated like any cell below the minimum and looks the same. `publishable`: it comes back as it
 * is, a count of 0 and a NULL sum; the policy says so for data where an absence tells nothing about anyone.
 *
 * Source: ACRO `zeros_are_disclosive` (default true); Handbook on Statistical Disclosure Control for Outputs, class disclosure.
 */
export type Zeros = 'disclosive' | 'publishable';

/** @param count rows with a non-null value: zero exactly where no unit contributes. */
export function isPublishableZero(count: bigint, zeros: Zeros): boolean {
  return count === 0n && zeros === 'publishable';
}
