/** Standard base 64 with padding (RFC 4648 section 4), strictly: one text per byte string. */

export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

/** @returns null for anything that encoding would not have produced: other alphabets, missing padding, stray bits, white space. */
export function decodeBase64(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? new Uint8Array(bytes) : null;
}
