/**
 * Chains between the planes: what the control plane keeps in order and cannot read. Each addition is sealed by the data plane; the head of
 * a chain pins all of them. `ledger`: what was released. `withdrawals`: which units take no part any more.
 */
import { z } from 'zod';
import { Digest, digestOf } from './canonical.ts';

export const Chain = z.enum(['ledger', 'withdrawals']);
export type Chain = z.infer<typeof Chain>;

/** `of`: what it was sealed for: a job, an entry of the agency, a batch of withdrawals. */
export const ChainEntry = z.strictObject({ of: z.string().min(1).max(64), head: Digest, sealed: z.base64() });
export type ChainEntry = z.infer<typeof ChainEntry>;

/** The head after an addition (by its digest, as sealed) to a chain that stood at `before`. */
export const nextHead = (before: Digest | null, addition: Digest): Digest => digestOf({ before, delta: addition });
