/** Plain identifiers: the only names that tables, columns, unit kinds and levels may have. */
import { z } from 'zod';
import { bilingual } from './text.ts';

/** NFC Unicode letters, digits and `_`, not starting with a digit, at most 63 code points. `人数` is one. */
export const Name = z.string().refine(isPlainName, {
  error: bilingual('must be a plain identifier: letters, digits and _, not starting with a digit, at most 63 characters, NFC', '须为普通标识符：字母、汉字、数字和 _，不以数字开头，至多 63 个字符，NFC 形式'),
});

export function isPlainName(name: string): boolean {
  return /^[\p{L}_][\p{L}\p{M}\p{Nd}_]{0,62}$/u.test(name) && name.normalize('NFC') === name && !name.startsWith('__');
}

/** `table.column`, both plain. */
export const ColumnPath = z.string().refine((path) => {
  const parts = path.split('.');
  return parts.length === 2 && parts.every(isPlainName);
}, { error: bilingual('must be table.column', '须为 表.列') });
