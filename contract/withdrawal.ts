/**
 * Units (protected parties) that take no part in later jobs: consent withdrawn, or processing objected to (004 第二十二条, 第二十九条). The list
 * holds pseudonyms, and changes to it come in batches. What an agency records counts in all of its own datasets.
 */
import { z } from 'zod';

/** `withdraw`: put on the list. `reinstate`: taken off again, for consent was given anew or the objection was dropped. */
export const WithdrawalChange = z.enum(['withdraw', 'reinstate']);
export type WithdrawalChange = z.infer<typeof WithdrawalChange>;

/** Why: a unit that withdrew its consent and also objected stays on the list until both are taken back. */
export const WithdrawalGround = z.enum(['consent', 'objection']);
export type WithdrawalGround = z.infer<typeof WithdrawalGround>;

export const MAX_BATCH_UNITS = 1_000_000;
