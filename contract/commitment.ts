/** HMAC-SHA-256 of a text under a key of its own: the text can be erased by destroying the key while every proof still verifies. */
import { z } from 'zod';

export const Commitment = z.string().regex(/^[0-9a-f]{64}$/).brand<'Commitment'>();
export type Commitment = z.infer<typeof Commitment>;
