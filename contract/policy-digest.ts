/** The identity of a policy version: SHA-256 over the RFC 8785 form of the parsed document, defaults filled in. */
import { digestOf } from './canonical.ts';
import type { Digest } from './canonical.ts';
import type { Policy } from './policy.ts';

export function policyDigest(policy: Policy): Digest {
  return digestOf(policy);
}
