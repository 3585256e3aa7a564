/**
 * The smallest hashes of a population's units (a bottom-k sketch; Cohen and Kaplan 2007). A unit has the same hash in every population, whatever it
 * contributes.
 *
 * Of two populations that differ by at most d units, the common unit with the smallest hash has at most d others before it, in both together:
 * so their lists of d + 1 share a hash, unless they have no unit in common.
 */

/** Hashes that are kept: enough for minimums of up to ten units. */
export const SMALLEST = 10;

/** Of populations of at most so many units. Of larger ones there are few with nearly the same number of units. */
export const FEW = 512;

/** How many hashes are kept of so many units. */
export const smallestOf = (units: number): number => (units > FEW ? 0 : Math.min(units, SMALLEST));

/** Puts a hash into a list in ascending order, unless it is full of smaller ones. @param length of what is in the list so far. @returns its length now */
export function putSmallest(list: Uint32Array, length: number, hash: number): number {
  const full = length === list.length;
  if (full && hash >= list[length - 1]!) return length;
  let at = full ? length - 1 : length;
  for (; at > 0 && list[at - 1]! > hash; at--) list[at] = list[at - 1]!;
  list[at] = hash;
  return full ? length : length + 1;
}
