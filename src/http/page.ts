/** Cursor pagination: a page continues after a key, so that rows that come or go in between shift nothing. */
import { z } from 'zod';
import { fail, type Failure } from '#contract/problem.ts';
import { ok, type Result } from '#contract/result.ts';
import { text } from '#contract/text.ts';
import type { Page } from '#contract/api/common.ts';

/** The key of the last row of a page: the columns that the listing is ordered by. */
export type PageKey = readonly (string | number)[];
const Key = z.array(z.union([z.string(), z.number()])).min(1).max(4);

/** Fails `request/invalid`. `width`: how many columns the listing is ordered by. */
export function readCursor(cursor: string | undefined, width: number): Result<PageKey | null, Failure> {
  if (cursor === undefined) return ok(null);
  try {
    const key = Key.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    if (key.length === width) return ok(key);
  } catch { /* said below */ }
  return foreignCursor();
}

const foreignCursor = () => fail('request/invalid', text(
  'The cursor is not one that this listing gave out. Leave it out to start from the beginning.',
  '该游标不是由此列表给出的。省略它可从头开始。',
));

/** A page ends at this many characters of JSON, whatever the limit: items can be long, and making them costs everybody time. */
const PAGE_LENGTH = 262_144;

/** `rows`: up to `limit + 1` of them, so that the last page is known to be the last. A page of rows has at least one item. */
export function page<Row, Item>(rows: readonly Row[], limit: number, keyOf: (row: Row) => PageKey, show: (row: Row) => Item): Page<Item> {
  const items: Item[] = [];
  for (let length = 0; items.length < Math.min(limit, rows.length) && length < PAGE_LENGTH;) {
    const item = show(rows[items.length] as Row);
    length += JSON.stringify(item).length;
    items.push(item);
  }
  const last = rows[items.length - 1];
  const more = rows.length > items.length && last !== undefined;
  return {
    items,
    next: more ? Buffer.from(JSON.stringify(keyOf(last)), 'utf8').toString('base64url') : null,
  };
}

/** Cursor of a listing by log position, newest first. @returns the position below which to go on. */
export function readBefore(cursor: string | undefined): Result<number, Failure> {
  const key = readCursor(cursor, 1);
  if (!key.ok) return key;
  const [seq] = key.value ?? [Number.MAX_SAFE_INTEGER];
  return typeof seq === 'number' && Number.isSafeInteger(seq) ? ok(seq) : foreignCursor();
}
