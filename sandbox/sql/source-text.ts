/** The operator's text: what is refused before parsing, and where in it things are. */
import type { Refusal } from '#contract/refusal.ts';
import type { Caps } from './limits.ts';
import { refusal } from './refusals.ts';

/** Offset in code points of the operator's text; null where the parser knows none. */
export type Position = number | null;

/**
 * Fails `text/too-long`, `text/not-unicode`, `text/control-character`, `cap/comments`, `cap/signs`. Tab, line feed and carriage return are allowed;
 * other control characters are not, since the parser that vets and the one that executes read some of them differently.
 */
export function checkText(text: string, caps: Caps): Refusal | null {
  // UTF-8 has at least one byte for each UTF-16 unit, so a long text need not be encoded to be refused.
  if (text.length > caps.textBytes) return refusal('text/too-long', null, { limit: caps.textBytes });
  if (!text.isWellFormed()) return refusal('text/not-unicode', codePoints(text, text.toWellFormed().indexOf('\u{FFFD}')), {});
  if (Buffer.byteLength(text) > caps.textBytes) return refusal('text/too-long', null, { limit: caps.textBytes });
  // eslint-disable-next-line no-control-regex
  const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029\ufeff]/.exec(text);
  if (control !== null) return refusal('text/control-character', codePoints(text, control.index), {});
  return checkLexer(text, caps);
}

/**
 * What the parser's lexer is slow on (measured on 1.5.5: 8,000 comments 1.7 s, 4,000 plus signs in a row 18 s). Counted
 * wherever they stand, inside quotes too: a reading of our own of what is quoted would be one to get around.
 */
function checkLexer(text: string, caps: Caps): Refusal | null {
  if (text.split('/*', caps.comments + 2).length > caps.comments + 1) return refusal('cap/comments', null, { limit: caps.comments });
  // Two minus signs in a row begin a comment.
  const signs = new RegExp(`(?:-?\\+){${caps.signs}}`).exec(text);
  return signs === null ? null : refusal('cap/signs', codePoints(text, signs.index), { limit: caps.signs });
}

function codePoints(text: string, utf16: number): number {
  return [...text.slice(0, utf16)].length;
}

/** The parser counts bytes of UTF-8; people count characters. `locate` takes the first to the second. */
export function locator(text: string): (byte: string | undefined) => Position {
  const bytes = Buffer.from(text);
  const plain = bytes.length === text.length;
  // Code points before each byte, only needed where some character is longer than a byte.
  const before = plain ? null : new Uint32Array(bytes.length + 1);
  if (before !== null) {
    let points = 0;
    for (let i = 0; i < bytes.length; i++) {
      before[i] = points;
      if (((bytes[i + 1] ?? 0) & 0xc0) !== 0x80) points++;
    }
    before[bytes.length] = points;
  }
  return (byte) => {
    // Nodes that the parser made up carry 2^64 − 1.
    if (byte === undefined || byte.length > 9) return null;
    const at = Number(byte);
    if (at > bytes.length) return null;
    return before === null ? at : (before[at] ?? null);
  };
}
