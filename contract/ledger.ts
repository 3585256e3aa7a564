/**
 * The disclosure ledger between the planes: what the control plane keeps in order and cannot read. Each delta is sealed by
 * the data plane; the head of the chain pins them all.
 */
import { z } from 'zod';
import { Digest, digestOf } from './canonical.ts';

/** `of`: the job (or entry of the agency) that it was sealed for. */
export const LedgerEntry = z.strictObject({ of: z.string().min(1).max(64), head: Digest, sealed: z.base64() });
export type LedgerEntry = z.infer<typeof LedgerEntry>;

/** The head after a delta (by its digest, as sealed) was added to a chain that stood at `before`. */
export const nextHead = (before: Digest | null, delta: Digest): Digest => digestOf({ before, delta });
