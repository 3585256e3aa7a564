/** A number of 32 bits whose bits depend on all of another and of a text (murmur3 finaliser): keys of records that nobody drew. */
export function spread(i: number, purpose: string): number {
  let h = i ^ 0x9e3779b9;
  for (const character of purpose) h = Math.imul(h ^ (character.codePointAt(0) ?? 0), 0x01000193);
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  h ^= h >>> 16;
  return h >>> 0;
}
