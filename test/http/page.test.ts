import { expect, test } from 'vitest';
import { page, readBefore } from '#src/http/page.ts';
import fc from '../support/fast-check.ts';

/** Rows newest first, as a listing by log position reads them. */
const listing = (lengths: readonly number[], limit: number, cursor: string | undefined) => {
  const before = readBefore(cursor);
  if (!before.ok) throw new Error(before.error.code);
  const rows = lengths.map((length, seq) => ({ seq, length })).toReversed().filter(({ seq }) => seq < before.value).slice(0, limit + 1);
  return page(rows, limit, ({ seq }) => [seq], ({ seq, length }) => ({ seq, text: 'x'.repeat(length) }));
};

test('whatever the lengths: page after page gives every row once, in order, and none is much longer than a quarter of a million characters', () => {
  fc.assert(fc.property(fc.array(fc.oneof(fc.nat(200), fc.integer({ min: 50_000, max: 400_000 })), { maxLength: 60 }), fc.integer({ min: 1, max: 200 }), (lengths, limit) => {
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const { items, next } = listing(lengths, limit, cursor);
      expect(items.length).toBeLessThanOrEqual(limit);
      if (next !== null) expect(items.length).toBeGreaterThan(0);
      expect(JSON.stringify(items.slice(0, -1)).length).toBeLessThan(262_144 + 1000);
      seen.push(...items.map(({ seq }) => seq));
      cursor = next ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual(lengths.map((_, seq) => seq).toReversed());
  }), { numRuns: 40 });
});

test('the last page is known to be the last', () => {
  expect(listing([1, 1], 2, undefined).next).toBeNull();
  expect(listing([1, 1, 1], 2, undefined).next).not.toBeNull();
  expect(listing([], 2, undefined)).toEqual({ items: [], next: null });
});
