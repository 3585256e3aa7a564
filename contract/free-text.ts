/** Text that people write for others to read: what they see is what is there. */
import { z } from 'zod';
import { bilingual } from './text.ts';

/** Controls other than tab and line ends, and what reverses the direction of the characters around it (CVE-2021-42574). */
const DECEIVING = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

const shows = (said: string): boolean => !DECEIVING.test(said.replace(/[\t\n\r]/g, ''));

/** Trimmed, 1 to `max` UTF-16 code units. */
export const FreeText = (max: number) => z.string().trim().min(1).max(max).refine(shows, {
  error: bilingual('must not contain control characters or characters that change the direction of writing', '不得包含控制字符或改变书写方向的字符'),
});

/**
 * Characters without any trace on the page: those that software leaves out (Default_Ignorable_Code_Point) but for the variation selectors, which choose
 * among the forms of a Chinese character, and an empty braille cell.
 */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\u2800]/u;
const VARIATION = /(?<=[\p{L}\p{S}])[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/gu;

/** One line with something to see in it. */
export const isVisibleLine = (name: string): boolean => {
  const bare = name.replace(VARIATION, '');
  return !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(bare) && !INVISIBLE.test(bare) && /[\p{L}\p{N}\p{S}]/u.test(bare);
};
