/** What an offline verification says about a log. */
import { z } from 'zod';
import { Text } from './text.ts';

/** `seq`: the entry at which it shows; null where it concerns the log as a whole. */
export const CheckFailure = z.strictObject({ seq: z.int().nonnegative().nullable(), message: Text });
export type CheckFailure = z.infer<typeof CheckFailure>;

/** `checked`: how many things the check looked at (entries, tiles, releases, …). `failure`: the first one found. */
export const Check = z.strictObject({ name: z.string(), claim: Text, checked: z.int().nonnegative(), failure: CheckFailure.nullable() });
export type Check = z.infer<typeof Check>;

/**
 * `verified`: everything that was checked holds. `violated`: at least one check failed. `unreadable`: there is nothing to
 * check, or not with this key. `keyFrom`: whether the key was brought by the auditor or lay beside the log itself.
 */
export const VerificationReport = z.strictObject({
  outcome: z.enum(['verified', 'violated', 'unreadable']),
  log: z.strictObject({ origin: z.string(), vkey: z.string(), keyFrom: z.enum(['auditor', 'log']), size: z.int().nonnegative(), root: z.base64() }).nullable(),
  checks: z.array(Check),
  /** The failure with the lowest entry number, or the reason why nothing could be read. */
  failure: CheckFailure.nullable(),
});
export type VerificationReport = z.infer<typeof VerificationReport>;

/** How projected tables compare with what the log says they should hold. `missing`, `surplus`: rows only the log has, rows only the store has. */
export const RebuildReport = z.strictObject({
  entries: z.int().nonnegative(),
  tables: z.array(z.strictObject({ table: z.string(), rows: z.int().nonnegative(), missing: z.int().nonnegative(), surplus: z.int().nonnegative() })),
  identical: z.boolean(),
});
export type RebuildReport = z.infer<typeof RebuildReport>;
