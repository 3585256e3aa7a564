/** RFC 6962 section 2.1 word by word, over a list of leaves: slow, and easy to believe. */
import { createHash } from 'node:crypto';

const sha256 = (...parts: Uint8Array[]) => new Uint8Array(createHash('sha256').update(Buffer.concat(parts)).digest());

const split = (n: number) => {
  let k = 1;
  while (2 * k < n) k *= 2;
  return k;
};

export function MTH(D: readonly Uint8Array[]): Uint8Array {
  if (D.length === 0) return sha256();
  if (D.length === 1) return sha256(Buffer.from([0]), D[0]!);
  const k = split(D.length);
  return sha256(Buffer.from([1]), MTH(D.slice(0, k)), MTH(D.slice(k)));
}

export function PATH(m: number, D: readonly Uint8Array[]): Uint8Array[] {
  if (D.length === 1) return [];
  const k = split(D.length);
  return m < k ? [...PATH(m, D.slice(0, k)), MTH(D.slice(k))] : [...PATH(m - k, D.slice(k)), MTH(D.slice(0, k))];
}

export const PROOF = (m: number, D: readonly Uint8Array[]): Uint8Array[] => SUBPROOF(m, D, true);

function SUBPROOF(m: number, D: readonly Uint8Array[], b: boolean): Uint8Array[] {
  if (m === D.length) return b ? [] : [MTH(D)];
  const k = split(D.length);
  return m <= k ? [...SUBPROOF(m, D.slice(0, k), b), MTH(D.slice(k))] : [...SUBPROOF(m - k, D.slice(k), false), MTH(D.slice(0, k))];
}

/** A `Nodes` function over a list of leaves. */
export const naiveNodes = (D: readonly Uint8Array[]) => (level: number, index: number): Uint8Array => MTH(D.slice(index * 2 ** level, (index + 1) * 2 ** level));
