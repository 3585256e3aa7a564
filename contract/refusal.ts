/** Why a query is refused: shown to the operator, logged by code. Never carries a data value. */
import { z } from 'zod';
import { Text } from './text.ts';

/**
 * `code`: stable, `area/reason` (see `REFUSAL_CODES` beside the stage that raises it).
 * `position`: zero-based offset in code points of the operator's own text, null where the whole query is meant.
 * `clause`: the place in the policy, manifest or limits that decides, as a dotted path; null where the language itself does.
 * `suggestion`: what would be allowed instead.
 */
export const Refusal = z.strictObject({
  code: z.string().regex(/^[a-z]+(-[a-z]+)*\/[a-z0-9]+(-[a-z0-9]+)*$/),
  message: Text,
  position: z.number().int().nonnegative().nullable(),
  clause: z.string().nullable(),
  suggestion: Text.nullable(),
});
export type Refusal = z.infer<typeof Refusal>;
