/** Plain identifiers: the only names that tables, columns, unit kinds and levels may have. */
import { z } from 'zod';

/** NFC Unicode letters, digits and `_`, not starting with a digit, at most 63 code points. `人数` is one. */
export const Name = z.string().refine(isPlainName, {
  error: 'must be a plain identifier: letters, digits and _, not starting with a digit, at most 63 characters, NFC',
});

export function isPlainName(name: string): boolean {
  return /^[\p{L}_][\p{L}\p{M}\p{Nd}_]{0,62}$/u.test(name) && name.normalize('NFC') === name && !name.startsWith('__');
}

/** `table.column`, both plain. */
export const ColumnPath = z.string().refine((path) => {
  const parts = path.split('.');
  return parts.length === 2 && parts.every(isPlainName);
}, { error: 'must be table.column' });
