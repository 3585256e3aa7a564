/** How many terminal columns a text takes: Chinese and full-width characters take two, marks that combine take none. */

const ZERO = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]$/u;
/** Half-width kana and Hangul belong to scripts that are otherwise wide. */
const HALF = /^[\uff61-\uffdc\uffe8-\uffee]$/u;
/** The wide and full-width ranges of Unicode's East Asian Width that occur in text: Han, kana, Hangul, their punctuation, full-width forms, emoji. */
const WIDE = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Emoji_Presentation}\u3000-\u303e\u30a0-\u30ff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]$/u;

export function displayWidth(shown: string): number {
  let width = 0;
  for (const character of shown) {
    if (ZERO.test(character)) continue;
    width += WIDE.test(character) && !HALF.test(character) ? 2 : 1;
  }
  return width;
}

export const padEnd = (shown: string, width: number): string => shown + ' '.repeat(Math.max(0, width - displayWidth(shown)));
export const padStart = (shown: string, width: number): string => ' '.repeat(Math.max(0, width - displayWidth(shown))) + shown;
