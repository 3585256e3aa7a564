/** Documents are parsed once while they are in use, and those that are kept have an end. */
import { expect, test } from 'vitest';
import { digestOf, type Digest } from '#contract/canonical.ts';
import { reportOf } from '#src/store/catalog.ts';
import type { Reader } from '#src/store/db.ts';

/** A store of documents of so many characters each, and how often each was read. */
function storeOf(count: number, length: number) {
  const bodies = new Map(Array.from({ length: count }, (_, i) => [digestOf([i, count, length]), JSON.stringify([`${i}`.padEnd(length - 4, 'x')])]));
  const reads = new Map<Digest, number>();
  const db = {
    get: (_: string, digest: Digest) => {
      reads.set(digest, (reads.get(digest) ?? 0) + 1);
      return { body: bodies.get(digest) };
    },
  } as unknown as Reader;
  return { db, digests: [...bodies.keys()], reads };
}

test.each<[number, number, number]>([
  // Documents, characters of each, how many stay.
  [60, 1_000, 60],
  [500, 1_000, 500],
  [20, 900_000, 4],
  [6, 1_000_000, 4],
  [6, 1_000_004, 0],
])('%i documents of %i characters: the last %i stay', (count, length, stay) => {
  const { db, digests, reads } = storeOf(count, length);
  const seen = digests.map((digest) => reportOf(db, digest));
  const last = digests.slice(count - stay);
  for (const [i, digest] of last.entries()) expect(reportOf(db, digest)).toBe(seen[count - stay + i]);
  for (const digest of digests) expect(reads.get(digest)).toBe(1);
  const before = digests[count - stay - 1];
  if (before === undefined) return;
  expect(reportOf(db, before)).toEqual(seen[count - stay - 1]);
  expect(reads.get(before)).toBe(2);
});

test('what is shared cannot be changed', () => {
  const { db, digests } = storeOf(1, 100);
  expect(Object.isFrozen(reportOf(db, digests[0]!))).toBe(true);
});
