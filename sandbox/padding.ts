/** How long a sealed document is must not tell what is in it: a table with a large number in it is longer than one with a small number. */

/** Bytes; what is shorter is made as long as this. */
const SHORTEST = 4096;

/**
 * UTF-8 of the document as JSON with spaces after it, which every JSON parser skips. At most an eighth longer than it was; the length tells
 * the order of size and no more. Source: Padmé, Nikitin et al. 2019, arXiv:1806.03160, section 4.
 */
export function paddedJson(value: unknown): Uint8Array {
  const json = Buffer.from(JSON.stringify(value), 'utf8');
  const padded = Buffer.alloc(paddedLength(json.length), ' ');
  json.copy(padded);
  return padded;
}

export const readPaddedJson = (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes).toString('utf8'));

/** The same of bytes: how many there are (32 bits, little-endian), they themselves, zeros. For what is compressed: its length tells even more. */
export function paddedBytes(bytes: Uint8Array): Uint8Array {
  const padded = Buffer.alloc(paddedLength(LENGTH + bytes.length));
  padded.writeUInt32LE(bytes.length);
  padded.set(bytes, LENGTH);
  return padded;
}

/** Throws where it is not what was padded. */
export function readPaddedBytes(padded: Uint8Array): Uint8Array {
  const length = Buffer.from(padded.buffer, padded.byteOffset, padded.byteLength).readUInt32LE();
  if (LENGTH + length > padded.length) throw new Error('padded bytes are cut off');
  return padded.subarray(LENGTH, LENGTH + length);
}

/** Bytes that say how many follow. */
const LENGTH = 4;

/** @param length bytes, below 2^31 */
export function paddedLength(length: number): number {
  if (length <= SHORTEST) return SHORTEST;
  const exponent = 31 - Math.clz32(length);
  const step = 2 ** (exponent - (32 - Math.clz32(exponent)));
  return Math.ceil(length / step) * step;
}
