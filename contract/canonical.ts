/** Canonical JSON (RFC 8785, JSON Canonicalization Scheme) and the digests taken over it. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** SHA-256 as 64 lower-case hexadecimal digits. */
export const Digest = z.string().regex(/^[0-9a-f]{64}$/).brand<'Digest'>();
export type Digest = z.infer<typeof Digest>;

/**
 * RFC 8785 form: members sorted by UTF-16 code units, ECMAScript number form, no white space.
 * Members that are `undefined` are left out, as JSON.stringify does.
 * Throws on what JSON cannot carry (NaN, infinities, bigint, lone surrogates): a bug in the caller, never user input.
 */
export function canonical(value: unknown): string {
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) throw new TypeError('canonical JSON: lone surrogate');
      return JSON.stringify(value);
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError('canonical JSON: not a finite number');
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object': {
      if (value === null) return 'null';
      if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
      const members = Object.entries(value)
        .filter(([, member]) => member !== undefined)
        .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
        .map(([key, member]) => `${canonical(key)}:${canonical(member)}`);
      return `{${members.join(',')}}`;
    }
    default:
      throw new TypeError(`canonical JSON: cannot carry a ${typeof value}`);
  }
}

export function digestBytes(bytes: Uint8Array): Digest {
  return bytesToHex(sha256(bytes)) as Digest;
}

/** SHA-256 over the RFC 8785 form: the identity of a document (policy, manifest, grant). */
export function digestOf(document: unknown): Digest {
  return digestBytes(utf8ToBytes(canonical(document)));
}
